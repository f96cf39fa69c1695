package oauth2

import (
	"maps"
	"net/http"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/pkce"
)

func errorMutants() []mutant.Mutant {
	// Only of some errors, as these are made in one place each.
	errorsAbout := func(about string, edit func(edited map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				description, _ := complete["error_description"].(string)
				if _, isError := complete["error"]; !isError || at != authserver.EndpointToken || !strings.Contains(description, about) {
					return complete
				}
				edited := maps.Clone(complete)
				edit(edited)
				return edited
			}
		}
	}
	says := func(about, code string) func(*authserver.Policy) {
		return errorsAbout(about, func(edited map[string]any) { edited["error"] = code })
	}
	status := func(code string, status int) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RefusalStatus = func(at authserver.Endpoint, about string, usual int) int {
				if at == authserver.EndpointToken && about == code {
					return status
				}
				return usual
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "token-errors-as-a-code-of-its-own",
		Breaks: ErrorForm,
		How:    "calls the error errorCode in the answers of the token endpoint",
		Policy: errorsAbout("", func(edited map[string]any) {
			edited["errorCode"] = edited["error"]
			delete(edited, "error")
		}),
	}, {
		Name:   "token-errors-in-an-object",
		Breaks: ErrorForm,
		How:    "wraps its errors into an object, as the other APIs of the bank do",
		Policy: errorsAbout("", func(edited map[string]any) { edited["error"] = map[string]any{"code": edited["error"], "status": 400} }),
	}, {
		Name:   "token-errors-with-quotes",
		Breaks: ErrorForm,
		How:    "quotes the reason in error_description",
		Policy: errorsAbout("", func(edited map[string]any) { edited["error_description"] = `refused: "invalid"` }),
	}, {
		Name:   "token-errors-with-a-path-for-error-uri",
		Breaks: ErrorForm,
		How:    "names the path of its documentation as error_uri",
		Policy: errorsAbout("", func(edited map[string]any) { edited["error_uri"] = "/docs/errors" }),
	}, {
		Name:   "token-errors-of-grants-with-200",
		Breaks: ErrorForm,
		How:    "answers what it has understood with status 200, errors too",
		Policy: status("invalid_grant", http.StatusOK),
	}, {
		Name:   "unknown-code-says-invalid-request",
		Breaks: ErrorFits,
		How:    "answers a code that it does not know with invalid_request",
		Policy: says("the code can't be redeemed", "invalid_request"),
	}, {
		Name:   "unknown-refresh-token-says-invalid-token",
		Breaks: ErrorFits,
		How:    "answers a refresh token that it does not know with invalid_token",
		Policy: says("the refresh token", "invalid_token"),
	}, {
		Name:   "unknown-grant-type-says-invalid-grant",
		Breaks: ErrorFits,
		How:    "takes invalid_grant for the error about grant_type",
		Policy: says("grant_type is not supported", "invalid_grant"),
	}, {
		Name:       "invalid-grant-with-401",
		Breaks:     ErrorFits,
		AlsoBreaks: []*requirement.Requirement{pkce.VerifierRefusal}, // which wants 400 for one of them
		How:        "answers codes and refresh tokens that are not good with status 401",
		Policy:     status("invalid_grant", http.StatusUnauthorized),
	}, {
		Name:   "unknown-grant-type-with-403",
		Breaks: ErrorFits,
		How:    "answers a grant_type that it does not have with status 403",
		Policy: status("unsupported_grant_type", http.StatusForbidden),
	}}
}
