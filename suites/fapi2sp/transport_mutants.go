package fapi2sp

import (
	"crypto/tls"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/transport"
)

// ownSuite says whether a client offers one of the suites that the reference has.
func ownSuite(h authserver.Hello) bool {
	return slices.Contains(h.Suites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) || slices.Contains(h.Suites, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)
}

// alsoTakes has a bank take a suite from clients that do not offer its own, at one of its listeners or, where both are nil, at all.
func alsoTakes(suite uint16, at func(authserver.Hello) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		own := p.Suite
		p.Suite = func(version uint16, h authserver.Hello) uint16 {
			if version == tls.VersionTLS12 && at(h) && !ownSuite(h) && slices.Contains(h.Suites, suite) {
				return suite
			}
			return own(version, h)
		}
	}
}

func atMutual(h authserver.Hello) bool { return h.Mutual }
func atFront(h authserver.Hello) bool  { return !h.Mutual }
func atBoth(authserver.Hello) bool     { return true }

func unnamed(h authserver.Hello) bool     { return h.Name == "" }
func withoutALPN(h authserver.Hello) bool { return len(h.Protocols) == 0 }
func sayLittle(h authserver.Hello) bool   { return unnamed(h) && withoutALPN(h) }

// chooses11 has a bank choose TLS 1.1 of the versions that a client has, where it has that at all.
func chooses11(from func(authserver.Hello) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		speaks(tls.VersionTLS10, func(authserver.Hello) bool { return false })(p)
		spoken := p.Version
		p.Version = func(h authserver.Hello) uint16 {
			if from(h) && slices.Contains(h.Versions, tls.VersionTLS11) && slices.Contains(h.Suites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA) {
				return tls.VersionTLS11
			}
			return spoken(h)
		}
	}
}

// speaks has a bank speak an old version with clients that have no newer one.
func speaks(version uint16, at func(authserver.Hello) bool) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		spoken, suite := p.Version, p.Suite
		p.Version = func(h authserver.Hello) uint16 {
			if at(h) && slices.Max(h.Versions) == version {
				return version
			}
			return spoken(h)
		}
		p.Suite = func(chosen uint16, h authserver.Hello) uint16 {
			if chosen < tls.VersionTLS12 {
				return oldSuite(h)
			}
			return suite(chosen, h)
		}
	}
}

// oldSuite is one that old versions have.
func oldSuite(h authserver.Hello) uint16 {
	if slices.Contains(h.Suites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA) {
		return tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
	}
	return 0
}

// showsOnRSA has a bank with a second certificate, on an RSA key, for clients that take no other.
func showsOnRSA(which authserver.ShownCertificate) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		alsoTakes(tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, atBoth)(p)
		p.Shows = func(version uint16, h authserver.Hello) authserver.ShownCertificate {
			if version == tls.VersionTLS12 && !ownSuite(h) {
				return which
			}
			return authserver.ItsOwn
		}
	}
}

