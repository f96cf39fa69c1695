package openid

import (
	"crypto/sha256"
	"encoding/base64"
	"github.com/fapitest/fapitest/suites/jarm"
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/fapi2ms"
)

// Mutants returns the banks that break this document's requirements and no profile's. Those that break the profile as well stand there.
func Mutants() []mutant.Mutant {
	return slices.Concat(assertionMutants(), idTokenMutants(), refreshedMutants(), signatureMutants(), requestMutants(), userinfoMutants(), hybridMutants())
}

// claiming is a bank that puts other claims into id_tokens.
func claiming(change func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
			edited := maps.Clone(complete)
			change(about, edited)
			return edited
		}
	}
}

// says has a claim of id_tokens say something else; nil leaves it out.
func says(name string, value any) func(*authserver.Policy) {
	return claiming(func(_ authserver.IDToken, claims map[string]any) {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	})
}

func also(requirements ...*requirement.Requirement) []*requirement.Requirement { return requirements }

func idTokenMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:       "id-token-without-sub",
		Breaks:     ClaimsThere,
		AlsoBreaks: also(UserinfoSubject),
		How:        "leaves sub out of the id_token, and has it at userinfo alone",
		Policy:     says("sub", nil),
	}, {
		Name:   "id-token-without-exp",
		Breaks: ClaimsThere,
		How:    "leaves exp out of the id_token",
		Policy: says("exp", nil),
	}, {
		Name:   "id-token-without-iss",
		Breaks: ClaimsThere, AlsoBreaks: []*requirement.Requirement{PassesChecks},
		How:    "leaves iss out of the id_token",
		Policy: says("iss", nil),
	}, {
		Name:   "id-token-without-aud",
		Breaks: ClaimsThere,
		How:    "leaves aud out of the id_token, and has azp",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			delete(claims, "aud")
			claims["azp"] = about.Client
		}),
	}, {
		Name:   "id-token-with-iat-as-text",
		Breaks: ClaimsThere,
		How:    "writes iat as a date",
		Policy: says("iat", "2026-11-27T12:00:00Z"),
	}, {
		Name:   "sub-of-300-characters",
		Breaks: ClaimsThere,
		How:    "makes sub by encrypting everything that it knows of the user",
		Policy: func(p *authserver.Policy) {
			long := func(claims map[string]any) map[string]any {
				edited := maps.Clone(claims)
				edited["sub"] = strings.Repeat("A", 300)
				return edited
			}
			p.IDTokenClaims = func(_ authserver.IDToken, complete map[string]any) map[string]any { return long(complete) }
			p.UserinfoClaims = func(_ authserver.IDToken, complete map[string]any) map[string]any { return long(complete) }
		},
	}, {
		Name:   "sub-of-each-login",
		Breaks: ClaimsThere,
		How:    "makes a new sub at every login, for privacy",
		Policy: func(p *authserver.Policy) {
			fresh := func(about authserver.IDToken, claims map[string]any) map[string]any {
				edited := maps.Clone(claims)
				edited["sub"] = "user-" + about.Login
				return edited
			}
			p.IDTokenClaims, p.UserinfoClaims = fresh, fresh
		},
	}, {
		Name:   "nonce-missing-in-objects",
		Breaks: NonceReturned,
		How:    "keeps the nonce of the form, and has none where the request came in a request object",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if about.InObject {
				delete(claims, "nonce")
			}
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "nonce-missing-without-state",
		Breaks: NonceReturned,
		How:    "keeps the nonce beside the state, and has none where there was no state",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if !about.Stated {
				delete(claims, "nonce")
			}
		}),
	}, {
		Name:   "nonce-missing-for-other-clients",
		Breaks: NonceReturned,
		How:    "returns the nonce to the client for which that was switched on, and to no other of its kind",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if strings.HasSuffix(about.Client, "-second") {
				delete(claims, "nonce")
			}
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "aud-of-the-organisation",
		Breaks: PassesChecks,
		How:    "names the client that its organisation has registered first in the aud of the others",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			claims["aud"] = strings.TrimSuffix(about.Client, "-second")
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "azp-of-another",
		Breaks: AuthorizedParty,
		How:    "names itself in azp",
		Policy: claiming(func(_ authserver.IDToken, claims map[string]any) { claims["azp"] = claims["iss"] }),
	}, {
		Name:   "aud-of-another",
		Breaks: PassesChecks,
		How:    "names the client that was registered first in aud",
		Policy: says("aud", "the-first-client"),
	}, {
		Name:   "aud-is-the-resource",
		Breaks: PassesChecks,
		How:    "puts the audience of the access token into the id_token",
		Policy: claiming(func(_ authserver.IDToken, claims map[string]any) { claims["aud"] = []any{claims["iss"]} }),
	}, {
		Name:   "aud-in-other-case",
		Breaks: PassesChecks,
		How:    "keeps client_ids in capital letters, and puts them into aud so",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) { claims["aud"] = strings.ToUpper(about.Client) }),
	}, {
		Name:   "aud-over-certificates",
		Breaks: PassesChecks,
		How:    "names the subject of the certificate in aud, for clients that are known by one",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if strings.HasPrefix(about.Client, "tls-") {
				claims["aud"] = "CN=" + about.Client
			}
		}),
		Auth: "tls_client_auth",
	}, {
		Name:   "id-token-expired",
		Breaks: PassesChecks,
		How:    "counts the hours of its time zone into exp",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			claims["iat"], claims["exp"] = about.Now, about.Now-3300
		}),
	}, {
		Name:   "id-token-for-no-time",
		Breaks: PassesChecks,
		How:    "has the lifetime of id_tokens set to nothing",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) { claims["exp"] = about.Now }),
	}, {
		Name:   "iat-in-milliseconds",
		Breaks: PassesChecks,
		How:    "writes iat and exp in milliseconds",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			claims["iat"], claims["exp"] = about.Now*1000, about.Now*1000+300000
		}),
	}, {
		Name:   "iat-of-the-time-zone",
		Breaks: PassesChecks,
		How:    "takes its local time for UTC in iat",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			claims["iat"], claims["exp"] = about.Now+3600, about.Now+3900
		}),
	}, {
		Name:   "at-hash-whole",
		Breaks: AccessTokenHash, AlsoBreaks: []*requirement.Requirement{PassesChecks},
		How: "puts the whole hash of the access token into at_hash",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			claims["at_hash"] = hashOf(about.AccessToken, sha256.Size)
		}),
	}, {
		Name:   "nonce-missing-with-max-age",
		Breaks: NonceReturned,
		How:    "forgets the nonce where max_age is asked for",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if about.MaxAge {
				delete(claims, "nonce")
			}
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "others-checks-with-max-age",
		Breaks: PassesChecks,
		How:    "has id_tokens of another service where max_age is asked for: its issuer, its client, its times",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if about.MaxAge {
				claims["iss"], claims["aud"], claims["exp"], claims["at_hash"] = "https://other.example", "another", about.Now-1000, hashOf("another", sha256.Size/2)
			}
		}),
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "at-hash-of-the-login",
		Breaks: AccessTokenHash, AlsoBreaks: []*requirement.Requirement{PassesChecks},
		How: "makes at_hash from something else than the access token",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			claims["at_hash"] = hashOf(about.Login, sha256.Size/2)
		}),
	}, {
		Name:   "without-auth-time",
		Breaks: AuthTime,
		How:    "does not have auth_time, whatever max_age says",
		Policy: says("auth_time", nil),
	}, {
		Name:   "auth-time-as-text",
		Breaks: AuthTime,
		How:    "writes auth_time as a date",
		Policy: says("auth_time", "2026-11-27T12:00:00Z"),
	}, {
		Name:   "auth-time-in-milliseconds",
		Breaks: AuthTime,
		How:    "writes auth_time in milliseconds",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) { claims["auth_time"] = about.SignedIn * 1000 }),
	}, {
		Name:   "auth-time-of-the-enrolment",
		Breaks: AuthTime,
		How:    "has the time at which the user enrolled in auth_time",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) { claims["auth_time"] = about.SignedIn - 40*86400 }),
	}, {
		Name:   "essential-acr-missing",
		Breaks: EssentialACR,
		How:    "announces the claims parameter, and does not know acr",
		Policy: says("acr", nil),
	}, {
		Name:   "claims-parameter-ignored",
		Breaks: EssentialACR,
		How:    "announces the claims parameter, and does not read it",
		Policy: claiming(func(about authserver.IDToken, claims map[string]any) {
			if about.EssentialACR {
				delete(claims, "acr")
				delete(claims, "name")
			}
		}),
	}}
}

