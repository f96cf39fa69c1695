package dpop

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func resourceMutants() []mutant.Mutant {
	possession := func(read func(p *authserver.Possession)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Possession = func(shown authserver.Possession) bool {
				read(&shown)
				return authserver.ProvedPossession(shown)
			}
		}
	}
	challenges := func(edit func(challenge string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Challenges = func(complete []string) []string {
				var edited []string
				for _, challenge := range complete {
					edited = append(edited, edit(challenge))
				}
				return edited
			}
		}
	}
	// asBearer takes the scheme Bearer for tokens of a kind, where a good proof comes along.
	asBearer := func(name, how string, which func(authserver.Possession) bool) mutant.Mutant {
		return mutant.Mutant{Name: "dpop-token-as-bearer-with-a-proof-" + name, Breaks: NotAsBearer, How: "takes bound tokens in the scheme Bearer with a good proof, " + how,
			Policy: possession(func(p *authserver.Possession) {
				if p.Bound == "dpop" && strings.EqualFold(p.Scheme, "Bearer") && which(*p) {
					p.Scheme = "DPoP"
				}
			}), Binding: "dpop"}
	}
	return []mutant.Mutant{
		asBearer("refreshed", "where they came for a refresh token", func(p authserver.Possession) bool { return p.Refreshed }),
		asBearer("of-its-clients", "where a client has them for itself", func(p authserver.Possession) bool { return p.Alone }),
		asBearer("plain", "where openid is not in their scope", func(p authserver.Possession) bool { return !p.OpenID && !p.Alone }),
		asBearer("of-an-older-client", "where they are an older client's", func(p authserver.Possession) bool { return strings.HasSuffix(p.Client, "-second") }),
		{
			Name: "dpop-scheme-by-its-letters", Breaks: SchemeCase, How: "compares the scheme DPoP with regard to case",
			Policy: possession(func(p *authserver.Possession) { p.Proof = p.Proof && p.Scheme != "dpop" && p.Scheme != "dPOp" }), Binding: "dpop",
		}, {
			Name: "dpop-token-as-bearer-with-a-proof", Breaks: NotAsBearer, How: "takes bound tokens in the scheme Bearer, where a good proof comes along",
			Policy: possession(func(p *authserver.Possession) {
				if p.Bound == "dpop" && strings.EqualFold(p.Scheme, "Bearer") {
					p.Scheme = "DPoP"
				}
			}), Binding: "dpop",
		}, {
			Name: "dpop-token-as-bearer-in-lower-case-with-a-proof", Breaks: NotAsBearer, How: "compares the scheme with Bearer with regard to case, where a good proof comes along",
			Policy: possession(func(p *authserver.Possession) {
				if p.Bound == "dpop" && p.Scheme == "bearer" {
					p.Scheme = "DPoP"
				}
			}), Binding: "dpop",
		}, {
			Name: "dpop-token-in-both-schemes", Breaks: OneScheme, How: "takes the first of two Authorization header fields",
			Policy: func(p *authserver.Policy) { p.SeveralTokens = func(authserver.Endpoint) bool { return true } }, Binding: "dpop",
		}, {
			Name: "dpop-challenge-as-bearer", Breaks: Challenge, AlsoBreaks: requirements(ChallengeSays), How: "challenges with the scheme Bearer, whatever the token was sent with",
			Policy: challenges(func(challenge string) string { return strings.Replace(challenge, "DPoP ", "Bearer ", 1) }), Binding: "dpop",
		}, {
			Name: "dpop-challenge-without-algs", Breaks: ChallengeSays, How: "does not say in its challenge what algorithms it takes",
			Policy: challenges(func(challenge string) string { before, _, _ := strings.Cut(challenge, ", algs="); return before }), Binding: "dpop",
		}}
}

