package selftest

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
)

func r4Fourth(add r4add) {
	type P = authserver.Policy
	const par, tok, intro, rev, res, ui = authserver.EndpointPAR, authserver.EndpointToken, authserver.EndpointIntrospection, authserver.EndpointRevocation, authserver.EndpointResource, authserver.EndpointUserinfo
	second := func(s string) bool { return strings.HasSuffix(s, "-second") }
	// second clients
	add("second-client-proof-time", "FAPI2-SP-5.3.4-5a", func(p *P) {
		p.Possession = func(s authserver.Possession) bool {
			return authserver.ProvedPossession(s) || second(s.Client) && s.Endpoint == ui && s.Bound == "dpop" && strings.EqualFold(s.Scheme, "Bearer")
		}
	}, "dpop")
	add("second-client-userinfo-any-certificate", "FAPI2-SP-5.3.4-5b", func(p *P) {
		p.Possession = func(s authserver.Possession) bool {
			return authserver.ProvedPossession(s) || second(s.Client) && s.Endpoint == ui && s.Bound == "mtls" && !s.Certificate && strings.EqualFold(s.Scheme, "Bearer")
		}
	}, "mtls")
	add("second-client-redirect-at-token", "FAPI2-SP-5.3.2.2-6", func(p *P) {
		p.RedirectURI = func(r authserver.Redirection) string {
			if uri := authserver.RegisteredExactly(r); uri != "" {
				return uri
			}
			if second(r.Client) && !r.Present {
				return r.Registered[0]
			}
			return ""
		}
	})
	add("second-client-hybrid", "FAPI2-SP-5.3.2.2-1b", func(p *P) {
		p.AlsoGrantsType = func(a authserver.Asked, sent string) bool { return second(a.Client) && sent == "token" }
	})
	add("second-client-password-capital", "FAPI2-SP-5.3.2.1-2", func(p *P) {
		p.GrantType = func(g authserver.Granting) bool { return authserver.KnownGrants(g) || g.Grant == "Password" }
	})
	add("second-client-assertion-any", "RFC7523-3-6", func(p *P) {
		p.SoundAssertion = func(a authserver.Assertion) bool {
			if second(a.Client) && a.Signer == "" {
				a.Signer, a.KeyAlgorithm = a.Client, a.Algorithm
			}
			return authserver.OwnAssertion(a)
		}
	}, "private_key_jwt")
	add("second-client-none", "RFC7523-3-3", func(p *P) {
		p.AssertionTimes = func(t authserver.AssertionTimes) bool {
			if later := t.Now + 60; second(t.Client) && t.Exp != nil {
				t.Exp = &later
			}
			return authserver.Timely(t)
		}
	}, "private_key_jwt")
	add("second-client-unauthenticated-introspection", "FAPI2-SP-5.3.2.1-6a", func(p *P) {
		p.Unauthenticated = func(s authserver.Presented) bool { return second(s.Client) && s.Grant == "client_credentials" }
	})
	add("second-client-jarm-no-state", "JARM-2.1-4", func(p *P) {
		p.ResponseClaims = func(a authserver.SignedResponse, c map[string]any) map[string]any {
			d := maps.Clone(c)
			if second(a.Client) {
				delete(d, "state")
			}
			return d
		}
	})
	add("second-client-jarm-no-exp", "JARM-2.1-3a", func(p *P) {
		p.ResponseClaims = func(a authserver.SignedResponse, c map[string]any) map[string]any {
			d := maps.Clone(c)
			if second(a.Client) {
				delete(d, "exp")
			}
			return d
		}
	})
	add("second-client-object-of-jwt-typ", "FAPI2-MS-5.3.1-2b", func(p *P) {
		p.ObjectAudience = func(a authserver.ObjectAudience) bool {
			return authserver.ForTheIssuer(a) || a.Value == nil && a.Sealed
		}
	})
	add("object-audience-object", "FAPI2-MS-5.3.1-2b", func(p *P) {
		p.ObjectAudience = func(a authserver.ObjectAudience) bool {
			_, text := a.Value.(string)
			_, list := a.Value.([]any)
			return authserver.ForTheIssuer(a) || a.Value != nil && !text && !list
		}
	})
	add("object-audience-any-case", "FAPI2-MS-5.3.1-2b", func(p *P) {
		p.ObjectAudience = func(a authserver.ObjectAudience) bool {
			text, _ := a.Value.(string)
			return authserver.ForTheIssuer(a) || strings.EqualFold(text, a.Issuer)
		}
	})
	add("object-audience-words", "FAPI2-MS-5.3.1-2b", func(p *P) {
		p.ObjectAudience = func(a authserver.ObjectAudience) bool {
			text, _ := a.Value.(string)
			return authserver.ForTheIssuer(a) || slices.Contains(strings.Fields(text), a.Issuer) || strings.HasSuffix(text, a.Issuer)
		}
	})
	add("object-typ-of-anything", "RFC9101-10.8-1", func(p *P) { p.ObjectType = func(string, string) bool { return true } })
	add("object-second-client-iat-ahead", "FAPI2-SP-5.3.2.1-13f", func(p *P) {
		p.RequestObjectTimes = func(t authserver.AssertionTimes) bool { return authserver.NotFarAhead(t) || second(t.Client) }
	})
	add("object-second-client-alg", "FAPI2-SP-5.4.1-1.3c", func(p *P) {
		p.UnsignedObject = func(b authserver.Bare) bool { return b.Algorithm == "NONE" }
	})
	// prompt and sessions
	add("resume-by-prompt-consent", "OIDC-CORE-3.1.2.1-3", func(p *P) {
		p.Resumes = func(r authserver.Resumption) bool {
			return authserver.Fresh(r) || slices.Contains(r.Prompt, "login") && len(r.Prompt) > 1
		}
	})
	add("resume-at-max-age-with-prompt", "OIDC-CORE-3.1.2.1-4", func(p *P) {
		p.Resumes = func(r authserver.Resumption) bool {
			return authserver.Fresh(r) || r.MaxAge == "0" && slices.Contains(r.Prompt, "consent")
		}
	})
	add("max-age-large-leeway", "OIDC-CORE-3.1.2.1-4", func(p *P) {
		p.Resumes = func(r authserver.Resumption) bool {
			return authserver.Fresh(r) || r.MaxAge != "" && r.MaxAge != "0" && r.Since < 300
		}
	})
	add("prompt-any-case-none", "OIDC-CORE-3.1.2.1-2", func(p *P) {
		p.PromptValues = func(v []string) bool { return authserver.NoneAlone(v) || v[len(v)-1] == "none" }
	})
	// HTTP
	add("authorization-error-without-state", "RFC6749-4.1.2-1", func(p *P) {
		p.ResponseParameters = func(isError bool, c url.Values) url.Values {
			d := url.Values{}
			for k, v := range c {
				if k != "state" || d.Get("error") == "access_denied" || !isError {
					d[k] = v
				}
			}
			return d
		}
	})
	add("refresh-response-bearer-type-alone", "RFC9449-6.2-1", func(p *P) {
		p.ConfirmedKey = func(n authserver.NamedKey) string {
			if n.Endpoint == intro && n.Refreshed {
				return ""
			}
			return n.Own
		}
	}, "dpop")
	add("confirmed-key-missing-alone", "RFC9449-6.1-1", func(p *P) {
		p.ConfirmedKey = func(n authserver.NamedKey) string {
			if n.Endpoint == tok && n.Alone {
				return ""
			}
			return n.Own
		}
	}, "dpop")
	add("confirmed-key-missing-alone-introspection", "RFC9449-6.2-1", func(p *P) {
		p.ConfirmedKey = func(n authserver.NamedKey) string {
			if n.Endpoint == intro && n.Alone {
				return ""
			}
			return n.Own
		}
	}, "dpop")
	add("certificate-missing-alone-introspection", "RFC8705-3.2-1", func(p *P) {
		p.NamesCertificate = func(n authserver.NamedKey) string {
			if n.Endpoint == intro && (n.Alone || n.Refreshed) {
				return strings.ToLower(n.Own)
			}
			return n.Own
		}
	}, "mtls")
	add("nonce-half-with-codes", "RFC9449-4.3-10", func(p *P) {
		p.NeedsNonce = func(authserver.Endpoint) bool { return true }
		p.NonceHolds = func(n authserver.NonceUse) bool { return n.Known || n.Grant == "authorization_code" && n.Sent != "" }
	}, "dpop")
	add("nonce-empty-at-par", "RFC9449-4.3-10", func(p *P) {
		p.NeedsNonce = func(authserver.Endpoint) bool { return true }
		p.NonceHolds = func(n authserver.NonceUse) bool { return n.Known || n.Endpoint == par && n.Sent == "" }
	}, "dpop")
	add("nonce-any-at-userinfo", "RFC9449-7.1-p2.10", func(p *P) {
		p.NeedsNonce = func(authserver.Endpoint) bool { return true }
		p.NonceHolds = func(n authserver.NonceUse) bool {
			return n.Known || n.Endpoint == ui && n.Method == "GET" && n.Sent != ""
		}
	}, "dpop")
	add("nonce-asked-once-on-refresh", "RFC9449-11.3-1", func(p *P) {
		p.NeedsNonce = func(authserver.Endpoint) bool { return true }
		p.NonceHolds = func(n authserver.NonceUse) bool {
			return n.Known || n.Grant == "refresh_token" && n.Asked && n.Sent == ""
		}
	}, "dpop")
	add("nonce-asked-once-at-resource", "RFC9449-11.3-1", func(p *P) {
		p.NeedsNonce = func(authserver.Endpoint) bool { return true }
		p.NonceHolds = func(n authserver.NonceUse) bool { return n.Known || n.Endpoint == res && n.Asked && n.Sent == "" }
	}, "dpop")
	add("revives-after-40", "RFC7009-2-1", func(p *P) { p.Revives = func(s float64) bool { return s > 40 } })
	add("refresh-scope-any-second-time-after-narrow", "RFC6749-6-2", func(p *P) {
		p.RefreshScope = func(r authserver.Rescoping) (string, bool) {
			if r.Asked != "" && !strings.Contains(r.Granted, "openid") {
				return r.Asked, true
			}
			return authserver.NoMoreScope(r)
		}
	})
	add("signed-introspection-encrypted-owner", "RFC9701-5-3", func(p *P) {
		p.SignedMembers = func(a authserver.SignedIntrospection, c map[string]any) map[string]any {
			d := maps.Clone(c)
			if a.Kind == "refresh_token" && a.Active {
				delete(d, "client_id")
			}
			return d
		}
	})
	add("inactive-expired-jwt-described", "RFC9701-5-5", func(p *P) {
		p.SignedMembers = func(a authserver.SignedIntrospection, c map[string]any) map[string]any {
			if a.Active || a.Owner == "" {
				return c
			}
			return map[string]any{"active": false, "client_id": a.Owner}
		}
	})
	add("owns-at-revocation-jwt", "RFC7009-2.1-2", func(p *P) {
		p.Owns = func(o authserver.Ownership) bool {
			return o.Owner == o.Caller || o.Endpoint == rev && o.Kind == "access_token" && o.Hint == "refresh_token"
		}
	})
}
