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
		{Name: "code-owner-without-openid", Breaks: CodeOfItsClient, How: "looks whose code it is where openid was asked for", Policy: odd("code-owner-without-openid")},
		{Name: "refresh-owner-without-openid", Breaks: RefreshTokenOfItsClient, How: "looks whose refresh token it is where openid was granted", Policy: odd("refresh-owner-without-openid")},
		{Name: "token-redirect-without-openid", Breaks: SameRedirectURI, How: "compares redirect_uri at the token endpoint where openid was asked for", Policy: odd("token-redirect-without-openid")},
		{Name: "state-lost-without-openid", Breaks: StateUnchanged, How: "returns state where openid was asked for", Policy: odd("state-lost-without-openid")},
		{Name: "client-credentials-with-refresh-token", Breaks: TokenResponseHeader, How: "gives a refresh token to a client that asks for itself (RFC 6749 section 4.4.3; no entry)", Policy: odd("client-credentials-with-refresh-token")},
		{Name: "client-credentials-with-openid", Breaks: TokenResponseHeader, How: "grants openid to a client that asks for itself (no entry)", Policy: odd("client-credentials-with-openid")},
		{Name: "error-description-with-quotes", Breaks: ErrorForm, How: "quotes what was wrong in error_description at the redirect URI (RFC 6749 section 4.1.2.1; no entry)", Policy: odd("error-description-with-quotes")},
	}
}
