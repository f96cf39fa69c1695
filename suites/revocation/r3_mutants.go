package revocation

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
		{Name: "revoked-refresh-token-revives", Breaks: RefreshTokens, How: "forgets after twelve seconds that a refresh token was revoked", Policy: odd("revoked-refresh-token-revives")},
	}
}
