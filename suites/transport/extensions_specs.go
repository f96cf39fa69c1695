package transport

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/tlsprobe"
)

// unknownName belongs to nobody (RFC 6761 section 6.4).
const unknownName = "fapitest-unknown.invalid"

// unknownProtocol is one that nobody speaks.
const unknownProtocol = "x-fapitest-unknown"

func extensionSpecs(client *flow.Client) {
	// in12 looks at what hosts answer in TLS 1.2, to a changed offer.
	in12 := func(ctx SpecContext, change func(*tlsprobe.Offer), look func(*Look, *flow.Handshake)) {
		EachHost(ctx, client, Hosts(client), func(l *Look) {
			if !l.Proper() || l.TLS12() == nil {
				return
			}
			offer := tlsprobe.Alone(l.Name, tlsprobe.TLS12)
			change(&offer)
			if h, refused := l.Taken(offer); refused {
				// Who does not know it passes it over (RFC 5246 section 7.4.1.4); who refuses it has not agreed to it.
				l.Notes("refuses the offer of %s: %s", offer.Says, h.Says)
			} else if h.Outcome == tlsprobe.Accepted {
				look(l, h)
			}
		})
	}
	as := func(*tlsprobe.Offer) {}

	Describe("every host of the target", func() {
		It("does not compress in TLS 1.2", Compression, func(ctx SpecContext) {
			in12(ctx, func(o *tlsprobe.Offer) { o.Says, o.Deflate = o.Says+", with compression", true }, func(l *Look, h *flow.Handshake) {
				if h.Compression != 0 {
					l.Odd(h)
					l.Breaks("chooses compression method %d", h.Compression)
				}
			})
		})
		It("answers to renegotiation_info in TLS 1.2", Renegotiation, func(ctx SpecContext) {
			in12(ctx, as, func(l *Look, h *flow.Handshake) {
				if !h.Has(tlsprobe.ExtRenegotiationInfo) {
					l.Odd(h)
					l.Breaks("does not answer to renegotiation_info")
				}
				// No clause keeps a server from it; many do not want the work that it makes.
				if l.client.Renegotiate(l.ctx, l.Address).Outcome == tlsprobe.Accepted {
					l.Notes("lets clients ask for another handshake in TLS 1.2 (renegotiation)")
				}
			})
		})
		It("supports the extended master secret in TLS 1.2", MasterSecret, func(ctx SpecContext) {
			in12(ctx, as, func(l *Look, h *flow.Handshake) {
				if !h.Has(tlsprobe.ExtMasterSecret) {
					l.Odd(h)
					l.Breaks("does not answer to extended_master_secret")
				}
			})
		})
		It("does not agree to truncated HMACs", TruncatedHMAC, func(ctx SpecContext) {
			in12(ctx, func(o *tlsprobe.Offer) {
				o.Says, o.Extensions = o.Says+", with truncated_hmac", append(slices.Clone(o.Extensions), tlsprobe.ExtTruncatedHMAC)
			}, func(l *Look, h *flow.Handshake) {
				if h.Has(tlsprobe.ExtTruncatedHMAC) {
					l.Odd(h)
					l.Breaks("agrees to truncated HMACs")
				}
			})
		})
		It("shows a certificate for the name that the client asks for", ServerName, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if l.Literal() {
					l.Spares("is an address, which no client may send as a name")
					return
				}
				if !l.Proper() {
					return
				}
				for _, chain := range l.Chains() {
					if err := chain.Leaf.VerifyHostname(l.Name); err != nil {
						l.Breaks("shows, in %s, a certificate that is not for that name: %v", chain.Where, err)
					}
				}
			})
		})
		It("refuses a handshake for a name that nobody has", UnknownName, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() {
					return
				}
				offer := tlsprobe.Modern(l.Name)
				offer.Says, offer.ServerName = offer.Says+", for a name that nobody has", unknownName
				const unrecognized = 112
				if h, accepted := l.Refused(offer); accepted {
					l.Breaks("goes on with a handshake for %s", unknownName)
				} else if h.Outcome == tlsprobe.Refused && h.Alert != unrecognized {
					l.Notes("does not say unrecognized_name: %s", h.Says)
				}
			})
		})
		It("chooses a protocol by ALPN", ALPN, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				h := l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS12))
				protocol := h.Protocol
				switch h.Outcome {
				case tlsprobe.Unknown:
					return
				case tlsprobe.Refused:
					carried := l.Carried(tlsprobe.TLS13)
					if carried == nil {
						return
					}
					protocol = carried.Protocol
				case tlsprobe.Accepted:
				}
				if protocol == "" {
					// The catalogue: none is a warning. HTTP/1.1 is spoken by whoever says nothing.
					l.Warns("chooses no protocol of h2 and http/1.1")
				}
			})
		})
		It("refuses a handshake in which no protocol is common", NoCommonProtocol, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() {
					return
				}
				offer := tlsprobe.Modern(l.Name)
				offer.Says, offer.Protocols = offer.Says+", with a protocol that nobody speaks", []string{unknownProtocol}
				if _, accepted := l.Refused(offer); accepted {
					l.Breaks("goes on where the client speaks no protocol but %s", unknownProtocol)
				}
			})
		})
	})
	Describe("every host that browsers are not sent to", func() {
		It("gives no ticket in TLS 1.3 that is good for early data", EarlyData, func(ctx SpecContext) {
			EachHost(ctx, client, ForMachines(client), func(l *Look) {
				if l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS13)).Outcome == tlsprobe.Refused {
					if l.Proper() {
						l.Spares("does not speak TLS 1.3")
					}
					return
				}
				carried := l.Carried(tlsprobe.TLS13)
				if carried == nil {
					return
				}
				// Who does not answer to clients that list no protocols gives them no tickets.
				older := l.client.CarryThroughWithoutALPN(l.ctx, l.Address, tlsprobe.TLS13)
				switch {
				case carried.EarlyData > 0:
					l.Breaks("gives tickets that are good for %d bytes of early data", carried.EarlyData)
				case older.EarlyData > 0:
					l.Breaks("gives tickets that are good for %d bytes of early data to clients that list no protocols (ALPN)", older.EarlyData)
				case carried.Unread != "":
					l.Leaves("gives tickets that could not be read: %s", carried.Unread)
				}
			})
		})
	})
}
