package fapi2sp

import "github.com/fapitest/fapitest/fixtures/mutant"

// Mutants returns the banks that break this profile's requirements, in the order of the topics.
func Mutants() []mutant.Mutant { return nil }
