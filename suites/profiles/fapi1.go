package profiles

import (
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/bearer"
	"github.com/fapitest/fapitest/suites/cited"
	"github.com/fapitest/fapitest/suites/fapi1adv"
	"github.com/fapitest/fapitest/suites/fapi1base"
	"github.com/fapitest/fapitest/suites/jarm"
	"github.com/fapitest/fapitest/suites/metadata"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
	"github.com/fapitest/fapitest/suites/transport"
)

// pkceInBaseline is what Part 2 and the profiles on it leave to pushed requests.
var pkceInBaseline = profile.Exclusion{
	ID: "FAPI1-BASE-5.2.2-7", Because: "Part 2 replaces it by a rule for pushed requests alone (its section 5.2.2)",
}

// fapi1Baseline is FAPI 1.0, part 1.
var fapi1Baseline = profile.Declaration{
	ID: "fapi1-baseline", Title: fapi1base.Document.Title, Edition: fapi1base.Document.Edition,
	Documents: []*requirement.Document{fapi1base.Document, oauth2.Document, bearer.Document, pkce.Document, openid.Document, metadata.Discovery, transport.Document},
	Holds:     []requirement.Condition{requirement.FAPI1},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("client_secret_jwt", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "none"),
		profile.PKCE.Of("S256"),
		profile.AccessTokenLifeWarn.AtMost(600 * second),
		profile.RSAKey.AtLeast(2048),
		profile.ECKey.AtLeast(160),
	},
	Shape:  profile.Shape{Requests: []profile.Request{profile.ByValue}, Responses: []profile.Response{profile.Code, profile.Hybrid}},
	Source: profile.Source{Text: "FAPI 1.0 Part 1 Final (errata draft read)", Verified: profile.Read, Entries: true},
}

// fapi1Advanced is FAPI 1.0, part 2, with what it takes over of part 1.
var fapi1Advanced = profile.Declaration{
	ID: "fapi1-advanced", Title: fapi1adv.Document.Title, Edition: fapi1adv.Document.Edition,
	Documents: []*requirement.Document{fapi1adv.Document, fapi1base.Document, mtls.Document, assertion.RFC7523, oauth2.Document, bearer.Document, openid.Document, metadata.Discovery, transport.Document},
	Holds:     []requirement.Condition{requirement.FAPI1},
	Excludes: []profile.Exclusion{pkceInBaseline, {
		ID: "RFC9126-2.1-3", Because: "which response types are refused, pushed or not, Part 2 says itself (its section 5.2.2, item 2): code id_token is none of them",
	}},
	Features: []profile.Features{{Of: []profile.Feature{
		{Claim: requirement.PAR, Documents: []*requirement.Document{par.Document, pkce.Document}},
		{Claim: "jarm", Documents: []*requirement.Document{jarm.Document}},
	}}},
	Limits: []profile.Limit{
		profile.ClientAuth.Of("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"),
		profile.Binding.Of("mtls"),
		profile.SigningAlgorithms.Of("PS256", "ES256"),
		profile.RequestObjectLife.AtMost(3600 * second),
		profile.NotBeforeAge.AtMost(3600 * second),
		profile.PublicClients.Is(profile.Forbidden),
	},
	Shape: profile.Shape{
		Requests: []profile.Request{profile.ByValue, profile.Pushed}, Responses: []profile.Response{profile.Hybrid, profile.JARM},
	},
	Source: profile.Source{Text: "FAPI 1.0 Part 2 Final (errata draft read)", Verified: profile.Read, Entries: true},
}

// fapiCIBA1 is the backchannel profile in the draft that servers are certified for.
var fapiCIBA1 = profile.Declaration{
	ID: "fapi-ciba-id1", Title: cited.FAPICIBA.Title, Edition: cited.FAPICIBA.Edition,
	Documents: []*requirement.Document{cited.FAPICIBA, cited.CIBACore, fapi1adv.Document, fapi1base.Document, mtls.Document, assertion.RFC7523, transport.Document},
	Holds:     []requirement.Condition{requirement.FAPI1, "ciba"},
	Excludes: []profile.Exclusion{
		{ID: "FAPI-CIBA-4.1.1-f1-1", Because: "this draft requires signed requests; later ones allow unsigned ones"},
		{ID: "FAPI-CIBA-4.1.1-N1", Because: "it is about servers on FAPI 2.0, and this draft stands on FAPI 1.0"},
		pkceInBaseline,
	},
	Features: []profile.Features{{Of: []profile.Feature{{Claim: "ciba_ping"}}}},
	Limits: []profile.Limit{
		profile.CIBAMode.Of("poll", "ping"),
		profile.ClientAuth.Of("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"),
		profile.SignedRequests.Is(profile.Required),
		profile.Binding.Of("mtls"),
		profile.SigningAlgorithms.Of("PS256", "ES256"),
		profile.RequestObjectLife.AtMost(3600 * second),
		profile.Push.Is(profile.Forbidden),
		profile.AssertionAudience.Of("issuer", "token_endpoint", "backchannel_endpoint"),
	},
	Shape: profile.Shape{Requests: []profile.Request{profile.Backchannel}},
	Source: profile.Source{
		Text:     "FAPI-CIBA implementer's draft 1 (2019), which requires signed requests; later drafts allow unsigned ones",
		Verified: profile.Read, Entries: true,
	},
}
