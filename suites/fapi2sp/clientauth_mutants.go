package fapi2sp

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/introspection"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/revocation"
)

func clientAuthenticationMutants() []mutant.Mutant {
	return slices.Concat(methodMutants(), audienceMutants(), assertionClockMutants(), askerMutants())
}

func methodMutants() []mutant.Mutant {
	secretAt := func(endpoints ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return slices.Contains(endpoints, c.Endpoint) }
		}
	}
	publicAt := func(endpoint authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == endpoint }
		}
	}
	provenAt := func(endpoint authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == endpoint && c.Proof }
		}
	}
	byName := func(at ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool {
				return authserver.OwnCertificate(c) || slices.Contains(at, c.Endpoint) && c.Subject == c.Wanted
			}
		}
	}
	ofTheAuthority := func(at ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool {
				return authserver.OwnCertificate(c) || slices.Contains(at, c.Endpoint) && c.Auth == "tls_client_auth" && c.Chain
			}
		}
	}
	nameless := func(how string, at ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesAtItsWord = func(n authserver.Nameless) bool { return n.How == how && slices.Contains(at, n.Endpoint) }
		}
	}
	scheme := func(scheme string, at ...authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool { return u.Scheme == scheme && slices.Contains(at, u.Endpoint) }
		}
	}
	header := func(field string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CertificateFromHeader = func(f authserver.CertificateField) bool { return f.Name == field }
		}
	}
	return []mutant.Mutant{{
		Name:   "empty-assertion-at-par",
		Breaks: PARClientAuthentication,
		How:    "looks whether there is a client assertion at the PAR endpoint, and not whether anything is in it",
		Policy: nameless("empty assertion", authserver.EndpointPAR),
		Auth:   "private_key_jwt",
	}, {
		Name:       "unreadable-assertion-at-par",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(assertion.Signature),
		How:        "goes by client_id at the PAR endpoint where the client assertion can't be read",
		Policy:     nameless("unreadable assertion", authserver.EndpointPAR),
		Auth:       "private_key_jwt",
	}, {
		Name:   "empty-assertion-at-token",
		Breaks: ConfidentialOnly,
		How:    "looks whether there is a client assertion at the token endpoint, and not whether anything is in it",
		Policy: nameless("empty assertion", authserver.EndpointToken),
		Auth:   "private_key_jwt",
	}, {
		Name:       "unreadable-assertion-at-introspection-and-revocation",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(assertion.Signature),
		How:        "goes by client_id at the introspection and revocation endpoints where the client assertion can't be read",
		Policy:     nameless("unreadable assertion", authserver.EndpointIntrospection, authserver.EndpointRevocation),
		Auth:       "private_key_jwt",
	}, {
		Name:   "no-client-id-at-token",
		Breaks: ConfidentialOnly,
		How:    "takes a token request without client_id for one of the client to which the code or the refresh token was issued",
		Policy: nameless("no client_id", authserver.EndpointToken), Binding: "dpop",
	}, {
		Name:   "no-client-id-at-introspection-and-revocation",
		Breaks: ClientsAuthenticate,
		How:    "takes whoever has a token for the client to which it was issued",
		Policy: nameless("no client_id", authserver.EndpointIntrospection, authserver.EndpointRevocation), Binding: "dpop",
	}, {
		Name:   "request-object-authenticates",
		Breaks: PARClientAuthentication,
		How:    "takes the signature of a request object for client authentication",
		Policy: nameless("signed request object", authserver.EndpointPAR),
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "bearer-token-authenticates-at-par",
		Breaks: PARClientAuthentication,
		How:    "takes any bearer token for client authentication at the PAR endpoint",
		Policy: scheme("bearer", authserver.EndpointPAR),
	}, {
		Name:   "bearer-token-authenticates-at-token",
		Breaks: ConfidentialOnly,
		How:    "takes any bearer token for client authentication at the token endpoint",
		Policy: scheme("bearer", authserver.EndpointToken), Binding: "dpop",
	}, {
		Name:   "unknown-scheme-authenticates-at-par",
		Breaks: PARClientAuthentication,
		How:    "leaves schemes of the Authorization header to its gateway that it does not know, at the PAR endpoint",
		Policy: scheme("fapitest", authserver.EndpointPAR),
	}, {
		Name:   "dpop-scheme-authenticates-where-tokens-are-refreshed",
		Breaks: ConfidentialOnly,
		How:    "takes any token of the scheme DPoP for client authentication where tokens are refreshed",
		Policy: func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool { return u.Scheme == "dpop" && u.Grant == "refresh_token" }
		},
		Binding: "dpop",
	}, {
		Name:       "unreadable-basic-authenticates",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(ConfidentialOnly, introspection.Authorized, revocation.ClientsAuthenticate, introspectionjwt.Authenticated),
		How:        "lets clients through whose Authorization header has the scheme Basic and can't be read",
		Policy:     scheme("basic", authserver.EndpointPAR, authserver.EndpointToken, authserver.EndpointIntrospection, authserver.EndpointRevocation),
	}, {
		Name:   "proof-authenticates-at-par",
		Breaks: PARClientAuthentication,
		How:    "takes a DPoP proof for client authentication at the PAR endpoint, whoever's key has made it",
		Policy: provenAt(authserver.EndpointPAR),
	}, {
		Name:       "proof-authenticates-at-token",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly),
		How:        "takes a DPoP proof for client authentication at the token endpoint, whoever's key has made it",
		Policy:     provenAt(authserver.EndpointToken), Binding: "dpop",
	}, {
		Name:   "proof-authenticates-clients-with-certificates-at-token",
		Breaks: ConfidentialOnly,
		How:    "takes a DPoP proof for client authentication at the token endpoint, and the certificate for what binds the token",
		Policy: provenAt(authserver.EndpointToken),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:       "proof-authenticates-at-introspection",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(introspection.Authorized, introspectionjwt.Authenticated),
		How:        "takes a DPoP proof for client authentication at the introspection endpoint",
		Policy:     provenAt(authserver.EndpointIntrospection),
	}, {
		Name:       "proof-authenticates-at-revocation",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(revocation.ClientsAuthenticate),
		How:        "takes a DPoP proof for client authentication at the revocation endpoint",
		Policy:     provenAt(authserver.EndpointRevocation),
	}, {
		Name:   "any-certificate-authenticates-clients-with-keys",
		Breaks: PARClientAuthentication,
		How:    "takes any certificate for client authentication of clients that are registered for none",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointPAR && c.Auth == "private_key_jwt" && c.Binding == "dpop" && c.Certificate
			}
		},
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:       "certificate-of-a-header",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(ConfidentialOnly, ClientsAuthenticate),
		How:        "takes the client's certificate from the header field of its proxy, which passes on what clients write there",
		Policy:     header("X-Ssl-Client-Cert"),
		Auth:       "tls_client_auth", Binding: "dpop",
	}, {
		Name:       "certificate-of-a-forwarded-header",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(PARClientAuthentication, ClientsAuthenticate),
		How:        "takes the client's certificate from X-Forwarded-Client-Cert, whoever has written it",
		Policy:     header("X-Forwarded-Client-Cert"),
		Auth:       "self_signed_tls_client_auth", Binding: "dpop",
	}, {
		Name:       "certificate-of-a-standard-header",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(PARClientAuthentication, ConfidentialOnly),
		How:        "takes the client's certificate from Client-Cert (RFC 9440), whoever has written it",
		Policy:     header("Client-Cert"),
		Auth:       "tls_client_auth", Binding: "dpop",
	}, {
		Name:       "certificate-of-anybody-at-par",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(mtls.CertificateOfOther),
		How:        "takes any certificate of the authority for the client's that client_id names at the PAR endpoint",
		Policy:     ofTheAuthority(authserver.EndpointPAR),
		Auth:       "tls_client_auth",
	}, {
		Name:       "certificate-of-anybody-at-token",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.CertificateOfOther),
		How:        "takes any certificate of the authority for the client's that client_id names at the token endpoint",
		Policy:     ofTheAuthority(authserver.EndpointToken),
		Auth:       "tls_client_auth",
	}, {
		Name:   "certificate-of-anybody-at-introspection-and-revocation",
		Breaks: ClientsAuthenticate,
		How:    "takes any certificate of the authority for the client's that client_id names at the introspection and revocation endpoints",
		Policy: ofTheAuthority(authserver.EndpointIntrospection, authserver.EndpointRevocation),
		Auth:   "tls_client_auth",
	}, {
		Name:       "certificate-known-by-its-name-at-par",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(mtls.UntrustedIssuer),
		How:        "compares the subject of the client's certificate at the PAR endpoint, and nobody has checked who issued it",
		Policy:     byName(authserver.EndpointPAR),
		Auth:       "tls_client_auth",
	}, {
		Name:       "self-signed-certificate-known-by-its-name-at-par",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(mtls.RegisteredOnly),
		How:        "compares the subject of a self-signed certificate with that of the registered one at the PAR endpoint",
		Policy:     byName(authserver.EndpointPAR),
		Auth:       "self_signed_tls_client_auth",
	}, {
		Name:       "certificate-known-by-its-name-at-token",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.UntrustedIssuer),
		How:        "compares the subject of the client's certificate at the token endpoint, and nobody has checked who issued it",
		Policy:     byName(authserver.EndpointToken),
		Auth:       "tls_client_auth",
	}, {
		Name:       "self-signed-certificate-known-by-its-name-at-token",
		Breaks:     ConfidentialOnly,
		AlsoBreaks: requirements(mtls.RegisteredOnly),
		How:        "compares the subject of a self-signed certificate with that of the registered one at the token endpoint",
		Policy:     byName(authserver.EndpointToken),
		Auth:       "self_signed_tls_client_auth",
	}, {
		Name:       "certificate-known-by-its-name-at-introspection",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(introspectionjwt.Authenticated, mtls.UntrustedIssuer),
		How:        "compares the subject of the client's certificate at the introspection endpoint",
		Policy:     byName(authserver.EndpointIntrospection),
		Auth:       "tls_client_auth",
	}, {
		Name:   "self-signed-certificate-known-by-its-name-at-revocation",
		Breaks: ClientsAuthenticate,
		How:    "compares the subject of a self-signed certificate with that of the registered one at the revocation endpoint",
		Policy: byName(authserver.EndpointRevocation),
		Auth:   "self_signed_tls_client_auth",
	}, {
		Name:       "certificate-known-by-its-name",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(PARClientAuthentication, ConfidentialOnly, mtls.UntrustedIssuer, par.AuthenticatedAlike, introspectionjwt.Authenticated),
		How:        "compares the subject of the client's certificate, wherever clients authenticate",
		Policy:     byName(authserver.EndpointPAR, authserver.EndpointToken, authserver.EndpointIntrospection, authserver.EndpointRevocation),
		Auth:       "tls_client_auth",
	}, {
		Name:       "authentication-always-fails",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(AssertionForIssuer, mtls.IssuedCertificate),
		How:        "refuses the client whatever it shows at the PAR endpoint",
		Policy: func(p *authserver.Policy) {
			p.Authenticated = func(c authserver.Presented) bool { return c.Endpoint != authserver.EndpointPAR }
		},
	}, {
		Name:       "authentication-fails-at-token",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(AssertionForIssuer, mtls.IssuedCertificate),
		How:        "has forgotten the registered method at the token endpoint",
		Policy: func(p *authserver.Policy) {
			p.Authenticated = func(c authserver.Presented) bool { return c.Endpoint != authserver.EndpointToken }
		},
	}, {
		Name:       "issued-certificates-not-known",
		Breaks:     mtls.IssuedCertificate,
		AlsoBreaks: requirements(ClientsAuthenticate),
		How:        "compares every certificate with those that are registered, and knows none of clients that have registered a subject",
		Policy: func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool { return c.Registered && c.Auth != "tls_client_auth" }
		},
		Auth: "tls_client_auth",
	}, {
		Name:       "certificate-of-anybody-at-par-and-token",
		Breaks:     mtls.CertificateOfOther,
		AlsoBreaks: requirements(PARClientAuthentication, ConfidentialOnly, par.AuthenticatedAlike),
		How:        "leaves it to its proxy to look at certificates, and takes whoever the proxy lets through for the client that client_id names",
		Policy:     ofTheAuthority(authserver.EndpointPAR, authserver.EndpointToken),
		Auth:       "tls_client_auth",
	}, {
		Name:       "self-signed-certificate-of-anybody",
		Breaks:     mtls.RegisteredOnly,
		AlsoBreaks: requirements(PARClientAuthentication, ConfidentialOnly, mtls.CertificateOfOther, par.AuthenticatedAlike),
		How:        "looks whether there is a certificate where a client signs its own, at the PAR and token endpoints",
		Policy: func(p *authserver.Policy) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool {
				return authserver.OwnCertificate(c) ||
					c.Auth == "self_signed_tls_client_auth" && (c.Endpoint == authserver.EndpointPAR || c.Endpoint == authserver.EndpointToken)
			}
		},
		Auth: "self_signed_tls_client_auth",
	}, {
		Name:       "introspection-of-access-tokens-by-anybody",
		Breaks:     introspection.Authorized,
		AlsoBreaks: requirements(ClientsAuthenticate, introspectionjwt.Authenticated),
		How:        "answers whoever asks about an access token at the introspection endpoint",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointIntrospection && c.Hint == "access_token"
			}
		},
	}, {
		Name:       "revocation-of-access-tokens-by-anybody",
		Breaks:     revocation.ClientsAuthenticate,
		AlsoBreaks: requirements(ClientsAuthenticate),
		How:        "revokes an access token for whoever has it",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointRevocation && c.Hint == "access_token"
			}
		},
	}, {
		Name:       "secret-taken-everywhere",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(assertion.OneMethod, introspectionjwt.Authenticated),
		How:        "takes any client_secret for a client that is registered for a stronger method",
		Policy:     func(p *authserver.Policy) { p.Secret = func(authserver.Presented) bool { return true } },
	}, {
		Name:       "secret-taken-at-par",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(assertion.OneMethod),
		How:        "takes a client_secret at the PAR endpoint",
		Policy:     secretAt(authserver.EndpointPAR),
	}, {
		Name:   "secret-taken-at-token",
		Breaks: OtherMethodsRefused,
		How:    "takes a client_secret at the token endpoint",
		Policy: secretAt(authserver.EndpointToken),
	}, {
		Name:       "secret-taken-at-introspection",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How:        "left the resource server's old client_secret method on at the introspection endpoint",
		Policy:     secretAt(authserver.EndpointIntrospection),
	}, {
		Name:   "secret-taken-at-revocation",
		Breaks: OtherMethodsRefused,
		How:    "takes a client_secret at the revocation endpoint",
		Policy: secretAt(authserver.EndpointRevocation),
	}, {
		Name:   "empty-secret-taken",
		Breaks: OtherMethodsRefused, AlsoBreaks: requirements(introspectionjwt.Authenticated, assertion.OneMethod),
		How:    "compares client_secret with what the registration has, which is nothing for clients of another method",
		Policy: func(p *authserver.Policy) { p.Secret = func(c authserver.Presented) bool { return c.SecretEmpty } },
	}, {
		Name:   "secret-taken-for-assertions",
		Breaks: OtherMethodsRefused, AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How: "takes assertions that are made with the client_secret of the registration (client_secret_jwt)",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.Method == "client_secret_jwt" && c.SecretRight }
		},
	}, {
		Name:   "secret-taken-of-other-clients-at-token",
		Breaks: OtherMethodsRefused,
		How:    "has client_secret switched off at the token endpoint for one client, and not for the others",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointToken && strings.HasSuffix(c.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:       "refresh-tokens-revoked-without-authentication",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(introspection.Authorized, revocation.ClientsAuthenticate),
		How:        "takes the possession of a refresh token for authentication where it is asked about or revoked",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return (c.Endpoint == authserver.EndpointIntrospection || c.Endpoint == authserver.EndpointRevocation) && c.Hint == "refresh_token"
			}
		},
	}, {
		Name:       "introspection-and-revocation-public-where-the-hint-is-unknown",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How:        "hands requests with a token_type_hint that it does not know to an older endpoint, which authenticates nobody",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Hint != "" && c.Hint != "access_token" && c.Hint != "refresh_token"
			}
		},
	}, {
		Name:       "introspection-and-revocation-public-for-other-clients",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(introspection.Authorized, introspectionjwt.Authenticated),
		How:        "knows the clients that were registered before as public ones at the introspection and revocation endpoints",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return (c.Endpoint == authserver.EndpointIntrospection || c.Endpoint == authserver.EndpointRevocation) && strings.HasSuffix(c.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:       "secret-taken-of-other-clients",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How:        "has client_secret switched off for one client, and not for the others",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return strings.HasSuffix(c.Client, "-second") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:       "right-secret-taken",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(assertion.OneMethod, introspectionjwt.Authenticated),
		How:        "lets clients in by the client_secret that every registration gets, whatever method is registered",
		Policy:     func(p *authserver.Policy) { p.Secret = func(c authserver.Presented) bool { return c.SecretRight } },
	}, {
		Name:   "right-secret-taken-at-code-grant",
		Breaks: OtherMethodsRefused,
		How:    "takes the client_secret of the registration where a code is redeemed",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.SecretRight && c.Grant == "authorization_code" }
		},
	}, {
		Name:   "right-secret-taken-at-introspection",
		Breaks: OtherMethodsRefused, AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How: "takes the client_secret of the registration at the introspection endpoint",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.SecretRight && c.Endpoint == authserver.EndpointIntrospection
			}
		},
	}, {
		Name:   "secret-taken-at-code-grant",
		Breaks: OtherMethodsRefused,
		How:    "takes a client_secret at the token endpoint where a code is redeemed",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.Grant == "authorization_code" }
		},
	}, {
		Name:   "secret-taken-at-refresh-grant",
		Breaks: OtherMethodsRefused,
		How:    "takes a client_secret at the token endpoint where tokens are refreshed",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.Grant == "refresh_token" }
		},
	}, {
		Name:   "secret-taken-over-any-certificate-at-refresh-grant",
		Breaks: OtherMethodsRefused,
		How:    "takes a client_secret over a connection with a certificate, whosever, where tokens are refreshed",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.Certificate && c.Grant == "refresh_token" && c.Method == "client_secret_post"
			}
		},
	}, {
		Name:   "secret-taken-over-any-certificate-at-revocation",
		Breaks: OtherMethodsRefused,
		How:    "takes a client_secret over a connection with a certificate, whosever, where tokens are revoked",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool {
				return c.Certificate && c.Endpoint == authserver.EndpointRevocation && c.Method == "client_secret_post"
			}
		},
	}, {
		Name:       "introspection-public-clients",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(introspection.Authorized, introspectionjwt.Authenticated),
		How:        "answers whoever asks at the introspection endpoint",
		Policy:     publicAt(authserver.EndpointIntrospection),
	}, {
		Name:       "revocation-public-clients",
		Breaks:     ClientsAuthenticate,
		AlsoBreaks: requirements(revocation.ClientsAuthenticate, mtls.UntrustedIssuer),
		How:        "lets whoever has a token revoke it, and takes client_id at its word",
		Policy:     publicAt(authserver.EndpointRevocation),
	}, {
		Name:       "secret-taken-in-basic-only",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(assertion.OneMethod, introspectionjwt.Authenticated),
		How:        "looks for secrets in the form and forgets the Authorization header",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.Method == "client_secret_basic" }
		},
	}, {
		Name:       "secret-taken-from-mtls-clients",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How:        "refuses secrets of private_key_jwt clients only",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return c.Auth == "tls_client_auth" }
		},
		Auth: "tls_client_auth",
	}, {
		Name:   "secret-taken-away-from-the-mtls-host",
		Breaks: OtherMethodsRefused,
		How:    "leaves it to the TLS layer of the host for mutual TLS to stop clients without certificate, and takes their secrets at the other one",
		Policy: func(p *authserver.Policy) {
			p.Secret = func(c authserver.Presented) bool { return !c.AtAlias && c.Auth == "tls_client_auth" }
		},
		Auth: "tls_client_auth",
	}, {
		Name:       "secret-taken-at-token-where-refresh-tokens-rotate",
		Breaks:     OtherMethodsRefused,
		AlsoBreaks: requirements(NoRotation, RotationForgives),
		How:        "takes a client_secret at the token endpoint, and replaces refresh tokens on every use",
		Policy: func(p *authserver.Policy) {
			p.Rotation = func() authserver.Rotation { return authserver.ReplaceWithdraw }
			secretAt(authserver.EndpointToken)(p)
		},
	}}
}

