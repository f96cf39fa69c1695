package fapi2sp

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
		{Name: "code-reusable-where-bound", Breaks: CodeOnce, How: "redeems codes again that are bound to a key of DPoP proofs", Policy: odd("code-reusable-where-bound")},
		{Name: "code-reusable-after-revocation", Breaks: CodeOnce, How: "knows that a code was redeemed by the tokens that it gave, and forgets it when the client revokes one", Policy: odd("code-reusable-after-revocation")},
		{Name: "code-rearmed-by-a-failure", Breaks: CodeOnce, How: "puts a code back when a try to redeem it fails, were it redeemed before or not", Policy: odd("code-rearmed-by-a-failure")},
		{Name: "code-lives-where-bound", Breaks: CodeLifetime, How: "has codes live for ten minutes that are bound to a key of DPoP proofs", Policy: odd("code-lives-where-bound")},
		{Name: "plain-where-dpop-jkt-is-sent", Breaks: PKCEPlain, How: "takes plain where the request names the key of DPoP proofs", Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool { return sent == "plain" && a.NamesKey }
		}},
		{Name: "iss-missing-by-post", Breaks: IssuerInResponse, How: "leaves iss out where the request came by POST", Policy: odd("iss-missing-by-post")},
		{Name: "revoked-tokens-revive-by-a-refresh", Breaks: RevokedToken, How: "has all tokens of a grant live again when it is refreshed", Policy: odd("revoked-tokens-revive-by-a-refresh")},
	}
}
