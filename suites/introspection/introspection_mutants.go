package introspection

import (
	"fmt"
	"maps"
	"slices"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this RFC's requirements and nothing else. Those that answer whoever asks, or tell clients of the tokens of others, break
// a profile as well, and stand there.
func Mutants() []mutant.Mutant {
	return slices.Concat(authorizationMutants(), answerMutants(), inactiveMutants(), stateMutants())
}

func authorizationMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "introspection-by-bearer",
		Breaks: Authorized,
		How:    "takes any bearer token for the authorization of a resource server",
		Policy: func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointIntrospection && u.Scheme == "bearer" && !u.AsksForJWT
			}
		},
	}, {
		Name:   "introspection-by-dpop",
		Breaks: Authorized,
		How:    "takes any token of the scheme DPoP for the authorization of a resource server",
		Policy: func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointIntrospection && u.Scheme == "dpop" && !u.AsksForJWT
			}
		},
	}, {
		Name:   "introspection-open-to-internal-callers",
		Breaks: Authorized,
		How:    "authenticates nobody who says in X-Forwarded-For that he is 127.0.0.1",
		Policy: func(p *authserver.Policy) {
			p.TrustsWithin = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointIntrospection && !u.AsksForJWT
			}
		},
	}, {
		Name:   "introspection-by-get",
		Breaks: Authorized,
		How:    "answers by GET too, and authenticates nobody there",
		Policy: func(p *authserver.Policy) {
			p.ServesByGet = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointIntrospection && !u.AsksForJWT
			}
		},
	}, {
		Name:   "introspection-of-refresh-tokens-by-get",
		Breaks: Authorized,
		How:    "answers by GET too about refresh tokens, which nobody can guess, and authenticates nobody there",
		Policy: func(p *authserver.Policy) {
			p.ServesByGet = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointIntrospection && u.Hint == "refresh_token" && !u.AsksForJWT
			}
		},
	}}
}

func inactiveMutants() []mutant.Mutant {
	tells := func(of func(authserver.Inactive) bool, names ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SaysOfInactive = func(i authserver.Inactive) map[string]any {
				body := map[string]any{"active": false}
				if of(i) {
					for _, name := range names {
						body[name] = i.Complete[name]
					}
				}
				return body
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "expired-tokens-described",
		Breaks: NothingElse,
		How:    "says whose a token is that has expired",
		Policy: tells(func(i authserver.Inactive) bool { return !i.Foreign && i.State.Overdue >= 0 }, "client_id", "sub", "exp"),
	}, {
		Name:   "revoked-access-tokens-described",
		Breaks: NothingElse,
		How:    "turns active to false where an access token was revoked, and leaves the rest of the answer",
		Policy: tells(func(i authserver.Inactive) bool {
			return !i.Foreign && i.State.Revoked && i.State.Kind == "access_token"
		}, "scope", "client_id", "sub"),
	}, {
		Name:   "revoked-refresh-tokens-described",
		Breaks: NothingElse,
		How:    "says of a refresh token that was revoked whose it was",
		Policy: tells(func(i authserver.Inactive) bool {
			return !i.Foreign && i.State.Revoked && i.State.Kind == "refresh_token"
		}, "sub"),
	}, {
		Name:   "tokens-of-others-described",
		Breaks: NothingElse,
		How:    "calls another client's token inactive, and says whose it is",
		Policy: tells(func(i authserver.Inactive) bool { return i.Foreign && i.State.Kind == "access_token" }, "client_id", "sub"),
	}, {
		Name:   "refresh-tokens-of-others-described",
		Breaks: NothingElse,
		How:    "calls another client's refresh token inactive, and says what it is good for",
		Policy: tells(func(i authserver.Inactive) bool { return i.Foreign && i.State.Kind == "refresh_token" }, "scope"),
	}, {
		Name:   "id-tokens-described",
		Breaks: NothingElse,
		How:    "calls an id_token inactive, and says whose it is",
		Policy: tells(func(i authserver.Inactive) bool { return i.State.Kind == "id_token" }, "client_id", "sub"),
	}}
}

