package oauth2

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func refreshMutants() []mutant.Mutant {
	asAsked := func(granted, asked string) (string, bool) {
		if asked == "" {
			return granted, true
		}
		return asked, true
	}
	passes := func(as string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.PassesForRefreshToken = func(kind string) bool { return kind == as } }
	}
	return []mutant.Mutant{{
		Name:   "access-token-refreshes",
		Breaks: RefreshedToken,
		How:    "keeps all tokens in one table, and takes an access token for a refresh token",
		Policy: passes("access_token"),
	}, {
		Name:   "id-token-refreshes",
		Breaks: RefreshedToken,
		How:    "takes an id_token for a refresh token, as it is signed by the server and names user and client",
		Policy: passes("id_token"),
	}, {
		Name:   "code-refreshes",
		Breaks: RefreshedToken,
		How:    "takes a code for a refresh token, and asks for no verifier then",
		Policy: passes("code"),
	}, {
		Name:   "refreshed-scope-as-asked",
		Breaks: RefreshedScope,
		How:    "grants on refresh what is asked for, if the server has it",
		Policy: func(p *authserver.Policy) { p.RefreshScope = asAsked },
	}, {
		Name:   "refreshed-scope-as-asked-and-unsaid",
		Breaks: RefreshedScope,
		How:    "grants on refresh what is asked for, and names the scope in no token response",
		Policy: func(p *authserver.Policy) {
			p.RefreshScope = asAsked
			tokenAnswer(p, func(edited map[string]any) { delete(edited, "scope") })
		},
	}, {
		Name:   "refreshed-scope-of-the-registration",
		Breaks: RefreshedScope,
		How:    "grants on refresh everything that the client is registered for",
		Policy: func(p *authserver.Policy) {
			p.RefreshScope = func(string, string) (string, bool) { return "openid accounts", true }
		},
	}, {
		Name:   "refresh-tokens-for-nothing",
		Breaks: RefreshedToken,
		How:    "hands out refresh tokens, and has the grant for them switched off",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool { return g.Grant == "authorization_code" }
		},
	}}
}
