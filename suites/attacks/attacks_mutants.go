package attacks

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this document's requirements. Those that break the profile's as well are with the profile's.
func Mutants() []mutant.Mutant {
	return slices.Concat(metadataMutants(), redirectMutants(), passwordMutants(), pageMutants(), messageMutants(), codeMutants(), proxyMutants())
}

func metadataMutants() []mutant.Mutant {
	says := func(methods any) func(*authserver.Policy) {
		return authserver.InMetadata(func(said map[string]any) {
			if said["code_challenge_methods_supported"] = methods; methods == nil {
				delete(said, "code_challenge_methods_supported")
			}
		})
	}
	return []mutant.Mutant{{
		Name:            "pkce-not-announced",
		OnMetadataAlone: true,
		Breaks:          PKCEAnnounced,
		How:             "does PKCE, and does not say so in its metadata",
		Policy:          says(nil),
	}, {
		Name:            "pkce-announced-as-plain",
		OnMetadataAlone: true,
		Breaks:          PKCEAnnounced,
		How:             "writes plain into code_challenge_methods_supported, and no S256",
		Policy:          says([]any{"plain"}),
	}, {
		Name:            "pkce-announced-as-text",
		OnMetadataAlone: true,
		Breaks:          PKCEAnnounced,
		How:             "writes code_challenge_methods_supported as a text and no list",
		Policy:          says("S256"),
	}}
}

// redirectsErrorsTo sends the errors of some requests to the redirect_uri in the URL, where a comparison takes that for a registered one.
func redirectsErrorsTo(some func(authserver.Failure) bool, same func(sent, registered *url.URL) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ErrorRedirect = func(f authserver.Failure) string {
			sent, err := url.Parse(f.FrontRedirect)
			if err != nil || f.FrontRedirect == "" || !some(f) {
				return authserver.OnlyValidated(f)
			}
			for _, one := range f.Registered {
				if registered, err := url.Parse(one); err == nil && same(sent, registered) {
					return f.FrontRedirect
				}
			}
			return authserver.OnlyValidated(f)
		}
	}
}

