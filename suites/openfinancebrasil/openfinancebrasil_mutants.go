package openfinancebrasil

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/fapi1adv"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/openid"
)

// Mutants returns the banks that break what Open Finance Brasil asks.
func Mutants() []mutant.Mutant {
	all := slices.Concat(requestMutants(), claimMutants(), consentMutants(), tokenMutants())
	for i := range all {
		all[i].Profile = "open-finance-brasil"
	}
	return all
}

// says is a bank that says something else in its metadata.
func says(change func(said map[string]any)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		usual := p.Metadata
		p.Metadata = func(complete map[string]any) map[string]any {
			said := maps.Clone(usual(complete))
			change(said)
			return said
		}
	}
}

func requestMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "br-pushing-optional",
		Breaks: HiddenOrPushed,
		How:    "offers to have requests pushed, and says that they need not be",
		Policy: says(func(said map[string]any) {
			said["require_pushed_authorization_requests"] = false
			delete(said, "request_object_encryption_alg_values_supported")
			delete(said, "request_object_encryption_enc_values_supported")
		}),
		OnMetadataAlone: true,
	}, {
		Name:   "br-hint-ignored",
		Breaks: HintRefused,
		How:    "passes over id_token_hint",
		Policy: func(p *authserver.Policy) { p.TakesHint = func() bool { return true } },
	}, {
		Name:   "br-request-uri-of-half-a-minute",
		Breaks: RequestURILives,
		How:    "lets a request_uri live for 30 seconds",
		Policy: func(p *authserver.Policy) { p.RequestURILifetime = func() int { return 30 } },
	}, {
		Name:   "br-algorithms-of-fapi-listed",
		Breaks: PS256Alone,
		How:    "lists every algorithm that FAPI 1.0 allows",
		Policy: says(func(said map[string]any) {
			said["token_endpoint_auth_signing_alg_values_supported"] = []any{"PS256", "ES256"}
		}),

		OnMetadataAlone: true,
	}, {
		Name:   "br-objects-by-rs256",
		Breaks: PS256Alone, AlsoBreaks: []*requirement.Requirement{fapi2sp.RequestObjectAlgorithms, fapi1adv.Algorithms},
		How: "takes request objects that are signed by RS256",
		Policy: func(p *authserver.Policy) {
			p.ObjectAlgorithm = func(s authserver.ObjectSignature) bool { return s.Algorithm == "PS256" || s.Algorithm == "RS256" }
		},
	}, {
		Name:   "br-assertions-by-rs256",
		Breaks: PS256Alone, AlsoBreaks: []*requirement.Requirement{fapi2sp.AssertionAlgorithms, fapi1adv.Algorithms},
		How: "takes client assertions that are signed by RS256",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				if a.Algorithm == "RS256" {
					a.Algorithm = a.KeyAlgorithm
				}
				return authserver.OwnAssertion(a)
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "br-front-id-token-by-es256",
		Breaks: PS256Alone,
		How:    "signs the id_token beside the code by ES256",
		Policy: authserver.Signing("detached", "ES256"),
	}}
}

