package jar

import (
	"maps"
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
		Name:   "challenge-beside-request-uri-without-openid",
		Breaks: OnlyWhatWasPushed,
		How:    "puts the code_challenge in the URL over the one that was pushed, where openid was not asked for",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "code_challenge" && !f.OpenID }),
	}, {
		Name:   "anything-beside-request-uri-without-openid",
		Breaks: OnlyWhatWasPushed,
		How:    "puts what stands in the URL over what was pushed, where openid was not asked for",
		Policy: wins(func(f authserver.Front) bool { return !f.OpenID }),
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
		Name:   "scope-beside-request-uri-by-post",
		Breaks: OnlyWhatWasPushed,
		How:    "grants the scope of a form instead of the one that was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Posted && f.Name == "scope" }),
	}, {
		Name:   "response-mode-beside-request-uri-by-post",
		Breaks: OnlyWhatWasPushed,
		How:    "answers by the response_mode of a form, where none was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Posted && f.Name == "response_mode" }),
	}, {
		Name:   "response-type-beside-request-uri-by-post",
		Breaks: OnlyWhatWasPushed,
		How:    "lets the response_type of a form override the one that was pushed",
		Policy: func(p *authserver.Policy) {
			p.FrontResponseTypeWins = func(_ string, posted bool) bool { return posted }
		},
	}, {
		Name:   "challenge-method-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "compares the verifier by the code_challenge_method in the URL",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "code_challenge_method" }),
	}, {
		Name:   "response-mode-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "answers by the response_mode in the URL, where none was pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "response_mode" }),
	}, {
		Name:   "details-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "grants the authorization_details in the URL, where none were pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "authorization_details" }),
	}, {
		Name:   "details-beside-request-uri-where-some-were-pushed",
		Breaks: OnlyWhatWasPushed,
		How:    "grants the authorization_details in the URL instead of those that were pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "authorization_details" && f.Pushed }),
	}, {
		Name:   "claims-beside-request-uri-where-some-were-pushed",
		Breaks: OnlyWhatWasPushed,
		How:    "tells what the claims in the URL ask for instead of those that were pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "claims" && f.Pushed }),
	}, {
		Name:    "thumbprint-beside-request-uri-where-one-was-pushed",
		Breaks:  OnlyWhatWasPushed,
		How:     "binds the code to the dpop_jkt in the URL instead of the one that was pushed",
		Policy:  wins(func(f authserver.Front) bool { return f.Name == "dpop_jkt" && f.Pushed }),
		Binding: target.DPoP,
	}, {
		Name:   "scope-beside-request-uri-without-openid",
		Breaks: OnlyWhatWasPushed,
		How:    "grants the scope in the URL where what was pushed does not ask for openid, and so openid as well",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "scope" && !f.OpenID }),
	}, {
		Name:   "claims-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "tells what the claims in the URL ask for, where none were pushed",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "claims" }),
	}, {
		Name:   "acr-values-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "goes by the acr_values in the URL",
		Policy: wins(func(f authserver.Front) bool { return f.Name == "acr_values" }),
	}, {
		Name:    "redirect-uri-beside-request-uri",
		Breaks:  OnlyWhatWasPushed,
		How:     "sends the response to the redirect_uri in the URL, where it is another registered one",
		Policy:  wins(func(f authserver.Front) bool { return f.Name == "redirect_uri" }),
		Auth:    target.PrivateKeyJWT,
		Binding: target.DPoP,
	}, {
		Name:   "max-age-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "has auth_time in the id_token where max_age asks for it, and reads that from the URL",
		Policy: func(p *authserver.Policy) {
			wins(func(f authserver.Front) bool { return f.Name == "max_age" })(p)
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if !about.MaxAge {
					delete(edited, "auth_time")
				}
				return edited
			}
		},
	}, {
		Name:   "prompt-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "spares a login by the prompt in the URL, where the one that was pushed wants it",
		Policy: func(p *authserver.Policy) {
			p.Resumes = authserver.Fresh
			wins(func(f authserver.Front) bool { return f.Name == "prompt" })(p)
		},
	}, {
		Name:   "login-age-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "spares a login by the max_age in the URL, where the one that was pushed wants it",
		Policy: func(p *authserver.Policy) {
			p.Resumes = authserver.Fresh
			wins(func(f authserver.Front) bool { return f.Name == "max_age" && f.Pushed })(p)
		},
	}, {
		Name:   "parameters-beside-request-uri",
		Breaks: OnlyWhatWasPushed,
		How:    "reads the parameters in the URL over those that were pushed",
		Policy: wins(func(authserver.Front) bool { return true }),
	}}
}
