package fapi2sp

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/metadata"
	"github.com/fapitest/fapitest/suites/openid"
)

func keyMutants() []mutant.Mutant {
	adds := func(keys ...map[string]any) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PublishedKeys = func(complete []map[string]any) []map[string]any { return slices.Concat(complete, keys) }
		}
	}
	heads := func(kind, name, value string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SigningHeader = func(of string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if of == kind {
					edited[name] = value
				}
				return edited
			}
		}
	}
	announces := func(list ...any) func(names ...string) func(*authserver.Policy) {
		return func(names ...string) func(*authserver.Policy) {
			return authserver.InMetadata(func(m map[string]any) {
				for _, name := range names {
					m[name] = list
				}
			})
		}
	}
	// Numbers that look like those of keys; nobody computes with them.
	number := func(bytes int) string {
		raw := make([]byte, bytes)
		for i := range raw {
			raw[i] = byte(0x81 + 7*i)
		}
		raw[0] |= 0x80
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return []mutant.Mutant{{
		Name:   "id-token-by-rs256",
		Breaks: SigningAlgorithms,
		How:    "signs id_tokens by RS256, as OpenID Connect has it by default",
		Policy: authserver.Signing("id_token", "RS256"),
	}, {
		Name:   "id-token-by-es512",
		Breaks: SigningAlgorithms, AlsoBreaks: requirements(openid.PassesChecks),
		How:    "signs id_tokens by ES512, which is stronger and not of the profile",
		Policy: authserver.Signing("id_token", "ES512"),
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:       "id-token-unsigned",
		Breaks:     openid.NeverUnsigned,
		AlsoBreaks: requirements(SigningAlgorithms),
		How:        "does not sign id_tokens that come straight from the token endpoint (OpenID Connect Core section 3.1.3.7 lets clients pass over the signature)",
		Policy:     authserver.Signing("id_token", "none"),
		Auth:       "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "refreshed-id-token-by-rs256",
		Breaks: SigningAlgorithms,
		How:    "signs id_tokens by RS256 where tokens are refreshed",
		Policy: authserver.Signing(authserver.KindRefreshed, "RS256"),
	}, {
		Name:       "refreshed-id-token-unsigned",
		Breaks:     openid.NeverUnsigned,
		AlsoBreaks: requirements(SigningAlgorithms),
		How:        "does not sign id_tokens where tokens are refreshed",
		Policy:     authserver.Signing(authserver.KindRefreshed, "none"),
	}, {
		Name:       "refreshed-id-token-with-jku",
		Breaks:     NoKeyAddresses,
		AlsoBreaks: requirements(openid.NoKeysInHeader),
		How:        "has the address of its keys in the header of id_tokens of a refresh",
		Policy: func(p *authserver.Policy) {
			p.SigningHeader = func(kind string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if kind == authserver.KindRefreshed {
					edited["jku"] = "https://localhost/jwks"
				}
				return edited
			}
		},
	}, {
		Name:   "id-token-by-rs256-for-another-client",
		Breaks: SigningAlgorithms,
		How:    "signs id_tokens by RS256 for a client that was registered without an algorithm",
		Policy: func(p *authserver.Policy) {
			authserver.Signing("id_token by default", "RS256")(p)
			p.IDTokenKind = func(about authserver.IDToken) string {
				if strings.HasSuffix(about.Client, "-second") {
					return "id_token by default"
				}
				return authserver.KindOfIDToken(about)
			}
		},
		Auth: "private_key_jwt", // such clients alone have another one of their kind
	}, {
		Name:   "userinfo-by-rs256-unannounced",
		Breaks: SigningAlgorithms,
		How:    "answers at userinfo with a JWT by RS256, and announces no such thing",
		Policy: func(p *authserver.Policy) {
			authserver.Signing("userinfo", "RS256")(p)
			p.UserinfoForm = func(authserver.IDToken) (string, bool) { return "application/jwt", true }
		},
	}, {
		Name:   "id-token-algorithm-unannounced",
		Breaks: SigningAlgorithms,
		How:    "announces PS256 for id_tokens, and signs them by ES256",
		Policy: announces("PS256")("id_token_signing_alg_values_supported"),
		Warns:  true,
	}, {
		Name:   "access-token-by-rs256",
		Breaks: SigningAlgorithms,
		How:    "signs access tokens by RS256",
		Policy: authserver.Signing("access_token", "RS256"),
		Warns:  true,
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:            "announces-rs256-for-assertions",
		OnMetadataAlone: true,
		Breaks:          AnnouncedAlgorithms,
		How:             "announces RS256 alone for client assertions, and takes those of the profile",
		Policy:          announces("RS256")("token_endpoint_auth_signing_alg_values_supported"),
		Auth:            "private_key_jwt", Binding: "mtls",
	}, {
		Name:            "announces-rs256-for-assertions-at-revocation",
		OnMetadataAlone: true,
		Breaks:          AnnouncedAlgorithms,
		How:             "announces RS256 alone for client assertions at the revocation endpoint",
		Policy:          announces("RS256", "RS512")("revocation_endpoint_auth_signing_alg_values_supported"),
		Auth:            "private_key_jwt", Binding: "mtls",
	}, {
		Name:            "announces-rs256-for-id-tokens",
		OnMetadataAlone: true,
		Breaks:          AnnouncedAlgorithms,
		How:             "announces RS256 alone for id_tokens",
		Policy:          announces("RS256")("id_token_signing_alg_values_supported"),
		Auth:            "private_key_jwt", Binding: "dpop",
	}, {
		Name:            "announces-other-algorithms-for-proofs",
		OnMetadataAlone: true,
		Breaks:          AnnouncedAlgorithms,
		How:             "announces the larger curves alone for DPoP proofs",
		Policy:          announces("ES384", "ES512")("dpop_signing_alg_values_supported"),
		Auth:            "private_key_jwt", Binding: "dpop",
	}, {
		Name:            "announces-rs256-for-request-objects",
		OnMetadataAlone: true,
		Breaks:          AnnouncedAlgorithms,
		How:             "announces RS256 alone for request objects",
		Policy:          announces("none", "RS256")("request_object_signing_alg_values_supported"),
		Auth:            "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "key-of-1024-bits",
		Breaks: RSAKeyLength,
		How:    "still publishes an RSA key of 1024 bits from long ago",
		Policy: adds(map[string]any{"kty": "RSA", "kid": "old", "use": "sig", "e": "AQAB", "n": number(128)}),
	}, {
		Name:   "key-with-the-exponent-one",
		Breaks: RSAKeyLength,
		How:    "publishes an RSA key with the public exponent 1, by which everybody can sign",
		Policy: adds(map[string]any{"kty": "RSA", "kid": "old", "use": "sig", "e": "AQ", "n": number(256)}),
	}, {
		Name:   "encryption-key-of-1536-bits",
		Breaks: RSAKeyLength,
		How:    "has an RSA key of 1536 bits for what clients encrypt to it",
		Policy: adds(map[string]any{"kty": "RSA", "kid": "enc", "use": "enc", "alg": "RSA-OAEP", "e": "AQAB", "n": number(192)}),
	}, {
		Name:   "key-on-a-small-curve",
		Breaks: CurveSize,
		How:    "still publishes a key on P-192",
		Policy: adds(map[string]any{"kty": "EC", "kid": "old", "use": "sig", "crv": "P-192", "x": number(24), "y": number(24)}),
	}, {
		Name:   "keys-nowhere",
		Breaks: KeySetOverTLS,
		How:    "names an address for its keys where nothing is",
		Policy: authserver.InMetadata(func(m map[string]any) { m["jwks_uri"] = m["jwks_uri"].(string) + "/v1" }),
	}, {
		Name:       "keys-by-value",
		Breaks:     KeysByAddress,
		AlsoBreaks: requirements(MetadataNamesEndpoints, metadata.MembersOfAProvider),
		How:        "puts its keys into the metadata by value",
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["jwks"] = map[string]any{"keys": []any{}}
			delete(m, "jwks_uri")
		}),
	}, {
		Name:       "id-token-with-jku",
		Breaks:     NoKeyAddresses,
		AlsoBreaks: requirements(openid.NoKeysInHeader),
		How:        "has the address of its keys in the header of id_tokens",
		Policy:     heads("id_token", "jku", "https://localhost/jwks"),
		Auth:       "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "access-token-with-x5u",
		Breaks: NoKeyAddresses,
		How:    "has the address of its certificate in the header of access tokens",
		Policy: heads("access_token", "x5u", "https://localhost/certificate"),
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "keys-of-one-name",
		Breaks: KeyIDsDiffer,
		How:    "publishes the key that comes next under the name of the one that is in use",
		Policy: func(p *authserver.Policy) {
			p.PublishedKeys = func(complete []map[string]any) []map[string]any {
				next := maps.Clone(complete[0])
				next["kty"], next["alg"], next["n"], next["e"] = "RSA", "PS256", number(256), "AQAB"
				return append(slices.Clone(complete), next)
			}
		},
	}, {
		Name:   "first-key-of-a-name",
		Breaks: Namesakes,
		How:    "takes the first registered key that has the kid, and looks at nothing else",
		Policy: func(p *authserver.Policy) { p.TriesNamesakes = func() bool { return false } },
	}, {
		Name:       "identity-without-openid",
		Breaks:     IdentityByOpenID,
		AlsoBreaks: requirements(NonceCarried, openid.IDTokenComes, metadata.MembersOfAProvider, metadata.OpenIDScopeNamed),
		How:        "knows nothing of OpenID Connect, and puts sub and email into the token response",
		Policy: func(p *authserver.Policy) {
			authserver.InMetadata(func(m map[string]any) {
				m["scopes_supported"] = []any{"accounts"}
				delete(m, "id_token_signing_alg_values_supported")
			})(p)
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				if at != authserver.EndpointToken || complete["access_token"] == nil {
					return complete
				}
				edited := maps.Clone(complete)
				delete(edited, "id_token")
				edited["sub"], edited["email"] = "user-248289761001", "alice@bank.example"
				return edited
			}
		},
	}}
}