func claimMutants() []mutant.Mutant {
	userinfo := func(edit func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.UserinfoClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edit(about, edited)
				return edited
			}
		}
	}
	identity := func(edit func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edit(about, edited)
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "br-number-as-number",
		Breaks: NumberTold,
		How:    "tells the tax number as a number, which loses its leading zero",
		Policy: userinfo(func(_ authserver.IDToken, claims map[string]any) {
			if claims["cpf"] != nil {
				claims["cpf"] = 1234567890
			}
		}),
	}, {
		Name:   "br-number-with-dots",
		Breaks: NumberTold,
		How:    "tells the tax number as people write it",
		Policy: userinfo(func(_ authserver.IDToken, claims map[string]any) {
			if text, ok := claims["cpf"].(string); ok {
				claims["cpf"] = fmt.Sprintf("%s.%s.%s-%s", text[:3], text[3:6], text[6:9], text[9:])
			}
		}),
	}, {
		Name:   "br-number-not-listed",
		Breaks: NumberTold,
		How:    "lists the claims of its product",
		Policy: says(func(said map[string]any) { said["claims_supported"] = []any{"sub", "name", "auth_time", "acr"} }),

		OnMetadataAlone: true,
	}, {
		Name:   "br-number-of-value-not-told",
		Breaks: NumberReturned,
		How:    "compares a number that is asked for with its value, and does not tell it",
		Policy: func(p *authserver.Policy) { p.TellsWanted = func() bool { return false } },
	}, {
		Name:   "br-number-a-preference",
		Breaks: OtherNumberFails,
		How:    "takes the value of an essential number for a wish",
		Policy: func(p *authserver.Policy) { p.RightNumber = func(_, _ string) bool { return true } },
	}, {
		Name:   "br-number-in-front",
		Breaks: NoNumberInFront, AlsoBreaks: []*requirement.Requirement{VoluntaryLeft},
		How: "makes the id_token beside the code a copy of that of the token response, with the tax number",
		Policy: identity(func(about authserver.IDToken, claims map[string]any) {
			if about.Code != "" {
				claims["cpf"] = "01234567890"
			}
		}),
	}, {
		Name:   "br-wished-number-in-front",
		Breaks: VoluntaryLeft,
		How:    "tells a number that is wished for in the id_token beside the code, unencrypted",
		Policy: func(p *authserver.Policy) {
			p.NumberInFront = func(essential bool) authserver.NumberInFront {
				if !essential {
					return authserver.Told
				}
				return authserver.OnlyWhereNotNeeded(essential)
			}
		},
	}, {
		Name:   "br-essential-number-left-out",
		Breaks: EssentialFails,
		How:    "leaves an essential number out of the id_token beside the code, and goes on",
		Policy: func(p *authserver.Policy) {
			p.NumberInFront = func(bool) authserver.NumberInFront { return authserver.LeftOut }
		},
	}, {
		Name:   "br-class-loa3-alone",
		Breaks: ClassSupported,
		How:    "lists the stronger class alone",
		Policy: says(func(said map[string]any) { said["acr_values_supported"] = []any{"urn:brasil:openbanking:loa3"} }),

		OnMetadataAlone: true,
	}, {
		Name:   "br-class-where-asked",
		Breaks: ClassAlways,
		How:    "tells acr where somebody asks for it",
		Policy: func(p *authserver.Policy) { p.AlwaysClass = func(authserver.IDToken) bool { return false } },
	}, {
		Name:   "br-class-not-in-front",
		Breaks: ClassAlways,
		How:    "tells acr in the token response alone",
		Policy: func(p *authserver.Policy) {
			p.AlwaysClass = func(about authserver.IDToken) bool { return about.Code == "" }
		},
	}, {
		Name:   "br-class-of-its-own-where-asked",
		Breaks: ClassAlways,
		How:    "names the class of its product where acr is asked for as essential",
		Policy: identity(func(about authserver.IDToken, claims map[string]any) {
			if about.EssentialACR {
				claims["acr"] = "urn:example:gold"
			}
		}),
	}, {
		Name:   "br-subject-of-a-consent",
		Breaks: SubjectStays, AlsoBreaks: []*requirement.Requirement{openid.ClaimsThere, openid.PassesChecks},
		How: "makes sub of the consent",
		Policy: func(p *authserver.Policy) {
			of := func(about authserver.IDToken, claims map[string]any) {
				if about.Intent != "" {
					claims["sub"] = "of-" + about.Intent
				}
			}
			identity(of)(p)
			userinfo(of)(p)
		},
	}}
}

func consentMutants() []mutant.Mutant {
	open := func(i authserver.Intended) bool { return i.Known && i.Own && i.State == authserver.Awaiting }
	return []mutant.Mutant{{
		Name:   "br-scope-without-colons",
		Breaks: ScopeBinds,
		How:    "has its filter for scopes drop those with a colon from what it grants",
		Policy: func(p *authserver.Policy) {
			p.GrantedScope = func(asked string) string {
				return strings.Join(slices.DeleteFunc(strings.Fields(asked), func(word string) bool { return strings.HasPrefix(word, "consent:") }), " ")
			}
		},
	}, {
		Name:   "br-consent-of-anybody",
		Breaks: OwnConsents, Warns: true,
		How: "does not compare whose consent it is",
		Policy: func(p *authserver.Policy) {
			p.Authorises = func(i authserver.Intended) bool { return i.Known && i.State == authserver.Awaiting }
		},
	}, {
		Name:   "br-consent-of-nobody",
		Breaks: OwnConsents, Warns: true,
		How: "has the consent read by its resource server alone",
		Policy: func(p *authserver.Policy) {
			p.Authorises = func(i authserver.Intended) bool { return open(i) || !i.Known }
		},
	}, {
		Name:   "br-last-consent-wins",
		Breaks: OneConsent, Warns: true,
		How:    "goes by the last consent of a scope",
		Policy: func(p *authserver.Policy) { p.TakesIntents = func(count int) bool { return count > 0 } },
	}, {
		Name:   "br-wider-scope-refused",
		Breaks: WiderScopes,
		How:    "refuses scopes that the consent permits nothing of",
		Policy: func(p *authserver.Policy) { p.WiderScope = func() bool { return false } },
	}, {
		Name:   "br-whoever-signs-in",
		Breaks: NamedPerson,
		How:    "lets whoever signs in approve a consent",
		Policy: func(p *authserver.Policy) { p.MeantPerson = func(_, _ string) bool { return true } },
	}, {
		Name:   "br-consents-numbered",
		Breaks: ConsentNames,
		How:    "numbers its consents",
		Policy: func(p *authserver.Policy) {
			p.IntentName = func(_ string, serial int64) string { return fmt.Sprintf("urn:referencebank:%d", 100000+serial) }
		},
		Everything: "consents that have one name more than once are found by others",
	}, {
		Name:   "br-consents-without-namespace",
		Breaks: ConsentNames,
		How:    "names its consents by random texts",
		Policy: func(p *authserver.Policy) { p.IntentName = func(random string, _ int64) string { return random } },
	}}
}

func tokenMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "br-no-refresh-tokens",
		Breaks: Refreshes,
		How:    "gives no refresh tokens",
		Policy: func(p *authserver.Policy) { p.GivesRefreshToken = func(bool) bool { return false } },
	}, {
		Name:   "br-tokens-of-an-hour",
		Breaks: TokenLife,
		How:    "lets access tokens live for an hour",
		Policy: func(p *authserver.Policy) { p.TokenLifetime = func() int { return 3600 } },
	}, {
		Name:   "br-tokens-of-a-minute",
		Breaks: TokenLife,
		How:    "lets access tokens live for a minute",
		Policy: func(p *authserver.Policy) { p.TokenLifetime = func() int { return 60 } },
	}, {
		Name:   "br-interaction-id-made-up",
		Breaks: InteractionNeeded,
		How:    "makes an interaction id up where a request has none, and serves it",
		Policy: func(p *authserver.Policy) { p.NeedsInteractionID = func() bool { return false } },
	}, {
		Name:   "br-interaction-id-of-its-own",
		Breaks: InteractionNeeded,
		How:    "answers with an interaction id of its own",
		Policy: func(p *authserver.Policy) { p.InteractionID = func(i authserver.Interaction) string { return i.Fresh } },
	}, {
		Name:   "br-deletion-not-heard",
		Breaks: RefreshNeeds,
		How:    "refreshes tokens without a look at their consent",
		Policy: func(p *authserver.Policy) { p.RefreshesBy = func(authserver.IntentState) bool { return true } },
	}, {
		Name:   "br-refresh-tokens-active",
		Breaks: DeletionRevokes,
		How:    "refuses the refresh token of a consent that was deleted, and introspection goes on to call it active",
		Policy: func(p *authserver.Policy) { p.ActiveBy = func(authserver.IntentState) bool { return true } },
	}, {
		Name:   "br-tokens-outlive-their-consent",
		Breaks: ActiveOnly,
		How:    "believes access tokens until they expire, whatever became of their consent",
		Policy: func(p *authserver.Policy) {
			p.IntentPermits = func(u authserver.IntentUse) int {
				u.State = authserver.Authorised
				return authserver.PermittedAlone(u)
			}
		},
	}, {
		Name:   "br-refreshed-tokens-outlive-their-consent",
		Breaks: ActiveOnly,
		How:    "ends the access token of a consent with it, and not what a refresh has given",
		Policy: func(p *authserver.Policy) {
			p.IntentPermits = func(u authserver.IntentUse) int {
				if u.Refreshed {
					u.State = authserver.Authorised
				}
				return authserver.PermittedAlone(u)
			}
		},
	}, {
		Name:   "br-consents-shown-to-all",
		Breaks: OwnConsents, Warns: true,
		How: "shows a consent to whoever knows its id, and lets him delete it",
		Policy: func(p *authserver.Policy) {
			p.ShowsIntent = func(l authserver.IntentLook) (int, authserver.IntentState) {
				l.Own = true
				return authserver.OwnAndThere(l)
			}
		},
	}, {
		Name:   "br-ended-consent-is-forbidden",
		Breaks: ActiveOnly, Warns: true,
		How: "answers tokens of a consent that was deleted with 403",
		Policy: func(p *authserver.Policy) {
			p.IntentPermits = func(u authserver.IntentUse) int {
				if status := authserver.PermittedAlone(u); status != http.StatusUnauthorized {
					return status
				}
				return http.StatusForbidden
			}
		},
	}}
}