// hashOf is so many bytes of the hash of a text, in base64url.
func hashOf(text string, bytes int) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:bytes])
}

// refreshedMutants are right when a code is redeemed, and not when tokens are refreshed.
func refreshedMutants() []mutant.Mutant {
	refreshed := func(change func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return claiming(func(about authserver.IDToken, claims map[string]any) {
			if about.Refreshed {
				change(about, claims)
			}
		})
	}
	return []mutant.Mutant{{
		Name:   "refreshed-auth-time",
		Breaks: PassesChecks,
		How:    "has the time of the refresh in auth_time",
		Policy: refreshed(func(about authserver.IDToken, claims map[string]any) { claims["auth_time"] = about.Now }),
	}, {
		Name:   "refreshed-aud",
		Breaks: PassesChecks,
		How:    "has the resource in the aud of an id_token that comes with a refresh",
		Policy: refreshed(func(_ authserver.IDToken, claims map[string]any) { claims["aud"] = claims["iss"] }),
	}, {
		Name:   "refreshed-sub",
		Breaks: PassesChecks,
		How:    "has the user's name in sub when tokens are refreshed",
		Policy: refreshed(func(_ authserver.IDToken, claims map[string]any) { claims["sub"] = "alice" }),
	}, {
		Name:   "refreshed-iss",
		Breaks: PassesChecks,
		How:    "has the issuer with a slash when tokens are refreshed",
		Policy: refreshed(func(_ authserver.IDToken, claims map[string]any) { claims["iss"] = claims["iss"].(string) + "/" }),
	}, {
		Name:   "refreshed-nonce",
		Breaks: PassesChecks,
		How:    "makes a nonce of its own when tokens are refreshed",
		Policy: refreshed(func(about authserver.IDToken, claims map[string]any) { claims["nonce"] = about.Login }),
	}, {
		Name:   "refreshed-with-the-old-times",
		Breaks: PassesChecks,
		How:    "copies the id_token of the login when tokens are refreshed, which has expired by then",
		Policy: refreshed(func(about authserver.IDToken, claims map[string]any) {
			claims["iat"], claims["exp"] = about.Now-7200, about.Now-6900
		}),
	}, {
		Name:   "refreshed-at-hash",
		Breaks: PassesChecks,
		How:    "copies at_hash of the login when tokens are refreshed",
		Policy: refreshed(func(about authserver.IDToken, claims map[string]any) {
			claims["at_hash"] = hashOf(about.Login, sha256.Size/2)
		}),
	}, {
		Name:   "refreshed-without-exp",
		Breaks: ClaimsThere,
		How:    "leaves exp out of id_tokens of a refresh",
		Policy: refreshed(func(_ authserver.IDToken, claims map[string]any) { delete(claims, "exp") }),
	}, {
		Name:   "refreshed-iat-as-text",
		Breaks: ClaimsThere,
		How:    "writes iat of id_tokens of a refresh as a text",
		Policy: refreshed(func(_ authserver.IDToken, claims map[string]any) { claims["iat"] = "now" }),
	}, {
		Name:   "refreshed-kid-of-another-set",
		Breaks: KeyNamed,
		How:    "names keys in headers of id_tokens of a refresh as its key store does",
		Policy: func(p *authserver.Policy) {
			p.SigningHeader = func(kind string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if kind == authserver.KindRefreshed {
					edited["kid"] = "keystore-alias-1"
				}
				return edited
			}
		},
	}}
}

