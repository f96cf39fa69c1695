package grantmanagement

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

// Mutants returns the banks that break the draft's requirements.
func Mutants() []mutant.Mutant {
	return slices.Concat(requestMutants(), responseMutants(), apiMutants())
}

func requestMutants() []mutant.Mutant {
	takes := func(more func(authserver.GrantAsk) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesGrantAsk = func(a authserver.GrantAsk) bool { return authserver.KnownGrantAsk(a) || more(a) }
		}
	}
	changes := func(a authserver.GrantAsk) bool { return a.Action == merge || a.Action == replace }
	return []mutant.Mutant{{
		Name:   "grants-for-clients-that-do-not-authenticate",
		Breaks: ConfidentialClients,
		How:    "goes by client_id where a request is about a grant",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointPAR && c.GrantAction != ""
			}
		},
	}, {
		Name:   "create-finds-the-grant-of-before",
		Breaks: FreshGrants, AlsoBreaks: requirements(Unguessable),
		How:    "has one grant for each user and client, and hands that out again",
		Policy: func(p *authserver.Policy) { p.FreshGrant = func() bool { return false } },
		// What is in that grant is what others have put there.
		Everything: "experiments share the grant",
	}, {
		Name:   "merge-replaces",
		Breaks: Merging,
		How:    "writes the new request over the grant where it is to be merged",
		Policy: func(p *authserver.Policy) { p.KeepsGrantContent = func(string) bool { return false } },
	}, {
		Name:   "merge-keeps-refresh-tokens",
		Breaks: Merging,
		How:    "leaves the refresh tokens of a grant as they are where a request is merged into it",
		Policy: func(p *authserver.Policy) {
			p.EndsOlderRefreshTokens = func(action string) bool { return action != merge }
		},
	}, {
		Name:   "merge-makes-another-grant",
		Breaks: Merging,
		How:    "makes a new version of the grant under a name of its own where a request is merged into it",
		Policy: func(p *authserver.Policy) { p.KeepsGrantID = func(action string) bool { return action != merge } },
	}, {
		Name:   "replace-merges",
		Breaks: Replacing,
		How:    "takes replace for merge",
		Policy: func(p *authserver.Policy) { p.KeepsGrantContent = func(string) bool { return true } },
	}, {
		Name:   "replace-keeps-refresh-tokens",
		Breaks: Replacing,
		How:    "leaves the refresh tokens of a grant as they are where it is replaced",
		Policy: func(p *authserver.Policy) {
			p.EndsOlderRefreshTokens = func(action string) bool { return action != replace }
		},
	}, {
		Name:   "grant-of-another-client",
		Breaks: KnownGrantsOnly,
		How:    "looks a grant_id up among those of all clients",
		Policy: takes(func(a authserver.GrantAsk) bool { return changes(a) && a.Known && !a.Ended && a.SameUser }),
	}, {
		Name:   "grant-of-nobody",
		Breaks: KnownGrantsOnly,
		How:    "makes a new grant where it does not find the one that a request names",
		Policy: takes(func(a authserver.GrantAsk) bool { return changes(a) && a.Named && !a.Known }),
	}, {
		Name:   "grant-faults-of-one-code",
		Breaks: KnownGrantsOnly,
		How:    "has one code for whatever is wrong about a grant",
		Policy: func(p *authserver.Policy) {
			p.GrantFault = func(authserver.GrantAsk) string { return "invalid_request" }
		},
		Warns: true,
	}, {
		Name:   "create-with-a-grant-id",
		Breaks: IDWithItsAction,
		How:    "passes over a grant_id where a grant is to be created",
		Policy: takes(func(a authserver.GrantAsk) bool { return a.Action == create }),
	}, {
		Name:   "grant-id-without-an-action",
		Breaks: IDWithItsAction,
		How:    "passes over a grant_id where no action comes with it",
		Policy: takes(func(a authserver.GrantAsk) bool { return a.Action == "" }),
	}, {
		Name:   "unknown-grant-action",
		Breaks: KnownActionsOnly,
		How:    "takes an action that it does not know for create",
		Policy: takes(func(a authserver.GrantAsk) bool { return !changes(a) && a.Action != "" && a.Action != create }),
	}}
}

func responseMutants() []mutant.Mutant {
	written := func(id func(authserver.Handle) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.GrantText = id }
	}
	return []mutant.Mutant{{
		Name:   "grant-id-not-told",
		Breaks: ToldInTokenResponse,
		How:    "has clients ask for the grant_id elsewhere",
		Policy: func(p *authserver.Policy) { p.TellsGrant = func(authserver.TellingGrant) bool { return false } },
	}, {
		Name:   "grant-id-in-the-front-channel",
		Breaks: ToldInTokenResponse,
		How:    "tells the grant_id in the authorization response too",
		Policy: func(p *authserver.Policy) { p.TellsGrant = func(authserver.TellingGrant) bool { return true } },
		Warns:  true,
	}, {
		Name:   "grant-ids-that-count",
		Breaks: Unguessable,
		How:    "counts grants, and writes the number long",
		Policy: written(func(h authserver.Handle) string { return fmt.Sprintf("grant-%036d", h.Serial) }),
	}, {
		Name:   "grant-ids-with-slashes",
		Breaks: Unguessable,
		How:    "writes grant_ids in a base64 that is none for URLs",
		Policy: written(func(h authserver.Handle) string { return strings.ReplaceAll(h.Random, "-", "+") + "+=" }),
	}}
}

