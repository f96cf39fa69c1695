package profiles

import (
	"slices"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/par"
)

// FAPI2SecurityProfile is the FAPI 2.0 Security Profile by itself, no ecosystem's additions.
func FAPI2SecurityProfile() profile.Profile {
	return profile.Profile{
		ID:        Default,
		Title:     fapi2sp.Document.Title,
		Edition:   fapi2sp.Document.Edition,
		Documents: append([]*requirement.Document{fapi2sp.Document, dpop.Document, par.Document}, cited...),
		Excludes:  []requirement.Condition{requirement.FAPI1, requirement.FAPI1CodeIDToken, requirement.FAPI1JARM},
		Requires:  slices.Concat(fapi2sp.Document.Requirements(), dpop.Document.Requirements(), par.Document.Requirements()),
	}
}
