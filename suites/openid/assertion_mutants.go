package openid

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// assertionMutants get client assertions wrong.
func assertionMutants() []mutant.Mutant {
	reads := func(read func(*authserver.Assertion)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundAssertion = func(facts authserver.Assertion) bool {
				read(&facts)
				return authserver.OwnAssertion(facts)
			}
		}
	}
	unnamed := func(where func(authserver.Assertion) bool) func(*authserver.Policy) {
		return reads(func(facts *authserver.Assertion) {
			if id, _ := facts.ID.(string); id == "" && where(*facts) {
				facts.ID, facts.Seen = "none", false
			}
		})
	}
	again := func(where func(authserver.Assertion) bool) func(*authserver.Policy) {
		return reads(func(facts *authserver.Assertion) { facts.Seen = facts.Seen && !where(*facts) })
	}
	races := func(where authserver.Endpoint) func(*authserver.Policy) {
		loses := authserver.LosesRaces()
		return func(p *authserver.Policy) {
			p.NotesID = func(kind string, at authserver.Endpoint, look, mark func() bool) bool {
				if kind == "assertion" && at == where {
					return loses(look, mark)
				}
				return mark()
			}
		}
	}
	at := func(endpoint authserver.Endpoint) func(authserver.Assertion) bool {
		return func(facts authserver.Assertion) bool { return facts.Endpoint == endpoint }
	}
	named := func(where func(authserver.Assertion) bool) func(authserver.Assertion) bool {
		return func(facts authserver.Assertion) bool {
			id, _ := facts.ID.(string)
			return id != "" && where(facts)
		}
	}
	return []mutant.Mutant{{
		Name:   "assertion-jti-optional-for-a-jwt",
		Breaks: AssertionHasID,
		How:    "misses no jti where introspection is asked for a JWT",
		Policy: unnamed(func(facts authserver.Assertion) bool { return facts.AsksForJWT }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "assertion-jti-optional",
		Breaks: AssertionHasID,
		How:    "remembers jti where it is there, as RFC 7523 has it",
		Policy: unnamed(func(facts authserver.Assertion) bool { return facts.ID == nil }),
	}, {
		Name:   "assertion-jti-may-be-empty",
		Breaks: AssertionHasID,
		How:    "demands jti, and takes an empty one",
		Policy: unnamed(func(facts authserver.Assertion) bool { return facts.ID != nil }),
	}, {
		Name:   "assertion-jti-optional-at-revocation",
		Breaks: AssertionHasID,
		How:    "does not demand jti at the revocation endpoint",
		Policy: unnamed(at(authserver.EndpointRevocation)),
	}, {
		Name:   "assertion-jti-optional-with-codes",
		Breaks: AssertionHasID,
		How:    "does not demand jti where a code is redeemed",
		Policy: unnamed(func(facts authserver.Assertion) bool { return facts.Grant == "authorization_code" }),
	}, {
		Name:   "assertion-again",
		Breaks: AssertionOnce,
		How:    "does not remember jti",
		Policy: again(named(func(authserver.Assertion) bool { return true })),
	}, {
		Name:   "assertion-again-at-the-other-endpoints",
		Breaks: AssertionOnce,
		How:    "remembers jti at each endpoint by itself",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.SeenAt != facts.Endpoint })),
	}, {
		Name:   "assertion-races-at-par",
		Breaks: AssertionOnce,
		How:    "looks at the PAR endpoint whether it has seen a jti, and enters it a moment later",
		Policy: races(authserver.EndpointPAR),
		Auth:   "private_key_jwt",
	}, {
		Name:   "assertion-races-at-token",
		Breaks: AssertionOnce,
		How:    "looks at the token endpoint whether it has seen a jti, and enters it a moment later",
		Policy: races(authserver.EndpointToken),
		Auth:   "private_key_jwt",
	}, {
		Name:   "assertion-again-at-the-same-moment",
		Breaks: AssertionOnce,
		How:    "tells its other nodes of a jti once a second",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.SeenFor < 1 })),
	}, {
		Name:   "assertion-again-after-30-seconds",
		Breaks: AssertionOnce,
		How:    "forgets a jti after 30 seconds, whenever the assertion expires",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.SeenFor >= 30 })),
	}, {
		Name:   "assertion-again-after-5-seconds",
		Breaks: AssertionOnce,
		How:    "forgets a jti after 5 seconds",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.SeenFor >= 5 })),
	}, {
		Name:   "assertion-again-at-introspection",
		Breaks: AssertionOnce,
		How:    "does not look at jti at the introspection endpoint",
		Policy: again(named(at(authserver.EndpointIntrospection))),
	}, {
		Name:   "assertion-again-for-a-jwt-at-introspection",
		Breaks: AssertionOnce,
		How:    "does not look at jti where introspection is asked for a JWT",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.AsksForJWT })),
		Auth:   "private_key_jwt",
	}, {
		Name:   "assertion-again-on-refresh",
		Breaks: AssertionOnce,
		How:    "does not look at jti where tokens are refreshed",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.Grant == "refresh_token" })),
	}, {
		Name:   "assertion-again-with-client-credentials",
		Breaks: AssertionOnce,
		How:    "does not look at jti where a client asks for itself",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.Grant == "client_credentials" })),
	}, {
		Name:   "assertion-again-at-par-after-the-token-endpoint",
		Breaks: AssertionOnce,
		How:    "has the jti of assertions looked up at the token endpoint in what the others have seen, and not the other way round",
		Policy: again(named(func(facts authserver.Assertion) bool {
			return facts.SeenAt == authserver.EndpointToken && facts.Endpoint == authserver.EndpointPAR
		})),
	}, {
		Name:   "assertion-again-at-revocation-after-the-token-endpoint",
		Breaks: AssertionOnce,
		How:    "does not tell the revocation endpoint of the jti that the token endpoint has seen",
		Policy: again(named(func(facts authserver.Assertion) bool {
			return facts.SeenAt == authserver.EndpointToken && facts.Endpoint == authserver.EndpointRevocation
		})),
	}, {
		Name:   "assertion-again-at-introspection-after-the-token-endpoint",
		Breaks: AssertionOnce,
		How:    "does not tell the introspection endpoint of the jti that the token endpoint has seen",
		Policy: again(named(func(facts authserver.Assertion) bool {
			return facts.SeenAt == authserver.EndpointToken && facts.Endpoint == authserver.EndpointIntrospection
		})),
	}, {
		Name:   "assertion-again-after-60-seconds",
		Breaks: AssertionOnce,
		How:    "forgets a jti after 60 seconds, whenever the assertion expires",
		Policy: again(named(func(facts authserver.Assertion) bool { return facts.SeenFor >= 60 })),
	}, {
		Name:   "assertion-again-by-other-clients",
		Breaks: AssertionOnce,
		How:    "has replay protection switched on for one client, and not for those that came later",
		Policy: again(named(func(facts authserver.Assertion) bool { return strings.HasSuffix(facts.Client, "-second") })),
	}}
}
