package selftest

import (
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
)

func r4Third(add r4add) {
	type P = authserver.Policy
	const key = "private_key_jwt"
	const par, tok, intro, rev, res, ui = authserver.EndpointPAR, authserver.EndpointToken, authserver.EndpointIntrospection, authserver.EndpointRevocation, authserver.EndpointResource, authserver.EndpointUserinfo
	owns := func(lets func(authserver.Ownership) bool) func(*P) {
		return func(p *P) { p.Owns = func(o authserver.Ownership) bool { return o.Owner == o.Caller || lets(o) } }
	}
	add("introspection-any-own-tokens", "RFC7662-2.2-4", owns(func(o authserver.Ownership) bool { return o.Endpoint == intro && o.Alone }))
	add("refresh-token-of-any-client-again", "RFC6749-6-1", owns(func(o authserver.Ownership) bool { return o.Endpoint == tok && o.Kind == "refresh_token" && o.Again }))
	add("request-uri-of-anybody-without-openid", "RFC9126-2.2-5", owns(func(o authserver.Ownership) bool { return o.Kind == "request_uri" && !o.OpenID }))
	add("request-uri-of-the-same-house", "RFC9126-2.2-5", owns(func(o authserver.Ownership) bool {
		return o.Kind == "request_uri" && strings.HasPrefix(strings.TrimSuffix(o.Caller, "-second"), strings.TrimSuffix(o.Owner, "-second"))
	}))
	stands := func(lets func(authserver.Standing) bool) func(*P) {
		return func(p *P) { p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || lets(s) } }
	}
	add("revocation-ignored-for-plain-tokens", "FAPI2-SP-5.3.4-3c", stands(func(s authserver.Standing) bool { return !s.OpenID }))
	add("revocation-ignored-for-openid-tokens", "FAPI2-SP-5.3.4-3c", stands(func(s authserver.Standing) bool { return s.OpenID }))
	redirection := func(accept func(authserver.Redirection) string) func(*P) {
		return func(p *P) {
			p.RedirectURI = func(r authserver.Redirection) string {
				if uri := authserver.RegisteredExactly(r); uri != "" {
					return uri
				}
				return accept(r)
			}
		}
	}
	add("http-in-objects", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		if r.InObject && strings.HasPrefix(r.Sent, "http://") {
			return r.Sent
		}
		return ""
	}))
	add("redirect-defaults-in-objects", "FAPI2-SP-5.3.2.2-6", redirection(func(r authserver.Redirection) string {
		if r.InObject && !r.Present {
			return r.Registered[0]
		}
		return ""
	}))
	sound := func(lets func(authserver.ClientCertificate) bool) func(*P) {
		return func(p *P) {
			p.SoundCertificate = func(c authserver.ClientCertificate) bool { return authserver.OwnCertificate(c) || lets(c) }
		}
	}
	add("expired-certificate", "RFC8705-2.1-1", sound(func(c authserver.ClientCertificate) bool {
		return c.Auth == "tls_client_auth" && c.Issued && c.Subject == c.Wanted
	}), "tls_client_auth")
	add("self-signed-same-key", "RFC8705-2.2-1", sound(func(c authserver.ClientCertificate) bool {
		return c.Auth == "self_signed_tls_client_auth" && c.SelfSigned
	}), "self_signed_tls_client_auth")
	add("subject-contained", "RFC8705-2-2", sound(func(c authserver.ClientCertificate) bool {
		return c.Auth == "tls_client_auth" && c.Chain && (strings.Contains(c.Subject, c.Wanted) || strings.Contains(c.Wanted, c.Subject))
	}), "tls_client_auth")
	add("certificate-of-same-house", "RFC8705-2-2", sound(func(c authserver.ClientCertificate) bool {
		return c.Auth == "tls_client_auth" && c.Chain && c.Endpoint == rev
	}), "tls_client_auth")
	add("self-signed-anybody-at-introspection", "FAPI2-SP-5.3.2.1-6a", sound(func(c authserver.ClientCertificate) bool {
		return c.Auth == "self_signed_tls_client_auth" && c.Endpoint == intro
	}), "self_signed_tls_client_auth")
	add("empty-basic-beside-assertion", "RFC7523-3.1-2", func(p *P) { p.EmptySecretBeside = func(basic bool) bool { return basic } }, key)
	add("empty-secret-beside-assertion", "RFC7523-3.1-2", func(p *P) { p.EmptySecretBeside = func(basic bool) bool { return !basic } }, key)
	add("code-reusable-after-refresh", "FAPI2-SP-5.3.2.2-9", func(p *P) {
		p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || c.Refreshed }
	})
	idclaims := func(edit func(authserver.IDToken, map[string]any)) func(*P) {
		return func(p *P) {
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				c := maps.Clone(complete)
				edit(about, c)
				return c
			}
		}
	}
	add("nonce-missing-in-objects", "OIDC-CORE-2-3", idclaims(func(a authserver.IDToken, c map[string]any) {
		if a.InObject {
			delete(c, "nonce")
		}
	}))
	add("nonce-missing-without-state", "OIDC-CORE-2-3", idclaims(func(a authserver.IDToken, c map[string]any) {
		if !a.Stated {
			delete(c, "nonce")
		}
	}))
	add("nonce-another-second-client", "OIDC-CORE-2-3", idclaims(func(a authserver.IDToken, c map[string]any) {
		if strings.HasSuffix(a.Client, "-second") {
			delete(c, "nonce")
		}
	}))
	add("aud-other-second-client", "OIDC-CORE-3.1.3.7-R", idclaims(func(a authserver.IDToken, c map[string]any) {
		if strings.HasSuffix(a.Client, "-second") {
			c["aud"] = strings.TrimSuffix(a.Client, "-second")
		}
	}))
	add("aud-list-of-strangers", "OIDC-CORE-3.1.3.7-R", idclaims(func(a authserver.IDToken, c map[string]any) { c["aud"] = []any{a.Client, "https://stranger.example"} }))
	add("response-as-access-token", "FAPI2-SP-5.3.4-3d", func(p *P) {
		p.TokenIntact = func(i authserver.Integrity) bool {
			return i.Stored && (!i.JWT || i.Signature) || i.Signature && i.Kind == "response"
		}
	})
	waives := func(lets func(authserver.Asked) bool) func(*P) { return func(p *P) { p.WaivesChallenge = lets } }
	add("pkce-optional-with-signed-response", "FAPI2-SP-5.3.2.2-5a", waives(func(a authserver.Asked) bool { return strings.HasSuffix(a.Mode, "jwt") }))
	add("pkce-optional-with-details", "FAPI2-SP-5.3.2.2-5a", waives(func(a authserver.Asked) bool { return a.Details }))
	add("pkce-optional-with-prompt", "FAPI2-SP-5.3.2.2-5a", waives(func(a authserver.Asked) bool { return a.Prompt != "" }))
	pushing := func(lets func(authserver.Asked) bool) func(*P) { return func(p *P) { p.WaivesPushing = lets } }
	add("par-optional-with-signed-response", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return strings.HasSuffix(a.Mode, "jwt") }))
	add("par-optional-with-prompt-none", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return a.Prompt == "none" }))
	add("object-iss-not-compared", "RFC9126-3-3", func(p *P) { p.ObjectIssuer = func(any, string) bool { return true } })
	failing := func(to func(authserver.Failure) bool) func(*P) {
		return func(p *P) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if !f.KnownRequest && f.FrontRedirect != "" && to(f) {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		}
	}
	near := func(f authserver.Failure, is func(front, registered string) bool) bool {
		for _, r := range f.Registered {
			if is(f.FrontRedirect, r) {
				return true
			}
		}
		return false
	}
	add("redirector-two-ats", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool { return strings.Count(f.FrontRedirect, "@") > 1 }))
	add("redirector-semicolon-dots", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool {
		return near(f, func(front, r string) bool { return strings.HasPrefix(front, r) && strings.Contains(front, ";") })
	}))
	add("redirector-encoded-dots", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool {
		return near(f, func(front, r string) bool {
			return strings.HasPrefix(front, r) && strings.Contains(strings.ToLower(front), "%2e")
		})
	}))
	add("redirector-control-characters", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool { return strings.ContainsAny(f.FrontRedirect, "\t\r\n") }))
	add("redirector-any-where-prompt-none", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool {
		return f.KnownClient && !f.NamesRequest && f.FrontType == "code" && f.FrontScope != "" && strings.HasPrefix(f.FrontRedirect, "https://") && strings.HasSuffix(f.Client, "-second")
	}))
	add("redirector-custom-scheme", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool {
		u, err := url.Parse(f.FrontRedirect)
		return err == nil && u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https"
	}))
	add("redirector-idn", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool {
		for _, c := range f.FrontRedirect {
			if c > 127 {
				return true
			}
		}
		return false
	}))
	add("redirector-trailing-dot", "FAPI2-SP-5.3.2.1-7", failing(func(f authserver.Failure) bool {
		u, err := url.Parse(f.FrontRedirect)
		return err == nil && strings.HasSuffix(u.Hostname(), ".")
	}))
	texts := func(kind string, write func(authserver.Handle) string) func(*P) {
		return func(p *P) {
			p.OpaqueTokens = func() bool { return kind == "access_token" }
			p.TokenText = func(h authserver.Handle) string {
				if h.Kind == kind {
					return write(h)
				}
				return h.Random
			}
		}
	}
	add("access-tokens-that-count", "FAPI2-SP-5.4.1-4", texts("access_token", func(h authserver.Handle) string { return fmt.Sprintf("token-of-the-reference-bank-%012d", h.Serial) }))
	add("refresh-tokens-of-8-bytes", "FAPI2-SP-5.4.1-4", texts("refresh_token", func(h authserver.Handle) string { return h.Random[:11] }))
	add("refresh-tokens-of-the-time", "FAPI2-SP-5.4.1-4", texts("refresh_token", func(h authserver.Handle) string { return fmt.Sprintf("%x%s", int64(h.Now*1e6), h.Random[:6]) }))
	add("access-tokens-of-100-bits", "FAPI2-SP-5.4.1-4", texts("access_token", func(h authserver.Handle) string { return h.Random[:17] }))
	uuid := func(h authserver.Handle) string {
		x := fmt.Sprintf("%x", h.Random)[:32]
		return x[:8] + "-" + x[8:12] + "-4" + x[13:16] + "-a" + x[17:20] + "-" + x[20:32]
	}
	_ = uuid
	add("uuid1-codes", "FAPI2-SP-5.4.1-4", func(p *P) {
		p.CodeText = func(h authserver.Handle, _ string) string {
			t := int64(h.Now * 1e7)
			return fmt.Sprintf("%08x-%04x-1%03x-8f3a-0242ac120002", uint32(t), uint16(t>>32), t>>48&0xfff)
		}
	})
	add("codes-of-100-bits", "FAPI2-SP-5.4.1-4", func(p *P) { p.CodeText = func(h authserver.Handle, _ string) string { return h.Random[:17] } })
	add("codes-of-120-bits", "FAPI2-SP-5.4.1-4", func(p *P) { p.CodeText = func(h authserver.Handle, _ string) string { return h.Random[:20] } })
	add("state-in-the-code", "RFC7636-4.4-1", func(p *P) {
		p.CodeText = func(h authserver.Handle, c string) string { return h.Random + strings.ToLower(c) }
	})
	// what certified products do
	alive := func(edit func(authserver.Lifetime) bool) func(*P) {
		return func(p *P) { p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || edit(l) } }
	}
	add("expiry-unchecked-by-post-of-refreshed", "FAPI2-SP-5.3.4-3b", alive(func(l authserver.Lifetime) bool { return l.Method == "POST" && l.Refreshed }))
	add("expiry-forgotten-after-5-minutes", "FAPI2-SP-5.3.4-3b", alive(func(l authserver.Lifetime) bool { return l.Overdue > 90 }))
	kinds := func(at authserver.Endpoint, which string) func(*P) {
		return func(p *P) {
			p.TokenKind = func(e authserver.Endpoint, kind string) bool {
				return kind == "access_token" || e == at && kind == which
			}
		}
	}
	add("userinfo-client-assertion", "FAPI2-SP-5.3.4-3d", func(p *P) {
		kinds(ui, "client_assertion")(p)
		p.TokenIntact = func(i authserver.Integrity) bool {
			return i.Stored && (!i.JWT || i.Signature) || i.Endpoint == ui && i.Assertion
		}
	})
	add("resource-client-assertion", "FAPI2-SP-5.3.4-3d", func(p *P) {
		kinds(res, "client_assertion")(p)
		p.TokenIntact = func(i authserver.Integrity) bool {
			return i.Stored && (!i.JWT || i.Signature) || i.Endpoint == res && i.Assertion
		}
	})
	add("repeated-token-grant-type-first", "RFC6749-3.2-2", func(p *P) {
		p.RepeatedParameter = func(at authserver.Endpoint, name string) authserver.Repetition {
			if at == tok && name == "grant_type" {
				return authserver.FirstOfThem
			}
			return authserver.RefuseRepetition
		}
	})
	for _, name := range []string{"code", "grant_type", "client_assertion_type", "authorization_details", "client_id"} {
		for _, at := range []authserver.Endpoint{tok, par, intro, rev} {
			id := "RFC6749-3.2-2"
			if at == par {
				id = "RFC6749-3.1-3"
			}
			add(fmt.Sprintf("repeated-%s-at-%s", strings.ReplaceAll(name, "_", "-"), at), id, func(p *P) {
				p.RepeatedParameter = func(where authserver.Endpoint, n string) authserver.Repetition {
					if at == where && name == n {
						return authserver.LastOfThem
					}
					return authserver.RefuseRepetition
				}
			})
		}
	}
	for _, name := range []string{"redirect_uri", "scope", "response_type", "code_challenge_method", "dpop_jkt", "request", "response_mode", "prompt"} {
		add("repeated-pushed-"+strings.ReplaceAll(name, "_", "-"), "RFC6749-3.1-3", func(p *P) {
			p.RepeatedParameter = func(where authserver.Endpoint, n string) authserver.Repetition {
				if par == where && name == n {
					return authserver.LastOfThem
				}
				return authserver.RefuseRepetition
			}
		})
	}
	for _, name := range []string{"client_assertion", "client_id", "code", "grant_type", "scope", "code_verifier", "refresh_token", "token"} {
		for _, at := range []authserver.Endpoint{tok, par} {
			id := map[authserver.Endpoint]string{tok: "RFC6749-3.2-1", par: "RFC9126-2-5"}[at]
			add(fmt.Sprintf("query-%s-at-%s", strings.ReplaceAll(name, "_", "-"), at), id, func(p *P) {
				p.ReadsQuery = func(q authserver.Queried) bool { return q.Endpoint == at && q.Name == name }
			})
		}
	}
}
