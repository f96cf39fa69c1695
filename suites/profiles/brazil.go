package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/openfinancebrasil"
)

// openFinanceBrasil is the Open Finance of Brazil.
var openFinanceBrasil = profile.Declaration{
	ID: "open-finance-brasil", Title: openfinancebrasil.Document.Title, Edition: openfinancebrasil.Document.Edition,
	Extends:   fapi1Advanced.ID,
	Documents: []*requirement.Document{openfinancebrasil.Document, cited.OFBRDCR, cited.OFBRCIBA, cited.RFC7591, cited.RFC7592},
	Holds:     []requirement.Condition{"brazil", "mtls_ecosystem"},
	Features: []profile.Features{{Of: []profile.Feature{
		{Claim: "brazil_by_value"}, {Claim: "brazil_payments"}, {Claim: "brazil_ciba"}, {Claim: "dcr"}, {Claim: "dcr_ssa"}, {Claim: "dcm"},
	}}},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt", "tls_client_auth"),
		profile.Binding.Of("mtls"),
		profile.MTLSEverywhere.Is("every endpoint"),
		profile.SigningAlgorithms.Of("PS256"),
		profile.Encryption.Of("RSA-OAEP", "A256GCM"),
		profile.AccessTokenLife.Between(300*second, 900*second),
		profile.RequestURILife.AtLeast(60 * second),
		profile.RefreshRotation.Is(profile.Discouraged),
		profile.ACR.Of("urn:brasil:openbanking:loa2", "urn:brasil:openbanking:loa3"),
		profile.StatementAge.AtMost(300 * second),
		profile.MessageIssued.AtMost(60 * second),
		profile.CIBARequestLife.AtMost(600 * second),
		profile.CIBAExpiry.AtLeast(360 * second),
	},
	Shape: profile.Shape{Requests: []profile.Request{profile.Pushed, profile.Encrypted}},
	Before: &profile.Preparation{
		Creates: "a consent", Body: "JSON", Carried: "in the scope, as consent:<id>",
		Scope: "consent:", ID: "data.consentId", Asks: "consents",
	},
	Source: profile.Source{
		Text: "OpenBanking-Brasil/specs-seguranca ID3 (9bb9b297)", URL: openfinancebrasil.Document.URL, Verified: profile.Read, Entries: true, Changes: true,
	},
}
