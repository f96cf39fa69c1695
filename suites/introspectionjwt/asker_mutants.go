package introspectionjwt

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// askerMutants authenticate who asks for a JWT worse than who asks for JSON.
func askerMutants() []mutant.Mutant {
	sound := func(also func(a authserver.Assertion) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool { return authserver.OwnAssertion(a) || a.AsksForJWT && also(a) }
		}
	}
	return []mutant.Mutant{{
		Name: "introspection-jwt-by-the-right-secret", Breaks: Authenticated,
		How: "takes the secret that it made at registration from who asks for a JWT, and from nobody else",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.AsksForJWT && c.SecretRight }
		},
	}, {
		Name: "introspection-jwt-by-a-coded-secret", Breaks: Authenticated,
		How: "takes client_secret_jwt from who asks for a JWT, and from nobody else",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.AsksForJWT && c.SecretRight && c.Method == "client_secret_jwt"
			}
		},
	}, {
		Name: "introspection-jwt-by-an-empty-secret", Breaks: Authenticated,
		How: "compares the secret of who asks for a JWT if there is one",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.AsksForJWT && c.SecretEmpty }
		},
	}, {
		Name: "introspection-jwt-by-any-client", Breaks: Authenticated,
		How:    "verifies the assertion of who asks for a JWT by whichever client's key fits",
		Policy: sound(func(a authserver.Assertion) bool { return a.Signer != "" && !a.Seen }),
		Auth:   "private_key_jwt",
	}, {
		Name: "introspection-jwt-by-an-assertion-for-somebody-else", Breaks: Authenticated,
		How: "does not look for whom the assertion is of who asks for a JWT",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool { return authserver.OnlyIssuer(a) || a.AsksForJWT }
		},
		Auth: "private_key_jwt",
	}}
}
