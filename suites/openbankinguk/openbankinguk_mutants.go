package openbankinguk

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/bearer"
	"github.com/fapitest/fapitest/suites/fapi1base"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/oauth2"
)

// Mutants returns the banks that break what Open Banking UK asks.
func Mutants() []mutant.Mutant {
	all := slices.Concat(consentMutants(), authorizationMutants(), resourceMutants(), tokenMutants(), apiMutants(), paymentMutants(), signingMutants())
	for i := range all {
		if all[i].Profile == "" {
			all[i].Profile = "openbanking-uk"
		}
	}
	return all
}

func consentMutants() []mutant.Mutant {
	takes := func(status func(authserver.Wish, int) int) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesIntent = func(w authserver.Wish) int { return status(w, authserver.WishFault(w)) }
		}
	}
	shows := func(edit func(l authserver.IntentLook, status int, state authserver.IntentState) (int, authserver.IntentState)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ShowsIntent = func(l authserver.IntentLook) (int, authserver.IntentState) {
				status, state := authserver.OwnAndThere(l)
				return edit(l, status, state)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "uk-consent-begins-authorised",
		Breaks: ConsentCreated,
		How:    "creates consents that are authorised before anybody was asked",
		Policy: func(p *authserver.Policy) {
			p.IntentBegins = func() authserver.IntentState { return authserver.Authorised }
		},
		AlsoBreaks: []*requirement.Requirement{RefusalRejects, NotRejected},
	}, {
		Name:   "uk-permissions-side-by-side",
		Breaks: PermissionsFit,
		How:    "stores permissions without looking at how they go together",
		Policy: takes(func(w authserver.Wish, status int) int {
			if status == http.StatusBadRequest && w.Malformed == "" && len(w.Permissions) > 0 && !w.Unknown {
				return 0
			}
			return status
		}),
	}, {
		Name:   "uk-permissions-of-any-name",
		Breaks: PermissionsFit,
		How:    "stores permissions that it does not know",
		Policy: takes(func(w authserver.Wish, status int) int {
			w.Unknown = false
			return authserver.WishFault(w)
		}),
	}, {
		Name:   "uk-permissions-none",
		Breaks: PermissionsFit,
		How:    "takes an empty list of permissions for all of them",
		Policy: takes(func(w authserver.Wish, status int) int {
			if status == http.StatusBadRequest && w.Malformed == "" && len(w.Permissions) == 0 {
				return 0
			}
			return status
		}),
	}, {
		Name:   "uk-malformed-is-unprocessable",
		Breaks: MalformedBodies,
		How:    "answers what its schema does not allow with 422",
		Policy: takes(func(w authserver.Wish, status int) int {
			if w.Malformed == "no list" || w.Malformed == "no data" {
				return http.StatusUnprocessableEntity
			}
			return status
		}),
	}, {
		Name:   "uk-body-whatever-its-label",
		Breaks: ForeignMediaTypes,
		How:    "parses bodies whatever media type they come under",
		Policy: takes(func(w authserver.Wish, _ int) int {
			w.Media = "application/json"
			return authserver.WishFault(w)
		}),
	}, {
		Name:   "uk-dates-of-one-form",
		Breaks: DatesTaken,
		How:    "parses the form of dates with Z and without fractions of seconds, and no other",
		Policy: takes(func(w authserver.Wish, status int) int {
			if w.Expires != "" && (!strings.HasSuffix(w.Expires, "Z") || strings.Contains(w.Expires, ".")) {
				return http.StatusBadRequest
			}
			return status
		}),
	}, {
		Name:   "uk-dates-without-zone",
		Breaks: DatesTaken,
		How:    "reads the hours of a date, and passes over its offset",
		Policy: func(p *authserver.Policy) {
			p.IntentExpires = func(asked string, _ time.Time) string {
				if at, _, cut := strings.Cut(asked, "+"); cut {
					return at + "Z"
				}
				return asked
			}
		},
	}, {
		Name:   "uk-consent-of-ninety-days",
		Breaks: ExpirationKept,
		How:    "gives consents without an end one in ninety days",
		Policy: func(p *authserver.Policy) {
			p.IntentExpires = func(asked string, now time.Time) string {
				if asked == "" {
					return now.UTC().AddDate(0, 0, 90).Format(time.RFC3339)
				}
				return asked
			}
		},
	}, {
		Name:   "uk-consent-key-replays",
		Breaks: KeysIgnored,
		How:    "has its filter for idempotency keys run on every POST",
		Policy: func(p *authserver.Policy) {
			p.AnswersByKey = func(k authserver.Keyed) bool { return k.SameClient }
		},
	}, {
		Name:   "uk-authorised-when-read",
		Breaks: ShownAuthorised,
		How:    "shows a consent as authorised when a resource was read by it, and not before",
		Policy: shows(func(l authserver.IntentLook, status int, state authserver.IntentState) (int, authserver.IntentState) {
			if state == authserver.Authorised && !l.Read {
				state = authserver.Awaiting
			}
			return status, state
		}),
	}, {
		Name:   "uk-consents-shown-to-all",
		Breaks: OwnConsents, Warns: true,
		How: "shows a consent to whoever knows its id, and lets him delete it",
		Policy: shows(func(l authserver.IntentLook, _ int, _ authserver.IntentState) (int, authserver.IntentState) {
			l.Own = true
			return authserver.OwnAndThere(l)
		}),
	}, {
		Name:   "uk-deleted-still-shown",
		Breaks: DeletedGone,
		How:    "goes on to show consents that were deleted",
		Policy: shows(func(l authserver.IntentLook, status int, state authserver.IntentState) (int, authserver.IntentState) {
			if l.Known && l.Own && state == authserver.Withdrawn {
				return http.StatusOK, state
			}
			return status, state
		}),
	}, {
		Name:   "uk-deleted-not-found",
		Breaks: DeletedGone,
		How:    "answers a deleted consent with 404",
		Policy: shows(func(l authserver.IntentLook, status int, state authserver.IntentState) (int, authserver.IntentState) {
			if l.Known && state == authserver.Withdrawn {
				return http.StatusNotFound, state
			}
			return status, state
		}),
	}, {
		Name:   "uk-consent-unknown-not-found",
		Breaks: UnknownIDs,
		How:    "answers the id of a consent that there is not with 404",
		Policy: shows(func(l authserver.IntentLook, status int, state authserver.IntentState) (int, authserver.IntentState) {
			if !l.Known {
				return http.StatusNotFound, state
			}
			return status, state
		}),
	}, {
		Name:   "uk-consent-ends-with-its-token",
		Breaks: OutlivesTokens,
		How:    "has the job that removes tokens expire their consents",
		Policy: shows(func(l authserver.IntentLook, status int, state authserver.IntentState) (int, authserver.IntentState) {
			if l.Ended && state == authserver.Authorised {
				return status, "EXPD"
			}
			return status, state
		}),
	}, {
		Name:   "uk-no-deletion",
		Breaks: Deletes,
		How:    "has consents ended in its own app alone, and answers DELETE with 405",
		Policy: func(p *authserver.Policy) {
			p.DeletesIntent = func() (int, bool) { return http.StatusMethodNotAllowed, false }
		},
	}}
}

