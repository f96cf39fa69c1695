package transport

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/tlsprobe"
	"github.com/fapitest/fapitest/harness/wire"
)

func keySpecs(client *flow.Client) {
	Describe("every host of the target", func() {
		for _, group := range []uint16{tlsprobe.P256, tlsprobe.X25519} {
			It("supports "+tlsprobe.GroupName(group), CommonGroups, func(ctx SpecContext) {
				EachHost(ctx, client, Hosts(client), func(l *Look) { l.supports(group) })
			})
		}
		It("takes no curve of less than 224 bits", CurveSize, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() || l.TLS12() == nil {
					return
				}
				offer := tlsprobe.With(l.Name, "TLS 1.2 with curves of less than 224 bits", tlsprobe.Suites(func(s tlsprobe.Suite) bool {
					return s.EllipticCurve() && !s.NoEncryption() && !strings.Contains(s.Name, "PSK")
				}))
				offer.Groups = tlsprobe.CurvesBelow224()
				h := l.Ask(offer)
				l.refusals++
				switch {
				case h.Outcome != tlsprobe.Accepted:
				case slices.Contains(offer.Groups, h.Group):
					l.Odd(h)
					l.Breaks("does the exchange on %s", tlsprobe.GroupName(h.Group))
				default:
					l.Notes("answers to curves of less than 224 bits with %s, which was not offered", tlsprobe.GroupName(h.Group))
				}
			})
		})
		It("uses no group of less than 2048 bits in a finite field", PrimeSize, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() || l.TLS12() == nil {
					return
				}
				found := false
				for _, h := range l.Unwanted() {
					if h.PrimeBits == 0 {
						continue
					}
					if found = true; h.PrimeBits < 2048 {
						l.Odd(h)
						l.Breaks("uses a prime of %d bits with %s", h.PrimeBits, tlsprobe.SuiteOf(h.Suite).Name)
					}
				}
				if !found {
					l.Spares("takes no suite with an exchange in a finite field")
				}
			})
		})
		It("has RSA keys of 2048 bits or more in its certificates", CertificateKeys, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() {
					return
				}
				for _, chain := range l.Chains() {
					for i, certificate := range chain.All {
						if i > 0 && selfIssued(certificate) {
							continue // a root, which clients have or do not have
						}
						if key, ok := certificate.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
							l.Breaks("shows, in %s, a certificate of %s with an RSA key of %d bits", chain.Where, certificate.Subject, key.N.BitLen())
						}
					}
				}
			})
		})
		It("has no certificates signed with SHA-1 or MD5", CertificateKeys, func(ctx SpecContext) {
			EachHost(ctx, client, Hosts(client), func(l *Look) {
				if !l.Proper() {
					return
				}
				for _, chain := range l.Chains() {
					for _, certificate := range chain.All {
						if selfIssued(certificate) {
							continue // nobody believes it for its signature
						}
						if slices.Contains(weakSignatures, certificate.SignatureAlgorithm) {
							l.Breaks("shows, in %s, a certificate of %s that is signed with %s", chain.Where, certificate.Subject, certificate.SignatureAlgorithm)
						}
					}
				}
				l.weakHandshakeSignatures()
			})
		})
	})
}

var weakSignatures = []x509.SignatureAlgorithm{x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1}

func selfIssued(certificate *x509.Certificate) bool {
	return string(certificate.RawSubject) == string(certificate.RawIssuer)
}

// weakHandshakeSignatures notes that a host signs the exchange itself with SHA-1 or MD5 where it is asked to: the clause is about certificates.
func (l *Look) weakHandshakeSignatures() {
	h := l.client.Handshake(l.ctx, l.Address, func() tlsprobe.Offer {
		offer := tlsprobe.Alone(l.Name, tlsprobe.TLS12)
		offer.Says += ", with signatures on SHA-1 and MD5"
		offer.Suites = tlsprobe.Suites(func(s tlsprobe.Suite) bool { return s.EllipticCurve() && s.AEAD() && !strings.Contains(s.Name, "PSK") })
		offer.Signatures = []uint16{tlsprobe.ECDSAWithSHA1, tlsprobe.RSAWithSHA1, tlsprobe.RSAWithMD5}
		return offer
	}())
	if h.Outcome == tlsprobe.Accepted && slices.Contains([]uint16{tlsprobe.ECDSAWithSHA1, tlsprobe.RSAWithSHA1, tlsprobe.RSAWithMD5}, h.Signature) {
		l.Notes("signs its side of the handshake on SHA-1 or MD5 where a client offers nothing else")
	}
}

