package fapi2sp

import (
	"slices"

	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this profile's requirements, in the order of the topics.
func Mutants() []mutant.Mutant {
	return slices.Concat(
		transportMutants(),
		discoveryMutants(),
		clientAuthenticationMutants(),
		algorithmMutants(),
		proofAlgorithmMutants(),
		requestObjectMutants(),
		keyMutants(),
		idTokenMutants(),
		parMutants(),
		pkceMutants(),
		authorizationMutants(),
		redirectMutants(),
		codeMutants(),
		tokenMutants(),
		refreshMutants(),
		bindingMutants(),
		refreshedKeyMutants(),
		resourceMutants(),
		chanceMutants(),
		crossingMutants(),
	)
}
