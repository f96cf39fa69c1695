package fapi2sp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/grantmanagement"
	"github.com/fapitest/fapitest/suites/introspection"
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/revocation"
)

func resourceMutants() []mutant.Mutant {
	return slices.Concat(tokenUseMutants(), forgeryMutants(), bearerMutants(), userinfoMutants(), postedMutants(), guardMutants(), scopeMutants(), possessionMutants())
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
		AlsoBreaks: requirements(DPoPBinding, CertificateBinding, openid.UserinfoAnswers),
		How:        "does not look for the token in the Authorization header",
		Policy:     func(p *authserver.Policy) { p.TokenPlace = func(authserver.Endpoint, string) bool { return false } },
	}, {
		Name:   "token-in-query",
		Breaks: TokenNotInQuery,
		How:    "takes the token from the URL as well",
		Policy: func(p *authserver.Policy) { p.TokenPlace = func(authserver.Endpoint, string) bool { return true } },
	}, {
		Name:       "token-signature-not-checked",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS),
		How:        "decodes the token and does not check its signature",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Known || i.Stored }
		},
	}, {
		Name:       "token-read-and-believed",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS, OtherTokens),
		How:        "believes what a token says of itself",
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
		Name:       "token-of-any-kind",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS, OtherTokens),
		How:        "takes whatever looks like a token where the store does not know it",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Shape }
		},
	}, {
		Name:       "token-unsigned",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS),
		How:        "takes tokens whose header says alg none",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Unsigned }
		},
	}, {
		Name:       "token-unsigned-in-another-spelling",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS),
		How:        "refuses alg none, and takes tokens that spell it otherwise",
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
		Policy: func(p *authserver.Policy) { p.TokenAlive = func(authserver.Lifetime) bool { return true } },
	}, {
		Name:   "refreshed-token-expiry-not-checked",
		Breaks: ExpiredToken,
		How:    "does not look at exp of tokens that came for a refresh token",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || l.Refreshed }
		},
	}, {
		Name:   "expiry-of-the-clients-own-tokens-not-checked",
		Breaks: ExpiredToken,
		How:    "does not look at exp of tokens that clients have for themselves",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || l.Alone }
		},
	}, {
		Name:   "expiry-of-plain-tokens-not-checked",
		Breaks: ExpiredToken,
		How:    "does not look at exp of tokens without openid",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || !l.OpenID }
		},
	}, {
		Name:   "token-expiry-with-ten-minutes-leeway",
		Breaks: ExpiredToken,
		How:    "allows ten minutes after exp",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 600 }
		},
	}, {
		Name:   "token-expiry-with-75-seconds-leeway",
		Breaks: ExpiredToken,
		How:    "adds the leeway of the library to that of the gateway, 75 seconds in all",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 75 }
		},
	}, {
		Name:       "token-revocation-ignored",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(attacks.ReplayRevokes, revocation.AccessTokens, revocation.UnsupportedType, revocation.WholeGrant, grantmanagement.Revoked),
		How:        "shows revoked tokens as inactive and goes on to accept them",
		Policy:     func(p *authserver.Policy) { p.TokenStands = func(authserver.Standing) bool { return true } },
	}, {
		Name:       "token-revocation-ignored-for-refreshed-tokens",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(revocation.WholeGrant, attacks.ReplayRevokes, grantmanagement.Revoked),
		How:        "keeps what was revoked with the code that it came for, and finds no code behind a refreshed token",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.Refreshed }
		},
	}, {
		Name:   "token-revocation-ignored-for-the-clients-own",
		Breaks: RevokedToken,
		How:    "keeps what was revoked with the user, and finds none behind a token that a client has for itself",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.Alone }
		},
	}, {
		Name:   "token-revocation-ignored-for-refreshed-tokens-at-userinfo-by-post",
		Breaks: RevokedToken,
		How:    "finds no code behind a refreshed token, and so nothing that was revoked, where userinfo is asked by POST",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool {
				return !s.Revoked || s.Refreshed && s.Endpoint == authserver.EndpointUserinfo && s.Method == http.MethodPost
			}
		},
	}, {
		Name:   "revoked-tokens-revive-by-a-refresh",
		Breaks: RevokedToken,
		How:    "marks all tokens of a grant as good when the grant is used again",
		Policy: func(p *authserver.Policy) { p.RefreshRevives = func() bool { return true } },
	}, {
		Name:       "token-revocation-by-the-hint-only",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(revocation.WrongHint),
		How:        "looks for the token to revoke among those of the kind that the hint names, and is done where it is not there",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Hint == "" || r.Hint == r.Kind }
		},
	}, {
		Name:       "token-revocation-needs-a-hint",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(revocation.RefreshTokens),
		How:        "revokes what the hint names, and nothing where there is none",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Hint != "" }
		},
	}, {
		Name:       "token-revocation-with-an-unknown-hint",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(revocation.WrongHint),
		How:        "revokes nothing where the hint is one that it does not know",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Hint != "fapitest" }
		},
	}, {
		Name:       "token-revocation-forgotten",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(revocation.WholeGrant),
		How:        "keeps what was revoked in a list that it clears after ten seconds",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.For > 10 }
		},
	}, {
		Name:   "token-revocation-forgotten-after-half-a-minute",
		Breaks: RevokedToken,
		How:    "keeps what was revoked in a cache that forgets it after half a minute",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.For > 30 }
		},
	}, {
		Name:       "token-revocation-ignored-for-opaque-tokens",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(attacks.ReplayRevokes, revocation.AccessTokens, revocation.UnsupportedType, revocation.WholeGrant),
		How:        "keeps what introspection said of an opaque token for as long as the token lives",
		Policy: func(p *authserver.Policy) {
			p.OpaqueTokens = func() bool { return true }
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || !s.JWT }
		},
	}, {
		Name:       "access-token-revocation-forgotten",
		Breaks:     revocation.AccessTokens,
		AlsoBreaks: requirements(RevokedToken, revocation.UnsupportedType, introspection.InactiveTokens),
		How:        "answers 200 to the revocation of an access token, and has it done by nobody",
		Policy: func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return r.Kind != "access_token" }
		},
	}, {
		Name:       "access-tokens-live-until-they-expire",
		Breaks:     revocation.UnsupportedType,
		AlsoBreaks: requirements(RevokedToken, attacks.ReplayRevokes, revocation.AccessTokens, revocation.WholeGrant, grantmanagement.Revoked),
		How:        "asks nobody about tokens that say themselves what they are good for, and answers 200 to their revocation",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.JWT }
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
	}, {
		Name:   "signed-response-as-access-token",
		Breaks: OtherTokens,
		How:    "takes the signed authorization response, a JWT of its own about the same user and client, for an access token",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Signature && i.Kind == "response" }
		},
	}, {
		Name:   "client-assertion-as-access-token",
		Breaks: OtherTokens,
		How:    "lets clients make their own tokens, of iss, sub and aud, as some APIs do, beside those that were issued",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Assertion }
			kinds("client_assertion")(p)
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "token-null",
		Breaks: ForgedToken,
		How:    "takes the word null, which its app sends before it has a token, for a token of its own",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Word == "null" }
		},
	}, {
		Name:   "token-undefined-at-userinfo",
		Breaks: ForgedToken,
		How:    "takes the word undefined for a token of its own at the userinfo endpoint",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool {
				return intact(i) || i.Word == "undefined" && i.Endpoint == authserver.EndpointUserinfo
			}
		},
	}}
}

