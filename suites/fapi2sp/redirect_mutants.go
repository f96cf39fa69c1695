package fapi2sp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

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

// faulty sends the errors of some requests to the redirect_uri in the URL, whatever that is.
func faulty(is func(authserver.Failure) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ErrorRedirect = func(f authserver.Failure) string {
			if f.FrontRedirect != "" && is(f) {
				return f.FrontRedirect
			}
			return authserver.OnlyValidated(f)
		}
	}
}

// alike sends errors to the redirect_uri in the URL where a careless comparison takes it for a registered one.
func alike(compare func(sent, registered string) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ErrorRedirect = func(f authserver.Failure) string {
			if slices.ContainsFunc(f.Registered, func(registered string) bool { return compare(f.FrontRedirect, registered) }) {
				return f.FrontRedirect
			}
			return authserver.OnlyValidated(f)
		}
	}
}

// beginsAlike compares scheme and host of addresses, as text.
func beginsAlike(sent, registered string) bool {
	parsed, err := url.Parse(registered)
	return err == nil && strings.HasPrefix(sent, parsed.Scheme+"://"+parsed.Host)
}

// samePath compares the paths of addresses.
func samePath(sent, registered string) bool {
	theirs, err := url.Parse(sent)
	ours, err2 := url.Parse(registered)
	return err == nil && err2 == nil && theirs.Path == ours.Path
}

// sameBeforeTheAt compares hosts, and takes for one whatever stands before the first colon, slash or @.
func sameBeforeTheAt(sent, registered string) bool {
	host := func(address string) string {
		_, rest, _ := strings.Cut(address, "://")
		if end := strings.IndexAny(rest, ":/@"); end >= 0 {
			return rest[:end] + "/"
		}
		return rest + "/"
	}
	return host(sent) == host(registered)
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
		Name:   "redirector-for-wrong-response-types",
		Breaks: NoOpenRedirector,
		How:    "looks at response_type before it looks at redirect_uri, and says there what is wrong",
		Policy: faulty(func(f authserver.Failure) bool { return f.FrontType != "" && f.FrontType != "code" }),
	}, {
		Name:   "redirector-for-unknown-scopes",
		Breaks: NoOpenRedirector,
		How:    "looks at scope before it looks at redirect_uri, and says there what is wrong",
		Policy: faulty(func(f authserver.Failure) bool {
			return slices.ContainsFunc(strings.Fields(f.FrontScope), func(word string) bool { return !authserver.KnownWord(word) })
		}),
	}, {
		Name:   "redirector-without-client-id",
		Breaks: NoOpenRedirector,
		How:    "says at redirect_uri that client_id is missing",
		Policy: faulty(func(f authserver.Failure) bool { return !f.NamesClient }),
	}, {
		Name:   "redirector-to-what-looks-like-a-path",
		Breaks: NoOpenRedirector,
		How:    "takes what begins with a slash for a path of its own",
		Policy: faulty(func(f authserver.Failure) bool { return strings.HasPrefix(f.FrontRedirect, "/") }),
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
		Name:   "redirector-for-requests-that-were-used",
		Breaks: NoOpenRedirector,
		How:    "sends the complaint that a request_uri was used to the redirect_uri in the URL",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.Spent && f.FrontRedirect != "" {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-by-how-addresses-begin",
		Breaks: NoOpenRedirector,
		How:    "sends errors to a redirect_uri in the URL that begins with scheme and host of a registered one",
		Policy: alike(beginsAlike),
	}, {
		Name:   "redirector-by-how-addresses-end",
		Breaks: NoOpenRedirector,
		How:    "sends errors to a redirect_uri in the URL for which a pattern of a registered one fits, which has no anchor at its beginning",
		Policy: alike(strings.HasSuffix),
	}, {
		Name:   "redirector-below-registered-addresses",
		Breaks: NoOpenRedirector,
		How:    "sends errors to every redirect_uri in the URL that lies below a registered one",
		Policy: alike(func(sent, registered string) bool { return strings.HasPrefix(sent, registered+"/") }),
		Warns:  true,
	}, {
		Name:   "redirector-by-path",
		Breaks: NoOpenRedirector,
		How:    "sends errors to a redirect_uri in the URL that has the path of a registered one, whatever the host",
		Policy: alike(samePath),
	}, {
		Name:   "redirector-before-the-at",
		Breaks: NoOpenRedirector,
		How:    "sends errors to a redirect_uri in the URL whose host is registered, and takes for that what stands before an @",
		Policy: alike(sameBeforeTheAt),
	}, {
		Name:   "redirector-for-good-requests-by-how-addresses-begin",
		Breaks: NoOpenRedirector,
		How:    "prefers the redirect_uri in the URL where it begins with scheme and host of the one that was pushed",
		Policy: func(p *authserver.Policy) {
			p.AnswerTo = func(pushed, front string) string {
				if beginsAlike(front, pushed) {
					return front
				}
				return pushed
			}
		},
	}, {
		Name:   "redirector-by-post",
		Breaks: NoOpenRedirector,
		How:    "sends errors to the redirect_uri that a form names",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.Posted {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-after-a-logout-of-nobody",
		Breaks: NoOpenRedirector,
		How:    "compares post_logout_redirect_uri with what the client has registered, where the request names a client",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(sent string, registered []string) string {
				if registered == nil {
					return sent
				}
				return authserver.OnlyRegistered(sent, registered)
			}
		},
	}, {
		Name:   "redirector-after-logout-by-how-addresses-begin",
		Breaks: NoOpenRedirector,
		How:    "sends the browser to a post_logout_redirect_uri that begins with scheme and host of a registered one",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(sent string, registered []string) string {
				if slices.ContainsFunc(registered, func(one string) bool { return beginsAlike(sent, one) }) {
					return sent
				}
				return ""
			}
		},
	}, {
		Name:   "redirector-after-logout-before-the-at",
		Breaks: NoOpenRedirector,
		How:    "sends the browser to a post_logout_redirect_uri whose host is registered, and takes for that what stands before an @",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(sent string, registered []string) string {
				if slices.ContainsFunc(registered, func(one string) bool { return sameBeforeTheAt(sent, one) }) {
					return sent
				}
				return ""
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
		Name:       "login-answered-with-308",
		Breaks:     No307,
		AlsoBreaks: requirements(Prefer303),
		How:        "answers the login form with 308, which has browsers post it again as 307 does",
		Policy:     status(http.StatusPermanentRedirect, authserver.AfterLogin),
		Warns:      true,
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
