package cdr

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
	"github.com/fapitest/fapitest/suites/fapi1base"
	"github.com/fapitest/fapitest/suites/fapi2ms"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/jarm"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/par"
)

// Mutants returns the banks that break what the standards ask.
func Mutants() []mutant.Mutant {
	all := slices.Concat(requestMutants(), sharingMutants(), arrangementMutants(), revocationMutants(), tokenMutants(), claimMutants(), resourceMutants())
	for i := range all {
		all[i].Profile = "cdr-australia"
	}
	return all
}

func requirements(all ...*requirement.Requirement) []*requirement.Requirement { return all }

func requestMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "cdr-hybrid-flow-still-on",
		Breaks: CodeAlone, AlsoBreaks: requirements(fapi2sp.OtherResponseTypes, jarm.NoTokenInQuery),
		How: "still has the hybrid flow of the earlier phase switched on",
		Policy: func(p *authserver.Policy) {
			p.ResponseType = func(sent string, _ bool) bool { return sent == "code" || sent == "code id_token" }
		},
	}, {
		Name:   "cdr-errors-in-clear",
		Breaks: SignedResponses, AlsoBreaks: requirements(fapi2ms.ErrorsSigned),
		How: "sends errors in clear",
		Policy: func(p *authserver.Policy) {
			p.SignsResponse = func(s authserver.SignedResponse) bool { return s.Wanted && s.Error == "" }
		},
	}, {
		Name:   "cdr-encrypts-unasked",
		Breaks: NotEncryptedUnasked,
		How:    "encrypts every response",
		Policy: func(p *authserver.Policy) { p.EncryptsUnasked = func(authserver.SignedResponse) bool { return true } },
	}, {
		Name:   "cdr-object-in-the-browser",
		Breaks: NoObjectInBrowser, AlsoBreaks: requirements(fapi2sp.PushedOnly),
		How: "takes request objects at the authorization endpoint as well, as its product does",
		Policy: func(p *authserver.Policy) {
			p.RequestByValue = func(authserver.RequestObject) bool { return true }
			p.ReadsByValueAsPushed = func() bool { return true }
		},
	}, {
		Name:   "cdr-plain-requests-in-the-browser",
		Breaks: PushedOnly, AlsoBreaks: requirements(fapi1adv.PushedWithPKCE),
		How: "takes plain requests at the authorization endpoint",
		Policy: func(p *authserver.Policy) {
			p.NeedsPushing = func() bool { return false }
			p.WaivesChallenge = func(authserver.Asked) bool { return true }
		},
	}, {
		Name:   "cdr-request-uri-in-any-case",
		Breaks: IssuedOnly,
		How:    "keeps requests in a store that does not tell capital letters from small ones",
		Policy: func(p *authserver.Policy) { p.RequestURIKey = strings.ToLower },
	}, {
		Name:   "cdr-request-uri-of-ten-minutes",
		Breaks: RequestURILife,
		How:    "keeps the default of its product",
		Policy: func(p *authserver.Policy) { p.RequestURILifetime = func() int { return 599 } },
	}, {
		Name:   "cdr-request-uri-for-a-night",
		Breaks: RequestURIEnds, AlsoBreaks: requirements(par.RequestURIExpires),
		How: "removes old requests at night",
		Policy: func(p *authserver.Policy) {
			p.RequestURIAlive = func(authserver.RequestURIAge) bool { return true }
		},
	}, {
		Name:   "cdr-request-uri-not-used-up",
		Breaks: RequestURIOnce, AlsoBreaks: requirements(par.UsedOnce, par.TwoBrowsers),
		How:    "deletes requests when they expire, and not when they are used",
		Policy: func(p *authserver.Policy) { p.UsesUpRequestURI = func(authserver.Moment) bool { return false } },
	}, {
		Name:   "cdr-unsigned-requests-pushed",
		Breaks: SignedOnly, AlsoBreaks: requirements(fapi2ms.SignedOnly, fapi1adv.SignedOnly),
		How:    "takes plain parameters where requests are pushed, since the client is authenticated anyway",
		Policy: func(p *authserver.Policy) { p.NeedsRequestObject = func(string) bool { return false } },
	}}
}