func transportMutants() []mutant.Mutant {
	inClear := func(paths ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.InClear = func(path string) authserver.ClearAnswer {
				if slices.ContainsFunc(paths, func(part string) bool { return strings.Contains(path, part) }) {
					return authserver.ClearServed
				}
				return authserver.ClearRefused
			}
		}
	}
	// Whatever is not recommended breaks this at the hosts of the token endpoint.
	also := func(others ...*requirement.Requirement) []*requirement.Requirement {
		return append(requirements(RecommendedSuites), others...)
	}
	return []mutant.Mutant{{
		Name:   "tls-not-at-logout",
		Breaks: TLSAlone,
		How:    "names an http address for logouts in its metadata",
		Policy: authserver.InMetadata(func(said map[string]any) {
			said["end_session_endpoint"] = "http" + strings.TrimPrefix(said["end_session_endpoint"].(string), "https")
		}),
	}, {
		Name:   "clear-metadata",
		Breaks: TLSAlone,
		How:    "serves its metadata without TLS too, for clients that begin there",
		Policy: inClear("/.well-known/"),
	}, {
		Name:   "clear-keys",
		Breaks: TLSAlone,
		How:    "serves its keys without TLS too: they are public",
		Policy: inClear("/jwks"),
	}, {
		Name:   "clear-login",
		Breaks: TLSAlone,
		How:    "shows its login page to browsers that come without TLS",
		Policy: inClear("/authorize"),
	}, {
		Name:   "clear-for-machines",
		Breaks: TLSAlone,
		How:    "serves clients at the token endpoint and its like without TLS too, as its gateways speak among themselves",
		Policy: inClear("/token", "/par", "/introspect", "/revoke"),
	}, {
		Name:   "clear-resource",
		Breaks: TLSAlone,
		How:    "has its resource and userinfo answer without TLS too",
		Policy: inClear("/userinfo", "/accounts"),
	}, {
		Name:   "tls-ssl2",
		Breaks: OldVersionsRefused,
		How:    "says hello to clients of 1995",
		Policy: speaks(authserver.SSL2, atBoth),
	}, {
		Name:   "tls-ssl3",
		Breaks: OldVersionsRefused,
		How:    "speaks SSL 3 with clients that have nothing newer",
		Policy: speaks(authserver.SSL3, atBoth),
	}, {
		Name:   "tls-1.0",
		Breaks: OldVersionsRefused,
		How:    "speaks TLS 1.0 with clients that have nothing newer",
		Policy: speaks(tls.VersionTLS10, atBoth),
	}, {
		Name:   "tls-1.1",
		Breaks: OldVersionsRefused,
		How:    "speaks TLS 1.1 with clients that have nothing newer",
		Policy: speaks(tls.VersionTLS11, atBoth),
	}, {
		Name:   "tls-1.0-for-certificates",
		Breaks: OldVersionsRefused,
		How:    "speaks TLS 1.0 at the host for mutual TLS, which was forgotten when the others were hardened",
		Policy: speaks(tls.VersionTLS10, atMutual),
	}, {
		Name:   "tls-1.0-without-a-name",
		Breaks: OldVersionsRefused,
		How:    "has TLS 1.0 left on in what it does with clients that name no server",
		Policy: speaks(tls.VersionTLS10, unnamed),
	}, {
		Name:   "tls-1.1-without-alpn",
		Breaks: OldVersionsRefused,
		How:    "speaks TLS 1.1 with clients that do not know ALPN, and so are old",
		Policy: speaks(tls.VersionTLS11, withoutALPN),
	}, {
		Name:   "tls-1.0-without-alpn-and-name",
		Breaks: OldVersionsRefused,
		How:    "speaks TLS 1.0 with clients that list no protocols and name no server",
		Policy: speaks(tls.VersionTLS10, sayLittle),
	}, {
		Name:   "tls-1.0-without-groups",
		Breaks: OldVersionsRefused,
		How:    "speaks TLS 1.0 with clients that list no groups, and so are from before RFC 4492",
		Policy: speaks(tls.VersionTLS10, func(h authserver.Hello) bool { return len(h.Groups) == 0 }),
	}, {
		Name:   "tls-1.1-beside-1.3",
		Breaks: OldVersionsRefused,
		How:    "chooses TLS 1.1 where the client lists it beside newer versions",
		Policy: chooses11(func(h authserver.Hello) bool { return slices.Contains(h.Versions, tls.VersionTLS13) }),
	}, {
		Name:   "tls-1.1-beside-1.2",
		Breaks: OldVersionsRefused,
		How:    "answers in TLS 1.1 to clients that do not have TLS 1.3",
		Policy: chooses11(func(h authserver.Hello) bool {
			return slices.Contains(h.Versions, tls.VersionTLS12) && !slices.Contains(h.Versions, tls.VersionTLS13)
		}),
	}, {
		Name:   "tls-nothing-new",
		Breaks: transport.TLS12Supported,
		How:    "has a gateway for mutual TLS that speaks nothing newer than TLS 1.1",
		Policy: func(p *authserver.Policy) {
			spoken, suite := p.Version, p.Suite
			p.Version = func(h authserver.Hello) uint16 {
				switch {
				case !h.Mutual:
					return spoken(h)
				case slices.Contains(h.Versions, tls.VersionTLS11):
					return tls.VersionTLS11
				}
				return 0
			}
			p.Suite = func(version uint16, h authserver.Hello) uint16 {
				if version < tls.VersionTLS12 {
					return oldSuite(h)
				}
				return suite(version, h)
			}
		},
		// TLS 1.1 is spoken where something newer had to be, and is spoken at all.
		AlsoBreaks: requirements(OldVersionsRefused),
		Auth:       "private_key_jwt", Binding: "dpop",
	}, {
		Name:       "tls-null",
		Breaks:     transport.BrokenSuites,
		AlsoBreaks: also(transport.StaticRSA),
		How:        "takes suites that do not encrypt, at the host for mutual TLS",
		Policy:     alsoTakes(authserver.SuiteNull, atMutual),
	}, {
		Name:       "tls-export",
		Breaks:     transport.BrokenSuites,
		AlsoBreaks: also(transport.CBCSuites, transport.StaticRSA),
		How:        "takes suites made for export, at the host for mutual TLS",
		Policy:     alsoTakes(authserver.SuiteExport, atMutual),
	}, {
		Name:       "tls-rc4",
		Breaks:     transport.BrokenSuites,
		AlsoBreaks: also(),
		How:        "takes suites with RC4, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, atMutual),
	}, {
		Name:       "tls-rc4-for-browsers",
		Breaks:     SuitesForBrowsers,
		AlsoBreaks: also(transport.BrokenSuites),
		How:        "takes suites with RC4 where browsers come, for the old ones among them",
		Policy:     alsoTakes(tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, atFront),
	}, {
		Name:       "tls-3des",
		Breaks:     transport.Below128,
		AlsoBreaks: also(transport.CBCSuites),
		How:        "takes suites with triple DES, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, atMutual),
	}, {
		Name:       "tls-3des-without-alpn",
		Breaks:     transport.Below128,
		AlsoBreaks: also(transport.CBCSuites),
		How:        "takes suites with triple DES from clients that do not know ALPN, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, func(h authserver.Hello) bool { return h.Mutual && withoutALPN(h) }),
	}, {
		Name:       "tls-cbc-without-alpn-and-name",
		Breaks:     RecommendedSuites,
		AlsoBreaks: requirements(transport.CBCSuites),
		How:        "takes suites with CBC from clients that list no protocols and name no server, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, func(h authserver.Hello) bool { return h.Mutual && sayLittle(h) }),
	}, {
		Name:       "tls-rc4-without-a-name",
		Breaks:     transport.BrokenSuites,
		AlsoBreaks: also(),
		How:        "takes suites with RC4 from clients that name no server, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, func(h authserver.Hello) bool { return h.Mutual && unnamed(h) }),
	}, {
		Name:       "tls-static-rsa",
		Breaks:     transport.StaticRSA,
		AlsoBreaks: also(),
		How:        "takes suites in which the session key is encrypted to its own, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_RSA_WITH_AES_128_GCM_SHA256, atMutual),
	}, {
		Name:       "tls-static-dh",
		Breaks:     transport.StaticDH,
		AlsoBreaks: also(),
		How:        "takes suites with a Diffie-Hellman key in the certificate, at the host for mutual TLS",
		Policy:     alsoTakes(authserver.SuiteStaticDH, atMutual),
	}, {
		Name:       "tls-without-forward-secrecy",
		Breaks:     transport.ForwardSecrecy,
		AlsoBreaks: also(transport.StaticRSA, transport.GCMSuites),
		How:        "has no suites with forward secrecy in TLS 1.2 at the host for mutual TLS, so that what is recorded there can be opened",
		Policy: func(p *authserver.Policy) {
			own := p.Suite
			p.Suite = func(version uint16, h authserver.Hello) uint16 {
				switch {
				case version != tls.VersionTLS12 || !h.Mutual:
					return own(version, h)
				case slices.Contains(h.Suites, tls.TLS_RSA_WITH_AES_128_GCM_SHA256):
					return tls.TLS_RSA_WITH_AES_128_GCM_SHA256
				}
				return 0
			}
		},
	}, {
		Name:       "tls-prefers-static-rsa",
		Breaks:     transport.ForwardSecrecy,
		AlsoBreaks: also(transport.StaticRSA),
		How:        "goes by the client's order of suites, at the host for mutual TLS, and has some without forward secrecy",
		Policy: func(p *authserver.Policy) {
			own := p.Suite
			p.Suite = func(version uint16, h authserver.Hello) uint16 {
				for _, suite := range h.Suites {
					if version == tls.VersionTLS12 && h.Mutual && suite == tls.TLS_RSA_WITH_AES_128_GCM_SHA256 {
						return suite
					}
					if suite == tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || suite == tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 {
						break
					}
				}
				return own(version, h)
			}
		},
	}, {
		Name:       "tls-dhe",
		Breaks:     transport.FiniteField,
		AlsoBreaks: also(),
		How:        "takes suites with an exchange in a finite field, at the host for mutual TLS",
		Policy:     alsoTakes(authserver.SuiteDHE, atMutual),
	}, {
		Name:       "tls-small-prime",
		Breaks:     transport.PrimeSize,
		AlsoBreaks: also(transport.FiniteField),
		How:        "does the exchange in the group of 1024 bits that came with its server, at the host for mutual TLS",
		Policy: func(p *authserver.Policy) {
			alsoTakes(authserver.SuiteDHE, atMutual)(p)
			p.PrimeBits = func() int { return 1024 }
		},
	}, {
		Name:       "tls-cbc",
		Breaks:     transport.CBCSuites,
		AlsoBreaks: also(),
		How:        "takes CBC suites, at the host for mutual TLS",
		Policy:     alsoTakes(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, atMutual),
	}, {
		Name:       "tls-prefers-cbc",
		Breaks:     transport.GCMPreferred,
		AlsoBreaks: also(transport.CBCSuites),
		How:        "goes by the client's order of suites on its RSA key, at the host for mutual TLS, and has some with CBC",
		Policy: func(p *authserver.Policy) {
			own := p.Suite
			p.Suite = func(version uint16, h authserver.Hello) uint16 {
				if version != tls.VersionTLS12 || !h.Mutual || ownSuite(h) {
					return own(version, h)
				}
				for _, suite := range h.Suites {
					if suite == tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA || suite == tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 {
						return suite
					}
				}
				return 0
			}
		},
	}, {
		Name:   "tls-ccm",
		Breaks: RecommendedSuites,
		How:    "takes suites that are good, and that nobody recommends for this",
		Policy: alsoTakes(authserver.SuiteCCM, atBoth),
	}, {
		Name:   "tls-anonymous",
		Breaks: RecommendedSuites,
		How:    "takes suites in which it does not say who it is, at the host for mutual TLS",
		Policy: alsoTakes(authserver.SuiteAnonymous, atMutual),
	}, {
		Name:       "tls-of-another-name",
		Breaks:     transport.ServerName,
		AlsoBreaks: requirements(ValidCertificates),
		How:        "shows the certificate of its default host to clients that need an RSA key",
		Policy:     showsOnRSA(authserver.ForAnotherName),
	}, {
		Name:   "tls-expired",
		Breaks: ValidCertificates,
		How:    "was given a new certificate, and its second one was forgotten",
		Policy: showsOnRSA(authserver.Expired),
	}, {
		Name:   "tls-of-a-stranger",
		Breaks: ValidCertificates,
		How:    "shows in TLS 1.2 a certificate of an authority that nobody knows",
		Policy: showsOnRSA(authserver.OfStranger),
	}, {
		Name:   "tls-small-key",
		Breaks: transport.CertificateKeys,
		How:    "has an RSA key of 1024 bits",
		Policy: showsOnRSA(authserver.SmallKey),
	}, {
		Name:       "tls-sha1",
		Breaks:     transport.CertificateKeys,
		AlsoBreaks: requirements(ValidCertificates),
		How:        "has a certificate that was signed on SHA-1",
		Policy:     showsOnRSA(authserver.SignedOnSHA1),
	}, {
		Name:   "pages-without-hsts",
		Breaks: StrictTransport,
		How:    "does not tell browsers to come back by https alone",
		Policy: func(p *authserver.Policy) { p.StrictTransport = func() string { return "" } },
		Warns:  true,
	}, {
		Name:   "pages-without-hsts-for-long",
		Breaks: StrictTransport,
		How:    "tells browsers to forget that they are to come back by https alone",
		Policy: func(p *authserver.Policy) { p.StrictTransport = func() string { return "max-age=0" } },
		Warns:  true,
	}}
}
