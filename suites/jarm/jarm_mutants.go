package jarm

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this document's requirements and nothing else.
func Mutants() []mutant.Mutant {
	return slices.Concat(claimMutants(), insideMutants(), signatureMutants(), placeMutants(), earlyMutants())
}

// about is a response that a mistake may be made with.
type about = authserver.SignedResponse

// edits changes the claims of responses.
func edits(edit func(r about, claims map[string]any)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ResponseClaims = func(r about, complete map[string]any) map[string]any {
			edited := maps.Clone(complete)
			edit(r, edited)
			return edited
		}
	}
}

func without(name string, when func(r about) bool) func(*authserver.Policy) {
	return edits(func(r about, claims map[string]any) {
		if when(r) {
			delete(claims, name)
		}
	})
}

func always(about) bool     { return true }
func inErrors(r about) bool { return r.Error != "" }
func byForm(r about) bool   { return r.Mode == "form_post.jwt" }
func second(r about) bool   { return strings.HasSuffix(r.Client, "-second") }

func claimMutants() []mutant.Mutant {
	ends := func(exp func(r about) any) func(*authserver.Policy) {
		return edits(func(r about, claims map[string]any) { claims["exp"] = exp(r) })
	}
	return []mutant.Mutant{{
		Name: "signed-response-without-issuer", Breaks: IssuerNamed,
		How:    "has no iss in the JWT of the response",
		Policy: without("iss", always),
	}, {
		Name: "signed-error-without-issuer", Breaks: IssuerNamed,
		How:    "has iss in the JWT with a code, and not in the JWT with an error",
		Policy: without("iss", inErrors),
	}, {
		Name: "signed-response-issuer-with-slash", Breaks: IssuerNamed,
		How:    "has the issuer with a slash behind it in the JWT of the response",
		Policy: edits(func(r about, claims map[string]any) { claims["iss"] = r.Issuer + "/" }),
	}, {
		Name: "signed-response-without-issuer-to-later-clients", Breaks: IssuerNamed,
		How:    "has iss in the JWT by a setting of the client, which was made for the first one",
		Policy: without("iss", second),
		Auth:   "private_key_jwt",
	}, {
		Name: "signed-response-without-audience", Breaks: ClientNamed,
		How:    "has no aud in the JWT of the response",
		Policy: without("aud", always),
	}, {
		Name: "signed-response-for-the-issuer", Breaks: ClientNamed,
		How:    "has itself in aud, as in other JWTs of its own",
		Policy: edits(func(r about, claims map[string]any) { claims["aud"] = r.Issuer }),
	}, {
		Name: "signed-error-without-audience", Breaks: ClientNamed,
		How:    "has no aud in the JWT with an error",
		Policy: without("aud", inErrors),
	}, {
		Name: "signed-response-for-all-clients", Breaks: ClientNamed,
		How: "has all its clients in aud",
		Policy: edits(func(r about, claims map[string]any) {
			claims["aud"] = []any{r.Client, "key-dpop", "key-mtls", "tls-dpop", "tls-mtls", "self-signed-dpop", "self-signed-mtls"}
		}),
	}, {
		Name: "signed-response-for-the-first-client", Breaks: ClientNamed,
		How: "has the client for which that was set up first in aud",
		Policy: edits(func(r about, claims map[string]any) {
			claims["aud"] = strings.TrimSuffix(r.Client, "-second")
		}),
		Auth: "private_key_jwt",
	}, {
		Name: "signed-response-without-end", Breaks: EndGiven,
		How:    "has no exp in the JWT of the response",
		Policy: without("exp", always),
	}, {
		Name: "signed-error-without-end", Breaks: EndGiven,
		How:    "has no exp in the JWT with an error",
		Policy: without("exp", inErrors),
	}, {
		Name: "posted-response-without-end", Breaks: EndGiven,
		How:    "builds the response for form_post.jwt elsewhere, without exp",
		Policy: without("exp", byForm),
	}, {
		Name: "signed-response-ends-in-milliseconds", Breaks: EndGiven,
		How:    "counts exp in milliseconds",
		Policy: ends(func(r about) any { return (r.Now + 300) * 1000 }),
	}, {
		Name: "signed-response-end-as-text", Breaks: EndGiven,
		How:    "has exp as a text",
		Policy: ends(func(about) any { return "2099-01-01T00:00:00Z" }),
	}, {
		Name: "signed-response-that-has-ended", Breaks: EndGiven,
		How:    "counts exp from when it was started, and not from when it answers",
		Policy: ends(func(r about) any { return r.Now - 3600 }),
	}, {
		Name: "signed-response-lives-an-hour", Breaks: EndsSoon,
		How:    "lets signed responses live for an hour",
		Policy: ends(func(r about) any { return r.Now + 3600 }),
	}, {
		Name: "signed-error-lives-a-day", Breaks: EndsSoon,
		How: "lets signed errors live for a day",
		Policy: ends(func(r about) any {
			if r.Error != "" {
				return r.Now + 86400
			}
			return r.Now + 300
		}),
	}}
}