func sharingMutants() []mutant.Mutant {
	life := func(life func(authserver.Sharing) (float64, bool)) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SharingLife = life }
	}
	return []mutant.Mutant{{
		Name:   "cdr-refresh-tokens-of-a-month",
		Breaks: AsLongAsShared,
		How:    "has refresh tokens live as long as the client's settings say",
		Policy: life(func(s authserver.Sharing) (float64, bool) {
			asked, ok := authserver.WithinTheYear(s)
			return min(asked, 30*86400), ok
		}),
	}, {
		Name:   "cdr-refresh-token-without-sharing",
		Breaks: OnceOff,
		How:    "gives a refresh token wherever the client may use the grant",
		Policy: life(func(s authserver.Sharing) (float64, bool) {
			if asked, ok := authserver.WithinTheYear(s); asked > 0 || !ok {
				return asked, ok
			}
			return 86400, true
		}),
	}, {
		Name:   "cdr-sharing-of-two-years",
		Breaks: YearAtMost,
		How:    "takes the sharing duration as it is",
		Policy: life(func(s authserver.Sharing) (float64, bool) { return s.Asked, s.Asked >= 0 }),
	}, {
		Name:   "cdr-sharing-of-two-years-refused",
		Breaks: YearAtMost,
		How:    "refuses a sharing duration of more than a year",
		Policy: life(func(s authserver.Sharing) (float64, bool) {
			asked, ok := authserver.WithinTheYear(s)
			return asked, ok && s.Asked <= year
		}),
	}, {
		Name:   "cdr-one-time-without-refresh-token",
		Breaks: OneTime,
		How:    "gives no refresh token for a collection within a day",
		Policy: life(func(s authserver.Sharing) (float64, bool) {
			if asked, ok := authserver.WithinTheYear(s); asked > 86400 || !ok {
				return asked, ok
			}
			return 0, true
		}),
	}, {
		Name:   "cdr-negative-sharing",
		Breaks: NotNegative,
		How:    "takes a negative sharing duration for none",
		Policy: life(func(s authserver.Sharing) (float64, bool) {
			asked, _ := authserver.WithinTheYear(s)
			return max(asked, 0), true
		}),
	}}
}