func signatureMutants() []mutant.Mutant {
	heads := func(change func(header map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SigningHeader = func(kind string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if kind == "id_token" {
					change(edited)
				}
				return edited
			}
		}
	}
	published := func(member string, value any) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PublishedKeys = func(complete []map[string]any) []map[string]any {
				changed := slices.Clone(complete)
				changed[0] = maps.Clone(changed[0])
				changed[0][member] = value
				return changed
			}
		}
	}
	// A key like one that the bank has made, and has not put into use.
	next := map[string]any{"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
	return []mutant.Mutant{{
		Name:       "key-set-is-old",
		Breaks:     PassesChecks,
		AlsoBreaks: []*requirement.Requirement{fapi2ms.IntrospectionSigned, jarm.SignedFirst},
		How:        "publishes the key before the last one, under the name of the one that is in use",
		Policy: func(p *authserver.Policy) {
			p.PublishedKeys = func(complete []map[string]any) []map[string]any {
				changed := slices.Clone(complete)
				changed[0] = maps.Clone(changed[0])
				maps.Copy(changed[0], next)
				return changed
			}
		},
	}, {
		Name:   "key-set-for-encryption",
		Breaks: PassesChecks,
		How:    "publishes the key by which it signs as one for encryption",
		Policy: published("use", "enc"),
	}, {
		Name:   "key-set-of-another-algorithm",
		Breaks: PassesChecks,
		How:    "publishes the key by which it signs as one for PS256",
		Policy: published("alg", "PS256"),
		Warns:  true,
	}, {
		Name:   "kid-of-another-set",
		Breaks: KeyNamed,
		How:    "names keys in headers as its key store does, and in the key set by their thumbprints",
		Policy: heads(func(header map[string]any) { header["kid"] = "keystore-alias-1" }),
	}, {
		Name:   "kid-missing",
		Breaks: KeyNamed,
		How:    "has several keys in the key set, and no kid in headers",
		Policy: heads(func(header map[string]any) { delete(header, "kid") }),
	}, {
		Name:   "kid-of-the-next-key",
		Breaks: KeyNamed,
		How:    "names the key that comes next before it signs by it",
		Policy: func(p *authserver.Policy) {
			heads(func(header map[string]any) { header["kid"] = "next" })(p)
			p.PublishedKeys = func(complete []map[string]any) []map[string]any {
				other := maps.Clone(complete[0])
				maps.Copy(other, next)
				other["kid"] = "next"
				return append(slices.Clone(complete), other)
			}
		},
	}, {
		Name:   "id-token-with-jwk",
		Breaks: NoKeysInHeader,
		How:    "has its key in the header of id_tokens",
		Policy: heads(func(header map[string]any) {
			header["jwk"] = map[string]any{"kty": "EC", "crv": "P-256", "x": next["x"], "y": next["y"]}
		}),
	}}
}

