package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

// requirements is a list of requirements, for AlsoBreaks.
func requirements(list ...*requirement.Requirement) []*requirement.Requirement { return list }

func tokenMutants() []mutant.Mutant {
	unauthenticated := func(accept func(authserver.Presented) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == authserver.EndpointToken && accept(c) }
		}
	}
	unbound := func(accept func(authserver.Constraint) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.SpoiltProof || !accept(c) }
		}
	}
	code := func(c authserver.Constraint) bool { return c.Grant == "authorization_code" }
	return []mutant.Mutant{{
		Name:   "password-grant",
		Breaks: NoPasswordGrant,
		How:    "still has the password grant for an old mobile app",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool { return authserver.TwoGrants(g) || g.Grant == "password" }
		},
	}, {
		Name:   "password-grant-of-other-clients",
		Breaks: NoPasswordGrant,
		How:    "has the password grant switched off for one client, and not for the others",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool {
				return authserver.TwoGrants(g) || g.Grant == "password" && strings.HasSuffix(g.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "password-grant-for-public-clients",
		Breaks: NoPasswordGrant,
		How:    "has the password grant for a mobile app, which does not authenticate, and refuses it to clients that do",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Grant == "password" }
			p.GrantType = func(g authserver.Granting) bool { return authserver.TwoGrants(g) || g.Grant == "password" && g.Nobody }
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.Grant != "password" }
		},
	}, {
		Name:   "refresh-without-authentication-of-other-clients",
		Breaks: ConfidentialOnly,
		How:    "knows the clients that were registered before as public ones where they refresh",
		Policy: unauthenticated(func(c authserver.Presented) bool {
			return c.Grant == "refresh_token" && strings.HasSuffix(c.Client, "-second")
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "token-public-clients",
		Breaks: ConfidentialOnly,
		How:    "takes PKCE for client authentication at the token endpoint",
		Policy: unauthenticated(func(authserver.Presented) bool { return true }),
	}, {
		Name:   "refresh-without-authentication",
		Breaks: ConfidentialOnly,
		How:    "takes the possession of a refresh token for client authentication",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Grant == "refresh_token" }),
	}, {
		Name:   "code-without-authentication",
		Breaks: ConfidentialOnly,
		How:    "takes PKCE for client authentication where a code is redeemed",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Grant == "authorization_code" }),
	}, {
		Name:   "code-without-authentication-of-other-clients",
		Breaks: ConfidentialOnly,
		How:    "knows the clients that were registered before as public ones",
		Policy: unauthenticated(func(c authserver.Presented) bool {
			return c.Grant == "authorization_code" && strings.HasSuffix(c.Client, "-second")
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "token-public-clients-bound-by-the-certificate-that-authenticates",
		Breaks: ConfidentialOnly,
		How:    "binds tokens to whatever certificate is shown at the token endpoint, and authenticates nobody there",
		Policy: unauthenticated(func(authserver.Presented) bool { return true }),
		Auth:   "tls_client_auth", Binding: "mtls",
	}, {
		Name:   "token-binding-for-authentication",
		Breaks: ConfidentialOnly,
		How:    "takes any certificate at the token endpoint for authentication of a private_key_jwt client",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Certificate }),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "token-certificate-optional",
		Breaks: ConfidentialOnly,
		How:    "lets clients through that are registered for mutual TLS and show no certificate",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Auth == "self_signed_tls_client_auth" }),
		Auth:   "self_signed_tls_client_auth", Binding: "dpop",
	}, {
		Name:   "token-certificate-optional-away-from-the-mtls-host",
		Breaks: ConfidentialOnly,
		How:    "lets clients through at the token URL without mutual TLS that are registered for it",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Auth == "tls_client_auth" && !c.AtAlias }),
		Auth:   "tls_client_auth", Binding: "dpop",
	}, {
		Name:   "bearer-without-proof",
		Breaks: BoundTokensOnly,
		How:    "issues a bearer token where the DPoP proof is missing",
		Policy: unbound(func(c authserver.Constraint) bool { return code(c) && c.Binding == "dpop" }), Binding: "dpop",
	}, {
		Name:   "bearer-without-certificate",
		Breaks: BoundTokensOnly,
		How:    "issues a bearer token where the certificate is missing",
		Policy: unbound(func(c authserver.Constraint) bool { return code(c) && c.Binding == "mtls" }),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "bearer-for-other-clients",
		Breaks: BoundTokensOnly,
		How:    "demands sender-constrained tokens of the client for which it was switched on, and of no other of its kind",
		Policy: unbound(func(c authserver.Constraint) bool { return code(c) && strings.HasSuffix(c.Client, "-second") }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "token-bound-to-nothing",
		Breaks: BoundTokensOnly,
		How:    "demands proofs and certificates where codes are redeemed, and issues bearer tokens all the same",
		Policy: func(p *authserver.Policy) {
			p.BindsTo = func(to authserver.Binding) string {
				if to.Grant == "authorization_code" {
					return ""
				}
				return to.Thumbprint
			}
			p.Possession = func(shown authserver.Possession) bool { return shown.Bound == "" || authserver.ProvedPossession(shown) }
		},
	}, {
		Name:   "bearer-for-clients-known-by-certificate",
		Breaks: BoundTokensOnly,
		How:    "takes the certificate that authenticates a DPoP client for proof of possession, and binds the token to nothing",
		Policy: unbound(func(c authserver.Constraint) bool { return code(c) && c.Binding == "dpop" && c.Certificate }),
		Auth:   "tls_client_auth", Binding: "dpop",
	}, {
		Name:   "bearer-away-from-the-mtls-host",
		Breaks: BoundTokensOnly,
		How:    "binds tokens to certificates at the host for mutual TLS, and to nothing at the other token URL",
		Policy: unbound(func(c authserver.Constraint) bool { return code(c) && c.Binding == "mtls" && !c.AtAlias }),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "bearer-over-any-certificate",
		Breaks: BoundTokensOnly,
		How:    "takes any certificate of the connection for the sender constraint where a DPoP proof is missing, and binds the token to nothing",
		Policy: unbound(func(c authserver.Constraint) bool {
			return code(c) && c.Binding == "dpop" && c.Auth == "private_key_jwt" && c.Certificate
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "bearer-where-the-proof-does-not-hold",
		Breaks: BoundTokensOnly,
		How:    "passes over a DPoP proof that it can't read, and issues a bearer token",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return !c.Unreadable || !code(c) }
		},
		Binding: "dpop",
	}, {
		Name:   "scope-of-the-registration",
		Breaks: LeastPrivilege,
		How:    "grants everything that the client is registered for",
		// A token that always has every scope can never be too weak: nothing is left to look at at the resource.
		Policy: func(p *authserver.Policy) { p.GrantedScope = func(string) string { return "openid accounts" } },
	}}
}