func apiMutants() []mutant.Mutant {
	answers := func(status func(c authserver.GrantCall, usual int) int) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AnswersGrantCall = func(c authserver.GrantCall) int { return status(c, authserver.AuthorizedGrantCall(c)) }
		}
	}
	serves := func(where func(authserver.GrantCall) bool) func(*authserver.Policy) {
		return answers(func(c authserver.GrantCall, usual int) int {
			if where(c) {
				return 0
			}
			return usual
		})
	}
	instead := func(usual, other int) func(*authserver.Policy) {
		return answers(func(_ authserver.GrantCall, status int) int {
			if status == usual {
				return other
			}
			return status
		})
	}
	says := func(edit func(said map[string]any, of authserver.QueriedGrant)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.GrantSays = func(q authserver.QueriedGrant) map[string]any {
				said := maps.Clone(q.Complete)
				edit(said, q)
				return said
			}
		}
	}
	ends := func(what authserver.GrantEnd) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.RevokingEnds = func() authserver.GrantEnd { return what } }
	}
	good := func(c authserver.GrantCall) bool { return c.Token == "good" && c.Known }
	return []mutant.Mutant{{
		Name:   "query-tells-scopes-in-a-text",
		Breaks: Queried,
		How:    "tells the scopes of a grant in one text, as a token response does",
		Policy: says(func(said map[string]any, _ authserver.QueriedGrant) { said["scopes"] = "openid accounts" }),
	}, {
		Name:   "query-tells-the-refresh-token",
		Breaks: NoTokensTold,
		How:    "tells the refresh token of a grant, for clients that have lost it",
		Policy: says(func(said map[string]any, of authserver.QueriedGrant) { said["refresh_token"] = of.RefreshToken }),
	}, {
		Name:   "revoked-grant-keeps-refresh-tokens",
		Breaks: Revoked,
		How:    "marks a grant as revoked, and has refresh tokens live by themselves",
		Policy: ends(authserver.GrantEnd{Grant: true, AccessTokens: true}),
	}, {
		Name:   "revoked-grant-keeps-access-tokens",
		Breaks: Revoked,
		How:    "lets the access tokens of a revoked grant live until they expire",
		Policy: ends(authserver.GrantEnd{Grant: true, RefreshTokens: true}),
		Warns:  true,
	}, {
		Name:   "revoked-grant-can-be-merged",
		Breaks: Revoked,
		How:    "ends the tokens of a revoked grant, and not the grant",
		Policy: ends(authserver.GrantEnd{RefreshTokens: true, AccessTokens: true}),
	}, {
		Name:   "revocation-of-a-grant-answered-with-200",
		Breaks: Revoked,
		How:    "answers the revocation of a grant as that of a token",
		Policy: func(p *authserver.Policy) { p.RevokedGrantStatus = func() int { return http.StatusOK } },
	}, {
		Name:   "any-client-queries-a-grant",
		Breaks: ErrorsOfAPI,
		How:    "goes by the scope of the token and by the grant_id, whosever the grant is",
		Policy: serves(func(c authserver.GrantCall) bool {
			return good(c) && c.Method == http.MethodGet && slices.Contains(c.Scopes, toQuery)
		}),
	}, {
		Name:   "any-client-revokes-a-grant",
		Breaks: ErrorsOfAPI,
		How:    "lets every client that may revoke grants revoke each",
		Policy: serves(func(c authserver.GrantCall) bool {
			return good(c) && c.Method == http.MethodDelete && slices.Contains(c.Scopes, toRevoke)
		}),
	}, {
		Name:   "any-token-queries-a-grant",
		Breaks: ErrorsOfAPI,
		How:    "takes any access token of the grant's client",
		Policy: serves(func(c authserver.GrantCall) bool { return good(c) && c.Own && c.Method == http.MethodGet }),
	}, {
		Name:   "revoked-grant-can-be-queried",
		Breaks: Revoked,
		How:    "tells of a revoked grant what was in it",
		Policy: serves(func(c authserver.GrantCall) bool {
			return c.Token == "good" && c.Ended && c.Method == http.MethodGet && slices.Contains(c.Scopes, toQuery)
		}),
		Warns: true,
	}, {
		Name:   "query-scope-revokes-a-grant",
		Breaks: ErrorsOfAPI,
		How:    "has one scope for the whole of the API",
		Policy: serves(func(c authserver.GrantCall) bool { return good(c) && c.Own && slices.Contains(c.Scopes, toQuery) }),
	}, {
		Name:   "unknown-grant-answered-with-400",
		Breaks: ErrorsOfAPI,
		How:    "takes a grant_id that it does not find for a malformed one",
		Policy: instead(http.StatusNotFound, http.StatusBadRequest),
	}, {
		Name:   "bad-token-at-the-grant-api-answered-with-403",
		Breaks: ErrorsOfAPI,
		How:    "answers whoever it does not know with 403",
		Policy: instead(http.StatusUnauthorized, http.StatusForbidden),
	}}
}

func requirements(all ...*requirement.Requirement) []*requirement.Requirement { return all }
