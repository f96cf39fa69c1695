package fapi2sp

import (
	"net/http"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// elsewhere sends the error for an unknown client to the redirect_uri in the URL, by something else than a status.
func elsewhere(by authserver.Vehicle) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ErrorRedirect = func(f authserver.Failure) string {
			if !f.KnownClient {
				return f.FrontRedirect
			}
			return authserver.OnlyValidated(f)
		}
		p.RedirectBy = func(r authserver.Redirect) authserver.Vehicle {
			if !r.Trusted {
				return by
			}
			return authserver.ByStatus
		}
	}
}

func redirectMutants() []mutant.Mutant {
	status := func(code int, places ...authserver.Place) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RedirectStatus = func(place authserver.Place) int {
				for _, wrong := range places {
					if place == wrong {
						return code
					}
				}
				return http.StatusSeeOther
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "redirector-for-unknown-clients",
		Breaks: NoOpenRedirector,
		How:    "sends the error for an unknown client to the redirect_uri in the URL",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if !f.KnownClient {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-by-meta-refresh",
		Breaks: NoOpenRedirector,
		How:    "shows a page for an unknown client, which leads on to the redirect_uri in the URL",
		Policy: elsewhere(authserver.ByMetaRefresh),
	}, {
		Name:   "redirector-for-unknown-requests",
		Breaks: NoOpenRedirector,
		How:    "sends invalid_request_uri to the redirect_uri in the URL",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.KnownClient && !f.KnownRequest {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-for-good-requests",
		Breaks: NoOpenRedirector,
		How:    "prefers the redirect_uri in the URL to the one that was pushed",
		Policy: func(p *authserver.Policy) {
			p.AnswerTo = func(pushed, front string) string {
				if front != "" {
					return front
				}
				return pushed
			}
		},
	}, {
		Name:   "redirector-where-nobody-may-be-asked",
		Breaks: NoOpenRedirector,
		How:    "sends the errors of good requests to the redirect_uri in the URL, where there is one",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.KnownRequest && f.FrontRedirect != "" {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-where-nothing-was-pushed",
		Breaks: NoOpenRedirector,
		How:    "sends the complaint that nothing was pushed to the redirect_uri in the URL",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.KnownClient && !f.NamesRequest {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-for-users-who-say-no",
		Breaks: NoOpenRedirector,
		How:    "sends access_denied to the redirect_uri in the URL, where there is one",
		Policy: func(p *authserver.Policy) {
			p.DenialTo = func(pushed, front string) string {
				if front != "" {
					return front
				}
				return pushed
			}
		},
	}, {
		Name:   "redirector-after-logout",
		Breaks: NoOpenRedirector,
		How:    "sends the browser wherever post_logout_redirect_uri says",
		Policy: func(p *authserver.Policy) { p.LogoutRedirect = func(sent string, _ []string) string { return sent } },
	}, {
		Name:   "redirector-after-a-logout-that-asks",
		Breaks: NoOpenRedirector,
		How:    "asks the user before a logout, and then sends the browser wherever post_logout_redirect_uri says",
		Policy: func(p *authserver.Policy) {
			p.AsksBeforeLogout = func() bool { return true }
			p.LogoutRedirect = func(sent string, _ []string) string { return sent }
		},
	}, {
		Name:   "login-answered-with-307",
		Breaks: No307,
		// The page after the login has to take the post that comes with it, or nobody gets any further.
		AlsoBreaks: requirements(Prefer303),
		How:        "answers the login form with 307",
		Policy:     status(http.StatusTemporaryRedirect, authserver.AfterLogin),
	}, {
		Name:       "login-answered-with-307-to-the-client",
		Breaks:     No307,
		AlsoBreaks: requirements(Prefer303),
		How:        "asks for no consent, and sends the browser from the login form to the client with 307",
		Policy: func(p *authserver.Policy) {
			p.AsksUser = func(a authserver.Asking) bool { return a.Prompted }
			status(http.StatusTemporaryRedirect, authserver.ToClient)(p)
		},
	}, {
		Name:   "redirects-with-302",
		Breaks: Prefer303,
		How:    "redirects with 302, as most frameworks do",
		Policy: status(http.StatusFound, authserver.AfterLogin, authserver.ToClient),
	}, {
		Name:   "client-redirect-with-302",
		Breaks: Prefer303,
		How:    "sends the browser back to the client with 302",
		Policy: status(http.StatusFound, authserver.ToClient),
	}, {
		Name:   "client-redirect-with-307",
		Breaks: Prefer303,
		How:    "sends the browser back to the client with 307, and so posts the consent form to it",
		Policy: status(http.StatusTemporaryRedirect, authserver.ToClient),
	}}
}