func arrangementMutants() []mutant.Mutant {
	tells := func(what func(at authserver.ArrangementPlace, id string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.TellsArrangement = what }
	}
	takes := func(more func(authserver.ArrangementAsk) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TakesArrangement = func(a authserver.ArrangementAsk) bool { return authserver.KnownArrangement(a) || more(a) }
		}
	}
	ends := func(when func(moment, kind string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.AmendmentEnds = when }
	}
	written := func(text func(made authserver.Handle, user string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.ArrangementText = text }
	}
	return []mutant.Mutant{{
		Name:   "cdr-arrangement-told-once",
		Breaks: ArrangementTold,
		How:    "tells the arrangement where a code is redeemed, and not where tokens are refreshed",
		Policy: tells(func(at authserver.ArrangementPlace, id string) string {
			if at == authserver.ArrangementInRefresh {
				return ""
			}
			return id
		}),
	}, {
		Name:   "cdr-arrangement-of-another-name-when-refreshed",
		Breaks: ArrangementKept,
		How:    "tells the number of the session where tokens are refreshed",
		Policy: tells(func(at authserver.ArrangementPlace, id string) string {
			if at == authserver.ArrangementInRefresh {
				return id + "-2"
			}
			return id
		}),
	}, {
		Name:   "cdr-amendment-renames",
		Breaks: ArrangementKept,
		How:    "gives an arrangement another name when it is amended",
		Policy: func(p *authserver.Policy) { p.KeepsArrangementName = func() bool { return false } },
	}, {
		Name:   "cdr-arrangements-counted",
		Breaks: ArrangementUnguessable,
		How:    "counts arrangements",
		Policy: written(func(made authserver.Handle, _ string) string { return fmt.Sprintf("%032d", made.Serial) }),
	}, {
		Name:   "cdr-arrangements-by-user",
		Breaks: ArrangementUnguessable,
		How:    "has the name of the user in that of an arrangement",
		Policy: written(func(made authserver.Handle, user string) string { return user + "-" + made.Random }),
	}, {
		Name:   "cdr-amendment-unknown",
		Breaks: Amended,
		How:    "refuses members of claims that its product does not know",
		Policy: func(p *authserver.Policy) {
			p.TakesArrangement = func(authserver.ArrangementAsk) bool { return false }
		},
	}, {
		Name:   "cdr-unknown-arrangement-made",
		Breaks: KnownOnly,
		How:    "makes a new arrangement where it does not find the one that is named",
		Policy: takes(func(a authserver.ArrangementAsk) bool { return !a.Known }),
	}, {
		Name:   "cdr-arrangement-of-another-client",
		Breaks: OwnOnly,
		How:    "looks an arrangement up among those of all clients",
		Policy: takes(func(a authserver.ArrangementAsk) bool { return a.Known && !a.Ended && a.SameUser }),
	}, {
		Name:   "cdr-amendment-keeps-access-tokens",
		Breaks: OldTokensEnd,
		How:    "lets old access tokens live until they expire",
		Policy: ends(func(moment, kind string) bool { return moment == "redeemed" && kind == "refresh_token" }),
	}, {
		Name:   "cdr-amendment-keeps-refresh-tokens",
		Breaks: OldTokensEnd,
		How:    "adds the new tokens to the arrangement, and keeps the old refresh token",
		Policy: ends(func(moment, kind string) bool { return moment == "redeemed" && kind == "access_token" }),
	}, {
		Name:   "cdr-old-tokens-at-userinfo",
		Breaks: OldTokensEnd, AlsoBreaks: requirements(RevocationEnds, fapi2sp.RevokedToken),
		How: "believes access tokens at userinfo until they expire",
		Policy: func(p *authserver.Policy) {
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || s.Endpoint == authserver.EndpointUserinfo }
		},
	}, {
		Name:   "cdr-amendment-ends-when-pushed",
		Breaks: OldTokensLive,
		How:    "ends the tokens of an arrangement as soon as an amendment is pushed",
		Policy: ends(func(moment, _ string) bool { return true }),
		// What is pushed about the arrangement that experiments share ends its tokens.
		Everything: "it ends tokens that experiments share",
	}}
}

