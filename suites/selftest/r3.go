package selftest

import (
	"crypto/tls"
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
)

// The banks of the third refutation (issues 11 and 12) that nothing caught when they were written: who mends one moves it to its topic's file.

func required(id string) *requirement.Requirement {
	for _, s := range suites.All() {
		for _, r := range s.Requirements {
			if r.ID == id {
				return r
			}
		}
	}
	panic("no requirement " + id)
}

type policy = authserver.Policy

func lacking(fault string) func(*policy) {
	return func(p *policy) { p.R3 = func(asked string) bool { return asked == fault } }
}

func introspected(edit func(*authserver.TokenState)) func(*policy) {
	return func(p *policy) {
		p.Introspected = func(s authserver.TokenState) bool {
			edit(&s)
			return authserver.GoodToken(s)
		}
	}
}

func identified(edit func(about authserver.IDToken, claims map[string]any)) func(*policy) {
	return func(p *policy) {
		p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
			complete = maps.Clone(complete)
			edit(about, complete)
			return complete
		}
	}
}

func atUserinfo(edit func(about authserver.IDToken, claims map[string]any)) func(*policy) {
	return func(p *policy) {
		p.UserinfoClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
			complete = maps.Clone(complete)
			edit(about, complete)
			return complete
		}
	}
}

func secondPlace(edit func(map[string]any)) func(*policy) {
	return func(p *policy) {
		p.MetadataAt = func(place string, complete map[string]any) map[string]any {
			if place != "oauth-authorization-server" {
				return complete
			}
			complete = maps.Clone(complete)
			edit(complete)
			return complete
		}
	}
}

func inClear(members map[string]any) {
	for name, value := range members {
		if text, ok := value.(string); ok && strings.HasPrefix(text, "https://") && name != "issuer" {
			members[name] = "http://" + strings.TrimPrefix(text, "https://")
		}
	}
}

func told(at authserver.DetailsPlace, what any) func(*policy) {
	return func(p *policy) {
		p.TellsDetails = func(place authserver.DetailsPlace, granted []map[string]any) any {
			if place == at {
				return what
			}
			return granted
		}
	}
}

func headed(name, value string) func(*policy) {
	return func(p *policy) {
		p.SigningHeader = func(kind string, complete map[string]any) map[string]any {
			if kind == "refreshed id_token" {
				complete = maps.Clone(complete)
				complete[name] = value
			}
			return complete
		}
	}
}

func published(member string, value any) func(*policy) {
	return func(p *policy) {
		p.PublishedKeys = func(complete []map[string]any) []map[string]any {
			complete = slices.Clone(complete)
			complete[0] = maps.Clone(complete[0])
			complete[0][member] = value
			return complete
		}
	}
}

// old is a bank that speaks TLS 1.0 with some clients.
func old(with func(authserver.Hello) bool) func(*policy) {
	return func(p *policy) {
		version, suite := p.Version, p.Suite
		p.Version = func(h authserver.Hello) uint16 {
			if v := version(h); v != 0 || !with(h) || !slices.Contains(h.Versions, uint16(tls.VersionTLS10)) {
				return v
			}
			return tls.VersionTLS10
		}
		p.Suite = func(v uint16, h authserver.Hello) uint16 {
			for _, id := range []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA} {
				if v == tls.VersionTLS10 && slices.Contains(h.Suites, id) {
					return id
				}
			}
			return suite(v, h)
		}
	}
}

func sayLittle(h authserver.Hello) bool { return len(h.Protocols) == 0 && h.Name == "" }

func both(first, second func(*policy)) func(*policy) {
	return func(p *policy) {
		first(p)
		second(p)
	}
}

var odd = []any{map[string]any{"type": "payment_initiation"}}