func answerMutants() []mutant.Mutant {
	edits := func(edit func(active bool, edited map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				active, told := complete["active"].(bool)
				if at != authserver.EndpointIntrospection || !told {
					return complete
				}
				edited := maps.Clone(complete)
				edit(active, edited)
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "inactive-as-text",
		Breaks: ActiveIsBoolean,
		How:    "writes active as text where it is false",
		Policy: edits(func(active bool, edited map[string]any) {
			if !active {
				edited["active"] = "false"
			}
		}),
	}, {
		Name:   "inactive-left-out",
		Breaks: ActiveIsBoolean,
		How:    "leaves active out where it would be false, as its library does with what is empty",
		Policy: edits(func(active bool, edited map[string]any) {
			if !active {
				delete(edited, "active")
			}
		}),
	}, {
		Name:   "active-as-text",
		Breaks: ActiveIsBoolean,
		How:    "writes active as text, as its template does with every value",
		Policy: edits(func(active bool, edited map[string]any) { edited["active"] = fmt.Sprint(active) }),
	}, {
		Name:   "inactive-tokens-explained",
		Breaks: NothingElse,
		How:    "says why a token is not active",
		Policy: edits(func(active bool, edited map[string]any) {
			if !active {
				edited["error"], edited["error_description"] = "invalid_token", "the signature does not hold"
			}
		}),
	}, {
		Name:   "inactive-tokens-with-the-asker",
		Breaks: NothingElse,
		How:    "answers with client_id and iss whether or not a token is active",
		Policy: edits(func(active bool, edited map[string]any) {
			if !active {
				edited["iss"] = "https://bank.example"
			}
		}),
	}}
}

