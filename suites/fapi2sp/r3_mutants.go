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
		{Name: "code-reusable-without-openid", Breaks: CodeOnce, How: "redeems codes again that came without openid", Policy: odd("code-reusable-without-openid")},
		{Name: "code-reusable-for-second", Breaks: CodeOnce, How: "redeems codes again of clients that were enrolled later", Policy: odd("code-reusable-for-second")},
		{Name: "code-reusable-where-bound", Breaks: CodeOnce, How: "redeems codes again that are bound to a key of DPoP proofs", Policy: odd("code-reusable-where-bound")},
		{Name: "code-reusable-after-revocation", Breaks: CodeOnce, How: "knows that a code was redeemed by the tokens that it gave, and forgets it when the client revokes one", Policy: odd("code-reusable-after-revocation")},
		{Name: "code-rearmed-by-a-failure", Breaks: CodeOnce, How: "puts a code back when a try to redeem it fails, were it redeemed before or not", Policy: odd("code-rearmed-by-a-failure")},
		{Name: "code-lives-for-second", Breaks: CodeLifetime, How: "has codes of clients live for ten minutes that were enrolled later", Policy: odd("code-lives-for-second")},
		{Name: "code-lives-where-bound", Breaks: CodeLifetime, How: "has codes live for ten minutes that are bound to a key of DPoP proofs", Policy: odd("code-lives-where-bound")},
		{Name: "verifier-without-openid", Breaks: PKCEVerifier, How: "compares verifiers where openid was asked for", Policy: odd("verifier-without-openid")},
		{Name: "verifier-for-second", Breaks: PKCEVerifier, How: "compares the verifiers of the client for which it was switched on", Policy: odd("verifier-for-second")},
		{Name: "plain-without-openid", Breaks: PKCEPlain, How: "takes plain where openid is not asked for", Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool {
				return sent == "plain" && !strings.Contains(a.Scope, "openid")
			}
		}},
		{Name: "plain-where-dpop-jkt-is-sent", Breaks: PKCEPlain, How: "takes plain where the request names the key of DPoP proofs", Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool { return sent == "plain" && a.NamesKey }
		}},
		{Name: "iss-missing-by-post", Breaks: IssuerInResponse, How: "leaves iss out where the request came by POST", Policy: odd("iss-missing-by-post")},
		{Name: "iss-missing-without-openid", Breaks: IssuerInResponse, How: "leaves iss out where openid was not asked for", Policy: odd("iss-missing-without-openid")},
		{Name: "revoked-tokens-revive-by-a-refresh", Breaks: RevokedToken, How: "has all tokens of a grant live again when it is refreshed", Policy: odd("revoked-tokens-revive-by-a-refresh")},
	}
}
