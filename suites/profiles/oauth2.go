package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/bearer"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/introspection"
	"github.com/fapitest/fapitest/suites/issuer"
	"github.com/fapitest/fapitest/suites/jar"
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

// oauth2BCP is OAuth 2.0 as it is to be used today.
var oauth2BCP = profile.Declaration{
	ID: "oauth2-security-bcp", Title: "OAuth 2.0 Security Best Current Practice", Edition: "RFC 9700, January 2025",
	Documents: []*requirement.Document{
		attacks.Document, oauth2.Document, bearer.Document, pkce.Document, metadata.RFC8414, issuer.Document, jwt.Document, transport.Document,
		par.Document, dpop.Document, mtls.Document, assertion.RFC7523, revocation.Document, introspection.Document, jar.Document, rar.Document,
	},
	Foreign: notFAPI1,
	Features: []profile.Features{{Of: []profile.Feature{
		{Claim: requirement.Revocation}, {Claim: requirement.Introspection}, {Claim: requirement.JAR}, {Claim: requirement.RAR},
		{Claim: "native", Documents: []*requirement.Document{cited.RFC8252}},
		{Claim: "browser", Documents: []*requirement.Document{cited.BBA}},
	}}},
	Limits: []profile.Limit{
		profile.AccessTokenLife.Open(),
		profile.ClientAuth.Open(),
		profile.Binding.Of("none", "dpop", "mtls"),
		profile.PKCE.Of("S256"),
	},
	Shape:  profile.Shape{Requests: []profile.Request{profile.ByValue, profile.Pushed}, Responses: []profile.Response{profile.Code}},
	Source: profile.Source{Text: "RFC 9700", Verified: profile.FromCatalogue, Entries: true},
}

// oidcBasic is an OpenID Provider with the code flow.
var oidcBasic = profile.Declaration{
	ID: "oidc-basic", Title: "OpenID Connect, code flow", Edition: "Core and Discovery 1.0 with errata set 2",
	Documents: []*requirement.Document{openid.Document, metadata.Discovery, oauth2.Document, bearer.Document, pkce.Document, attacks.Document},
	Foreign:   notFAPI1,
	Features:  []profile.Features{{Of: []profile.Feature{{Claim: "dcr"}, {Claim: requirement.Revocation}, {Claim: requirement.Introspection}}}},
	Limits: []profile.Limit{
		profile.IDTokenAlgorithms.Of("RS256", "PS256", "ES256", "EdDSA"),
		profile.ClientAuth.Open(),
	},
	Shape:  profile.Shape{Requests: []profile.Request{profile.ByValue}, Responses: []profile.Response{profile.Code}},
	Source: profile.Source{Text: "OpenID Connect Core and Discovery 1.0", Verified: profile.FromCatalogue, Entries: true},
}

// iGov is OpenID Connect for governments.
var iGov = profile.Declaration{
	ID: "igov", Title: "International Government Assurance Profile (iGov)", Edition: "drafts: OAuth 2.0 09, OpenID Connect 04",
	Extends:   oidcBasic.ID,
	Documents: []*requirement.Document{assertion.RFC7523, mtls.Document, dpop.Document},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"),
		profile.PKCE.Of("S256"),
		profile.AccessTokenLifeWarn.AtMost(3600 * second),
		profile.SubjectTypes.Of("pairwise", "public"),
	},
	Source: profile.Source{
		Text:     "OpenID iGov profiles (OAuth 2.0 draft 09 of 2025-12, Connect draft 04), known by title and contents only",
		URL:      "https://openid.net/wg/igov/specifications/",
		Verified: profile.Unread,
	},
}
