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
	Documents []*requirement.Document // those whose requirements it counts among
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
