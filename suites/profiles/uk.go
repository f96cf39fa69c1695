package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/openbankinguk"
)

// openBankingUK is the Read/Write API of the United Kingdom.
var openBankingUK = profile.Declaration{
	ID: "openbanking-uk", Title: openbankinguk.Document.Title, Edition: openbankinguk.Document.Edition,
	Extends:   fapi1Advanced.ID,
	Documents: []*requirement.Document{openbankinguk.Document, cited.RFC7591, cited.RFC7592},
	Holds:     []requirement.Condition{"openbanking_uk", "mtls_ecosystem"},
	Features: []profile.Features{{Of: []profile.Feature{
		{Claim: "obuk_payments"}, {Claim: "obuk_signing"}, {Claim: "obuk_ciba"}, {Claim: "dcr"}, {Claim: "dcr_ssa"}, {Claim: "dcm"},
	}}},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt", "tls_client_auth"),
		profile.Binding.Of("mtls"),
		profile.MTLSEverywhere.Is("every endpoint"),
		profile.SigningAlgorithms.Of("PS256", "ES256"),
		profile.MessageSigning.Of("PS256"),
		profile.ACR.Of("urn:openbanking:psd2:sca", "urn:openbanking:psd2:ca"),
		profile.AccessTokenLife.Open(),
		profile.Idempotency.AtLeast(24 * 3600 * second),
	},
	Shape: profile.Shape{Responses: []profile.Response{profile.Hybrid}},
	Before: &profile.Preparation{
		Creates: "a consent (an intent)", Body: "JSON", Carried: "in the claims parameter, as openbanking_intent_id",
		Claim: "openbanking_intent_id", ID: "Data.ConsentId", Asks: "accounts",
		JSON: `{"Data": {"Permissions": ["ReadAccountsBasic", "ReadAccountsDetail", "ReadBalances"]}, "Risk": {}}`,
	},
	Source: profile.Source{
		Text: "OpenBankingUK/read-write-api-docs-pub v4.0 (ab19be9a), dcr-docs-pub", URL: openbankinguk.Document.URL, Verified: profile.ReadInPart, Entries: true,
	},
}
