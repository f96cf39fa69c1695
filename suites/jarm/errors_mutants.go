package jarm

import (
	"net/url"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// early says whether an error comes before anybody has signed in.
func early(r about) bool { return r.Error != "" && r.Error != "access_denied" }

// earlyMutants make their mistakes in errors that come before the login, which are put together elsewhere than the user's no.
func earlyMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name: "early-error-without-issuer", Breaks: IssuerNamed,
		How:    "has no iss in the JWT with an error that it comes to before anybody has signed in",
		Policy: without("iss", early),
	}, {
		Name: "early-error-without-audience", Breaks: ClientNamed,
		How:    "has no aud in the JWT with an error that it comes to before anybody has signed in",
		Policy: without("aud", early),
	}, {
		Name: "early-error-without-end", Breaks: EndGiven,
		How:    "has no exp in the JWT with an error that it comes to before anybody has signed in",
		Policy: without("exp", early),
	}, {
		Name: "early-error-without-state", Breaks: AllInside,
		How:    "has no state in the JWT with an error that it comes to before anybody has signed in",
		Policy: without("state", early),
	}, {
		Name: "early-error-lives-a-day", Breaks: EndsSoon,
		How: "lets signed errors live for a day that it comes to before anybody has signed in",
		Policy: edits(func(r about, claims map[string]any) {
			if early(r) {
				claims["exp"] = r.Now + 86400
			}
		}),
	}, {
		Name: "early-error-repeats-state", Breaks: AllInside,
		How: "repeats state beside the JWT with an error that it comes to before anybody has signed in",
		Policy: func(p *authserver.Policy) {
			p.BesideResponse = func(r about, inside url.Values) url.Values {
				if !early(r) {
					return nil
				}
				return url.Values{"state": {inside.Get("state")}}
			}
		},
	}, {
		Name: "signed-response-without-audience-to-request-objects", Breaks: ClientNamed,
		How:    "has no aud in the JWT of the response where the request came in a request object",
		Policy: without("aud", func(r about) bool { return r.Object }),
		Auth:   "private_key_jwt",
	}}
}