func authorizationMutants() []mutant.Mutant {
	authorises := func(also func(authserver.Intended) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Authorises = func(i authserver.Intended) bool { return authserver.OwnAndOpen(i) || also(i) }
		}
	}
	named := func(edit func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edit(about, edited)
				return edited
			}
		}
	}
	const claim = "openbanking_intent_id"
	return []mutant.Mutant{{
		Name:   "uk-consent-of-anybody",
		Breaks: OwnConsents, Warns: true,
		How: "finds a consent by its id, and does not compare whose it is",
		Policy: authorises(func(i authserver.Intended) bool {
			return i.Known && (i.State == authserver.Awaiting || i.State == authserver.Authorised)
		}),
	}, {
		Name:   "uk-consent-of-nobody",
		Breaks: KnownConsents, Warns: true,
		How:    "falls back to the scope where there is no such consent",
		Policy: authorises(func(i authserver.Intended) bool { return !i.Known }),
	}, {
		Name:   "uk-consent-rejected-asked-again",
		Breaks: NotRejected,
		How:    "asks its user again for a consent that he has refused",
		Policy: authorises(func(i authserver.Intended) bool { return i.Own && i.State == authserver.Rejected }),
	}, {
		Name:   "uk-consent-deleted-authorised",
		Breaks: NotDeleted,
		How:    "does not hear at its authorization endpoint of consents that were deleted",
		Policy: authorises(func(i authserver.Intended) bool { return i.Own && i.State == authserver.Withdrawn }),
	}, {
		Name:    "uk-consent-deleted-since-the-push-authorised",
		Profile: "openbanking-uk/pushed",
		Breaks:  NotDeleted,
		How:     "does not hear at its authorization endpoint of consents that were deleted, where requests are pushed",
		Policy:  authorises(func(i authserver.Intended) bool { return i.Own && i.State == authserver.Withdrawn }),
	}, {
		Name:   "uk-consent-once",
		Breaks: Again,
		How:    "takes no consent to its user that does not await authorisation",
		Policy: func(p *authserver.Policy) {
			p.Authorises = func(i authserver.Intended) bool { return authserver.OwnAndOpen(i) && i.State == authserver.Awaiting }
		},
	}, {
		Name:   "uk-refusal-leaves-consent-open",
		Breaks: RefusalRejects, AlsoBreaks: []*requirement.Requirement{NotRejected},
		How: "tells the client of a refusal, and leaves the consent as it was",
		Policy: func(p *authserver.Policy) {
			p.IntentAfter = func(state authserver.IntentState, allowed bool) authserver.IntentState {
				if !allowed {
					return state
				}
				return authserver.AfterDecision(state, allowed)
			}
		},
	}, {
		Name:   "uk-refusal-on-a-page",
		Breaks: RefusalAnswered,
		How:    "ends with a page of its own where the user says no",
		Policy: func(p *authserver.Policy) { p.DeniesOnPage = func() bool { return true } },
	}, {
		Name:   "uk-id-token-names-the-first-consent",
		Breaks: ConsentNamed, Warns: true,
		How: "names the first consent of a client in all its id_tokens",
		Policy: named(func(about authserver.IDToken, claims map[string]any) {
			if about.Intent != "" {
				claims[claim] = about.FirstIntent
			}
		}),
	}, {
		Name:   "uk-front-id-token-names-no-consent",
		Breaks: ConsentNamed, Warns: true,
		How: "leaves the consent out of the id_token beside the code",
		Policy: named(func(about authserver.IDToken, claims map[string]any) {
			if about.Code != "" {
				delete(claims, claim)
			}
		}),
	}}
}

