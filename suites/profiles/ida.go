package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
)

// identityAssurance is what a server of verified claims adds to whatever it stands on.
var identityAssurance = profile.Declaration{
	ID: "ida", Title: ida.Title, Edition: ida.Edition,
	AnyOf:     []string{oidcBasic.ID, fapi1Advanced.ID, Default},
	Documents: []*requirement.Document{ida},
	Limits: []profile.Limit{
		profile.VerifiedClaimDelivery.Of("userinfo", "id_token"),
		profile.ClaimsParameter.Is(profile.Required),
	},
	Source: profile.Source{Text: "OpenID Connect for Identity Assurance 1.0 (b4109086)", URL: ida.URL, Verified: profile.Read},
}
