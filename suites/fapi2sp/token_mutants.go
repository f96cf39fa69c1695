package fapi2sp

import (
	"github.com/fapitest/fapitest/suites/mtls"
	"maps"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/dpop"
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
	unboundToken := func(bare func(authserver.Binding) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.BindsTo = func(to authserver.Binding) string {
				if bare(to) {
					return ""
				}
				return to.Thumbprint
			}
			p.Possession = func(shown authserver.Possession) bool { return shown.Bound == "" || authserver.ProvedPossession(shown) }
		}
	}
	announcing := func(grants ...any) func(map[string]any) map[string]any {
		return func(complete map[string]any) map[string]any {
			changed := maps.Clone(complete)
			changed["grant_types_supported"] = grants
			return changed
		}
	}
	const credentials, assertionGrant = "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"
	code := func(c authserver.Constraint) bool { return c.Grant == "authorization_code" }
	return []mutant.Mutant{{
		Name:   "password-grant",
		Breaks: NoPasswordGrant,
		How:    "still has the password grant for an old mobile app",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool { return authserver.KnownGrants(g) || g.Grant == "password" }
		},
	}, {
		Name:   "password-grant-of-other-clients",
		Breaks: NoPasswordGrant,
		How:    "has the password grant switched off for one client, and not for the others",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool {
				return authserver.KnownGrants(g) || g.Grant == "password" && strings.HasSuffix(g.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "password-grant-by-secret",
		Breaks: NoPasswordGrant,
		How:    "has the password grant for clients that authenticate by their secret, and refuses it to others",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.Grant == "password" && c.SecretRight && c.Method == "client_secret_post"
			}
			p.GrantType = func(g authserver.Granting) bool {
				return authserver.KnownGrants(g) || g.Grant == "password" && g.BySecret
			}
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.Grant != "password" }
		},
	}, {
		Name:   "password-grant-in-capital-letters",
		Breaks: NoPasswordGrant,
		How:    "has password on the list of grants that it refuses, and compares grants without regard to case where it serves them",
		Policy: func(p *authserver.Policy) {
			p.GrantType = func(g authserver.Granting) bool {
				return authserver.KnownGrants(g) || g.Grant != "password" && strings.EqualFold(g.Grant, "password")
			}
		},
	}, {
		Name:   "password-grant-for-public-clients",
		Breaks: NoPasswordGrant,
		How:    "has the password grant for a mobile app, which does not authenticate, and refuses it to clients that do",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Grant == "password" }
			p.GrantType = func(g authserver.Granting) bool {
				return authserver.KnownGrants(g) || g.Grant == "password" && g.Nobody
			}
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
		Name:       "token-public-clients",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly),
		How:        "takes PKCE for client authentication at the token endpoint",
		Policy:     unauthenticated(func(authserver.Presented) bool { return true }),
	}, {
		Name:       "refresh-without-authentication",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly),
		How:        "takes the possession of a refresh token for client authentication",
		Policy:     unauthenticated(func(c authserver.Presented) bool { return c.Grant == "refresh_token" }),
	}, {
		Name:   "code-without-authentication",
		Breaks: ConfidentialOnly, AlsoBreaks: requirements(mtls.UntrustedIssuer),
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
		Name:   "bound-code-without-authentication",
		Breaks: ConfidentialOnly,
		How:    "takes the key to which a code is bound for client authentication where that code is redeemed",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.BoundCode && c.Proof }), Binding: "dpop",
	}, {
		Name:       "refresh-without-authentication-with-a-proof",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly),
		How:        "takes a DPoP proof for client authentication where tokens are refreshed",
		Policy:     unauthenticated(func(c authserver.Presented) bool { return c.Grant == "refresh_token" && c.Proof }), Binding: "dpop",
	}, {
		Name:       "token-public-clients-bound-by-the-certificate-that-authenticates",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly),
		How:        "binds tokens to whatever certificate is shown at the token endpoint, and authenticates nobody there",
		Policy:     unauthenticated(func(authserver.Presented) bool { return true }),
		Auth:       "tls_client_auth", Binding: "mtls",
	}, {
		Name:   "token-binding-for-authentication",
		Breaks: ConfidentialOnly,
		How:    "takes any certificate at the token endpoint for authentication of a private_key_jwt client",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Certificate }),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:       "token-certificate-optional",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly),
		How:        "lets clients through that are registered for mutual TLS and show no certificate",
		Policy:     unauthenticated(func(c authserver.Presented) bool { return c.Auth == "self_signed_tls_client_auth" }),
		Auth:       "self_signed_tls_client_auth", Binding: "dpop",
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
		Name:       "token-bound-to-nothing",
		Breaks:     BoundTokensOnly,
		AlsoBreaks: requirements(dpop.TokenType, dpop.Confirmed, dpop.Introspected, dpop.NotAsBearer),
		How:        "demands proofs and certificates where codes are redeemed, and issues bearer tokens all the same",
		Policy:     unboundToken(func(to authserver.Binding) bool { return to.Grant == "authorization_code" }),
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
		Name:       "bearer-where-the-proof-does-not-hold",
		Breaks:     BoundTokensOnly,
		AlsoBreaks: requirements(UnsignedProofs, ClientKeyLength, dpop.ProofSignature),
		How:        "passes over a DPoP proof that it can't read, and issues a bearer token",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return !c.Unreadable || !code(c) }
		},
		Binding: "dpop",
	}, {
		Name:   "bearer-without-openid",
		Breaks: BoundTokensOnly,
		How:    "demands proof of possession where openid is in the scope, and issues bearer tokens to plain OAuth requests",
		Policy: unbound(func(c authserver.Constraint) bool { return code(c) && !c.OpenID }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "token-bound-to-nothing-without-openid",
		Breaks: BoundTokensOnly,
		How:    "demands proof of possession, and writes cnf into the tokens of OpenID requests alone",
		Policy: unboundToken(func(to authserver.Binding) bool { return to.Grant == "authorization_code" && !to.OpenID }),
	}, {
		Name:   "client-credentials-unbound",
		Breaks: BoundTokensOnly,
		How:    "issues bearer tokens to clients that ask for themselves and show no proof of possession",
		Policy: unbound(func(c authserver.Constraint) bool { return c.Grant == credentials }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "client-credentials-unbound-of-other-clients",
		Breaks: BoundTokensOnly,
		How:    "demands proof of possession with client credentials of the client for which it was switched on, and of no other of its kind",
		Policy: unbound(func(c authserver.Constraint) bool {
			return c.Grant == credentials && strings.HasSuffix(c.Client, "-second")
		}),
		Auth: "private_key_jwt",
	}, {
		Name:       "client-credentials-where-the-proof-does-not-hold",
		Breaks:     BoundTokensOnly,
		AlsoBreaks: requirements(dpop.ProofSignature),
		How:        "passes over a DPoP proof that it can't read where a client asks for itself, and issues a bearer token",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return !c.Unreadable || c.Grant != credentials }
		},
		Binding: "dpop",
	}, {
		Name:   "client-credentials-over-any-certificate",
		Breaks: BoundTokensOnly,
		How:    "takes any certificate of the connection for the sender constraint where a client asks for itself, and binds the token to nothing",
		Policy: unbound(func(c authserver.Constraint) bool {
			return c.Grant == credentials && c.Binding == "dpop" && c.Auth == "private_key_jwt" && c.Certificate
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "client-credentials-unannounced-and-unbound",
		Breaks: BoundTokensOnly,
		How:    "has client credentials for its own services, says nothing of it in the metadata, and issues bearer tokens for them",
		Policy: func(p *authserver.Policy) {
			p.Metadata = announcing("authorization_code", "refresh_token")
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.Grant != credentials }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "client-credentials-bound-to-nothing",
		Breaks: BoundTokensOnly, AlsoBreaks: requirements(dpop.TokenType),
		How:    "demands proof of possession of clients that ask for themselves, and binds their tokens to nothing",
		Policy: unboundToken(func(to authserver.Binding) bool { return to.Grant == credentials }),
	}, {
		Name:   "client-credentials-without-authentication",
		Breaks: ConfidentialOnly,
		How:    "gives a token to who names a client and says that he asks for that",
		Policy: unauthenticated(func(c authserver.Presented) bool { return c.Grant == credentials }),
	}, {
		Name:   "client-credentials-for-public-clients",
		Breaks: ConfidentialOnly,
		How:    "has client credentials for a mobile app, which does not authenticate, and refuses them to clients that do",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Grant == credentials }
			p.GrantType = func(g authserver.Granting) bool {
				return authserver.KnownGrants(g) && (g.Grant != credentials || g.Nobody)
			}
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.Grant != credentials }
		},
	}, {
		Name:   "client-credentials-by-secret",
		Breaks: OtherMethodsRefused,
		How:    "takes the client's secret where it asks for itself",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.Grant == credentials && c.SecretRight }
		},
	}, {
		Name:   "assertion-grant-without-authentication",
		Breaks: ConfidentialOnly,
		How:    "has a grant for assertions that clients make themselves, and takes the assertion for their authentication",
		Policy: func(p *authserver.Policy) {
			p.Metadata = announcing("authorization_code", "refresh_token", assertionGrant)
			p.GrantType = func(g authserver.Granting) bool { return authserver.KnownGrants(g) || g.Grant == assertionGrant }
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Grant == assertionGrant }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "scope-of-the-registration",
		Breaks: LeastPrivilege,
		How:    "grants everything that the client is registered for",
		// A token that always has every scope can never be too weak: nothing is left to look at at the resource.
		Policy: func(p *authserver.Policy) { p.GrantedScope = func(string) string { return "openid accounts" } },
	}}
}
