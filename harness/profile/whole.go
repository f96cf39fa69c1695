package profile

import (
	"fmt"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
)

// whole is the profile with everything that it asks of a server, so that nothing is left out for the reason that nobody has written an
// experiment for it yet: the entries of its documents, and a placeholder for each limit that no experiment reads, where it does not stand in an
// entry anyway. What is the same as other requirements follows from those, if the profile has them and anything looks at them.
func (s *Set) whole(p Profile) Profile {
	known := map[string]*requirement.Requirement{}
	p.Requires = slices.Clone(p.Requires)
	for _, r := range p.Requires {
		known[r.ID] = r
	}
	take := func(document *requirement.Document, entry requirement.Entry) {
		if known[entry.ID] == nil && p.takes(entry.ID, entry.AppliesIf) {
			r := p.own(document.Plan(entry))
			known[entry.ID] = r
			p.Requires = append(p.Requires, r)
		}
	}
	for _, document := range p.Documents {
		for _, entry := range document.Asked() {
			take(document, entry)
		}
	}
	for _, id := range p.adds {
		entry, _ := s.catalogue.Find(id)
		take(s.documentOf(id), entry)
	}
	s.borrow(&p, known)
	unseen := func(id string) bool { return known[id] == nil || known[id].Planned }
	for i, r := range p.Requires {
		if slices.ContainsFunc(r.Follows, unseen) {
			alone := *r
			alone.Follows = nil
			p.Requires[i] = &alone
		}
	}
	for _, r := range p.Requires {
		if r.Listed {
			r.Planned = r.Planned && len(r.Follows) == 0
		}
	}
	for _, held := range p.Limits {
		if held.asks && !slices.Contains(s.read, held.Name()) {
			p.Requires = append(p.Requires, s.placeholder(held))
		}
	}
	return p
}

// borrow takes in what entries of the profile are the same as, and no document of it has: their experiments have to run for those to follow from. They
// weigh as much as what follows from them, and no more.
func (s *Set) borrow(p *Profile, known map[string]*requirement.Requirement) {
	borrowed := map[string]*requirement.Requirement{}
	for i := 0; i < len(p.Requires); i++ { // which grows
		follower := p.Requires[i]
		for _, id := range follower.Follows {
			if own := borrowed[id]; own != nil {
				if own.Level != follower.Level && follower.Level.Mandatory() {
					own.Level = follower.Level
				}
				continue
			}
			document := s.documentOf(id)
			if known[id] != nil || document == nil {
				continue
			}
			for _, source := range document.Requirements() {
				if entry, there := s.catalogue.Find(id); source.ID == id && there && p.takes(id, entry.AppliesIf) {
					own := *source
					own.Level = follower.Level
					if slices.Contains([]requirement.Condition{requirement.Always, requirement.CodeFlow, requirement.Discovery}, own.When) {
						own.When = follower.When
					}
					borrowed[id], known[id] = &own, &own
					p.Requires = append(p.Requires, &own)
				}
			}
		}
	}
}

// placeholder is what a limit asks that no experiment reads. Where nobody has read the profile's text it would be no more than a warning.
func (s *Set) placeholder(held Held) *requirement.Requirement {
	declaration := s.declarations[s.index(held.Profile)]
	document := &requirement.Document{ID: held.Profile, Title: declaration.Title, Edition: declaration.Edition, URL: declaration.Source.URL}
	level := requirement.Shall
	if !held.Sure() {
		level = requirement.Should
	}
	return document.Plan(requirement.Entry{
		ID: held.Profile + "-" + held.Name(), Level: level, AppliesIf: requirement.Always,
		Text: fmt.Sprintf("keep to %s for %s", held.Limit, held.About()),
	})
}
