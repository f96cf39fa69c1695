package dpop

import "github.com/fapitest/fapitest/fixtures/mutant"

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant { return nil }
