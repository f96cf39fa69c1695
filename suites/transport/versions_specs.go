package transport

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/tlsprobe"
)

func versionSpecs(client *flow.Client) {
	Describe("every host of the target", func() {
		It("speaks TLS 1.2", TLS12Supported, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS12)).Outcome != tlsprobe.Refused {
					return
				}
				switch l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS13)).Outcome {
				case tlsprobe.Accepted:
					l.Notes("speaks TLS 1.3 alone")
				case tlsprobe.Refused:
					for _, version := range []uint16{tlsprobe.TLS11, tlsprobe.TLS10, tlsprobe.SSL3} {
						if h := l.Ask(tlsprobe.Alone(l.Name, version)); h.Outcome == tlsprobe.Accepted {
							l.Odd(h)
							l.Breaks("speaks nothing newer than %s", tlsprobe.VersionName(version))
							return
						}
					}
					l.Leaves("refuses every version of TLS that it was offered")
				case tlsprobe.Unknown:
				}
			})
		})
		It("speaks TLS 1.3", TLS13Supported, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() {
					return
				}
				if _, refused := l.Taken(tlsprobe.Alone(l.Name, tlsprobe.TLS13)); refused {
					l.Breaks("does not speak TLS 1.3")
				}
			})
		})
		It("chooses TLS 1.3 where both are offered", TLS13Preferred, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS13)).Outcome == tlsprobe.Refused {
					if l.Proper() {
						l.Spares("does not speak TLS 1.3")
					}
					return
				}
				if h := l.Ask(tlsprobe.Modern(l.Name)); h.Outcome == tlsprobe.Accepted && h.Version != tlsprobe.TLS13 {
					l.Odd(h)
					l.Breaks("speaks TLS 1.3, and chooses %s where both are offered", tlsprobe.VersionName(h.Version))
				} else {
					l.Proper()
				}
			})
		})
	})
}
