package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func codeMutants() []mutant.Mutant {
	// A code that comes again at once, or a second later, is recognised: only patience sees it.
	forgets := func(name, how string, seconds float64) mutant.Mutant {
		return mutant.Mutant{Name: name, Breaks: CodeOnce, How: how, Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || c.Ago > seconds }
		}}
	}
	reusable := func(when func(authserver.CodeUse) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || when(c) }
		}
	}
	alive := func(seconds float64) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CodeAlive = func(c authserver.CodeAge) bool { return c.Seconds < seconds }
		}
	}
	aliveIf := func(longer func(authserver.CodeAge) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.CodeAlive = func(c authserver.CodeAge) bool { return c.Seconds < 60 || c.Seconds < 600 && longer(c) }
		}
	}
	return []mutant.Mutant{{
		Name:   "code-rearmed-by-a-failure",
		Breaks: CodeOnce,
		How:    "puts a code back into its store when a try to redeem it fails, were it redeemed before or not",
		Policy: reusable(func(c authserver.CodeUse) bool { return c.Failed }),
	}, {
		Name:   "code-reusable-after-revocation",
		Breaks: CodeOnce,
		How:    "knows that a code was redeemed by the tokens that it gave, and forgets it when the client revokes one",
		Policy: reusable(func(c authserver.CodeUse) bool { return c.Revoked }),
	}, {
		Name:    "code-reusable-where-bound",
		Breaks:  CodeOnce,
		How:     "redeems codes again that are bound to a key of DPoP proofs, which nobody else has",
		Policy:  reusable(func(c authserver.CodeUse) bool { return c.Bound }),
		Binding: "dpop",
	}, {
		Name:    "code-lives-where-bound",
		Breaks:  CodeLifetime,
		How:     "lets codes live ten minutes that are bound to a key of DPoP proofs",
		Policy:  aliveIf(func(c authserver.CodeAge) bool { return c.Bound }),
		Binding: "dpop",
	}, {
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
		Name:   "code-lives-ten-minutes-without-openid",
		Breaks: CodeLifetime,
		How:    "has its OpenID Connect code watch the age of codes, and lets those of plain OAuth requests live ten minutes",
		Policy: aliveIf(func(c authserver.CodeAge) bool { return !c.OpenID }),
	}, {
		Name:   "code-lives-ten-minutes-for-other-clients",
		Breaks: CodeLifetime,
		How:    "has a short life of codes in the settings of one client, and the ten minutes of RFC 6749 for the others",
		Policy: aliveIf(func(c authserver.CodeAge) bool { return strings.HasSuffix(c.Client, "-second") }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "code-lives-ten-minutes-for-certificates",
		Breaks: CodeLifetime,
		How:    "lets codes live ten minutes whose tokens will be bound to a certificate",
		Policy: aliveIf(func(c authserver.CodeAge) bool { return c.Binding == "mtls" }),
	}, {
		Name:   "code-lives-ten-minutes-after-a-failed-try",
		Breaks: CodeLifetime,
		How:    "puts a code back into its store after a failed try, for the ten minutes for which that keeps things",
		Policy: aliveIf(func(c authserver.CodeAge) bool { return c.Failed }),
	}, {
		Name:   "newest-code-lives-ten-minutes",
		Breaks: CodeLifetime,
		How:    "lets a new code take the place of the older one, and else lets them live ten minutes",
		Policy: func(p *authserver.Policy) {
			alive(600)(p)
			p.EndsOlderCodes = func() bool { return true }
		},
	}, {
		Name:   "code-reusable",
		Breaks: CodeOnce,
		// Who takes a code twice in a row takes it twice at once.
		AlsoBreaks: requirements(CodeOnceAtOnce),
		How:        "does not notice that a code was redeemed",
		Policy:     func(p *authserver.Policy) { p.CodeUnspent = func(authserver.CodeUse) bool { return true } },
	}, {
		Name:   "code-reusable-without-openid",
		Breaks: CodeOnce,
		How:    "notices replayed codes in the part that knows OpenID Connect, and so not where openid was not asked for",
		Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || !c.OpenID }
		},
	}, {
		Name:   "code-reusable-by-other-clients",
		Breaks: CodeOnce,
		How:    "notices replayed codes of the client for which that was switched on, and of no other of its kind",
		Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || strings.HasSuffix(c.Client, "-second") }
		},
		Auth: "private_key_jwt",
	}, {
		Name:       "code-reusable-once",
		Breaks:     CodeOnce,
		AlsoBreaks: requirements(CodeOnceAtOnce),
		How:        "forgives one retry",
		Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions < 2 }
		},
	}, {
		Name:   "code-reusable-at-the-mtls-host",
		Breaks: CodeOnce,
		How:    "serves the token endpoint at two hosts, each of which remembers the codes that it has redeemed itself",
		Policy: func(p *authserver.Policy) {
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Here == 0 }
		},
		Auth: "private_key_jwt", Binding: "dpop",
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
	}, {
		Name:   "code-cache-forgets-before-codes-die",
		Breaks: CodeOnce,
		How:    "lets codes live eleven seconds, and keeps redeemed ones in a cache for five",
		Policy: func(p *authserver.Policy) {
			alive(11)(p)
			p.CodeUnspent = func(c authserver.CodeUse) bool { return c.Redemptions == 0 || c.Ago > 5 }
		},
	},
		{
			Name:   "code-redeemed-known-by-its-letters",
			Breaks: CodeOnce,
			How:    "decodes codes to find them, and knows redeemed ones by their letters: with padding behind it a redeemed code is a new one",
			Policy: func(p *authserver.Policy) {
				p.PassesForCode = func(c authserver.CodeLike) bool { return c.Redeemed && strings.TrimRight(c.Sent, "=") == c.Issued }
			},
		},
		{
			Name:   "code-redeemed-in-other-letters",
			Breaks: CodeOnce,
			How:    "looks codes up exactly, and those that it finds nowhere in its archive, which does not know capital letters from small ones",
			Policy: func(p *authserver.Policy) {
				p.PassesForCode = func(c authserver.CodeLike) bool { return c.Redeemed && strings.EqualFold(c.Sent, c.Issued) }
			},
		},
		{
			Name:   "code-reusable-after-refresh",
			Breaks: CodeOnce,
			How:    "knows that a code was redeemed by the refresh token that it gave, and knows nothing more when that was replaced",
			Policy: reusable(func(c authserver.CodeUse) bool { return c.Refreshed }),
		},
		forgets("code-cache-forgets-after-3-seconds", "keeps redeemed codes in a cache against double clicks, for 3 seconds", 3),
		forgets("code-cache-forgets-after-10-seconds", "keeps redeemed codes in a cache for 10 seconds", 10),
		forgets("code-cache-forgets-after-25-seconds", "keeps redeemed codes in a cache for 25 seconds", 25),
		forgets("code-cache-forgets-after-45-seconds", "keeps redeemed codes in a cache for 45 seconds, and codes for 60", 45),
	}
}