// forgeryMutants are banks that take for theirs what anybody could have made.
func forgeryMutants() []mutant.Mutant {
	also := func(accept func(authserver.Integrity) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || accept(i) }
		}
	}
	maced := func(spelling string) func(*authserver.Policy) {
		return also(func(i authserver.Integrity) bool { return i.MACed == spelling })
	}
	return []mutant.Mutant{{
		Name:   "token-maced-by-the-public-key",
		Breaks: ForgedToken,
		How:    "checks tokens by the algorithm of their header, and takes the PEM of its public key for the secret of HS256",
		Policy: maced("PEM"),
	}, {
		Name:   "token-maced-by-the-encoded-public-key",
		Breaks: ForgedToken,
		How:    "takes the DER of its public key for the secret of HS256",
		Policy: maced("DER"),
	}, {
		Name:   "token-maced-by-the-published-key",
		Breaks: ForgedToken,
		How:    "takes the JWK of its public key for the secret of HS256",
		Policy: maced("JWK"),
	}, {
		Name:   "token-maced-at-userinfo",
		Breaks: ForgedToken,
		How:    "has another library at the userinfo endpoint, which takes the public key for the secret of HS256",
		Policy: also(func(i authserver.Integrity) bool {
			return i.MACed == "PEM" && i.Endpoint == authserver.EndpointUserinfo
		}),
	}, {
		Name:   "token-maced-as-bearer",
		Breaks: ForgedToken,
		How:    "takes the public key for the secret of HS256 where a token comes as Bearer, and looks for no key that it is bound to",
		Policy: func(p *authserver.Policy) {
			maced("PEM")(p)
			p.Possession = func(shown authserver.Possession) bool {
				if shown.Forged {
					return !shown.Proof && !shown.Certificate
				}
				return authserver.ProvedPossession(shown)
			}
		},
	}, {
		Name:   "token-maced-by-nothing",
		Breaks: ForgedToken,
		How:    "checks tokens by the algorithm of their header, and takes the secret for empty where it has none by their kid",
		Policy: also(func(i authserver.Integrity) bool { return i.EmptyMAC && i.Known }),
	}, {
		Name:   "token-in-another-case",
		Breaks: ForgedToken,
		How:    "issues opaque tokens, and keeps them in a column that is compared without regard to case",
		Policy: func(p *authserver.Policy) {
			p.OpaqueTokens = func() bool { return true }
			also(func(i authserver.Integrity) bool { return i.OtherCase })(p)
		},
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
		Breaks: ForgedToken, AlsoBreaks: requirements(OtherTokens),
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
		Name:       "userinfo-checks-no-signature",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS, OtherTokens),
		How:        "reads who the user is from the token at the userinfo endpoint, and does not check its signature",
		Policy:     intact(func(i authserver.Integrity) bool { return i.Readable }),
	}, {
		Name:   "userinfo-takes-anything-for-a-token",
		Breaks: ForgedToken, AlsoBreaks: requirements(OtherTokens),
		How:    "takes whatever looks like a token at the userinfo endpoint",
		Policy: intact(func(i authserver.Integrity) bool { return i.Shape && !i.Unsigned && !i.OwnKey }),
	}, {
		Name:       "userinfo-takes-unsigned-tokens",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS),
		How:        "takes tokens whose header says alg none at the userinfo endpoint",
		Policy:     intact(func(i authserver.Integrity) bool { return i.Unsigned }),
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
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || l.Endpoint == authserver.EndpointUserinfo }
		},
	}, {
		Name:       "userinfo-ignores-revocation",
		Breaks:     RevokedToken,
		AlsoBreaks: requirements(revocation.WholeGrant),
		How:        "goes on to accept revoked tokens at the userinfo endpoint",
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
		Name:   "userinfo-takes-bound-tokens-as-bearer-at-the-mtls-host",
		Breaks: ProofRequired,
		How:    "serves a DPoP-bound token as a Bearer token at the userinfo endpoint of the host for mutual TLS alone",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && downgraded(shown) && shown.AtAlias
		}),
	}, {
		Name:   "userinfo-takes-bound-tokens-as-bearer-away-from-the-mtls-host",
		Breaks: ProofRequired,
		How:    "serves a DPoP-bound token as a Bearer token at the userinfo endpoint of the host that asks for no certificates alone",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && downgraded(shown) && !shown.AtAlias
		}),
	}, {
		Name:   "userinfo-takes-proofs-of-any-key-at-the-mtls-host",
		Breaks: ProofOfOtherKey,
		How:    "does not compare the key of a proof with the token's at the userinfo endpoint of the host for mutual TLS",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && shown.Proof && strings.EqualFold(shown.Scheme, "DPoP") && shown.AtAlias
		}),
	}, {
		Name:       "userinfo-takes-proofs-of-any-key",
		Breaks:     ProofOfOtherKey,
		AlsoBreaks: requirements(dpop.NotAsBearer),
		How:        "checks the proof at the userinfo endpoint and does not compare its key with the token's",
		Policy:     possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && shown.Proof }),
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

