package transport

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/tlsprobe"
)

func suiteSpecs(client *flow.Client) {
	none := func(sentence string, r *requirement.Requirement, is func(tlsprobe.Suite) bool, why string) {
		It(sentence, r, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) { l.NoneOf(is, why) })
		})
	}
	Describe("every host of the target, in TLS 1.2,", func() {
		none("takes no suite without encryption", BrokenSuites, tlsprobe.Suite.NoEncryption, "everybody on the way reads along")
		none("takes no suite with RC4", BrokenSuites, tlsprobe.Suite.RC4, "RC4 is broken")
		none("takes no suite with a key below 112 bits", BrokenSuites, tlsprobe.Suite.Below112, "its key can be tried out")
		none("takes no suite with less than 128 bits of security", Below128, tlsprobe.Suite.Below128, "its blocks are short, and its key gives 112 bits")
		none("takes no suite with static RSA", StaticRSA, tlsprobe.Suite.StaticRSA, "it has no forward secrecy")
		none("takes no suite with static Diffie-Hellman", StaticDH, tlsprobe.Suite.StaticDH, "it has no forward secrecy")
		none("takes no suite with an ephemeral exchange in a finite field", FiniteField, ephemeralFinite, "the group is the server's choice")
		none("takes no CBC suite without encrypt-then-MAC", CBCSuites, tlsprobe.Suite.CBC, "encrypt-then-MAC was not offered")

		It("has suites with forward secrecy", ForwardSecrecy, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() || l.TLS12() == nil {
					return
				}
				if _, refused := l.Taken(tlsprobe.With(l.Name, "TLS 1.2 with suites that have forward secrecy", forwardSecret())); refused {
					l.Breaks("has no suite with forward secrecy")
				}
			})
		})
		It("prefers suites with forward secrecy", ForwardSecrecy, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() || l.TLS12() == nil {
					return
				}
				static := tlsprobe.Suites(func(s tlsprobe.Suite) bool {
					return s.StaticRSA() && !s.NoEncryption() && !s.Below112() && !s.RC4() && !strings.Contains(s.Name, "PSK")
				})
				h := l.Ask(tlsprobe.With(l.Name, "TLS 1.2 with static RSA before suites that have forward secrecy", slices.Concat(static, forwardSecret())))
				if h.Outcome == tlsprobe.Accepted && tlsprobe.SuiteOf(h.Suite).StaticRSA() && l.Ask(tlsprobe.With(l.Name, "TLS 1.2 with suites that have forward secrecy", forwardSecret())).Outcome == tlsprobe.Accepted {
					l.Odd(h)
					l.Breaks("chooses %s where the client lists it before suites with forward secrecy", tlsprobe.SuiteOf(h.Suite).Name)
				}
			})
		})
		It("has the ECDHE suites with AES-GCM that fit its certificate", GCMSuites, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() || l.TLS12() == nil {
					return
				}
				if _, refused := l.Taken(tlsprobe.With(l.Name, "TLS 1.2 with ECDHE and AES-GCM", []uint16{0xc02b, 0xc02f, 0xc02c, 0xc030})); refused {
					l.Breaks("has none of the four ECDHE suites with AES-GCM")
				}
			})
		})
		It("prefers ECDHE_RSA with AES-128-GCM to weaker suites", GCMPreferred, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() || l.TLS12() == nil {
					return
				}
				gcm := []uint16{0xc02f}
				if l.Ask(tlsprobe.With(l.Name, "TLS 1.2 with ECDHE_RSA and AES-128-GCM", gcm)).Outcome == tlsprobe.Refused {
					l.Spares("has no TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, for which it would need an RSA key")
					return
				}
				weaker := tlsprobe.Suites(func(s tlsprobe.Suite) bool {
					return s.SignedByRSA() && !s.AEAD() && !s.NoEncryption() && !s.Below112() && !s.StaticDH()
				})
				weaker = weaker[:min(len(weaker), 2*mostSuites)]
				h := l.Ask(tlsprobe.With(l.Name, "TLS 1.2 with ECDHE_RSA and AES-128-GCM behind weaker suites", slices.Concat(weaker, gcm)))
				if h.Outcome == tlsprobe.Accepted && !tlsprobe.SuiteOf(h.Suite).AEAD() {
					l.Odd(h)
					l.Breaks("chooses %s where the client lists it before TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", tlsprobe.SuiteOf(h.Suite).Name)
				}
			})
		})
	})
}

// ephemeralFinite says whether a suite has an ephemeral exchange in a finite field in which the server authenticates.
func ephemeralFinite(s tlsprobe.Suite) bool { return s.FiniteField() && !s.Anonymous() }

// forwardSecret are suites of today's clients, and those of yesterday's, that have forward secrecy.
func forwardSecret() []uint16 {
	return tlsprobe.Suites(func(s tlsprobe.Suite) bool {
		return (s.EllipticCurve() || ephemeralFinite(s)) && s.AEAD() && !s.Anonymous() || s.EllipticCurve() && s.CBC() && !s.Anonymous() && !s.Below128()
	})
}