func stateMutants() []mutant.Mutant {
	calls := func(active func(authserver.TokenState) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Introspected = func(s authserver.TokenState) bool {
				return authserver.GoodToken(s) || active(s)
			}
		}
	}
	finds := func(found func(authserver.TokenState) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Introspected = func(s authserver.TokenState) bool { return authserver.GoodToken(s) && found(s) }
		}
	}
	known := func(hint string) bool { return hint == "access_token" || hint == "refresh_token" }
	return []mutant.Mutant{{
		Name:   "introspection-by-the-hint",
		Breaks: ActiveIsBoolean,
		How:    "looks for a token in the store that the hint names, and in no other one",
		Policy: finds(func(s authserver.TokenState) bool { return !known(s.Hint) || s.Hint == s.Kind }),
	}, {
		Name:   "introspection-by-hints-that-it-knows",
		Breaks: ActiveIsBoolean,
		How:    "finds nothing where the hint is of a kind that it does not know",
		Policy: finds(func(s authserver.TokenState) bool { return s.Hint == "" || known(s.Hint) }),
	}, {
		Name:   "introspection-of-refresh-tokens-by-the-hint",
		Breaks: ActiveIsBoolean,
		How:    "takes what comes without a hint for an access token, and finds no refresh token then",
		Policy: finds(func(s authserver.TokenState) bool { return s.Hint != "" || s.Kind != "refresh_token" }),
	}, {
		Name:   "introspection-of-the-last-of-two-tokens",
		Breaks: TokensOfOthers,
		How:    "looks whose the first token of a request is, and tells of the last",
		Policy: func(p *authserver.Policy) {
			p.OwnsBeside = func(at authserver.Endpoint) bool { return at == authserver.EndpointIntrospection }
		},
		Warns: true,
	}, {
		Name:   "introspection-of-the-own-tokens-of-others",
		Breaks: TokensOfOthers,
		How:    "looks whose grant a token is of, and tells everybody of those that clients have for themselves",
		Policy: func(p *authserver.Policy) {
			p.Owns = func(o authserver.Ownership) bool {
				return o.Owner == o.Caller || o.Endpoint == authserver.EndpointIntrospection && o.Alone
			}
		},
		Warns: true,
	}, {
		Name:   "introspection-does-not-hear-of-revocations",
		Breaks: InactiveTokens,
		How:    "answers introspection from a copy of its store that does not hear of revocations",
		Policy: calls(func(s authserver.TokenState) bool { return s.Revoked && s.Overdue < 0 }),
	}, {
		Name:   "introspection-of-revoked-refresh-tokens",
		Breaks: InactiveTokens,
		How:    "looks whether an access token was revoked, and not whether a refresh token was",
		Policy: calls(func(s authserver.TokenState) bool { return s.Revoked && s.Kind == "refresh_token" }),
	}, {
		Name:   "introspection-of-revoked-access-tokens",
		Breaks: InactiveTokens,
		How:    "looks at the signature and the time of an access token, and not whether it was revoked",
		Policy: calls(func(s authserver.TokenState) bool { return s.Revoked && s.Overdue < 0 && s.Kind == "access_token" }),
		Warns:  true,
	}, {
		Name:   "introspection-of-revoked-own-tokens",
		Breaks: InactiveTokens,
		How:    "keeps what was revoked with the user, and finds none behind a token that a client has for itself",
		Policy: calls(func(s authserver.TokenState) bool { return s.Revoked && s.Overdue < 0 && s.Alone }),
		Warns:  true,
	}, {
		Name:   "introspection-of-revoked-refreshed-tokens",
		Breaks: InactiveTokens,
		How:    "keeps what was revoked with the code that it came for, and finds none behind a refreshed token",
		Policy: calls(func(s authserver.TokenState) bool {
			return s.Revoked && s.Own && s.Overdue < 0 && s.Refreshed && s.Kind == "access_token"
		}),
		Warns: true,
	}, {
		Name:   "introspection-of-revoked-tokens-by-a-wrong-hint",
		Breaks: InactiveTokens,
		How:    "looks whether a token was revoked in the store that the hint names, and for the token in all of them",
		Policy: calls(func(s authserver.TokenState) bool {
			return s.Revoked && s.Overdue < 0 && s.Hint != "" && s.Hint != s.Kind
		}),
	}, {
		Name:   "introspection-of-refresh-tokens-whose-grant-has-ended",
		Breaks: InactiveTokens,
		How:    "looks whether a refresh token was revoked itself, and not whether its grant has ended",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "refresh_token" && s.Revoked && !s.Own }),
		Warns:  true,
	}, {
		Name:   "introspection-of-expired-tokens",
		Breaks: InactiveTokens,
		How:    "does not look at the time",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind != "" && !s.Revoked }),
	}, {
		Name:   "introspection-of-expired-refreshed-tokens",
		Breaks: InactiveTokens,
		How:    "does not look at the time of tokens that came with a refresh",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "access_token" && !s.Revoked && s.Refreshed }),
	}, {
		Name:   "introspection-of-expired-own-tokens",
		Breaks: InactiveTokens,
		How:    "does not look at the time of tokens that clients have for themselves",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "access_token" && !s.Revoked && s.Alone }),
	}, {
		Name:   "introspection-from-a-cache",
		Breaks: InactiveTokens,
		How:    "keeps the first answer about a token, whatever is revoked",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind != "" && s.Asked && s.Overdue < 0 }),
	}, {
		Name:   "introspection-outlives-the-grant",
		Breaks: InactiveTokens,
		How:    "looks whether an access token was revoked itself, and not whether its grant was",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "access_token" && !s.Own && s.Overdue < 0 }),
		Warns:  true,
	}, {
		Name:   "introspection-forgets-revocations",
		Breaks: InactiveTokens,
		How:    "forgets after 20 seconds what was revoked",
		Policy: calls(func(s authserver.TokenState) bool { return s.Revoked && s.For > 20 && s.Overdue < 0 }),
	}, {
		Name:   "introspection-checks-no-signature",
		Breaks: InactiveTokens,
		How:    "reads what a token says of itself, and does not check its signature",
		Policy: calls(func(s authserver.TokenState) bool { return s.Readable }),
	}, {
		Name:   "introspection-of-anything",
		Breaks: InactiveTokens,
		How:    "keeps a list of what was revoked, and calls active what is not on it",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "" }),
	}, {
		Name:   "introspection-of-id-tokens",
		Breaks: InactiveTokens,
		How:    "calls an id_token active, which any client hands on to anybody",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "id_token" && s.Overdue < 0 }),
		Warns:  true,
	}, {
		Name:   "introspection-of-codes",
		Breaks: InactiveTokens,
		How:    "keeps codes in the store of its tokens, and calls them active",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "code" }),
		Warns:  true,
	}, {
		Name:   "introspection-of-request-uris",
		Breaks: InactiveTokens,
		How:    "keeps pushed requests in the store of its tokens, and calls them active",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "request_uri" }),
		Warns:  true,
	}, {
		Name:   "introspection-of-client-assertions",
		Breaks: InactiveTokens,
		How:    "calls every JWT active that somebody has signed whose keys it knows",
		Policy: calls(func(s authserver.TokenState) bool { return s.Kind == "client_assertion" }),
		Auth:   "private_key_jwt",
	}}
}