func resourceMutants() []mutant.Mutant {
	permits := func(status func(authserver.IntentUse, int) int) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IntentPermits = func(u authserver.IntentUse) int { return status(u, authserver.PermittedAlone(u)) }
		}
	}
	return []mutant.Mutant{{
		Name:   "uk-scope-is-enough",
		Breaks: UserNeeded,
		How:    "looks at the scope of a token, which the client's own have too",
		Policy: permits(func(u authserver.IntentUse, status int) int {
			if !u.Intent {
				return 0
			}
			return status
		}),
	}, {
		Name:   "uk-widest-consent-decides",
		Breaks: BoundToOne,
		How:    "looks permissions up by client and user",
		Policy: permits(func(u authserver.IntentUse, _ int) int {
			u.Has = u.Widest
			return authserver.PermittedAlone(u)
		}),
	}, {
		Name:   "uk-widest-consent-when-refreshed",
		Breaks: BoundToOne,
		How:    "looks permissions up by client and user where a token was refreshed",
		Policy: permits(func(u authserver.IntentUse, _ int) int {
			if u.Refreshed {
				u.Has = u.Widest
			}
			return authserver.PermittedAlone(u)
		}),
	}, {
		Name:   "uk-permissions-not-compared",
		Breaks: BoundToOne,
		How:    "looks at whether a consent is authorised, and not at what it holds",
		Policy: permits(func(u authserver.IntentUse, _ int) int {
			u.Has = []string{u.Needs}
			return authserver.PermittedAlone(u)
		}),
	}, {
		Name:   "uk-too-little-is-no-token",
		Breaks: ReachRefused,
		How:    "answers a token that does not reach far enough with 401",
		Policy: permits(func(u authserver.IntentUse, status int) int {
			if u.Intent && status == http.StatusForbidden {
				return http.StatusUnauthorized
			}
			return status
		}),
	}, {
		Name:   "uk-tokens-outlive-their-consent",
		Breaks: DeletedOpens, Warns: true,
		How: "believes access tokens until they expire, whatever became of their consent",
		Policy: permits(func(u authserver.IntentUse, _ int) int {
			u.State = authserver.Authorised
			return authserver.PermittedAlone(u)
		}),
	}, {
		Name:   "uk-no-token-is-forbidden",
		Breaks: TokenRefused, AlsoBreaks: []*requirement.Requirement{bearer.NoErrorYet, bearer.StatusFits, mtls.MismatchAnswer},
		How: "answers a request without a good token with 403",
		Policy: func(p *authserver.Policy) {
			p.TokenRefusal = func(authserver.Endpoint) int { return http.StatusForbidden }
		},
	}, {
		Name:   "uk-account-not-found",
		Breaks: UnknownIDs,
		How:    "answers an account that there is not with 404",
		Policy: func(p *authserver.Policy) { p.UnknownAccount = func() int { return http.StatusNotFound } },
	}}
}

