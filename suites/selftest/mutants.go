package selftest

import (
	"slices"

	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/issuer"
	"github.com/fapitest/fapitest/suites/jwt"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
)

// Mutants returns every mutant, in the order of the suites.
func Mutants() []mutant.Mutant {
	return slices.Concat(
		fapi2sp.Mutants(),
		dpop.Mutants(),
		par.Mutants(),
		assertion.Mutants(),
		jwt.Mutants(),
		pkce.Mutants(),
		issuer.Mutants(),
		oauth2.Mutants(),
	)
}
