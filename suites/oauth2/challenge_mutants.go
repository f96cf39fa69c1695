package oauth2

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func challengeMutants() []mutant.Mutant {
	refuses := func(status int, challenge string, where ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			reference := p.RefusesBasic
			p.RefusesBasic = func(at authserver.Endpoint) (int, string) {
				for _, place := range where {
					if at == place {
						return status, challenge
					}
				}
				return reference(at)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "basic-refused-with-400",
		Breaks: BasicChallenge,
		How:    "answers invalid_client with 400 whatever the client has tried, where requests are pushed",
		Policy: refuses(400, "", authserver.EndpointPAR),
	}, {
		Name:   "basic-refused-with-400-at-the-token-endpoint",
		Breaks: BasicChallenge,
		How:    "answers a made-up secret in the Authorization header with 400 at the token endpoint",
		Policy: refuses(400, `Basic realm="bank"`, authserver.EndpointToken),
	}, {
		Name:   "basic-refused-without-challenge",
		Breaks: BasicChallenge,
		How:    "answers a made-up secret in the Authorization header with 401 and no challenge",
		Policy: refuses(401, "", authserver.EndpointPAR, authserver.EndpointToken),
	}, {
		Name:   "basic-refused-with-another-challenge",
		Breaks: BasicChallenge,
		How:    "asks for a Bearer token where a client has tried HTTP basic authentication",
		Policy: refuses(401, `Bearer error="invalid_token"`, authserver.EndpointPAR, authserver.EndpointToken),
	}}
}
