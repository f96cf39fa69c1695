package revocation

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/introspection"
)

// Mutants returns the banks that break this RFC's requirements, and none of the profile's. Those that let access tokens live on stand there.
func Mutants() []mutant.Mutant {
	return slices.Concat(effectMutants(), ownerMutants(), authorizationMutants(), answerMutants())
}

func effectMutants() []mutant.Mutant {
	revokes := func(not func(authserver.Revocation) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Revokes = func(r authserver.Revocation) bool { return !not(r) }
		}
	}
	outlives := func(where func(authserver.Standing) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.ByGrant && where(s) }
		}
	}
	return []mutant.Mutant{{
		Name:       "refresh-token-revocation-forgotten",
		Breaks:     RefreshTokens,
		AlsoBreaks: []*requirement.Requirement{WrongHint, WholeGrant, introspection.InactiveTokens},
		How:        "answers 200 to the revocation of a refresh token, and has it done by nobody",
		Policy:     revokes(func(r authserver.Revocation) bool { return r.Kind == "refresh_token" }),
	}, {
		Name:   "refresh-token-revocation-by-the-hint",
		Breaks: WrongHint,
		How:    "looks among access tokens where the hint says so, and is done where the refresh token is not there",
		Policy: revokes(func(r authserver.Revocation) bool { return r.Kind == "refresh_token" && r.Hint == "access_token" }),
	}, {
		Name:   "revoked-refresh-token-revives",
		Breaks: RefreshTokens,
		How:    "keeps what was revoked in a cache that forgets it after twelve seconds",
		Policy: func(p *authserver.Policy) { p.Revives = func(seconds float64) bool { return seconds > 12 } },
	}, {
		Name:   "refresh-token-revocation-without-a-hint",
		Breaks: RefreshTokens,
		How:    "takes what comes without a hint for an access token, and is done where there is none",
		Policy: revokes(func(r authserver.Revocation) bool { return r.Kind == "refresh_token" && r.Hint == "" }),
	}, {
		Name:   "refresh-token-revocation-by-an-unknown-hint",
		Breaks: WrongHint,
		How:    "answers 200 where it does not know the hint, and looks for nothing",
		Policy: revokes(func(r authserver.Revocation) bool {
			return r.Kind == "refresh_token" && !slices.Contains([]string{"", "refresh_token", "access_token"}, r.Hint)
		}),
	}, {
		Name:       "access-tokens-outlive-their-grant",
		Breaks:     WholeGrant,
		AlsoBreaks: []*requirement.Requirement{introspection.InactiveTokens},
		How:        "revokes the refresh token and lets its access tokens live until they expire",
		Policy:     func(p *authserver.Policy) { p.RevocationEndsGrant = func() bool { return false } },
	}, {
		Name:   "userinfo-outlives-its-grant",
		Breaks: WholeGrant,
		How:    "asks at the userinfo endpoint whether the token itself was revoked, and not its grant",
		Policy: outlives(func(s authserver.Standing) bool { return s.Endpoint == authserver.EndpointUserinfo }),
	}, {
		Name:   "access-tokens-outlive-their-grant-in-the-end",
		Breaks: WholeGrant,
		How:    "forgets after 20 seconds that the grant of an access token was revoked",
		Policy: outlives(func(s authserver.Standing) bool { return s.For > 20 }),
	}, {
		Name:   "refreshed-tokens-outlive-their-grant",
		Breaks: WholeGrant, AlsoBreaks: []*requirement.Requirement{attacks.ReplayRevokes},
		How:    "ends the access token that came with the refresh token, and none that came for it",
		Policy: outlives(func(s authserver.Standing) bool { return s.Refreshed }),
	}}
}

