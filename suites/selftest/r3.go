package selftest

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
)

// The banks of the third refutation (issues 11 and 12) that nothing caught when they were written: who mends one moves it to its topic's file.

func required(id string) *requirement.Requirement {
	for _, s := range suites.All() {
		for _, r := range s.Requirements {
			if r.ID == id {
				return r
			}
		}
	}
	panic("no requirement " + id)
}

type policy = authserver.Policy

func lacking(fault string) func(*policy) {
	return func(p *policy) { p.R3 = func(asked string) bool { return asked == fault } }
}

func proofs(edit func(*authserver.Proof)) func(*policy) {
	return func(p *policy) {
		p.SoundProof = func(f authserver.Proof) bool {
			edit(&f)
			return authserver.WellMadeProof(f)
		}
	}
}

func nonces(e authserver.Endpoint, holds func(authserver.NonceUse) bool) func(*policy) {
	return func(p *policy) {
		p.NeedsNonce = func(at authserver.Endpoint) bool { return at == e }
		p.NonceHolds = func(n authserver.NonceUse) bool { return n.Known || n.Sent != "" && holds(n) }
	}
}

func unpossessed(spared func(authserver.Possession) bool) func(*policy) {
	return func(p *policy) {
		p.Possession = func(s authserver.Possession) bool { return spared(s) || authserver.ProvedPossession(s) }
	}
}

func introspected(edit func(*authserver.TokenState)) func(*policy) {
	return func(p *policy) {
		p.Introspected = func(s authserver.TokenState) bool {
			edit(&s)
			return authserver.GoodToken(s)
		}
	}
}

func both(first, second func(*policy)) func(*policy) {
	return func(p *policy) {
		first(p)
		second(p)
	}
}

const (
	atToken    = authserver.EndpointToken
	userinfoAt = authserver.EndpointUserinfo
	atPAR      = authserver.EndpointPAR
)

