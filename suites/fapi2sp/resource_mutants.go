package fapi2sp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func resourceMutants() []mutant.Mutant {
	return slices.Concat(tokenUseMutants(), bearerMutants(), userinfoMutants(), scopeMutants(), possessionMutants())
}

func tokenUseMutants() []mutant.Mutant {
	kinds := func(more ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenKind = func(_ authserver.Endpoint, kind string) bool {
				return kind == "access_token" || slices.Contains(more, kind)
			}
		}
	}
	return []mutant.Mutant{{
		Name:       "token-in-body-only",
		Breaks:     TokenInHeader,
		AlsoBreaks: requirements(DPoPBinding, CertificateBinding),
		How:        "does not look for the token in the Authorization header",
		Policy:     func(p *authserver.Policy) { p.TokenPlace = func(authserver.Endpoint, string) bool { return false } },
	}, {
		Name:   "token-in-query",
		Breaks: TokenNotInQuery,
		How:    "takes the token from the URL as well",
		Policy: func(p *authserver.Policy) { p.TokenPlace = func(authserver.Endpoint, string) bool { return true } },
	}, {
		Name:   "token-signature-not-checked",
		Breaks: ForgedToken,
		How:    "decodes the token and does not check its signature",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Known || i.Stored }
		},
	}, {
		Name:   "token-read-and-believed",
		Breaks: ForgedToken,
		How:    "believes what a token says of itself",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Readable }
		},
	}, {
		Name:   "token-compared-by-its-beginning",
		Breaks: ForgedToken,
		How:    "issues opaque tokens and looks them up by a column that holds their first half",
		Policy: func(p *authserver.Policy) {
			p.OpaqueTokens = func() bool { return true }
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Beginning }
		},
	}, {
		Name:   "token-of-any-kind",
		Breaks: ForgedToken,
		How:    "takes whatever looks like a token where the store does not know it",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Shape }
		},
	}, {
		Name:   "token-unsigned",
		Breaks: ForgedToken,
		How:    "takes tokens whose header says alg none",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Unsigned }
		},
	}, {
		Name:   "token-unsigned-in-another-spelling",
		Breaks: ForgedToken,
		How:    "refuses alg none, and takes tokens that spell it otherwise",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Unsigned && i.Spelt != "none" }
		},
	}, {
		Name:   "token-with-a-blank-signature",
		Breaks: ForgedToken,
		How:    "takes tokens whose signature is empty, or all zeros",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Blank && i.Known }
		},
	}, {
		Name:   "token-brings-its-certificate",
		Breaks: ForgedToken,
		How:    "checks the signature with the key of the certificate in the token's header",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Certified }
		},
	}, {
		Name:   "token-by-the-client",
		Breaks: ForgedToken,
		How:    "has the keys of its clients in the set that it checks access tokens with",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.ByClient }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "token-brings-its-own-key",
		Breaks: ForgedToken,
		How:    "checks the signature with the key that stands in the token's header",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.OwnKey }
		},
	}, {
		Name:   "token-expiry-not-checked",
		Breaks: ExpiredToken,
		How:    "does not look at exp",
		Policy: func(p *authserver.Policy) { p.TokenAlive = func(authserver.Endpoint, float64) bool { return true } },
	}, {
		Name:   "token-expiry-with-ten-minutes-leeway",
		Breaks: ExpiredToken,
		How:    "allows ten minutes after exp",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(_ authserver.Endpoint, overdue float64) bool { return overdue < 600 }
		},
	}, {
		Name:   "token-expiry-with-75-seconds-leeway",
		Breaks: ExpiredToken,
		How:    "adds the leeway of the library to that of the gateway, 75 seconds in all",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(_ authserver.Endpoint, overdue float64) bool { return overdue < 75 }
		},
	}, {
		Name:   "token-revocation-ignored",
		Breaks: RevokedToken,
		How:    "shows revoked tokens as inactive and goes on to accept them",
		Policy: func(p *authserver.Policy) { p.TokenStands = func(authserver.Standing) bool { return true } },
	}, {
		Name:   "token-revocation-by-the-hint-only",
		Breaks: RevokedToken,
		How:    "looks for the token to revoke among those of the kind that the hint names, and is done where it is not there",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Hint == "" || r.Hint == r.Kind }
		},
	}, {
		Name:   "token-revocation-needs-a-hint",
		Breaks: RevokedToken,
		How:    "revokes what the hint names, and nothing where there is none",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Hint != "" }
		},
	}, {
		Name:   "token-revocation-with-an-unknown-hint",
		Breaks: RevokedToken,
		How:    "revokes nothing where the hint is one that it does not know",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Hint != "fapitest" }
		},
	}, {
		Name:   "token-revocation-forgotten",
		Breaks: RevokedToken,
		How:    "keeps what was revoked in a list that it clears after ten seconds",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.For > 10 }
		},
	}, {
		Name:   "token-revocation-ignored-for-opaque-tokens",
		Breaks: RevokedToken,
		How:    "keeps what introspection said of an opaque token for as long as the token lives",
		Policy: func(p *authserver.Policy) {
			p.OpaqueTokens = func() bool { return true }
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || !s.JWT }
		},
	}, {
		Name:   "id-token-as-access-token",
		Breaks: OtherTokens,
		How:    "takes any token with its own signature",
		Policy: kinds("id_token"),
	}, {
		Name:   "refresh-token-as-access-token",
		Breaks: OtherTokens,
		How:    "finds any token in its store, and does not look what kind it is",
		Policy: kinds("refresh_token"),
	}, {
		Name:   "code-as-access-token",
		Breaks: OtherTokens,
		How:    "keeps codes and tokens in one table, and does not look what it has found",
		Policy: kinds("code"),
	}}
}