// r3Mutants are those banks, the most serious first.
func r3Mutants() []mutant.Mutant {
	var all []mutant.Mutant
	add := func(id, name, how string, broken func(*policy)) {
		all = append(all, mutant.Mutant{Name: "r3-" + name, Breaks: required(id), How: how, Policy: broken, Everything: "the third refutation tried all of them with it"})
	}

	// id_tokens that come with a refresh, or to others than the first client, or when more is asked.
	add("OIDC-CORE-2-7", "refreshed-none", "does not sign id_tokens of a refresh", authserver.Signing("refreshed id_token", "none"))
	add("FAPI2-SP-5.4.1-1.2b", "refreshed-rs256", "signs id_tokens of a refresh by RS256", authserver.Signing("refreshed id_token", "RS256"))
	add("OIDC-CORE-2-6", "refreshed-claims-alone", "answers a refresh with the claims in base64url alone", lacking("refreshed-claims-alone"))
	add("OIDC-CORE-2-1", "refreshed-without-exp", "leaves exp out of id_tokens of a refresh", identified(func(about authserver.IDToken, claims map[string]any) {
		if about.Refreshed {
			delete(claims, "exp")
		}
	}))
	add("OIDC-CORE-2-1", "refreshed-iat-text", "writes iat of id_tokens of a refresh as text", identified(func(about authserver.IDToken, claims map[string]any) {
		if about.Refreshed {
			claims["iat"] = "now"
		}
	}))
	add("FAPI2-SP-5.4.2-2", "refreshed-jku", "has jku in id_tokens of a refresh", headed("jku", "https://localhost/jwks"))
	add("OIDC-CORE-10.1-1", "refreshed-kid", "names another key in id_tokens of a refresh", headed("kid", "another"))
	add("FAPI2-SP-5.4.1-1.2b", "rs256-for-second-client", "signs by RS256 for a client that was registered without an algorithm", both(authserver.Signing("refreshed id_token", "RS256"), func(p *policy) {
		p.R3 = func(fault string) bool { return fault == "second-signs-as-refreshed" }
	}))
	add("OIDC-CORE-2-3", "nonce-missing-with-max-age", "forgets the nonce where max_age is asked", identified(func(about authserver.IDToken, claims map[string]any) {
		if about.MaxAge {
			delete(claims, "nonce")
		}
	}))
	add("OIDC-CORE-3.1.3.7-R", "odd-with-max-age", "has another issuer, another audience and a time gone by where max_age or the claims parameter is asked", identified(func(about authserver.IDToken, claims map[string]any) {
		if about.MaxAge || about.EssentialACR {
			claims["iss"], claims["aud"], claims["exp"], claims["at_hash"] = "https://other.example", "another", about.Now-1000, "AAAA"
		}
	}))
	add("OIDC-CORE-3.1.2.1-1", "openid-in-objects-ignored", "reads prompt, max_age and claims in forms, and not in request objects", lacking("openid-in-object"))

	// Userinfo.
	add("FAPI2-SP-5.4.1-1.2b", "userinfo-rs256-unannounced", "signs userinfo by RS256, and does not announce it", both(authserver.Signing("userinfo", "RS256"), func(p *policy) {
		p.UserinfoForm = func() (string, bool) { return "application/jwt", true }
	}))
	add("OIDC-CORE-5.3-3", "posted-userinfo-unsigned", "answers userinfo by POST with a JWT of alg none", lacking("posted-userinfo-unsigned"))
	add("OIDC-CORE-5.3-1", "posted-userinfo-without-sub", "leaves sub out where userinfo is asked by POST", atUserinfo(func(about authserver.IDToken, claims map[string]any) {
		if about.Posted {
			delete(claims, "sub")
		}
	}))
	add("OIDC-CORE-5.3-1", "refreshed-userinfo-without-sub", "leaves sub out at userinfo for refreshed tokens", atUserinfo(func(about authserver.IDToken, claims map[string]any) {
		if about.Refreshed {
			delete(claims, "sub")
		}
	}))

	// TLS.
	add("FAPI2-SP-5.2.1-2", "tls-1.0-without-alpn-and-name", "speaks TLS 1.0 with clients that list no protocols and name no server", old(sayLittle))
	add("FAPI2-SP-5.2.1-2", "tls-1.0-without-groups", "speaks TLS 1.0 with clients that list no groups", old(func(h authserver.Hello) bool { return len(h.Groups) == 0 }))
	add("FAPI2-SP-5.2.2-1", "tls-cbc-without-alpn-and-name", "has CBC suites for clients that list no protocols and name no server", func(p *policy) {
		own := p.Suite
		p.Suite = func(v uint16, h authserver.Hello) uint16 {
			const cbc = tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
			if id := own(v, h); id != 0 || !sayLittle(h) || !slices.Contains(h.Suites, cbc) {
				return id
			}
			return cbc
		}
	})
	add("RFC9325-3.10-1", "early-data-without-alpn", "allows early data to clients that list no protocols", func(p *policy) {
		p.EarlyData = func(protocols []string) uint32 {
			if len(protocols) > 0 {
				return 0
			}
			return 16384
		}
	})
	add("FAPI2-SP-5.2.1-1", "clear-for-machines", "serves token, PAR, introspection, revocation, userinfo and the resource without TLS too", func(p *policy) {
		p.InClear = func(path string) authserver.ClearAnswer {
			for _, end := range []string{"/token", "/par", "/introspect", "/revoke", "/userinfo", "/accounts"} {
				if strings.HasSuffix(path, end) {
					return authserver.ClearServed
				}
			}
			return authserver.ClearRefused
		}
	})

	// DPoP: key, nonces, methods, addresses.

	// Replays: should.

	// Introspection and revocation.
	add("RFC7662-2.2-3", "introspection-outlives-grant", "looks whether the token itself was revoked, and not its grant", introspected(func(s *authserver.TokenState) { s.Revoked = s.Own }))
	add("RFC7662-2.2-3", "introspection-cache", "keeps the first answer about a token, whatever is revoked", introspected(func(s *authserver.TokenState) { s.Revoked = s.Revoked && !s.Asked }))
	add("RFC7662-2.2-3", "introspection-forgets-revocation", "forgets after 20 seconds what was revoked", introspected(func(s *authserver.TokenState) { s.Revoked = s.Revoked && s.For < 20 }))
	add("RFC7662-2.2-3", "introspection-expired", "does not look at the age of refreshed tokens, nor of those that clients have for themselves", introspected(func(s *authserver.TokenState) {
		if s.Refreshed || s.Alone {
			s.Overdue = -1
		}
	}))
	add("RFC7662-2.2-3", "introspection-by-hint", "calls a good token inactive where the hint names the other kind (RFC 7662 section 2.1; no entry says so)", introspected(func(s *authserver.TokenState) { s.Revoked = s.Revoked || s.Hint != "" && s.Hint != s.Kind }))
	add("RFC7009-2-1", "revoke-refresh-without-hint", "answers 200 to the revocation of a refresh token without a hint, and does nothing", func(p *policy) {
		p.Revokes = func(r authserver.Revocation) bool { return r.Kind != "refresh_token" || r.Hint != "" }
	})
	add("RFC7009-2.1-5", "revoke-refresh-odd-hint", "answers 200 to the revocation of a refresh token with a hint that it does not know, and does nothing", func(p *policy) {
		p.Revokes = func(r authserver.Revocation) bool {
			return r.Kind != "refresh_token" || slices.Contains([]string{"", "refresh_token", "access_token"}, r.Hint)
		}
	})
	add("RFC7009-2.1-2", "revoke-own-by-any", "lets every client revoke tokens that others have for themselves", func(p *policy) {
		p.Owns = func(o authserver.Ownership) bool { return o.Owner == o.Caller || o.Alone }
	})
	add("RFC7009-2-1", "revoked-refresh-forgotten", "takes a revoked refresh token again after 20 seconds", lacking("revoked-refresh-forgotten"))
	add("RFC7009-2.1-4", "grant-forgotten-after-20s", "forgets after 20 seconds that the grant of a token was revoked", func(p *policy) {
		p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.ByGrant && s.For > 20 }
	})

	// Authorization details.
	add("RFC9396-5-1", "details-malformed-in-object", "looks at authorization details in forms, and not in request objects", func(p *policy) {
		p.TakesDetail = func(d authserver.Detail) bool { return d.InObject || authserver.ConformingDetail(d) }
	})
	add("RFC9396-9-1", "details-introspection-other", "tells other authorization details at introspection than in the token", told(authserver.DetailsAtIntrospection, odd))
	add("RFC9396-7-1", "details-missing-on-refresh", "does not tell authorization details where tokens are refreshed", told(authserver.DetailsInRefresh, nil))

	// Metadata and keys.
	add("FAPI2-SP-5.3.2.1-1b", "second-place-in-clear", "names http endpoints at the place of RFC 8414 (a warning at RFC8414-3-D1 alone)", secondPlace(inClear))
	add("RFC9449-5.1-1", "second-place-dpop-none", "lists none and HS256 for proofs at the place of RFC 8414 (the same)", secondPlace(func(said map[string]any) { said["dpop_signing_alg_values_supported"] = []any{"none", "HS256"} }))
	add("RFC8705-3.3-1", "second-place-bound-text", "has a text for a boolean at the place of RFC 8414 (the same)", secondPlace(func(said map[string]any) { said["tls_client_certificate_bound_access_tokens"] = "true" }))
	add("RFC8705-5-2", "second-place-alias-in-clear", "has http aliases at the place of RFC 8414 (the same)", secondPlace(func(said map[string]any) {
		aliases, _ := said["mtls_endpoint_aliases"].(map[string]any)
		aliases = maps.Clone(aliases)
		inClear(aliases)
		said["mtls_endpoint_aliases"] = aliases
	}))
	add("FAPI2-SP-5.3.2.1-1b", "second-place-without-par", "has no PAR endpoint at the place of RFC 8414, nor anything of PKCE and iss", secondPlace(func(said map[string]any) {
		for _, name := range []string{"pushed_authorization_request_endpoint", "require_pushed_authorization_requests", "code_challenge_methods_supported", "authorization_response_iss_parameter_supported"} {
			delete(said, name)
		}
	}))
	add("FAPI2-SP-5.4.1-1.2c", "id-token-alg-other-than-announced", "announces PS256 for id_tokens, and signs by ES256", authserver.InMetadata(func(said map[string]any) { said["id_token_signing_alg_values_supported"] = []any{"PS256"} }))
	add("FAPI2-SP-5.4.1-1.2c", "assertion-alg-other-than-announced", "announces EdDSA for assertions, and takes the others", authserver.InMetadata(func(said map[string]any) {
		said["token_endpoint_auth_signing_alg_values_supported"] = []any{"EdDSA"}
	}))
	add("RFC8414-2-7", "methods-other-than-taken", "announces client_secret_basic alone, and takes assertions and certificates", authserver.InMetadata(func(said map[string]any) {
		said["token_endpoint_auth_methods_supported"] = []any{"client_secret_basic"}
	}))
	add("OIDC-CORE-3.1.3.7-R", "signing-key-for-encryption", "publishes the key by which it signs as one for encryption", published("use", "enc"))
	add("OIDC-CORE-3.1.3.7-R", "signing-key-of-another-algorithm", "publishes the key by which it signs as one for PS256", published("alg", "PS256"))
	return all
}
