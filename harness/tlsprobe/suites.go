package tlsprobe

import (
	_ "embed" // the names of suites
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Suite is a cipher suite of TLS 1.2 and older, as IANA registers it.
type Suite struct {
	ID   uint16
	Name string
}

//go:embed suites.txt
var registry string

// registered are all suites, in the order of their numbers.
var registered = readSuites(registry)

func readSuites(text string) []Suite {
	var all []Suite
	for line := range strings.Lines(text) {
		number, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if id, err := strconv.ParseUint(number, 16, 16); err == nil {
			all = append(all, Suite{uint16(id), name})
		}
	}
	return all
}

// SuiteOf returns the suite with that number. One that is not registered has its number for a name.
func SuiteOf(id uint16) Suite {
	for _, suite := range registered {
		if suite.ID == id {
			return suite
		}
	}
	if name, ok := newest[id]; ok {
		return Suite{id, name}
	}
	return Suite{id, fmt.Sprintf("0x%04X", id)}
}

// newest are the suites of TLS 1.3.
var newest = map[uint16]string{0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256"}

// Suites returns the registered suites of which something is true.
func Suites(is func(Suite) bool) []uint16 {
	var ids []uint16
	for _, suite := range registered {
		if is(suite) {
			ids = append(ids, suite.ID)
		}
	}
	return ids
}

func (s Suite) has(parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s.Name, part) })
}

func (s Suite) exchanges(ways ...string) bool {
	return slices.ContainsFunc(ways, func(way string) bool {
		return strings.HasPrefix(s.Name, "TLS_"+way+"_WITH_") || strings.HasPrefix(s.Name, "TLS_"+way+"_EXPORT")
	})
}

// NoEncryption says whether everybody can read along.
func (s Suite) NoEncryption() bool { return s.has("_WITH_NULL_") }

// RC4 says whether the cipher is the one that is broken (RFC 7465).
func (s Suite) RC4() bool { return s.has("_WITH_RC4_") }

// Below112 says whether the key of the cipher has less than 112 bits: DES, and what was made weak for export.
func (s Suite) Below112() bool {
	return s.has("EXPORT", "_DES_CBC_", "_DES40_", "_RC2_CBC_40_", "_RC4_40_")
}

// Anonymous says whether the server does not authenticate.
func (s Suite) Anonymous() bool { return s.has("_anon_") || s.exchanges("NULL") }

// Below128 says whether the cipher gives less than 128 bits of security, and 112 at least, as triple DES does.
func (s Suite) Below128() bool { return s.has("_3DES_EDE_") }

// StaticRSA says whether the session key is encrypted to the server's: whoever gets hold of that one reads what was recorded before.
func (s Suite) StaticRSA() bool { return s.exchanges("RSA", "RSA_EXPORT1024", "RSA_PSK") }

// StaticDH says the same of a key for Diffie-Hellman in the certificate.
func (s Suite) StaticDH() bool { return s.exchanges("DH_RSA", "DH_DSS", "ECDH_RSA", "ECDH_ECDSA") }

// FiniteField says whether the ephemeral key exchange is done in a finite field.
func (s Suite) FiniteField() bool {
	return s.exchanges("DHE_RSA", "DHE_DSS", "DHE_PSK", "DHE_DSS_EXPORT1024", "DH_anon", "PSK_DHE")
}

// EllipticCurve says whether the ephemeral key exchange is done on an elliptic curve.
func (s Suite) EllipticCurve() bool {
	return s.exchanges("ECDHE_RSA", "ECDHE_ECDSA", "ECDHE_PSK", "ECDH_anon")
}

// CBC says whether records are padded before they are encrypted and after they were authenticated, where no extension turns that round.
func (s Suite) CBC() bool { return s.has("_CBC_") }

// AEAD says whether one algorithm both encrypts and authenticates.
func (s Suite) AEAD() bool { return s.has("_GCM_", "_CCM", "_POLY1305") }

// SignedByRSA says whether the server authenticates with an RSA key.
func (s Suite) SignedByRSA() bool {
	return s.exchanges("ECDHE_RSA", "DHE_RSA", "RSA", "RSA_EXPORT1024", "DH_RSA", "ECDH_RSA")
}

// Recommended says whether BCP 195 recommends a suite of TLS 1.2, or the registry of those who follow it does: an ephemeral exchange on an
// elliptic curve, and an AEAD whose tag is not cut short.
func (s Suite) Recommended() bool {
	return s.EllipticCurve() && !s.Anonymous() && s.has("_AES_128_GCM_", "_AES_256_GCM_", "_CHACHA20_POLY1305_")
}