// bearerMutants are banks that look at proofs and certificates where there are any, and have another way for those who show none: on that
// way they take what they would refuse otherwise.
func bearerMutants() []mutant.Mutant {
	everywhere := func(authserver.Endpoint) bool { return true }
	atUserinfo := func(at authserver.Endpoint) bool { return at == authserver.EndpointUserinfo }
	// bare leaves out the look at the key for what is as it describes, and refuses that where there is a proof or a certificate.
	bare := func(as func(authserver.Possession) bool) func(authserver.Possession) bool {
		return func(shown authserver.Possession) bool {
			if as(shown) {
				return !shown.Proof && !shown.Certificate
			}
			return authserver.ProvedPossession(shown)
		}
	}
	kind := func(kind string, where func(authserver.Endpoint) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenKind = func(at authserver.Endpoint, found string) bool {
				return found == "access_token" || found == kind && where(at)
			}
			p.Possession = bare(func(shown authserver.Possession) bool { return shown.Kind == kind })
		}
	}
	forged := func(accept func(authserver.Integrity) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || accept(i) }
			p.Possession = bare(func(shown authserver.Possession) bool { return shown.Forged })
		}
	}
	return []mutant.Mutant{{
		Name:   "id-token-as-bearer",
		Breaks: OtherTokens,
		How:    "takes an id_token as a Bearer token, which needs no proof and no certificate",
		Policy: kind("id_token", everywhere),
	}, {
		Name:   "id-token-as-bearer-at-userinfo",
		Breaks: OtherTokens,
		How:    "takes an id_token as a Bearer token at the userinfo endpoint",
		Policy: kind("id_token", atUserinfo),
	}, {
		Name:   "refresh-token-as-bearer",
		Breaks: OtherTokens,
		How:    "takes a refresh token, which is bound to no key, as a Bearer token",
		Policy: kind("refresh_token", everywhere),
	}, {
		Name:   "code-as-bearer",
		Breaks: OtherTokens,
		How:    "takes a code, which is bound to no key, as a Bearer token",
		Policy: kind("code", everywhere),
	}, {
		Name:   "forged-token-as-bearer",
		Breaks: ForgedToken,
		How:    "reads Bearer tokens without looking at their signature",
		Policy: forged(func(i authserver.Integrity) bool { return i.Unsigned || i.OwnKey }),
	}, {
		Name:   "any-token-as-bearer",
		Breaks: ForgedToken,
		How:    "takes whatever comes as a Bearer token",
		Policy: forged(func(i authserver.Integrity) bool { return i.Shape && !i.Unsigned && !i.OwnKey }),
	}, {
		Name:   "token-in-query-without-its-key",
		Breaks: TokenNotInQuery,
		How:    "takes the token from the URL, where nobody looks for a proof or a certificate",
		Policy: func(p *authserver.Policy) {
			p.TokenPlace = func(authserver.Endpoint, string) bool { return true }
			p.Possession = bare(func(shown authserver.Possession) bool { return shown.Place == "query" })
		},
	}}
}

