package profiles

import (
	"slices"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/jwt"
	"github.com/fapitest/fapitest/suites/par"
)

// FAPI2SecurityProfile is the FAPI 2.0 Security Profile by itself, no ecosystem's additions.
func FAPI2SecurityProfile() profile.Profile {
	return profile.Profile{
		ID:      Default,
		Title:   fapi2sp.Document.Title,
		Edition: fapi2sp.Document.Edition,
		Documents: []*requirement.Document{
			fapi2sp.Document, dpop.Document, par.Document, cited.RFC7636, cited.RFC9207, cited.RFC8414, cited.RFC9700, jwt.Document, cited.RFC9325,
			cited.RFC6749, cited.RFC6750, assertion.RFC7523, cited.RFC8705, assertion.RFC10070, cited.RFC7009, cited.RFC7662, cited.RFC9396, cited.OIDCCore,
			cited.OIDCDisc, cited.GM,
		},
		Excludes: []requirement.Condition{requirement.FAPI1, requirement.FAPI1CodeIDToken, requirement.FAPI1JARM},
		Requires: slices.Concat(fapi2sp.Document.Requirements(), dpop.Document.Requirements(), par.Document.Requirements(),
			assertion.RFC7523.Requirements(), assertion.RFC10070.Requirements(), jwt.Document.Requirements()),
	}
}