func redirectMutants() []mutant.Mutant {
	unpushed := func(f authserver.Failure) bool { return !f.NamesRequest }
	madeUp := func(f authserver.Failure) bool { return f.NamesRequest && !f.KnownRequest }
	all := func(f authserver.Failure) bool { return !f.KnownRequest }
	// same compares everything but one thing.
	same := func(but string) func(sent, registered *url.URL) bool {
		return func(sent, registered *url.URL) bool {
			one, other := *sent, *registered
			for _, u := range []*url.URL{&one, &other} {
				switch but {
				case "query":
					u.RawQuery = ""
				case "fragment":
					u.Fragment = ""
				case "user":
					u.User = nil
				case "port":
					u.Host = u.Hostname()
				case "scheme":
					u.Scheme = ""
				case "case":
					u.Path = strings.ToLower(u.Path)
				case "dot":
					u.Host = strings.TrimSuffix(u.Host, ".")
				case "escapes":
					u.RawPath = ""
				case "slash":
					u.Path = strings.TrimSuffix(u.Path, "/")
				}
			}
			return one.String() == other.String()
		}
	}
	return []mutant.Mutant{{
		Name:   "redirect-uri-with-any-query",
		Breaks: ExactRedirectURI,
		How:    "compares redirect URIs without their queries where it says that nothing was pushed",
		Policy: redirectsErrorsTo(unpushed, same("query")),
	}, {
		Name:   "redirect-uri-with-any-fragment",
		Breaks: ExactRedirectURI,
		How:    "compares redirect URIs without their fragments where it does not know the request_uri",
		Policy: redirectsErrorsTo(madeUp, same("fragment")),
	}, {
		Name:   "redirect-uri-with-a-name-to-log-in",
		Breaks: ExactRedirectURI,
		How:    "compares scheme, host and path of redirect URIs, and not what stands before the host",
		Policy: redirectsErrorsTo(all, same("user")),
	}, {
		Name:   "redirect-uri-at-any-port",
		Breaks: ExactRedirectURI,
		How:    "lets every client choose the port of its redirect URI, as native apps may on loopback",
		Policy: redirectsErrorsTo(all, same("port")),
	}, {
		Name:   "redirect-uri-of-any-scheme",
		Breaks: ExactRedirectURI,
		How:    "compares host and path of redirect URIs where it shows errors, and not the scheme",
		Policy: redirectsErrorsTo(all, same("scheme")),
	}, {
		Name:   "redirect-uri-of-any-scheme-but-http-in-small-letters",
		Breaks: ExactRedirectURI,
		How:    "refuses what begins with http://, and compares host and path of the rest",
		Policy: redirectsErrorsTo(func(f authserver.Failure) bool { return all(f) && !strings.HasPrefix(f.FrontRedirect, "http://") }, same("scheme")),
	}, {
		Name:   "redirect-uri-of-any-case",
		Breaks: ExactRedirectURI,
		How:    "compares redirect URIs in small letters",
		Policy: redirectsErrorsTo(all, same("case")),
	}, {
		Name:   "redirect-uri-with-a-dot-behind-its-host",
		Breaks: ExactRedirectURI,
		How:    "resolves the hosts of redirect URIs as DNS does, to which a dot at the end makes no difference",
		Policy: redirectsErrorsTo(all, same("dot")),
	}, {
		Name:   "redirect-uri-unescaped",
		Breaks: ExactRedirectURI,
		How:    "compares redirect URIs when their paths have been decoded",
		Policy: redirectsErrorsTo(all, func(sent, registered *url.URL) bool {
			return !strings.Contains(sent.Path, "..") && same("escapes")(sent, registered)
		}),
	}, {
		Name:   "redirect-uri-with-or-without-a-slash",
		Breaks: ExactRedirectURI,
		How:    "takes a slash from the end of redirect URIs before it compares them",
		Policy: redirectsErrorsTo(all, same("slash")),
		Warns:  true,
	}, {
		Name:   "redirect-uri-at-hosts-below",
		Breaks: ExactRedirectURI,
		How:    "takes every host below a registered one for that",
		Policy: redirectsErrorsTo(all, func(sent, registered *url.URL) bool {
			return sent.Scheme == registered.Scheme && strings.HasSuffix(sent.Host, "."+registered.Host) && sent.Path == registered.Path
		}),
	}, {
		Name:   "redirect-uri-below-the-one-that-was-pushed",
		Breaks: ExactRedirectURI,
		How:    "prefers the redirect_uri in the URL where it lies below the one that was pushed",
		Policy: func(p *authserver.Policy) {
			p.AnswerTo = func(pushed, front string) string {
				if strings.HasPrefix(front, pushed+"/") {
					return front
				}
				return pushed
			}
		},
	}, {
		Name:   "redirect-uri-with-a-dot-behind-the-host",
		Breaks: ExactRedirectURI,
		How:    "takes the dot of the root from the end of hosts before it compares them",
		Policy: redirectsErrorsTo(all, func(sent, registered *url.URL) bool {
			return sent.Scheme == registered.Scheme && sent.Host != registered.Host && strings.TrimSuffix(sent.Host, ".") == registered.Host && sent.Path == registered.Path
		}),
	}, {
		Name:   "redirect-uri-with-anything-behind-a-semicolon",
		Breaks: ExactRedirectURI,
		How:    "takes dots out of redirect URIs and compares their beginnings, and passes over segments that have a semicolon in them",
		Policy: redirectsErrorsTo(all, func(sent, registered *url.URL) bool {
			return sent.Scheme == registered.Scheme && sent.Host == registered.Host && sent.User == nil && strings.HasPrefix(sent.Path, registered.Path+"/") && strings.Contains(sent.Path, "/..;/")
		}),
	}, {
		Name:   "redirect-uri-of-any-neighbour",
		Breaks: ExactRedirectURI,
		How:    "compares redirect URIs up to the last slash after it has taken the dots out of them",
		Policy: redirectsErrorsTo(all, func(sent, registered *url.URL) bool {
			path := sent.JoinPath().Path
			return sent.Scheme == registered.Scheme && sent.Host == registered.Host && sent.User == nil && strings.Contains(sent.Path, "..") &&
				path[:strings.LastIndex(path, "/")] == registered.Path[:strings.LastIndex(registered.Path, "/")]
		}),
	}}
}

func passwordMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "login-repeated-in-the-address",
		Breaks: CredentialsStay,
		How:    "redirects from the login form to a page whose address has in it what the form said",
		Policy: func(p *authserver.Policy) { p.Repeats = func() bool { return true } },
	}, {
		Name:   "login-kept-in-the-page",
		Breaks: CredentialsStay,
		How:    "keeps the password in a hidden field of the consent page, so that it has no session to remember",
		Policy: func(p *authserver.Policy) { p.KeepsLogin = func() bool { return true } },
		Warns:  true,
	}}
}

