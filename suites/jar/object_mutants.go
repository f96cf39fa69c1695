package jar

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/target"
)

func objectMutants() []mutant.Mutant {
	inside := func(passed func(uri string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.RequestURIInside = passed }
	}
	typed := func(accept func(sent string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AlsoGrantsType = func(a authserver.Asked, sent string) bool { return a.InObject && accept(sent) }
		}
	}
	takes := func(kind string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.OtherKind = func(k authserver.JWTKind) bool { return k.Kind == kind } }
	}
	goes := func(where string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.LooksUp = func(l authserver.LookedUp) bool { return l.Where == where && strings.HasPrefix(l.URI, "http") }
		}
	}
	return []mutant.Mutant{{
		Name:   "request-uri-inside-passed-over",
		Breaks: NoRequestURIInside,
		How:    "passes over a request_uri in a request object",
		Policy: inside(func(string) bool { return true }),
	}, {
		Name:   "request-uri-of-its-own-inside-passed-over",
		Breaks: NoRequestURIInside,
		How:    "refuses addresses in the request_uri of a request object, and passes over what it has issued itself",
		Policy: inside(func(uri string) bool { return strings.HasPrefix(uri, "urn:") }),
	}, {
		Name:   "request-uri-from-elsewhere-inside-passed-over",
		Breaks: NoRequestURIInside,
		How:    "refuses what it has issued itself in the request_uri of a request object, and passes over addresses",
		Policy: inside(func(uri string) bool { return strings.HasPrefix(uri, "https:") }),
	}, {
		Name:   "request-object-that-it-can-not-open-passed-over",
		Breaks: Undecipherable,
		How:    "goes by the form where a request object in it can't be decrypted",
		Policy: func(p *authserver.Policy) { p.PassesOverSealed = func() bool { return true } },
	}, {
		Name:   "request-object-without-response-type",
		Breaks: ValidatedAsRequest,
		How:    "takes code for granted where a request object has no response_type",
		Policy: typed(func(sent string) bool { return sent == "" }),
	}, {
		Name:   "request-object-with-any-response-type",
		Breaks: ValidatedAsRequest,
		How:    "validates response_type of forms alone, a request object being signed",
		Policy: typed(func(sent string) bool { return sent != "" && !strings.Contains(sent, "token") }),
	}, {
		Name:   "response-type-beside-the-request-object",
		Breaks: ValidatedAsRequest,
		How:    "reads response_type beside the request object, where OpenID Connect Core has it",
		Policy: func(p *authserver.Policy) { p.BesideObject = func(name string) bool { return name == "response_type" } },
	}, {
		Name:   "request-objects-refused-as-denied",
		Breaks: ErrorCodes,
		How:    "answers access_denied where a request object is not as it should be",
		Policy: func(p *authserver.Policy) { p.ObjectErrorCode = func(string) string { return "access_denied" } },
	}, {
		Name:   "pushed-request-uri-looked-up",
		Breaks: NoFetching,
		How:    "looks what is at a pushed request_uri before it refuses it",
		Policy: goes("form"),
	}, {
		Name:   "request-uri-inside-looked-up",
		Breaks: NoFetching,
		How:    "looks what is at the request_uri in a request object before it refuses it",
		Policy: goes("object"),
	}, {
		Name:   "request-uri-looked-up",
		Breaks: NoFetching,
		How:    "looks what is at the request_uri in the URL before it refuses it",
		Policy: goes("URL"),
	}, {
		Name:   "client-assertion-for-a-request-object",
		Breaks: KindsOfObjectsApart,
		How:    "takes whatever the client signed for a request object, and reads beside it what that does not have",
		Policy: takes("client assertion"),
	}, {
		Name:    "proof-for-a-request-object",
		Breaks:  KindsOfObjectsApart,
		How:     "takes a DPoP proof for a request object, and reads beside it what that does not have",
		Policy:  takes("DPoP proof"),
		Binding: target.DPoP,
	}, {
		Name:   "id-token-for-a-request-object",
		Breaks: KindsOfObjectsApart,
		How:    "takes what it has signed itself for a request object, and reads beside it what that does not have",
		Policy: takes("id_token"),
	}}
}
