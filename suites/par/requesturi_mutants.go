package par

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func requestURIMutants() []mutant.Mutant {
	alive := func(seconds float64) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RequestURIAlive = func(overdue float64) bool { return overdue < seconds }
		}
	}
	return []mutant.Mutant{{
		Name:   "request-uri-in-two-browsers",
		Breaks: TwoBrowsers,
		How:    "looks whether a request_uri was used when its page is opened, and not when the user has answered",
		Policy: func(p *authserver.Policy) { p.OneAnswer = func() bool { return false } },
		Auth:   "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "request-uri-lives-on",
		Breaks: RequestURIExpires,
		How:    "says that a request_uri lives 90 seconds, and keeps it for as long as the process runs",
		Policy: func(p *authserver.Policy) { p.RequestURIAlive = func(float64) bool { return true } },
	}, {
		Name:   "request-uri-swept-every-ten-minutes",
		Breaks: RequestURIExpires,
		How:    "lets a job that runs every ten minutes sweep expired requests out of the store, and looks at no time itself",
		Policy: alive(600),
	}, {
		Name:   "request-uri-lives-on-while-it-is-used",
		Breaks: RequestURIExpires,
		How:    "keeps requests in a cache in which each look at one begins its life anew",
		Policy: func(p *authserver.Policy) { p.RenewsRequestURI = func() bool { return true } },
	}}
}