// userinfoMutants are banks that take care at the resource, and forget that userinfo is one too.
func userinfoMutants() []mutant.Mutant {
	intact := func(accept func(authserver.Integrity) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			strict := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool {
				return strict(i) || i.Endpoint == authserver.EndpointUserinfo && accept(i)
			}
		}
	}
	kind := func(also string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenKind = func(at authserver.Endpoint, kind string) bool {
				return kind == "access_token" || at == authserver.EndpointUserinfo && kind == also
			}
		}
	}
	possession := func(accept func(authserver.Possession) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Possession = func(shown authserver.Possession) bool {
				return authserver.ProvedPossession(shown) || shown.Endpoint == authserver.EndpointUserinfo && accept(shown)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "userinfo-takes-token-in-query",
		Breaks: TokenNotInQuery,
		How:    "takes the token from the URL at the userinfo endpoint",
		Policy: func(p *authserver.Policy) {
			p.TokenPlace = func(at authserver.Endpoint, place string) bool {
				return place == "header" || at == authserver.EndpointUserinfo && place == "query"
			}
		},
	}, {
		Name:   "userinfo-checks-no-signature",
		Breaks: ForgedToken,
		How:    "reads who the user is from the token at the userinfo endpoint, and does not check its signature",
		Policy: intact(func(i authserver.Integrity) bool { return i.Readable }),
	}, {
		Name:   "userinfo-takes-anything-for-a-token",
		Breaks: ForgedToken,
		How:    "takes whatever looks like a token at the userinfo endpoint",
		Policy: intact(func(i authserver.Integrity) bool { return i.Shape && !i.Unsigned && !i.OwnKey }),
	}, {
		Name:   "userinfo-takes-unsigned-tokens",
		Breaks: ForgedToken,
		How:    "takes tokens whose header says alg none at the userinfo endpoint",
		Policy: intact(func(i authserver.Integrity) bool { return i.Unsigned }),
	}, {
		Name:   "userinfo-believes-the-key-in-the-token",
		Breaks: ForgedToken,
		How:    "checks the signature with the key that stands in the token's header at the userinfo endpoint",
		Policy: intact(func(i authserver.Integrity) bool { return i.OwnKey }),
	}, {
		Name:   "userinfo-ignores-expiry",
		Breaks: ExpiredToken,
		How:    "does not look at exp at the userinfo endpoint",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(at authserver.Endpoint, overdue float64) bool {
				return overdue < 0 || at == authserver.EndpointUserinfo
			}
		},
	}, {
		Name:   "userinfo-ignores-revocation",
		Breaks: RevokedToken,
		How:    "goes on to accept revoked tokens at the userinfo endpoint",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.Endpoint == authserver.EndpointUserinfo }
		},
	}, {
		Name:   "userinfo-takes-id-tokens",
		Breaks: OtherTokens,
		How:    "takes any token with its own signature at the userinfo endpoint",
		Policy: kind("id_token"),
	}, {
		Name:   "userinfo-takes-refresh-tokens",
		Breaks: OtherTokens,
		How:    "finds any token in its store, and does not look what kind it is, at the userinfo endpoint",
		Policy: kind("refresh_token"),
	}, {
		Name:   "userinfo-takes-codes",
		Breaks: OtherTokens,
		How:    "finds codes where it looks for tokens, at the userinfo endpoint",
		Policy: kind("code"),
	}, {
		Name:   "userinfo-needs-no-proof",
		Breaks: ProofRequired,
		How:    "checks the proof where there is one at the userinfo endpoint",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && !shown.Proof && strings.EqualFold(shown.Scheme, "DPoP")
		}),
	}, {
		Name:   "userinfo-takes-bound-tokens-as-bearer",
		Breaks: ProofRequired,
		How:    "serves a DPoP-bound token as a Bearer token at the userinfo endpoint",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && downgraded(shown) }),
	}, {
		Name:   "userinfo-takes-proofs-of-any-key",
		Breaks: ProofOfOtherKey,
		How:    "checks the proof at the userinfo endpoint and does not compare its key with the token's",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && shown.Proof }),
	}, {
		Name:   "userinfo-needs-no-certificate",
		Breaks: CertificateRequired,
		How:    "compares the certificate where there is one at the userinfo endpoint",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && !shown.Certificate }),
	}, {
		Name:   "userinfo-needs-no-certificate-away-from-the-mtls-host",
		Breaks: CertificateRequired,
		How:    "compares certificates at the host for mutual TLS, and takes the same tokens at the userinfo URL without",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "mtls" && !shown.Certificate && !shown.AtAlias
		}),
	}, {
		Name:   "userinfo-takes-any-certificate",
		Breaks: OtherCertificate,
		How:    "demands a certificate at the userinfo endpoint and does not compare it with the token's",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && shown.Certificate }),
	}, {
		Name:   "userinfo-compares-the-certificates-name",
		Breaks: OtherCertificate,
		How:    "compares the subject of the certificate with the client's at the userinfo endpoint",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && shown.SameName }),
	}}
}