func tokenMutants() []mutant.Mutant {
	says := func(edit func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if about.Code == "" {
					edit(about, edited)
				}
				return edited
			}
		}
	}
	metadata := func(change func(said map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			usual := p.Metadata
			p.Metadata = func(complete map[string]any) map[string]any {
				said := maps.Clone(usual(complete))
				change(said)
				return said
			}
		}
	}
	answers := func(edit func(body map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				if at != authserver.EndpointToken || complete["access_token"] == nil {
					return complete
				}
				edited := maps.Clone(complete)
				edit(edited)
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "uk-hybrid-not-listed",
		Breaks: HybridOffered,
		How:    "lists code alone in response_types_supported",
		Policy: metadata(func(said map[string]any) { said["response_types_supported"] = []any{"code"} }),

		OnMetadataAlone: true,
	}, {
		Name:   "uk-intent-claim-not-listed",
		Breaks: ClaimsAnnounced, Warns: true,
		How:    "lists the claims of its product",
		Policy: metadata(func(said map[string]any) { said["claims_supported"] = []any{"sub", "name", "auth_time", "acr"} }),

		OnMetadataAlone: true,
	}, {
		Name:   "uk-own-grant-not-listed",
		Breaks: GrantsAnnounced, Warns: true,
		How: "lists the grants with which users come, and no other",
		Policy: metadata(func(said map[string]any) {
			said["grant_types_supported"] = []any{"authorization_code", "refresh_token"}
		}),
	}, {
		Name:   "uk-class-not-listed",
		Breaks: ClassOfSCA,
		How:    "lists the classes of its product in acr_values_supported",
		Policy: metadata(func(said map[string]any) { said["acr_values_supported"] = []any{"urn:example:gold"} }),

		OnMetadataAlone: true,
	}, {
		Name:   "uk-class-of-its-own",
		Breaks: ClassOfSCA,
		How:    "names the class of its product in the id_token",
		Policy: says(func(_ authserver.IDToken, claims map[string]any) {
			if claims["acr"] != nil {
				claims["acr"] = "urn:example:gold"
			}
		}),
	}, {
		Name:   "uk-no-life-without-refresh-token",
		Breaks: LifeTold, AlsoBreaks: []*requirement.Requirement{oauth2.TokenResponseBody},
		How: "tells how long an access token lives beside a refresh token alone",
		Policy: answers(func(body map[string]any) {
			if body["refresh_token"] == nil {
				delete(body, "expires_in")
			}
		}),
	}, {
		Name:   "uk-life-as-text",
		Breaks: LifeTold, AlsoBreaks: []*requirement.Requirement{oauth2.TokenResponseBody},
		How:    "writes expires_in as a text",
		Policy: answers(func(body map[string]any) { body["expires_in"] = "50" }),
	}, {
		Name:   "uk-end-without-refresh-token",
		Breaks: NoEndWithout,
		How:    "tells the end of the access token as that of a refresh token that there is not",
		Policy: func(p *authserver.Policy) {
			p.GivesRefreshToken = func(bool) bool { return false }
			says(func(about authserver.IDToken, claims map[string]any) { claims[refreshEnds] = about.Now + 50 })(p)
		},
	}, {
		Name:   "uk-end-as-text",
		Breaks: EndAsNumber,
		How:    "writes the end of a refresh token in ISO 8601",
		Policy: says(func(about authserver.IDToken, claims map[string]any) {
			claims[refreshEnds] = time.Unix(about.Now, 0).AddDate(0, 0, 90).Format(time.RFC3339)
		}),
	}, {
		Name:   "uk-end-in-milliseconds",
		Breaks: EndAsNumber,
		How:    "writes the end of a refresh token in milliseconds",
		Policy: says(func(about authserver.IDToken, claims map[string]any) {
			claims[refreshEnds] = (about.Now + 86400) * 1000
		}),
	}, {
		Name:   "uk-end-in-the-year-9999",
		Breaks: NoEndWhereIsNone,
		How:    "announces the end of a refresh token that does not end for the year 9999",
		Policy: says(func(_ authserver.IDToken, claims map[string]any) { claims[refreshEnds] = int64(253402300799) }),
	}}
}