func requestMutants() []mutant.Mutant {
	silently := func(becomes authserver.Silence) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Silently = func([]string) authserver.Silence { return becomes }
		}
	}
	resumes := func(resumes func(authserver.Resumption) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Resumes = resumes }
	}
	without := func(blind func(*authserver.Resumption)) func(*authserver.Policy) {
		return resumes(func(r authserver.Resumption) bool {
			blind(&r)
			return authserver.Fresh(r)
		})
	}
	return []mutant.Mutant{{
		Name:   "prompt-none-shows-the-login",
		Breaks: NoPageAtNone,
		How:    "does not know prompt=none, and shows the login form",
		Policy: silently(authserver.LoginAnyway),
	}, {
		Name:   "prompt-none-gives-a-code",
		Breaks: NoPageAtNone,
		How:    "takes prompt=none for leave to ask nobody, and gives a code for the user who was there last",
		Policy: silently(authserver.GrantAnyway),
	}, {
		Name:   "prompt-not-read-in-objects",
		Breaks: NoPageAtNone,
		How:    "reads prompt, max_age and claims in forms, and not in request objects",
		Policy: func(p *authserver.Policy) { p.GoesByOpenID = func(inObject bool) bool { return !inObject } },
	}, {
		Name:   "prompt-none-on-a-page",
		Breaks: NoPageAtNone,
		How:    "answers prompt=none with an error page",
		Policy: silently(authserver.ErrorOnPage),
		Warns:  true,
	}, {
		Name:   "prompt-none-with-others",
		Breaks: NoneAlone,
		How:    "compares prompt with none as a whole, and passes over none beside other values",
		Policy: func(p *authserver.Policy) {
			p.PromptValues = func([]string) bool { return true }
			p.Silently = func(prompt []string) authserver.Silence {
				if len(prompt) > 1 {
					return authserver.LoginAnyway
				}
				return authserver.LoginRequired
			}
		},
	}, {
		Name:   "prompt-none-behind-others",
		Breaks: NoneAlone,
		How:    "looks at the first value of prompt alone",
		Policy: func(p *authserver.Policy) {
			p.PromptValues = func(values []string) bool { return authserver.NoneAlone(values) || values[0] != "none" }
			p.Silently = func(prompt []string) authserver.Silence {
				if prompt[0] != "none" {
					return authserver.LoginAnyway
				}
				return authserver.LoginRequired
			}
		},
	}, {
		Name:   "prompt-login-ignored",
		Breaks: LoginAtPrompt,
		How:    "has sessions, and does not look at prompt=login",
		Policy: without(func(r *authserver.Resumption) { r.Prompt = nil }),
	}, {
		Name:   "prompt-login-beside-others-ignored",
		Breaks: LoginAtPrompt,
		How:    "has sessions, and compares prompt with login as a whole",
		Policy: resumes(func(r authserver.Resumption) bool {
			return authserver.Fresh(r) || slices.Contains(r.Prompt, "login") && len(r.Prompt) > 1
		}),
	}, {
		Name:   "max-age-of-zero-ignored-where-consent-is-asked-for",
		Breaks: LoginAtMaxAge,
		How:    "has sessions, and takes it that whoever wants consent has no other wish",
		Policy: resumes(func(r authserver.Resumption) bool {
			return authserver.Fresh(r) || r.MaxAge != "" && slices.Contains(r.Prompt, "consent") && !slices.Contains(r.Prompt, "login")
		}),
	}, {
		Name:   "prompt-login-keeps-auth-time",
		Breaks: LoginAtPrompt,
		How:    "shows the login form at prompt=login, and keeps auth_time of the session",
		Policy: func(p *authserver.Policy) {
			p.KeepsFirstLogin = func(r authserver.Resumption) bool { return slices.Contains(r.Prompt, "login") }
		},
	}, {
		Name:   "prompt-login-renews-auth-time",
		Breaks: LoginAtPrompt,
		How:    "goes by the session at prompt=login, and has auth_time of this moment",
		Policy: func(p *authserver.Policy) {
			p.Resumes = func(r authserver.Resumption) bool { return authserver.Fresh(r) || slices.Contains(r.Prompt, "login") }
			p.RenewsAuthTime = func(r authserver.Resumption) bool { return slices.Contains(r.Prompt, "login") }
		},
		Warns: true,
	}, {
		Name:   "max-age-renews-auth-time",
		Breaks: LoginAtMaxAge,
		How:    "goes by the session where the login is older than max_age, and has auth_time of this moment",
		Policy: func(p *authserver.Policy) {
			p.Resumes = func(r authserver.Resumption) bool { return authserver.Fresh(r) || len(r.Prompt) == 0 }
			p.RenewsAuthTime = func(r authserver.Resumption) bool { return !authserver.Fresh(r) }
		},
		Warns: true,
	}, {
		Name:   "sessions-renew-auth-time",
		Breaks: AuthTime,
		How:    "has auth_time of the moment at which it goes by a session",
		Policy: func(p *authserver.Policy) {
			p.Resumes = authserver.Fresh
			p.RenewsAuthTime = func(authserver.Resumption) bool { return true }
		},
		Warns: true,
	}, {
		Name:   "max-age-ignored",
		Breaks: LoginAtMaxAge,
		How:    "has sessions, and does not look at max_age",
		Policy: without(func(r *authserver.Resumption) { r.MaxAge = "" }),
	}, {
		Name:   "max-age-of-zero-is-none",
		Breaks: LoginAtMaxAge,
		How:    "has sessions, and takes a max_age of 0 for none",
		Policy: without(func(r *authserver.Resumption) {
			if r.MaxAge == "0" {
				r.MaxAge = ""
			}
		}),
	}, {
		Name:   "max-age-in-minutes",
		Breaks: LoginAtMaxAge,
		How:    "takes max_age for minutes",
		Policy: without(func(r *authserver.Resumption) { r.Since /= 60 }),
	}, {
		Name:   "max-age-keeps-auth-time",
		Breaks: LoginAtMaxAge,
		How:    "shows the login form where max_age is over, and keeps auth_time of the session",
		Policy: func(p *authserver.Policy) {
			p.KeepsFirstLogin = func(r authserver.Resumption) bool { return r.MaxAge != "" }
		},
	}}
}

