package fapi2ms

import (
	"net/url"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/target"
)

func responseMutants() []mutant.Mutant {
	type about = authserver.SignedResponse
	open := func(when func(r about) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SignsResponse = func(r about) bool { return r.Wanted && !when(r) } }
	}
	takes := func(unsigned func(r about) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.NeedsSignedResponse = func(r about) bool { return !unsigned(r) } }
	}
	required := []string{target.RequiresJARM}
	return []mutant.Mutant{{
		Name: "signed-responses-announced-alone", Breaks: ResponsesSigned,
		How:    "announces signed responses, passes over response_mode, and answers with a code in the open",
		Policy: open(func(r about) bool { return r.Error == "" }),
	}, {
		Name: "signed-responses-refused", Breaks: ResponsesSigned,
		How: "announces signed responses, and refuses response_mode=jwt, of which it knows query.jwt alone",
		Policy: func(p *authserver.Policy) {
			p.ResponseMode = func(mode string) bool { return mode != "jwt" && authserver.SignedOrQuery(mode) }
		},
	}, {
		Name: "signed-responses-not-by-request-objects", Breaks: ResponsesSigned,
		How:    "looks for response_mode among the parameters, and not in the request object",
		Policy: open(func(r about) bool { return r.Object && r.Error == "" }),
		Auth:   "private_key_jwt",
	}, {
		Name: "signed-responses-to-the-first-client", Breaks: ResponsesSigned,
		How:    "signs responses to the client for which that was switched on, and answers others in the open",
		Policy: open(func(r about) bool { return second(r.Client) && r.Error == "" }),
		Auth:   "private_key_jwt",
	}, {
		Name: "signed-responses-not-as-forms", Breaks: ResponsesSigned,
		How:    "builds the page for form_post.jwt as the one for form_post, with the code in the open",
		Policy: open(func(r about) bool { return r.Mode == "form_post.jwt" && r.Error == "" }),
	}, {
		Name: "unsigned-response-without-a-mode", Breaks: NoneUnsigned,
		How:      "refuses other modes to clients that are to have signed responses, and answers in the open where none is named",
		Policy:   takes(func(r about) bool { return r.Mode == "" }),
		Requires: required,
	}, {
		Name: "unsigned-response-in-the-query", Breaks: NoneUnsigned,
		How:      "answers in the open where clients that are to have signed responses ask for query",
		Policy:   takes(func(r about) bool { return r.Mode == "query" }),
		Requires: required,
	}, {
		Name: "unsigned-response-to-request-objects", Breaks: NoneUnsigned,
		How:      "looks whether clients that are to have signed responses ask for them where the request is no request object",
		Policy:   takes(func(r about) bool { return r.Object }),
		Requires: required,
		Auth:     "private_key_jwt",
	}, {
		Name: "unsigned-responses-to-later-clients", Breaks: NoneUnsigned,
		How:      "wants signed responses asked for by the client for which that was set up first",
		Policy:   takes(func(r about) bool { return second(r.Client) }),
		Requires: required,
		Auth:     "private_key_jwt",
	}, {
		Name: "errors-in-the-open", Breaks: ErrorsSigned,
		How:    "signs responses with a code, and has errors in the open",
		Policy: open(func(r about) bool { return r.Error != "" }),
	}, {
		Name: "denials-in-the-open", Breaks: ErrorsSigned,
		How:    "has the error in the open where the user says no",
		Policy: open(func(r about) bool { return r.Error == "access_denied" }),
	}, {
		Name: "denials-of-one-mode-in-the-open", Breaks: ErrorsSigned,
		How:    "signs errors where the mode is jwt, and has them in the open where it is query.jwt",
		Policy: open(func(r about) bool { return r.Mode == "query.jwt" && r.Error != "" }),
	}, {
		Name: "errors-before-the-login-in-the-open", Breaks: ErrorsSigned,
		How:    "has errors in the open that it comes to before anybody has signed in",
		Policy: open(func(r about) bool { return r.Error != "" && r.Error != "access_denied" }),
	}, {
		Name: "errors-to-later-clients-in-the-open", Breaks: ErrorsSigned,
		How:    "signs errors to the client for which that was switched on",
		Policy: open(func(r about) bool { return r.Error != "" && second(r.Client) }),
		Auth:   "private_key_jwt",
	}, {
		Name: "issuer-beside-the-signed-response", Breaks: IssuerNotBesides,
		How: "repeats iss beside the JWT, for clients that do not read that",
		Policy: func(p *authserver.Policy) {
			p.BesideResponse = func(_ about, inside url.Values) url.Values { return url.Values{"iss": {inside.Get("iss")}} }
		},
	}}
}