func apiMutants() []mutant.Mutant {
	interaction := func(id func(authserver.Interaction) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.InteractionID = id }
	}
	usual := func(i authserver.Interaction) string {
		if i.Sent != "" {
			return i.Sent
		}
		return i.Fresh
	}
	return []mutant.Mutant{{
		Name:   "uk-no-interaction-id-on-errors",
		Breaks: InteractionRepeated, AlsoBreaks: []*requirement.Requirement{InteractionMade, fapi1base.IDRepeated, fapi1base.IDMade},
		How: "adds x-fapi-interaction-id in its business code, which errors do not reach",
		Policy: interaction(func(i authserver.Interaction) string {
			if i.Status >= 400 {
				return ""
			}
			return usual(i)
		}),
	}, {
		Name:   "uk-interaction-id-of-its-own",
		Breaks: InteractionRepeated,
		How:    "answers with interaction ids of its own making",
		Policy: interaction(func(i authserver.Interaction) string { return i.Fresh }),
	}, {
		Name:   "uk-interaction-id-constant",
		Breaks: InteractionMade, AlsoBreaks: []*requirement.Requirement{fapi1base.IDMade},
		How: "sends one UUID with every answer to a request without one",
		Policy: interaction(func(i authserver.Interaction) string {
			if i.Sent == "" {
				return "0b7a4c5e-6a0b-4b8e-9d0e-1f2a3b4c5d6e"
			}
			return i.Sent
		}),
	}, {
		Name:   "uk-interaction-id-no-uuid",
		Breaks: InteractionMade, AlsoBreaks: []*requirement.Requirement{fapi1base.IDMade},
		How: "numbers requests that come without an interaction id",
		Policy: interaction(func(i authserver.Interaction) string {
			if i.Sent == "" {
				return "req-" + i.Fresh[:8]
			}
			return i.Sent
		}),
	}, {
		Name:   "uk-accept-ignored",
		Breaks: AcceptHeeded,
		How:    "does not look at Accept",
		Policy: func(p *authserver.Policy) { p.AcceptStatus = func(string) int { return 0 } },
	}, {
		Name:   "uk-errors-of-the-gateway",
		Breaks: ErrorBodies,
		How:    "answers errors in the form of its gateway",
		Policy: func(p *authserver.Policy) {
			p.ErrorBody = func(status int, _ map[string]any) map[string]any {
				return map[string]any{"status": status, "message": http.StatusText(status)}
			}
		},
	}, {
		Name:   "uk-errors-without-code",
		Breaks: ErrorBodies,
		How:    "tells errors in words, and without their codes",
		Policy: func(p *authserver.Policy) {
			p.ErrorBody = func(status int, usual map[string]any) map[string]any {
				return map[string]any{"Errors": []any{map[string]any{"Message": http.StatusText(status)}}}
			}
		},
	}}
}

func paymentMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "uk-key-of-any-length",
		Breaks: KeyLength,
		How:    "takes idempotency keys of any length",
		Policy: func(p *authserver.Policy) { p.TakesKey = func(length int) bool { return length > 0 } },
	}, {
		Name:   "uk-key-not-kept",
		Breaks: KeyRepeats,
		How:    "creates a consent for a payment for every request, whatever its key",
		Policy: func(p *authserver.Policy) { p.AnswersByKey = func(authserver.Keyed) bool { return false } },

		AlsoBreaks: []*requirement.Requirement{KeyKeepsBody},
	}, {
		Name:   "uk-key-last-body-wins",
		Breaks: KeyKeepsBody,
		How:    "has the last body under a key take the place of the first one",
		Policy: func(p *authserver.Policy) {
			p.ChangedUnderKey = func() authserver.Changed { return authserver.LastWins }
		},
	}, {
		Name:   "uk-key-and-body",
		Breaks: KeyKeepsBody,
		How:    "takes another body under a key that was used for another wish",
		Policy: func(p *authserver.Policy) {
			p.ChangedUnderKey = func() authserver.Changed { return authserver.BothStand }
		},
	}, {
		Name:   "uk-key-of-everybody",
		Breaks: KeyPerClient,
		How:    "keeps idempotency keys without the client",
		Policy: func(p *authserver.Policy) {
			p.AnswersByKey = func(k authserver.Keyed) bool { return k.Resource == "payments" }
		},
	}, {
		Name:   "uk-payment-consumes-nothing",
		Breaks: ConsentConsumed, AlsoBreaks: []*requirement.Requirement{PaysOnce},
		How:    "does not write back to the consent what was paid by it",
		Policy: func(p *authserver.Policy) { p.PaymentConsumes = func() bool { return false } },
	}, {
		Name:   "uk-payment-again",
		Breaks: PaysOnce, Warns: true,
		How: "tells payments apart by their keys alone",
		Policy: func(p *authserver.Policy) {
			p.PaysBy = func(state authserver.IntentState) bool {
				return state == authserver.Authorised || state == authserver.Consumed
			}
		},
	}}
}

func signingMutants() []mutant.Mutant {
	takes := func(edit func(*authserver.MessageSignature)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesMessage = func(m authserver.MessageSignature) bool {
				edit(&m)
				return authserver.ProperMessage(m)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "uk-signature-of-json-written-anew",
		Breaks: SignatureTaken,
		How:    "writes a body anew before it verifies the signature",
		Policy: takes(func(m *authserver.MessageSignature) { m.Holds = m.Rewritten }),
	}, {
		Name:   "uk-signature-may-be-missing",
		Breaks: SignatureNeeded,
		How:    "verifies the signature where there is one",
		Policy: func(p *authserver.Policy) {
			p.TakesMessage = func(m authserver.MessageSignature) bool { return !m.Present || authserver.ProperMessage(m) }
		},
	}, {
		Name:   "uk-signature-not-computed",
		Breaks: SignatureHolds, Warns: true,
		How:    "reads the header of a signature, and does not verify it",
		Policy: takes(func(m *authserver.MessageSignature) { m.Holds = true }),
	}, {
		Name:   "uk-signature-by-the-algorithm-named",
		Breaks: SignatureAlgorithm,
		How:    "verifies a signature by the algorithm that its header names",
		Policy: takes(func(m *authserver.MessageSignature) {
			if m.Algorithm == "RS256" {
				m.Algorithm = "PS256"
			}
		}),
	}, {
		Name:   "uk-signature-by-none",
		Breaks: SignatureAlgorithm,
		How:    "takes alg none for an algorithm",
		Policy: takes(func(m *authserver.MessageSignature) {
			if m.Algorithm == "none" {
				m.Algorithm, m.Holds = "PS256", true
			}
		}),
	}, {
		Name:   "uk-signature-crit-not-read",
		Breaks: SignatureCritical,
		How:    "does not look at crit",
		Policy: takes(func(m *authserver.MessageSignature) {
			m.Critical = []string{"http://openbanking.org.uk/iat", "http://openbanking.org.uk/iss", "http://openbanking.org.uk/tan"}
		}),
	}, {
		Name:   "uk-signature-date-not-compared",
		Breaks: SignatureDated,
		How:    "stores the date of a signature, and does not compare it",
		Policy: takes(func(m *authserver.MessageSignature) { m.Ahead = 0 }),
	}, {
		Name:   "uk-signature-issuer-believed",
		Breaks: SignatureIssuer,
		How:    "believes who a signature says that it is by",
		Policy: takes(func(m *authserver.MessageSignature) { m.Issuer = authserver.PaymentsIssuer }),
	}, {
		Name:   "uk-signature-anchor-believed",
		Breaks: SignatureAnchor,
		How:    "believes where the key of a signature is said to be found",
		Policy: takes(func(m *authserver.MessageSignature) { m.Anchor = "openbanking.org.uk" }),
	}}
}
