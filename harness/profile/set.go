package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
)

// Set is all profiles there are, checked.
type Set struct {
	declarations []Declaration
	catalogue    *requirement.Catalogue
	read         []string // names of the parameters that experiments read
}

// NewSet checks declarations against each other and against the catalogue. Read are the parameters that experiments read: any other that a
// profile tightens is untested. The error names the profile and what to do.
func NewSet(declarations []Declaration, catalogue *requirement.Catalogue, read []string) (*Set, error) {
	s := &Set{declarations: declarations, catalogue: catalogue, read: read}
	for i, declaration := range declarations {
		if err := s.check(i); err != nil {
			return nil, fmt.Errorf("profile %s: %w", declaration.ID, err)
		}
	}
	for _, declaration := range declarations {
		for _, base := range s.choices(declaration.ID) {
			if _, err := s.resolve(declaration.ID, base); err != nil {
				return nil, fmt.Errorf("profile %s: %w", name(declaration.ID, base), err)
			}
		}
	}
	return s, nil
}

// check looks at what a declaration says by itself.
func (s *Set) check(i int) error {
	d := s.declarations[i]
	switch {
	case d.ID == "" || strings.Contains(d.ID, "+"):
		return fmt.Errorf("%q is no id: it has at least one character and no +", d.ID)
	case s.index(d.ID) != i:
		return fmt.Errorf("there are two of that id: rename one")
	case d.Title == "" || d.Source.Text == "":
		return fmt.Errorf("title or source is missing")
	case !slices.Contains([]Verified{Read, FromCatalogue, ReadInPart, Unread}, d.Source.Verified):
		return fmt.Errorf("verified is full, catalogue, partial or none, not %q", string(d.Source.Verified))
	}
	if d.Extends != "" && len(d.AnyOf) > 0 {
		return fmt.Errorf("it extends %s and stands on one of %s: leave one of both", d.Extends, strings.Join(d.AnyOf, ", "))
	}
	for _, base := range d.bases() {
		if s.index(base) < 0 {
			return fmt.Errorf("it stands on %q: there is no such profile; the nearest is %s", base, s.nearest(base))
		}
	}
	if circle := s.circle([]string{d.ID}); circle != nil {
		return fmt.Errorf("it stands on itself: %s", strings.Join(circle, " → "))
	}
	for _, document := range s.documents(d) {
		if !s.has(document) {
			return fmt.Errorf("document %s: the catalogue has nothing of it: write its entries, and add it to the documents of the catalogue", document.ID)
		}
	}
	for _, id := range d.Adds {
		if err := s.exists(id); err != nil {
			return err
		}
		if s.documentOf(id) == nil {
			return fmt.Errorf("it adds %s, of a document that no profile names: add its document to one", id)
		}
	}
	for _, features := range d.Features {
		if features.AtLeast < 0 || features.AtLeast > len(features.Of) {
			return fmt.Errorf("at least %d of %d features are wanted: nobody can claim as many", features.AtLeast, len(features.Of))
		}
	}
	return nil
}

// bases are those on which a profile stands, and those of which it does on one.
func (d Declaration) bases() []string {
	if d.Extends == "" {
		return d.AnyOf
	}
	return []string{d.Extends}
}

// documents are those that a declaration names, its features' included.
func (s *Set) documents(d Declaration) []*requirement.Document {
	all := slices.Clone(d.Documents)
	for _, features := range d.Features {
		for _, feature := range features.Of {
			all = append(all, feature.Documents...)
		}
	}
	return all
}

// documentOf is the document that has an entry, of those that some profile names.
func (s *Set) documentOf(id string) *requirement.Document {
	for _, d := range s.declarations {
		for _, document := range s.documents(d) {
			if has(document, id) {
				return document
			}
		}
	}
	return nil
}

// has says whether the catalogue has a document.
func (s *Set) has(document *requirement.Document) bool {
	asked := document.Asked()
	if len(asked) == 0 {
		return false
	}
	_, known := s.catalogue.Find(asked[0].ID)
	return known
}

func has(document *requirement.Document, id string) bool {
	return slices.ContainsFunc(document.Asked(), func(e requirement.Entry) bool { return e.ID == id })
}

func (s *Set) exists(id string) error {
	if _, known := s.catalogue.Find(id); known {
		return nil
	}
	var ids []string
	for _, entry := range s.catalogue.Entries {
		ids = append(ids, entry.ID)
	}
	return fmt.Errorf("there is no requirement %s in the catalogue; the nearest is %s", id, requirement.Nearest(id, ids))
}

