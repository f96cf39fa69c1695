package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// thirdRefutation are the banks of the third refuter that nothing has caught.
func thirdRefutation() []mutant.Mutant {
	odd := func(mistake string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Odd = func(asked string) bool { return asked == mistake } }
	}
	return []mutant.Mutant{
		{Name: "bearer-at-par", Breaks: PARClientAuthentication, How: "takes any Bearer token for client authentication at the PAR endpoint", Policy: odd("bearer-at-par")},
		{Name: "basic-that-can-not-be-read", Breaks: PARClientAuthentication, How: "lets a client through that sends an Authorization header of Basic which can not be read", Policy: odd("basic-that-can-not-be-read")},
		{Name: "bearer-at-token", Breaks: ConfidentialOnly, How: "takes any Bearer token for client authentication at the token endpoint", Policy: odd("bearer-at-token")},
		{Name: "code-reusable-without-openid", Breaks: CodeOnce, How: "redeems codes again that came without openid", Policy: odd("code-reusable-without-openid")},
		{Name: "code-reusable-for-second", Breaks: CodeOnce, How: "redeems codes again of clients that were enrolled later", Policy: odd("code-reusable-for-second")},
		{Name: "code-lives-for-second", Breaks: CodeLifetime, How: "has codes of clients live for ten minutes that were enrolled later", Policy: odd("code-lives-for-second")},
		{Name: "verifier-without-openid", Breaks: PKCEVerifier, How: "compares verifiers where openid was asked for", Policy: odd("verifier-without-openid")},
		{Name: "verifier-for-second", Breaks: PKCEVerifier, How: "compares the verifiers of the client for which it was switched on", Policy: odd("verifier-for-second")},
		{Name: "plain-without-openid", Breaks: PKCEPlain, How: "takes plain where openid is not asked for", Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool {
				return sent == "plain" && !strings.Contains(a.Scope, "openid")
			}
		}},
		{Name: "iss-missing-without-openid", Breaks: IssuerInResponse, How: "leaves iss out where openid was not asked for", Policy: odd("iss-missing-without-openid")},
	}
}
