package fapi2sp

import (
	"fmt"
	"github.com/fapitest/fapitest/suites/mtls"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/grantmanagement"
	"github.com/fapitest/fapitest/suites/par"
)

func parMutants() []mutant.Mutant {
	redirection := func(accept func(authserver.Redirection) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RedirectURI = func(r authserver.Redirection) string {
				if uri := authserver.RegisteredExactly(r); uri != "" {
					return uri
				}
				return accept(r)
			}
		}
	}
	lifetime := func(seconds int) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.RequestURILifetime = func() int { return seconds } }
	}
	return []mutant.Mutant{{
		Name:   "par-leads-nowhere",
		Breaks: PushedRequests,
		How:    "gives a request_uri that the authorization endpoint, on another node, does not find",
		Policy: func(p *authserver.Policy) { p.FindsRequest = func() bool { return false } },
	}, {
		Name:   "par-wants-the-request-again",
		Breaks: PushedRequests,
		How:    "wants response_type and scope in the URL beside request_uri, as OpenID Connect Core section 6.2 did before there were pushed requests",
		Policy: func(p *authserver.Policy) {
			p.BesideRequestURI = func(names []string) bool {
				return slices.Contains(names, "response_type") && slices.Contains(names, "scope")
			}
		},
	}, {
		Name:       "par-trusts-client-id",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly, grantmanagement.ConfidentialClients),
		How:        "takes client_id at its word at the PAR endpoint",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == authserver.EndpointPAR }
		},
	}, {
		Name:   "par-trusts-client-id-of-other-clients",
		Breaks: PARClientAuthentication,
		How:    "demands authentication at the PAR endpoint of the client for which it was switched on",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointPAR && strings.HasSuffix(c.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:       "par-trusts-client-id-of-mtls-clients",
		Breaks:     PARClientAuthentication,
		AlsoBreaks: requirements(mtls.CertificateOfOther, mtls.UntrustedIssuer, mtls.RegisteredOnly, grantmanagement.ConfidentialClients),
		How:        "demands assertions at the PAR endpoint and forgets the clients that authenticate by certificate",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointPAR && c.Auth != "private_key_jwt"
			}
		},
		Auth: "tls_client_auth",
	}, {
		Name:   "par-takes-the-binding-for-authentication",
		Breaks: PARClientAuthentication, AlsoBreaks: requirements(grantmanagement.ConfidentialClients),
		How: "takes the certificate that tokens are bound to for authentication of a private_key_jwt client at the PAR endpoint",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == authserver.EndpointPAR && c.Certificate }
		},
		Auth: "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "par-trusts-client-id-away-from-the-mtls-host",
		Breaks: PARClientAuthentication, AlsoBreaks: requirements(grantmanagement.ConfidentialClients),
		How: "has the TLS layer of the host for mutual TLS demand certificates, and demands nothing at the other PAR URL",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointPAR && c.Auth == "self_signed_tls_client_auth" && !c.AtAlias
			}
		},
		Auth: "self_signed_tls_client_auth",
	}, {
		Name:   "redirect-uri-defaults",
		Breaks: RedirectURIRequired,
		How:    "falls back to the registered redirect_uri where the request has none",
		Policy: redirection(func(r authserver.Redirection) string {
			if !r.Present {
				return r.Registered[0]
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-defaults-where-it-is-empty",
		Breaks: RedirectURIRequired,
		How:    "demands that redirect_uri is there, and falls back to the registered one where it is empty",
		Policy: redirection(func(r authserver.Redirection) string {
			if r.Present && r.Sent == "" {
				return r.Registered[0]
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-defaults-without-openid",
		Breaks: RedirectURIRequired,
		How:    "demands redirect_uri as OpenID Connect does, and falls back to the registered one in other requests",
		Policy: redirection(func(r authserver.Redirection) string {
			if !r.Present && !r.OpenID {
				return r.Registered[0]
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-defaults-in-request-objects",
		Breaks: RedirectURIRequired,
		How:    "demands redirect_uri in forms, and falls back to the registered one where a request object has none",
		Policy: redirection(func(r authserver.Redirection) string {
			if !r.Present && r.InObject {
				return r.Registered[0]
			}
			return ""
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "redirect-uri-cleartext-in-request-objects",
		Breaks: RedirectURINotCleartext,
		How:    "takes any redirect_uri that the client has signed",
		Policy: redirection(func(r authserver.Redirection) string {
			if r.InObject {
				return r.Sent
			}
			return ""
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "redirect-uri-cleartext-without-openid",
		Breaks: RedirectURINotCleartext,
		How:    "looks at redirect URIs where openid is asked for, and takes any other with http",
		Policy: redirection(func(r authserver.Redirection) string {
			if strings.HasPrefix(r.Sent, "http://") && !r.OpenID {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-cleartext-with-one-slash",
		Breaks: RedirectURINotCleartext,
		How:    "looks for http:// at the beginning of redirect URIs",
		Policy: redirection(func(r authserver.Redirection) string {
			if strings.HasPrefix(r.Sent, "http:/") && !strings.HasPrefix(r.Sent, "http://") {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-cleartext-behind-a-space",
		Breaks: RedirectURINotCleartext,
		How:    "looks at the scheme of redirect URIs, and trims them afterwards",
		Policy: func(p *authserver.Policy) {
			redirection(func(r authserver.Redirection) string {
				if trimmed := strings.TrimSpace(r.Sent); trimmed != r.Sent && strings.HasPrefix(trimmed, "http://") {
					return trimmed
				}
				return ""
			})(p)
			p.RedirectURIForm = func(sent string) bool { return authserver.AbsoluteWithoutFragment(strings.TrimSpace(sent)) }
		},
	}, {
		Name:   "redirect-uri-of-no-address",
		Breaks: RedirectURINotCleartext,
		How:    "lets native apps choose the port, and takes 0.0.0.0 for loopback",
		Policy: redirection(func(r authserver.Redirection) string {
			sent, err := url.Parse(r.Sent)
			if err == nil && sent.Scheme == "http" && sent.Hostname() == "0.0.0.0" {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-of-any-host",
		Breaks: RedirectURINotCleartext,
		How:    "takes any redirect_uri from a client that has authenticated, as RFC 9126 allows, and does not look at its scheme",
		Policy: redirection(func(r authserver.Redirection) string { return r.Sent }),
	}, {
		Name:   "redirect-uri-of-any-host-for-other-clients",
		Breaks: RedirectURINotCleartext,
		How:    "compares the redirect_uri of the client for which that was switched on, and of no other of its kind",
		Policy: redirection(func(r authserver.Redirection) string {
			if strings.HasSuffix(r.Client, "-second") {
				return r.Sent
			}
			return ""
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "redirect-uri-cleartext-in-capitals",
		Breaks: RedirectURINotCleartext,
		How:    "looks for http:// in small letters only",
		Policy: redirection(func(r authserver.Redirection) string {
			if strings.HasPrefix(r.Sent, "http://") {
				return ""
			}
			return r.Sent
		}),
	}, {
		Name:   "redirect-uri-loopback-by-its-beginning",
		Breaks: RedirectURINotCleartext,
		How:    "lets native apps choose the port, and knows loopback by what the redirect_uri begins with",
		Policy: redirection(func(r authserver.Redirection) string {
			if strings.HasPrefix(r.Sent, "http://localhost") || strings.HasPrefix(r.Sent, "http://127.0.0.1") {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-loopback-before-the-at",
		Breaks: RedirectURINotCleartext,
		How:    "lets native apps choose the port, and takes for the host whatever stands before the first colon, slash or @",
		Policy: redirection(func(r authserver.Redirection) string {
			rest, found := strings.CutPrefix(r.Sent, "http://")
			if end := strings.IndexAny(rest, ":/@"); found && end >= 0 && rest[:end] == "localhost" {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-loopback-by-its-end",
		Breaks: RedirectURINotCleartext,
		How:    "lets native apps choose the port, and takes for loopback every host that ends in localhost",
		Policy: redirection(func(r authserver.Redirection) string {
			sent, err := url.Parse(r.Sent)
			if err == nil && sent.Scheme == "http" && strings.HasSuffix(sent.Hostname(), "localhost") {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-loopback-by-a-label",
		Breaks: RedirectURINotCleartext,
		How:    "lets native apps choose the port, and takes for loopback every host with localhost among its labels but the first",
		Policy: redirection(func(r authserver.Redirection) string {
			sent, err := url.Parse(r.Sent)
			if err == nil && sent.Scheme == "http" && strings.Contains(sent.Hostname(), ".localhost") {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-of-private-networks",
		Breaks: RedirectURINotCleartext,
		How:    "takes http at private addresses, for the developers' machines",
		Policy: redirection(func(r authserver.Redirection) string {
			sent, err := url.Parse(r.Sent)
			if err == nil && sent.Scheme == "http" && net.ParseIP(sent.Hostname()).IsPrivate() {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-with-a-port",
		Breaks: RedirectURINotCleartext,
		How:    "compares names of hosts and paths, and takes http where a port is named, as test systems have it",
		Policy: redirection(func(r authserver.Redirection) string {
			sent, err := url.Parse(r.Sent)
			if err != nil || sent.Scheme != "http" || sent.Port() == "" {
				return ""
			}
			for _, one := range r.Registered {
				if registered, err := url.Parse(one); err == nil && registered.Hostname() == sent.Hostname() && registered.Path == sent.Path {
					return r.Sent
				}
			}
			return ""
		}),
	}, {
		Name:   "redirect-uri-scheme-not-compared",
		Breaks: RedirectURINotCleartext,
		How:    "compares host and path of redirect URIs and not their scheme",
		Policy: redirection(func(r authserver.Redirection) string {
			if rest, found := strings.CutPrefix(r.Sent, "http://"); found && slices.Contains(r.Registered, "https://"+rest) {
				return r.Sent
			}
			return ""
		}),
	}, {
		Name:   "request-uri-lives-ten-minutes",
		Breaks: RequestURILifetime,
		How:    "lets a request_uri live for 600 seconds",
		Policy: lifetime(600),
	}, {
		Name:       "request-uri-lifetime-as-text",
		Breaks:     par.LifetimeForm,
		AlsoBreaks: requirements(RequestURILifetime),
		How:        "writes expires_in of the pushed request as text, as its template does with every value",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				seconds, there := complete["expires_in"]
				if at != authserver.EndpointPAR || !there {
					return complete
				}
				edited := maps.Clone(complete)
				edited["expires_in"] = fmt.Sprint(seconds)
				return edited
			}
		},
	}, {
		Name:   "request-uri-lives-a-day",
		Breaks: RequestURILifetime,
		How:    "lets a request_uri live for a day",
		Policy: lifetime(86400),
	}}
}
