package fapi2sp

import (
	"maps"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/par"
)

func discoveryMutants() []mutant.Mutant {
	edit := func(change func(map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Metadata = func(complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				change(edited)
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "metadata-nowhere",
		Breaks: MetadataPublished,
		How:    "serves its metadata at neither well-known place",
		Policy: func(p *authserver.Policy) { p.ServesMetadata = func(string) bool { return false } },
	}, {
		Name:   "metadata-of-another-issuer",
		Breaks: MetadataPublished,
		How:    "names the host it was installed on first as issuer",
		Policy: edit(func(m map[string]any) { m["issuer"] = "https://staging.example" }),
	}, {
		Name:   "metadata-issuer-with-slash",
		Breaks: MetadataPublished,
		How:    "adds a slash to the issuer in its metadata",
		Policy: edit(func(m map[string]any) { m["issuer"] = m["issuer"].(string) + "/" }),
	}, {
		Name:   "metadata-without-jwks",
		Breaks: MetadataNamesEndpoints,
		How:    "signs id_tokens and does not say where its keys are",
		Policy: edit(func(m map[string]any) { delete(m, "jwks_uri") }),
	}, {
		Name:   "metadata-without-par",
		Breaks: par.EndpointAnnounced,
		// Who can't find the endpoint can't do anything.
		AlsoBreaks: requirements(MetadataNamesEndpoints, ClientsAuthenticate, AssertionForIssuer, PushedRequests, ResponseTypeCode),
		How:        "has a PAR endpoint and does not say where",
		Policy: edit(func(m map[string]any) {
			delete(m, "pushed_authorization_request_endpoint")
			delete(m, "mtls_endpoint_aliases")
		}),
	}, {
		Name:       "metadata-token-endpoint-in-cleartext",
		Breaks:     MetadataNamesEndpoints,
		AlsoBreaks: requirements(ClientsAuthenticate, AssertionForIssuer),
		How:        "names the http address of the token endpoint that its gateway talks to",
		Policy: edit(func(m map[string]any) {
			m["token_endpoint"] = "http" + strings.TrimPrefix(m["token_endpoint"].(string), "https")
		}),
	}, {
		Name:       "metadata-alias-of-par-in-cleartext",
		Breaks:     par.EndpointSecure,
		AlsoBreaks: requirements(MetadataNamesEndpoints),
		How:        "names an http address of the PAR endpoint for clients with certificates",
		Policy: edit(func(m map[string]any) {
			aliases := maps.Clone(m["mtls_endpoint_aliases"].(map[string]any))
			aliases["pushed_authorization_request_endpoint"] = "http" + strings.TrimPrefix(aliases["pushed_authorization_request_endpoint"].(string), "https")
			m["mtls_endpoint_aliases"] = aliases
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "metadata-keys-in-cleartext",
		Breaks: MetadataNamesEndpoints,
		How:    "publishes its keys at an http address",
		Policy: edit(func(m map[string]any) { m["jwks_uri"] = "http" + strings.TrimPrefix(m["jwks_uri"].(string), "https") }),
	}}
}
