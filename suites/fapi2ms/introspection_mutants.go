package fapi2ms

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/introspection"
)

func introspectionMutants() []mutant.Mutant {
	signs := func(when func(authserver.SignedIntrospection) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SignsIntrospection = when }
	}
	return slices.Concat(ownerMutants(), []mutant.Mutant{{
		Name: "introspection-in-json-alone", Breaks: IntrospectionSigned,
		How:    "answers introspection with JSON, whatever is asked for",
		Policy: signs(func(authserver.SignedIntrospection) bool { return false }),
	}, {
		Name: "introspection-signed-of-active-tokens", Breaks: IntrospectionSigned,
		How:    "signs introspection where the token is active, and answers with JSON where it is not",
		Policy: signs(func(s authserver.SignedIntrospection) bool { return s.Preferred && s.Active }),
	}, {
		Name: "introspection-signed-of-access-tokens", Breaks: IntrospectionSigned,
		How:    "signs introspection of access tokens, and answers with JSON about refresh tokens",
		Policy: signs(func(s authserver.SignedIntrospection) bool { return s.Preferred && s.Kind != "refresh_token" }),
	}, {
		Name: "introspection-signed-for-who-accepts-nothing-else", Breaks: IntrospectionSigned,
		How:    "compares Accept with the one media type, and does not read it",
		Policy: signs(func(s authserver.SignedIntrospection) bool { return s.Alone }),
		Warns:  true,
	}, {
		Name: "introspection-signed-by-an-unknown-key", Breaks: IntrospectionSigned,
		How: "signs introspection answers by a key that it does not publish",
		Policy: func(p *authserver.Policy) {
			authserver.Signing("introspection", "PS256")(p)
			p.PublishedKeys = func(complete []map[string]any) []map[string]any { return complete[:1] }
		},
	}, {
		Name: "introspection-tells-every-client", Breaks: ClientsApart, AlsoBreaks: []*requirement.Requirement{introspection.TokensOfOthers},
		How:    "knows no resource servers, and tells every client what the access token of another one is",
		Policy: tells(func(o authserver.Ownership) bool { return o.Kind == "access_token" }),
	}, {
		Name: "introspection-tells-every-client-in-a-jwt", Breaks: ClientsApart,
		How:    "looks whose a token is where it answers with JSON, and takes who asks for a JWT for a resource server",
		Policy: tells(func(o authserver.Ownership) bool { return o.AsJWT }),
	}})
}

// ownerMutants break what RFC 7662 asks as well.
func ownerMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "introspection-of-any-token",
		Breaks: introspection.TokensOfOthers, AlsoBreaks: []*requirement.Requirement{ClientsApart},
		How:    "tells every client what any token is",
		Policy: tells(func(authserver.Ownership) bool { return true }),
		Warns:  true,
	}, {
		Name:   "introspection-of-any-refresh-token",
		Breaks: introspection.TokensOfOthers, AlsoBreaks: []*requirement.Requirement{ClientsApart},
		How:    "looks whose an access token is, and tells every client what a refresh token is",
		Policy: tells(func(o authserver.Ownership) bool { return o.Kind == "refresh_token" }),
		Warns:  true,
	}, {
		Name:   "introspection-of-any-token-over-certificates",
		Breaks: introspection.TokensOfOthers, AlsoBreaks: []*requirement.Requirement{ClientsApart},
		How:    "looks whose a token is in the code that reads client assertions, and so not where clients show a certificate",
		Policy: tells(func(o authserver.Ownership) bool { return !strings.HasPrefix(o.Caller, "key-") }),
		Warns:  true,
		Auth:   "private_key_jwt",
	}}
}

// tells has introspection tell a client of more tokens than its own.
func tells(more func(authserver.Ownership) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.Owns = func(o authserver.Ownership) bool {
			return o.Owner == o.Caller || o.Endpoint == authserver.EndpointIntrospection && more(o)
		}
	}
}