func revocationMutants() []mutant.Mutant {
	answers := func(status func(r authserver.ArrangementRevocation, usual int) int) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AnswersRevocation = func(r authserver.ArrangementRevocation) int {
				return status(r, authserver.RevokesOwnArrangement(r))
			}
		}
	}
	keeps := func(kept string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.EndsTokensOf = func(kind string) bool { return kind != kept } }
	}
	return []mutant.Mutant{{
		Name:       "cdr-revocation-not-taken",
		Breaks:     RevocationServed,
		How:        "takes JSON alone where arrangements are revoked",
		Policy:     answers(func(authserver.ArrangementRevocation, int) int { return http.StatusBadRequest }),
		AlsoBreaks: requirements(RevocationOfNothing),
	}, {
		Name:   "cdr-revocation-keeps-access-tokens",
		Breaks: RevocationEnds,
		How:    "marks an arrangement as revoked, and has access tokens run to their end",
		Policy: keeps("access_token"),
	}, {
		Name:   "cdr-revocation-keeps-refresh-tokens",
		Breaks: RevocationEnds,
		How:    "marks an arrangement as revoked, and leaves its refresh token",
		Policy: keeps("refresh_token"),
	}, {
		Name:   "cdr-revocation-by-any-client",
		Breaks: RevocationOfOwn,
		How:    "lets every data recipient revoke every arrangement",
		Policy: answers(func(r authserver.ArrangementRevocation, usual int) int {
			if r.Known && !r.Ended && !r.ByJWT {
				return http.StatusNoContent
			}
			return usual
		}),
	}, {
		Name:   "cdr-revocation-of-nothing-is-fine",
		Breaks: RevocationOfNothing,
		How:    "answers as RFC 7009 does",
		Policy: answers(func(r authserver.ArrangementRevocation, usual int) int {
			if !r.Known || r.Ended {
				return http.StatusOK
			}
			return usual
		}),
	}, {
		Name:   "cdr-revocation-by-certificate",
		Breaks: RevocationAuthenticated,
		How:    "is content with the certificate where arrangements are revoked",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == authserver.EndpointArrangements }
		},
	}, {
		Name:   "cdr-revocation-by-jwt",
		Breaks: RevocationByForm,
		How:    "takes the JWT that is for data recipients",
		Policy: answers(func(r authserver.ArrangementRevocation, _ int) int {
			r.ByJWT = false
			return authserver.RevokesOwnArrangement(r)
		}),
	}, {
		Name:   "cdr-access-tokens-not-revoked",
		Breaks: TokensRevoked,
		How:    "answers the revocation of an access token with unsupported_token_type",
		Policy: func(p *authserver.Policy) { p.RevokesKind = func(kind string) bool { return kind != "access_token" } },
	}, {
		Name:   "cdr-introspection-tells-the-end-of-the-access-token",
		Breaks: IntrospectionTells, AlsoBreaks: requirements(AsLongAsShared),
		How: "tells the end of the access token as that of the refresh token",
		Policy: func(p *authserver.Policy) {
			p.IntrospectionSays = func(complete map[string]any) map[string]any {
				said := maps.Clone(complete)
				if end, ok := said["exp"].(int64); ok {
					said["exp"] = min(end, end-7_776_000+120)
				}
				return said
			}
		},
	}, {
		Name:   "cdr-introspection-without-the-arrangement",
		Breaks: IntrospectionTells,
		How:    "tells at introspection what its product does, and no arrangement",
		Policy: func(p *authserver.Policy) {
			p.TellsArrangement = func(at authserver.ArrangementPlace, id string) string {
				if at == authserver.ArrangementAtIntrospection {
					return ""
				}
				return id
			}
		},
	}, {
		Name:   "cdr-introspection-tells-the-user",
		Breaks: NoUsername,
		How:    "tells the name by which the user signs in",
		Policy: func(p *authserver.Policy) {
			p.IntrospectionSays = func(complete map[string]any) map[string]any {
				said := maps.Clone(complete)
				said["username"] = "alice"
				return said
			}
		},
	}, {
		Name:   "cdr-introspection-of-access-tokens",
		Breaks: RefreshTokensAlone,
		How:    "looks every kind of token up",
		Policy: func(p *authserver.Policy) {
			p.Introspected = func(s authserver.TokenState) bool { return authserver.GoodToken(s) }
		},
	}}
}

func tokenMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "cdr-certificate-authenticates",
		Breaks: KeysAlone, AlsoBreaks: requirements(fapi2sp.ConfidentialOnly),
		How: "is content with the certificate at the token endpoint",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool { return c.Endpoint == authserver.EndpointToken && c.Certificate }
		},
	}, {
		Name:            "cdr-announces-tls-client-auth",
		Breaks:          KeysAlone,
		How:             "announces tls_client_auth",
		OnMetadataAlone: true,
		Policy: announcing(func(said map[string]any) {
			said["token_endpoint_auth_methods_supported"] = []any{"private_key_jwt", "tls_client_auth"}
		}),
	}, {
		Name:   "cdr-assertions-for-the-issuer-alone",
		Breaks: Audiences,
		How:    "takes assertions for the issuer alone",
		Policy: func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool { return authserver.OnlyIssuer(a) }
		},
	}, {
		Name:   "cdr-assertions-again-at-another-endpoint",
		Breaks: AssertionOnce, AlsoBreaks: requirements(openid.AssertionOnce),
		How: "remembers the jti of assertions at each endpoint by itself",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				a.Seen = a.Seen && a.SeenAt == a.Endpoint
				return authserver.OwnAssertion(a)
			}
		},
	}, {
		Name:   "cdr-assertions-again-at-introspection",
		Breaks: AssertionOnce, AlsoBreaks: requirements(openid.AssertionOnce),
		How: "does not look whether an assertion was shown before where tokens are introspected",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				a.Seen = a.Seen && a.Endpoint != authserver.EndpointIntrospection
				return authserver.OwnAssertion(a)
			}
		},
	}, {
		Name:   "cdr-assertions-without-jti-at-token",
		Breaks: AssertionWhole, AlsoBreaks: requirements(openid.AssertionHasID),
		How: "wants a jti where requests are pushed, and none where tokens are refreshed",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				if a.ID == nil && a.Endpoint == authserver.EndpointToken && a.Grant == "refresh_token" {
					a.ID, a.Seen = "none", false
				}
				return authserver.OwnAssertion(a)
			}
		},
	}, {
		Name:   "cdr-assertions-without-jti",
		Breaks: AssertionWhole, AlsoBreaks: requirements(openid.AssertionHasID),
		How: "does not look for replays where there is no jti",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(a authserver.Assertion) bool {
				if a.ID == nil {
					a.ID, a.Seen = "none", false
				}
				return authserver.OwnAssertion(a)
			}
		},
	}, {
		Name:   "cdr-access-tokens-of-an-hour",
		Breaks: AccessTokenLife,
		How:    "has access tokens live as long as the client's settings say",
		Policy: func(p *authserver.Policy) { p.TokenLifetime = func() int { return 3600 } },
	}, {
		Name:   "cdr-refresh-tokens-rotate",
		Breaks: NoRotation,
		How:    "rotates refresh tokens, as its product does",
		Policy: func(p *authserver.Policy) {
			p.Rotation = func() authserver.Rotation { return authserver.ReplaceForgive }
		},
	}}
}

