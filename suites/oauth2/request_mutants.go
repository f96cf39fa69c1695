package oauth2

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func requestMutants() []mutant.Mutant {
	byGet := func(accept func(grant string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.TokenByGet = accept }
	}
	repeated := func(at authserver.Endpoint, how authserver.Repetition) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RepeatedParameter = func(where authserver.Endpoint, _ string) authserver.Repetition {
				if where == at {
					return how
				}
				return authserver.RefuseRepetition
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "token-by-get",
		Breaks: TokenByPost,
		How:    "serves the token endpoint by whatever method, and reads query and form alike",
		Policy: byGet(func(string) bool { return true }),
	}, {
		Name:   "refresh-by-get",
		Breaks: TokenByPost,
		How:    "has a route of its own for refresh, and forgot to say by which method",
		Policy: byGet(func(grant string) bool { return grant == "refresh_token" }),
	}, {
		Name:   "token-parameters-first",
		Breaks: TokenParametersOnce,
		How:    "takes the first of several values at the token endpoint, as its framework does",
		Policy: repeated(authserver.EndpointToken, authserver.FirstOfThem),
	}, {
		Name:   "token-parameters-last",
		Breaks: TokenParametersOnce,
		How:    "takes the last of several values at the token endpoint, as its framework does",
		Policy: repeated(authserver.EndpointToken, authserver.LastOfThem),
	}, {
		Name:   "pushed-parameters-first",
		Breaks: ParametersOnce,
		How:    "takes the first of several values where requests are pushed",
		Policy: repeated(authserver.EndpointPAR, authserver.FirstOfThem),
	}, {
		Name:   "pushed-parameters-last",
		Breaks: ParametersOnce,
		How:    "takes the last of several values where requests are pushed",
		Policy: repeated(authserver.EndpointPAR, authserver.LastOfThem),
	}, {
		Name:   "authorization-parameters-first",
		Breaks: ParametersOnce,
		How:    "takes the first of several values at the authorization endpoint",
		Policy: repeated(authserver.EndpointAuthorization, authserver.FirstOfThem),
	}}
}