func nonceMutants() []mutant.Mutant {
	wants := func(at where, more func(p *authserver.Policy)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NeedsNonce = func(e authserver.Endpoint) bool { return at(e, "") }
			more(p)
		}
	}
	demand := func(edit func(d *authserver.NonceDemand)) func(p *authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NonceDemand = func(at authserver.Endpoint) authserver.NonceDemand {
				d := authserver.UsualDemand(at)
				edit(&d)
				return d
			}
		}
	}
	holds := func(accept func(n authserver.NonceUse) bool) func(p *authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NonceHolds = func(n authserver.NonceUse) bool { return n.Known || accept(n) }
		}
	}
	wherePushed := func(e authserver.Endpoint, _ string) bool { return e == authserver.EndpointPAR }
	atUserinfo := func(e authserver.Endpoint, _ string) bool { return e == authserver.EndpointUserinfo }
	return []mutant.Mutant{{
		Name: "dpop-any-nonce", Breaks: OwnNonces, How: "wants a nonce at the token endpoint, and does not know those that it gave",
		Policy: wants(atTokens, holds(func(n authserver.NonceUse) bool { return n.Sent != "" })),
	}, {
		Name: "dpop-any-nonce-with-codes", Breaks: OwnNonces, How: "wants a nonce at the token endpoint, and knows its own where tokens are refreshed alone",
		Policy: wants(atTokens, holds(func(n authserver.NonceUse) bool { return n.Sent != "" && n.Grant == "authorization_code" })),
	}, {
		Name: "dpop-any-nonce-where-clients-ask-for-themselves", Breaks: OwnNonces, How: "wants a nonce at the token endpoint, and takes any with client_credentials",
		Policy: wants(atTokens, holds(func(n authserver.NonceUse) bool { return n.Sent != "" && n.Grant == "client_credentials" })),
	}, {
		Name: "dpop-any-nonce-where-requests-are-pushed", Breaks: OwnNonces, How: "wants a nonce where requests are pushed, and takes any",
		Policy: wants(wherePushed, holds(func(n authserver.NonceUse) bool { return n.Sent != "" })),
	}, {
		Name: "dpop-any-nonce-at-userinfo-by-post", Breaks: OwnNoncesAtRS, How: "wants a nonce at userinfo, and takes any by POST",
		Policy: wants(atUserinfo, holds(func(n authserver.NonceUse) bool { return n.Sent != "" && n.Method == "POST" })),
	}, {
		Name: "dpop-nonce-asked-for-with-401-where-requests-are-pushed", Breaks: NonceDemand, How: "asks for a nonce with 401 where requests are pushed",
		Policy: wants(wherePushed, demand(func(d *authserver.NonceDemand) { d.Status = 401 })),
	}, {
		Name: "dpop-nonce-and-more", Breaks: OwnNonces, How: "wants a nonce at the token endpoint, and looks whether what comes begins with one of its own",
		Policy: wants(atTokens, holds(func(n authserver.NonceUse) bool { return n.Begins })),
	}, {
		Name: "dpop-half-a-nonce-at-the-resource", Breaks: OwnNoncesAtRS, How: "wants a nonce at the resource, and looks whether one of its own begins with what comes",
		Policy: wants(atRS, holds(func(n authserver.NonceUse) bool { return n.Half })),
	}, {
		Name: "dpop-nonce-that-is-no-text", Breaks: OwnNonces, How: "wants a nonce at the token endpoint, and passes over one that is no text",
		Policy: wants(atTokens, holds(func(n authserver.NonceUse) bool { return n.Odd })),
	}, {
		Name: "dpop-nonce-asked-for-once", Breaks: NonceStays, How: "asks every client for a nonce at the token endpoint once, and takes proofs without one afterwards",
		Policy: wants(atTokens, holds(func(n authserver.NonceUse) bool { return n.Sent == "" && n.Asked })),
	}, {
		Name: "dpop-nonce-asked-for-once-at-the-resource", Breaks: NonceStays, How: "asks every client for a nonce at the resource once, and takes proofs without one afterwards",
		Policy: wants(atRS, holds(func(n authserver.NonceUse) bool { return n.Sent == "" && n.Asked })),
	}, {
		Name: "dpop-nonce-asked-for-once-at-userinfo", Breaks: NonceStays, How: "asks every client for a nonce at userinfo once, and takes proofs without one afterwards",
		Policy: wants(atUserinfo, holds(func(n authserver.NonceUse) bool { return n.Sent == "" && n.Asked })),
	}, {
		Name: "dpop-nonce-asked-for-with-401", Breaks: NonceDemand, How: "asks for a nonce at the token endpoint with 401",
		Policy: wants(atTokens, demand(func(d *authserver.NonceDemand) { d.Status = 401 })),
	}, {
		Name: "dpop-two-nonces", Breaks: NonceDemand, How: "gives two nonces at the token endpoint when it asks for one",
		Policy: wants(atTokens, demand(func(d *authserver.NonceDemand) { d.Nonces = 2 })),
	}, {
		Name: "dpop-any-nonce-at-the-resource", Breaks: OwnNoncesAtRS, How: "wants a nonce at the resource, and does not know those that it gave",
		Policy: wants(atRS, holds(func(n authserver.NonceUse) bool { return n.Sent != "" })),
	}, {
		Name: "dpop-nonce-asked-for-with-400-at-the-resource", Breaks: NonceDemandAtRS, How: "asks for a nonce at the resource with 400, as authorization servers do",
		Policy: wants(atRS, demand(func(d *authserver.NonceDemand) { d.Status = 400 })),
	}, {
		Name: "dpop-nonces-in-caches", Breaks: NoncesNotCached, How: "lets caches keep answers of the resource that have a nonce",
		Policy: wants(atRS, demand(func(d *authserver.NonceDemand) { d.Storable = true })),
	}}
}

