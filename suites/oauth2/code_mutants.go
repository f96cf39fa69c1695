package oauth2

import (
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

func codeMutants() []mutant.Mutant {
	redirectURI := func(accept func(authserver.Redemption) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SameRedirectURI = accept }
	}
	passes := func(accept func(sent, issued string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PassesForCode = func(c authserver.CodeLike) bool { return !c.Redeemed && accept(c.Sent, c.Issued) }
		}
	}
	redeems := func(as string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PassesForCode = func(c authserver.CodeLike) bool { return !c.Redeemed && c.Kind == as }
		}
	}
	host := func(address string) string {
		parsed, err := url.Parse(address)
		if err != nil {
			return ""
		}
		return parsed.Host
	}
	return []mutant.Mutant{{
		Name:   "refresh-token-redeemed",
		Breaks: CodesKnown,
		How:    "takes a refresh token for a code",
		Policy: redeems("refresh_token"),
	}, {
		Name:   "access-token-redeemed",
		Breaks: CodesKnown,
		How:    "takes an access token for a code",
		Policy: redeems("access_token"),
	}, {
		Name:   "id-token-redeemed",
		Breaks: CodesKnown,
		How:    "takes an id_token for a code, as it is signed by the server and names user and client",
		Policy: redeems("id_token"),
	}, {
		Name:       "token-redirect-uri-ignored",
		Breaks:     SameRedirectURI,
		AlsoBreaks: []*requirement.Requirement{RedirectURIPresent}, // who does not look at it does not miss it
		How:        "does not look at redirect_uri where a code is redeemed",
		Policy:     redirectURI(func(authserver.Redemption) bool { return true }),
	}, {
		Name:   "token-redirect-uri-anything",
		Breaks: SameRedirectURI, AlsoBreaks: []*requirement.Requirement{RedirectURIPresent},
		How:    "wants a redirect_uri where a code is redeemed, and compares it with nothing",
		Policy: redirectURI(func(r authserver.Redemption) bool { return r.Present }),
	}, {
		Name:   "token-redirect-uri-without-openid",
		Breaks: SameRedirectURI, AlsoBreaks: []*requirement.Requirement{RedirectURIPresent},
		How:    "compares redirect_uri in the part that knows OpenID Connect, and only looks whether there is one where openid was not asked for",
		Policy: redirectURI(func(r authserver.Redemption) bool { return r.Present && (r.Sent == r.Issued || !r.OpenID) }),
	}, {
		Name:   "token-redirect-uri-at-the-same-host",
		Breaks: SameRedirectURI,
		How:    "compares the host of the redirect_uri where a code is redeemed",
		Policy: redirectURI(func(r authserver.Redemption) bool { return r.Present && host(r.Sent) == host(r.Issued) }),
	}, {
		Name:   "token-redirect-uri-by-its-beginning",
		Breaks: SameRedirectURI,
		How:    "looks whether the redirect_uri begins with that of the request where a code is redeemed",
		Policy: redirectURI(func(r authserver.Redemption) bool { return r.Present && strings.HasPrefix(r.Sent, r.Issued) }),
	}, {
		Name:   "token-redirect-uri-without-its-query",
		Breaks: SameRedirectURI,
		How:    "compares redirect URIs without their queries where a code is redeemed",
		Policy: redirectURI(func(r authserver.Redemption) bool {
			sent, _, _ := strings.Cut(r.Sent, "?")
			issued, _, _ := strings.Cut(r.Issued, "?")
			return r.Present && sent == issued
		}),
	}, {
		Name:   "token-redirect-uri-in-any-case",
		Breaks: SameRedirectURI,
		How:    "compares redirect URIs without regard to case where a code is redeemed, paths too",
		Policy: redirectURI(func(r authserver.Redemption) bool { return strings.EqualFold(r.Sent, r.Issued) }),
	}, {
		Name:   "token-redirect-uri-trimmed",
		Breaks: SameRedirectURI,
		How:    "takes slashes and fragments off a redirect_uri where a code is redeemed",
		Policy: redirectURI(func(r authserver.Redemption) bool {
			before, _, _ := strings.Cut(r.Sent, "#")
			return strings.TrimRight(before, "/") == r.Issued
		}),
	}, {
		Name:   "token-redirect-uri-without-its-scheme",
		Breaks: SameRedirectURI,
		How:    "compares what stands behind the scheme of redirect URIs where a code is redeemed",
		Policy: redirectURI(func(r authserver.Redemption) bool {
			_, sent, _ := strings.Cut(r.Sent, "://")
			_, issued, _ := strings.Cut(r.Issued, "://")
			return r.Present && sent == issued
		}),
	}, {
		Name:   "token-redirect-uri-registered",
		Breaks: SameRedirectURI,
		How:    "looks whether the redirect_uri is one of the client's where a code is redeemed, and not whether it is that of the request",
		Policy: redirectURI(func(r authserver.Redemption) bool { return slices.Contains(r.Registered, r.Sent) }),
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "token-redirect-uri-optional",
		Breaks: RedirectURIPresent,
		How:    "compares the redirect_uri where a code is redeemed, and only if there is one",
		Policy: redirectURI(func(r authserver.Redemption) bool { return !r.Present || r.Sent == r.Issued }),
		Warns:  true,
	}, {
		Name:   "token-redirect-uri-empty",
		Breaks: RedirectURIPresent,
		How:    "wants redirect_uri to be there where a code is redeemed, and compares it if it is not empty",
		Policy: redirectURI(func(r authserver.Redemption) bool { return r.Present && (r.Sent == "" || r.Sent == r.Issued) }),
		Warns:  true,
	}, {
		Name:   "token-redirect-uri-optional-without-openid",
		Breaks: RedirectURIPresent,
		How:    "misses redirect_uri where a code is redeemed in the part that knows OpenID Connect alone",
		Policy: redirectURI(func(r authserver.Redemption) bool { return r.Sent == r.Issued || !r.Present && !r.OpenID }),
		Warns:  true,
	}, {
		Name:   "code-and-more",
		Breaks: CodesKnown,
		How:    "takes what begins with a code, as it cuts off what its column has no room for",
		Policy: passes(func(sent, issued string) bool { return strings.HasPrefix(sent, issued) }),
	}, {
		Name:   "code-anything",
		Breaks: CodesKnown,
		How:    "takes whatever is sent as code for the one that the client was given last",
		Policy: passes(func(string, string) bool { return true }),
	}, {
		Name:   "code-by-a-search",
		Breaks: CodesKnown,
		How:    "searches for a code that begins with what is sent",
		Policy: passes(func(sent, issued string) bool { return sent != "" && strings.HasPrefix(issued, sent) }),
	}, {
		Name:   "code-in-a-short-column",
		Breaks: CodesKnown,
		How:    "keeps codes in a column of 20 characters, and compares as many",
		Policy: passes(func(sent, issued string) bool { return len(sent) >= 20 && sent[:20] == issued[:20] }),
	}, {
		Name:   "code-in-any-case",
		Breaks: CodesKnown,
		How:    "looks codes up in a database that does not know capital letters from small ones",
		Policy: passes(strings.EqualFold),
	}}
}