// circle follows the bases of the last of a path, and returns the path that comes back to where it began.
func (s *Set) circle(path []string) []string {
	d := s.declarations[s.index(path[len(path)-1])]
	for _, base := range d.bases() {
		longer := append(slices.Clone(path), base)
		if base == path[0] {
			return longer
		}
		// A circle beside this profile is found at one of its own.
		if s.index(base) < 0 || slices.Contains(path, base) {
			continue
		}
		if found := s.circle(longer); found != nil {
			return found
		}
	}
	return nil
}

func (s *Set) index(id string) int {
	return slices.IndexFunc(s.declarations, func(d Declaration) bool { return d.ID == id })
}

// nearest is the id that looks most like another, or that begins with what does.
func (s *Set) nearest(id string) string {
	like := requirement.Nearest(id, s.IDs())
	return s.IDs()[max(0, slices.IndexFunc(s.IDs(), func(known string) bool { return strings.HasPrefix(known, like) }))]
}

// IDs are those of all profiles, in order.
func (s *Set) IDs() []string {
	var ids []string
	for _, d := range s.declarations {
		ids = append(ids, d.ID)
	}
	return ids
}

// Names are those by which runs can call all profiles, in order.
func (s *Set) Names() []string {
	var names []string
	for _, id := range s.IDs() {
		names = append(names, s.NamesOf(id)...)
	}
	return names
}

func name(id, base string) string {
	if base == "" {
		return id
	}
	return id + "+" + base
}

// choices are the bases of which a run names one for a profile; one empty word where it has none to name.
func (s *Set) choices(id string) []string {
	if of := s.declarations[s.index(id)].AnyOf; len(of) > 0 {
		return of
	}
	return []string{""}
}

// Declarations are the profiles as they are written down, in order.
func (s *Set) Declarations() []Declaration { return slices.Clone(s.declarations) }

// NamesOf are the names by which a run can call a profile: one, or one for each base of which it stands on one.
func (s *Set) NamesOf(id string) []string {
	var names []string
	for _, base := range s.choices(id) {
		names = append(names, name(id, base))
	}
	return names
}

// Find returns the profile of a name, with everything that it asks.
func (s *Set) Find(name string) (Profile, error) {
	p, err := s.Tested(name)
	if err != nil {
		return Profile{}, err
	}
	return s.whole(p), nil
}

// Tested returns the profile of a name, with what suites declare alone.
func (s *Set) Tested(name string) (Profile, error) {
	id, base, chosen := strings.Cut(name, "+")
	if s.index(id) < 0 {
		return Profile{}, fmt.Errorf("there is no profile %q; the nearest is %q, and fapitest list --profiles shows all of them", id, s.nearest(id))
	}
	if bases := s.choices(id); !slices.Contains(bases, base) || chosen && base == "" {
		if bases[0] == "" {
			return Profile{}, fmt.Errorf("profile %s leaves no base to be chosen: name it alone", id)
		}
		return Profile{}, fmt.Errorf("profile %s stands on one of several: name it as %s+%s", id, id, strings.Join(bases, " or "+id+"+"))
	}
	return s.resolve(id, base)
}

// resolve puts a declaration on top of its base.
func (s *Set) resolve(id, chosen string) (Profile, error) {
	d := s.declarations[s.index(id)]
	var p Profile
	base := d.Extends
	if chosen != "" {
		base = chosen
	}
	if base != "" {
		if len(s.declarations[s.index(base)].AnyOf) > 0 {
			return Profile{}, fmt.Errorf("it stands on %s, which stands on one of several: name one of those", base)
		}
		var err error
		if p, err = s.resolve(base, ""); err != nil {
			return Profile{}, fmt.Errorf("its base %s: %w", base, err)
		}
		p.Bases = append(p.Bases, base)
	} else {
		p = Profile{excluded: map[string]string{}, raised: map[string]requirement.Level{}, under: map[string]requirement.Condition{}}
	}
	p.ID, p.Title, p.Edition, p.Source = name(id, chosen), d.Title, d.Edition, d.Source
	if chosen != "" {
		p.Title += ", on " + s.declarations[s.index(chosen)].Title
	}
	if err := s.put(&p, d, base == ""); err != nil {
		return Profile{}, err
	}
	p.Requires = p.declared()
	for _, add := range p.adds {
		for _, r := range s.documentOf(add).Requirements() {
			if r.ID == add && !slices.ContainsFunc(p.Requires, func(own *requirement.Requirement) bool { return own.ID == add }) {
				p.Requires = append(p.Requires, p.own(r))
			}
		}
	}
	return p, nil
}

