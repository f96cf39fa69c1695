package fapi2sp

import (
	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func codeMutants() []mutant.Mutant {
	alive := func(seconds float64) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.CodeAlive = func(age float64) bool { return age < seconds } }
	}
	return []mutant.Mutant{{
		Name:   "code-lives-ten-minutes",
		Breaks: CodeLifetime,
		How:    "lets codes live ten minutes, as RFC 6749 allows",
		Policy: alive(600),
	}, {
		Name:   "code-lives-two-minutes",
		Breaks: CodeLifetime,
		How:    "adds a minute to the lifetime for slow networks",
		Policy: alive(120),
	}, {
		Name:   "code-reusable",
		Breaks: CodeOnce,
		// Who takes a code twice in a row takes it twice at once.
		AlsoBreaks: requirements(CodeOnceAtOnce),
		How:        "does not notice that a code was redeemed",
		Policy:     func(p *authserver.Policy) { p.CodeUnspent = func(authserver.CodeUse) bool { return true } },
	}, {
		Name:       "code-reusable-once",
		Breaks:     CodeOnce,
		AlsoBreaks: requirements(CodeOnceAtOnce),
		How:        "forgives one retry",
		Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions < 2 }
		},
	}, {
		Name:       "code-reusable-by-mtls-clients",
		Breaks:     CodeOnce,
		AlsoBreaks: requirements(CodeOnceAtOnce),
		How:        "notices replayed codes by the jti of the assertion that came with them, and so not those of clients that have none",
		Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || c.Auth != "private_key_jwt" }
		},
		Auth: "tls_client_auth",
	}, {
		Name:   "code-races-closely",
		Breaks: CodeOnceAtOnce,
		How:    "marks a code as used a few milliseconds after it looked, as long as a quick store takes to answer",
		Policy: func(p *authserver.Policy) { p.TakeCode = authserver.LosesCloseRaces() },
	}, {
		Name:   "code-races",
		Breaks: CodeOnceAtOnce,
		How:    "looks whether a code was used, and marks it as used a moment later",
		Policy: func(p *authserver.Policy) { p.TakeCode = authserver.LosesRaces() },
	}}
}
