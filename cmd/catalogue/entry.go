package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
)

// An entry is handled as text, so that whatever nobody has changed stays as it is, byte for byte.
type entry struct {
	id      string
	members []member
}

// member is one member of an entry, with the comments above it.
type member struct{ name, text string }

var (
	opensEntry  = regexp.MustCompile(`^- id: (\S+)\s*$`)
	opensMember = regexp.MustCompile(`^ {2}([a-z_]+):`)
	isComment   = regexp.MustCompile(`^ {2}#`)
)

// parse splits a catalogue into its head and its entries. An entry begins with a line "- id: …", a member with two blanks and its name.
func parse(file, text string) (head string, entries []entry, err error) {
	comments, number := "", 0
	for line := range strings.Lines(text) {
		number++
		opening := opensEntry.FindStringSubmatch(line)
		named := opensMember.FindStringSubmatch(line)
		switch {
		case opening != nil && comments == "":
			entries = append(entries, entry{id: opening[1], members: []member{{"id", line}}})
		case len(entries) == 0 && strings.HasPrefix(line, "#"):
			head += line
		case len(entries) > 0 && isComment.MatchString(line):
			comments += line
		case len(entries) > 0 && named != nil:
			last := &entries[len(entries)-1]
			last.members = append(last.members, member{named[1], comments + line})
			comments = ""
		case len(entries) > 0 && comments == "" && (strings.HasPrefix(line, "    ") || strings.TrimSpace(line) == ""):
			last := &entries[len(entries)-1]
			last.members[len(last.members)-1].text += line
		default:
			return "", nil, fmt.Errorf("%s:%d: this line belongs to no entry: write \"- id: ID\", members below it with two blanks, and comments above a member", file, number)
		}
	}
	if comments != "" {
		return "", nil, fmt.Errorf("%s: a comment stands behind the last member: write it above the member that it is about", file)
	}
	return head, entries, nil
}

// write is the reverse of parse.
func write(head string, entries []entry) string {
	var b strings.Builder
	b.WriteString(head)
	for _, e := range entries {
		for _, m := range e.members {
			b.WriteString(m.text)
		}
	}
	return b.String()
}

func (e entry) member(name string) string {
	for _, m := range e.members {
		if m.name == name {
			return m.text
		}
	}
	return ""
}

// own returns the members that only we have.
func (e entry) own() []member {
	var own []member
	for _, m := range e.members {
		if slices.Contains(requirement.OurMembers(), m.name) {
			own = append(own, m)
		}
	}
	return own
}

// merge returns their entries with our members behind them, and says what differs from what we had.
func merge(theirs, ours []entry) (merged []entry, says []string, err error) {
	had, added := map[string]entry{}, []string{}
	for _, e := range ours {
		had[e.id] = e
	}
	for _, e := range theirs {
		if own := e.own(); len(own) > 0 {
			return nil, nil, fmt.Errorf("the shared catalogue has %s of %s now, which was ours alone: decide whose it is", own[0].name, e.id)
		}
		old, known := had[e.id]
		delete(had, e.id)
		if !known {
			added = append(added, e.id)
		} else if names := differ(old, e); len(names) > 0 {
			says = append(says, e.id+": "+strings.Join(names, ", ")+" changed")
		}
		merged = append(merged, entry{id: e.id, members: append(slices.Clone(e.members), old.own()...)})
	}
	switch {
	case len(added) == 1:
		says = append(says, added[0]+" is new")
	case len(added) > 0:
		says = append(says, fmt.Sprintf("%d entries are new: %s", len(added), strings.Join(added, ", ")))
	}
	for _, e := range ours {
		if _, gone := had[e.id]; !gone {
			continue
		}
		if own := e.own(); len(own) > 0 {
			return nil, nil, fmt.Errorf("%s is gone from the shared catalogue, and we have %s for it: move that to another entry, or remove it with the clause", e.id, own[0].name)
		}
		says = append(says, e.id+" is gone")
	}
	return merged, says, nil
}

// differ returns the names of the shared members that are not the same in both.
func differ(old, now entry) []string {
	var names []string
	for _, m := range append(slices.Clone(now.members), old.members...) {
		if slices.Contains(requirement.OurMembers(), m.name) || slices.Contains(names, m.name) {
			continue
		}
		if old.member(m.name) != now.member(m.name) {
			names = append(names, m.name)
		}
	}
	return names
}
