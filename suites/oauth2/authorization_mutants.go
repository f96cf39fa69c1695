package oauth2

import (
	"github.com/fapitest/fapitest/suites/jarm"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/jar"
)

func authorizationMutants() []mutant.Mutant {
	known := []string{"client_id", "request_uri", "response_type", "scope", "redirect_uri", "state", "nonce", "prompt"}
	redirectURI := func(understand func(authserver.Redirection) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RedirectURIForm = func(string) bool { return true }
			p.RedirectURI = func(r authserver.Redirection) string {
				if uri := authserver.RegisteredExactly(r); uri != "" {
					return uri
				}
				return understand(r)
			}
		}
	}
	denial := func(edit func(edited url.Values)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ResponseParameters = func(isError bool, complete url.Values) url.Values {
				if !isError || complete.Get("error") != "access_denied" {
					return complete
				}
				edited := maps.Clone(complete)
				edit(edited)
				return edited
			}
		}
	}
	withoutFragment := func(r authserver.Redirection) string {
		bare, _, _ := strings.Cut(r.Sent, "#")
		if slices.Contains(r.Registered, bare) {
			return bare
		}
		return ""
	}
	return []mutant.Mutant{{
		Name:   "pushed-parameters-known-only",
		Breaks: UnknownParameters,
		How:    "has a schema for pushed requests, and refuses what is not in it",
		Policy: func(p *authserver.Policy) { p.IgnoresParameter = func(string) bool { return false } },
	}, {
		Name:   "authorization-parameters-known-only",
		Breaks: UnknownParameters,
		How:    "refuses at the authorization endpoint every parameter that is not of OAuth's",
		Policy: func(p *authserver.Policy) {
			p.BesideRequestURI = func(names []string) bool {
				return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(known, name) })
			}
		},
	}, {
		Name:   "redirect-uri-fragment-cut-off",
		Breaks: RedirectURIAbsolute,
		How:    "cuts the fragment off a redirect_uri before it looks whether that is registered",
		Policy: redirectURI(withoutFragment),
	}, {
		Name:   "redirect-uri-with-fragment",
		Breaks: RedirectURIAbsolute,
		How:    "compares redirect URIs without their fragments, and sends the browser to that with the fragment",
		Policy: redirectURI(func(r authserver.Redirection) string {
			if withoutFragment(r) == "" {
				return ""
			}
			return r.Sent
		}),
	}, {
		Name:   "redirect-uri-relative",
		Breaks: RedirectURIAbsolute,
		How:    "completes a relative redirect_uri by the first that is registered",
		Policy: redirectURI(func(r authserver.Redirection) string {
			base, err := url.Parse(r.Registered[0])
			if err != nil || !strings.HasPrefix(r.Sent, "/") {
				return ""
			}
			if complete, err := base.Parse(r.Sent); err == nil && slices.Contains(r.Registered, complete.String()) {
				return complete.String()
			}
			return ""
		}),
	}, {
		Name:       "response-type-unknown-is-code",
		Breaks:     ResponseTypeKnown,
		AlsoBreaks: []*requirement.Requirement{jar.ValidatedAsRequest},
		How:        "takes every response_type that it does not know for code",
		Policy: func(p *authserver.Policy) {
			p.ResponseType = func(sent string, _ bool) bool {
				return sent == "code" || sent != "" && !strings.Contains(sent, "token") && !strings.Contains(sent, "code") && sent != "none"
			}
		},
	}, {
		Name:   "response-type-unknown-says-invalid-request",
		Breaks: ResponseTypeKnown,
		How:    "answers a response_type that it does not know with invalid_request",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(_ authserver.Endpoint, complete map[string]any) map[string]any {
				if complete["error"] != "unsupported_response_type" {
					return complete
				}
				edited := maps.Clone(complete)
				edited["error"] = "invalid_request"
				return edited
			}
		},
		Warns: true,
	}, {
		Name:   "denial-says-invalid-request",
		Breaks: DenialTold,
		How:    "answers with invalid_request when the user says no",
		Policy: denial(func(edited url.Values) { edited.Set("error", "invalid_request") }),
	}, {
		Name:   "denial-with-a-code",
		Breaks: DenialTold,
		How:    "has made the code before it asks the user, and sends it along with access_denied",
		Policy: denial(func(edited url.Values) { edited.Set("code", "fapitest") }),
	}, {
		Name:   "denial-without-state",
		Breaks: DenialTold, AlsoBreaks: []*requirement.Requirement{jarm.AllInside},
		How:    "leaves the state out when the user says no",
		Policy: denial(func(edited url.Values) { edited.Del("state") }),
	}, {
		Name:   "denial-with-another-state",
		Breaks: DenialTold, AlsoBreaks: []*requirement.Requirement{jarm.AllInside},
		How:    "sends the identifier of its own session as state when the user says no",
		Policy: denial(func(edited url.Values) { edited.Set("state", "session-1") }),
	}}
}
