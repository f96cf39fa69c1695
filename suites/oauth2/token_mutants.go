package oauth2

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// tokenAnswer edits the answers of the token endpoint that hold a token.
func tokenAnswer(p *authserver.Policy, edit func(edited map[string]any)) {
	p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
		if _, granted := complete["access_token"]; !granted || at != authserver.EndpointToken {
			return complete
		}
		edited := maps.Clone(complete)
		edit(edited)
		return edited
	}
}

func tokenMutants() []mutant.Mutant {
	header := func(name, value string, when func(authserver.Given) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenHeader = func(about authserver.Given, complete http.Header) http.Header {
				if !when(about) {
					return complete
				}
				edited := complete.Clone()
				if edited.Del(name); value != "" {
					edited.Set(name, value)
				}
				return edited
			}
		}
	}
	always, onRefresh := func(authserver.Given) bool { return true }, func(about authserver.Given) bool { return about.Refreshed }
	alone := func(about authserver.Given) bool { return about.Alone }
	body := func(edit func(edited map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) { tokenAnswer(p, edit) }
	}
	known := func(asked string) string {
		return strings.Join(slices.DeleteFunc(strings.Fields(asked), func(word string) bool { return !authserver.KnownWord(word) }), " ")
	}
	return []mutant.Mutant{{
		Name:   "token-response-may-be-stored",
		Breaks: TokenResponseHeader,
		How:    "leaves Cache-Control out of token responses",
		Policy: header("Cache-Control", "", always),
	}, {
		Name:   "token-response-with-no-cache",
		Breaks: TokenResponseHeader,
		How:    "sends Cache-Control: no-cache, which has caches ask again and lets them store, with token responses",
		Policy: header("Cache-Control", "no-cache, private", always),
	}, {
		Name:   "refreshed-token-response-may-be-stored",
		Breaks: TokenResponseHeader,
		How:    "leaves Cache-Control out of the responses to refresh tokens",
		Policy: header("Cache-Control", "", onRefresh),
	}, {
		Name:   "client-credentials-may-be-stored",
		Breaks: TokenResponseHeader,
		How:    "leaves Cache-Control out where a client asks for itself",
		Policy: header("Cache-Control", "", alone),
	}, {
		Name:   "client-credentials-as-text",
		Breaks: TokenResponseHeader,
		How:    "calls the response to a client that asks for itself text/plain",
		Policy: header("Content-Type", "text/plain", alone),
	}, {
		Name:   "token-response-as-text",
		Breaks: TokenResponseHeader,
		How:    "calls its token responses text/plain",
		Policy: header("Content-Type", "text/plain; charset=utf-8", always),
	}, {
		Name:   "token-response-without-token-type",
		Breaks: TokenResponseBody,
		How:    "leaves token_type out of token responses",
		Policy: body(func(edited map[string]any) { delete(edited, "token_type") }),
	}, {
		Name:   "token-lifetime-as-text",
		Breaks: TokenResponseBody,
		How:    "writes expires_in as text, as its template does with every value",
		Policy: body(func(edited map[string]any) { edited["expires_in"] = "50" }),
	}, {
		Name:   "token-lifetime-below-zero",
		Breaks: TokenResponseBody,
		How:    "says with -1 that it does not tell when a token expires",
		Policy: body(func(edited map[string]any) { edited["expires_in"] = -1 }),
	}, {
		Name:   "token-lifetime-untold",
		Breaks: TokenResponseBody,
		How:    "leaves expires_in out of token responses",
		Policy: body(func(edited map[string]any) { delete(edited, "expires_in") }),
		Warns:  true,
	}, {
		Name:   "narrower-scope-told-alone",
		Breaks: GrantedScopeTold,
		How:    "names in a refresh response the scope that was asked for, and gives a token of all that was granted",
		Policy: func(p *authserver.Policy) {
			p.RefreshScope = func(r authserver.Rescoping) (string, bool) {
				_, ok := authserver.NoMoreScope(r)
				return r.Granted, ok
			}
			p.RefreshScopeTold = func(given, asked string) string {
				if asked != "" {
					return asked
				}
				return given
			}
		},
	}, {
		Name:   "code-scope-as-asked",
		Breaks: GrantedScopeTold,
		How:    "gives for a code the scope that the token request asks for",
		Policy: func(p *authserver.Policy) {
			p.CodeScope = func(granted, asked string) string {
				if asked != "" {
					return asked
				}
				return granted
			}
		},
		Warns: true,
	}, {
		Name:   "unknown-scopes-dropped-unsaid",
		Breaks: GrantedScopeTold,
		How:    "drops the scopes that it does not know, and never says which were granted",
		Policy: func(p *authserver.Policy) {
			p.KnownScope = func(string) bool { return true }
			p.GrantedScope = known
			tokenAnswer(p, func(edited map[string]any) { delete(edited, "scope") })
		},
	}}
}