// downgraded says whether a token came as a Bearer token without a proof.
func downgraded(shown authserver.Possession) bool {
	return strings.EqualFold(shown.Scheme, "Bearer") && !shown.Proof
}

func scopeMutants() []mutant.Mutant {
	insufficiency := func(how authserver.Insufficiency) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Insufficiency = func() authserver.Insufficiency { return how } }
	}
	return []mutant.Mutant{{
		Name:       "scope-not-checked",
		Breaks:     SufficientToken,
		AlsoBreaks: requirements(InsufficientScope),
		How:        "looks whether the token is valid and not what it is for",
		Policy:     func(p *authserver.Policy) { p.ScopeSuffices = func([]string, string) bool { return true } },
	}, {
		Name:   "scope-any-will-do",
		Breaks: SufficientToken,
		How:    "is content when the token has any scope at all",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(granted []string, _ string) bool { return len(granted) > 0 }
		},
	}, {
		Name:   "userinfo-for-any-scope",
		Breaks: SufficientToken,
		How:    "serves the user's claims for tokens without openid",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(granted []string, needed string) bool {
				return needed == "openid" || slices.Contains(granted, needed)
			}
		},
	}, {
		Name:   "insufficient-scope-says-invalid-token",
		Breaks: InsufficientScope,
		How:    "answers invalid_token to a token of a lesser scope",
		Policy: insufficiency(authserver.Insufficiency{Status: http.StatusUnauthorized, Challenge: true, Error: "invalid_token"}),
	}, {
		Name:   "insufficient-scope-without-challenge",
		Breaks: InsufficientScope,
		How:    "answers 403 with the error in the body and no WWW-Authenticate",
		Policy: insufficiency(authserver.Insufficiency{Status: http.StatusForbidden, Error: "insufficient_scope"}),
	}}
}

