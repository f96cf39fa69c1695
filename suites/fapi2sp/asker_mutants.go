package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
)

// askerMutants authenticate who asks for a JWT at introspection worse than who asks for JSON.
func askerMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name: "introspection-jwt-by-the-right-secret", Breaks: introspectionjwt.Authenticated, AlsoBreaks: requirements(OtherMethodsRefused),
		How: "takes the secret that it made at registration from who asks for a JWT, and from nobody else",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.AsksForJWT && c.SecretRight }
		},
	}, {
		Name: "introspection-jwt-by-a-coded-secret", Breaks: introspectionjwt.Authenticated, AlsoBreaks: requirements(OtherMethodsRefused),
		How: "takes client_secret_jwt from who asks for a JWT, and from nobody else",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.AsksForJWT && c.SecretRight && c.Method == "client_secret_jwt"
			}
		},
	}, {
		Name: "introspection-jwt-by-an-empty-secret", Breaks: introspectionjwt.Authenticated, AlsoBreaks: requirements(OtherMethodsRefused),
		How: "compares the secret of who asks for a JWT if there is one",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.AsksForJWT && c.SecretEmpty }
		},
	}, {
		Name: "introspection-jwt-by-any-client", Breaks: introspectionjwt.Authenticated, AlsoBreaks: requirements(assertion.Signature),
		How: "verifies the assertion of who asks for a JWT by whichever client's key fits",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				if a.AsksForJWT && a.Signer != "" {
					a.Signer = a.Client
				}
				return authserver.OwnAssertion(a)
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name: "introspection-jwt-by-an-assertion-for-somebody-else", Breaks: introspectionjwt.Authenticated, AlsoBreaks: requirements(assertion.Audience),
		How: "takes assertions for another server from who asks for a JWT",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool {
				own, _, _ := strings.Cut(strings.TrimPrefix(a.Issuer, "https://"), ":")
				text, _ := a.Value.(string)
				return authserver.OnlyIssuer(a) || a.AsksForJWT && strings.HasPrefix(text, "https://") && !strings.Contains(text, own)
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name: "introspection-jwt-by-an-rs256-assertion", Breaks: AssertionAlgorithms,
		How: "takes RS256 from who asks for a JWT",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				if a.AsksForJWT && a.Algorithm == "RS256" && a.Signer == a.Client {
					a.Algorithm, a.KeyAlgorithm = "PS256", "PS256"
				}
				return authserver.OwnAssertion(a)
			}
		},
		Auth: "private_key_jwt", Binding: "mtls",
	}}
}