func claimMutants() []mutant.Mutant {
	claims := func(edit func(about authserver.IDToken, said map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			own := p.IDTokenClaims
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				said := maps.Clone(own(about, complete))
				edit(about, said)
				return said
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "cdr-acr-of-the-product",
		Breaks: LevelTold,
		How:    "tells in acr how its product signs users in",
		Policy: claims(func(_ authserver.IDToken, said map[string]any) { said["acr"] = "otp" }),
	}, {
		Name:   "cdr-level-not-looked-at",
		Breaks: LevelReached, Warns: true,
		How:    "signs users in at the level that it has, whatever is essential",
		Policy: func(p *authserver.Policy) { p.MeetsLevel = func([]string) bool { return true } },
	}, {
		Name:   "cdr-auth-time-with-max-age-alone",
		Breaks: AuthTimeTold,
		How:    "tells auth_time where a request has max_age, and nowhere else",
		Policy: claims(func(about authserver.IDToken, said map[string]any) {
			if !about.MaxAge {
				delete(said, "auth_time")
			}
		}),
	}, {
		Name:   "cdr-all-claims-told",
		Breaks: OthersIgnored,
		How:    "tells all claims that its directory has",
		Policy: func(p *authserver.Policy) {
			p.UserinfoClaims = func(_ authserver.IDToken, complete map[string]any) map[string]any {
				said := maps.Clone(complete)
				said["birthdate"] = "1970-01-01"
				return said
			}
		},
	}, {
		Name:   "cdr-all-claims-in-the-id-token",
		Breaks: OthersIgnored,
		How:    "tells all claims that its directory has in the id_token",
		Policy: claims(func(_ authserver.IDToken, said map[string]any) { said["birthdate"] = "1970-01-01" }),
	}, {
		Name:            "cdr-public-subjects",
		Breaks:          PairwiseSubject,
		How:             "announces public subjects",
		OnMetadataAlone: true,
		Policy:          announcing(func(said map[string]any) { said["subject_types_supported"] = []any{"public"} }),
	}, {
		Name:            "cdr-par-not-announced-as-required",
		Breaks:          PARAnnounced,
		How:             "does not say that PAR is required",
		OnMetadataAlone: true,
		Policy:          announcing(func(said map[string]any) { delete(said, "require_pushed_authorization_requests") }),
	}, {
		Name:            "cdr-metadata-of-the-product",
		Breaks:          MetadataWhole,
		How:             "serves the metadata of its product",
		OnMetadataAlone: true,
		Policy:          announcing(func(said map[string]any) { delete(said, "claims_supported") }),
	}, {
		Name:   "cdr-bound-tokens-not-announced",
		Breaks: BoundTokensAnnounced, AlsoBreaks: requirements(mtls.BindingAnnounced),
		How:             "does not say that access tokens are bound",
		OnMetadataAlone: true,
		Policy:          announcing(func(said map[string]any) { delete(said, "tls_client_certificate_bound_access_tokens") }),
	}, {
		Name:   "cdr-one-kid-for-two-keys",
		Breaks: KeysToldApart, AlsoBreaks: requirements(fapi2sp.KeyIDsDiffer),
		How: "has one kid for the key that it signs with and the one that it decrypts with",
		Policy: func(p *authserver.Policy) {
			p.PublishedKeys = func(complete []map[string]any) []map[string]any {
				var keys []map[string]any
				for _, key := range complete {
					key = maps.Clone(key)
					key["kid"] = complete[0]["kid"]
					keys = append(keys, key)
				}
				return keys
			}
		},
	}}
}

// announcing is a data holder that says something else in its metadata.
func announcing(change func(said map[string]any)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		own := p.Metadata
		p.Metadata = func(complete map[string]any) map[string]any {
			said := maps.Clone(own(complete))
			change(said)
			return said
		}
	}
}

