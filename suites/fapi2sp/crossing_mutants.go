package fapi2sp

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func crossingMutants() []mutant.Mutant {
	shares := func(where authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SharesCredentials = func(at authserver.Endpoint) bool { return at == where }
		}
	}
	return []mutant.Mutant{{
		Name:   "cors-with-credentials-at-par",
		Breaks: NoCrossOrigin,
		How:    "lets scripts of every origin ask at the PAR endpoint with what the browser knows",
		Policy: shares(authserver.EndpointPAR),
		Warns:  true,
	}, {
		Name:   "cors-with-credentials-at-token",
		Breaks: NoCrossOrigin,
		How:    "lets scripts of every origin ask at the token endpoint with what the browser knows",
		Policy: shares(authserver.EndpointToken),
		Warns:  true,
	}}
}
