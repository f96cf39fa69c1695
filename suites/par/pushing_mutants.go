package par

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/oauth2"
)

// Mutants returns the banks that break this RFC's requirements.
func Mutants() []mutant.Mutant {
	return slices.Concat(metadataMutants(), answerMutants(), pushingMutants(), requestURIMutants(), fillingMutants())
}

func metadataMutants() []mutant.Mutant {
	says := func(name string, value any) func(*authserver.Policy) {
		return authserver.InMetadata(func(said map[string]any) { said[name] = value })
	}
	return []mutant.Mutant{{
		Name:   "pushing-required-as-text",
		Breaks: RequiredIsBoolean,
		How:    "writes require_pushed_authorization_requests as the text \"true\"",
		Policy: says("require_pushed_authorization_requests", "true"),
	}}
}

func answerMutants() []mutant.Mutant {
	refuses := func(with func(status int, code string) int) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RefusalStatus = func(at authserver.Endpoint, code string, status int) int {
				if at != authserver.EndpointPAR {
					return status
				}
				return with(status, code)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "pushed-with-200",
		Breaks: Created,
		How:    "answers a pushed request with 200",
		Policy: func(p *authserver.Policy) { p.PushedStatus = func() int { return http.StatusOK } },
	}, {
		Name:   "request-uri-without-scheme",
		Breaks: RequestURIForm,
		How:    "answers with the random part of the request_uri alone",
		Policy: func(p *authserver.Policy) {
			p.RequestURIText = func(made authserver.Handle) string { return made.Random }
		},
	}, {
		Name:   "pushed-errors-with-quotes",
		Breaks: ErrorForm,
		How:    "quotes what was wrong in error_descriptionwhere a request is pushed",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				if at != authserver.EndpointPAR || complete["error_description"] == nil {
					return complete
				}
				edited := maps.Clone(complete)
				edited["error_description"] = `the value "" of scope is not valid`
				return edited
			}
		},
	}, {
		Name:   "pushed-errors-with-422",
		Breaks: ErrorForm,
		How:    "answers faults of a pushed request with 422, as its framework does for faults of a form",
		Policy: refuses(func(status int, code string) int {
			if code == "invalid_client" {
				return status
			}
			return http.StatusUnprocessableEntity
		}),
	}, {
		Name:       "pushed-errors-with-403",
		Breaks:     ErrorForm,
		AlsoBreaks: []*requirement.Requirement{oauth2.ErrorFits, oauth2.BasicChallenge},
		How:        "answers with 403 who is not authenticated",
		Policy: refuses(func(status int, code string) int {
			if code == "invalid_client" {
				return http.StatusForbidden
			}
			return status
		}),
	}}
}

