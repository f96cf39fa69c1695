package fapi2sp

import (
	"maps"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/introspection"
	"github.com/fapitest/fapitest/suites/metadata"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/par"
)

// atOAuth is a bank that says something else at the place of RFC 8414 alone.
func atOAuth(change func(said map[string]any)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.MetadataAt = func(place string, complete map[string]any) map[string]any {
			said := maps.Clone(complete)
			if place == "oauth-authorization-server" {
				change(said)
			}
			return said
		}
	}
}

func discoveryMutants() []mutant.Mutant {
	alias := func(address string) func(*authserver.Policy) {
		return authserver.InMetadata(func(m map[string]any) {
			aliases := maps.Clone(m["mtls_endpoint_aliases"].(map[string]any))
			aliases["end_session_endpoint"] = address
			m["mtls_endpoint_aliases"] = aliases
		})
	}
	return []mutant.Mutant{{
		Name:       "metadata-nowhere",
		Breaks:     MetadataPublished,
		AlsoBreaks: requirements(metadata.PlaceOfAProvider),
		How:        "serves its metadata at neither well-known place",
		Policy:     func(p *authserver.Policy) { p.ServesMetadata = func(string) bool { return false } },
	}, {
		Name:       "metadata-of-another-issuer",
		Breaks:     MetadataPublished,
		AlsoBreaks: requirements(metadata.IssuerAsConfigured, metadata.PlaceOfAProvider),
		How:        "names the host it was installed on first as issuer",
		Policy:     authserver.InMetadata(func(m map[string]any) { m["issuer"] = "https://staging.example" }),
	}, {
		Name:       "metadata-issuer-with-slash",
		Breaks:     MetadataPublished,
		AlsoBreaks: requirements(metadata.IssuerAsConfigured, metadata.PlaceOfAProvider),
		How:        "adds a slash to the issuer in its metadata",
		Policy:     authserver.InMetadata(func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" }),
	}, {
		Name:       "metadata-without-jwks",
		Breaks:     MetadataNamesEndpoints,
		AlsoBreaks: requirements(KeysByAddress, metadata.MembersOfAProvider),
		How:        "signs id_tokens and does not say where its keys are",
		Policy:     authserver.InMetadata(func(m map[string]any) { delete(m, "jwks_uri") }),
	}, {
		Name:            "metadata-in-clear-at-one-place",
		Breaks:          MetadataNamesEndpoints,
		AlsoBreaks:      requirements(metadata.PlacesAgree),
		How:             "names http endpoints at the place of RFC 8414, as its gateway has them within",
		OnMetadataAlone: true,
		Policy: atOAuth(func(said map[string]any) {
			for name, value := range said {
				if text, isText := value.(string); isText && name != "issuer" {
					said[name] = strings.Replace(text, "https://", "http://", 1)
				}
			}
		}),
	}, {
		Name:            "metadata-with-unsigned-proofs-at-one-place",
		Breaks:          dpop.Algorithms,
		AlsoBreaks:      requirements(metadata.PlacesAgree),
		How:             "lists none and HS256 for proofs at the place of RFC 8414",
		OnMetadataAlone: true,
		Policy:          atOAuth(func(said map[string]any) { said["dpop_signing_alg_values_supported"] = []any{"none", "HS256"} }),
	}, {
		Name:            "metadata-binds-by-a-text-at-one-place",
		Breaks:          mtls.BindingAnnounced,
		AlsoBreaks:      requirements(metadata.PlacesAgree),
		How:             "has a text for the boolean that says that tokens are bound to certificates, at the place of RFC 8414",
		OnMetadataAlone: true,
		Policy:          atOAuth(func(said map[string]any) { said["tls_client_certificate_bound_access_tokens"] = "true" }),
	}, {
		Name:            "metadata-aliases-in-clear-at-one-place",
		Breaks:          mtls.AliasesForm,
		AlsoBreaks:      requirements(metadata.PlacesAgree),
		How:             "has http addresses for clients with certificates at the place of RFC 8414",
		OnMetadataAlone: true,
		Policy: atOAuth(func(said map[string]any) {
			aliases, _ := said["mtls_endpoint_aliases"].(map[string]any)
			aliases = maps.Clone(aliases)
			for name, address := range aliases {
				aliases[name] = strings.Replace(address.(string), "https://", "http://", 1)
			}
			said["mtls_endpoint_aliases"] = aliases
		}),
	}, {
		Name:   "metadata-without-par",
		Breaks: par.EndpointAnnounced,
		// Who can't find the endpoint can't do anything.
		AlsoBreaks: requirements(MetadataNamesEndpoints, ClientsAuthenticate, AssertionForIssuer, PushedRequests, ResponseTypeCode),
		How:        "has a PAR endpoint and does not say where",
		Policy: authserver.InMetadata(func(m map[string]any) {
			delete(m, "pushed_authorization_request_endpoint")
			delete(m, "mtls_endpoint_aliases")
		}),
	}, {
		Name:       "metadata-token-endpoint-in-cleartext",
		Breaks:     MetadataNamesEndpoints,
		AlsoBreaks: requirements(ClientsAuthenticate, AssertionForIssuer, TLSAlone),
		How:        "names the http address of the token endpoint that its gateway talks to",
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["token_endpoint"] = "http" + strings.TrimPrefix(m["token_endpoint"].(string), "https")
		}),
	}, {
		Name:       "metadata-alias-of-par-in-cleartext",
		Breaks:     par.EndpointSecure,
		AlsoBreaks: requirements(MetadataNamesEndpoints, mtls.AliasesForm, TLSAlone),
		How:        "names an http address of the PAR endpoint for clients with certificates",
		Policy: authserver.InMetadata(func(m map[string]any) {
			aliases := maps.Clone(m["mtls_endpoint_aliases"].(map[string]any))
			aliases["pushed_authorization_request_endpoint"] = "http" + strings.TrimPrefix(aliases["pushed_authorization_request_endpoint"].(string), "https")
			m["mtls_endpoint_aliases"] = aliases
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:       "metadata-alias-of-introspection-in-cleartext",
		Breaks:     introspection.EndpointSecure,
		AlsoBreaks: requirements(MetadataNamesEndpoints, mtls.AliasesForm, TLSAlone),
		How:        "names an http address of the introspection endpoint for clients with certificates",
		Policy: authserver.InMetadata(func(m map[string]any) {
			aliases := maps.Clone(m["mtls_endpoint_aliases"].(map[string]any))
			aliases["introspection_endpoint"] = "http" + strings.TrimPrefix(aliases["introspection_endpoint"].(string), "https")
			m["mtls_endpoint_aliases"] = aliases
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:       "alias-without-a-host",
		Breaks:     mtls.AliasesForm,
		AlsoBreaks: requirements(TLSAlone),
		How:        "lists an alias as a path without a host",
		Policy:     alias("/mtls/logout"),
	}, {
		Name:       "alias-in-cleartext",
		Breaks:     mtls.AliasesForm,
		AlsoBreaks: requirements(TLSAlone),
		How:        "lists an alias by http, as it is called behind the proxy that speaks TLS",
		Policy:     alias("http://bank.example/logout"),
	}, {
		Name:       "alias-with-a-user",
		Breaks:     mtls.AliasesForm,
		AlsoBreaks: requirements(MetadataNamesEndpoints),
		How:        "lists an alias with the name and password by which its gateway is let in",
		Policy: authserver.InMetadata(func(m map[string]any) {
			aliases := maps.Clone(m["mtls_endpoint_aliases"].(map[string]any))
			aliases["end_session_endpoint"] = strings.Replace(m["end_session_endpoint"].(string), "https://", "https://gateway:inside@", 1)
			m["mtls_endpoint_aliases"] = aliases
		}),
		Warns: true,
	}, {
		Name:   "metadata-endpoint-with-a-user",
		Breaks: MetadataNamesEndpoints,
		How:    "names the endpoint of logouts with the bank's name before the host",
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["end_session_endpoint"] = strings.Replace(m["end_session_endpoint"].(string), "https://", "https://bank.example@", 1)
		}),
		Warns: true,
	}, {
		Name:   "metadata-authorization-endpoint-with-fragment",
		Breaks: MetadataNamesEndpoints,
		How:    "names as authorization endpoint a place in its page",
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["authorization_endpoint"] = m["authorization_endpoint"].(string) + "#/login"
		}),
	}, {
		Name:   "metadata-token-endpoint-with-fragment",
		Breaks: MetadataNamesEndpoints,
		How:    "names as token endpoint a place in its documentation",
		Policy: authserver.InMetadata(func(m map[string]any) {
			m["token_endpoint"] = m["token_endpoint"].(string) + "#code"
		}),
	}, {
		Name:       "metadata-keys-in-cleartext",
		Breaks:     MetadataNamesEndpoints,
		AlsoBreaks: requirements(KeySetOverTLS, TLSAlone),
		How:        "publishes its keys at an http address",
		Policy:     authserver.InMetadata(func(m map[string]any) { m["jwks_uri"] = "http" + strings.TrimPrefix(m["jwks_uri"].(string), "https") }),
	}}
}
