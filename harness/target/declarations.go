package target

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/wire"
)

// Declarations is a file in which the operator answers for what can't be seen from outside.
type Declarations struct {
	File   string // as the target file names it; empty: there is none
	Digest string // of that file

	of map[string]bool // the requirements that it is about
}

// Declared says whether a requirement is attested in the declarations file.
func (t *Target) Declared(id string) bool { return t.Declarations.of[id] }

// declaration is an entry of it.
type declaration struct {
	ID   string `yaml:"id"`
	By   string `yaml:"by"`
	Date string `yaml:"date"` // on which it was looked at, as 2026-11-28
	Saw  string `yaml:"saw"`
}

// String is what the report repeats.
func (d declaration) String() string { return fmt.Sprintf("%s, %s: %s", d.By, d.Date, d.Saw) }

// declarations reads the file, whose entries count as attested. What stands in both places is an error: nobody could say which of them counts.
func (l *loader) declarations(node *yaml.Node) {
	data := l.file("declarations", node)
	if l.err != nil {
		return
	}
	l.target.Declarations = Declarations{File: node.Value, Digest: wire.Digest(data), of: map[string]bool{}}
	if comments(data) {
		return // nobody has declared anything yet
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		l.fail(node, "declarations: %s is not YAML: it has to be a list of entries, each with id, by, date and saw", node.Value)
		return
	}
	if len(root.Content) == 0 || root.Content[0].Tag == "!!null" {
		return
	}
	if root.Content[0].Kind != yaml.SequenceNode {
		l.fail(node, "declarations: %s:%d: it has to be a list of entries, each with id, by, date and saw", node.Value, root.Content[0].Line)
		return
	}
	for _, item := range root.Content[0].Content {
		l.declare(node, item)
	}
}

// comments says whether nothing but comments stands in a file.
func comments(data []byte) bool {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

func (l *loader) declare(node, item *yaml.Node) {
	var entry declaration
	wrong := func(format string, args ...any) {
		l.fail(node, "declarations: %s:%d: %s", node.Value, item.Line, fmt.Sprintf(format, args...))
	}
	if err := item.Load(&entry, yaml.WithKnownFields()); err != nil {
		wrong("an entry has id, by, date and saw, and nothing else")
		return
	}
	on, err := time.Parse(time.DateOnly, entry.Date)
	switch {
	case strings.TrimSpace(entry.ID) == "":
		wrong("an entry needs the id of a requirement")
	case strings.TrimSpace(entry.By) == "" || strings.TrimSpace(entry.Saw) == "":
		wrong("%s: say by whom it was looked at, and what they saw", entry.ID)
	case err != nil:
		wrong("%s: date is the day on which it was looked at, as 2026-11-28, not %q", entry.ID, entry.Date)
	case on.After(time.Now().Add(24 * time.Hour)): // wherever on earth it was
		wrong("%s: %s is yet to come: date is the day on which it was looked at", entry.ID, entry.Date)
	case l.target.Declared(entry.ID):
		wrong("%s is declared twice", entry.ID)
	}
	l.target.Declarations.of[entry.ID] = true
	l.entries = append(l.entries, entry)
}

// declares adds what was declared to what is attested in the target file itself.
func (l *loader) declares(root *yaml.Node) {
	for _, entry := range l.entries {
		if _, twice := l.target.Attested[entry.ID]; twice {
			l.fail(root, "%s stands in attested and in declarations: leave one of them", entry.ID)
			return
		}
		if l.target.Attested == nil {
			l.target.Attested = map[string]string{}
		}
		l.target.Attested[entry.ID] = entry.String()
	}
}