func pushingMutants() []mutant.Mutant {
	owns := func(accept func(authserver.Ownership) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Owns = func(o authserver.Ownership) bool { return o.Owner == o.Caller || o.Kind == "request_uri" && accept(o) }
		}
	}
	beside := func(name string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.BesideObject = func(other string) bool { return other == name } }
	}
	return []mutant.Mutant{{
		Name:   "pushed-request-uri-passed-over",
		Breaks: NoRequestURI,
		How:    "passes over a request_uri in a pushed request",
		Policy: func(p *authserver.Policy) { p.PushesRequestURI = func(string) bool { return true } },
	}, {
		Name:   "pushed-request-uri-of-others-refused",
		Breaks: NoRequestURI,
		How:    "refuses a pushed request_uri that it has issued, and passes over others",
		Policy: func(p *authserver.Policy) {
			p.PushesRequestURI = func(uri string) bool { return strings.HasPrefix(uri, "https:") }
		},
	}, {
		Name:   "pushed-by-get",
		Breaks: PostOnly,
		How:    "takes pushed requests in the query of a GET too",
		Policy: func(p *authserver.Policy) { p.TakesQueries = func() bool { return true } },
		Warns:  true,
	}, {
		Name:   "pushed-with-the-assertion-in-the-query",
		Breaks: PostedForms,
		How:    "reads parameters of pushed requests from form and query alike, as its framework does",
		Policy: func(p *authserver.Policy) {
			p.ReadsQuery = func(q authserver.Queried) bool { return q.Endpoint == authserver.EndpointPAR }
		},
		Auth:  "private_key_jwt",
		Warns: true,
	}, {
		Name:   "request-uri-of-anybody",
		Breaks: RequestURIOfOne,
		How:    "looks request_uri up, and does not look who has pushed it",
		Policy: owns(func(authserver.Ownership) bool { return true }),
	}, {
		Name:   "request-uri-of-anybody-by-post",
		Breaks: RequestURIOfOne,
		How:    "looks who has pushed a request_uri where it comes in the URL, and not where it comes in a form",
		Policy: owns(func(o authserver.Ownership) bool { return o.Posted }),
	}, {
		Name:   "request-uri-of-anybody-without-openid",
		Breaks: RequestURIOfOne,
		How:    "looks who has pushed a request_uri where its OpenID Connect code reads the request, and not in plain OAuth",
		Policy: owns(func(o authserver.Ownership) bool { return !o.OpenID }),
	}, {
		Name:   "request-uri-of-names-alike",
		Breaks: RequestURIOfOne,
		How:    "has its database compare the client_id of who has pushed a request_uri with the beginning of that of who brings it",
		Policy: owns(func(o authserver.Ownership) bool { return strings.HasPrefix(o.Caller, o.Owner) }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "unsigned-refused-otherwise",
		Breaks: SignedOnly,
		How:    "answers 401 with unauthorized_client where a request has to be signed and is not",
		Policy: func(p *authserver.Policy) {
			p.NeedsRequestObject = func(string) bool { return true }
			p.UnsignedRefusal = func() (int, string) { return http.StatusUnauthorized, "unauthorized_client" }
		},
		Requires: []string{target.RequiresJAR},
		Warns:    true,
	}, {
		Name:   "request-object-of-another-client",
		Breaks: ObjectOfClient,
		How:    "checks who has signed a request object, and not whom it names",
		Policy: func(p *authserver.Policy) { p.ObjectFor = func(string, string) bool { return true } },
	}, {
		Name:   "scope-beside-the-request-object",
		Breaks: ObjectAlone,
		How:    "lets the scope of the form override that of the request object",
		Policy: beside("scope"),
	}, {
		Name:   "state-beside-the-request-object",
		Breaks: ObjectAlone,
		How:    "lets the state of the form override that of the request object",
		Policy: beside("state"),
	}, {
		Name:   "nonce-beside-the-request-object",
		Breaks: ObjectAlone,
		How:    "lets the nonce of the form override that of the request object",
		Policy: beside("nonce"),
	}, {
		Name:   "challenge-beside-the-request-object",
		Breaks: ObjectAlone,
		How:    "lets the code_challenge of the form override that of the request object",
		Policy: beside("code_challenge"),
	}, {
		Name:   "response-mode-beside-the-request-object",
		Breaks: ObjectAlone,
		How:    "answers by the response_mode of the form",
		Policy: beside("response_mode"),
	}, {
		Name:   "prompt-beside-the-request-object",
		Breaks: ObjectAlone,
		How:    "asks the user, or nobody, as prompt in the form has it",
		Policy: beside("prompt"),
	}, {
		Name:    "thumbprint-beside-the-request-object",
		Breaks:  ObjectAlone,
		How:     "takes dpop_jkt from the form, which the request object does not have",
		Policy:  beside("dpop_jkt"),
		Binding: "dpop",
	}}
}

// fillingMutants read beside a request object what that does not have.
func fillingMutants() []mutant.Mutant {
	fills := func(names ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.FillsObject = func(name string) bool { return slices.Contains(names, name) }
		}
	}
	return []mutant.Mutant{{
		Name: "request-object-filled-with-state", Breaks: ObjectAlone,
		How:    "takes state from beside the request object where there is none in it",
		Policy: fills("state"),
	}, {
		Name: "request-object-filled-with-nonce", Breaks: ObjectAlone,
		How:    "takes nonce from beside the request object where there is none in it",
		Policy: fills("nonce"),
	}, {
		Name: "request-object-filled-with-redirect-uri", Breaks: ObjectAlone,
		How:    "takes redirect_uri from beside the request object where there is none in it",
		Policy: fills("redirect_uri"),
	}, {
		Name: "request-object-filled-with-challenge", Breaks: ObjectAlone,
		How:    "takes code_challenge and its method from beside the request object where there is none in it",
		Policy: fills("code_challenge", "code_challenge_method"),
	}, {
		Name: "request-object-filled-with-response-mode", Breaks: ObjectAlone,
		How:    "takes response_mode from beside the request object where there is none in it",
		Policy: fills("response_mode"),
	}, {
		Name: "request-object-filled-with-max-age", Breaks: ObjectAlone,
		How: "has auth_time in the id_token where max_age asks for it, and takes that from beside the request object where there is none in it",
		Policy: func(p *authserver.Policy) {
			fills("max_age")(p)
			p.IDTokenClaims = func(about authserver.IDToken, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if !about.MaxAge {
					delete(edited, "auth_time")
				}
				return edited
			}
		},
	}, {
		Name: "request-object-filled-with-details", Breaks: ObjectAlone,
		How:    "takes authorization_details from beside the request object where there are none in it",
		Policy: fills("authorization_details"),
	}}
}