func pageMutants() []mutant.Mutant {
	header := func(page, name string, values ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.PageHeader = func(found string, complete http.Header) http.Header {
				edited := maps.Clone(complete)
				if page == "" || page == found {
					edited.Del("Content-Security-Policy")
					edited.Del("X-Frame-Options")
					edited[name] = values
				}
				return edited
			}
		}
	}
	const policies, framing = "Content-Security-Policy", "X-Frame-Options"
	across := func(policy func(*authserver.Policy)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			policy(p)
			p.CookiesAcross = func() bool { return true }
		}
	}
	return []mutant.Mutant{{
		Name:   "pages-framed-with-their-session",
		Breaks: NotFramed,
		How:    "says nothing about frames, and has its cookies sent to whatever page it is shown in, because partners embed its login",
		Policy: across(header("", "X-Powered-By", "a bank")),
	}, {
		Name:   "consent-framed-with-its-session",
		Breaks: NotFramed,
		How:    "keeps its login page out of frames and forgets the consent page, which is another application's",
		Policy: across(header(authserver.ConsentPage, "X-Powered-By", "a bank")),
	}, {
		Name:   "login-framed-with-its-session",
		Breaks: NotFramed,
		How:    "keeps its consent page out of frames and forgets the login page, which is another application's",
		Policy: across(header(authserver.LoginPage, policies, "default-src 'none'")),
	}, {
		Name:   "pages-framed-by-a-scheme",
		Breaks: NotFramed,
		How:    "lets every site with TLS show its pages",
		Policy: across(header("", policies, "default-src 'none'; frame-ancestors 'self' https:")),
	}, {
		Name:   "pages-framed-as-nobody-reads-it",
		Breaks: NotFramed,
		How:    "allows one origin by a value of X-Frame-Options that browsers pass over",
		Policy: across(header("", framing, "ALLOW-FROM https://partner.example")),
	}, {
		Name:   "pages-framed-as-reported",
		Breaks: NotFramed,
		How:    "has the policy about frames reported and not kept",
		Policy: across(header("", "Content-Security-Policy-Report-Only", "frame-ancestors 'none'")),
	}, {
		Name:   "pages-framed-without-their-session",
		Breaks: NotFramed,
		How:    "says nothing about frames, and relies on browsers not to send its cookies there",
		Policy: header("", "X-Powered-By", "a bank"),
		Warns:  true,
	}, {
		Name:   "posted-pages-framed",
		Breaks: NotFramed,
		How:    "sends the header fields against frames where the request came by GET",
		Policy: func(p *authserver.Policy) {
			p.PostedPageHeader = func(complete http.Header) http.Header {
				edited := complete.Clone()
				edited.Del(policies)
				edited.Del(framing)
				return edited
			}
		},
		Warns: true,
	}, {
		Name:   "login-form-of-any-site",
		Breaks: NotFramed,
		How:    "has its cookies sent from other sites, and no value in the login form that only its page knows",
		Policy: across(func(p *authserver.Policy) {
			p.TakesForm = func(s authserver.Submission) bool { return s.Token || s.Page == authserver.LoginPage }
		}),
		Warns: true,
	}, {
		Name:   "consent-form-of-any-site",
		Breaks: NotFramed,
		How:    "has its cookies sent from other sites, and no value in the consent form that only its page knows",
		Policy: across(func(p *authserver.Policy) {
			p.TakesForm = func(s authserver.Submission) bool { return s.Token || s.Page == authserver.ConsentPage }
		}),
		Warns: true,
	}, {
		Name:   "consent-page-in-any-browser",
		Breaks: NotFramed,
		How:    "finds the session by what stands in the address of the consent page, where there is no cookie",
		Policy: func(p *authserver.Policy) {
			p.FindsVisit = func(page string) bool { return page == authserver.ConsentPage }
		},
		Warns: true,
	}, {
		Name:   "session-of-before-the-login",
		Breaks: NotFramed,
		How:    "goes on with the session that the browser had before the login, under the same name",
		Policy: func(p *authserver.Policy) { p.KeepsSession = func() bool { return true } },
		Warns:  true,
	}, {
		Name:   "any-password-at-the-login",
		Breaks: NotFramed,
		How:    "looks a user up by name, and takes any password for theirs",
		Policy: func(p *authserver.Policy) { p.RightPassword = func(bool) bool { return true } },
		Warns:  true,
	}, {
		Name:   "login-loads-from-elsewhere",
		Breaks: NoThirdParties,
		How:    "loads fonts for its login page from another site",
		Policy: func(p *authserver.Policy) {
			p.PageLoads = func(page string) []string {
				if page == authserver.LoginPage {
					return []string{"https://fonts.example/all.css"}
				}
				return nil
			}
		},
	}, {
		Name:   "consent-links-to-elsewhere",
		Breaks: NoThirdParties,
		How:    "has a link to the site of its helpdesk's supplier on the consent page",
		Policy: func(p *authserver.Policy) {
			p.PageLinks = func(page string) []string {
				if page == authserver.ConsentPage {
					return []string{"https://help.example/"}
				}
				return nil
			}
		},
	}}
}