// audiences accepts what the reference does, and more.
func audiences(more func(authserver.Audience) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.AssertionAudience = func(a authserver.Audience) bool { return authserver.OnlyIssuer(a) || more(a) }
	}
}

func audienceMutants() []mutant.Mutant {
	text := func(a authserver.Audience) string {
		value, _ := a.Value.(string)
		return value
	}
	list := func(a authserver.Audience) []any {
		values, _ := a.Value.([]any)
		return values
	}
	return []mutant.Mutant{{
		Name:       "aud-token-endpoint-wanted",
		Breaks:     AssertionForIssuer,
		AlsoBreaks: requirements(ClientsAuthenticate),
		How:        "wants the URL of the token endpoint as aud everywhere, and nothing else",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool {
				return slices.Contains(a.Endpoints[authserver.EndpointToken], text(a))
			}
		},
	}, {
		Name:       "aud-own-url-wanted-at-token",
		Breaks:     AssertionForIssuer,
		AlsoBreaks: requirements(ClientsAuthenticate, AssertionForEndpoint),
		How:        "wants the endpoint's own URL as aud at the token endpoint, as OpenID Connect Core section 9 does",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool {
				if a.Endpoint != authserver.EndpointToken {
					return a.Value == any(a.Issuer)
				}
				return slices.Contains(a.Endpoints[authserver.EndpointToken], text(a))
			}
		},
	}, {
		Name:   "aud-own-url-wanted-at-introspection",
		Breaks: AssertionForIssuer,
		How:    "wants the endpoint's own URL as aud at the introspection endpoint",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool {
				if a.Endpoint == authserver.EndpointIntrospection {
					return slices.Contains(a.Endpoints[a.Endpoint], text(a))
				}
				return authserver.OnlyIssuer(a)
			}
		},
	}, {
		Name:       "aud-own-url-wanted-at-revocation",
		Breaks:     AssertionForIssuer,
		AlsoBreaks: requirements(revocation.WrongHint, revocation.UnknownTokens),
		How:        "wants the endpoint's own URL as aud at the revocation endpoint",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool {
				return authserver.OnlyIssuer(a) && a.Endpoint != authserver.EndpointRevocation
			}
		},
	}, {
		Name:   "aud-token-endpoint",
		Breaks: AssertionForEndpoint,
		How:    "takes the URL of the token endpoint as aud, as RFC 7523 once recommended",
		Policy: audiences(func(a authserver.Audience) bool {
			return slices.Contains(a.Endpoints[authserver.EndpointToken], text(a))
		}),
	}, {
		Name:   "aud-authorization-endpoint",
		Breaks: AssertionForEndpoint,
		How:    "takes whatever begins with its own origin as aud",
		Policy: audiences(func(a authserver.Audience) bool {
			return strings.HasSuffix(text(a), "/authorize")
		}),
	}, {
		Name:   "aud-origin-of-the-mtls-host",
		Breaks: AssertionForEndpoint,
		How:    "knows its issuer from the Host header of the request, or believes that it does",
		Policy: audiences(func(a authserver.Audience) bool {
			urls := a.Endpoints[authserver.EndpointToken]
			return text(a) != "" && strings.Count(text(a), "/") == 2 && strings.HasPrefix(urls[len(urls)-1], text(a)+"/")
		}),
	}, {
		Name:   "aud-in-any-case",
		Breaks: AssertionForEndpoint,
		How:    "compares aud in any case",
		Policy: audiences(func(a authserver.Audience) bool { return strings.EqualFold(text(a), a.Issuer) }),
	}, {
		Name:   "aud-trimmed",
		Breaks: AssertionForEndpoint,
		How:    "cuts off what white space stands around aud",
		Policy: audiences(func(a authserver.Audience) bool { return strings.TrimSpace(text(a)) == a.Issuer }),
	}, {
		Name:   "aud-no-text",
		Breaks: AssertionForEndpoint,
		How:    "compares aud where it is a text or a list, and fails open on everything else",
		Policy: audiences(func(a authserver.Audience) bool {
			switch a.Value.(type) {
			case float64, map[string]any:
				return true
			}
			return false
		}),
	}, {
		Name:   "aud-with-commas",
		Breaks: AssertionForEndpoint,
		How:    "reads aud as a list with commas",
		Policy: audiences(func(a authserver.Audience) bool { return slices.Contains(strings.Split(text(a), ","), a.Issuer) }),
	}, {
		Name:   "aud-by-its-end",
		Breaks: AssertionForEndpoint,
		How:    "looks whether aud ends in the issuer",
		Policy: audiences(func(a authserver.Audience) bool { return strings.HasSuffix(text(a), a.Issuer) }),
	}, {
		Name:   "aud-introspection-endpoint-for-a-jwt",
		Breaks: AssertionForEndpoint,
		How:    "answers introspection with a JWT in a service of its own, which takes its own URL as aud",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.AsksForJWT && slices.Contains(a.Endpoints[authserver.EndpointIntrospection], text(a))
		}),
	}, {
		Name:   "aud-by-http",
		Breaks: AssertionForEndpoint,
		How:    "compares aud from its host on",
		Policy: audiences(func(a authserver.Audience) bool {
			return strings.TrimPrefix(text(a), "http://") == strings.TrimPrefix(a.Issuer, "https://")
		}),
	}, {
		Name:   "aud-array-of-the-issuer-twice",
		Breaks: AssertionForSeveral,
		How:    "takes arrays in which nothing but the issuer stands, however often",
		Policy: audiences(func(a authserver.Audience) bool {
			return len(list(a)) > 1 && !slices.ContainsFunc(list(a), func(member any) bool { return member != any(a.Issuer) })
		}),
	}, {
		Name:   "aud-with-a-fragment",
		Breaks: AssertionForEndpoint,
		How:    "reads aud as a URL, and passes over what stands behind its path",
		Policy: audiences(func(a authserver.Audience) bool {
			before, _, _ := strings.Cut(text(a), "#")
			before, _, _ = strings.Cut(before, "?")
			return before == a.Issuer
		}),
	}, {
		Name:   "aud-empty",
		Breaks: AssertionForEndpoint,
		How:    "compares aud where it says something",
		Policy: audiences(func(a authserver.Audience) bool { return a.Value == "" }),
	}, {
		Name:   "aud-of-the-client",
		Breaks: AssertionForEndpoint,
		How:    "takes an assertion that is for the client itself, as iss and sub have it",
		Policy: audiences(func(a authserver.Audience) bool { return text(a) == a.Client && a.Client != "" }),
	}, {
		Name:   "aud-metadata",
		Breaks: AssertionForEndpoint,
		How:    "takes the address of its metadata as aud",
		Policy: audiences(func(a authserver.Audience) bool { return strings.Contains(text(a), "/.well-known/") }),
	}, {
		Name:   "aud-endpoint-of-other-clients-at-token",
		Breaks: AssertionForEndpoint,
		How:    "takes the URL of the token endpoint as aud from clients that were registered before, at the token endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointToken && strings.HasSuffix(a.Client, "-second") && slices.Contains(a.Endpoints[authserver.EndpointToken], text(a))
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "aud-array-of-other-clients",
		Breaks: AssertionForSeveral,
		How:    "takes an array with the issuer in it from clients that were registered before",
		Policy: audiences(func(a authserver.Audience) bool {
			return strings.HasSuffix(a.Client, "-second") && len(list(a)) > 1 && slices.Contains(list(a), any(a.Issuer))
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "aud-endpoint-that-is-called",
		Breaks: AssertionForEndpoint,
		How:    "takes the URL of the endpoint that is called as aud",
		Policy: audiences(func(a authserver.Audience) bool { return slices.Contains(a.Endpoints[a.Endpoint], text(a)) }),
	}, {
		Name:   "aud-par-endpoint-at-token",
		Breaks: AssertionForEndpoint,
		How:    "takes the PAR endpoint's URL as aud, but only at the token endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointToken && slices.Contains(a.Endpoints[authserver.EndpointPAR], text(a))
		}),
	}, {
		Name:       "aud-checked-at-par-and-token-only",
		Breaks:     AssertionForEndpoint,
		AlsoBreaks: requirements(assertion.Audience, introspectionjwt.Authenticated),
		How:        "checks aud at the PAR and token endpoints and forgets it at introspection and revocation",
		Policy: audiences(func(a authserver.Audience) bool {
			return text(a) != "" && (a.Endpoint == authserver.EndpointIntrospection || a.Endpoint == authserver.EndpointRevocation)
		}),
	}, {
		Name:       "aud-forgotten-at-token-where-refresh-tokens-rotate",
		Breaks:     AssertionForEndpoint,
		AlsoBreaks: requirements(assertion.Audience, NoRotation, RotationForgives),
		How:        "does not look at aud at the token endpoint, and replaces refresh tokens on every use",
		Policy: func(p *authserver.Policy) {
			p.Rotation = func() authserver.Rotation { return authserver.ReplaceWithdraw }
			audiences(func(a authserver.Audience) bool { return text(a) != "" && a.Endpoint == authserver.EndpointToken })(p)
		},
	}, {
		Name:   "aud-slash-forgiven",
		Breaks: AssertionForEndpoint,
		How:    "ignores a slash at the end of aud",
		Policy: audiences(func(a authserver.Audience) bool {
			return text(a) != "" && strings.TrimSuffix(text(a), "/") == strings.TrimSuffix(a.Issuer, "/")
		}),
	}, {
		Name:   "aud-begins-with-issuer",
		Breaks: AssertionForEndpoint,
		How:    "is content when aud begins with the issuer",
		Policy: audiences(func(a authserver.Audience) bool { return strings.HasPrefix(text(a), a.Issuer) }),
	}, {
		Name:       "aud-array-that-contains-the-issuer",
		Breaks:     AssertionForSeveral,
		AlsoBreaks: requirements(AssertionForArray),
		How:        "is content when the issuer is anywhere in an array",
		Policy:     audiences(func(a authserver.Audience) bool { return slices.Contains(list(a), any(a.Issuer)) }),
	}, {
		Name:       "aud-array-not-looked-at",
		Breaks:     AssertionForSeveral,
		AlsoBreaks: requirements(assertion.Audience, AssertionForArray),
		How:        "compares aud only where it is a string, and fails open on everything else",
		Policy:     audiences(func(a authserver.Audience) bool { return list(a) != nil }),
	}, {
		Name:   "aud-first-of-array",
		Breaks: AssertionForSeveral,
		How:    "looks at the first of several audiences",
		Policy: audiences(func(a authserver.Audience) bool { return len(list(a)) > 1 && list(a)[0] == a.Issuer }),
	}, {
		Name:   "aud-last-of-array",
		Breaks: AssertionForSeveral,
		How:    "puts the audiences into a field one after another, and compares what is there in the end",
		Policy: audiences(func(a authserver.Audience) bool { return len(list(a)) > 1 && list(a)[len(list(a))-1] == a.Issuer }),
	}, {
		Name:   "aud-endpoint-of-other-clients",
		Breaks: AssertionForEndpoint,
		How:    "demands the issuer as aud of one client, and takes the endpoint's URL of clients that were registered before",
		Policy: audiences(func(a authserver.Audience) bool {
			return strings.HasSuffix(a.Client, "-second") && slices.Contains(a.Endpoints[a.Endpoint], text(a))
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "aud-array-at-token",
		Breaks: AssertionForSeveral,
		How:    "takes an array that contains the issuer at the token endpoint, where an older library checks the assertion",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointToken && len(list(a)) > 1 && slices.Contains(list(a), any(a.Issuer))
		}),
	}, {
		Name:   "introspection-takes-aud-array",
		Breaks: AssertionForSeveral,
		How:    "takes an array that contains the issuer at the introspection endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointIntrospection && len(list(a)) > 1 && slices.Contains(list(a), any(a.Issuer))
		}),
	}, {
		Name:   "revocation-takes-aud-array",
		Breaks: AssertionForSeveral,
		How:    "takes an array that contains the issuer at the revocation endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointRevocation && len(list(a)) > 1 && slices.Contains(list(a), any(a.Issuer))
		}),
	}, {
		Name:   "aud-array-of-one-at-introspection",
		Breaks: AssertionForArray,
		How:    "unwraps an array of one at the introspection endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointIntrospection && len(list(a)) == 1 && list(a)[0] == a.Issuer
		}),
	}, {
		Name:   "aud-array-of-one-at-revocation",
		Breaks: AssertionForArray,
		How:    "unwraps an array of one at the revocation endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointRevocation && len(list(a)) == 1 && list(a)[0] == a.Issuer
		}),
	}, {
		Name:   "aud-own-url-at-introspection",
		Breaks: AssertionForEndpoint,
		How:    "takes the introspection endpoint's own URL as aud there",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointIntrospection && slices.Contains(a.Endpoints[a.Endpoint], text(a))
		}),
	}, {
		Name:   "aud-own-url-at-revocation",
		Breaks: AssertionForEndpoint,
		How:    "takes the revocation endpoint's own URL as aud there",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointRevocation && slices.Contains(a.Endpoints[a.Endpoint], text(a))
		}),
	}, {
		Name:   "aud-array-of-one",
		Breaks: AssertionForArray,
		How:    "unwraps an array of one, as most JWT libraries do",
		Policy: audiences(func(a authserver.Audience) bool { return len(list(a)) == 1 && list(a)[0] == a.Issuer }),
	}, {
		Name:   "aud-array-of-one-at-token",
		Breaks: AssertionForArray,
		How:    "unwraps an array of one at the token endpoint",
		Policy: audiences(func(a authserver.Audience) bool {
			return a.Endpoint == authserver.EndpointToken && len(list(a)) == 1 && list(a)[0] == a.Issuer
		}),
	}}
}