// supports wants a group to be taken where it is offered alone.
func (l *Look) supports(group uint16) {
	if !l.Proper() {
		return
	}
	offer := tlsprobe.Modern(l.Name)
	offer.Says, offer.Groups = offer.Says+", with "+tlsprobe.GroupName(group)+" alone", []uint16{group}
	if h := l.Ask(offer); h.Outcome != tlsprobe.Refused {
		return
	}
	// In TLS 1.2 the list says as well which curve the key of the certificate may be on (RFC 8422 section 5.1.1): there a host with an ECDSA key on P-256 has to
	// refuse X25519 alone.
	if group == tlsprobe.X25519 && l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS13)).Outcome == tlsprobe.Refused {
		offer.Says, offer.Groups = offer.Says+", and P-256 for the certificate", []uint16{group, tlsprobe.P256}
		if h := l.Ask(offer); h.Outcome == tlsprobe.Accepted {
			if h.Group != group {
				l.Notes("does not speak TLS 1.3, and prefers another group to X25519: whether it has that was not seen")
			}
			return
		}
	}
	l.Taken(offer)
	l.Breaks("does not support %s", tlsprobe.GroupName(group))
}

// Chain is a chain of certificates that a host showed.
type Chain struct {
	Where string // in which handshake
	Leaf  *x509.Certificate
	All   []*x509.Certificate
	// Unstapled says that no answer of the OCSP responder came along, which the certificate names. It is seen in TLS 1.3 alone.
	Unstapled bool
}

// Chains are those that the host shows: for RSA and for ECDSA in TLS 1.2, and in TLS 1.3. The handshakes in which nothing came are left out.
func (l *Look) Chains() []Chain {
	var chains []Chain
	add := func(where string, shown [][]byte) {
		chain := Chain{Where: where}
		for _, der := range shown {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				l.Leaves("shows, in %s, a certificate that can't be read: %v", where, err)
				return
			}
			chain.All = append(chain.All, certificate)
		}
		if len(chain.All) > 0 {
			chain.Leaf = chain.All[0]
			chains = append(chains, chain)
		}
	}
	for _, kind := range []struct {
		says string
		is   func(tlsprobe.Suite) bool
	}{
		{"TLS 1.2 with an ECDSA key", func(s tlsprobe.Suite) bool {
			return strings.HasPrefix(s.Name, "TLS_ECDHE_ECDSA_WITH_") && s.Recommended()
		}},
		{"TLS 1.2 with an RSA key", func(s tlsprobe.Suite) bool {
			return strings.HasPrefix(s.Name, "TLS_ECDHE_RSA_WITH_") && s.Recommended()
		}},
	} {
		if h := l.Ask(tlsprobe.With(l.Name, kind.says, tlsprobe.Suites(kind.is))); h.Outcome == tlsprobe.Accepted {
			add(kind.says, h.Certificates)
		}
	}
	if l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS13)).Outcome == tlsprobe.Accepted {
		if carried := l.Carried(tlsprobe.TLS13); carried != nil {
			add("TLS 1.3", carried.Certificates)
			if last := len(chains) - 1; last >= 0 && chains[last].Where == "TLS 1.3" {
				chains[last].Unstapled = !carried.Stapled && len(chains[last].Leaf.OCSPServer) > 0
			}
		}
	}
	if len(chains) == 0 && len(l.unknown) == 0 {
		l.Leaves("showed no certificate in any handshake")
	}
	return chains
}

// Carried is what shows in a handshake that is carried through; nil where it was not.
func (l *Look) Carried(version uint16) *flow.Carried {
	carried := l.client.CarryThrough(l.ctx, l.Address, version)
	if carried.Outcome == tlsprobe.Accepted || len(carried.Certificates) > 0 {
		return carried
	}
	l.claims = append(l.claims, claim{carried.Exchange, wire.RoleControl, wire.Accepted, carried.Outcome, carried.Says})
	l.Leaves("did not carry the handshake through: %s", carried.Says)
	return nil
}

// Invalid says why a chain can't be validated for the name of the host; empty: it can, or nobody has to.
func (l *Look) Invalid(chain Chain) string {
	roots := l.client.Target().Trust
	between := x509.NewCertPool()
	for _, certificate := range chain.All[1:] {
		between.AddCert(certificate)
	}
	_, err := chain.Leaf.Verify(x509.VerifyOptions{DNSName: l.Name, Roots: roots, Intermediates: between, CurrentTime: time.Now()})
	if err == nil {
		return ""
	}
	return fmt.Sprintf("shows, in %s, a certificate that can't be validated: %v", chain.Where, err)
}
