package cdr

import "github.com/fapitest/fapitest/fixtures/mutant"

// Mutants returns the banks that break what the standards ask.
func Mutants() []mutant.Mutant { return nil }