func assertionClockMutants() []mutant.Mutant {
	times := func(accept func(authserver.AssertionTimes) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.AssertionTimes = accept }
	}
	alive := func(t authserver.AssertionTimes) bool { return t.Exp != nil && *t.Exp > t.Now }
	within := func(claim *float64, limit float64) bool { return claim == nil || *claim <= limit }
	return []mutant.Mutant{{
		Name:   "assertion-clock-strict",
		Breaks: AssertionAhead,
		How:    "refuses assertions whose iat or nbf lies a second ahead",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && within(t.Iat, t.Now+1) && within(t.Nbf, t.Now+1)
		}),
	}, {
		Name:   "assertion-nbf-strict-at-token",
		Breaks: AssertionAhead,
		How:    "allows for no difference of clocks in nbf at the token endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return authserver.Timely(t) && (t.Endpoint != authserver.EndpointToken || within(t.Nbf, t.Now+1))
		}),
	}, {
		Name:   "assertion-iat-strict-at-par",
		Breaks: AssertionAhead,
		How:    "allows for 5 seconds only in iat at the PAR endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return authserver.Timely(t) && (t.Endpoint != authserver.EndpointPAR || within(t.Iat, t.Now+5))
		}),
	}, {
		Name:       "assertion-future-not-checked",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "looks at exp alone",
		Policy:     times(alive),
	}, {
		Name:   "assertion-iat-not-checked",
		Breaks: AssertionFarAhead,
		How:    "checks nbf and forgets iat",
		Policy: times(func(t authserver.AssertionTimes) bool { return alive(t) && within(t.Nbf, t.Now+30) }),
	}, {
		Name:       "assertion-nbf-not-checked",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "checks iat and forgets nbf",
		Policy:     times(func(t authserver.AssertionTimes) bool { return alive(t) && within(t.Iat, t.Now+30) }),
	}, {
		Name:       "assertion-future-not-checked-at-token",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "checks iat and nbf at the PAR endpoint only",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && (t.Endpoint == authserver.EndpointToken || authserver.Timely(t))
		}),
	}, {
		Name:       "assertion-future-of-other-clients",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "looks at iat and nbf for one client, and at exp alone for clients that were registered before",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return authserver.Timely(t) || strings.HasSuffix(t.Client, "-second") && alive(t)
		}),
		Auth: "private_key_jwt",
	}, {
		Name:       "assertion-lifetime-only",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "wants exp to lie at most two minutes after iat, and compares iat with no clock",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && t.Iat != nil && *t.Exp > *t.Iat && *t.Exp-*t.Iat <= 120
		}),
	}, {
		Name:       "assertion-expiry-within-two-minutes-only",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "refuses what lives for more than two minutes or was issued ahead, and does not read nbf",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && *t.Exp <= t.Now+120 && within(t.Iat, t.Now+30)
		}),
	}, {
		Name:   "assertion-iat-strict-for-other-clients",
		Breaks: AssertionAhead,
		How:    "allows for no difference of clocks of clients that were registered before",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return authserver.Timely(t) && (!strings.HasSuffix(t.Client, "-second") || within(t.Iat, t.Now+1))
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "assertion-iat-far-ahead-taken-for-milliseconds",
		Breaks: AssertionFarAhead,
		How:    "takes an iat that lies more than an hour ahead for one in milliseconds, and passes over it",
		Policy: times(func(t authserver.AssertionTimes) bool {
			if t.Iat != nil && *t.Iat > t.Now+3600 {
				t.Iat = nil
			}
			return authserver.Timely(t)
		}),
	}, {
		Name:   "assertion-iat-strict-at-introspection",
		Breaks: AssertionAhead,
		How:    "allows for no difference of clocks at the introspection endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return authserver.Timely(t) && (t.Endpoint != authserver.EndpointIntrospection || within(t.Iat, t.Now+1))
		}),
	}, {
		Name:   "assertion-nbf-strict-at-revocation",
		Breaks: AssertionAhead,
		How:    "allows for no difference of clocks in nbf at the revocation endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return authserver.Timely(t) && (t.Endpoint != authserver.EndpointRevocation || within(t.Nbf, t.Now+1))
		}),
	}, {
		Name:       "assertion-future-not-checked-at-introspection",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "checks iat and nbf everywhere but at the introspection endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && (t.Endpoint == authserver.EndpointIntrospection || authserver.Timely(t))
		}),
	}, {
		Name:       "assertion-future-not-checked-at-revocation",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "checks iat and nbf everywhere but at the revocation endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && (t.Endpoint == authserver.EndpointRevocation || authserver.Timely(t))
		}),
	}, {
		Name:   "assertion-expiry-capped-iat-not-checked",
		Breaks: AssertionFarAhead,
		How:    "wants exp within two minutes and after iat, and compares iat with no clock",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && *t.Exp <= t.Now+120 && t.Iat != nil && *t.Exp > *t.Iat && within(t.Nbf, t.Now+30)
		}),
	}, {
		Name:       "assertion-expiry-capped-at-a-minute-future-not-checked",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "wants exp within a minute, and reads neither iat nor nbf",
		Policy:     times(func(t authserver.AssertionTimes) bool { return alive(t) && *t.Exp <= t.Now+61 }),
	}, {
		Name:   "assertion-expiry-capped-low-iat-not-checked",
		Breaks: AssertionFarAhead,
		How:    "wants exp within 75 seconds and after iat, and compares iat with no clock",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && *t.Exp <= t.Now+75 && t.Iat != nil && *t.Exp > *t.Iat && within(t.Nbf, t.Now+30)
		}),
	}, {
		Name:       "assertion-expiry-capped-at-45-seconds-future-not-checked",
		Breaks:     AssertionFarAhead,
		AlsoBreaks: requirements(assertion.NotBefore),
		How:        "wants exp within 45 seconds, and reads neither iat nor nbf",
		Policy:     times(func(t authserver.AssertionTimes) bool { return alive(t) && *t.Exp <= t.Now+46 }),
	}, {
		Name:   "assertion-future-two-minutes",
		Breaks: AssertionFarAhead,
		How:    "allows two minutes for the difference of clocks",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return alive(t) && within(t.Iat, t.Now+120) && within(t.Nbf, t.Now+120)
		}),
	}}
}
