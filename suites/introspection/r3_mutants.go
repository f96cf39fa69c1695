package introspection

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
		{Name: "dpop-scheme-at-introspection", Breaks: Authorized, How: "takes any token of the scheme DPoP for client authentication at the introspection endpoint", Policy: odd("dpop-scheme-at-introspection")},
	}
}
