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
	// forgets takes dpop_jkt and forgets it where that holds; proofs are compared.
	forgets := func(where func(authserver.CodeKey) bool) func(p *authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CodeKey = func(k authserver.CodeKey) bool {
				if where(k) {
					k.ByThumbprint = ""
				}
				return authserver.BoundKeyOnly(k)
			}
		}
	}
	forgetsProof := func(where func(authserver.CodeKey) bool) func(p *authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CodeKey = func(k authserver.CodeKey) bool { return authserver.BoundKeyOnly(k) || where(k) }
		}
	}
	return []mutant.Mutant{{
		Name:   "code-not-bound-by-dpop-jkt-in-an-object",
		Breaks: CodeBoundByThumbprint,
		How:    "reads dpop_jkt in forms, and not in request objects",
		Policy: forgets(func(k authserver.CodeKey) bool { return k.InObject }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "code-not-bound-by-dpop-jkt-without-openid",
		Breaks: CodeBoundByThumbprint,
		How:    "binds codes to dpop_jkt where openid is asked for",
		Policy: forgets(func(k authserver.CodeKey) bool { return !k.OpenID }),
	}, {
		Name:   "code-not-bound-by-an-odd-dpop-jkt",
		Breaks: CodeBoundByThumbprint,
		How:    "takes a dpop_jkt that is no thumbprint, and binds the code to nothing",
		Policy: func(p *authserver.Policy) {
			p.Thumbprint = func(string) bool { return true }
			forgets(func(k authserver.CodeKey) bool { return len(k.ByThumbprint) != 43 })(p)
		},
	}, {
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
	}, {
		Name:   "code-not-bound-by-the-proof-in-an-object",
		Breaks: CodeBoundByProof,
		How:    "remembers the key of the proof at the PAR endpoint where the parameters came in the form",
		Policy: forgetsProof(func(k authserver.CodeKey) bool { return k.InObject && k.ByThumbprint == "" }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "code-not-bound-by-the-proof-without-openid",
		Breaks: CodeBoundByProof,
		How:    "remembers the key of the proof at the PAR endpoint where openid is asked for",
		Policy: forgetsProof(func(k authserver.CodeKey) bool { return !k.OpenID && k.ByThumbprint == "" }),
	}, {
		Name:   "code-not-bound-where-both-were-sent",
		Breaks: CodeBoundByThumbprint,
		How:    "compares dpop_jkt with the key of the proof beside it at the PAR endpoint, and remembers neither",
		Policy: func(p *authserver.Policy) {
			p.CodeKey = func(k authserver.CodeKey) bool {
				return authserver.BoundKeyOnly(k) || k.ByThumbprint != "" && k.ByThumbprint == k.ByProof
			}
		},
	}}
}
