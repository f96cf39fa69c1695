package oauth2

import (
	"slices"

	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	return slices.Concat(
		stateMutants(),
		codeMutants(),
		ownerMutants(),
		tokenMutants(),
		requestMutants(),
		authorizationMutants(),
		errorMutants(),
		challengeMutants(),
		refreshMutants(),
	)
}