func ownerMutants() []mutant.Mutant {
	owns := func(more func(authserver.Ownership) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Owns = func(o authserver.Ownership) bool {
				return o.Owner == o.Caller || o.Endpoint == authserver.EndpointRevocation && more(o)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "revocation-by-any-client",
		Breaks: OwnTokens,
		How:    "authenticates whoever revokes a token, and does not look whose it is",
		Policy: owns(func(authserver.Ownership) bool { return true }),
	}, {
		Name:   "revocation-of-refresh-tokens-by-any-client",
		Breaks: OwnTokens,
		How:    "looks whose an access token is, and revokes refresh tokens for everybody",
		Policy: owns(func(o authserver.Ownership) bool { return o.Kind == "refresh_token" }),
	}, {
		Name:   "revocation-of-access-tokens-by-any-client",
		Breaks: OwnTokens,
		How:    "looks whose a refresh token is, and puts any access token on the list of those that were revoked",
		Policy: owns(func(o authserver.Ownership) bool { return o.Kind == "access_token" }),
	}, {
		Name:   "revocation-by-any-client-of-own-tokens",
		Breaks: OwnTokens,
		How:    "looks which person a token is from, and revokes for everybody those that are from none",
		Policy: owns(func(o authserver.Ownership) bool { return o.Alone }),
	}, {
		Name:   "revocation-by-any-client-where-the-hint-is-unknown",
		Breaks: OwnTokens,
		How:    "searches all its stores for a token where the hint is of a kind that it does not know, and does not look whose it is there",
		Policy: owns(func(o authserver.Ownership) bool { return o.Hint != "access_token" && o.Hint != "refresh_token" }),
	}, {
		Name:   "revocation-by-any-client-where-the-hint-is-another-kind",
		Breaks: OwnTokens,
		How:    "looks for the token's owner among tokens of the hinted kind, and goes on where there is none",
		Policy: owns(func(o authserver.Ownership) bool { return o.Hint != "" && o.Hint != "fapitest" && o.Hint != o.Kind }),
	}, {
		Name:   "revocation-of-the-last-of-two-tokens",
		Breaks: OwnTokens,
		How:    "looks whose the first token of a request is, and revokes the last",
		Policy: func(p *authserver.Policy) {
			p.OwnsBeside = func(at authserver.Endpoint) bool { return at == authserver.EndpointRevocation }
		},
	}, {
		Name:   "revocation-by-the-same-house",
		Breaks: OwnTokens,
		How:    "looks whether a token belongs to some app of the same registrant",
		Policy: owns(func(o authserver.Ownership) bool {
			return strings.TrimSuffix(o.Owner, "-second") == strings.TrimSuffix(o.Caller, "-second")
		}),
		Auth: "private_key_jwt",
	}}
}

func authorizationMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "revocation-by-bearer",
		Breaks: ClientsAuthenticate,
		How:    "takes any bearer token for the authorization of who has a token revoked",
		Policy: func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointRevocation && u.Scheme == "bearer"
			}
		},
	}, {
		Name:   "revocation-open-to-internal-callers",
		Breaks: ClientsAuthenticate,
		How:    "authenticates nobody who says in X-Forwarded-For that he is 127.0.0.1",
		Policy: func(p *authserver.Policy) {
			p.TrustsWithin = func(u authserver.Unauthorized) bool { return u.Endpoint == authserver.EndpointRevocation }
		},
	}, {
		Name:   "revocation-by-get",
		Breaks: ClientsAuthenticate,
		How:    "revokes a token by GET too, as scripts want it (RFC 7009 section 2.3), and authenticates nobody there",
		Policy: func(p *authserver.Policy) {
			p.ServesByGet = func(u authserver.Unauthorized) bool { return u.Endpoint == authserver.EndpointRevocation }
		},
	}, {
		Name:   "revocation-of-refresh-tokens-by-bearer",
		Breaks: ClientsAuthenticate,
		How:    "takes any bearer token for the authorization of who has a refresh token revoked",
		Policy: func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointRevocation && u.Scheme == "bearer" && u.Hint == "refresh_token"
			}
		},
	}, {
		Name:   "revocation-of-refresh-tokens-by-get",
		Breaks: ClientsAuthenticate,
		How:    "revokes a refresh token by GET, and authenticates nobody there",
		Policy: func(p *authserver.Policy) {
			p.ServesByGet = func(u authserver.Unauthorized) bool {
				return u.Endpoint == authserver.EndpointRevocation && u.Hint == "refresh_token"
			}
		},
	}}
}

func answerMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "revocation-of-unknown-tokens-refused",
		Breaks: UnknownTokens,
		How:    "answers 400 where there is no token to revoke",
		Policy: func(p *authserver.Policy) { p.RevokesNothing = func(known bool) bool { return known } },
	}, {
		Name:   "revocation-refused-the-second-time",
		Breaks: UnknownTokens,
		How:    "answers 400 where a token was revoked before",
		Policy: func(p *authserver.Policy) { p.RevokesNothing = func(known bool) bool { return !known } },
	}}
}
