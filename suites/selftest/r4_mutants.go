package selftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
)

// r4Mutants are the banks of the fourth refuter.
func r4Mutants() []mutant.Mutant {
	all := map[string]*requirement.Requirement{}
	for _, d := range suites.Documents() {
		for _, r := range d.Requirements() {
			all[r.ID] = r
		}
	}
	var out []mutant.Mutant
	add := func(name, id string, policy func(*authserver.Policy), kind ...string) {
		if all[id] == nil {
			panic(fmt.Sprint("no requirement ", id))
		}
		m := mutant.Mutant{Name: "r4-" + name, Breaks: all[id], How: "is the fourth refuter's", Policy: policy}
		for _, k := range kind {
			switch k {
			case "dpop", "mtls":
				m.Binding = k
			default:
				m.Auth = k
			}
		}
		out = append(out, m)
	}
	type P = authserver.Policy
	const key = "private_key_jwt"
	const par, tok, intro, rev, res, ui = authserver.EndpointPAR, authserver.EndpointToken, authserver.EndpointIntrospection, authserver.EndpointRevocation, authserver.EndpointResource, authserver.EndpointUserinfo

	// possession
	poss := func(lets func(authserver.Possession) bool) func(*P) {
		return func(p *P) {
			p.Possession = func(s authserver.Possession) bool { return authserver.ProvedPossession(s) || lets(s) }
		}
	}
	for word, which := range map[string]func(authserver.Possession) bool{
		"refreshed": func(s authserver.Possession) bool { return s.Refreshed },
		"alone":     func(s authserver.Possession) bool { return s.Alone },
		"plain":     func(s authserver.Possession) bool { return !s.OpenID },
		"second":    func(s authserver.Possession) bool { return strings.HasSuffix(s.Client, "-second") },
	} {
		add("proof-of-any-key-for-"+word, "FAPI2-SP-5.3.4-5c", poss(func(s authserver.Possession) bool {
			return which(s) && s.Bound == "dpop" && s.Proof && strings.EqualFold(s.Scheme, "DPoP")
		}), "dpop")
		add("any-certificate-for-"+word, "FAPI2-SP-5.3.4-5d", poss(func(s authserver.Possession) bool {
			return which(s) && s.Bound == "mtls" && s.Certificate && strings.EqualFold(s.Scheme, "Bearer")
		}), "mtls")
		add("bearer-with-proof-for-"+word, "RFC9449-7.2-1b", poss(func(s authserver.Possession) bool {
			return which(s) && s.Bound == "dpop" && s.Proof && s.SameKey
		}), "dpop")
	}
	add("mtls-token-as-bearer-with-a-proof", "FAPI2-SP-5.3.4-5b", poss(func(s authserver.Possession) bool {
		return s.Bound == "mtls" && s.Proof && !s.Certificate && strings.EqualFold(s.Scheme, "Bearer")
	}), "mtls")
	add("bearer-at-the-resource-alias", "FAPI2-SP-5.3.4-5a", poss(func(s authserver.Possession) bool {
		return s.Bound == "dpop" && s.AtAlias && s.Endpoint == res && strings.EqualFold(s.Scheme, "Bearer")
	}), "dpop")
	add("bearer-at-the-resource-away-from-alias", "FAPI2-SP-5.3.4-5a", poss(func(s authserver.Possession) bool {
		return s.Bound == "dpop" && !s.AtAlias && s.Endpoint == res && strings.EqualFold(s.Scheme, "Bearer")
	}), "dpop")
	add("posted-refreshed-userinfo-needs-no-proof", "FAPI2-SP-5.3.4-5a", poss(func(s authserver.Possession) bool {
		return s.Bound == "dpop" && s.Refreshed && s.Endpoint == ui && s.Method == "POST"
	}), "dpop")

	// standing
	stands := func(lets func(authserver.Standing) bool) func(*P) {
		return func(p *P) { p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || lets(s) } }
	}
	add("revocation-forgotten-after-30", "FAPI2-SP-5.3.4-3c", stands(func(s authserver.Standing) bool { return s.For > 30 }))
	add("revocation-heard-after-20", "FAPI2-SP-5.3.4-3c", stands(func(s authserver.Standing) bool { return s.For < 20 }))
	add("revocation-ignored-alone-userinfo", "FAPI2-SP-5.3.4-3c", stands(func(s authserver.Standing) bool { return s.Refreshed && s.Endpoint == ui }))

	// scope
	add("refreshed-scope-as-text", "RFC6749-6-2", func(p *P) {
		p.RefreshScope = func(r authserver.Rescoping) (string, bool) {
			if r.Asked == "" {
				return r.Granted, true
			}
			for word := range strings.FieldsSeq(r.Asked) {
				if !strings.Contains(r.Granted, word) {
					return "", false
				}
			}
			return r.Asked, true
		}
	})
	add("refreshed-scope-one-word-suffices", "RFC6749-6-2", func(p *P) {
		p.RefreshScope = func(r authserver.Rescoping) (string, bool) {
			if r.Asked == "" {
				return r.Granted, true
			}
			for word := range strings.FieldsSeq(r.Asked) {
				if slices.Contains(strings.Fields(r.Granted), word) {
					return r.Asked, true
				}
			}
			return "", false
		}
	})
	add("refreshed-scope-first-word-alone", "RFC6749-6-2", func(p *P) {
		p.RefreshScope = func(r authserver.Rescoping) (string, bool) {
			if r.Asked == "" || slices.Contains(strings.Fields(r.Granted), strings.Fields(r.Asked)[0]) {
				if r.Asked == "" {
					return r.Granted, true
				}
				return r.Asked, true
			}
			return "", false
		}
	})
	add("sufficient-by-prefix", "FAPI2-SP-5.3.4-4", func(p *P) {
		p.ScopeSuffices = func(s authserver.Sufficiency) bool {
			return slices.ContainsFunc(s.Granted, func(g string) bool { return strings.HasPrefix(g, s.Needed) || strings.HasPrefix(s.Needed, g) })
		}
	})

	// code
	unspent := func(lets func(authserver.CodeUse) bool) func(*P) {
		return func(p *P) { p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || lets(c) } }
	}
	add("code-retry-within-2-seconds", "FAPI2-SP-5.3.2.2-9", unspent(func(c authserver.CodeUse) bool { return c.Ago < 2 }))
	add("code-retry-within-100ms", "FAPI2-SP-5.3.2.2-9", unspent(func(c authserver.CodeUse) bool { return c.Ago < 0.1 }))
	add("code-third-time", "FAPI2-SP-5.3.2.2-9", unspent(func(c authserver.CodeUse) bool { return c.Redemptions > 1 }))
	add("code-fourth-time", "FAPI2-SP-5.3.2.2-9", unspent(func(c authserver.CodeUse) bool { return c.Redemptions > 3 }))
	add("code-lives-65", "FAPI2-SP-5.3.2.1-11", func(p *P) { p.CodeAlive = func(c authserver.CodeAge) bool { return c.Seconds < 66 } })
	add("code-lives-90-bound", "FAPI2-SP-5.3.2.1-11", func(p *P) {
		p.CodeAlive = func(c authserver.CodeAge) bool { return c.Seconds < 60 || c.Seconds < 90 && !c.OpenID }
	})
	like := func(passes func(authserver.CodeLike) bool) func(*P) { return func(p *P) { p.PassesForCode = passes } }
	add("code-and-more", "RFC6749-4.1.3-3", like(func(c authserver.CodeLike) bool { return !c.Redeemed && strings.HasPrefix(c.Sent, c.Issued) }))
	add("code-and-more-redeemed", "FAPI2-SP-5.3.2.2-9", like(func(c authserver.CodeLike) bool { return strings.HasPrefix(c.Sent, c.Issued) }))
	add("code-trimmed-redeemed", "FAPI2-SP-5.3.2.2-9", like(func(c authserver.CodeLike) bool { return strings.TrimSpace(c.Sent) == c.Issued }))
	add("code-any-case-redeemed", "FAPI2-SP-5.3.2.2-9", like(func(c authserver.CodeLike) bool { return c.Redeemed && strings.EqualFold(c.Sent, c.Issued) }))
	add("id-token-redeemed", "RFC6749-4.1.3-3", like(func(c authserver.CodeLike) bool { return c.Kind == "id_token" }))
	add("empty-code-redeemed", "RFC6749-4.1.3-3", like(func(c authserver.CodeLike) bool { return c.Sent == "" }))
	same := func(lets func(authserver.Redemption) bool) func(*P) {
		return func(p *P) {
			p.SameRedirectURI = func(r authserver.Redemption) bool { return r.Present && r.Sent == r.Issued || lets(r) }
		}
	}
	add("token-redirect-any-case", "RFC6749-4.1.3-2", same(func(r authserver.Redemption) bool { return strings.EqualFold(r.Sent, r.Issued) }))
	add("token-redirect-slash", "RFC6749-4.1.3-2", same(func(r authserver.Redemption) bool { return strings.TrimRight(r.Sent, "/") == r.Issued }))
	add("token-redirect-empty", "RFC6749-4.1.3-2b", same(func(r authserver.Redemption) bool { return r.Present && r.Sent == "" }))
	add("token-redirect-missing-without-openid", "RFC6749-4.1.3-2b", same(func(r authserver.Redemption) bool { return !r.Present && !r.OpenID }))
	add("token-redirect-fragment", "RFC6749-4.1.3-2", same(func(r authserver.Redemption) bool {
		before, _, _ := strings.Cut(r.Sent, "#")
		return before == r.Issued
	}))
	add("token-redirect-scheme", "RFC6749-4.1.3-2", same(func(r authserver.Redemption) bool {
		return strings.Replace(r.Sent, "http://", "https://", 1) == r.Issued
	}))
	bound := func(lets func(authserver.CodeKey) bool) func(*P) {
		return func(p *P) {
			p.CodeKey = func(k authserver.CodeKey) bool { return authserver.BoundKeyOnly(k) || lets(k) }
		}
	}
	add("proof-key-forgotten-without-openid", "RFC9449-10.1-3", bound(func(k authserver.CodeKey) bool { return !k.OpenID && k.ByThumbprint == "" }), "dpop")
	add("proof-key-forgotten-in-objects", "RFC9449-10.1-3", bound(func(k authserver.CodeKey) bool { return k.InObject && k.ByThumbprint == "" }), "dpop")
	add("proof-key-or-jkt", "RFC9449-10-1", bound(func(k authserver.CodeKey) bool { return k.ByThumbprint != "" && k.ByProof != "" }), "dpop")

	// constraint
	constraint := func(waives func(authserver.Constraint) bool) func(*P) {
		return func(p *P) { p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return !waives(c) } }
	}
	add("bearer-where-the-proof-is-stale", "FAPI2-SP-5.3.2.1-4", constraint(func(c authserver.Constraint) bool {
		return c.SpoiltProof && !c.Unreadable && c.Grant == "authorization_code"
	}), "dpop")
	add("refresh-bearer-where-the-proof-is-stale", "FAPI2-SP-5.3.2.1-4b", constraint(func(c authserver.Constraint) bool {
		return c.SpoiltProof && !c.Unreadable && c.Grant == "refresh_token"
	}), "dpop")
	add("credentials-bearer-where-the-proof-is-stale", "FAPI2-SP-5.3.2.1-4", constraint(func(c authserver.Constraint) bool {
		return c.SpoiltProof && !c.Unreadable && c.Grant == "client_credentials"
	}), "dpop")
	add("credentials-bearer-away-from-alias", "FAPI2-SP-5.3.2.1-4", constraint(func(c authserver.Constraint) bool {
		return !c.AtAlias && c.Grant == "client_credentials" && c.Binding == "mtls"
	}), "mtls", key)

	// owns
	owns := func(lets func(authserver.Ownership) bool) func(*P) {
		return func(p *P) { p.Owns = func(o authserver.Ownership) bool { return o.Owner == o.Caller || lets(o) } }
	}
	add("introspection-any-with-wrong-hint", "RFC7662-2.2-4", owns(func(o authserver.Ownership) bool { return o.Endpoint == intro && o.Hint != "" && o.Hint != o.Kind }))
	add("introspection-any-with-right-hint", "RFC7662-2.2-4", owns(func(o authserver.Ownership) bool { return o.Endpoint == intro && o.Hint == o.Kind }))
	add("introspection-any-without-hint", "RFC7662-2.2-4", owns(func(o authserver.Ownership) bool { return o.Endpoint == intro && o.Hint == "" }))
	add("introspection-jwt-any-with-wrong-hint", "RFC7662-2.2-4", owns(func(o authserver.Ownership) bool {
		return o.Endpoint == intro && o.AsJWT && o.Hint != "" && o.Hint != o.Kind
	}))
	add("introspection-jwt-any-refresh-token", "RFC7662-2.2-4", owns(func(o authserver.Ownership) bool { return o.Endpoint == intro && o.AsJWT && o.Kind == "refresh_token" }))
	add("revocation-any-refresh-with-wrong-hint", "RFC7009-2.1-2", owns(func(o authserver.Ownership) bool {
		return o.Endpoint == rev && o.Kind == "refresh_token" && o.Hint == "access_token"
	}))

	// introspected
	state := func(lets func(authserver.TokenState) bool) func(*P) {
		return func(p *P) {
			p.Introspected = func(s authserver.TokenState) bool { return authserver.GoodToken(s) || lets(s) }
		}
	}
	add("introspection-revoked-wrong-hint", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool { return s.Revoked && s.Hint != "" && s.Hint != s.Kind }))
	add("introspection-revoked-right-hint", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool { return s.Revoked && s.Hint == s.Kind }))
	add("introspection-revoked-alone", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool { return s.Revoked && s.Alone }))
	add("introspection-revoked-refreshed", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool { return s.Revoked && s.Refreshed }))
	add("introspection-expired-with-hint", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool {
		return !s.Revoked && s.Overdue >= 0 && s.Hint != "" && s.Kind == "access_token"
	}))
	add("introspection-expired-id-token", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool { return s.Kind == "id_token" && s.Hint != "" }))
	add("introspection-refresh-token-outlives-grant", "RFC7662-2.2-3", state(func(s authserver.TokenState) bool { return s.Kind == "refresh_token" && s.Revoked && !s.Own }))
	instate := func(lets func(authserver.TokenState) bool) func(*P) {
		return func(p *P) {
			p.IntrospectedInJWT = func(s authserver.TokenState) bool { return authserver.GoodToken(s) || lets(s) }
		}
	}
	add("introspection-jwt-of-codes", "RFC9701-5-5", instate(func(s authserver.TokenState) bool { return s.Kind == "code" }))
	add("introspection-jwt-of-anything", "RFC9701-5-5", instate(func(s authserver.TokenState) bool { return s.Kind == "" && s.Readable }))
	add("introspection-jwt-of-refresh-revoked", "RFC9701-5-5", instate(func(s authserver.TokenState) bool { return s.Kind == "refresh_token" && s.Revoked }))
	add("introspection-jwt-of-expired-refreshed", "RFC9701-5-5", instate(func(s authserver.TokenState) bool { return s.Refreshed && s.Overdue >= 0 }))

	// assertions
	audience := func(lets func(authserver.Audience) bool) func(*P) {
		return func(p *P) {
			p.AssertionAudience = func(a authserver.Audience) bool { return authserver.OnlyIssuer(a) || lets(a) }
		}
	}
	text := func(a authserver.Audience) string { s, _ := a.Value.(string); return s }
	add("aud-ends-with-issuer", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool { return strings.HasSuffix(text(a), a.Issuer) }), key)
	add("aud-words", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool { return slices.Contains(strings.Fields(text(a)), a.Issuer) }), key)
	add("aud-commas", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool { return slices.Contains(strings.Split(text(a), ","), a.Issuer) }), key)
	add("aud-object", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool { _, is := a.Value.(map[string]any); return is }), key)
	add("aud-number", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool { _, is := a.Value.(float64); return is }), key)
	add("aud-with-query", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool { b, _, _ := strings.Cut(text(a), "?"); return b == a.Issuer }), key)
	add("aud-array-one-at-par", "FAPI2-SP-5.3.2.1-8d", audience(func(a authserver.Audience) bool {
		l, _ := a.Value.([]any)
		return a.Endpoint == par && len(l) == 1 && l[0] == a.Issuer
	}), key)
	add("aud-array-on-refresh", "FAPI2-SP-5.3.2.1-8c", audience(func(a authserver.Audience) bool {
		l, _ := a.Value.([]any)
		return a.Grant == "refresh_token" && slices.Contains(l, any(a.Issuer))
	}), key)
	add("aud-token-endpoint-with-credentials", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool {
		return a.Grant == "client_credentials" && slices.Contains(a.Endpoints[tok], text(a))
	}), key)
	add("aud-token-endpoint-on-refresh", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool {
		return a.Grant == "refresh_token" && slices.Contains(a.Endpoints[tok], text(a))
	}), key)
	add("aud-endpoint-for-a-jwt", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool {
		return a.AsksForJWT && slices.Contains(a.Endpoints[intro], text(a))
	}), key)
	add("aud-revocation-endpoint-at-introspection", "FAPI2-SP-5.3.2.1-8b", audience(func(a authserver.Audience) bool {
		return a.Endpoint == intro && slices.Contains(a.Endpoints[tok], text(a))
	}), key)
	sound := func(edit func(*authserver.Assertion)) func(*P) {
		return func(p *P) {
			p.SoundAssertion = func(a authserver.Assertion) bool { edit(&a); return authserver.OwnAssertion(a) }
		}
	}
	for word, where := range map[string]func(authserver.Assertion) bool{
		"with-credentials": func(a authserver.Assertion) bool { return a.Grant == "client_credentials" },
		"on-refresh":       func(a authserver.Assertion) bool { return a.Grant == "refresh_token" },
		"at-revocation":    func(a authserver.Assertion) bool { return a.Endpoint == rev },
		"at-introspection": func(a authserver.Assertion) bool { return a.Endpoint == intro },
		"at-par":           func(a authserver.Assertion) bool { return a.Endpoint == par },
		"for-a-jwt":        func(a authserver.Assertion) bool { return a.AsksForJWT },
	} {
		add("assertion-signature-unchecked-"+word, "RFC7523-3-6", sound(func(a *authserver.Assertion) {
			if where(*a) && a.Signer == "" && a.OwnKey == "" {
				a.Signer, a.KeyAlgorithm = a.Client, a.Algorithm
			}
		}), key)
		add("assertion-by-any-client-"+word, "RFC7523-3-6", sound(func(a *authserver.Assertion) {
			if where(*a) && a.Signer != "" {
				a.Signer = a.Client
			}
		}), key)
		add("assertion-rs256-"+word, "FAPI2-SP-5.4.1-1.2a", sound(func(a *authserver.Assertion) {
			if where(*a) && a.Algorithm == "RS256" && a.Signer == a.Client {
				a.Algorithm, a.KeyAlgorithm = "PS256", "PS256"
			}
		}), key)
		add("assertion-iss-unread-"+word, "RFC7523-3-1", sound(func(a *authserver.Assertion) {
			if where(*a) {
				a.Issuer = a.Client
			}
		}), key)
		add("assertion-jti-optional-"+word, "OIDC-CORE-9-1", sound(func(a *authserver.Assertion) {
			if where(*a) && a.ID == nil {
				a.ID, a.Seen = "made-up", false
			}
		}), key)
		add("assertion-jti-number-"+word, "OIDC-CORE-9-1", sound(func(a *authserver.Assertion) {
			if _, is := a.ID.(float64); where(*a) && is {
				a.ID, a.Seen = "made-up", false
			}
		}), key)
		add("assertion-own-key-"+word, "RFC7523-3-6b", sound(func(a *authserver.Assertion) {
			if where(*a) && a.OwnKey == "jwk" {
				a.Signer, a.KeyAlgorithm = a.Client, a.Algorithm
			}
		}), key)
	}
	times := func(edit func(*authserver.AssertionTimes)) func(*P) {
		return func(p *P) {
			p.AssertionTimes = func(t authserver.AssertionTimes) bool { edit(&t); return authserver.Timely(t) }
		}
	}
	for word, where := range map[string]func(authserver.AssertionTimes) bool{
		"with-credentials": func(a authserver.AssertionTimes) bool { return a.Grant == "client_credentials" },
		"on-refresh":       func(a authserver.AssertionTimes) bool { return a.Grant == "refresh_token" },
		"at-par":           func(a authserver.AssertionTimes) bool { return a.Endpoint == par },
		"at-revocation":    func(a authserver.AssertionTimes) bool { return a.Endpoint == rev },
	} {
		add("assertion-nbf-unread-"+word, "FAPI2-SP-5.3.2.1-13b", times(func(t *authserver.AssertionTimes) {
			if where(*t) {
				t.Nbf = nil
			}
		}), key)
		add("assertion-iat-unread-"+word, "FAPI2-SP-5.3.2.1-13b", times(func(t *authserver.AssertionTimes) {
			if where(*t) {
				t.Iat = nil
			}
		}), key)
		add("assertion-exp-uncompared-"+word, "RFC7523-3-3", times(func(t *authserver.AssertionTimes) {
			if later := t.Now + 60; where(*t) && t.Exp != nil {
				t.Exp = &later
			}
		}), key)
		add("assertion-exp-optional-"+word, "RFC7523-3-3", times(func(t *authserver.AssertionTimes) {
			if later := t.Now + 60; where(*t) && t.Exp == nil {
				t.Exp = &later
			}
		}), key)
	}
	form := func(lets func(authserver.AssertionForm) bool) func(*P) {
		return func(p *P) {
			p.AssertionType = func(f authserver.AssertionForm) bool { return authserver.OnlyJWTBearer(f) || lets(f) }
		}
	}
	add("assertion-type-optional-at-introspection", "RFC7523-3-7", form(func(f authserver.AssertionForm) bool { return f.Endpoint == intro && !f.Present }), key)
	add("assertion-type-empty", "RFC7523-3-7", form(func(f authserver.AssertionForm) bool { return f.Present && f.Sent == "" }), key)
	add("assertion-type-of-saml", "RFC7523-3-7", form(func(f authserver.AssertionForm) bool {
		return strings.HasPrefix(f.Sent, "urn:ietf:params:oauth:client-assertion-type:")
	}), key)
	add("assertion-type-of-the-grant", "RFC7523-3-7", form(func(f authserver.AssertionForm) bool { return strings.HasSuffix(f.Sent, ":jwt-bearer") }), key)
	add("assertion-type-any-case", "RFC7523-3-7", form(func(f authserver.AssertionForm) bool {
		return strings.EqualFold(f.Sent, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	}), key)
	add("crit-passed-over-at-introspection", "RFC7523-3-6", func(p *P) { p.PassesOverCritical = func(at authserver.Endpoint) bool { return at == intro } }, key)
	add("crit-passed-over-at-revocation", "RFC7523-3-6", func(p *P) { p.PassesOverCritical = func(at authserver.Endpoint) bool { return at == rev } }, key)
	bare := func(lets func(authserver.Bare) bool) func(*P) { return func(p *P) { p.UnsignedAssertion = lets } }
	add("none-with-credentials", "FAPI2-SP-5.4.1-1.3", bare(func(b authserver.Bare) bool { return b.Grant == "client_credentials" && b.Algorithm == "none" }), key)
	add("none-at-revocation", "FAPI2-SP-5.4.1-1.3", bare(func(b authserver.Bare) bool { return b.Endpoint == rev && b.Algorithm == "none" }), key)
	add("none-leftover-at-par", "FAPI2-SP-5.4.1-1.3", bare(func(b authserver.Bare) bool { return b.Endpoint == par && b.Leftover }), key)
	add("none-mixed-case-only", "FAPI2-SP-5.4.1-1.3", bare(func(b authserver.Bare) bool { return b.Algorithm == "nOnE" }), key)
	r4Second(add)
	r4Third(add)
	r4Fourth(add)
	out = slices.DeleteFunc(out, func(m mutant.Mutant) bool { return !slices.Contains(r4Kept, m.Name) })
	slices.SortFunc(out, func(a, b mutant.Mutant) int { return strings.Compare(a.Name, b.Name) })
	return out
}