// postedMutants are banks that take care at userinfo by GET, and have another way for POST, which is served too.
func postedMutants() []mutant.Mutant {
	posted := func(at authserver.Endpoint, method string) bool {
		return at == authserver.EndpointUserinfo && method == http.MethodPost
	}
	possession := func(accept func(authserver.Possession) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Possession = func(shown authserver.Possession) bool {
				return authserver.ProvedPossession(shown) || posted(shown.Endpoint, shown.Method) && accept(shown)
			}
		}
	}
	inForm := func(binding string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenPlace = func(_ authserver.Endpoint, place string) bool { return place == "header" || place == "body" }
			p.Possession = func(shown authserver.Possession) bool {
				return authserver.ProvedPossession(shown) || shown.Place == "body" && shown.Bound == binding
			}
		}
	}
	return []mutant.Mutant{{
		Name:       "posted-userinfo-checks-no-signature",
		Breaks:     ForgedToken,
		AlsoBreaks: requirements(UnsignedAtRS),
		How:        "reads who the user is from the token where userinfo is asked for by POST, and does not check its signature",
		Policy: func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || posted(i.Endpoint, i.Method) && i.Readable }
		},
	}, {
		Name:   "posted-userinfo-ignores-expiry",
		Breaks: ExpiredToken,
		How:    "does not look at exp where userinfo is asked for by POST",
		Policy: func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < 0 || posted(l.Endpoint, l.Method) }
		},
	}, {
		Name:   "posted-userinfo-ignores-revocation",
		Breaks: RevokedToken,
		How:    "goes on to accept revoked tokens where userinfo is asked for by POST",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || posted(s.Endpoint, s.Method) }
		},
	}, {
		Name:   "posted-userinfo-for-any-scope",
		Breaks: SufficientToken,
		How:    "looks for openid where userinfo is asked for by GET alone",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool {
				return slices.Contains(s.Granted, s.Needed) || s.Needed == "openid" && s.Method == http.MethodPost
			}
		},
	}, {
		Name:   "posted-userinfo-needs-no-proof",
		Breaks: ProofRequired,
		How:    "looks at the proof where userinfo is asked for by GET alone",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && !shown.Proof }),
	}, {
		Name:   "posted-userinfo-takes-proofs-of-any-key",
		Breaks: ProofOfOtherKey,
		How:    "does not compare the proof's key with the token's where userinfo is asked for by POST",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && shown.Proof }),
	}, {
		Name:   "posted-userinfo-needs-no-certificate",
		Breaks: CertificateRequired,
		How:    "compares certificates where userinfo is asked for by GET alone",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && !shown.Certificate }),
	}, {
		Name:   "posted-userinfo-takes-any-certificate",
		Breaks: OtherCertificate,
		How:    "demands a certificate and does not compare it with the token's where userinfo is asked for by POST",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && shown.Certificate }),
	}, {
		Name:   "token-in-a-form-needs-no-proof",
		Breaks: ProofRequired,
		How:    "takes the token from a posted form, where there is no scheme that says what it is, and looks for no proof",
		Policy: inForm("dpop"),
	}, {
		Name:   "token-in-a-form-needs-no-certificate",
		Breaks: CertificateRequired,
		How:    "takes the token from a posted form, and compares no certificate",
		Policy: inForm("mtls"),
	}}
}

