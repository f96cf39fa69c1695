package profile

import (
	"fmt"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
)

// whole is the profile with everything that it asks of a server, so that nothing is left out for the reason that nobody has written an
// experiment for it yet: the entries of its documents, a placeholder for each document that the catalogue does not have, and one for each
// limit that no experiment reads, where it is not from an entry anyway. What is the same as another requirement follows from that one.
func (s *Set) whole(p Profile) Profile {
	known := map[string]*requirement.Requirement{}
	for _, r := range p.Requires {
		known[r.ID] = r
	}
	var entries []requirement.Entry
	take := func(document *requirement.Document, entry requirement.Entry) {
		if known[entry.ID] == nil && p.takes(entry.ID, entry.AppliesIf) {
			entry.AppliesIf = p.when(document, entry.AppliesIf)
			known[entry.ID] = p.stricter(document.Plan(entry))
			entries = append(entries, entry)
		}
	}
	for _, document := range p.Documents {
		for _, entry := range s.catalogue.Asked(document) {
			take(document, entry)
		}
	}
	for _, id := range p.adds {
		entry, _ := s.catalogue.Find(id)
		take(s.documentOf(id), entry)
	}
	p.Requires = slices.Clone(p.Requires)
	for _, entry := range entries {
		r := known[entry.ID]
		if source := known[entry.SameAs]; source != nil && !source.Planned {
			r.Planned, r.RollUp = false, []*requirement.Requirement{source}
		}
		p.Requires = append(p.Requires, r)
	}
	for _, document := range p.Documents {
		if s.lacks(document.ID) {
			p.Requires = append(p.Requires, document.Plan(requirement.Entry{
				ID: document.ID + "-all", Level: requirement.Shall, AppliesIf: p.when(document, requirement.Always),
				Text: fmt.Sprintf("keep all that %s asks: the catalogue does not have its requirements yet", document.Title),
			}))
		}
	}
	for _, held := range p.Limits {
		if held.asks() && !slices.Contains(s.read, held.Name()) {
			p.Requires = append(p.Requires, s.placeholder(held))
		}
	}
	return p
}

// when is the condition of an entry in a document of an optional feature: what every server would have to do, only those do that claim it.
func (p Profile) when(document *requirement.Document, condition requirement.Condition) requirement.Condition {
	everybody := []requirement.Condition{requirement.Always, requirement.CodeFlow, requirement.PAR, requirement.Discovery}
	if feature := p.under[document.ID]; feature != "" && slices.Contains(everybody, condition) {
		return feature
	}
	return condition
}

// placeholder is what a limit asks that no experiment reads. Where nobody has read the profile's text it would be no more than a warning.
func (s *Set) placeholder(held Held) *requirement.Requirement {
	i := s.index(held.Profile)
	declaration := s.declarations[i]
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
