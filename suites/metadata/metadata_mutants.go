package metadata

import (
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

// Mutants are banks with one mistake each in what they say of themselves.
func Mutants() []mutant.Mutant {
	at := func(place string, change func(map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.MetadataAt = func(asked string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if asked == place {
					change(edited)
				}
				return edited
			}
		}
	}
	publishes := func(change func([]map[string]any) []map[string]any) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.PublishedKeys = change }
	}
	names := func(change func(issuer string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(_ authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edited["iss"] = change(edited["iss"].(string))
				return edited
			}
		}
	}
	const openid, oauth = "openid-configuration", "oauth-authorization-server"
	encryptionKey := map[string]any{
		"kty": "EC", "crv": "P-256", "kid": "for-encryption", "alg": "ECDH-ES",
		"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
	}
	also := func(requirements ...*requirement.Requirement) []*requirement.Requirement { return requirements }
	return []mutant.Mutant{{
		Name:            "metadata-issuer-with-query",
		Breaks:          IssuerForm,
		AlsoBreaks:      also(IssuerAsConfigured, PlacesAgree),
		How:             "has its tenant in the query of the issuer, at one of the well-known places",
		OnMetadataAlone: true,
		Policy:          at(oauth, func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "?tenant=1" }),
	}, {
		Name:            "metadata-issuer-with-a-user",
		Breaks:          IssuerForm,
		AlsoBreaks:      also(IssuerAsConfigured, PlacesAgree),
		How:             "has the name of its tenant before the host of the issuer, at one of the well-known places",
		OnMetadataAlone: true,
		Warns:           true,
		Policy: at(oauth, func(m map[string]any) {
			m["issuer"] = strings.Replace(m["issuer"].(string), "https://", "https://tenant@", 1)
		}),
	}, {
		Name:            "metadata-issuer-of-another-at-one-place",
		Breaks:          IssuerAsConfigured,
		AlsoBreaks:      also(PlacesAgree),
		How:             "names the host it was installed on first as issuer, at the place of RFC 8414",
		OnMetadataAlone: true,
		Policy:          at(oauth, func(m map[string]any) { m["issuer"] = "https://staging.example" }),
	}, {
		Name:       "metadata-issuer-of-another-for-openid",
		Breaks:     PlaceOfAProvider,
		AlsoBreaks: also(IssuerAsConfigured, PlacesAgree),
		How:        "has metadata of another issuer where OpenID Connect looks for its own",
		Policy:     at(openid, func(m map[string]any) { m["issuer"] = "https://staging.example" }),
	}, {
		Name:            "metadata-without-authorization-endpoint-at-one-place",
		Breaks:          EndpointsNamed,
		How:             "does not name its authorization endpoint at the place of RFC 8414",
		OnMetadataAlone: true,
		Policy:          at(oauth, func(m map[string]any) { delete(m, "authorization_endpoint") }),
	}, {
		Name:            "metadata-without-response-types",
		Breaks:          ResponseTypesNamed,
		AlsoBreaks:      also(MembersOfAProvider),
		How:             "does not list its response types",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { delete(m, "response_types_supported") }),
	}, {
		Name:            "metadata-response-types-as-text",
		Breaks:          ResponseTypesNamed,
		AlsoBreaks:      also(MembersOfAProvider),
		How:             "says its response type as text instead of an array",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { m["response_types_supported"] = "code" }),
	}, {
		Name:            "metadata-response-types-of-hybrid",
		Breaks:          ResponseTypesNamed,
		How:             "lists the response types of the time before it was changed over",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { m["response_types_supported"] = []any{"code id_token"} }),
	}, {
		Name:   "encryption-key-beside-keys-without-use",
		Breaks: KeysSayTheirUse,
		How:    "publishes a key for encryption, and does not say which key is for what",
		Policy: publishes(func(complete []map[string]any) []map[string]any {
			var keys []map[string]any
			for _, key := range append(slices.Clone(complete), encryptionKey) {
				without := maps.Clone(key)
				delete(without, "use")
				keys = append(keys, without)
			}
			return keys
		}),
	}, {
		Name:   "encryption-key-without-use",
		Breaks: KeysSayTheirUse,
		How:    "publishes a key for encryption, and says of the others alone what they are for",
		Policy: publishes(func(complete []map[string]any) []map[string]any { return append(slices.Clone(complete), encryptionKey) }),
	}, {
		Name:   "private-key-published",
		Breaks: MembersOfAProvider,
		How:    "writes out its signing key as its library has it, the private half with it",
		Policy: publishes(func(complete []map[string]any) []map[string]any {
			whole := maps.Clone(complete[0])
			whole["d"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE" // of nobody
			return append([]map[string]any{whole}, complete[1:]...)
		}),
	}, {
		Name:   "certificate-of-the-key-before-published",
		Breaks: MembersOfAProvider,
		How:    "has exchanged its signing key, and goes on to publish the certificate of the one before",
		Policy: publishes(func(complete []map[string]any) []map[string]any {
			certified := maps.Clone(complete[0])
			certified["x5c"] = []string{authserver.CertificateOfNobody()}
			return append([]map[string]any{certified}, complete[1:]...)
		}),
	}, {
		Name:   "secret-published-among-the-keys",
		Breaks: MembersOfAProvider,
		How:    "lists the secret by which it signs its cookies among its keys",
		Policy: publishes(func(complete []map[string]any) []map[string]any {
			return append(slices.Clone(complete), map[string]any{"kty": "oct", "kid": "cookies", "use": "sig", "k": "b2Ygbm9ib2R5"})
		}),
	}, {
		Name:            "metadata-none-for-assertions",
		Breaks:          UnsignedNotNamed,
		How:             "lists none among the algorithms of client assertions",
		OnMetadataAlone: true,
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["token_endpoint_auth_signing_alg_values_supported"] = []any{"PS256", "ES256", "none"}
		}),
	}, {
		Name:            "metadata-none-for-assertions-at-revocation",
		Breaks:          UnsignedNotNamed,
		How:             "lists none among the algorithms of client assertions at the revocation endpoint",
		OnMetadataAlone: true,
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["revocation_endpoint_auth_signing_alg_values_supported"] = []any{"PS256", "ES256", "none"}
		}),
	}, {
		Name:            "metadata-without-algorithms-of-assertions",
		Breaks:          AlgorithmsNamed,
		How:             "offers client assertions and does not say by which algorithms",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { delete(m, "token_endpoint_auth_signing_alg_values_supported") }),
	}, {
		Name:            "metadata-without-algorithms-of-assertions-at-introspection",
		Breaks:          AlgorithmsNamed,
		How:             "offers client assertions at introspection and does not say by which algorithms",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { delete(m, "introspection_endpoint_auth_signing_alg_values_supported") }),
	}, {
		Name:            "metadata-without-refresh-grant",
		Breaks:          GrantsNamed,
		How:             "refreshes tokens and does not list that grant",
		OnMetadataAlone: true,
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["grant_types_supported"] = []any{"authorization_code", "client_credentials"}
		}),
	}, {
		Name:            "metadata-differ-in-token-endpoint",
		Breaks:          PlacesAgree,
		How:             "has forgotten one of the two well-known places when its token endpoint moved",
		OnMetadataAlone: true,
		Policy:          at(oauth, func(m map[string]any) { m["token_endpoint"] = m["token_endpoint"].(string) + "/v1" }),
	}, {
		Name:            "metadata-differ-in-methods",
		Breaks:          PlacesAgree,
		How:             "lists fewer ways to authenticate at one of the two well-known places",
		OnMetadataAlone: true,
		Policy:          at(oauth, func(m map[string]any) { m["token_endpoint_auth_methods_supported"] = []any{"private_key_jwt"} }),
	}, {
		Name:            "metadata-as-text",
		Breaks:          AnswerForm,
		How:             "serves its metadata from a file store, as text/plain",
		OnMetadataAlone: true,
		Policy: func(p *authserver.Policy) {
			p.MetadataType = func(string) string { return "text/plain; charset=utf-8" }
		},
	}, {
		Name:            "metadata-as-bytes-at-one-place",
		Breaks:          AnswerForm,
		How:             "serves its metadata without saying what they are, at the place of RFC 8414",
		OnMetadataAlone: true,
		Policy: func(p *authserver.Policy) {
			p.MetadataType = func(place string) string {
				if place == oauth {
					return "application/octet-stream"
				}
				return "application/json"
			}
		},
	}, {
		Name:            "metadata-with-an-empty-list",
		Breaks:          NothingEmpty,
		How:             "lists no display values instead of leaving the list out",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { m["display_values_supported"] = []any{} }),
	}, {
		Name:            "metadata-without-subject-types",
		Breaks:          MembersOfAProvider,
		How:             "does not say which kinds of sub it has",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { delete(m, "subject_types_supported") }),
	}, {
		Name:            "metadata-subject-types-as-text",
		Breaks:          MembersOfAProvider,
		AlsoBreaks:      also(PlacesAgree),
		How:             "says its kind of sub as text instead of an array, at the place of OpenID Connect",
		OnMetadataAlone: true,
		Policy:          at(openid, func(m map[string]any) { m["subject_types_supported"] = "public" }),
	}, {
		Name:            "metadata-without-par-at-one-place",
		Breaks:          PlacesAgree,
		How:             "has no PAR endpoint at the place of RFC 8414, nor anything of PKCE and iss: somebody made that by hand long ago",
		OnMetadataAlone: true,
		Warns:           true,
		Policy: at(oauth, func(m map[string]any) {
			for _, name := range []string{
				"pushed_authorization_request_endpoint", "require_pushed_authorization_requests", "code_challenge_methods_supported", "authorization_response_iss_parameter_supported",
			} {
				delete(m, name)
			}
		}),
	}, {
		Name:            "metadata-without-openid-among-scopes",
		Breaks:          OpenIDScopeNamed,
		How:             "lists the scopes of its own resources only",
		OnMetadataAlone: true,
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["scopes_supported"] = slices.DeleteFunc(slices.Clone(m["scopes_supported"].([]any)), func(scope any) bool { return scope == "openid" })
		}),
	}, {
		Name:   "id-token-iss-with-a-slash",
		Breaks: IssuerOfIDTokens,
		How:    "puts a slash behind the issuer in id_tokens",
		Policy: names(func(issuer string) string { return issuer + "/" }),
	}, {
		Name:   "id-token-iss-of-the-inside",
		Breaks: IssuerOfIDTokens,
		How:    "names the host by which it is known behind the proxy in id_tokens",
		Policy: names(func(string) string { return "https://as-7.bank.internal" }),
	}, {
		Name:   "id-token-iss-without-scheme",
		Breaks: IssuerOfIDTokens,
		How:    "names the issuer in id_tokens without https, as one of the first providers did",
		Policy: names(func(issuer string) string { return strings.TrimPrefix(issuer, "https://") }),
	}}
}