// guardMutants are banks that serve who shows no token.
func guardMutants() []mutant.Mutant {
	resource, userinfo := authserver.EndpointResource, authserver.EndpointUserinfo
	usual := func(v authserver.Visit) bool { return v.Path == "/accounts" || v.Path == "/userinfo" }
	open := func(name, how string, at authserver.Endpoint, to func(authserver.Visit) bool) mutant.Mutant {
		return mutant.Mutant{
			Name: name, Breaks: SufficientToken, How: how,
			Policy: func(p *authserver.Policy) {
				p.Unguarded = func(v authserver.Visit) bool { return v.Endpoint == at && to(v) }
			},
		}
	}
	by := func(method string) func(authserver.Visit) bool {
		return func(v authserver.Visit) bool { return usual(v) && v.Method == method }
	}
	spelt := func(like func(path string) bool) func(authserver.Visit) bool {
		return func(v authserver.Visit) bool {
			return v.Method == http.MethodGet && like(v.Path)
		}
	}
	ends := func(with string) func(authserver.Visit) bool {
		return spelt(func(path string) bool { return strings.HasSuffix(path, with) })
	}
	toCertificates := open("resource-open-to-who-shows-a-certificate", "takes the certificate of the connection for all that it needs where there is no token", resource, func(v authserver.Visit) bool { return by(http.MethodGet)(v) && v.Certificate })
	toCertificates.Binding = "mtls"
	toProofs := open("resource-open-to-who-shows-a-proof", "takes a DPoP proof for all that it needs where there is no token", resource, func(v authserver.Visit) bool { return by(http.MethodGet)(v) && v.Proof })
	toProofs.Binding = "dpop"
	posted := open("userinfo-open-without-a-token-by-post", "has nobody look for a token where userinfo is asked for by POST", userinfo, by(http.MethodPost))
	posted.AlsoBreaks = requirements(ProofRequired, CertificateRequired) // by a token in the form, at which nobody looks either
	// A token in a cookie is one at which nobody looks either.
	accounts := open("resource-open-without-a-token", "looks at the token of a request where there is one", resource, by(http.MethodGet))
	accounts.AlsoBreaks = requirements(ProofRequired, CertificateRequired)
	claims := open("userinfo-open-without-a-token", "has nobody look for a token at the userinfo endpoint", userinfo, by(http.MethodGet))
	claims.AlsoBreaks = requirements(ProofRequired, CertificateRequired)
	return []mutant.Mutant{
		accounts, claims,
		posted, toCertificates, toProofs,
		open("resource-open-to-internal-callers", "asks no token of who says in X-Forwarded-For that he is 127.0.0.1", resource, func(v authserver.Visit) bool { return by(http.MethodGet)(v) && v.Within }),
		open("resource-open-by-original-url", "has its filter look at the path, and its framework at X-Original-URL", resource, func(v authserver.Visit) bool { return v.Rewritten }),
		open("resource-open-behind-a-scheme-alone", "looks at what stands behind the scheme where there is something", resource, func(v authserver.Visit) bool { return by(http.MethodGet)(v) && v.Scheme != "" }),
		open("userinfo-open-behind-a-scheme-alone", "looks at what stands behind the scheme Bearer where there is something", userinfo, func(v authserver.Visit) bool { return by(http.MethodGet)(v) && v.Scheme == "Bearer" }),
		open("resource-open-by-post", "has a filter for requests by GET before a resource that serves all methods", resource, by(http.MethodPost)),
		open("resource-open-by-head", "answers requests by HEAD before it has looked for a token", resource, by(http.MethodHead)),
		open("resource-open-by-options", "lets all requests by OPTIONS through its filter, because browsers send no token with them, to a resource that serves all methods", resource, by(http.MethodOptions)),
		open("resource-open-behind-two-slashes", "compares addresses to the letter in its filter, and has its router take //accounts for /accounts", resource, spelt(func(path string) bool { return strings.HasPrefix(path, "//") })),
		open("resource-open-with-a-slash-behind-it", "has a filter for /accounts, and a router that takes /accounts/ for the same", resource, ends("s/")),
		open("userinfo-open-in-capitals", "has a filter for /userinfo, and a router that knows no capitals", userinfo, ends("/USERINFO")),
		open("resource-open-with-a-parameter-behind-it", "has a filter for /accounts, and a router that passes over parameters of a path", resource, ends(";x")),
		open("resource-open-with-an-encoded-dot", "has a filter for the path as it was sent, and a router that decodes it", resource, ends("%2e")),
		open("resource-open-with-an-ending", "has a filter for /accounts, and a router that takes an ending for the format that is wanted", resource, ends(".json")),
		open("resource-open-by-a-detour", "has a filter for the path as it was sent, and a router that takes the dots out of it", resource, spelt(func(path string) bool { return strings.Contains(path, "..") && !strings.Contains(path, ";") })),
	}
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
		Policy:     func(p *authserver.Policy) { p.ScopeSuffices = func(authserver.Sufficiency) bool { return true } },
	}, {
		Name:   "scope-any-will-do",
		Breaks: SufficientToken,
		How:    "is content when the token has any scope at all",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool { return len(s.Granted) > 0 }
		},
	}, {
		Name:   "scope-of-the-clients-own-tokens-not-checked",
		Breaks: SufficientToken,
		How:    "lets tokens that clients have for themselves do everything",
		Policy: func(p *authserver.Policy) {
			own := p.ScopeSuffices
			p.ScopeSuffices = func(s authserver.Sufficiency) bool { return s.Alone || own(s) }
		},
	}, {
		Name:   "scope-of-the-same-api",
		Breaks: SufficientToken,
		How:    "is content when the token has any scope of the API, and not openid alone",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool {
				return slices.Contains(s.Granted, s.Needed) || s.Needed != "openid" && slices.ContainsFunc(s.Granted, func(word string) bool { return word != "openid" })
			}
		},
	}, {
		Name:   "scope-compared-as-text",
		Breaks: SufficientToken,
		How:    "looks whether the name of the needed scope stands somewhere in the token's, so that accounts:names opens accounts",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool {
				return strings.Contains(strings.Join(s.Granted, " "), s.Needed)
			}
		},
	}, {
		Name:   "scope-of-the-grant",
		Breaks: SufficientToken,
		How:    "looks up what was granted, of which a refreshed token may have less",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool { return slices.Contains(s.OfGrant, s.Needed) }
		},
	}, {
		Name:   "userinfo-for-the-scope-of-the-grant",
		Breaks: SufficientToken,
		How:    "looks up what was granted at the userinfo endpoint, and not what is left of it in the token",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool {
				return slices.Contains(s.Granted, s.Needed) || s.Needed == "openid" && slices.Contains(s.OfGrant, s.Needed)
			}
		},
	}, {
		Name:   "scope-none-is-all",
		Breaks: SufficientToken,
		How:    "takes a token without any scope for one without limits",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool {
				return len(s.Granted) == 0 || slices.Contains(s.Granted, s.Needed)
			}
		},
	}, {
		Name:   "userinfo-for-any-scope",
		Breaks: SufficientToken,
		How:    "serves the user's claims for tokens without openid",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(s authserver.Sufficiency) bool {
				return s.Needed == "openid" || slices.Contains(s.Granted, s.Needed)
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
	inPlace := func(other, binding string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenPlace = func(_ authserver.Endpoint, place string) bool { return place == "header" || place == other }
			possession(func(shown authserver.Possession) bool { return shown.Place == other && shown.Bound == binding })(p)
		}
	}
	// spares is a bank that looks for nothing that a token is bound to where the token is of that kind.
	spares := func(binding, kind, how string, breaks *requirement.Requirement, spared func(authserver.Possession) bool) mutant.Mutant {
		name := map[string]string{"dpop": "proof-not-wanted-for-", "mtls": "certificate-not-wanted-for-"}[binding] + kind
		return mutant.Mutant{Name: name, Breaks: breaks, How: how, Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == binding && spared(shown) && (binding == "mtls" && !shown.Certificate || binding == "dpop" && downgraded(shown))
		})}
	}
	// believes is one that wants a proof or a certificate with such a token, and does not compare it with that.
	believes := func(binding, kind, how string, breaks *requirement.Requirement, spared func(authserver.Possession) bool) mutant.Mutant {
		name := map[string]string{"dpop": "proof-of-any-key-for-", "mtls": "certificate-of-anybody-for-"}[binding] + kind
		return mutant.Mutant{Name: name, Breaks: breaks, How: how, Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == binding && spared(shown) && (binding == "mtls" && shown.Certificate && strings.EqualFold(shown.Scheme, "Bearer") ||
				binding == "dpop" && shown.Proof && strings.EqualFold(shown.Scheme, "DPoP"))
		})}
	}
	own := func(shown authserver.Possession) bool { return shown.Alone }
	refreshed := func(shown authserver.Possession) bool { return shown.Refreshed }
	plain := func(shown authserver.Possession) bool { return !shown.OpenID && !shown.Alone }
	older := func(shown authserver.Possession) bool {
		return strings.HasSuffix(shown.Client, "-second") && !shown.Alone
	}
	olderAtUserinfo := func(shown authserver.Possession) bool {
		return older(shown) && shown.Endpoint == authserver.EndpointUserinfo
	}
	refreshedPosted := func(shown authserver.Possession) bool {
		return refreshed(shown) && shown.Endpoint == authserver.EndpointUserinfo && shown.Method == http.MethodPost
	}
	return []mutant.Mutant{
		spares("dpop", "tokens-of-its-clients", "takes tokens that clients have for themselves as Bearer tokens, without a proof", ProofRequired, own),
		spares("mtls", "tokens-of-its-clients", "compares no certificate where a client has the token for itself", CertificateRequired, own),
		spares("dpop", "refreshed-tokens", "takes refreshed tokens in the scheme Bearer without a proof", ProofRequired, refreshed),
		spares("mtls", "refreshed-tokens", "wants the certificate of first tokens, and none with refreshed ones", CertificateRequired, refreshed),
		spares("dpop", "refreshed-tokens-at-posted-userinfo", "takes refreshed tokens as Bearer tokens where userinfo is asked for by POST, without a proof", ProofRequired, refreshedPosted),
		spares("dpop", "plain-tokens", "asks for a proof where openid is in the token's scope", ProofRequired, plain),
		spares("mtls", "plain-tokens", "asks for a certificate where openid is in the token's scope", CertificateRequired, plain),
		spares("dpop", "an-older-client", "has an older client on a list of those that need no proof", ProofRequired, older),
		spares("mtls", "an-older-client", "has an older client on a list of those that need no certificate", CertificateRequired, older),
		spares("dpop", "an-older-client-at-userinfo", "has an older client on a list of those that need no proof at the userinfo endpoint", ProofRequired, olderAtUserinfo),
		spares("mtls", "an-older-client-at-userinfo", "has an older client on a list of those that need no certificate at the userinfo endpoint", CertificateRequired, olderAtUserinfo),
		believes("dpop", "tokens-of-its-clients", "wants a proof with tokens that clients have for themselves, and does not compare its key with the token's", ProofOfOtherKey, own),
		believes("mtls", "tokens-of-its-clients", "wants a certificate with tokens that clients have for themselves, and does not compare it with the token's", OtherCertificate, own),
		believes("mtls", "refreshed-tokens", "wants a certificate with refreshed tokens, and does not compare it with the token's", OtherCertificate, refreshed),
		believes("dpop", "plain-tokens", "compares the key of a proof with the token's where openid is in its scope", ProofOfOtherKey, plain),
		believes("mtls", "plain-tokens", "compares a certificate with the token's where openid is in its scope", OtherCertificate, plain),
		believes("dpop", "an-older-client", "does not compare the key of a proof with the token's where that is an older client's", ProofOfOtherKey, older),
		believes("mtls", "an-older-client", "does not compare a certificate with the token's where that is an older client's", OtherCertificate, older),
		{
			Name:   "certificate-bound-token-as-bearer-with-a-proof",
			Breaks: CertificateRequired,
			How:    "is content with a DPoP proof, by whatever key, in the place of the certificate of a token",
			Policy: possession(func(shown authserver.Possession) bool {
				return shown.Bound == "mtls" && shown.Proof && !shown.Certificate && strings.EqualFold(shown.Scheme, "Bearer")
			}),
		},
		{
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
			Name:   "bound-token-as-bearer-in-lower-case",
			Breaks: ProofRequired,
			How:    "looks for the word Bearer to ask for a proof, and takes the same scheme in lower case",
			Policy: possession(func(shown authserver.Possession) bool {
				return shown.Bound == "dpop" && downgraded(shown) && shown.Scheme == "bearer"
			}),
		}, {
			Name:   "bound-token-as-dpop-in-lower-case",
			Breaks: ProofRequired,
			How:    "looks for the word DPoP to ask for a proof, and takes the same scheme in lower case",
			Policy: possession(func(shown authserver.Possession) bool {
				return shown.Bound == "dpop" && !shown.Proof && shown.Scheme == "dpop"
			}),
		}, {
			Name:       "bound-token-as-bearer-with-any-proof",
			Breaks:     ProofOfOtherKey,
			AlsoBreaks: requirements(dpop.NotAsBearer),
			How:        "serves a DPoP-bound token as Bearer where a proof comes with it, and does not look whose",
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
			Name:   "bound-token-in-no-scheme",
			Breaks: ProofRequired,
			How:    "takes an Authorization header without a scheme for a token, and goes by the scheme when it looks for a proof",
			Policy: inPlace("bare", "dpop"),
		}, {
			Name:   "certificate-bound-token-in-no-scheme",
			Breaks: CertificateRequired,
			How:    "takes an Authorization header without a scheme for a token, and goes by the scheme when it looks for a certificate",
			Policy: inPlace("bare", "mtls"),
		}, {
			Name:   "bound-token-in-a-cookie",
			Breaks: ProofRequired,
			How:    "takes the token of its own pages from a cookie, and looks for no proof of it",
			Policy: inPlace("cookie", "dpop"),
		}, {
			Name:   "certificate-bound-token-in-a-cookie",
			Breaks: CertificateRequired,
			How:    "takes the token of its own pages from a cookie, and compares no certificate",
			Policy: inPlace("cookie", "mtls"),
		}, {
			Name:   "bound-token-in-a-field-of-its-own",
			Breaks: ProofRequired,
			How:    "takes the token from X-Access-Token, as the gateway of its partners sends it, and looks for no proof of it",
			Policy: inPlace("field", "dpop"),
		}, {
			Name:   "certificate-bound-token-in-a-field-of-its-own",
			Breaks: CertificateRequired,
			How:    "takes the token from X-Access-Token, as the gateway of its partners sends it, and compares no certificate",
			Policy: inPlace("field", "mtls"),
		}, {
			Name:   "certificate-bound-token-in-an-unknown-scheme",
			Breaks: CertificateRequired,
			How:    "looks at certificates in the scheme Bearer, and does not know what to do with another one",
			Policy: possession(func(shown authserver.Possession) bool {
				return shown.Bound == "mtls" && !shown.Certificate && !strings.EqualFold(shown.Scheme, "Bearer") && !strings.EqualFold(shown.Scheme, "DPoP")
			}),
		}, {
			Name:       "proof-that-can-not-be-read",
			Breaks:     ProofRequired,
			AlsoBreaks: requirements(UnsignedAtRS, dpop.OneJWTAtRS, dpop.ProofTypeAtRS, dpop.AsymmetricAtRS, dpop.SignatureAtRS, dpop.NoReplayAtRS),
			How:        "catches the error of a DPoP proof that can't be read, and goes on as if there had been a good one",
			Policy:     func(p *authserver.Policy) { p.BelievesProof = func(authserver.Endpoint) bool { return true } },
		}, {
			Name:       "proof-that-can-not-be-read-at-userinfo",
			Breaks:     ProofRequired,
			AlsoBreaks: requirements(UnsignedAtRS, dpop.OneJWTAtRS, dpop.ProofTypeAtRS, dpop.AsymmetricAtRS, dpop.SignatureAtRS, dpop.NoReplayAtRS),
			How:        "goes on at the userinfo endpoint where a DPoP proof can't be read",
			Policy: func(p *authserver.Policy) {
				p.BelievesProof = func(at authserver.Endpoint) bool { return at == authserver.EndpointUserinfo }
			},
		}, {
			Name:       "certificate-of-a-header-at-the-resource",
			Breaks:     CertificateRequired,
			AlsoBreaks: requirements(attacks.FieldsStripped),
			How:        "takes the certificate from the header field of its proxy, which passes on what clients write there",
			Policy: func(p *authserver.Policy) {
				p.CertificateFromHeader = func(f authserver.CertificateField) bool { return f.Name == "X-Ssl-Client-Cert" }
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
			Name:   "renewed-certificate-takes-the-place-of-the-bound-one",
			Breaks: OtherCertificate,
			How:    "takes a certificate-bound token over every certificate that its authority has issued to the client",
			Policy: possession(func(shown authserver.Possession) bool {
				return shown.Bound == "mtls" && shown.SameName && shown.Vouched
			}),
			Auth: "private_key_jwt",
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
