package profiles

import (
	"time"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/issuer"
	"github.com/fapitest/fapitest/suites/jwt"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
)

const second = time.Second

// notFAPI1 are the conditions of entries that hold under FAPI 1.0 alone. Several say the opposite of what FAPI 2.0 asks.
var notFAPI1 = []requirement.Condition{requirement.FAPI1, requirement.FAPI1CodeIDToken, requirement.FAPI1JARM}

// fapi2SecurityProfile is the FAPI 2.0 Security Profile by itself, no ecosystem's additions.
var fapi2SecurityProfile = profile.Declaration{
	ID: Default, Title: fapi2sp.Document.Title, Edition: fapi2sp.Document.Edition,
	Documents: []*requirement.Document{
		fapi2sp.Document, dpop.Document, par.Document, pkce.Document, issuer.Document, cited.RFC8414, cited.RFC9700, jwt.Document, cited.RFC9325,
		oauth2.Document, cited.RFC6750, assertion.RFC7523, cited.RFC8705, assertion.RFC10070, cited.RFC7009, cited.RFC7662, cited.RFC9396,
		cited.OIDCCore, cited.OIDCDisc, cited.GM,
	},
	Foreign: notFAPI1,
	Features: []profile.Features{{Of: []profile.Feature{
		{Claim: requirement.OpenID}, {Claim: requirement.RefreshToken}, {Claim: requirement.Introspection}, {Claim: requirement.Revocation},
		{Claim: requirement.RAR}, {Claim: "grant_management"},
	}}},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"),
		profile.Binding.Of("dpop", "mtls"),
		profile.SigningAlgorithms.Of("PS256", "ES256", "EdDSA"),
		profile.RequestURILife.Between(1*second, 599*second),
		profile.CodeLife.AtMost(60 * second),
		profile.ClockAheadAccept.AtLeast(10 * second),
		profile.ClockAheadRefuse.AtMost(60 * second),
	},
	Shape:  profile.Shape{Requests: []profile.Request{profile.Pushed}, Responses: []profile.Response{profile.Code}},
	Source: profile.Source{Text: "FAPI 2.0 Security Profile Final", Verified: profile.FromCatalogue, Entries: true},
}

// fapi2MessageSigning adds signatures, of which a server offers at least one kind.
var fapi2MessageSigning = profile.Declaration{
	ID: "fapi2-message-signing", Title: cited.FAPI2MS.Title, Edition: cited.FAPI2MS.Edition,
	Extends:   Default,
	Documents: []*requirement.Document{cited.FAPI2MS},
	Features: []profile.Features{{AtLeast: 1, Of: []profile.Feature{
		{Claim: requirement.JAR, Documents: []*requirement.Document{cited.RFC9101}},
		{Claim: "jarm", Documents: []*requirement.Document{cited.JARM}},
		{Claim: "introspection_jwt", Documents: []*requirement.Document{cited.RFC9701}},
		{Claim: "http_signatures", Documents: []*requirement.Document{cited.FAPI2HS, cited.RFC9421}},
	}}},
	Limits: []profile.Limit{
		profile.RequestObjectLife.AtMost(3600 * second),
		profile.NotBeforeAge.AtMost(3600 * second),
		profile.JARMLifeWarn.AtMost(600 * second),
	},
	Source: profile.Source{Text: "FAPI 2.0 Message Signing", Verified: profile.FromCatalogue, Entries: true},
}
