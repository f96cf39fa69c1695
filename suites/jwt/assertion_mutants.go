package jwt

import (
	"cmp"
	"maps"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	secret := func(accept func(authserver.Presented) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PublicSecret = accept
		}
	}
	kinds := func(accept func(authserver.Naming) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				if own := authserver.OneName(n); own != "" {
					return own
				}
				if inside, _ := n.Inside.(string); n.Subject == nil && inside != "" && accept(n) {
					return inside
				}
				return ""
			}
			p.SoundAssertion = func(facts authserver.Assertion) bool {
				if facts.Type == "oauth-authz-req+jwt" && facts.Subject == nil {
					facts.Subject = facts.Client
				}
				return authserver.OwnAssertion(facts)
			}
		}
	}
	typed := func(typ string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SigningHeader = func(kind string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if kind == "introspection" {
					return edited
				}
				if delete(edited, "typ"); kind != "access_token" || typ != "" {
					edited["typ"] = cmp.Or(typ, "JWT")
				}
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "encryption-for-a-signature",
		Breaks: NestedSignature, AlsoElsewhere: []string{"FAPI2-SP-5.4.1-1.3c", "FAPI2-MS-5.3.1-1c"},
		How:    "takes what is encrypted to it for the client's, and does not look at the signature inside",
		Policy: func(p *authserver.Policy) { p.TrustsEncryption = func(string) bool { return true } },
	}, {
		Name:   "encryption-for-a-signature-that-is-missing",
		Breaks: NestedSignature, AlsoElsewhere: []string{"FAPI2-SP-5.4.1-1.3c"},
		How: "checks the signature inside an encrypted request object, unless that says that there is none",
		Policy: func(p *authserver.Policy) {
			p.TrustsEncryption = func(algorithm string) bool { return algorithm == "none" }
		},
	}, {
		Name:   "compressed-request-object",
		Breaks: NotCompressed,
		How:    "unpacks whatever was compressed before it was encrypted",
		Policy: func(p *authserver.Policy) { p.TakesCompressed = func() bool { return true } },
	}, {
		Name:   "access-token-without-typ",
		Breaks: Typed,
		How:    "signs access tokens without typ",
		Policy: typed(""),
	}, {
		Name:   "everything-of-typ-jwt",
		Breaks: Typed,
		How:    "signs everything with typ JWT",
		Policy: typed("JWT"),
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "assertion-by-the-public-key-as-secret",
		Breaks: KeyForAlgorithm,
		How:    "hands the library the client's key, in PEM, and lets it choose the algorithm by the header",
		Policy: secret(func(c authserver.Presented) bool { return c.SecretKnown == "PEM" }),
	}, {
		Name:   "assertion-by-the-bytes-of-the-public-key-at-revocation",
		Breaks: KeyForAlgorithm,
		How:    "hands an older library the bytes of the client's key at the revocation endpoint",
		Policy: secret(func(c authserver.Presented) bool {
			return c.SecretKnown == "DER" && c.Endpoint == authserver.EndpointRevocation
		}),
	}, {
		Name:   "assertion-by-the-public-jwk-on-refresh",
		Breaks: KeyForAlgorithm,
		How:    "hands the library the client's JWK as text where tokens are refreshed",
		Policy: secret(func(c authserver.Presented) bool { return c.SecretKnown == "JWK" && c.Grant == "refresh_token" }),
	}, {
		Name:   "assertion-in-utf-16",
		Breaks: UTF8,
		How:    "guesses the encoding of a JWT's claims by its first bytes",
		Policy: func(p *authserver.Policy) { p.OtherEncodings = func() bool { return true } },
	}, {
		Name:   "assertion-key-looked-for-on-the-net",
		Breaks: HeaderUntrusted,
		How:    "looks at what jku leads to before it looks into the registration",
		Policy: func(p *authserver.Policy) { p.FetchesKeys = func() bool { return true } },
	}, {
		Name:   "request-object-as-assertion",
		Breaks: KindsApart,
		How:    "goes by client_id inside where a JWT has no sub, and so takes request objects for assertions",
		Policy: kinds(func(authserver.Naming) bool { return true }),
	}, {
		Name:   "request-object-as-assertion-at-introspection",
		Breaks: KindsApart,
		How:    "goes by client_id inside where a JWT has no sub, at the introspection endpoint",
		Policy: kinds(func(n authserver.Naming) bool { return n.Endpoint == authserver.EndpointIntrospection }),
	}, {
		Name:   "id-token-as-assertion",
		Breaks: KindsApart,
		How:    "takes whatever it has signed itself for an assertion of the client that is named beside it",
		Policy: func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				if own := authserver.OneName(n); own != "" {
					return own
				}
				if issuer, _ := n.Issuer.(string); len(issuer) > 8 && issuer[:8] == "https://" {
					return n.ClientID
				}
				return ""
			}
			own := func(facts authserver.Assertion) bool { return facts.ByBank }
			p.SoundAssertion = func(facts authserver.Assertion) bool { return own(facts) || authserver.OwnAssertion(facts) }
			p.AssertionAudience = func(a authserver.Audience) bool {
				return authserver.OnlyIssuer(a) || a.ByBank && a.Value == any(a.Client)
			}
		},
	}}
}
