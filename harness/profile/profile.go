// Package profile says who asks for which requirements. A Profile is a value, never code.
package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
)

// Profile is a named selection of requirements.
type Profile struct {
	ID        string // "fapi2-security-profile"
	Title     string
	Edition   string
	Documents []*requirement.Document // what it holds a server against: all that the catalogue has of them
	Excludes  []requirement.Condition // under which an entry of them belongs to another profile
	Requires  []*requirement.Requirement
	Base      *Profile // whose requirements it takes over, all of them: no profile can drop one
}

// Requirements returns the base's requirements and then the profile's own, each once.
func (p Profile) Requirements() []*requirement.Requirement {
	var all []*requirement.Requirement
	if p.Base != nil {
		all = p.Base.Requirements()
	}
	for _, r := range p.Requires {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

// Whole returns the profile with everything that its documents ask of a server by their entries, so that nothing is left out for the reason
// that nobody has written an experiment for it yet. What is the same as other requirements follows from those, if the profile has them and
// anything looks at them.
func (p Profile) Whole() Profile {
	known := map[string]*requirement.Requirement{}
	for _, r := range p.Requirements() {
		known[r.ID] = r
	}
	var listed []*requirement.Requirement
	for _, document := range p.Documents {
		for _, entry := range document.Asked() {
			if known[entry.ID] != nil || slices.Contains(p.Excludes, entry.AppliesIf) {
				continue
			}
			known[entry.ID] = document.Plan(entry)
			listed = append(listed, known[entry.ID])
		}
	}
	for _, r := range listed {
		unseen := func(id string) bool { return known[id] == nil || known[id].Planned }
		if slices.ContainsFunc(r.Follows, unseen) {
			r.Follows = nil
		}
		r.Planned = r.Planned && len(r.Follows) == 0
	}
	whole := p
	whole.Requires = slices.Concat(p.Requires, listed)
	return whole
}

// Find returns the profile with that id. The error names those that there are.
func Find(profiles []Profile, id string) (Profile, error) {
	var ids []string
	for _, p := range profiles {
		if p.ID == id {
			return p, nil
		}
		ids = append(ids, p.ID)
	}
	return Profile{}, fmt.Errorf("there is no profile %q: the profiles are %s", id, strings.Join(ids, ", "))
}
