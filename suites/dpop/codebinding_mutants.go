package dpop

import (
	"slices"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	return slices.Concat(proofMutants(), proofAtResourceMutants(), resourceMutants(), nonceMutants(), bindingMutants(), codeBindingMutants())
}

func requirements(all ...*requirement.Requirement) []*requirement.Requirement { return all }

func codeBindingMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "code-not-bound-by-dpop-jkt",
		Breaks: CodeBoundByThumbprint,
		How:    "takes dpop_jkt and forgets it",
		Policy: func(p *authserver.Policy) {
			p.CodeKey = func(k authserver.CodeKey) bool { return k.ByProof == "" || k.ByProof == k.Shown }
		},
	}, {
		Name:   "code-not-bound-by-the-proof",
		Breaks: CodeBoundByProof,
		How:    "checks the proof at the PAR endpoint and does not remember its key",
		Policy: func(p *authserver.Policy) {
			p.CodeKey = func(k authserver.CodeKey) bool { return k.ByThumbprint == "" || k.ByThumbprint == k.Shown }
		},
	}}
}
