package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/cited"
)

// connectIDAustralia is an identity scheme.
var connectIDAustralia = profile.Declaration{
	ID: "connectid-au", Title: "ConnectID (Australia)", Edition: "security profile 03, October 2025",
	Extends:   fapi2MessageSigning.ID,
	Documents: []*requirement.Document{cited.IDA, cited.IDAVC, cited.IDAATT},
	Holds:     []requirement.Condition{"mtls_ecosystem"},
	Features:  append([]profile.Features{{Of: []profile.Feature{{Claim: "ida"}}}}, idaFeatures...),
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt"),
		profile.Binding.Of("mtls"),
		profile.MTLSEverywhere.Is("every endpoint"),
		profile.MTLSAliases.Of("token_endpoint", "pushed_authorization_request_endpoint", "userinfo_endpoint"),
		profile.SignedRequests.Is(profile.Required),
		profile.SigningAlgorithms.Of("PS256"),
		profile.AccessTokenLife.Between(1*second, 600*second),
		profile.RequestObjectExpiryAhead.AtMost(600 * second),
		profile.NotBeforeAge.AtMost(900 * second),
		profile.PurposeLength.Between(3, 300), // in older drafts; the current one has no purpose
		profile.SubjectTypes.Of("pairwise"),
		profile.ClaimsParameter.Is(profile.Required),
		profile.InteractionID.Of("par", "token", "resource"),
		profile.ResourceIs.Is("the userinfo endpoint"),
		profile.CIBAMode.Of("poll"),
	},
	Source: profile.Source{
		Text:     "conformance-suite@12f2a4da ConnectIdAuProfileBehavior and its CIBA sibling; profile text not readable",
		URL:      "https://cdn.connectid.com.au",
		Verified: profile.Unread,
	},
}
