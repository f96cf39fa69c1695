package jar

import (
	"slices"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/target"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant { return slices.Concat(besideMutants(), objectMutants()) }

func besideMutants() []mutant.Mutant {
	wins := func(good func(f authserver.Front) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.FrontWins = good }
	}
	return []mutant.Mutant{{
		Name:   "state-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "carries the state in the URL instead of the one that was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "state" && f.Pushed }),
	}, {
		Name:   "state-beside-request-uri-where-none-was-pushed",
		Breaks: OnlyWhatWasPushed,
		How:    "takes state from the URL where none was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "state" && !f.Pushed }),
	}, {
		Name:   "nonce-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "puts the nonce in the URL into the id_token instead of the one that was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "nonce" && f.Pushed }),
	}, {
		Name:   "nonce-beside-request-uri-where-none-was-pushed",
		Breaks: OnlyWhatWasPushed,
		How:    "takes nonce from the URL where none was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "nonce" && !f.Pushed }),
	}, {
		Name:   "challenge-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "binds the code to the code_challenge in the URL, so that whoever makes the link can redeem it",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "code_challenge" }),
	}, {
		Name:   "scope-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "grants the scope in the URL instead of the one that was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "scope" }),
	}, {
		Name:    "thumbprint-beside-request-uri",
		Breaks:  OnlyWhatWasPushed,
		How:     "binds the code to the dpop_jkt in the URL",
		Policy:  wins(func(f authserver.Front) bool { return f.Name == "dpop_jkt" }),
		Binding: target.DPoP,
	}, {
		Name:   "parameters-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "reads the parameters in the URL over those that were pushed",
		Policy: wins(func(authserver.Front) bool { return true }),
	}}
}