func resourceMutants() []mutant.Mutant {
	version := func(served func(v authserver.Versions) (int, int)) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.ResourceVersion = served }
	}
	instead := func(usual int) func(*authserver.Policy) {
		return version(func(v authserver.Versions) (int, int) {
			served, status := authserver.HighestVersion(v)
			if status == usual && v.Version != "" {
				return 1, 0
			}
			return served, status
		})
	}
	lets := func(more func(authserver.BackChannel) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.LetsIn = func(c authserver.BackChannel) bool { return authserver.OfTheAuthority(c) || more(c) }
		}
	}
	return []mutant.Mutant{{
		Name:   "cdr-version-echoed",
		Breaks: VersionTold, AlsoBreaks: requirements(VersionHighest),
		How: "returns x-v of the request, whatever it serves",
		Policy: func(p *authserver.Policy) {
			p.VersionTold = func(v authserver.Versions, _ int) string { return v.Version }
		},
	}, {
		Name:   "cdr-version-by-default",
		Breaks: VersionWanted,
		How:    "serves the first version where none is asked for",
		Policy: version(func(v authserver.Versions) (int, int) {
			if v.Version == "" {
				return 1, 0
			}
			return authserver.HighestVersion(v)
		}),
	}, {
		Name:   "cdr-unknown-version-served",
		Breaks: VersionSupported, AlsoBreaks: requirements(ErrorsListed),
		How:    "serves what it has where there is no version that is asked for",
		Policy: instead(http.StatusNotAcceptable),
	}, {
		Name:   "cdr-unreadable-version-served",
		Breaks: VersionReadable,
		How:    "takes a version that it can't read for the first",
		Policy: instead(http.StatusBadRequest),
	}, {
		Name:   "cdr-version-before-the-point",
		Breaks: VersionReadable,
		How:    "reads what stands before the point of a version",
		Policy: version(func(v authserver.Versions) (int, int) {
			v.Version, _, _ = strings.Cut(v.Version, ".")
			return authserver.HighestVersion(v)
		}),
	}, {
		Name:   "cdr-least-version-of-zero",
		Breaks: VersionReadable,
		How:    "takes x-min-v 0 for none",
		Policy: version(func(v authserver.Versions) (int, int) {
			if v.Least == "0" {
				v.Least = ""
			}
			return authserver.HighestVersion(v)
		}),
	}, {
		Name:   "cdr-lowest-version-served",
		Breaks: VersionHighest,
		How:    "serves the lowest version of the range",
		Policy: version(func(v authserver.Versions) (int, int) {
			served, status := authserver.HighestVersion(v)
			if status == 0 && v.Least == v.Version {
				return 1, 0
			}
			return served, status
		}),
	}, {
		Name:   "cdr-errors-without-interaction",
		Breaks: InteractionReturned, AlsoBreaks: requirements(fapi1base.IDRepeated, fapi1base.IDMade),
		How:    "has errors made by a gateway that does not know x-fapi-interaction-id",
		Policy: func(p *authserver.Policy) { p.WithInteraction = func(status int) bool { return status < 400 } },
	}, {
		Name:   "cdr-errors-of-oauth",
		Breaks: ErrorsListed, Warns: true, AlsoBreaks: requirements(VersionWanted, VersionSupported, VersionReadable),
		How:    "answers errors of the resource as OAuth does",
		Policy: func(p *authserver.Policy) { p.ListsErrors = func() bool { return false } },
	}, {
		Name:   "cdr-certificates-wanted-and-not-needed",
		Breaks: CertificateDemanded,
		How:    "asks for certificates where requests are pushed, and does not need them",
		Policy: lets(func(c authserver.BackChannel) bool { return c.Endpoint == authserver.EndpointPAR && !c.Certificate }),
	}, {
		Name:   "cdr-authority-by-its-name",
		Breaks: AuthorityTrusted,
		How:    "looks whether there is a certificate, and at the name of its authority",
		Policy: lets(func(c authserver.BackChannel) bool { return c.Certificate && c.OwnNames }),
	}, {
		Name:   "cdr-authority-by-its-name-at-token",
		Breaks: AuthorityTrusted,
		How:    "looks at the name of the authority at the token endpoint, and verifies the chain elsewhere",
		Policy: lets(func(c authserver.BackChannel) bool {
			return c.Endpoint == authserver.EndpointToken && c.Certificate && c.OwnNames
		}),
	}, {
		Name:   "cdr-certificates-not-needed-at-revocation",
		Breaks: CertificateDemanded,
		How:    "does not need certificates where tokens are revoked",
		Policy: lets(func(c authserver.BackChannel) bool {
			return c.Endpoint == authserver.EndpointRevocation && !c.Certificate
		}),
	}, {
		Name:   "cdr-certificates-not-needed-where-arrangements-end",
		Breaks: CertificateDemanded,
		How:    "has added the revocation of arrangements to the listener that needs no certificates",
		Policy: lets(func(c authserver.BackChannel) bool {
			return c.Endpoint == authserver.EndpointArrangements && !c.Certificate
		}),
	}, {
		Name:   "cdr-self-signed-certificates",
		Breaks: AuthorityTrusted,
		How:    "looks whether there is a certificate",
		Policy: lets(func(c authserver.BackChannel) bool { return c.Certificate }),
	}, {
		Name:   "cdr-certificate-for-the-key-set",
		Breaks: PublicWithout, AlsoBreaks: requirements(fapi2sp.KeySetOverTLS),
		How:    "has one listener with mutual TLS for the key set too",
		Policy: func(p *authserver.Policy) { p.AsksAtFront = func(path string) bool { return path == "/jwks" } },
	}}
}