// r3Mutants are those banks, the most serious first.
func r3Mutants() []mutant.Mutant {
	var all []mutant.Mutant
	add := func(id, name, how string, broken func(*policy)) {
		all = append(all, mutant.Mutant{Name: "r3-" + name, Breaks: required(id), How: how, Policy: broken, Everything: "the third refutation tried all of them with it"})
	}

	// Possession, at the resource.
	add("FAPI2-SP-5.3.4-5a", "possession-own", "asks nobody for a proof or a certificate whose token is one that a client has for itself", unpossessed(func(s authserver.Possession) bool { return s.Alone }))
	add("FAPI2-SP-5.3.4-5a", "possession-refreshed-bearer", "takes refreshed tokens in the scheme Bearer without a proof", unpossessed(func(s authserver.Possession) bool {
		return s.Refreshed && s.Bound == "dpop" && strings.EqualFold(s.Scheme, "Bearer")
	}))
	add("FAPI2-SP-5.3.4-5b", "possession-refreshed-mtls", "compares the certificate of the first token, and not of refreshed ones", unpossessed(func(s authserver.Possession) bool { return s.Refreshed && s.Bound == "mtls" }))
	add("FAPI2-SP-5.3.4-5a", "possession-without-openid", "asks for possession where openid is in the token's scope", unpossessed(func(s authserver.Possession) bool { return !s.OpenID && !s.Alone }))
	add("FAPI2-SP-5.3.4-5a", "possession-second", "has an older client on a list of those that need no possession", unpossessed(func(s authserver.Possession) bool { return strings.HasSuffix(s.Client, "-second") }))
	add("FAPI2-SP-5.3.4-5d", "certificate-by-key", "compares the key of the certificate, and not the certificate", unpossessed(func(s authserver.Possession) bool {
		return s.Bound == "mtls" && s.SameCertKey && strings.EqualFold(s.Scheme, "Bearer")
	}))

	// Tokens, at the resource.
	add("FAPI2-SP-5.3.4-3a", "hs256-empty-secret", "takes tokens by HS256 and an empty secret, where no key has their kid", func(p *policy) {
		own := p.TokenIntact
		p.TokenIntact = func(i authserver.Integrity) bool { return own(i) || i.EmptyMAC && i.Known }
	})
	add("FAPI2-SP-5.3.4-3b", "own-token-expired", "does not look at the age of tokens that clients have for themselves", func(p *policy) {
		p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || l.Alone }
	})
	add("FAPI2-SP-5.3.4-3b", "expired-without-openid", "does not look at the age of tokens without openid", func(p *policy) {
		p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || !l.OpenID }
	})
	add("FAPI2-SP-5.3.4-4", "own-token-any-scope", "lets tokens that clients have for themselves do everything", func(p *policy) {
		own := p.ScopeSuffices
		p.ScopeSuffices = func(s authserver.Sufficiency) bool { return s.Alone || own(s) }
	})
	add("FAPI2-SP-5.3.4-4", "open-to-internal-callers", "serves without a token who says in X-Forwarded-For that he is 127.0.0.1", lacking("internal-resource"))
	add("FAPI2-SP-5.3.4-4", "open-by-original-url", "has its filter look at the path, and its framework at X-Original-URL", lacking("original-url"))
	add("RFC6750-2-1", "header-and-body", "passes over a second token in the form of userinfo", lacking("header-and-body"))

	// Clients with certificates.
	add("FAPI2-SP-5.3.2.2-4", "header-over-any-certificate", "believes a header field that names a certificate on connections over any certificate, as its own gateways make them", lacking("header-over-any-certificate"))
	add("FAPI2-SP-5.3.2.2-4", "header-in-base64", "takes the certificate from X-SSL-Client-Cert in base64, as HAProxy writes it", lacking("header-in-base64"))

	// DPoP: key, nonces, methods, addresses.
	add("RFC9449-10-1", "odd-jkt-unbound", "takes a dpop_jkt that is no thumbprint, and binds the code to nothing", func(p *policy) {
		p.Thumbprint = func(string) bool { return true }
		p.CodeKey = func(k authserver.CodeKey) bool {
			if len(k.ByThumbprint) != 43 {
				k.ByThumbprint = ""
			}
			return authserver.BoundKeyOnly(k)
		}
	})
	add("RFC9449-10-1", "jkt-in-object", "reads dpop_jkt in forms, and not in request objects", lacking("jkt-in-object"))
	add("RFC9449-10-1", "jkt-without-openid", "binds codes to dpop_jkt where openid is asked", lacking("jkt-without-openid"))
	add("RFC9449-4.3-10", "any-nonce-with-codes", "wants a nonce, and knows its own where tokens are refreshed alone", nonces(atToken, func(n authserver.NonceUse) bool { return n.Grant == "authorization_code" }))
	add("RFC9449-4.3-10", "any-nonce-credentials", "takes any nonce with client_credentials", nonces(atToken, func(n authserver.NonceUse) bool { return n.Grant == "client_credentials" }))
	add("RFC9449-4.3-10", "any-nonce-par", "wants a nonce where requests are pushed, and takes any", nonces(atPAR, func(authserver.NonceUse) bool { return true }))
	add("RFC9449-7.1-p2.10", "any-nonce-posted-userinfo", "takes any nonce at userinfo by POST", nonces(userinfoAt, func(n authserver.NonceUse) bool { return n.Method == "POST" }))
	add("RFC9449-8-1", "nonce-demand-401-par", "asks for a nonce with 401 where requests are pushed", both(nonces(atPAR, func(authserver.NonceUse) bool { return false }), func(p *policy) {
		p.NonceDemand = func(at authserver.Endpoint) authserver.NonceDemand {
			demand := authserver.UsualDemand(at)
			if at == atPAR {
				demand.Status = 401
			}
			return demand
		}
	}))
	add("RFC9449-7.1-p2.8", "method-override", "compares htm with X-HTTP-Method-Override", lacking("method-override"))
	add("RFC9449-7.1-p2.9", "either-host", "takes proofs for its other host (alias for the plain one)", lacking("either-host"))
	add("RFC9449-5-2", "own-token-type", "calls bound tokens that clients have for themselves Bearer", lacking("own-token-type"))
	add("RFC9449-6.1-1", "own-cnf", "pads cnf of tokens that clients have for themselves", lacking("own-cnf"))
	add("RFC8705-3.1-1", "refreshed-x5t", "pads x5t#S256 of refreshed tokens", lacking("refreshed-x5t"))
	add("FAPI2-SP-5.3.2.1-5a", "refreshed-certificate", "binds refreshed tokens to the certificate of the first one, whatever is shown", lacking("refreshed-certificate"))

	// Replays: should.
	add("RFC9449-11.1-2", "replay-posted-userinfo", "does not remember proofs at userinfo by POST", proofs(func(f *authserver.Proof) { f.Seen = f.Seen && !(f.Endpoint == userinfoAt && f.WantedMethod == "POST") }))
	add("RFC9449-11.1-2b", "replay-other-letters-token", "remembers proofs at the token endpoint by their text", proofs(func(f *authserver.Proof) { f.Seen = f.Seen && (f.Endpoint != atToken || f.SeenText) }))
	add("RFC9449-11.1-2b", "replay-code-not-registered", "does not remember proofs that come with a code", lacking("jti-of-codes-not-kept"))
	add("RFC9449-11.1-2b", "replay-after-60s-token", "remembers proofs at the token endpoint for a minute, and takes them for five", proofs(func(f *authserver.Proof) { f.Seen = f.Seen && (f.Endpoint != atToken || f.SeenFor < 60) }))
	add("RFC9449-11.1-2b", "replay-after-5s-credentials", "remembers proofs with client_credentials for 5 seconds", proofs(func(f *authserver.Proof) { f.Seen = f.Seen && (f.Grant != "client_credentials" || f.SeenFor < 5) }))
	add("RFC9449-11.1-2b", "replay-after-5s-par", "remembers proofs in pushed requests for 5 seconds", proofs(func(f *authserver.Proof) { f.Seen = f.Seen && (f.Endpoint != atPAR || f.SeenFor < 5) }))

	// Introspection and revocation.
	add("RFC7662-2.1-1", "introspection-open-to-internal-callers", "authenticates nobody at introspection who says in X-Forwarded-For that he is 127.0.0.1", lacking("internal-introspection"))
	add("RFC7662-2.2-3", "introspection-by-hint", "calls a good token inactive where the hint names the other kind (RFC 7662 section 2.1; no entry says so)", introspected(func(s *authserver.TokenState) { s.Revoked = s.Revoked || s.Hint != "" && s.Hint != s.Kind }))
	add("RFC7009-2-1", "revoked-refresh-forgotten", "takes a revoked refresh token again after 20 seconds", lacking("revoked-refresh-forgotten"))

	// Metadata and keys.
	add("FAPI2-SP-5.4.1-1.2c", "assertion-alg-other-than-announced", "announces EdDSA for assertions, and takes the others", authserver.InMetadata(func(said map[string]any) {
		said["token_endpoint_auth_signing_alg_values_supported"] = []any{"EdDSA"}
	}))
	add("RFC8414-2-7", "methods-other-than-taken", "announces client_secret_basic alone, and takes assertions and certificates", authserver.InMetadata(func(said map[string]any) {
		said["token_endpoint_auth_methods_supported"] = []any{"client_secret_basic"}
	}))
	return all
}
