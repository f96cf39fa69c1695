package par

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func requestURIMutants() []mutant.Mutant {
	alive := func(seconds float64) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RequestURIAlive = func(a authserver.RequestURIAge) bool { return a.Overdue < seconds }
		}
	}
	return []mutant.Mutant{{
		Name:   "request-uri-in-two-browsers",
		Breaks: TwoBrowsers,
		How:    "looks whether a request_uri was used when its page is opened, and not when the user has answered",
		Policy: func(p *authserver.Policy) { p.OneAnswer = func() bool { return false } },
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "form-twice",
		Breaks: TwoBrowsers,
		How:    "gives a second code when the consent form is sent twice",
		Policy: func(p *authserver.Policy) { p.AnswersAgain = func() bool { return true } },
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "request-uri-lives-on",
		Breaks: RequestURIExpires,
		How:    "says that a request_uri lives 90 seconds, and keeps it for as long as the process runs",
		Policy: func(p *authserver.Policy) { p.RequestURIAlive = func(authserver.RequestURIAge) bool { return true } },
	}, {
		Name:   "request-uri-swept-every-ten-minutes",
		Breaks: RequestURIExpires,
		How:    "lets a job that runs every ten minutes sweep expired requests out of the store, and looks at no time itself",
		Policy: alive(600),
	}, {
		Name:   "request-uri-lives-on-without-openid",
		Breaks: RequestURIExpires,
		How:    "looks at the age of a request_uri in the part that knows OpenID Connect, and so not where openid was not asked for",
		Policy: func(p *authserver.Policy) {
			p.RequestURIAlive = func(a authserver.RequestURIAge) bool { return a.Overdue < 0 || !a.OpenID }
		},
	}, {
		Name:   "request-uri-of-other-clients-lives-on",
		Breaks: RequestURIExpires,
		How:    "looks at the age of a request_uri for the client for which that was switched on, and for no other of its kind",
		Policy: func(p *authserver.Policy) {
			p.RequestURIAlive = func(a authserver.RequestURIAge) bool { return a.Overdue < 0 || strings.HasSuffix(a.Client, "-second") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "expired-request-uri-by-post",
		Breaks: RequestURIExpires,
		How:    "looks at the age of a request_uri where it comes by GET",
		Policy: func(p *authserver.Policy) {
			p.RequestURIAlive = func(a authserver.RequestURIAge) bool { return a.Overdue < 0 || a.Posted }
		},
	}, {
		Name:   "used-request-uri-by-post",
		Breaks: UsedOnce,
		How:    "takes a request_uri that was used where it comes by POST",
		Policy: func(p *authserver.Policy) {
			p.TakesUsed = func(used authserver.UsedRequest) bool { return used.Posted }
		},
	}, {
		Name:   "request-uri-use-forgotten",
		Breaks: UsedOnce,
		How:    "remembers for twenty seconds that a request_uri was used, and keeps the request for longer",
		Policy: func(p *authserver.Policy) {
			p.TakesUsed = func(used authserver.UsedRequest) bool { return used.Ago > 20 }
		},
	}, {
		Name:   "request-uri-good-after-a-denial",
		Breaks: UsedOnce,
		How:    "uses a request_uri up when the user allows, and not when the user says no",
		Policy: func(p *authserver.Policy) {
			p.UsesUpRequestURI = func(m authserver.Moment) bool { return m == authserver.WhenCompleted }
		},
	}, {
		Name:   "request-uri-lives-on-while-it-is-used",
		Breaks: RequestURIExpires,
		How:    "keeps requests in a cache in which each look at one begins its life anew",
		Policy: func(p *authserver.Policy) { p.RenewsRequestURI = func() bool { return true } },
	}}
}
