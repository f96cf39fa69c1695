package fapi2sp

import (
	"github.com/fapitest/fapitest/suites/jarm"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/jar"
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

// unknownRequest says whether a request names a request_uri that leads to none, and never did.
func unknownRequest(f authserver.Failure) bool {
	return f.NamesRequest && !f.KnownRequest && !f.Spent && !f.Others
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

// endsAlike compares the ends of hosts, and paths.
func endsAlike(sent, registered string) bool {
	theirs, err := url.Parse(sent)
	ours, err2 := url.Parse(registered)
	return err == nil && err2 == nil && theirs.Host != ours.Host && strings.HasSuffix(theirs.Host, ours.Host) && theirs.Path == ours.Path
}

// leadsOn sends the browser on to what the address of a page says, where that is there and good enough for it.
func leadsOn(after, at authserver.Place, good func(name, address string) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.LoginApart = func() bool { return at == authserver.AfterLogin }
		p.GoesOn = func(o authserver.Onward) string {
			if o.After != after || o.At != at {
				return ""
			}
			for _, name := range slices.Sorted(maps.Keys(o.Says)) {
				if address := o.Says.Get(name); good(name, address) {
					return address
				}
			}
			return ""
		}
	}
}

// named takes whatever the parameter says.
func named(wanted string) func(name, address string) bool {
	return func(name, _ string) bool { return name == wanted }
}

// sameAfterTheAt compares hosts, and takes for one whatever stands behind the last @ before the path.
func sameAfterTheAt(sent, registered string) bool {
	host := func(address string) string {
		_, rest, _ := strings.Cut(address, "://")
		rest, _, _ = strings.Cut(rest, "/")
		return rest[strings.LastIndex(rest, "@")+1:]
	}
	return strings.HasPrefix(sent, "https://") && strings.Contains(sent, `\@`) && host(sent) == host(registered)
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
		Name:       "redirector-for-unknown-requests",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends invalid_request_uri to the redirect_uri in the URL",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.KnownClient && !f.KnownRequest {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:       "redirector-for-good-requests",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI, jar.OnlyWhatWasPushed),
		How:        "prefers the redirect_uri in the URL to the one that was pushed",
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
		Name:   "redirector-between-two-ats",
		Breaks: NoOpenRedirector,
		How:    "takes for the host of an address what stands behind its first @, and sends errors there",
		Policy: faulty(func(f authserver.Failure) bool {
			_, rest, _ := strings.Cut(f.FrontRedirect, "://")
			parts := strings.Split(rest, "@")
			return !f.KnownRequest && len(parts) > 2 && slices.ContainsFunc(f.Registered, func(one string) bool {
				registered, err := url.Parse(one)
				return err == nil && parts[1] == registered.Host
			})
		}),
	}, {
		Name:   "redirector-up-to-a-tab",
		Breaks: NoOpenRedirector,
		How:    "hands addresses to a library that reads them up to the first control character, and sends errors there",
		Policy: faulty(func(f authserver.Failure) bool {
			before, _, found := strings.Cut(f.FrontRedirect, "\t")
			return !f.KnownRequest && found && slices.ContainsFunc(f.Registered, func(one string) bool { return strings.HasPrefix(one, before) })
		}),
	}, {
		Name:   "redirector-to-apps",
		Breaks: NoOpenRedirector,
		How:    "compares hosts where an address has one, and sends errors to whatever app's scheme stands before an address without",
		Policy: faulty(func(f authserver.Failure) bool {
			sent, err := url.Parse(f.FrontRedirect)
			return !f.KnownRequest && err == nil && sent.Scheme != "" && sent.Host == ""
		}),
	}, {
		Name:   "redirector-to-hosts-that-look-alike",
		Breaks: NoOpenRedirector,
		How:    "has its database compare hosts, for which letters of other alphabets are the same as those that they look like",
		Policy: faulty(func(f authserver.Failure) bool {
			sent, err := url.Parse(f.FrontRedirect)
			return !f.KnownRequest && err == nil && strings.IndexFunc(sent.Host, func(letter rune) bool { return letter > unicode.MaxASCII }) >= 0
		}),
	}, {
		Name:       "redirector-where-nothing-was-pushed",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends the complaint that nothing was pushed to the redirect_uri in the URL",
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
		Name:       "redirector-by-how-addresses-begin",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends errors to a redirect_uri in the URL that begins with scheme and host of a registered one",
		Policy:     alike(beginsAlike),
	}, {
		Name:   "redirector-by-how-addresses-end",
		Breaks: NoOpenRedirector,
		How:    "sends errors to a redirect_uri in the URL for which a pattern of a registered one fits, which has no anchor at its beginning",
		Policy: alike(strings.HasSuffix),
	}, {
		Name:       "redirector-below-registered-addresses",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends errors to every redirect_uri in the URL that lies below a registered one",
		Policy:     alike(func(sent, registered string) bool { return strings.HasPrefix(sent, registered+"/") }),
		Warns:      true,
	}, {
		Name:       "redirector-by-how-hosts-end",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends errors to a redirect_uri in the URL whose host ends in a registered one",
		Policy:     alike(endsAlike),
	}, {
		Name:       "redirector-for-good-requests-by-how-hosts-end",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "prefers the redirect_uri in the URL where its host ends in that of the one that was pushed",
		Policy: func(p *authserver.Policy) {
			p.AnswerTo = func(pushed, front string) string {
				if endsAlike(front, pushed) {
					return front
				}
				return pushed
			}
		},
	}, {
		Name:   "redirector-after-logout-by-how-hosts-end",
		Breaks: NoOpenRedirector,
		How:    "sends the browser to a post_logout_redirect_uri whose host ends in a registered one",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				sent, err := url.Parse(f.Sent)
				if err == nil && slices.ContainsFunc(f.Registered, func(one string) bool {
					registered, err := url.Parse(one)
					return err == nil && strings.HasSuffix(sent.Host, registered.Host)
				}) {
					return f.Sent
				}
				return ""
			}
		},
	}, {
		Name:   "redirector-after-logout-by-post",
		Breaks: NoOpenRedirector,
		How:    "compares post_logout_redirect_uri in the handler for GET, and routes forms to the one that it had before",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if f.Posted {
					return f.Sent
				}
				return authserver.OnlyRegistered(f)
			}
		},
	}, {
		Name:   "redirector-after-logout-by-post-with-a-client",
		Breaks: NoOpenRedirector,
		How:    "sends the browser to whatever post_logout_redirect_uri a form names, where it knows whose user goes",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if f.Posted && f.Registered != nil {
					return f.Sent
				}
				return authserver.OnlyRegistered(f)
			}
		},
	}, {
		Name:   "redirector-by-request-objects",
		Breaks: NoOpenRedirector,
		How:    "refuses request objects in the URL, and says so at the redirect_uri that stands in them",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.InObject != "" && !f.KnownRequest {
					return f.InObject
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-for-requests-of-others",
		Breaks: NoOpenRedirector,
		How:    "says at the redirect_uri in the URL that the request_uri is another client's",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.Others && f.FrontRedirect != "" {
					return f.FrontRedirect
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-by-next",
		Breaks: NoOpenRedirector,
		How:    "hands the parameter next from the authorization endpoint through to its login, which goes there",
		Policy: leadsOn(authserver.AfterLogin, authserver.AtAuthorization, named("next")),
	}, {
		Name:   "redirector-by-url-after-the-consent",
		Breaks: NoOpenRedirector,
		How:    "goes to the address in the parameter url of the authorization request when all is done",
		Policy: leadsOn(authserver.AfterConsent, authserver.AtAuthorization, named("url")),
	}, {
		Name:   "redirector-by-a-path-with-two-slashes",
		Breaks: NoOpenRedirector,
		How:    "goes from its login to the address in returnTo, which it takes for a path of its own because it begins with a slash",
		Policy: leadsOn(authserver.AfterLogin, authserver.AtAuthorization, func(name, address string) bool {
			return name == "returnTo" && strings.HasPrefix(address, "/")
		}),
	}, {
		Name:   "redirector-by-a-path-with-a-backslash",
		Breaks: NoOpenRedirector,
		How:    "goes from its login to the address in goto, where that begins with a slash, and not with two",
		Policy: leadsOn(authserver.AfterLogin, authserver.AtAuthorization, func(name, address string) bool {
			return name == "goto" && strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
		}),
	}, {
		Name:   "redirector-of-the-login-page",
		Breaks: NoOpenRedirector,
		How:    "has a login page that goes to the address in ReturnUrl",
		Policy: leadsOn(authserver.AfterLogin, authserver.AfterLogin, named("ReturnUrl")),
	}, {
		Name:   "redirector-of-the-login-page-by-its-own-parameter",
		Breaks: NoOpenRedirector,
		How:    "tells its login page by a parameter of its address where to go on, and the page goes anywhere",
		Policy: leadsOn(authserver.AfterLogin, authserver.AfterLogin, func(name, address string) bool {
			return name == "onward" && strings.Contains(address, "//")
		}),
	}, {
		Name:   "redirector-by-cancel-url",
		Breaks: NoOpenRedirector,
		How:    "goes to the address in cancel_url when the user says no",
		Policy: func(p *authserver.Policy) {
			p.GoesOn = func(o authserver.Onward) string {
				if o.Denied {
					return o.Says.Get("cancel_url")
				}
				return ""
			}
		},
	}, {
		Name:   "redirector-by-logout-uri",
		Breaks: NoOpenRedirector,
		How:    "goes to the address in logout_uri after a logout, as it did before there was a standard for that",
		Policy: leadsOn(authserver.AtLogout, authserver.AtLogout, named("logout_uri")),
	}, {
		Name:   "redirector-by-a-path-after-logout",
		Breaks: NoOpenRedirector,
		How:    "goes to the address in ReturnUrl after a logout of nobody in particular, where that looks like a path",
		Policy: leadsOn(authserver.AtLogout, authserver.AtLogout, func(name, address string) bool { return name == "ReturnUrl" && strings.HasPrefix(address, "/") }),
	}, {
		Name:   "redirector-behind-a-filter",
		Breaks: NoOpenRedirector,
		How:    "goes from its login to the address in back, behind a filter that looks at the parameter url alone",
		Policy: func(p *authserver.Policy) {
			leadsOn(authserver.AfterLogin, authserver.AtAuthorization, named("back"))(p)
			p.FiltersAddresses = func() bool { return true }
		},
	}, {
		Name:   "redirector-of-the-login-page-behind-a-filter",
		Breaks: NoOpenRedirector,
		How:    "has a login page that goes to the address in RelayState, behind a filter that looks at other parameters",
		Policy: func(p *authserver.Policy) {
			leadsOn(authserver.AfterLogin, authserver.AfterLogin, named("RelayState"))(p)
			p.FiltersAddresses = func() bool { return true }
		},
	}, {
		Name:   "redirector-of-the-consent-page",
		Breaks: NoOpenRedirector,
		How:    "has a consent page that goes to the address in return_to when the user has decided",
		Policy: leadsOn(authserver.AfterConsent, authserver.AfterConsent, named("return_to")),
	}, {
		Name:   "redirect-uri-cleartext-in-capitals-at-the-registered-host",
		Breaks: RedirectURINotCleartext,
		How:    "refuses what begins with http://, and compares host and path of the rest",
		Policy: func(p *authserver.Policy) {
			p.RedirectURI = func(r authserver.Redirection) string {
				if sent, err := url.Parse(r.Sent); err == nil && !strings.HasPrefix(r.Sent, "http://") {
					sent.Scheme = "https"
					if slices.Contains(r.Registered, sent.String()) {
						return r.Sent
					}
				}
				return authserver.RegisteredExactly(r)
			}
		},
	}, {
		Name:   "redirector-for-made-up-requests-with-the-rest-beside",
		Breaks: NoOpenRedirector,
		How:    "falls back to the parameters in the URL where it does not find request_uri, and says at their redirect_uri that it is not known",
		Policy: faulty(func(f authserver.Failure) bool { return unknownRequest(f) && f.FrontType != "" }),
	}, {
		Name:   "redirector-by-post-for-made-up-requests-with-the-rest-beside",
		Breaks: NoOpenRedirector,
		How:    "does the same only with forms",
		Policy: faulty(func(f authserver.Failure) bool { return unknownRequest(f) && f.FrontType != "" && f.Posted }),
	}, {
		Name:   "redirector-by-post-for-requests-that-were-used",
		Breaks: NoOpenRedirector,
		How:    "says at the redirect_uri in the form that the request_uri beside it was used",
		Policy: faulty(func(f authserver.Failure) bool { return f.Posted && f.Spent }),
	}, {
		Name:   "redirector-by-post-where-nobody-may-be-asked",
		Breaks: NoOpenRedirector,
		How:    "says at the redirect_uri in the form that the user would have to sign in, which a good request beside it rules out",
		Policy: faulty(func(f authserver.Failure) bool { return f.Posted && f.KnownRequest }),
	}, {
		Name:   "redirector-by-post-for-requests-of-others",
		Breaks: NoOpenRedirector,
		How:    "says at the redirect_uri in the form that the request_uri beside it is another client's",
		Policy: faulty(func(f authserver.Failure) bool { return f.Posted && f.Others }),
	}, {
		Name:   "redirector-by-post-by-request-objects",
		Breaks: NoOpenRedirector,
		How:    "refuses request objects in forms, and says so at the redirect_uri that stands in them",
		Policy: func(p *authserver.Policy) {
			p.ErrorRedirect = func(f authserver.Failure) string {
				if f.Posted && f.InObject != "" && !f.KnownRequest {
					return f.InObject
				}
				return authserver.OnlyValidated(f)
			}
		},
	}, {
		Name:   "redirector-for-clients-with-certificates",
		Breaks: NoOpenRedirector,
		How:    "has a route of its own for clients that come with certificates, where errors go to the redirect_uri in the URL",
		Policy: faulty(func(f authserver.Failure) bool {
			return f.Auth == target.TLSClientAuth && f.Binding == target.MTLS && !f.Posted && unknownRequest(f)
		}),
	}, {
		Name:   "redirector-after-logout-for-clients-with-certificates",
		Breaks: NoOpenRedirector,
		How:    "compares post_logout_redirect_uri with what is registered, and knows of nothing that is for clients with certificates",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if f.Auth == target.TLSClientAuth {
					return f.Sent
				}
				return authserver.OnlyRegistered(f)
			}
		},
	}, {
		Name:   "redirector-for-one-client",
		Breaks: NoOpenRedirector,
		How:    "has a switch in the settings of a client, by which its errors go to whatever redirect_uri a form has where nothing was pushed",
		Policy: faulty(func(f authserver.Failure) bool { return f.Client == "key-dpop-second" && f.Posted && !f.NamesRequest }),
	}, {
		Name:   "redirector-after-a-logout-with-an-id-token",
		Breaks: NoOpenRedirector,
		How:    "takes whoever shows an id_token to be at home, and compares the beginnings of addresses there",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if f.Hinted && !f.Posted && slices.ContainsFunc(f.Registered, func(one string) bool { return beginsAlike(f.Sent, one) }) {
					return f.Sent
				}
				return authserver.OnlyRegistered(f)
			}
		},
	}, {
		Name:   "redirector-by-post-after-a-logout-with-an-id-token",
		Breaks: NoOpenRedirector,
		How:    "does the same only with forms",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if f.Hinted && f.Posted && slices.ContainsFunc(f.Registered, func(one string) bool { return beginsAlike(f.Sent, one) }) {
					return f.Sent
				}
				return authserver.OnlyRegistered(f)
			}
		},
	}, {
		Name:   "redirector-by-logout-uri-beside-an-id-token",
		Breaks: NoOpenRedirector,
		How:    "goes to the address in logout_uri after a logout with an id_token",
		Policy: func(p *authserver.Policy) {
			p.GoesOn = func(o authserver.Onward) string {
				if o.At == authserver.AtLogout && !o.Posted && o.Says.Has("id_token_hint") {
					return o.Says.Get("logout_uri")
				}
				return ""
			}
		},
	}, {
		Name:   "redirector-by-return-to-in-a-form-beside-an-id-token",
		Breaks: NoOpenRedirector,
		How:    "goes to the address in returnTo after a logout with an id_token, where a form says both",
		Policy: func(p *authserver.Policy) {
			p.GoesOn = func(o authserver.Onward) string {
				if o.At == authserver.AtLogout && o.Posted && o.Says.Has("id_token_hint") {
					return o.Says.Get("returnTo")
				}
				return ""
			}
		},
	}, {
		Name:       "redirector-by-path",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends errors to a redirect_uri in the URL that has the path of a registered one, whatever the host",
		Policy:     alike(samePath),
	}, {
		Name:       "redirector-before-the-at",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI),
		How:        "sends errors to a redirect_uri in the URL whose host is registered, and takes for that what stands before an @",
		Policy:     alike(sameBeforeTheAt),
	}, {
		Name:   "redirector-after-the-at",
		Breaks: NoOpenRedirector,
		How:    "sends errors to a redirect_uri in the URL whose host is registered, and does not know that browsers end a host at a backslash",
		Policy: alike(sameAfterTheAt),
	}, {
		Name:       "redirector-for-good-requests-by-how-addresses-begin",
		Breaks:     NoOpenRedirector,
		AlsoBreaks: requirements(attacks.ExactRedirectURI, jar.OnlyWhatWasPushed),
		How:        "prefers the redirect_uri in the URL where it begins with scheme and host of the one that was pushed",
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
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if f.Registered == nil {
					return f.Sent
				}
				return authserver.OnlyRegistered(f)
			}
		},
	}, {
		Name:   "redirector-after-logout-by-how-addresses-begin",
		Breaks: NoOpenRedirector,
		How:    "sends the browser to a post_logout_redirect_uri that begins with scheme and host of a registered one",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if slices.ContainsFunc(f.Registered, func(one string) bool { return beginsAlike(f.Sent, one) }) {
					return f.Sent
				}
				return ""
			}
		},
	}, {
		Name:   "redirector-after-logout-before-the-at",
		Breaks: NoOpenRedirector,
		How:    "sends the browser to a post_logout_redirect_uri whose host is registered, and takes for that what stands before an @",
		Policy: func(p *authserver.Policy) {
			p.LogoutRedirect = func(f authserver.Farewell) string {
				if slices.ContainsFunc(f.Registered, func(one string) bool { return sameBeforeTheAt(f.Sent, one) }) {
					return f.Sent
				}
				return ""
			}
		},
	}, {
		Name:   "redirector-after-logout",
		Breaks: NoOpenRedirector,
		How:    "sends the browser wherever post_logout_redirect_uri says",
		Policy: func(p *authserver.Policy) { p.LogoutRedirect = func(f authserver.Farewell) string { return f.Sent } },
	}, {
		Name:   "redirector-after-a-logout-that-asks",
		Breaks: NoOpenRedirector,
		How:    "asks the user before a logout, and then sends the browser wherever post_logout_redirect_uri says",
		Policy: func(p *authserver.Policy) {
			p.AsksBeforeLogout = func() bool { return true }
			p.LogoutRedirect = func(f authserver.Farewell) string { return f.Sent }
		},
	}, {
		Name:   "login-answered-with-307",
		Breaks: No307,
		// The page after the login has to take the post that comes with it, or nobody gets any further.
		AlsoBreaks: requirements(Prefer303, attacks.CredentialsStay),
		How:        "answers the login form with 307",
		Policy:     status(http.StatusTemporaryRedirect, authserver.AfterLogin),
	}, {
		Name:       "login-answered-with-308",
		Breaks:     attacks.CredentialsStay,
		AlsoBreaks: requirements(Prefer303),
		How:        "answers the login form with 308, which has browsers post it again as 307 does",
		Policy:     status(http.StatusPermanentRedirect, authserver.AfterLogin),
	}, {
		Name:       "login-answered-with-307-to-the-client",
		Breaks:     No307,
		AlsoBreaks: requirements(Prefer303, attacks.CredentialsStay, jarm.AllInside),
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
		Breaks: Prefer303, AlsoBreaks: requirements(jarm.AllInside),
		How:    "sends the browser back to the client with 307, and so posts the consent form to it",
		Policy: status(http.StatusTemporaryRedirect, authserver.ToClient),
	}}
}
