package fapi2sp

import (
	"github.com/fapitest/fapitest/suites/jarm"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/jar"
	"github.com/fapitest/fapitest/suites/par"
)

// letsIn allows scripts of some origins to read the authorization endpoint.
func letsIn(good func(origin string) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.AllowsOrigin = func(c authserver.Crossing) string {
			if good(c.Origin) {
				return c.Origin
			}
			return ""
		}
	}
}

func authorizationMutants() []mutant.Mutant {
	responseTypes := func(more ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ResponseType = func(sent string, present bool) bool {
				return present && (sent == "code" || slices.Contains(more, sent))
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "response-code-unsupported",
		Breaks: ResponseTypeCode,
		How:    "supports the hybrid flow of FAPI 1.0 instead of the code flow",
		Policy: func(p *authserver.Policy) {
			p.ResponseType = func(sent string, _ bool) bool { return sent == "code id_token" }
		},
	}, {
		Name:   "response-hybrid",
		Breaks: OtherResponseTypes,
		How:    "still speaks the hybrid flow of FAPI 1.0",
		Policy: responseTypes("code id_token"),
	}, {
		Name:   "response-implicit",
		Breaks: OtherResponseTypes,
		How:    "still speaks the implicit flow",
		Policy: responseTypes("token", "id_token"),
	}, {
		Name:   "response-of-three",
		Breaks: OtherResponseTypes,
		How:    "refuses the hybrid types of two words by a list, and forgets the one of three",
		Policy: responseTypes("code id_token token"),
	}, {
		Name:   "response-id-token-token",
		Breaks: OtherResponseTypes,
		How:    "refuses token and id_token each alone, and not both together",
		Policy: responseTypes("id_token token"),
	}, {
		Name:   "response-none",
		Breaks: OtherResponseTypes,
		How:    "honours response_type=none, by which a client learns that the user is there",
		Policy: responseTypes("none"),
		Warns:  true,
	}, {
		Name:   "response-that-contains-code",
		Breaks: OtherResponseTypes,
		How:    "looks for the word code in response_type",
		Policy: func(p *authserver.Policy) {
			p.ResponseType = func(sent string, present bool) bool { return present && strings.Contains(sent, "code") }
		},
	}, {
		Name:       "response-type-defaults",
		Breaks:     OtherResponseTypes,
		AlsoBreaks: requirements(jar.ValidatedAsRequest),
		How:        "takes a missing response_type for code",
		Policy: func(p *authserver.Policy) {
			p.ResponseType = func(sent string, present bool) bool { return !present || sent == "code" }
		},
	}, {
		Name:   "response-type-empty",
		Breaks: OtherResponseTypes,
		How:    "takes an empty response_type for none, and none for code",
		Policy: func(p *authserver.Policy) {
			p.ResponseType = func(sent string, present bool) bool { return present && (sent == "code" || sent == "") }
		},
	}, {
		Name:   "response-hybrid-of-other-clients",
		Breaks: OtherResponseTypes,
		How:    "has the hybrid flow switched off for one client, and on for those that used it under FAPI 1.0",
		Policy: func(p *authserver.Policy) {
			p.AlsoGrantsType = func(a authserver.Asked, sent string) bool {
				return strings.HasSuffix(a.Client, "-second") && sent == "code id_token"
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "response-hybrid-in-request-objects",
		Breaks: OtherResponseTypes,
		How:    "still speaks the hybrid flow of FAPI 1.0 with those who sign their requests, as FAPI 1.0 had them do",
		Policy: func(p *authserver.Policy) {
			p.AlsoGrantsType = func(a authserver.Asked, sent string) bool { return a.InObject && sent == "code id_token" }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "response-hybrid-without-openid",
		Breaks: OtherResponseTypes,
		How:    "refuses response types where its OpenID Connect code reads the request, and hands out tokens beside codes in plain OAuth",
		Policy: func(p *authserver.Policy) {
			p.AlsoGrantsType = func(a authserver.Asked, sent string) bool {
				return !strings.Contains(a.Scope, "openid") && sent == "code token"
			}
		},
	}, {
		Name:   "response-implicit-where-dpop-jkt-is-sent",
		Breaks: OtherResponseTypes,
		How:    "lets tokens that will be bound to the key of dpop_jkt come by the implicit flow",
		Policy: func(p *authserver.Policy) {
			p.AlsoGrantsType = func(a authserver.Asked, sent string) bool { return a.NamesKey && sent == "token" }
		},
		Binding: "dpop",
	}, {
		Name:   "par-optional-with-signed-responses",
		Breaks: PushedOnly,
		How:    "takes requests in the URL that ask for a signed response, as its code for JARM is older than the one for PAR",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return strings.HasSuffix(a.Mode, "jwt") }
		},
	}, {
		Name:   "par-optional-where-nothing-but-openid-is-asked-for",
		Breaks: PushedOnly,
		How:    "takes requests in the URL that only ask who the user is",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.Scope == "openid" }
		},
	}, {
		Name:   "par-optional-with-dpop-jkt",
		Breaks: PushedOnly,
		How:    "takes requests in the URL whose code will be bound to a key",
		Policy: func(p *authserver.Policy) { p.WaivesPushing = func(a authserver.Asked) bool { return a.NamesKey } }, Binding: "dpop",
	}, {
		Name:   "par-optional-by-post-without-openid",
		Breaks: PushedOnly,
		How:    "demands pushing in the handler for GET and of OpenID requests, and takes others in forms",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.Posted && !strings.Contains(a.Scope, "openid") }
		},
	}, {
		Name:   "par-optional-where-nobody-may-be-asked",
		Breaks: PushedOnly,
		How:    "takes requests with prompt=none in the URL, because they come in hidden frames",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.Prompt == "none" }
		},
		Warns: true,
	}, {
		Name:   "par-optional",
		Breaks: PushedOnly,
		How:    "takes authorization requests with all parameters in the URL",
		Policy: func(p *authserver.Policy) { p.NeedsPushing = func() bool { return false } },
	}, {
		Name:   "par-demanded-of-the-first-client-only",
		Breaks: PushedOnly,
		How:    "demands pushing of the client for which it was switched on, and of no other of its kind",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return strings.HasSuffix(a.Client, "-second") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "par-optional-without-openid",
		Breaks: PushedOnly,
		How:    "demands pushing where its OpenID Connect code reads the request, and forgets plain OAuth",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return !strings.Contains(a.Scope, "openid") }
		},
	}, {
		Name:   "par-optional-for-one-combination",
		Breaks: PushedOnly,
		How:    "demands pushing of clients by a table of kinds, in which keys with certificate-bound tokens are missing",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.Auth == "private_key_jwt" && a.Binding == "mtls" }
		},
		Auth: "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "par-optional-for-mtls-clients",
		Breaks: PushedOnly,
		How:    "demands pushing of clients with a key and forgets those that authenticate by certificate",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.Auth != "private_key_jwt" }
		},
		Auth: "tls_client_auth",
	}, {
		Name:   "par-demanded-where-there-is-no-request-uri",
		Breaks: PushedOnly,
		How:    "looks whether request_uri is there, and not what is in it",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.EmptyRequestURI }
		},
	}, {
		Name:   "par-optional-beside-an-unknown-request-uri",
		Breaks: PushedOnly,
		How:    "goes by the parameters of the URL where request_uri leads to nothing, or to nothing any more",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.BesideURI }
		},
	}, {
		Name:   "response-type-beside-the-request-uri",
		Breaks: OtherResponseTypes,
		How:    "lets the response_type of the URL override the one that was pushed",
		Policy: func(p *authserver.Policy) {
			p.FrontResponseTypeWins = func(_ string, posted bool) bool { return !posted }
		},
	}, {
		Name:   "response-types-in-another-order",
		Breaks: OtherResponseTypes,
		How:    "refuses response types by a list, in which each stands in one order",
		Policy: func(p *authserver.Policy) {
			p.AlsoGrantsType = func(_ authserver.Asked, sent string) bool { return sent == "id_token code" || sent == "token code" }
		},
	}, {
		Name:   "request-object-beside-the-request-uri",
		Breaks: NoRequestByValue,
		How:    "reads a request object in the URL before it looks for request_uri, and refuses one without",
		Policy: func(p *authserver.Policy) {
			p.ObjectWins = func() bool { return true }
			p.RequestByValue = func(o authserver.RequestObject) bool { return o.Beside }
		},
	}, {
		Name:   "par-optional-by-post",
		Breaks: PushedOnly,
		How:    "demands pushing in the handler for GET, and routes forms to the one that it had before",
		Policy: func(p *authserver.Policy) {
			p.WaivesPushing = func(a authserver.Asked) bool { return a.Posted }
		},
	}, {
		Name:   "request-object-by-value-by-post",
		Breaks: NoRequestByValue,
		How:    "refuses request objects in the URL, and takes signed ones in forms",
		Policy: func(p *authserver.Policy) {
			p.RequestByValue = func(o authserver.RequestObject) bool { return o.Posted && o.Valid }
		},
	}, {
		Name:   "request-object-by-value-unsigned-by-post",
		Breaks: NoRequestByValue,
		How:    "refuses request objects in the URL, and takes those in forms without a look at who signed them",
		Policy: func(p *authserver.Policy) {
			p.RequestByValue = func(o authserver.RequestObject) bool { return o.Posted && o.Unsigned }
		},
	}, {
		Name:   "request-object-by-value-beside-parameters",
		Breaks: NoRequestByValue,
		How:    "takes a signed request object in the URL where the parameters stand beside it that OpenID Connect wants there",
		Policy: func(p *authserver.Policy) {
			p.RequestByValue = func(o authserver.RequestObject) bool { return o.Valid && o.Outer }
		},
	}, {
		Name:   "request-object-by-value",
		Breaks: NoRequestByValue,
		How:    "takes a signed request object in the URL",
		Policy: func(p *authserver.Policy) {
			p.RequestByValue = func(o authserver.RequestObject) bool { return o.Valid }
		},
	}, {
		Name:   "request-object-by-value-unsigned",
		Breaks: NoRequestByValue,
		How:    "refuses signed request objects in the URL where it checks signatures, and takes those that have none",
		Policy: func(p *authserver.Policy) {
			p.RequestByValue = func(o authserver.RequestObject) bool { return o.Unsigned }
		},
	}, {
		Name:       "request-uri-made-up",
		Breaks:     NoForeignRequestURI,
		AlsoBreaks: requirements(PushedOnly),
		How:        "falls back to the client's defaults where it does not find the request_uri",
		Policy: func(p *authserver.Policy) {
			p.ForeignRequestURI = func(uri string, _ bool) authserver.ForeignURI {
				if strings.HasPrefix(uri, "urn:") {
					return authserver.IgnoreURI
				}
				return authserver.RefuseURI
			}
		},
	}, {
		Name:       "request-uri-fetched",
		Breaks:     NoForeignRequestURI,
		AlsoBreaks: requirements(jar.NoFetching),
		How:        "fetches request objects from https addresses, as RFC 9101 allows without this profile",
		Policy: func(p *authserver.Policy) {
			p.ForeignRequestURI = func(uri string, _ bool) authserver.ForeignURI {
				if strings.HasPrefix(uri, "https://") {
					return authserver.DereferenceURI
				}
				return authserver.RefuseURI
			}
		},
	}, {
		Name:       "request-uri-fetched-with-care",
		Breaks:     NoForeignRequestURI,
		AlsoBreaks: requirements(jar.NoFetching),
		How:        "fetches request objects from any address, and verifies whom it talks to where there is a certificate",
		Policy: func(p *authserver.Policy) {
			p.ForeignRequestURI = func(uri string, _ bool) authserver.ForeignURI {
				if !strings.HasPrefix(uri, "urn:") {
					return authserver.DereferenceWithCare
				}
				return authserver.RefuseURI
			}
		},
	}, {
		Name:   "request-uri-of-any-namespace",
		Breaks: NoForeignRequestURI,
		How:    "keeps pushed requests by the last part of their request_uri, and does not look at what stands before that",
		Policy: func(p *authserver.Policy) {
			p.RequestURIKey = func(uri string) string { return uri[strings.LastIndex(uri, ":")+1:] }
		},
		Warns: true,
	}, {
		Name:   "request-uri-up-to-its-fragment",
		Breaks: NoForeignRequestURI,
		How:    "reads request_uri as an address, and looks for what stands before its fragment",
		Policy: func(p *authserver.Policy) {
			p.RequestURIKey = func(uri string) string { before, _, _ := strings.Cut(uri, "#"); return before }
		},
		Warns: true,
	}, {
		Name:   "request-uri-made-up-by-post",
		Breaks: NoForeignRequestURI,
		How:    "falls back to the client's defaults where a form names a request_uri that it does not find",
		Policy: func(p *authserver.Policy) {
			p.ForeignRequestURI = func(uri string, posted bool) authserver.ForeignURI {
				if posted && strings.HasPrefix(uri, "urn:") {
					return authserver.IgnoreURI
				}
				return authserver.RefuseURI
			}
		},
	}, {
		Name:   "request-uri-fetched-by-post",
		Breaks: NoForeignRequestURI,
		How:    "fetches request objects from the addresses that forms name",
		Policy: func(p *authserver.Policy) {
			p.ForeignRequestURI = func(uri string, posted bool) authserver.ForeignURI {
				if posted && !strings.HasPrefix(uri, "urn:") {
					return authserver.DereferenceURI
				}
				return authserver.RefuseURI
			}
		},
	}, {
		Name:   "request-uri-by-its-beginning",
		Breaks: NoForeignRequestURI,
		How:    "keeps requests in a column of 70 characters, by which it cuts off the request_uri where it looks it up too",
		Policy: func(p *authserver.Policy) {
			p.RequestURIKey = func(uri string) string { return uri[:min(len(uri), 70)] }
		},
	}, {
		Name:   "request-uri-in-any-case",
		Breaks: NoForeignRequestURI,
		How:    "looks request_uri up in a database that compares texts without their case",
		Policy: func(p *authserver.Policy) { p.RequestURIKey = strings.ToLower },
	}, {
		Name:   "request-uri-decoded-twice",
		Breaks: NoForeignRequestURI,
		How:    "decodes the parameters of the URL once more than they are encoded",
		Policy: func(p *authserver.Policy) {
			p.RequestURIKey = func(uri string) string {
				if decoded, err := url.QueryUnescape(uri); err == nil {
					return decoded
				}
				return uri
			}
		},
		Warns: true,
	}, {
		Name:   "cors-for-everybody",
		Breaks: NoCrossOrigin,
		How:    "has one filter in front of all endpoints that lets scripts of every origin in",
		Policy: func(p *authserver.Policy) { p.AllowsOrigin = func(authserver.Crossing) string { return "*" } },
	}, {
		Name:   "cors-for-who-asks",
		Breaks: NoCrossOrigin,
		How:    "puts the origin of the request into Access-Control-Allow-Origin of what it shows for a good request",
		Policy: func(p *authserver.Policy) {
			p.AllowsOrigin = func(c authserver.Crossing) string {
				if c.Request && c.Method == http.MethodGet {
					return c.Origin
				}
				return ""
			}
		},
	}, {
		Name:   "cors-for-clients",
		Breaks: NoCrossOrigin,
		How:    "lets scripts in from where the redirect URIs of its clients are",
		Policy: func(p *authserver.Policy) {
			p.AllowsOrigin = func(c authserver.Crossing) string {
				if c.Client {
					return c.Origin
				}
				return ""
			}
		},
	}, {
		Name:   "cors-for-nobody-in-particular",
		Breaks: NoCrossOrigin,
		How:    "lets scripts in that name no origin, as those of local files and of framed pages do",
		Policy: func(p *authserver.Policy) {
			p.AllowsOrigin = func(c authserver.Crossing) string {
				if c.Origin == "null" {
					return "null"
				}
				return ""
			}
		},
	}, {
		Name:   "cors-in-cleartext",
		Breaks: NoCrossOrigin,
		How:    "lets scripts in whose origin begins with http://, as those of developers do",
		Policy: letsIn(func(origin string) bool { return strings.HasPrefix(origin, "http://") }),
	}, {
		Name:   "cors-for-localhost",
		Breaks: NoCrossOrigin,
		How:    "was left with an exception for http://localhost from when it was developed",
		Policy: letsIn(func(origin string) bool { return origin == "http://localhost" }),
	}, {
		Name:   "cors-for-localhost-at-port-3000",
		Breaks: NoCrossOrigin,
		How:    "was left with an exception for http://localhost:3000 from when its pages were developed",
		Policy: letsIn(func(origin string) bool { return origin == "http://localhost:3000" }),
	}, {
		Name:   "cors-by-how-origins-end",
		Breaks: NoCrossOrigin,
		How:    "lets in what ends as its own name does, without a dot before it",
		Policy: letsIn(func(origin string) bool {
			parsed, err := url.Parse(origin)
			return err == nil && strings.HasSuffix(parsed.Hostname(), "localhost") && parsed.Hostname() != "localhost"
		}),
	}, {
		Name:   "cors-by-how-origins-begin",
		Breaks: NoCrossOrigin,
		How:    "lets in what begins as its own origin does",
		Policy: letsIn(func(origin string) bool { return strings.HasPrefix(origin, "https://localhost.") }),
	}, {
		Name:   "cors-in-preflights",
		Breaks: NoCrossOrigin,
		How:    "has a handler for OPTIONS that allows everything, whatever the endpoint",
		Policy: func(p *authserver.Policy) {
			p.AllowsOrigin = func(c authserver.Crossing) string {
				if c.Method == http.MethodOptions {
					return c.Origin
				}
				return ""
			}
		},
	}, {
		Name:   "iss-missing",
		Breaks: IssuerInResponse, AlsoBreaks: requirements(jarm.IssuerNamed),
		How:    "leaves iss out of the response that carries the code",
		Policy: func(p *authserver.Policy) { p.NamesIssuer = func(r authserver.Returned) bool { return r.IsError } },
	}, {
		Name:   "iss-missing-without-openid",
		Breaks: IssuerInResponse,
		How:    "adds iss in the part that knows OpenID Connect, and so not where openid was not asked for",
		Policy: func(p *authserver.Policy) {
			p.NamesIssuer = func(r authserver.Returned) bool { return r.IsError || r.OpenID }
		},
	}, {
		Name:   "iss-missing-for-other-clients",
		Breaks: IssuerInResponse, AlsoBreaks: requirements(jarm.IssuerNamed),
		How: "adds iss for the client for which that was switched on, and for no other of its kind",
		Policy: func(p *authserver.Policy) {
			p.NamesIssuer = func(r authserver.Returned) bool { return !strings.HasSuffix(r.Client, "-second") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "iss-missing-by-post",
		Breaks: IssuerInResponse,
		How:    "leaves iss out of the response where the request came by POST",
		Policy: func(p *authserver.Policy) { p.NamesIssuer = func(r authserver.Returned) bool { return !r.Posted } },
	}, {
		Name:   "iss-twice",
		Breaks: IssuerInResponse,
		How:    "adds iss in the endpoint and once more in a filter",
		Policy: func(p *authserver.Policy) {
			p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
				edited := maps.Clone(complete)
				if !isError {
					edited["iss"] = append(slices.Clone(edited["iss"]), edited["iss"]...)
				}
				return edited
			}
		},
	}, {
		Name:   "iss-with-state-only",
		Breaks: IssuerInResponse,
		How:    "adds iss where it puts the state back",
		Policy: issLeftOut(func(isError bool, complete url.Values) bool { return !isError && !complete.Has("state") }),
	}, {
		Name:   "iss-missing-where-nobody-may-be-asked",
		Breaks: IssuerInError, AlsoBreaks: requirements(jarm.IssuerNamed),
		How:    "answers prompt=none in a filter of its own, which knows nothing of iss",
		Policy: issLeftOut(func(_ bool, complete url.Values) bool { return complete.Get("error") == "login_required" }),
	}, {
		Name:   "iss-missing-where-the-request-is-wrong",
		Breaks: IssuerInError,
		How:    "validates requests when the user arrives, before the filter that adds iss to responses",
		Policy: func(p *authserver.Policy) {
			p.RefusesLate = func() bool { return true }
			issLeftOut(func(isError bool, complete url.Values) bool {
				return isError && complete.Get("error") != "access_denied" && complete.Get("error") != "login_required"
			})(p)
		},
	}, {
		Name:   "iss-missing-where-the-scope-is-wrong",
		Breaks: IssuerInError,
		How:    "looks at scopes where the user arrives, and sends invalid_scope back without iss",
		Policy: func(p *authserver.Policy) {
			p.RefusesLate = func() bool { return true }
			issLeftOut(func(_ bool, complete url.Values) bool { return complete.Get("error") == "invalid_scope" })(p)
		},
	}, {
		Name:   "iss-missing-where-the-response-type-is-wrong",
		Breaks: IssuerInError,
		How:    "leaves requests of response types that it does not know to a framework, which knows nothing of iss",
		Policy: func(p *authserver.Policy) {
			p.RefusesLate = func() bool { return true }
			issLeftOut(func(_ bool, complete url.Values) bool { return complete.Get("error") == "unsupported_response_type" })(p)
		},
	}, {
		Name:   "iss-missing-from-errors-without-state",
		Breaks: IssuerInError,
		How:    "adds iss to error redirects where it adds state, and so not where there is none",
		Policy: issLeftOut(func(isError bool, complete url.Values) bool { return isError && !complete.Has("state") }),
	}, {
		Name:   "iss-twice-where-the-request-is-wrong",
		Breaks: IssuerInError,
		How:    "finds faults of requests when the user arrives, and adds iss to the answer in the endpoint and once more in a filter",
		Policy: func(p *authserver.Policy) {
			p.RefusesLate = func() bool { return true }
			p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
				edited := maps.Clone(complete)
				if complete.Get("error") == "invalid_request" {
					edited["iss"] = append(slices.Clone(edited["iss"]), edited["iss"]...)
				}
				return edited
			}
		},
	}, {
		Name:   "iss-with-a-slash",
		Breaks: IssuerInResponse, AlsoBreaks: requirements(jarm.IssuerNamed),
		How:    "puts a slash behind the issuer in the response that carries the code",
		Policy: issNamed(false, func(issuer string) string { return issuer + "/" }),
	}, {
		Name:   "iss-of-the-inside",
		Breaks: IssuerInResponse, AlsoBreaks: requirements(jarm.IssuerNamed),
		How:    "names the host by which it is known behind the proxy",
		Policy: issNamed(false, func(string) string { return "https://as-7.bank.internal" }),
	}, {
		Name:   "iss-of-errors-with-a-slash",
		Breaks: IssuerInError, AlsoBreaks: requirements(jarm.IssuerNamed),
		How:    "puts a slash behind the issuer in error redirects",
		Policy: issNamed(true, func(issuer string) string { return issuer + "/" }),
	}, {
		Name:   "iss-missing-from-errors",
		Breaks: IssuerInError, AlsoBreaks: requirements(jarm.IssuerNamed),
		How:    "adds iss to the code and forgets it in errors",
		Policy: func(p *authserver.Policy) { p.NamesIssuer = func(r authserver.Returned) bool { return !r.IsError } },
	}, {
		Name:   "nonce-of-32-characters",
		Breaks: NonceCarried,
		How:    "keeps nonces in a column of 32 characters",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, _ bool) (string, bool) { return sent[:min(32, len(sent))], true }
		},
	}, {
		Name:   "nonce-decoded-twice",
		Breaks: NonceCarried,
		How:    "decodes the form once more than it was encoded, so that + becomes a space and %2B becomes +",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, _ bool) (string, bool) {
				decoded, err := url.QueryUnescape(sent)
				if err != nil {
					return sent, true
				}
				return decoded, true
			}
		},
	}, {
		Name:   "nonce-escaped-for-pages",
		Breaks: NonceCarried,
		How:    "escapes what it is sent against cross-site scripting when it comes in, and so carries &amp; for & into the id_token",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, _ bool) (string, bool) { return html.EscapeString(sent), true }
		},
	}, {
		Name:   "nonce-trimmed",
		Breaks: NonceCarried,
		How:    "takes the = at the end of a nonce for padding of base64 and drops it",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, _ bool) (string, bool) { return strings.TrimRight(sent, "="), true }
		},
	}, {
		Name:   "nonce-of-base64url",
		Breaks: NonceCarried,
		How:    "turns + and / of a nonce into the letters that base64url has for them",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, _ bool) (string, bool) {
				return strings.NewReplacer("+", "-", "/", "_").Replace(sent), true
			}
		},
	}, {
		Name:   "nonce-of-64-refused",
		Breaks: NonceCarried,
		How:    "refuses nonces from 64 characters on",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, _ bool) (string, bool) { return sent, len(sent) < 64 }
		},
	}, {
		Name:   "state-demanded",
		Breaks: NoStateNeeded,
		How:    "refuses requests without state",
		Policy: func(p *authserver.Policy) {
			p.State = func(sent authserver.SentState) (string, bool) { return sent.Value, sent.Present }
		},
	}, {
		Name:   "state-invented",
		Breaks: NoStateNeeded,
		How:    "makes up a state where none was sent",
		Policy: func(p *authserver.Policy) {
			p.State = func(sent authserver.SentState) (string, bool) {
				if !sent.Present {
					return "undefined", true
				}
				return sent.Value, true
			}
		},
	}, {
		Name:   "nonce-demanded",
		Breaks: NoStateNeeded,
		How:    "refuses OpenID requests without nonce",
		Policy: func(p *authserver.Policy) {
			p.Nonce = func(sent string, present bool) (string, bool) { return sent, present }
		},
	}, {
		Name:       "request-uri-used-up-by-the-login",
		Breaks:     RequestURIUsedAtEnd,
		AlsoBreaks: requirements(par.TwoBrowsers),
		How:        "uses the request_uri up when the user has signed in, before there is a consent",
		Policy: func(p *authserver.Policy) {
			p.UsesUpRequestURI = func(m authserver.Moment) bool { return m == authserver.WhenSignedIn }
		},
	}, {
		Name:       "request-uri-for-two-codes",
		Breaks:     par.UsedOnce,
		AlsoBreaks: requirements(RequestURIUsedAtEnd, par.TwoBrowsers),
		How:        "uses a request_uri up when it is denied, and not when it has led to a code",
		Policy: func(p *authserver.Policy) {
			p.UsesUpRequestURI = func(m authserver.Moment) bool {
				return m != authserver.WhenLoaded && m != authserver.WhenSignedIn && m != authserver.WhenCompleted
			}
		},
	}, {
		Name:       "request-uri-never-used-up",
		Breaks:     RequestURIUsedAtEnd,
		AlsoBreaks: requirements(par.UsedOnce, par.TwoBrowsers),
		How:        "lets a request_uri lead to as many codes as anybody wants, until it expires",
		Policy:     func(p *authserver.Policy) { p.UsesUpRequestURI = func(authserver.Moment) bool { return false } },
	}, {
		Name:   "request-uri-used-up-on-load",
		Breaks: RequestURIUsedAtEnd,
		How:    "uses the request_uri up when the page is loaded",
		Policy: func(p *authserver.Policy) {
			p.UsesUpRequestURI = func(m authserver.Moment) bool { return m == authserver.WhenLoaded }
		},
	}}
}

// issLeftOut leaves iss out of some responses.
func issLeftOut(of func(isError bool, complete url.Values) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
			edited := maps.Clone(complete)
			if of(isError, complete) {
				edited.Del("iss")
			}
			return edited
		}
	}
}

// issNamed puts another value into iss, in errors or in the responses that carry a code.
func issNamed(inErrors bool, name func(issuer string) string) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
			edited := maps.Clone(complete)
			if isError == inErrors {
				edited.Set("iss", name(edited.Get("iss")))
			}
			return edited
		}
	}
}
