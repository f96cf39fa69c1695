package oauth2

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// thirdRefutation are the banks of the third refuter that nothing has caught.
func thirdRefutation() []mutant.Mutant {
	odd := func(mistake string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Odd = func(asked string) bool { return asked == mistake } }
	}
	return []mutant.Mutant{
		{Name: "code-scope-as-asked", Breaks: GrantedScopeTold, How: "gives for a code the scope that the token request asks for", Policy: odd("code-scope-as-asked")},
		{Name: "refresh-token-by-its-beginning", Breaks: RefreshedToken, How: "finds refresh tokens by their first sixteen characters", Policy: odd("refresh-token-by-its-beginning")},
		{Name: "refresh-token-in-any-case", Breaks: RefreshedToken, How: "compares refresh tokens without regard to case", Policy: odd("refresh-token-in-any-case")},
		{Name: "refresh-token-and-more", Breaks: RefreshedToken, How: "takes what begins with a refresh token", Policy: odd("refresh-token-and-more")},
		{Name: "scope-widened-the-second-time", Breaks: RefreshedScope, How: "looks at the scope when a refresh token is used for the first time", Policy: odd("scope-widened-the-second-time")},
		{Name: "scope-widened-by-openid", Breaks: RefreshedScope, How: "adds openid to what was granted where a refresh asks for it", Policy: odd("scope-widened-by-openid")},
		{Name: "narrower-scope-told-alone", Breaks: GrantedScopeTold, How: "names in a refresh response the scope that was asked for, and gives a token of the whole", Policy: odd("narrower-scope-told-alone")},
		{Name: "client-credentials-may-be-stored", Breaks: TokenResponseHeader, How: "forgets no-store where a client asks for itself", Policy: odd("client-credentials-may-be-stored")},
		{Name: "client-credentials-as-text", Breaks: TokenResponseHeader, How: "calls the response to a client that asks for itself text", Policy: odd("client-credentials-as-text")},
		{Name: "client-credentials-with-refresh-token", Breaks: TokenResponseHeader, How: "gives a refresh token to a client that asks for itself (RFC 6749 section 4.4.3; no entry)", Policy: odd("client-credentials-with-refresh-token")},
		{Name: "client-credentials-with-openid", Breaks: TokenResponseHeader, How: "grants openid to a client that asks for itself (no entry)", Policy: odd("client-credentials-with-openid")},
		{Name: "error-description-with-quotes", Breaks: ErrorForm, How: "quotes what was wrong in error_description at the redirect URI (RFC 6749 section 4.1.2.1; no entry)", Policy: odd("error-description-with-quotes")},
	}
}
