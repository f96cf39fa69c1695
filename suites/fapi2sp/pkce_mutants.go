package fapi2sp

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/pkce"
)

func pkceMutants() []mutant.Mutant {
	verifier := func(accept func(authserver.Verifier) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.VerifierMatches = func(v authserver.Verifier) bool { return authserver.HashedVerifier(v) || accept(v) }
		}
	}
	verifierAs := func(read func(sent string) string) func(*authserver.Policy) {
		return verifier(func(v authserver.Verifier) bool {
			v.Value = read(v.Value)
			return authserver.HashedVerifier(v)
		})
	}
	return []mutant.Mutant{{
		Name:   "pkce-optional",
		Breaks: PKCERequired,
		How:    "takes requests without a challenge, as plain OAuth does",
		Policy: func(p *authserver.Policy) { p.NeedsChallenge = func() bool { return false } },
	}, {
		Name:   "pkce-optional-with-nonce",
		Breaks: PKCERequired,
		How:    "takes the nonce of OpenID requests for protection enough, as RFC 9700 lets confidential clients do",
		Policy: func(p *authserver.Policy) { p.WaivesChallenge = func(a authserver.Asked) bool { return a.Nonce } },
	}, {
		Name:   "pkce-optional-for-mtls-clients",
		Breaks: PKCERequired,
		How:    "demands a challenge of clients with a key and forgets those that authenticate by certificate",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return a.Auth != "private_key_jwt" }
		},
		Auth: "self_signed_tls_client_auth",
	}, {
		Name:   "pkce-optional-without-openid",
		Breaks: PKCERequired,
		How:    "demands a challenge where its OpenID Connect code reads the request, and forgets plain OAuth",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return !strings.Contains(a.Scope, "openid") }
		},
	}, {
		Name:   "pkce-optional-for-one-combination",
		Breaks: PKCERequired,
		How:    "demands no challenge of clients whose one certificate authenticates them and binds their tokens",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return a.Auth != "private_key_jwt" && a.Binding == "mtls" }
		},
		Auth: "self_signed_tls_client_auth", Binding: "mtls",
	}, {
		Name:   "pkce-optional-for-other-clients",
		Breaks: PKCERequired,
		How:    "demands a challenge of the client for which it was switched on, and of no other of its kind",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return strings.HasSuffix(a.Client, "-second") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "pkce-optional-without-nonce",
		Breaks: PKCERequired,
		How:    "demands a challenge where its OpenID Connect code has found a nonce, and waives it for requests without one",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return !a.Nonce && strings.Contains(a.Scope, "openid") }
		},
	}, {
		Name:   "pkce-optional-in-request-objects",
		Breaks: PKCERequired,
		How:    "demands a challenge where it reads forms, and takes the signature of a request object for protection enough",
		Policy: func(p *authserver.Policy) { p.WaivesChallenge = func(a authserver.Asked) bool { return a.InObject } },
		Auth:   "private_key_jwt",
	}, {
		Name:   "pkce-optional-in-request-objects-without-openid",
		Breaks: PKCERequired,
		How:    "demands a challenge where it reads forms, and of request objects that ask for openid",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return a.InObject && !strings.Contains(a.Scope, "openid") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "pkce-empty-in-request-objects",
		Breaks: PKCERequired,
		How:    "looks in request objects whether code_challenge is there, and not what is in it",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return a.InObject && a.EmptyChallenge }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "pkce-optional-where-nothing-but-openid-is-asked-for",
		Breaks: PKCERequired,
		How:    "demands a challenge where there are accounts to get at, and not of requests that only ask who the user is",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return a.Scope == "openid" }
		},
	}, {
		Name:   "pkce-optional-with-signed-responses",
		Breaks: PKCERequired,
		How:    "takes the signature of the response for protection enough",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return strings.HasSuffix(a.Mode, "jwt") }
		},
	}, {
		Name:   "pkce-optional-with-details",
		Breaks: PKCERequired,
		How:    "reads requests with authorization_details by code of their own, which knows of no challenge",
		Policy: func(p *authserver.Policy) { p.WaivesChallenge = func(a authserver.Asked) bool { return a.Details } },
	}, {
		Name:   "pkce-optional-with-dpop-jkt",
		Breaks: PKCERequired,
		How:    "takes dpop_jkt for protection enough, as it binds the code to a key",
		Policy: func(p *authserver.Policy) { p.WaivesChallenge = func(a authserver.Asked) bool { return a.NamesKey } }, Binding: "dpop",
	}, {
		Name:   "pkce-optional-with-a-proof",
		Breaks: PKCERequired,
		How:    "takes a DPoP proof at the PAR endpoint for protection enough, as it binds the code to a key",
		Policy: func(p *authserver.Policy) { p.WaivesChallenge = func(a authserver.Asked) bool { return a.Proven } }, Binding: "dpop",
	}, {
		Name:   "pkce-verifier-up-to-a-zero-byte",
		Breaks: PKCEVerifier,
		How:    "hands the verifier to a library that reads texts up to a zero byte",
		Policy: verifierAs(func(sent string) string { before, _, _ := strings.Cut(sent, "\x00"); return before }),
	}, {
		Name:   "pkce-verifier-in-any-case",
		Breaks: PKCEVerifier,
		How:    "compares verifiers without regard to case",
		Policy: verifierAs(inOtherCase),
	}, {
		Name:   "pkce-verifier-trimmed",
		Breaks: PKCEVerifier,
		How:    "trims whatever comes in a form",
		Policy: verifierAs(strings.TrimSpace),
		Warns:  true,
	}, {
		Name:   "pkce-verifier-of-bound-codes",
		Breaks: PKCEVerifier,
		How:    "looks at the key of the proof where a code is bound to one, and at the verifier of other codes alone",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Bound }), Binding: "dpop",
	}, {
		Name:   "pkce-verifier-missing-for-bound-codes",
		Breaks: PKCEVerifier,
		How:    "compares a verifier where one comes, and needs none of codes that are bound to a key",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Bound && !v.Present }), Binding: "dpop",
	}, {
		Name:   "pkce-verifier-without-openid",
		Breaks: PKCEVerifier,
		How:    "compares verifiers in the part that knows OpenID Connect, and only looks whether there is one where openid was not asked for",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Present && !v.OpenID }),
	}, {
		Name:   "pkce-verifier-of-other-clients",
		Breaks: PKCEVerifier,
		How:    "compares the verifiers of the client for which that was switched on, and of no other of its kind",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Present && strings.HasSuffix(v.Client, "-second") }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "pkce-plain-without-openid",
		Breaks: PKCEPlain,
		How:    "takes the method plain where openid is not asked for",
		Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool {
				return sent == "plain" && !slices.Contains(strings.Fields(a.Scope), "openid")
			}
		},
	}, {
		Name:   "pkce-plain-where-nothing-but-openid-is-asked-for",
		Breaks: PKCEPlain,
		How:    "takes the method plain of requests that only ask who the user is",
		Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool { return sent == "plain" && a.Scope == "openid" }
		},
	}, {
		Name:   "pkce-plain-in-request-objects",
		Breaks: PKCEPlain,
		How:    "takes the method plain in request objects, whose signature it takes for protection enough",
		Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool { return sent == "plain" && a.InObject }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "pkce-empty-challenge",
		Breaks: PKCERequired,
		How:    "looks whether code_challenge is there, and not what is in it",
		Policy: func(p *authserver.Policy) {
			p.WaivesChallenge = func(a authserver.Asked) bool { return a.EmptyChallenge }
		},
	}, {
		Name:   "plain-where-dpop-jkt-is-sent",
		Breaks: PKCEPlain,
		How:    "takes plain where the request names the key of DPoP proofs, which binds the code well enough",
		Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool { return sent == "plain" && a.NamesKey }
		},
		Binding: "dpop",
	}, {
		Name:   "pkce-plain-for-other-clients",
		Breaks: PKCEPlain,
		How:    "has the method plain switched off for one client, and not for the others",
		Policy: func(p *authserver.Policy) {
			p.AlsoChallengeMethod = func(a authserver.Asked, sent string) bool {
				return sent == "plain" && strings.HasSuffix(a.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "pkce-plain-allowed",
		Breaks: PKCEPlain,
		How:    "still offers the method plain",
		Policy: func(p *authserver.Policy) {
			p.ChallengeMethod = func(sent string, present bool) string {
				if present && (sent == "S256" || sent == "plain") {
					return sent
				}
				return ""
			}
		},
	}, {
		Name:   "pkce-plain-in-any-case",
		Breaks: PKCEPlain,
		How:    "refuses methods by a list of bad ones, which has the wrong spelling",
		Policy: func(p *authserver.Policy) {
			p.ChallengeMethod = func(sent string, present bool) string {
				switch {
				case !present || sent == "PLAIN":
					return ""
				case strings.EqualFold(sent, "plain"):
					return "plain"
				}
				return sent
			}
		},
	}, {
		Name:   "pkce-plain-in-capitals",
		Breaks: PKCEPlain,
		How:    "refuses plain by its spelling, and reads methods in any case afterwards",
		Policy: func(p *authserver.Policy) {
			p.ChallengeMethod = func(sent string, present bool) string {
				switch {
				case !present || sent == "plain":
					return ""
				case strings.EqualFold(sent, "plain"):
					return "plain"
				}
				return authserver.OnlyS256(sent, present)
			}
		},
	}, {
		Name:   "pkce-unknown-method-is-plain",
		Breaks: PKCEPlain,
		How:    "knows S256, refuses plain, and compares as plain whatever else it is sent",
		Policy: func(p *authserver.Policy) {
			p.ChallengeMethod = func(sent string, present bool) string {
				switch {
				case !present || sent == "" || strings.EqualFold(sent, "plain"):
					return ""
				case sent == "S256":
					return sent
				}
				return "plain"
			}
		},
	}, {
		Name:   "pkce-default-plain",
		Breaks: PKCEDefault,
		How:    "follows RFC 7636 where the method is missing, and so takes the challenge for the verifier",
		Policy: func(p *authserver.Policy) {
			p.ChallengeMethod = func(sent string, present bool) string {
				if !present {
					return "plain"
				}
				return authserver.OnlyS256(sent, present)
			}
		},
	}, {
		Name:   "pkce-empty-method-is-plain",
		Breaks: PKCEDefault,
		How:    "demands that the method is there, and follows RFC 7636 where it is empty",
		Policy: func(p *authserver.Policy) {
			p.ChallengeMethod = func(sent string, present bool) string {
				if present && sent == "" {
					return "plain"
				}
				return authserver.OnlyS256(sent, present)
			}
		},
	}, {
		Name:       "pkce-verifier-not-compared",
		Breaks:     PKCEVerifier,
		AlsoBreaks: requirements(pkce.ChallengeOfCode),
		How:        "only looks whether there is a verifier",
		Policy:     verifier(func(v authserver.Verifier) bool { return v.Value != "" }),
	}, {
		Name:       "pkce-verifier-compared-by-length",
		Breaks:     PKCEVerifier,
		AlsoBreaks: requirements(pkce.ChallengeOfCode),
		How:        "checks the form of the verifier and not its hash",
		Policy: verifier(func(v authserver.Verifier) bool {
			return len(v.Value) >= 43 && len(v.Value) <= 128 && v.Method == "S256"
		}),
	}, {
		Name:   "pkce-verifier-too-short-to-compare",
		Breaks: PKCEVerifier,
		How:    "compares verifiers that have the length of one, and passes over shorter ones",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Value != "" && len(v.Value) < 43 }),
	}, {
		Name:   "pkce-verifier-too-long-to-compare",
		Breaks: PKCEVerifier,
		How:    "compares verifiers that have the length of one, and passes over longer ones",
		Policy: verifier(func(v authserver.Verifier) bool { return len(v.Value) > 128 }),
	}, {
		Name:   "pkce-verifier-may-be-the-challenge",
		Breaks: PKCEVerifier,
		How:    "takes the challenge for the verifier too, as it did when it still had plain: whoever saw the request redeems the code",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Value == v.Challenge && v.Value != "" }),
	}, {
		Name:   "pkce-verifier-cut-to-its-column",
		Breaks: PKCEVerifier,
		How:    "keeps 43 characters of the verifier, and hashes those",
		Policy: verifier(func(v authserver.Verifier) bool {
			v.Value = v.Value[:min(43, len(v.Value))]
			return v.Value != "" && authserver.HashedVerifier(v)
		}),
	}, {
		Name:       "pkce-verifier-optional",
		Breaks:     PKCEVerifierRequired,
		AlsoBreaks: requirements(PKCEVerifier), // where a code is bound to a key both are tried at once
		How:        "compares the verifier where there is one",
		Policy:     verifier(func(v authserver.Verifier) bool { return !v.Present }),
	}, {
		Name:   "pkce-empty-verifier",
		Breaks: PKCEVerifierRequired,
		How:    "takes an empty verifier for none, and none for permission",
		Policy: verifier(func(v authserver.Verifier) bool { return v.Present && v.Value == "" }),
	}}
}
