package profiles

import (
	"time"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/bearer"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2ms"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/grantmanagement"
	"github.com/fapitest/fapitest/suites/httpsignatures"
	"github.com/fapitest/fapitest/suites/introspection"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
	"github.com/fapitest/fapitest/suites/issuer"
	"github.com/fapitest/fapitest/suites/jar"
	"github.com/fapitest/fapitest/suites/jarm"
	"github.com/fapitest/fapitest/suites/jwt"
	"github.com/fapitest/fapitest/suites/metadata"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
	"github.com/fapitest/fapitest/suites/rar"
	"github.com/fapitest/fapitest/suites/revocation"
	"github.com/fapitest/fapitest/suites/transport"
)

const second = time.Second

// notFAPI1 are the conditions of entries that hold under FAPI 1.0 alone. Several say the opposite of what FAPI 2.0 asks.
var notFAPI1 = []requirement.Condition{requirement.FAPI1, requirement.FAPI1CodeIDToken, requirement.FAPI1JARM}

// fapi2SecurityProfile is the FAPI 2.0 Security Profile by itself, no ecosystem's additions.
var fapi2SecurityProfile = profile.Declaration{
	ID: Default, Title: fapi2sp.Document.Title, Edition: fapi2sp.Document.Edition,
	Documents: []*requirement.Document{
		fapi2sp.Document, dpop.Document, par.Document, pkce.Document, issuer.Document, metadata.RFC8414, attacks.Document, jwt.Document, transport.Document,
		oauth2.Document, bearer.Document, assertion.RFC7523, mtls.Document, assertion.RFC10070, revocation.Document, introspection.Document, rar.Document,
		openid.Document, metadata.Discovery, grantmanagement.Document,
	},
	// Signed requests are for who claims them; this is true of every pushed one (RFC 9126 section 4). What RFC 9126 itself asks of those who take signed
	// requests is looked at where Message Signing asks the same.
	Adds:    []string{jar.OnlyWhatWasPushed.ID, fapi2ms.SignedOnly.ID, fapi2ms.SignatureVerified.ID},
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
	ID: "fapi2-message-signing", Title: fapi2ms.Document.Title, Edition: fapi2ms.Document.Edition,
	Extends:   Default,
	Documents: []*requirement.Document{fapi2ms.Document},
	Features: []profile.Features{{AtLeast: 1, Of: []profile.Feature{
		{Claim: requirement.JAR, Documents: []*requirement.Document{jar.Document}},
		{Claim: "jarm", Documents: []*requirement.Document{jarm.Document}},
		{Claim: "introspection_jwt", Documents: []*requirement.Document{introspectionjwt.Document}},
		{Claim: "http_signatures", Documents: []*requirement.Document{httpsignatures.Document, httpsignatures.RFC9421}},
	}}},
	Limits: []profile.Limit{
		profile.RequestObjectLife.AtMost(3600 * second),
		profile.NotBeforeAge.AtMost(3600 * second),
		profile.JARMLifeWarn.AtMost(600 * second),
	},
	Source: profile.Source{Text: "FAPI 2.0 Message Signing", Verified: profile.FromCatalogue, Entries: true},
}
