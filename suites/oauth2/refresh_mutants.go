package oauth2

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func refreshMutants() []mutant.Mutant {
	asAsked := func(r authserver.Rescoping) (string, bool) {
		if r.Asked == "" {
			return r.Granted, true
		}
		return r.Asked, true
	}
	widens := func(where func(authserver.Rescoping) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RefreshScope = func(r authserver.Rescoping) (string, bool) {
				if where(r) {
					return asAsked(r)
				}
				return authserver.NoMoreScope(r)
			}
		}
	}
	like := func(found func(sent, issued string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.AlsoRefreshToken = found }
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
			p.RefreshScope = func(authserver.Rescoping) (string, bool) { return "openid accounts", true }
		},
	}, {
		Name:   "refreshed-scope-as-text",
		Breaks: RefreshedScope,
		How:    "looks for the scopes that a refresh asks for in the text of the granted ones",
		Policy: widens(func(r authserver.Rescoping) bool {
			return !slices.ContainsFunc(strings.Fields(r.Asked), func(word string) bool { return !strings.Contains(r.Granted, word) })
		}),
	}, {
		Name:   "scope-widened-the-second-time",
		Breaks: RefreshedScope,
		How:    "looks at the scope when a refresh token is used for the first time",
		Policy: widens(func(r authserver.Rescoping) bool { return r.Again }),
	}, {
		Name:   "scope-widened-by-openid",
		Breaks: RefreshedScope,
		How:    "adds openid to what was granted where a refresh asks for it",
		Policy: widens(func(r authserver.Rescoping) bool { return r.Asked == r.Granted+" openid" }),
	}, {
		Name:   "refresh-token-by-its-beginning",
		Breaks: RefreshedToken,
		How:    "finds refresh tokens by their first sixteen characters, which its table holds as an index",
		Policy: like(func(sent, issued string) bool { return len(sent) >= 16 && strings.HasPrefix(issued, sent[:16]) }),
	}, {
		Name:   "refresh-token-in-any-case",
		Breaks: RefreshedToken,
		How:    "looks refresh tokens up in a database that compares text without regard to case",
		Policy: like(strings.EqualFold),
	}, {
		Name:   "refresh-token-and-more",
		Breaks: RefreshedToken,
		How:    "takes what begins with a refresh token, as it cuts off what its column has no room for",
		Policy: like(func(sent, issued string) bool { return strings.HasPrefix(sent, issued) }),
	}, {
		Name:   "refresh-tokens-for-nothing",
		Breaks: RefreshedToken,
		How:    "hands out refresh tokens, and has the grant for them switched off",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool { return g.Grant == "authorization_code" }
		},
	}}
}