func possessionMutants() []mutant.Mutant {
	possession := func(accept func(authserver.Possession) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Possession = func(shown authserver.Possession) bool { return authserver.ProvedPossession(shown) || accept(shown) }
		}
	}
	return []mutant.Mutant{{
		Name:   "proof-optional",
		Breaks: ProofRequired,
		How:    "checks the proof where there is one",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && !shown.Proof }),
	}, {
		Name:   "proof-of-any-key",
		Breaks: ProofOfOtherKey,
		How:    "checks the proof and does not compare its key with the token's",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && shown.Proof && strings.EqualFold(shown.Scheme, "DPoP")
		}),
	}, {
		Name:   "bound-token-as-bearer",
		Breaks: ProofRequired,
		How:    "demands a proof in the scheme DPoP, and serves the same token as Bearer without one",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && downgraded(shown) }),
	}, {
		Name:   "bound-token-as-bearer-with-any-proof",
		Breaks: ProofOfOtherKey,
		How:    "serves a DPoP-bound token as Bearer where a proof comes with it, and does not look whose",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && shown.Proof && strings.EqualFold(shown.Scheme, "Bearer")
		}),
	}, {
		Name:   "bound-token-in-an-unknown-scheme",
		Breaks: ProofRequired,
		How:    "demands a proof in the scheme DPoP and refuses the token as Bearer, and does not know what to do with another scheme",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && !shown.Proof && !strings.EqualFold(shown.Scheme, "Bearer") && !strings.EqualFold(shown.Scheme, "DPoP")
		}),
	}, {
		Name:   "certificate-bound-token-in-an-unknown-scheme",
		Breaks: CertificateRequired,
		How:    "looks at certificates in the scheme Bearer, and does not know what to do with another one",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "mtls" && !shown.Certificate && !strings.EqualFold(shown.Scheme, "Bearer") && !strings.EqualFold(shown.Scheme, "DPoP")
		}),
	}, {
		Name:   "proof-that-can-not-be-read",
		Breaks: ProofRequired,
		How:    "catches the error of a DPoP proof that can't be read, and goes on as if there had been a good one",
		Policy: func(p *authserver.Policy) { p.BelievesProof = func(authserver.Endpoint) bool { return true } },
	}, {
		Name:   "proof-that-can-not-be-read-at-userinfo",
		Breaks: ProofRequired,
		How:    "goes on at the userinfo endpoint where a DPoP proof can't be read",
		Policy: func(p *authserver.Policy) {
			p.BelievesProof = func(at authserver.Endpoint) bool { return at == authserver.EndpointUserinfo }
		},
	}, {
		Name:   "certificate-of-a-header-at-the-resource",
		Breaks: CertificateRequired,
		How:    "takes the certificate from the header field of its proxy, which passes on what clients write there",
		Policy: func(p *authserver.Policy) {
			p.CertificateFromHeader = func(field string) bool { return field == "X-Ssl-Client-Cert" }
		},
		Auth:    "private_key_jwt",
		Binding: "mtls",
	}, {
		Name:   "bound-token-over-any-certificate",
		Breaks: ProofRequired,
		How:    "takes any certificate for the sender constraint that a DPoP-bound token lacks a proof for",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && !shown.Proof && shown.Certificate && strings.EqualFold(shown.Scheme, "Bearer")
		}),
	}, {
		Name:   "certificate-bound-token-as-dpop",
		Breaks: CertificateRequired,
		How:    "is content with a DPoP proof, by whatever key, where a certificate-bound token comes in the scheme DPoP",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "mtls" && shown.Proof && !shown.Certificate && strings.EqualFold(shown.Scheme, "DPoP")
		}),
	}, {
		Name:   "certificate-compared-by-name",
		Breaks: OtherCertificate,
		How:    "compares the subject of the certificate with the client's",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && shown.SameName }),
	}, {
		Name:   "certificate-optional",
		Breaks: CertificateRequired,
		How:    "compares the certificate where there is one",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && !shown.Certificate }),
	}, {
		Name:   "certificate-of-anybody",
		Breaks: OtherCertificate,
		How:    "demands a certificate and does not compare it with the token's",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && shown.Certificate }),
	}}
}