func insideMutants() []mutant.Mutant {
	beside := func(names ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.BesideResponse = func(_ about, inside url.Values) url.Values {
				repeated := url.Values{}
				for _, name := range names {
					if inside.Has(name) {
						repeated.Set(name, inside.Get(name))
					}
				}
				return repeated
			}
		}
	}
	return []mutant.Mutant{{
		Name: "signed-response-without-state", Breaks: AllInside,
		How:    "has no state in the JWT of the response",
		Policy: without("state", always),
	}, {
		Name: "signed-error-without-state", Breaks: AllInside,
		How:    "has state in the JWT with a code, and not in the JWT with an error",
		Policy: without("state", inErrors),
	}, {
		Name: "signed-response-state-in-the-open", Breaks: AllInside,
		How: "has state beside the JWT of the response and not in it",
		Policy: func(p *authserver.Policy) {
			without("state", always)(p)
			beside("state")(p)
		},
	}, {
		Name: "signed-response-repeats-state", Breaks: AllInside,
		How:    "repeats state beside the JWT of the response, for clients that look for it there",
		Policy: beside("state"),
	}, {
		Name: "signed-response-repeats-the-code", Breaks: AllInside,
		How:    "repeats the code beside the JWT of the response, for clients that do not read that",
		Policy: beside("code"),
	}, {
		Name: "signed-response-hashes-state", Breaks: AllInside,
		How: "has s_hash in the JWT, as an id_token has it, and no state",
		Policy: edits(func(_ about, claims map[string]any) {
			delete(claims, "state")
			claims["s_hash"] = "x7Y5Pm4lIiZ8gxJSUuEZ5A"
		}),
	}}
}

func signatureMutants() []mutant.Mutant {
	encrypts := func(form func(r about) authserver.TokenForm) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.EncryptsResponses = func() bool { return true }
			p.ResponseForm = func(r about, encrypts bool) authserver.TokenForm {
				if !encrypts {
					return authserver.Signed
				}
				return form(r)
			}
		}
	}
	openly := func(when func(r about) bool) func(*authserver.Policy) {
		return encrypts(func(r about) authserver.TokenForm {
			if when(r) {
				return authserver.Signed
			}
			return authserver.SignedAndEnc
		})
	}
	return []mutant.Mutant{{
		Name: "signed-response-unsigned", Breaks: SignedFirst,
		How:    "puts the response into a JWT that nobody has signed",
		Policy: authserver.Signing("response", "none"),
	}, {
		Name: "signed-response-by-a-secret", Breaks: SignedFirst,
		How:    "makes the JWT of the response with a secret, by HS256",
		Policy: authserver.Signing("response", "HS256"),
	}, {
		Name: "signed-response-by-rs256", Breaks: SignedFirst,
		How:    "signs responses by RS256, the default of JARM",
		Policy: authserver.Signing("response", "RS256"),
	}, {
		Name: "signed-response-by-an-unknown-key", Breaks: SignedFirst,
		How: "signs responses by a key that it does not publish",
		Policy: func(p *authserver.Policy) {
			authserver.Signing("response", "PS256")(p)
			p.PublishedKeys = func(complete []map[string]any) []map[string]any {
				return slices.DeleteFunc(slices.Clone(complete), func(key map[string]any) bool { return key["kty"] == "RSA" })
			}
		},
	}, {
		Name: "encrypted-response-unsigned", Breaks: SignedFirst,
		How:    "encrypts responses for who has registered for that, and does not sign them",
		Policy: encrypts(func(about) authserver.TokenForm { return authserver.EncryptedAlone }),
	}, {
		Name: "encrypted-responses-and-open-errors", Breaks: EncryptedToAll,
		How:    "encrypts responses with a code, and not those with an error",
		Policy: openly(inErrors),
	}, {
		Name: "encrypted-responses-and-open-forms", Breaks: EncryptedToAll,
		How:    "encrypts responses that stand in an address, and not those that are posted",
		Policy: openly(byForm),
	}}
}

func placeMutants() []mutant.Mutant {
	stands := func(place func(r about) authserver.ResponsePlace) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.ResponsePlace = place }
	}
	return []mutant.Mutant{{
		Name: "signed-response-in-the-fragment", Breaks: DefaultOfCode,
		How: "takes jwt for fragment.jwt, as with the response types of the implicit flow",
		Policy: stands(func(r about) authserver.ResponsePlace {
			if r.Mode == "jwt" {
				return authserver.InFragment
			}
			return authserver.PlaceOfMode(r)
		}),
	}, {
		Name: "signed-response-as-a-form", Breaks: DefaultOfCode,
		How: "posts the response as a form where the mode is jwt",
		Policy: stands(func(r about) authserver.ResponsePlace {
			if r.Mode == "jwt" {
				return authserver.InForm
			}
			return authserver.PlaceOfMode(r)
		}),
	}, {
		Name: "signed-errors-in-the-fragment", Breaks: DefaultOfCode,
		How: "puts signed errors into the fragment",
		Policy: stands(func(r about) authserver.ResponsePlace {
			if r.Error != "" {
				return authserver.InFragment
			}
			return authserver.PlaceOfMode(r)
		}),
	}, {
		Name: "signed-responses-without-their-algorithms", Breaks: ModesAnnounced,
		How:             "does not say by which algorithms responses are signed",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { delete(m, "authorization_signing_alg_values_supported") }),
	}, {
		Name: "signed-responses-by-rs256-announced", Breaks: ModesAnnounced,
		How:             "lists RS256 alone as the algorithm of responses",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { m["authorization_signing_alg_values_supported"] = []any{"RS256"} }),
	}, {
		Name: "signed-responses-of-the-query-alone-announced", Breaks: ModesAnnounced,
		How:             "lists query.jwt, and not jwt",
		OnMetadataAlone: true,
		Policy:          authserver.InMetadata(func(m map[string]any) { m["response_modes_supported"] = []any{"query", "query.jwt"} }),
	}}
}
