package bearer

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/mtls"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	twice := func(at authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenTwice = func(where authserver.Endpoint) bool { return where == at }
		}
	}
	tooStrict := func(at authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Possession = func(shown authserver.Possession) bool {
				return authserver.ProvedPossession(shown) && (shown.Bound != "mtls" || shown.Endpoint != at || shown.Scheme == "Bearer")
			}
		}
	}
	challenges := func(about func(challenge string) bool, edit func(complete []string) []string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Challenges = func(complete []string) []string {
				if !slices.ContainsFunc(complete, about) {
					return complete
				}
				return edit(complete)
			}
		}
	}
	toNobody := func(challenge string) bool { return challenge == `Bearer realm="reference bank"` }
	toBadTokens := func(challenge string) bool { return strings.Contains(challenge, `error="invalid_token"`) }
	none := func([]string) []string { return nil }
	return []mutant.Mutant{{
		Name:       "token-in-two-places",
		Breaks:     TokenOnce,
		AlsoBreaks: []*requirement.Requirement{dpop.OneScheme},
		How:        "takes the access token from the Authorization header and passes over another one in the query",
		Policy:     twice(authserver.EndpointResource),
	}, {
		Name:       "token-in-two-places-at-userinfo",
		Breaks:     TokenOnce,
		AlsoBreaks: []*requirement.Requirement{dpop.OneScheme},
		How:        "takes the access token from the Authorization header and passes over another one in the query, at the userinfo endpoint",
		Policy:     twice(authserver.EndpointUserinfo),
	}, {
		Name:   "token-in-header-and-form",
		Breaks: TokenOnce,
		How:    "takes the access token from the Authorization header and passes over another one in the form of userinfo",
		Policy: func(p *authserver.Policy) { p.TokenAlsoInBody = func() bool { return true } },
	}, {
		Name:   "scheme-compared-to-the-letter",
		Breaks: SchemeInAnyCase,
		How:    "looks for the word Bearer with a capital letter",
		Policy: tooStrict(authserver.EndpointResource),
	}, {
		Name:   "scheme-compared-to-the-letter-at-userinfo",
		Breaks: SchemeInAnyCase,
		How:    "looks for the word Bearer with a capital letter at the userinfo endpoint",
		Policy: tooStrict(authserver.EndpointUserinfo),
	}, {
		Name:   "no-challenge-without-a-token",
		Breaks: Challenged,
		How:    "has a gateway in front that answers 401 and no challenge to requests without a token",
		Policy: challenges(toNobody, none),
	}, {
		Name:       "no-challenge-to-a-bad-token",
		Breaks:     Challenged,
		AlsoBreaks: []*requirement.Requirement{dpop.Challenge, dpop.ChallengeSays},
		How:        "answers 401 with the error in the body alone to tokens that are not good",
		Policy:     challenges(toBadTokens, none),
	}, {
		Name:   "challenge-that-is-none",
		Breaks: Challenged,
		How:    "has an empty WWW-Authenticate for requests without a token",
		Policy: challenges(toNobody, func([]string) []string { return []string{""} }),
	}, {
		Name:   "error-without-a-token",
		Breaks: NoErrorYet,
		How:    "names the error invalid_token to who shows no token",
		Policy: challenges(toNobody, func(complete []string) []string {
			return append(slices.Clone(complete[1:]), complete[0]+`, error="invalid_token"`)
		}),
	}, {
		Name:       "bad-request-without-a-token",
		Breaks:     NoErrorYet,
		AlsoBreaks: []*requirement.Requirement{Challenged, StatusFits, mtls.MismatchAnswer},
		How:        "answers 400 wherever it gets no good token",
		Policy: func(p *authserver.Policy) {
			p.TokenRefusal = func(authserver.Endpoint) int { return http.StatusBadRequest }
		},
	}, {
		Name:   "invalid-token-called-an-invalid-request",
		Breaks: StatusFits,
		How:    "answers 401 with invalid_request to tokens that are not good",
		Policy: challenges(toBadTokens, func(complete []string) []string {
			var edited []string
			for _, challenge := range complete {
				edited = append(edited, strings.Replace(challenge, "invalid_token", "invalid_request", 1))
			}
			return edited
		}),
	}}
}