func bindingMutants() []mutant.Mutant {
	confirms := func(edit func(at authserver.Endpoint, thumbprint string) map[string]any) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Confirmation = edit }
	}
	wrongly := func(where authserver.Endpoint) func(*authserver.Policy) {
		return confirms(func(at authserver.Endpoint, thumbprint string) map[string]any {
			if at == where {
				thumbprint += "="
			}
			return map[string]any{"jkt": thumbprint}
		})
	}
	names := func(which func(authserver.NamedKey) string, where authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ConfirmedKey = func(n authserver.NamedKey) string {
				if n.Endpoint == where && n.Refreshed {
					return which(n)
				}
				return n.Own
			}
		}
	}
	return []mutant.Mutant{{
		Name: "dpop-token-type-bearer", Breaks: TokenType, How: "says that every token is a Bearer token",
		Policy: func(p *authserver.Policy) { p.TokenType = func(string) string { return "Bearer" } },
	}, {
		Name: "dpop-token-type-bearer-on-refresh", Breaks: TokenType, How: "says that refreshed tokens are Bearer tokens",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				if _, withRefresh := complete["refresh_token"]; at == authserver.EndpointToken && complete["token_type"] == "DPoP" && !withRefresh {
					complete["token_type"] = "Bearer"
				}
				return complete
			}
		},
	}, {
		Name: "dpop-token-type-bearer-where-clients-ask-for-themselves", Breaks: TokenType, How: "says that the tokens which clients have for themselves are Bearer tokens",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				_, withRefresh := complete["refresh_token"]
				_, withUser := complete["id_token"]
				if at == authserver.EndpointToken && complete["token_type"] == "DPoP" && !withRefresh && !withUser {
					complete["token_type"] = "Bearer"
				}
				return complete
			}
		},
	}, {
		Name: "dpop-thumbprint-padded-in-tokens-of-its-clients", Breaks: Thumbprint, How: "pads the thumbprint in tokens that clients have for themselves",
		Policy: func(p *authserver.Policy) {
			p.ConfirmedKey = func(n authserver.NamedKey) string {
				if n.Alone && n.Endpoint == authserver.EndpointToken {
					return n.Own + "="
				}
				return n.Own
			}
		},
		Binding: "dpop",
	}, {
		Name: "dpop-refresh-bound-to-the-first-key", Breaks: RefreshAnyKey, How: "refreshes with a proof of the key alone with which the code was redeemed",
		Policy:  func(p *authserver.Policy) { p.RefreshesWith = func(shown, first string) bool { return shown == first } },
		Binding: "dpop",
	}, {
		Name: "dpop-algorithms-with-a-hole", Breaks: Algorithms, OnMetadataAlone: true, How: "announces the algorithms of proofs in a list with null in it",
		Policy: authserver.InMetadata(func(said map[string]any) {
			said["dpop_signing_alg_values_supported"] = []any{"ES256", "PS256", "EdDSA", nil}
		}),
	}, {
		Name: "dpop-algorithms-with-hs256", Breaks: Algorithms, OnMetadataAlone: true, How: "announces all algorithms of its library for proofs",
		Policy: authserver.InMetadata(func(said map[string]any) {
			said["dpop_signing_alg_values_supported"] = []any{"ES256", "PS256", "EdDSA", "HS256"}
		}),
	}, {
		Name: "dpop-algorithm-announced-in-vain", Breaks: Algorithms, How: "announces all algorithms of the profile for proofs, and has a library that knows no EdDSA",
		Policy: overlooks(anywhere, func(p *authserver.Proof) { p.Key = p.Key && p.Algorithm != "EdDSA" }), Warns: true,
	}, {
		Name: "dpop-algorithm-not-announced", Breaks: Algorithms, How: "announces ES256 and PS256 for proofs, and takes what its library takes",
		Policy: authserver.InMetadata(func(said map[string]any) {
			said["dpop_signing_alg_values_supported"] = []any{"ES256", "PS256"}
		}), Warns: true, Binding: "dpop",
	}, {
		Name: "dpop-thumbprint-padded", Breaks: Thumbprint, How: "pads the thumbprint in the token",
		Policy: wrongly(authserver.EndpointToken), Binding: "dpop",
	}, {
		Name: "dpop-thumbprint-padded-in-introspection", Breaks: Introspected, AlsoBreaks: requirements(Thumbprint), How: "pads the thumbprint in introspection",
		Policy: wrongly(authserver.EndpointIntrospection), Binding: "dpop",
	}, {
		Name: "dpop-refreshed-token-names-the-first-key", Breaks: Thumbprint, How: "copies cnf from the token that came for the code where it refreshes one, whatever key that is bound to",
		Policy: names(func(n authserver.NamedKey) string { return n.First }, authserver.EndpointToken), Binding: "dpop",
	}, {
		Name: "dpop-introspection-names-the-first-key", Breaks: Thumbprint, How: "keeps one key for each grant, and has introspection name that",
		Policy: names(func(n authserver.NamedKey) string { return n.First }, authserver.EndpointIntrospection), Binding: "dpop",
	}, {
		Name: "dpop-introspection-says-bearer", Breaks: Introspected, How: "says in introspection that every token is a Bearer token",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				if at == authserver.EndpointIntrospection && complete["active"] == true {
					complete["token_type"] = "Bearer"
				}
				return complete
			}
		},
		Binding: "dpop",
	}, {
		Name: "dpop-refreshed-token-names-no-key", Breaks: Thumbprint, How: "says nothing of the key of a refreshed token, neither in that nor in introspection",
		Policy: func(p *authserver.Policy) {
			p.ConfirmedKey = func(n authserver.NamedKey) string {
				if n.Refreshed {
					return ""
				}
				return n.Own
			}
		},
		Binding: "dpop", Warns: true,
	}, {
		Name: "dpop-tokens-of-two-days", Breaks: NoLongLivedOnes, How: "issues tokens that live for two days",
		Policy: func(p *authserver.Policy) { p.TokenLifetime = func() int { return 2 * 86400 } },
	}}
}