func userinfoMutants() []mutant.Mutant {
	tells := func(change func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.UserinfoClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				change(about, edited)
				return edited
			}
		}
	}
	answers := func(media string, signed bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.UserinfoForm = func(authserver.IDToken) (string, bool) { return media, signed }
		}
	}
	signs := func(algorithm string, seals func(compact string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			answers("application/jwt", true)(p)
			authserver.Signing("userinfo", algorithm)(p)
			if seals != nil {
				p.UserinfoSealed = seals
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "userinfo-without-sub",
		Breaks: UserinfoAnswers,
		How:    "answers at userinfo with the name of the user, and without sub",
		Policy: tells(func(_ authserver.IDToken, claims map[string]any) { delete(claims, "sub") }),
	}, {
		Name:   "userinfo-without-sub-by-post",
		Breaks: UserinfoAnswers,
		How:    "leaves sub out where userinfo is asked by POST",
		Policy: tells(func(about authserver.IDToken, claims map[string]any) {
			if about.Posted {
				delete(claims, "sub")
			}
		}),
	}, {
		Name:   "userinfo-without-sub-after-refresh",
		Breaks: UserinfoAnswers,
		How:    "leaves sub out at userinfo for access tokens that were refreshed",
		Policy: tells(func(about authserver.IDToken, claims map[string]any) {
			if about.Refreshed {
				delete(claims, "sub")
			}
		}),
	}, {
		Name:   "userinfo-for-caches",
		Breaks: UserinfoAnswers,
		How:    "has its content delivery network keep the answers of userinfo for a minute",
		Policy: func(p *authserver.Policy) { p.UserinfoCaching = func() string { return "public, max-age=60" } },
		Warns:  true,
	}, {
		Name:   "userinfo-for-shared-caches",
		Breaks: UserinfoAnswers,
		How:    "keeps the answers of userinfo out of browsers, and not out of the caches before it",
		Policy: func(p *authserver.Policy) { p.UserinfoCaching = func() string { return "max-age=0, S-MaxAge=60" } },
		Warns:  true,
	}, {
		Name:   "userinfo-of-another-sub",
		Breaks: UserinfoSubject,
		How:    "has pairwise identifiers in id_tokens, and the user's own at userinfo",
		Policy: tells(func(_ authserver.IDToken, claims map[string]any) { claims["sub"] = "alice" }),
	}, {
		Name:   "userinfo-of-another-case",
		Breaks: UserinfoSubject,
		How:    "has sub in capital letters at userinfo",
		Policy: tells(func(_ authserver.IDToken, claims map[string]any) {
			claims["sub"] = strings.ToUpper(claims["sub"].(string))
		}),
	}, {
		Name:   "userinfo-of-another-sub-by-post",
		Breaks: UserinfoSubject,
		How:    "has the user's name in sub at userinfo where that is asked by POST",
		Policy: tells(func(about authserver.IDToken, claims map[string]any) {
			if about.Posted {
				claims["sub"] = "alice"
			}
		}),
	}, {
		Name:   "userinfo-of-another-sub-after-refresh",
		Breaks: UserinfoSubject,
		How:    "has the user's name in sub at userinfo for access tokens that were refreshed",
		Policy: tells(func(about authserver.IDToken, claims map[string]any) {
			if about.Refreshed {
				claims["sub"] = "alice"
			}
		}),
	}, {
		Name:   "userinfo-jwt-unsigned",
		Breaks: UserinfoForm,
		How:    "answers at userinfo with a JWT of alg none",
		Policy: signs("none", nil),
	}, {
		Name:   "userinfo-jwt-unsigned-by-post",
		Breaks: UserinfoForm,
		How:    "answers at userinfo with JSON, and by POST with a JWT of alg none",
		Policy: func(p *authserver.Policy) {
			authserver.Signing("userinfo", "none")(p)
			p.UserinfoForm = func(about authserver.IDToken) (string, bool) {
				if about.Posted {
					return "application/jwt", true
				}
				return "application/json", false
			}
		},
	}, {
		Name:   "userinfo-jwt-by-a-secret",
		Breaks: UserinfoForm,
		How:    "answers at userinfo with a JWT by HS256",
		Policy: signs("HS256", nil),
		Warns:  true,
	}, {
		Name:   "userinfo-jwt-of-another",
		Breaks: UserinfoForm,
		How:    "caches the signature of the JWT at userinfo, and puts it behind whatever it says",
		Policy: signs("ES256", func(compact string) string {
			head, signature, _ := strings.Cut(compact, ".")
			claims, signature, _ := strings.Cut(signature, ".")
			return head + "." + claims + "." + signature[4:] + signature[:4]
		}),
	}, {
		Name:   "userinfo-jwt-without-its-signature",
		Breaks: UserinfoForm,
		How:    "cuts the signature off the JWT at userinfo, as its gateway has checked it",
		Policy: signs("ES256", func(compact string) string { return compact[:strings.LastIndexByte(compact, '.')+1] }),
	}, {
		Name:   "userinfo-as-text",
		Breaks: UserinfoForm,
		How:    "calls the answer of userinfo text/plain",
		Policy: answers("text/plain; charset=utf-8", false),
	}, {
		Name:   "userinfo-jwt-as-json",
		Breaks: UserinfoForm,
		How:    "calls the JWT at userinfo application/json",
		Policy: answers("application/json", true),
	}, {
		Name:   "userinfo-json-as-jwt",
		Breaks: UserinfoForm,
		How:    "calls the JSON at userinfo application/jwt",
		Policy: answers("application/jwt", false),
	}}
}
