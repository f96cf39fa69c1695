package transport

import (
	"crypto/tls"
	"slices"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants break what only RFC 9325 asks. Those that break what the profile asks as well are in suites/fapi2sp.
func Mutants() []mutant.Mutant {
	without := func(id uint16) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			own := p.Agrees
			p.Agrees = func(offered []uint16) []uint16 {
				return slices.DeleteFunc(own(offered), func(agreed uint16) bool { return agreed == id })
			}
		}
	}
	group := func(choose func(offered []uint16) (group uint16, ok bool)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			own := p.Group
			p.Group = func(version uint16, h authserver.Hello) uint16 {
				if chosen, ok := choose(h.Groups); ok {
					return chosen
				}
				return own(version, h)
			}
		}
	}
	lacks := func(missing tls.CurveID) func(*authserver.Policy) {
		return group(func(offered []uint16) (uint16, bool) {
			return 0, !slices.ContainsFunc(offered, func(one uint16) bool { return one != uint16(missing) })
		})
	}
	const secp192r1 = 19
	return []mutant.Mutant{{
		Name:   "tls-without-1.3",
		Breaks: TLS13Supported,
		How:    "runs behind a load balancer that speaks nothing newer than TLS 1.2",
		Policy: func(p *authserver.Policy) {
			p.Version = func(h authserver.Hello) uint16 {
				if slices.Contains(h.Versions, tls.VersionTLS12) {
					return tls.VersionTLS12
				}
				return 0
			}
		},
	}, {
		Name:   "tls-prefers-1.2",
		Breaks: TLS13Preferred,
		How:    "speaks TLS 1.3 with clients that offer nothing else, and TLS 1.2 with all others",
		Policy: func(p *authserver.Policy) {
			p.Version = func(h authserver.Hello) uint16 {
				for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
					if slices.Contains(h.Versions, version) {
						return version
					}
				}
				return 0
			}
		},
	}, {
		Name:   "tls-compresses",
		Breaks: Compression,
		How:    "compresses where a client offers it",
		Policy: func(p *authserver.Policy) { p.Compresses = func() bool { return true } },
	}, {
		Name:   "tls-without-renegotiation-info",
		Breaks: Renegotiation,
		How:    "has a TLS library from before RFC 5746",
		Policy: without(authserver.ExtensionRenegotiation),
	}, {
		Name:   "tls-without-master-secret",
		Breaks: MasterSecret,
		How:    "has a TLS library from before RFC 7627",
		Policy: without(authserver.ExtensionMasterSecret),
	}, {
		Name:   "tls-truncates",
		Breaks: TruncatedHMAC,
		How:    "cuts HMACs short for clients that ask for it",
		Policy: func(p *authserver.Policy) { p.Agrees = slices.Clone[[]uint16] },
	}, {
		Name:   "tls-for-any-name",
		Breaks: UnknownName,
		How:    "serves as its default host whoever asks for a name that it does not know",
		Policy: func(p *authserver.Policy) { p.KnowsName = func(string) bool { return true } },
	}, {
		Name:   "tls-without-alpn",
		Breaks: ALPN,
		How:    "chooses no protocol for who lists http/1.1",
		Policy: func(p *authserver.Policy) {
			own := p.Protocol
			p.Protocol = func(offered []string) (string, bool) {
				_, ok := own(offered)
				return "", ok
			}
		},
		Warns: true,
	}, {
		Name:   "tls-for-any-protocol",
		Breaks: NoCommonProtocol,
		How:    "goes on without a protocol where it speaks none of those that are listed",
		Policy: func(p *authserver.Policy) {
			own := p.Protocol
			p.Protocol = func(offered []string) (string, bool) {
				if protocol, ok := own(offered); ok {
					return protocol, true
				}
				return "", true
			}
		},
	}, {
		Name:   "tls-with-early-data",
		Breaks: EarlyData,
		How:    "gives tickets for early data to who speaks HTTP, so that its pages come sooner",
		Policy: func(p *authserver.Policy) {
			p.EarlyData = func(protocols []string) uint32 {
				if slices.Contains(protocols, "http/1.1") {
					return 16384
				}
				return 0
			}
		},
	}, {
		Name:   "tls-with-early-data-without-alpn",
		Breaks: EarlyData,
		How:    "gives tickets for early data to clients that list no protocols",
		Policy: func(p *authserver.Policy) {
			p.EarlyData = func(protocols []string) uint32 {
				if len(protocols) == 0 {
					return 16384
				}
				return 0
			}
		},
	}, {
		Name:   "tls-without-gcm",
		Breaks: GCMSuites,
		How:    "has ChaCha20-Poly1305 alone in TLS 1.2",
		Policy: func(p *authserver.Policy) {
			p.Suite = func(version uint16, h authserver.Hello) uint16 {
				if version == tls.VersionTLS12 && slices.Contains(h.Suites, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256) {
					return tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
				}
				return 0
			}
		},
	}, {
		Name:   "tls-without-x25519",
		Breaks: CommonGroups,
		How:    "does not have X25519",
		Policy: lacks(tls.X25519),
	}, {
		Name:   "tls-without-p256",
		Breaks: CommonGroups,
		How:    "does not have P-256",
		Policy: lacks(tls.CurveP256),
	}, {
		Name:   "tls-on-small-curves",
		Breaks: CurveSize,
		How:    "does the exchange on a curve of 192 bits for clients that have no larger one",
		Policy: group(func(offered []uint16) (uint16, bool) { return secp192r1, slices.Contains(offered, secp192r1) }),
	}}
}