func messageMutants() []mutant.Mutant {
	messages := func(to func(redirectURI string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			authserver.InMetadata(func(said map[string]any) {
				said["response_modes_supported"] = append(slices.Clone(said["response_modes_supported"].([]any)), "web_message")
			})(p)
			p.ResponseMode = func(mode string) bool { return authserver.SignedOrQuery(mode) || mode == "web_message" }
			p.MessageTo = to
		}
	}
	return []mutant.Mutant{{
		Name:   "response-to-any-window",
		Breaks: MessageOrigins,
		How:    "posts the response to the window that has opened its page, whoever's that is",
		Policy: messages(func(string) string { return "*" }),
	}}
}

func codeMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name:   "replay-leaves-the-tokens",
		Breaks: ReplayRevokes,
		How:    "refuses a code that comes a second time, and leaves it at that",
		Policy: func(p *authserver.Policy) { p.ReplayRevokes = func(bool) bool { return false } },
	}, {
		Name:   "replay-leaves-refreshed-tokens",
		Breaks: ReplayRevokes,
		How:    "ends the tokens that a replayed code gave, and not those that a refresh made of them",
		Policy: func(p *authserver.Policy) { p.ReplayRevokes = func(refreshed bool) bool { return !refreshed } },
	}}
}

func proxyMutants() []mutant.Mutant {
	believes := func(fields ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CertificateFromHeader = func(f authserver.CertificateField) bool { return slices.Contains(fields, f.Name) }
		}
	}
	return []mutant.Mutant{{
		Name:    "certificate-field-of-a-balancer",
		Breaks:  FieldsStripped,
		How:     "strips the fields of its own proxy, and believes that of a balancer which it had before",
		Policy:  believes("X-Amzn-Mtls-Clientcert"),
		Binding: "mtls",
	}, {
		Name:    "certificate-field-with-underscores",
		Breaks:  FieldsStripped,
		How:     "strips SSL-Client-Cert, and reads the environment, in which SSL_CLIENT_CERT is the same",
		Policy:  believes("Ssl_client_cert"),
		Binding: "mtls",
	}, {
		Name:    "certificate-fields-of-clouds",
		Breaks:  FieldsStripped,
		How:     "believes every field in which a cloud's gateways name certificates",
		Policy:  believes("X-Arr-Clientcert", "X-Forwarded-Tls-Client-Cert", "X-Ssl-Cert"),
		Binding: "mtls",
	}, {
		Name:    "certificate-subject-of-a-proxy",
		Breaks:  FieldsStripped,
		How:     "looks up who has shown a certificate by the subject that its proxy writes into X-SSL-Client-S-DN",
		Policy:  believes("X-Ssl-Client-S-Dn"),
		Binding: "mtls",
	}, {
		Name:   "certificate-field-over-any-certificate",
		Breaks: FieldsStripped,
		How:    "believes a header field that names a certificate on connections over any certificate, as its own gateways make them",
		Policy: func(p *authserver.Policy) {
			p.CertificateFromHeader = func(f authserver.CertificateField) bool { return f.Over }
		},
		Binding: "mtls",
	}, {
		Name:   "certificate-field-in-base64",
		Breaks: FieldsStripped,
		How:    "strips what nginx writes, and takes the certificate from X-SSL-Client-Cert in base64, as HAProxy writes it",
		Policy: func(p *authserver.Policy) {
			p.CertificateFromHeader = func(f authserver.CertificateField) bool { return f.Base64 && f.Name == "X-Ssl-Client-Cert" }
		},
		Binding: "mtls",
	}, {
		Name:   "certificate-subject-in-a-field-of-its-own",
		Breaks: FieldsStripped,
		How:    "strips what nginx writes, and takes the subject of a certificate from X-Client-DN",
		Policy: believes("X-Client-Dn"),
		Auth:   "tls_client_auth",
	}}
}
