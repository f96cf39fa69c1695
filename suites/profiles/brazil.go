package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
)

// openFinanceBrasil is the Open Finance of Brazil.
var openFinanceBrasil = profile.Declaration{
	ID: "open-finance-brasil", Title: ofbr.Title, Edition: ofbr.Edition,
	Extends:   fapi1Advanced.ID,
	Documents: []*requirement.Document{ofbr, rfc7591, rfc7592},
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
	Shape:  profile.Shape{Requests: []profile.Request{profile.Pushed, profile.Encrypted}},
	Before: &profile.Preparation{Creates: "a consent", Body: "JSON", Carried: "in the scope, as consent:<id>"},
	Source: profile.Source{
		Text: "OpenBanking-Brasil/specs-seguranca ID3 (9bb9b297)", URL: ofbr.URL, Verified: profile.Read, Changes: true,
	},
}
