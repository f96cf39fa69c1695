package pkce

import (
	"encoding/base64"
	"maps"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	verifier := func(accept func(authserver.Verifier) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.VerifierMatches = accept }
	}
	says := func(at authserver.Endpoint, code, instead, about string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Answer = func(where authserver.Endpoint, complete map[string]any) map[string]any {
				description, _ := complete["error_description"].(string)
				if where != at || complete["error"] != code || !strings.Contains(description, about) {
					return complete
				}
				edited := maps.Clone(complete)
				edited["error"] = instead
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "verifier-of-128-refused",
		Breaks: VerifierLengths,
		How:    "has a column of 64 characters for verifiers, and refuses longer ones",
		Policy: verifier(func(v authserver.Verifier) bool { return len(v.Value) <= 64 && authserver.HashedVerifier(v) }),
	}, {
		Name:   "verifier-with-a-tilde-refused",
		Breaks: VerifierLengths,
		How:    "checks that a verifier is base64url, which the RFC only recommends",
		Policy: verifier(func(v authserver.Verifier) bool {
			return !strings.ContainsAny(v.Value, ".~") && authserver.HashedVerifier(v)
		}),
	}, {
		Name:   "verifier-of-any-authorization",
		Breaks: ChallengeOfCode,
		How:    "keeps the challenges of a client in a set, and looks whether the verifier fits one of them",
		Policy: verifier(func(v authserver.Verifier) bool { return authserver.HashedVerifier(v) || v.Other }),
	}, {
		Name:   "challenge-in-the-code",
		Breaks: ChallengeHidden,
		How:    "puts the challenge into the code, so that it need not be stored",
		Policy: func(p *authserver.Policy) {
			p.CodeText = func(made authserver.Handle, challenge string) string {
				return base64.RawURLEncoding.EncodeToString([]byte(`{"c":"`+challenge+`"}`)) + "." + made.Random
			}
		},
	}, {
		Name:   "challenge-missing-says-unauthorized-client",
		Breaks: ChallengeRefusal,
		How:    "answers a request without challenge with unauthorized_client",
		Policy: says(authserver.EndpointPAR, "invalid_request", "unauthorized_client", "code_challenge is missing"),
	}, {
		Name:   "challenge-method-says-invalid-grant",
		Breaks: ChallengeRefusal,
		How:    "answers a method that it does not have with invalid_grant",
		Policy: says(authserver.EndpointPAR, "invalid_request", "invalid_grant", "code_challenge_method"),
	}, {
		Name:   "verifier-wrong-says-invalid-request",
		Breaks: VerifierRefusal,
		How:    "answers a verifier that does not match with invalid_request",
		Policy: says(authserver.EndpointToken, "invalid_grant", "invalid_request", "the code_verifier"),
	}}
}