// takeDocument takes a document in. What is asked of everybody is asked of those who claim a feature, too.
func (p *Profile) takeDocument(document *requirement.Document, feature requirement.Condition) {
	if slices.ContainsFunc(p.Documents, func(d *requirement.Document) bool { return d.ID == document.ID }) {
		if feature == "" {
			delete(p.under, document.ID)
		}
		return
	}
	p.Documents = append(p.Documents, document)
	if feature != "" {
		p.under[document.ID] = feature
	}
}

// put puts what a declaration says on top of the bases that p holds.
func (s *Set) put(p *Profile, d Declaration, root bool) error {
	below := *p
	for _, document := range d.Documents {
		p.takeDocument(document, "")
	}
	for _, features := range d.Features {
		for _, feature := range features.Of {
			for _, document := range feature.Documents {
				p.takeDocument(document, feature.Claim)
			}
		}
	}
	p.Features = append(slices.Clone(p.Features), d.Features...)
	p.adds = append(slices.Clone(p.adds), d.Adds...)
	if !root && len(d.Foreign) > 0 {
		return fmt.Errorf("which conditions are foreign says a profile that stands on no other: leave it to its base")
	}
	p.foreign = append(p.foreign, d.Foreign...)
	p.holds = append(slices.Clone(p.holds), d.Holds...)
	for _, exclusion := range d.Excludes {
		if err := s.exclude(p, below, exclusion); err != nil {
			return err
		}
	}
	for _, replacement := range d.Replaces {
		if err := s.replace(p, replacement); err != nil {
			return err
		}
	}
	var err error
	if p.Limits, err = p.Limits.add(d.ID, d.Source, d.Limits); err != nil {
		return err
	}
	if p.Shape, err = p.Shape.narrow(d.Shape); err != nil {
		return err
	}
	if d.Before != nil {
		if p.Before != nil && *p.Before != *d.Before {
			return fmt.Errorf("its step before the authorization is another than its base's")
		}
		p.Before = d.Before
	}
	return nil
}

// exclude leaves out an entry that the profile's own text replaces.
func (s *Set) exclude(p *Profile, below Profile, exclusion Exclusion) error {
	if err := s.exists(exclusion.ID); err != nil {
		return err
	}
	switch {
	case exclusion.Because == "":
		return fmt.Errorf("it excludes %s and does not say what its text says instead", exclusion.ID)
	case s.asks(below, exclusion.ID):
		return fmt.Errorf("it excludes %s, which its base asks: a profile drops nothing", exclusion.ID)
	case !s.asks(*p, exclusion.ID):
		return fmt.Errorf("it excludes %s, of a document that it does not name: leave that out", exclusion.ID)
	}
	p.excluded[exclusion.ID] = exclusion.Because
	return nil
}

// asks says whether an entry is among what a profile asks.
func (s *Set) asks(p Profile, id string) bool {
	entry, _ := s.catalogue.Find(id)
	return p.takes(id, entry.AppliesIf) && (slices.Contains(p.adds, id) ||
		slices.ContainsFunc(p.Documents, func(d *requirement.Document) bool { return has(d, id) }))
}

// replace gives an entry the level of a stricter one.
func (s *Set) replace(p *Profile, replacement Replacement) error {
	entry, known := s.catalogue.Find(replacement.ID)
	if !known {
		return s.exists(replacement.ID)
	}
	if !s.asks(*p, replacement.ID) {
		return fmt.Errorf("it replaces %s, which it does not ask: add its document", replacement.ID)
	}
	by, there := s.catalogue.Find(replacement.By)
	switch {
	case !there:
		return s.exists(replacement.By)
	case !s.asks(*p, replacement.By):
		return fmt.Errorf("it replaces %s by %s, which it does not ask: add its document", replacement.ID, replacement.By)
	}
	level := entry.Level
	if raised, before := p.raised[replacement.ID]; before {
		level = raised
	}
	raised := raise(level, by.Level)
	switch {
	case raised == "":
		return fmt.Errorf("it replaces %s (%s) by %s (%s): a profile tightens", replacement.ID, level, replacement.By, by.Level)
	case raised == level && replacement.Because == "":
		return fmt.Errorf("it replaces %s by %s, both %s, and does not say in what that is stricter", replacement.ID, replacement.By, by.Level)
	}
	p.raised[replacement.ID] = raised
	return nil
}

// raise is a level that is made as strict as another; empty: the other is less strict. Whether something shall be or shall not stays as it is.
func raise(level, to requirement.Level) requirement.Level {
	switch {
	case to.Mandatory() && level == requirement.ShouldNot:
		return requirement.ShallNot
	case to.Mandatory() && !level.Mandatory():
		return requirement.Shall
	case to.Recommended() && level == requirement.May:
		return requirement.Should
	case to.Mandatory() == level.Mandatory() && to.Recommended() == level.Recommended():
		return level
	}
	return ""
}
