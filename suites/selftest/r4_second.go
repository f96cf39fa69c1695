package selftest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
)

type r4add func(name, id string, policy func(*authserver.Policy), kind ...string)

func r4Second(add r4add) {
	type P = authserver.Policy
	const key = "private_key_jwt"
	const par, tok, intro, rev, res, ui = authserver.EndpointPAR, authserver.EndpointToken, authserver.EndpointIntrospection, authserver.EndpointRevocation, authserver.EndpointResource, authserver.EndpointUserinfo

	// proofs
	overlooks := func(at func(authserver.Proof) bool, edit func(*authserver.Proof)) func(*P) {
		return func(p *P) {
			p.SoundProof = func(f authserver.Proof) bool {
				if at(f) {
					edit(&f)
				}
				return authserver.WellMadeProof(f)
			}
		}
	}
	type place struct {
		word                                           string
		at                                             func(authserver.Proof) bool
		sig, meth, addr, typ, jti, priv, ext, rep, two string
	}
	places := []place{
		{"at-par", func(f authserver.Proof) bool { return f.Endpoint == par }, "RFC9449-10.1-4", "RFC9449-10.1-4", "RFC9449-10.1-4", "RFC9449-10.1-4", "RFC9449-10.1-4", "RFC9449-10.1-4", "RFC9449-10.1-4", "RFC9449-11.1-2b", "RFC9449-10.1-4"},
		{"on-refresh", func(f authserver.Proof) bool { return f.Grant == "refresh_token" }, "RFC9449-4.3-6", "RFC9449-4.3-8", "RFC9449-4.3-9a", "RFC9449-4.3-4", "RFC9449-4.3-3", "RFC9449-4.3-7", "RFC9449-4.3-6", "RFC9449-11.1-2b", "RFC9449-4.3-1"},
		{"with-codes", func(f authserver.Proof) bool { return f.Grant == "authorization_code" }, "RFC9449-4.3-6", "RFC9449-4.3-8", "RFC9449-4.3-9a", "RFC9449-4.3-4", "RFC9449-4.3-3", "RFC9449-4.3-7", "RFC9449-4.3-6", "RFC9449-11.1-2b", "RFC9449-4.3-1"},
		{"with-credentials", func(f authserver.Proof) bool { return f.Grant == "client_credentials" }, "RFC9449-4.3-6", "RFC9449-4.3-8", "RFC9449-4.3-9a", "RFC9449-4.3-4", "RFC9449-4.3-3", "RFC9449-4.3-7", "RFC9449-4.3-6", "RFC9449-11.1-2b", "RFC9449-4.3-1"},
		{"at-resource", func(f authserver.Proof) bool { return f.Endpoint == res }, "RFC9449-7.1-p2.6", "RFC9449-7.1-p2.8", "RFC9449-7.1-p2.9", "RFC9449-7.1-p2.4", "RFC9449-7.1-p2.3", "RFC9449-7.1-p2.7", "RFC9449-7.1-p2.6", "RFC9449-11.1-2", "RFC9449-7.1-p2.1"},
		{"at-userinfo", func(f authserver.Proof) bool { return f.Endpoint == ui && f.WantedMethod == "GET" }, "RFC9449-7.1-p2.6", "RFC9449-7.1-p2.8", "RFC9449-7.1-p2.9", "RFC9449-7.1-p2.4", "RFC9449-7.1-p2.3", "RFC9449-7.1-p2.7", "RFC9449-7.1-p2.6", "RFC9449-11.1-2", "RFC9449-7.1-p2.1"},
		{"at-userinfo-by-post", func(f authserver.Proof) bool { return f.Endpoint == ui && f.WantedMethod == "POST" }, "RFC9449-7.1-p2.6", "RFC9449-7.1-p2.8", "RFC9449-7.1-p2.9", "RFC9449-7.1-p2.4", "RFC9449-7.1-p2.3", "RFC9449-7.1-p2.7", "RFC9449-7.1-p2.6", "RFC9449-11.1-2", "RFC9449-7.1-p2.1"},
	}
	for _, w := range places {
		at := w.at
		add("proof-signature-"+w.word, w.sig, overlooks(at, func(f *authserver.Proof) { f.Signature = true }), "dpop")
		add("proof-method-"+w.word, w.meth, overlooks(at, func(f *authserver.Proof) { f.Method = f.WantedMethod }), "dpop")
		add("proof-address-"+w.word, w.addr, overlooks(at, func(f *authserver.Proof) { f.SameURL = true }), "dpop")
		add("proof-type-"+w.word, w.typ, overlooks(at, func(f *authserver.Proof) { f.Type = "dpop+jwt" }), "dpop")
		add("proof-jti-"+w.word, w.jti, overlooks(at, func(f *authserver.Proof) {
			if f.ID == nil {
				f.ID, f.Seen = "x", false
			}
		}), "dpop")
		add("proof-private-"+w.word, w.priv, overlooks(at, func(f *authserver.Proof) { f.Private = false }), "dpop")
		add("proof-extension-"+w.word, w.ext, overlooks(at, func(f *authserver.Proof) { f.Extension = false }), "dpop")
		add("proof-replay-in-other-letters-"+w.word, w.rep, overlooks(at, func(f *authserver.Proof) { f.Seen = f.SeenText }), "dpop")
		add("proof-replay-"+w.word, w.rep, overlooks(at, func(f *authserver.Proof) { f.Seen = false }), "dpop")
		add("proof-replay-after-5-"+w.word, w.rep, overlooks(at, func(f *authserver.Proof) { f.Seen = f.Seen && f.SeenFor < 5 }), "dpop")
		add("proof-two-fields-"+w.word, w.two, overlooks(at, func(f *authserver.Proof) { f.Fields = 1 }), "dpop")
		add("proof-http-"+w.word, w.addr, overlooks(at, func(f *authserver.Proof) {
			sent, _ := f.URL.(string)
			f.SameURL = f.SameURL || "https"+strings.TrimPrefix(sent, "http") == f.WantedURL
		}), "dpop")
		add("proof-forwarded-host-"+w.word, w.addr, overlooks(at, func(f *authserver.Proof) {
			sent, _ := f.URL.(string)
			f.SameURL = f.SameURL || f.ForwardedURL != "" && sent == f.ForwardedURL
		}), "dpop")
		add("proof-overriding-"+w.word, w.meth, overlooks(at, func(f *authserver.Proof) {
			if f.Overriding != "" && f.Method == f.Overriding {
				f.Method = f.WantedMethod
			}
		}), "dpop")
	}
	timed := func(waives func(authserver.ProofTime) bool) func(*P) {
		return func(p *P) {
			p.ProofTime = func(t authserver.ProofTime) bool { return authserver.FreshProof(t) || waives(t) }
		}
	}
	add("proof-any-age-with-codes", "RFC9449-4.3-11", timed(func(t authserver.ProofTime) bool {
		return t.Grant == "authorization_code" && !t.Missing && !t.Odd && t.Iat < t.Now && t.Nbf == nil
	}), "dpop")
	add("proof-any-age-on-refresh", "RFC9449-4.3-11", timed(func(t authserver.ProofTime) bool {
		return t.Grant == "refresh_token" && !t.Missing && !t.Odd && t.Iat < t.Now && t.Nbf == nil
	}), "dpop")
	add("proof-any-age-at-userinfo", "RFC9449-7.1-p2.11", timed(func(t authserver.ProofTime) bool {
		return t.Endpoint == ui && !t.Missing && !t.Odd && t.Iat < t.Now && t.Nbf == nil
	}), "dpop")
	add("proof-ahead-at-userinfo", "RFC9449-7.1-p2.11", timed(func(t authserver.ProofTime) bool {
		return t.Endpoint == ui && !t.Missing && !t.Odd && t.Iat > t.Now && t.Nbf == nil
	}), "dpop")
	add("proof-without-iat-at-par", "RFC9449-10.1-4", timed(func(t authserver.ProofTime) bool { return t.Endpoint == par && t.Missing }), "dpop")
	add("proof-odd-iat-at-par", "RFC9449-10.1-4", timed(func(t authserver.ProofTime) bool { return t.Endpoint == par && t.Odd }), "dpop")
	add("proof-without-iat-at-userinfo", "RFC9449-7.1-p2.3", timed(func(t authserver.ProofTime) bool { return t.Endpoint == ui && t.Missing }), "dpop")
	add("proof-odd-iat-at-userinfo", "RFC9449-7.1-p2.11", timed(func(t authserver.ProofTime) bool { return t.Endpoint == ui && t.Odd }), "dpop")
	odd := func(at func(authserver.OddProof) bool) func(*P) { return func(p *P) { p.OddProof = at } }
	for _, formOf := range []string{"two parts", "five parts", "list", "MAC by the public key", "MAC by a symmetric key"} {
		dashed := strings.ReplaceAll(strings.ToLower(formOf), " ", "-")
		add("odd-proof-"+dashed+"-at-par", "RFC9449-10.1-4", odd(func(o authserver.OddProof) bool { return o.Endpoint == par && o.Form == formOf }), "dpop")
		add("odd-proof-"+dashed+"-on-refresh", map[bool]string{true: "RFC9449-4.3-5", false: "RFC9449-4.3-2"}[strings.HasPrefix(formOf, "MAC")], odd(func(o authserver.OddProof) bool { return o.Grant == "refresh_token" && o.Form == formOf }), "dpop")
		add("odd-proof-"+dashed+"-at-userinfo", map[bool]string{true: "RFC9449-7.1-p2.5", false: "RFC9449-7.1-p2.2"}[strings.HasPrefix(formOf, "MAC")], odd(func(o authserver.OddProof) bool { return o.Endpoint == ui && o.Form == formOf }), "dpop")
	}
	add("bare-proof-with-codes", "FAPI2-SP-5.4.1-1.3b", func(p *P) {
		p.UnsignedProof = func(b authserver.BareProof) bool { return b.Grant == "authorization_code" && b.Algorithm == "none" }
	}, "dpop")
	add("short-key-on-refresh", "FAPI2-SP-5.4.1-2b", func(p *P) { p.ShortKey = func(k authserver.ShortKey) bool { return k.Grant == "refresh_token" } }, "dpop")
	add("short-key-at-resource", "FAPI2-SP-5.4.1-2b", func(p *P) { p.ShortKey = func(k authserver.ShortKey) bool { return k.Endpoint == res } }, "dpop")
	add("any-curve-at-resource", "FAPI2-SP-5.4.1-1.2f", func(p *P) { p.AnyCurve = func(at authserver.Endpoint, _ string) bool { return at == res } }, "dpop")
	add("any-curve-on-refresh", "FAPI2-SP-5.4.1-1.2d", func(p *P) { p.AnyCurve = func(_ authserver.Endpoint, g string) bool { return g == "refresh_token" } }, "dpop")

	// requests
	waives := func(lets func(authserver.Asked) bool) func(*P) { return func(p *P) { p.WaivesChallenge = lets } }
	add("pkce-optional-in-objects-without-openid", "FAPI2-SP-5.3.2.2-5a", waives(func(a authserver.Asked) bool { return a.InObject && !strings.Contains(a.Scope, "openid") }))
	add("pkce-optional-with-openid-alone", "FAPI2-SP-5.3.2.2-5a", waives(func(a authserver.Asked) bool { return a.Scope == "openid" }))
	add("pkce-optional-empty-in-objects", "FAPI2-SP-5.3.2.2-5a", waives(func(a authserver.Asked) bool { return a.InObject && a.EmptyChallenge }))
	grants := func(lets func(authserver.Asked, string) bool) func(*P) { return func(p *P) { p.AlsoGrantsType = lets } }
	add("hybrid-in-objects", "FAPI2-SP-5.3.2.2-1b", grants(func(a authserver.Asked, sent string) bool { return a.InObject && sent == "code id_token" }))
	add("hybrid-with-openid", "FAPI2-SP-5.3.2.2-1b", grants(func(a authserver.Asked, sent string) bool {
		return strings.Contains(a.Scope, "openid") && sent == "code id_token"
	}))
	add("hybrid-without-openid", "FAPI2-SP-5.3.2.2-1b", grants(func(a authserver.Asked, sent string) bool {
		return !strings.Contains(a.Scope, "openid") && sent == "code token"
	}))
	add("implicit-without-openid", "FAPI2-SP-5.3.2.2-1b", grants(func(a authserver.Asked, sent string) bool {
		return !strings.Contains(a.Scope, "openid") && sent == "token"
	}))
	add("implicit-where-dpop-jkt", "FAPI2-SP-5.3.2.2-1b", grants(func(a authserver.Asked, sent string) bool { return a.NamesKey && sent == "token" }))
	add("response-type-in-any-case", "FAPI2-SP-5.3.2.2-1b", func(p *P) {
		p.ResponseType = func(sent string, _ bool) bool { return strings.EqualFold(sent, "code") }
	})
	add("response-type-code-code", "RFC6749-4.1.1-1", func(p *P) {
		p.ResponseType = func(sent string, _ bool) bool { return sent == "code" || sent == "code code" }
	})
	add("pkce-unknown-method-is-s256", "RFC7636-4.4.1-1", func(p *P) { p.ChallengeMethod = func(string, bool) string { return "S256" } })
	add("pkce-s256-in-lower-case", "FAPI2-SP-5.3.2.2-5b", func(p *P) {
		p.ChallengeMethod = func(sent string, _ bool) string {
			if strings.EqualFold(sent, "S256") {
				return "S256"
			}
			return ""
		}
	})
	add("plain-in-objects-named", "FAPI2-SP-5.3.2.2-5b", func(p *P) {
		p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool { return a.Scope == "openid" && sent == "plain" }
	})
	state := func(carry func(string) string) func(*P) {
		return func(p *P) { p.State = func(s authserver.SentState) (string, bool) { return carry(s.Value), true } }
	}
	cut := func(at string) func(string) string {
		return func(s string) string { before, _, _ := strings.Cut(s, at); return before }
	}
	for word, at := range map[string]string{"ampersand": "&", "hash": "#", "semicolon": ";", "space": " ", "less": "<", "quote": "\"", "percent": "%", "backslash": "\\", "equals": "=", "comma": ",", "tilde": "~", "pipe": "|", "apostrophe": "'", "question": "?", "brace": "{"} {
		add("state-cut-at-"+word, "RFC6749-4.1.2-1", state(cut(at)))
	}
	add("state-trimmed", "RFC6749-4.1.2-1", state(strings.TrimSpace))
	add("state-512", "RFC6749-4.1.2-1", state(func(s string) string { return s[:min(len(s), 512)] }))
	add("state-900", "RFC6749-4.1.2-1", state(func(s string) string { return s[:min(len(s), 900)] }))
	add("state-1024", "RFC6749-4.1.2-1", state(func(s string) string { return s[:min(len(s), 1024)] }))
	add("state-encoded-twice", "RFC6749-4.1.2-1", state(url.QueryEscape))
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
	add("redirect-uri-http-with-a-space-before", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		if strings.HasPrefix(r.Sent, " http://") || strings.HasPrefix(r.Sent, "\thttp://") {
			return strings.TrimSpace(r.Sent)
		}
		return ""
	}))
	add("redirect-uri-http-one-slash", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		if strings.HasPrefix(r.Sent, "http:/") && !strings.HasPrefix(r.Sent, "http://") {
			return r.Sent
		}
		return ""
	}))
	add("redirect-uri-http-without-openid", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		if strings.HasPrefix(r.Sent, "http://") && !r.OpenID {
			return r.Sent
		}
		return ""
	}))
	add("redirect-uri-http-of-127", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		u, err := url.Parse(r.Sent)
		if err == nil && u.Scheme == "http" && strings.HasPrefix(u.Hostname(), "127.") && u.Hostname() != "127.0.0.1" {
			return r.Sent
		}
		return ""
	}))
	add("redirect-uri-http-of-0", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		u, err := url.Parse(r.Sent)
		if err == nil && u.Scheme == "http" && u.Hostname() == "0.0.0.0" {
			return r.Sent
		}
		return ""
	}))
	add("redirect-uri-javascript", "FAPI2-SP-5.3.2.2-8", redirection(func(r authserver.Redirection) string {
		if strings.HasPrefix(r.Sent, "javascript:") || strings.HasPrefix(r.Sent, "data:") {
			return r.Sent
		}
		return ""
	}))
	add("redirect-uri-two-of-them", "RFC9700-2.1-1", redirection(func(r authserver.Redirection) string {
		if first, _, is := strings.Cut(r.Sent, ","); is {
			return first
		}
		if first, _, is := strings.Cut(r.Sent, " "); is {
			return first
		}
		return ""
	}))
	pushing := func(lets func(authserver.Asked) bool) func(*P) { return func(p *P) { p.WaivesPushing = lets } }
	add("par-optional-with-nonce", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return a.Nonce }))
	add("par-optional-with-openid-alone", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return a.Scope == "openid" }))
	add("par-optional-with-dpop-jkt", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return a.NamesKey }))
	add("par-optional-by-post-without-openid", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return a.Posted && !strings.Contains(a.Scope, "openid") }))
	add("par-optional-with-openid", "FAPI2-SP-5.3.2.2-3", pushing(func(a authserver.Asked) bool { return strings.Contains(a.Scope, "openid") }))
	alive := func(more float64) func(*P) {
		return func(p *P) { p.RequestURIAlive = func(a authserver.RequestURIAge) bool { return a.Overdue < more } }
	}
	add("request-uri-20-seconds-more", "RFC9126-4-1b", alive(20))
	add("request-uri-45-seconds-more", "RFC9126-4-1b", alive(45))
	add("request-uri-2-minutes-more", "RFC9126-4-1b", alive(120))
	add("request-uri-5-minutes-more", "RFC9126-4-1b", alive(300))
	add("used-after-45", "RFC9126-4-1a", func(p *P) { p.TakesUsed = func(u authserver.UsedRequest) bool { return u.Ago > 45 } })
	add("used-after-60", "RFC9126-4-1a", func(p *P) { p.TakesUsed = func(u authserver.UsedRequest) bool { return u.Ago > 60 } })
	add("used-within-3", "RFC9126-4-1a", func(p *P) { p.TakesUsed = func(u authserver.UsedRequest) bool { return u.Ago < 3 } })
	add("request-uri-last-segment", "FAPI2-SP-5.3.2.2-3c", func(p *P) {
		p.RequestURIKey = func(uri string) string { return uri[strings.LastIndex(uri, ":")+1:] }
	})
	add("request-uri-trimmed", "FAPI2-SP-5.3.2.2-3c", func(p *P) { p.RequestURIKey = strings.TrimSpace })
	add("request-uri-before-hash", "FAPI2-SP-5.3.2.2-3c", func(p *P) {
		p.RequestURIKey = func(uri string) string { b, _, _ := strings.Cut(uri, "#"); b, _, _ = strings.Cut(b, "?"); return b }
	})
	add("request-uri-prefix-any-case", "FAPI2-SP-5.3.2.2-3c", func(p *P) {
		p.RequestURIKey = func(uri string) string {
			i := strings.LastIndex(uri, ":") + 1
			return strings.ToLower(uri[:i]) + uri[i:]
		}
	})
	add("scope-added-beside-request-uri", "RFC9101-6.3-2", func(p *P) {
		p.FrontWins = func(f authserver.Front) bool { return f.Name == "scope" && !f.OpenID }
	})
	for _, name := range []string{"state", "nonce", "code_challenge", "dpop_jkt", "prompt", "max_age", "claims", "acr_values", "authorization_details", "redirect_uri"} {
		add("beside-by-post-"+strings.ReplaceAll(name, "_", "-"), "RFC9101-6.3-2", func(p *P) {
			p.FrontWins = func(f authserver.Front) bool { return f.Name == name && f.Posted }
		})
		add("beside-where-pushed-"+strings.ReplaceAll(name, "_", "-"), "RFC9101-6.3-2", func(p *P) {
			p.FrontWins = func(f authserver.Front) bool { return f.Name == name && f.Pushed && !f.Posted }
		})
		add("beside-where-not-pushed-"+strings.ReplaceAll(name, "_", "-"), "RFC9101-6.3-2", func(p *P) {
			p.FrontWins = func(f authserver.Front) bool { return f.Name == name && !f.Pushed && !f.Posted }
		})
	}

	// responses
	params := func(edit func(bool, url.Values)) func(*P) {
		return func(p *P) {
			p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
				c := url.Values{}
				for k, v := range complete {
					c[k] = slices.Clone(v)
				}
				edit(isError, c)
				return c
			}
		}
	}
	add("iss-missing-from-denials", "FAPI2-SP-5.3.2.2-7b", params(func(_ bool, c url.Values) {
		if c.Get("error") == "access_denied" {
			c.Del("iss")
		}
	}))
	add("iss-missing-from-errors-without-state", "FAPI2-SP-5.3.2.2-7b", params(func(_ bool, c url.Values) {
		if c.Has("error") && !c.Has("state") {
			c.Del("iss")
		}
	}))
	add("iss-twice-in-denials", "FAPI2-SP-5.3.2.2-7b", params(func(_ bool, c url.Values) {
		if c.Get("error") == "access_denied" {
			c.Add("iss", c.Get("iss"))
		}
	}))
	add("iss-in-capitals", "FAPI2-SP-5.3.2.2-7", params(func(_ bool, c url.Values) { c.Set("iss", strings.ToUpper(c.Get("iss"))) }))
	add("code-twice", "RFC6749-4.1.2-1", params(func(_ bool, c url.Values) {
		if c.Has("code") {
			c.Add("code", "other")
		}
	}))
	status := func(at authserver.Place, code int) func(*P) {
		return func(p *P) {
			p.RedirectStatus = func(where authserver.Place) int {
				if where == at {
					return code
				}
				return http.StatusSeeOther
			}
		}
	}
	add("consent-307", "FAPI2-SP-5.3.2.2-10", status(authserver.AfterConsent, 307))
	add("client-308", "FAPI2-SP-5.3.2.2-11", status(authserver.ToClient, 308))
	add("client-301", "FAPI2-SP-5.3.2.2-11", status(authserver.ToClient, 301))
	add("authorization-307", "FAPI2-SP-5.3.2.2-10", func(p *P) {
		p.LoginApart = func() bool { return true }
		status(authserver.AfterLogin, 307)(p)
	})

	// visits
	open := func(at authserver.Endpoint, is func(authserver.Visit) bool) func(*P) {
		return func(p *P) { p.Unguarded = func(v authserver.Visit) bool { return v.Endpoint == at && is(v) } }
	}
	add("open-basic-scheme", "FAPI2-SP-5.3.4-4", open(res, func(v authserver.Visit) bool { return strings.EqualFold(v.Scheme, "Basic") }))
	add("open-bearer-lower", "FAPI2-SP-5.3.4-4", open(res, func(v authserver.Visit) bool { return v.Scheme == "bearer" }))
	add("open-dpop-scheme-userinfo", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Scheme == "DPoP" }))
	add("open-userinfo-head", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Method == "HEAD" }))
	add("open-userinfo-options", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Method == "OPTIONS" }))
	add("open-userinfo-slash", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return strings.HasSuffix(v.Path, "/") }))
	add("open-userinfo-slashes", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return strings.HasPrefix(v.Path, "//") }))
	add("open-userinfo-within", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Within }))
	add("open-userinfo-rewritten", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Rewritten }))
	add("open-resource-capitals", "FAPI2-SP-5.3.4-4", open(res, func(v authserver.Visit) bool {
		return v.Path != strings.ToLower(v.Path) && !strings.Contains(v.Path, "%")
	}))
	add("open-resource-encoded", "FAPI2-SP-5.3.4-4", open(res, func(v authserver.Visit) bool {
		return strings.Contains(v.Path, "%") && !strings.Contains(strings.ToLower(v.Path), "%2e")
	}))
	add("open-userinfo-certificate", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Certificate && v.Method == "GET" && !v.Proof }))
	add("open-userinfo-proof", "FAPI2-SP-5.3.4-4", open(ui, func(v authserver.Visit) bool { return v.Proof && v.Method == "GET" }))
	intact := func(lets func(authserver.Integrity) bool) func(*P) {
		return func(p *P) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored && (!i.JWT || i.Signature) || lets(i) }
		}
	}
	for word, at := range map[string]func(authserver.Integrity) bool{
		"userinfo":         func(i authserver.Integrity) bool { return i.Endpoint == ui && i.Method == "GET" },
		"userinfo-by-post": func(i authserver.Integrity) bool { return i.Endpoint == ui && i.Method == "POST" },
		"resource":         func(i authserver.Integrity) bool { return i.Endpoint == res },
	} {
		add("own-key-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.OwnKey }))
		add("certified-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.Certified }))
		add("blank-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.Blank }))
		add("maced-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.MACed == "PEM" }))
		add("emptymac-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.EmptyMAC }))
		add("byclient-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.ByClient }))
		add("assertion-"+word, "FAPI2-SP-5.3.4-3d", intact(func(i authserver.Integrity) bool { return at(i) && i.Assertion }))
		add("unsigned-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.Unsigned }))
		add("word-"+word, "FAPI2-SP-5.3.4-3a", intact(func(i authserver.Integrity) bool { return at(i) && i.Word != "" }))
		add("othercase-"+word, "FAPI2-SP-5.3.4-3a", func(p *P) {
			p.OpaqueTokens = func() bool { return true }
			intact(func(i authserver.Integrity) bool { return at(i) && i.OtherCase })(p)
		})
	}

	// client authentication
	secret := func(lets func(authserver.Presented) bool) func(*P) { return func(p *P) { p.Secret = lets } }
	for word, at := range map[string]func(authserver.Presented) bool{
		"at-par":           func(p authserver.Presented) bool { return p.Endpoint == par },
		"on-refresh":       func(p authserver.Presented) bool { return p.Grant == "refresh_token" },
		"with-credentials": func(p authserver.Presented) bool { return p.Grant == "client_credentials" },
		"at-introspection": func(p authserver.Presented) bool { return p.Endpoint == intro },
		"at-revocation":    func(p authserver.Presented) bool { return p.Endpoint == rev },
	} {
		add("right-secret-"+word, "FAPI2-SP-5.3.2.1-6b", secret(func(p authserver.Presented) bool { return at(p) && p.SecretRight && p.Method == "client_secret_basic" }))
		add("empty-secret-"+word, "FAPI2-SP-5.3.2.1-6b", secret(func(p authserver.Presented) bool { return at(p) && p.SecretEmpty }))
		add("coded-secret-"+word, "FAPI2-SP-5.3.2.1-6b", secret(func(p authserver.Presented) bool {
			return at(p) && p.Method == "client_secret_jwt" && p.SecretKnown == ""
		}))
		add("secret-over-certificate-"+word, "FAPI2-SP-5.3.2.1-6b", secret(func(p authserver.Presented) bool { return at(p) && p.Certificate && p.Method == "client_secret_post" }))
		for _, spelt := range []string{"PEM", "DER", "JWK"} {
			add("public-secret-"+strings.ToLower(spelt)+"-"+word, "RFC8725-3.1-1", func(p *P) {
				p.PublicSecret = func(s authserver.Presented) bool { return at(s) && s.SecretKnown == spelt }
			}, key)
		}
	}
	word := func(lets func(authserver.Nameless) bool) func(*P) { return func(p *P) { p.TakesAtItsWord = lets } }
	add("no-client-id-at-par", "FAPI2-SP-5.3.2.2-4", word(func(n authserver.Nameless) bool { return n.Endpoint == par && n.How == "no client_id" }))
	add("unreadable-on-refresh", "FAPI2-SP-5.3.2.1-3", word(func(n authserver.Nameless) bool { return n.Grant == "refresh_token" && n.How == "unreadable assertion" }))
	add("unreadable-with-credentials", "FAPI2-SP-5.3.2.1-3", word(func(n authserver.Nameless) bool {
		return n.Grant == "client_credentials" && n.How == "unreadable assertion"
	}))
	add("empty-with-credentials", "FAPI2-SP-5.3.2.1-3", word(func(n authserver.Nameless) bool { return n.Grant == "client_credentials" && n.How == "empty assertion" }))
	add("empty-at-introspection", "FAPI2-SP-5.3.2.1-6a", word(func(n authserver.Nameless) bool { return n.Endpoint == intro && n.How == "empty assertion" }))
	header := func(lets func(authserver.Unauthorized) bool) func(*P) { return func(p *P) { p.TakesHeader = lets } }
	add("bearer-header-with-credentials", "FAPI2-SP-5.3.2.1-3", header(func(u authserver.Unauthorized) bool { return u.Grant == "client_credentials" && u.Scheme == "bearer" }))
	add("basic-header-at-introspection", "FAPI2-SP-5.3.2.1-6a", header(func(u authserver.Unauthorized) bool { return u.Endpoint == intro && u.Scheme == "basic" }))
	add("unknown-header-at-revocation", "FAPI2-SP-5.3.2.1-6a", header(func(u authserver.Unauthorized) bool {
		return u.Endpoint == rev && u.Scheme != "" && !slices.Contains([]string{"bearer", "basic", "dpop"}, u.Scheme)
	}))
	add("dpop-header-for-a-jwt", "RFC9701-4-2", header(func(u authserver.Unauthorized) bool { return u.AsksForJWT && u.Scheme == "dpop" }))
	un := func(lets func(authserver.Presented) bool) func(*P) { return func(p *P) { p.Unauthenticated = lets } }
	add("unauthenticated-with-unknown-hint", "FAPI2-SP-5.3.2.1-6a", un(func(p authserver.Presented) bool {
		return p.Hint != "" && p.Hint != "access_token" && p.Hint != "refresh_token"
	}))
	add("unauthenticated-with-proof-for-credentials", "FAPI2-SP-5.3.2.1-3", un(func(p authserver.Presented) bool { return p.Grant == "client_credentials" && p.Proof }))
	add("unauthenticated-at-alias-with-codes", "FAPI2-SP-5.3.2.1-3", un(func(p authserver.Presented) bool {
		return p.Grant == "authorization_code" && p.AtAlias && !p.Certificate
	}))
	add("unauthenticated-certificate-for-credentials", "FAPI2-SP-5.3.2.1-3", un(func(p authserver.Presented) bool { return p.Grant == "client_credentials" && p.Certificate }))
	add("unauthenticated-certificate-at-revocation", "FAPI2-SP-5.3.2.1-6a", un(func(p authserver.Presented) bool { return p.Endpoint == rev && p.Certificate }))

	// details
	tells := func(at authserver.DetailsPlace) func(*P) {
		return func(p *P) {
			p.TellsDetails = func(where authserver.DetailsPlace, granted []map[string]any) any {
				if where == at {
					return nil
				}
				return granted
			}
		}
	}
	add("details-missing-in-token", "RFC9396-9-1", tells(authserver.DetailsInToken))
	add("details-missing-at-introspection", "RFC9396-9-1", tells(authserver.DetailsAtIntrospection))
	add("details-missing-in-refreshed-token", "RFC9396-9-1", tells(authserver.DetailsInRefreshedToken))
	detail := func(lets func(authserver.Detail) bool) func(*P) {
		return func(p *P) {
			p.TakesDetail = func(d authserver.Detail) bool { return authserver.ConformingDetail(d) || lets(d) }
		}
	}
	add("details-unknown-type-in-objects", "RFC9396-5-1", detail(func(d authserver.Detail) bool {
		return d.InObject && d.Malformed == "" && !d.Untyped && d.Type != "account_information"
	}))
	add("details-without-actions", "RFC9396-5-1", detail(func(d authserver.Detail) bool { return d.Actions == "nothing" && !d.Unknown && !d.Untyped }))

	// responses in JWTs
	claims := func(edit func(authserver.SignedResponse, map[string]any)) func(*P) {
		return func(p *P) {
			p.ResponseClaims = func(about authserver.SignedResponse, complete map[string]any) map[string]any {
				c := map[string]any{}
				for k, v := range complete {
					c[k] = v
				}
				edit(about, c)
				return c
			}
		}
	}
	add("jarm-no-aud-by-form-post", "JARM-2.1-2", claims(func(a authserver.SignedResponse, c map[string]any) {
		if a.Mode == "form_post.jwt" {
			delete(c, "aud")
		}
	}))
	add("jarm-no-iss-by-query-jwt", "JARM-2.1-1", claims(func(a authserver.SignedResponse, c map[string]any) {
		if a.Mode == "query.jwt" {
			delete(c, "iss")
		}
	}))
	add("jarm-no-state-by-form-post", "JARM-2.1-4", claims(func(a authserver.SignedResponse, c map[string]any) {
		if a.Mode == "form_post.jwt" {
			delete(c, "state")
		}
	}))
	add("jarm-no-exp-of-objects", "JARM-2.1-3a", claims(func(a authserver.SignedResponse, c map[string]any) {
		if a.Object {
			delete(c, "exp")
		}
	}))
	add("jarm-denial-without-exp", "JARM-2.1-3a", claims(func(a authserver.SignedResponse, c map[string]any) {
		if a.Error == "access_denied" {
			delete(c, "exp")
		}
	}))
	add("jarm-aud-array-with-others", "JARM-2.1-2", claims(func(a authserver.SignedResponse, c map[string]any) {
		c["aud"] = []any{a.Client, "https://other.example"}
	}))
	add("jarm-end-of-11-minutes", "JARM-2.1-3b", claims(func(a authserver.SignedResponse, c map[string]any) { c["exp"] = a.Now + 1200 }))

	// request objects
	signer := func(lets func(authserver.ObjectSigner) bool) func(*P) {
		return func(p *P) {
			p.ObjectSigner = func(s authserver.ObjectSigner) bool { return s.Signer == s.Client || lets(s) }
		}
	}
	add("sealed-object-by-any-client", "FAPI2-MS-5.3.1-1c", signer(func(s authserver.ObjectSigner) bool { return s.Sealed && s.Signer != "" }))
	add("sealed-object-brings-key", "FAPI2-MS-5.3.1-1c", signer(func(s authserver.ObjectSigner) bool { return s.Sealed && s.Brought != "" }))
	add("object-without-client-id", "RFC9126-3-3", func(p *P) {
		p.ObjectFor = func(named, client string) bool { return named == client || named == "" }
	})
	life := func(lets func(authserver.ObjectLife) bool) func(*P) {
		return func(p *P) {
			p.ObjectLife = func(l authserver.ObjectLife) bool { return authserver.WithinTheHour(l) || lets(l) }
		}
	}
	add("sealed-object-without-begin", "FAPI2-MS-5.3.1-3a", life(func(l authserver.ObjectLife) bool {
		return l.Sealed && l.Nbf == nil && l.Exp != nil && *l.Exp > l.Now && !l.OddNbf
	}))
	add("sealed-object-of-any-length", "FAPI2-MS-5.3.1-4b", life(func(l authserver.ObjectLife) bool {
		return l.Sealed && l.Nbf != nil && l.Exp != nil && *l.Exp > l.Now && *l.Nbf >= l.Now-3600
	}))
	add("object-of-75-minutes", "FAPI2-MS-5.3.1-4b", life(func(l authserver.ObjectLife) bool {
		return l.Nbf != nil && l.Exp != nil && *l.Exp > l.Now && *l.Nbf >= l.Now-3600 && *l.Exp <= *l.Nbf+4500
	}))
	add("object-begun-75-minutes-ago", "FAPI2-MS-5.3.1-3b", life(func(l authserver.ObjectLife) bool {
		return l.Nbf != nil && l.Exp != nil && *l.Exp > l.Now && *l.Nbf >= l.Now-4500 && *l.Exp <= *l.Nbf+4500
	}))
	add("object-expired-two-minutes", "FAPI2-MS-5.3.1-4c", life(func(l authserver.ObjectLife) bool {
		return l.Nbf != nil && l.Exp != nil && *l.Exp > l.Now-120 && *l.Nbf >= l.Now-3600 && *l.Exp <= *l.Nbf+3600
	}))
	for _, name := range []string{"redirect_uri", "response_mode", "response_type", "code_challenge_method", "prompt", "max_age", "claims", "dpop_jkt", "authorization_details", "resource"} {
		add("beside-object-"+strings.ReplaceAll(name, "_", "-"), "RFC9126-3-1", func(p *P) { p.BesideObject = func(n string) bool { return n == name } })
		add("fills-object-"+strings.ReplaceAll(name, "_", "-"), "RFC9126-3-1", func(p *P) { p.FillsObject = func(n string) bool { return n == name } })
	}
}
