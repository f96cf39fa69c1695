package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/cdr"
	"github.com/fapitest/fapitest/suites/cited"
)

// cdrAustralia is the Consumer Data Right of Australia.
var cdrAustralia = profile.Declaration{
	ID: "cdr-australia", Title: cdr.Document.Title, Edition: cdr.Document.Edition,
	Extends:   fapi1Advanced.ID,
	Documents: []*requirement.Document{cdr.Document, cited.RFC7591},
	Holds:     []requirement.Condition{"cdr", "mtls_ecosystem"},
	Features:  []profile.Features{{Of: []profile.Feature{{Claim: "dcr"}, {Claim: "dcr_ssa"}}}},
	Replaces: []profile.Replacement{
		{ID: "FAPI1-ADV-8.9-3", By: "CDR-metadata-3"},
		{ID: "OIDC-CORE-9-2", By: "CDR-auth-3"},
		{ID: "RFC9126-4-1a", By: "CDR-request-6"},
	},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt"),
		profile.Binding.Of("mtls"),
		profile.MTLSEverywhere.Is("those of the back channel"),
		profile.SigningAlgorithms.Of("PS256", "ES256"),
		profile.AccessTokenLife.Between(120*second, 600*second),
		profile.RequestURILife.Between(10*second, 90*second),
		profile.RefreshRotation.Is(profile.Forbidden),
		profile.Sharing.AtMost(31_536_000 * second),
		profile.SubjectTypes.Of("pairwise"),
		profile.ACR.Of("urn:cds.au:cdr:2", "urn:cds.au:cdr:3", "urn:cds.au:cdr:4"),
		profile.StatementLife.AtMost(600 * second),
		profile.AssertionAudience.Of("issuer", "token_endpoint", "endpoint_called"),
	},
	Shape:  profile.Shape{Requests: []profile.Request{profile.Pushed}, Responses: []profile.Response{profile.JARM}},
	Source: profile.Source{Text: "ConsumerDataStandardsAustralia/standards@45f31a80", URL: cdr.Document.URL, Verified: profile.Read, Entries: true},
}
