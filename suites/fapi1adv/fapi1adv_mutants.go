package fapi1adv

import (
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/fapi1base"
	"github.com/fapitest/fapitest/suites/fapi2ms"
	"github.com/fapitest/fapitest/suites/jarm"
	"github.com/fapitest/fapitest/suites/openid"
	"github.com/fapitest/fapitest/suites/par"
	"github.com/fapitest/fapitest/suites/pkce"
)

// Mutants returns the banks that break what FAPI 1.0 Advanced asks.
func Mutants() []mutant.Mutant {
	all := slices.Concat(requestMutants(), responseMutants(), securityMutants())
	for i := range all {
		all[i].Profile = byValue
	}
	return slices.Concat(all, pushedMutants(), borrowed())
}

// The ways that banks of these mutants go.
const (
	byValue  = "fapi1-advanced"
	baseline = "fapi1-baseline"
	pushed   = "fapi1-advanced/pushed+jarm"
)

// second says whether a client is another one of its kind than the one that experiments run as.
func second(client string) bool { return strings.HasSuffix(client, "-second") }

func requestMutants() []mutant.Mutant {
	life := func(accept func(authserver.ObjectLife) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.ObjectLife = accept }
	}
	const hour = 3600
	return []mutant.Mutant{{
		Name:   "advanced-unsigned-by-value",
		Breaks: SignedOnly, AlsoBreaks: []*requirement.Requirement{fapi2ms.SignedOnly, par.SignedOnly},
		How:    "reads the parameters in the URL where there is no request object",
		Policy: func(p *authserver.Policy) { p.NeedsPushing = func() bool { return false } },
	}, {
		Name:   "advanced-unsigned-of-the-second-client",
		Breaks: SignedOnly, AlsoBreaks: []*requirement.Requirement{fapi2ms.SignedOnly, par.SignedOnly},
		How: "demands request objects of the first client alone",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return second(a.Client) }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "advanced-alg-none-by-value",
		Breaks: SignedOnly,
		How:    "takes a request object with alg none for a request object",
		Policy: func(p *authserver.Policy) { p.UnsignedObject = func(authserver.Bare) bool { return true } },
	}, {
		Name:   "advanced-parameters-beside-count",
		Breaks: InsideOnly, AlsoBreaks: []*requirement.Requirement{par.ObjectAlone},
		How: "lets what stands in the URL beside the request object win over what is in it",
		Policy: func(p *authserver.Policy) {
			p.BesideObject = func(name string) bool { return name == "nonce" || name == "state" }
		},
	}, {
		Name:   "advanced-redirect-beside-counts",
		Breaks: InsideOnly, AlsoBreaks: []*requirement.Requirement{par.ObjectAlone},
		How: "fills in from the URL the redirect_uri that the request object lacks",
		Policy: func(p *authserver.Policy) {
			p.BesideObject = func(name string) bool { return name == "redirect_uri" }
		},
	}, {
		Name:   "advanced-nonce-beside-fills-in",
		Breaks: InsideOnly, AlsoBreaks: []*requirement.Requirement{par.ObjectAlone},
		How:    "fills in from the URL the nonce that the request object lacks",
		Policy: func(p *authserver.Policy) { p.FillsObject = func(name string) bool { return name == "nonce" } },
	}, {
		Name:   "advanced-answers-to-the-redirect-uri-beside",
		Breaks: InsideOnly, AlsoBreaks: []*requirement.Requirement{par.ObjectAlone},
		How: "answers to the redirect_uri in the URL, having compared that in the request object with the registration",
		Policy: func(p *authserver.Policy) {
			p.AnswerTo = func(pushed, front string) string {
				if front != "" {
					return front
				}
				return pushed
			}
		},
	}, {
		Name:   "advanced-objects-without-end",
		Breaks: EndGiven,
		How:    "takes request objects that say no end",
		Policy: life(func(l authserver.ObjectLife) bool {
			return authserver.WithinTheHour(l) || l.Exp == nil && l.Nbf != nil && *l.Nbf >= l.Now-hour
		}),
	}, {
		Name:   "advanced-objects-that-have-ended",
		Breaks: EndGiven,
		How:    "looks at how long a request object holds, and not at whether it has ended",
		Policy: life(func(l authserver.ObjectLife) bool {
			return l.Nbf != nil && l.Exp != nil && *l.Nbf >= l.Now-hour && *l.Exp <= *l.Nbf+hour
		}),
	}, {
		Name:   "advanced-objects-of-a-day",
		Breaks: EndGiven,
		How:    "compares exp with the clock, and not with nbf",
		Policy: life(func(l authserver.ObjectLife) bool {
			return l.Nbf != nil && l.Exp != nil && *l.Nbf >= l.Now-hour && *l.Exp > l.Now
		}),
	}, {
		Name:   "advanced-objects-from-now-on",
		Breaks: EndGiven,
		How:    "counts the hour of a request object from now instead of from nbf",
		Policy: life(func(l authserver.ObjectLife) bool {
			return l.Nbf != nil && l.Exp != nil && *l.Nbf >= l.Now-hour && *l.Exp > l.Now && *l.Exp <= l.Now+hour
		}),
	}, {
		Name:   "advanced-objects-without-begin",
		Breaks: BegunLately,
		How:    "takes request objects that say no begin",
		Policy: life(func(l authserver.ObjectLife) bool {
			return authserver.WithinTheHour(l) || l.Nbf == nil && l.Exp != nil && *l.Exp > l.Now && *l.Exp <= l.Now+hour
		}),
	}, {
		Name:   "advanced-objects-of-long-ago",
		Breaks: BegunLately,
		How:    "looks at when a request object ends, and not at when it began",
		Policy: life(func(l authserver.ObjectLife) bool {
			return authserver.WithinTheHour(l) || l.Nbf != nil && l.Exp != nil && *l.Nbf < l.Now-hour && *l.Exp > l.Now && *l.Exp <= l.Now+hour
		}),
	}, {
		Name:   "advanced-objects-for-anybody",
		Breaks: AudienceCompared,
		How:    "does not look at aud of a request object",
		Policy: func(p *authserver.Policy) { p.ObjectAudience = func(authserver.ObjectAudience) bool { return true } },
	}, {
		Name:   "advanced-objects-for-anybody-of-the-second-client",
		Breaks: AudienceCompared,
		How:    "looks at aud of the request objects of the client for which that was switched on",
		Policy: func(p *authserver.Policy) {
			p.ObjectAudience = func(a authserver.ObjectAudience) bool { return second(a.Client) || authserver.ForTheIssuer(a) }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "advanced-objects-without-end-of-the-second-client",
		Breaks: EndGiven,
		How:    "takes request objects that say no end of the client that has asked for it",
		Policy: life(func(l authserver.ObjectLife) bool {
			return authserver.WithinTheHour(l) || second(l.Client) && l.Exp == nil && l.Nbf != nil && *l.Nbf >= l.Now-hour
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "advanced-objects-for-nobody",
		Breaks: AudienceCompared,
		How:    "compares aud of a request object where it has one",
		Policy: func(p *authserver.Policy) {
			p.ObjectAudience = func(a authserver.ObjectAudience) bool { return a.Value == nil || authserver.ForTheIssuer(a) }
		},
	}, {
		Name:   "advanced-objects-for-a-list",
		Breaks: AudienceAccepted,
		How:    "reads aud of a request object as a text, which a list is not",
		Policy: func(p *authserver.Policy) {
			p.ObjectAudience = func(a authserver.ObjectAudience) bool {
				_, list := a.Value.([]any)
				return !list && authserver.ForTheIssuer(a)
			}
		},
	}, {
		Name:   "advanced-objects-of-nobody",
		Breaks: ObjectsTaken,
		How:    "has request objects switched off for clients that authenticate by a certificate",
		Policy: func(p *authserver.Policy) {
			p.ObjectSigner = func(s authserver.ObjectSigner) bool {
				return s.Signer == s.Client && !strings.HasPrefix(s.Client, "tls-")
			}
		},
		Auth: "tls_client_auth",
	}}
}

func responseMutants() []mutant.Mutant {
	types := func(accept func(sent string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			usual := p.ResponseType
			p.ResponseType = func(sent string, present bool) bool { return usual(sent, present) || accept(sent) }
		}
	}
	claims := func(edit func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := map[string]any{}
				for name, value := range complete {
					edited[name] = value
				}
				if about.Code != "" {
					edit(about, edited)
				}
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "advanced-plain-code",
		Breaks: ResponseTypes,
		How:    "serves response_type=code as well, without a signed response",
		Policy: types(func(sent string) bool { return sent == "code" }),
	}, {
		Name:   "advanced-token-in-the-browser",
		Breaks: ResponseTypes, AlsoBreaks: []*requirement.Requirement{fapi1base.ResponseTypes},
		How:    "hands out access tokens in the browser where a client asks for them beside the code",
		Policy: types(func(sent string) bool { return strings.Contains(sent, "token") }),
	}, {
		Name:   "advanced-code-not-hashed",
		Breaks: CodeHashed,
		How:    "leaves c_hash out of the id_token beside the code",
		Policy: claims(func(_ authserver.IDToken, claims map[string]any) { delete(claims, "c_hash") }),
	}, {
		Name:   "advanced-code-hashed-whole",
		Breaks: CodeHashed,
		How:    "makes c_hash of something else than the code of this response",
		Policy: claims(func(about authserver.IDToken, claims map[string]any) { claims["c_hash"] = claims["s_hash"] }),
	}, {
		Name:   "advanced-code-not-hashed-for-the-second-client",
		Breaks: CodeHashed,
		How:    "makes detached signatures for the client for which that was switched on",
		Policy: claims(func(about authserver.IDToken, claims map[string]any) {
			if second(about.Client) {
				delete(claims, "c_hash")
			}
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "advanced-state-not-hashed",
		Breaks: StateHashed,
		How:    "knows c_hash from OpenID Connect, and s_hash from nowhere",
		Policy: claims(func(_ authserver.IDToken, claims map[string]any) { delete(claims, "s_hash") }),
	}, {
		Name:   "advanced-state-hashed-as-it-is",
		Breaks: StateHashed,
		How:    "repeats the state in s_hash instead of hashing it",
		Policy: claims(func(about authserver.IDToken, claims map[string]any) { claims["s_hash"] = about.State }),
	}, {
		Name:   "advanced-name-in-the-browser",
		Breaks: NothingPersonal,
		How:    "has the id_token beside the code say the end user's name",
		Policy: claims(func(_ authserver.IDToken, claims map[string]any) { claims["name"] = "Alice" }),
	}, {
		Name:   "advanced-no-id-token",
		Breaks: OpenIDSupported,
		How:    "answers code id_token with the code alone",
		Policy: func(p *authserver.Policy) { p.IDTokenBeside = func() bool { return false } },
	}, {
		Name:   "advanced-answer-in-the-query",
		Breaks: OpenIDSupported,
		How:    "answers code id_token in the query, as it answers code",
		Policy: func(p *authserver.Policy) { p.HybridInFragment = func(isError bool) bool { return isError } },
	}, {
		Name:   "advanced-error-in-the-query",
		Breaks: OpenIDSupported,
		How:    "answers code id_token in the fragment, and errors in the query",
		Policy: func(p *authserver.Policy) { p.HybridInFragment = func(isError bool) bool { return !isError } },
		Warns:  true,
	}, {
		Name:   "advanced-front-token-unsigned",
		Breaks: IDTokenSigned,
		How:    "does not sign the id_token that goes through the browser: the one that counts comes from the token endpoint",
		Policy: authserver.Signing("detached", "none"),
	}}
}

func securityMutants() []mutant.Mutant {
	claims := func(edit func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edit(about, edited)
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "advanced-front-token-by-eddsa",
		Breaks: Algorithms,
		How:    "signs the id_token beside the code by EdDSA, as FAPI 2.0 has it",
		Policy: authserver.Signing("detached", "EdDSA"),
	}, {
		Name:   "advanced-suites-with-ccm",
		Breaks: FewSuites,
		How:    "takes suites that are good, and that the text does not have",
		Policy: policyOf("tls-ccm"),
	}, {
		Name:   "advanced-rsa15-announced",
		Breaks: NoRSA15,
		How:    "lists RSA1_5 among the algorithms by which request objects may be encrypted",
		Policy: func(p *authserver.Policy) {
			usual := p.Metadata
			p.Metadata = func(complete map[string]any) map[string]any {
				said := maps.Clone(usual(complete))
				said["request_object_encryption_alg_values_supported"] = []any{"ECDH-ES", "RSA1_5"}
				return said
			}
		},
		OnMetadataAlone: true,
	}, {
		Name:   "advanced-front-token-open",
		Breaks: BothEncrypted,
		How:    "encrypts the id_token of the token response, and not the one that goes through the browser",
		Policy: func(p *authserver.Policy) {
			p.EncryptsIDTokens = func() bool { return true }
			p.IDTokenForm = func(about authserver.IDToken, encrypts bool) authserver.TokenForm {
				return authserver.SignedFirst(encrypts && about.Code == "")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "advanced-state-not-hashed-for-the-second-client",
		Breaks: StateHashed,
		How:    "makes s_hash for the client for which that was switched on",
		Policy: claims(func(about authserver.IDToken, claims map[string]any) {
			if second(about.Client) {
				delete(claims, "s_hash")
			}
		}),
		Auth: "private_key_jwt",
	}, {
		Name:   "advanced-front-token-of-another-user",
		Breaks: openid.SameUser,
		How:    "makes a subject of the authorization for the id_token beside the code, and one of the user for the other",
		Policy: claims(func(about authserver.IDToken, claims map[string]any) {
			if about.Code != "" {
				claims["sub"] = "of an authorization"
			}
		}),
	}}
}

func pushedMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:    "pushed-without-pkce",
		Breaks:  PushedWithPKCE,
		How:     "leaves PKCE to the client, as it does for requests by value",
		Policy:  func(p *authserver.Policy) { p.WaivesChallenge = func(authserver.Asked) bool { return true } },
		Profile: pushed,
	}, {
		Name:    "pushed-with-plain-pkce",
		Breaks:  PushedWithPKCE,
		How:     "takes the PKCE method plain",
		Policy:  func(p *authserver.Policy) { p.ChallengeMethod = func(sent string, _ bool) string { return sent } },
		Profile: pushed,
	}, {
		Name:   "pushed-without-verifier",
		Breaks: PushedWithPKCE, AlsoBreaks: []*requirement.Requirement{pkce.ChallengeOfCode},
		How:     "does not compare the verifier",
		Policy:  func(p *authserver.Policy) { p.VerifierMatches = func(authserver.Verifier) bool { return true } },
		Profile: pushed,
	}, {
		Name:   "pushed-objects-of-long-ago",
		Breaks: BegunLately,
		How:    "looks at when a pushed request object ends, and not at when it began",
		Policy: func(p *authserver.Policy) {
			p.ObjectLife = func(l authserver.ObjectLife) bool {
				const hour = 3600
				return authserver.WithinTheHour(l) || l.Nbf != nil && l.Exp != nil && *l.Nbf < l.Now-hour && *l.Exp > l.Now && *l.Exp <= l.Now+hour
			}
		},
		Profile: pushed,
	}, {
		Name:   "pushed-id-token-in-the-query",
		Breaks: jarm.NoTokenInQuery,
		How:    "serves code id_token as well, in whatever signed mode is asked for",
		Policy: func(p *authserver.Policy) {
			usual := p.ResponseType
			p.ResponseType = func(sent string, present bool) bool { return usual(sent, present) || sent == "code id_token" }
		},
		Profile: pushed,
	}}
}
