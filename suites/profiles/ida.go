package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/cited"
)

// idaFeatures are what a server of verified claims may offer beside them.
var idaFeatures = []profile.Features{{Of: []profile.Feature{{Claim: "ida_evidence"}, {Claim: "ida_attachments"}, {Claim: "ida_distributed"}}}}

// identityAssurance is what a server of verified claims adds to whatever it stands on.
var identityAssurance = profile.Declaration{
	ID: "ida", Title: cited.IDA.Title, Edition: cited.IDA.Edition,
	AnyOf:     []string{oidcBasic.ID, fapi1Advanced.ID, Default},
	Documents: []*requirement.Document{cited.IDA, cited.IDAVC, cited.IDAATT},
	Holds:     []requirement.Condition{"ida"},
	Features:  idaFeatures,
	Limits: []profile.Limit{
		profile.VerifiedClaimDelivery.Of("userinfo", "id_token"),
		profile.ClaimsParameter.Is(profile.Required),
	},
	Source: profile.Source{Text: "OpenID Connect for Identity Assurance 1.0 (b4109086)", URL: cited.IDA.URL, Verified: profile.Read, Entries: true},
}
