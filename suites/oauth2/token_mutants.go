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
	header := func(name, value string, when func(refreshed bool) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenHeader = func(refreshed bool, complete http.Header) http.Header {
				if !when(refreshed) {
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
	always, onRefresh := func(bool) bool { return true }, func(refreshed bool) bool { return refreshed }
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
