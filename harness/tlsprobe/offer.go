// Package tlsprobe observes what a server agrees to in TLS. It makes an offer that deviates in one thing, reads what the server answers in clear, and says
// what that was: it judges nothing, and knows no clause.
//
// The offers are written byte by byte. What servers must not agree to has been taken out of every TLS library worth linking: none of them says SSL 3,
// compression or curves of 163 bits any more, and none tells what it was answered when it gives up. Up to TLS 1.2 a server says all that matters
// before anything is encrypted. What only shows behind that, the standard library is asked for.
package tlsprobe

import (
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Offer is what a client proposes in its ClientHello.
type Offer struct {
	Says       string   // in words, what is offered: "TLS 1.0 alone"; two offers of the same words are the same
	Versions   []uint16 // the newest first
	Suites     []uint16 // in the client's order
	Groups     []uint16 // none: the extension is left out
	Signatures []uint16 // signature schemes; none: those of today's clients
	Deflate    bool     // compression, beside none
	ServerName string   // none: the extension is left out. An IP address is never sent (RFC 6066 section 3)
	Protocols  []string // of ALPN
	Extensions []uint16 // further ones

	renegotiates []byte // what the handshake ended with in which this one is offered; nil: it is the first one
}

// modern13 are the suites of TLS 1.3.
var modern13 = []uint16{0x1301, 0x1302, 0x1303}

// modernGroups are what clients of today offer.
var modernGroups = []uint16{X25519, P256, P384, P521}

// Modern is what a client of today offers a host: TLS 1.3 and 1.2 with all suites that BCP 195 recommends.
func Modern(host string) Offer {
	return Offer{
		Says: "what today's clients offer", Versions: []uint16{TLS13, TLS12}, Suites: slices.Concat(modern13, Suites(Suite.Recommended)), Groups: modernGroups,
		ServerName: host, Protocols: []string{"h2", "http/1.1"}, Extensions: []uint16{ExtMasterSecret, ExtRenegotiationInfo},
	}
}

// Alone is Modern with one version alone, and all suites that this version can have.
func Alone(host string, version uint16) Offer {
	o := Modern(host)
	o.Says, o.Versions = VersionName(version)+" alone", []uint16{version}
	switch version {
	case TLS13:
		o.Suites = modern13
	case TLS12:
		o.Suites = Suites(anyOfTLS12)
	default:
		// What AEAD needs came with TLS 1.2.
		o.Suites = Suites(func(s Suite) bool { return anyOfTLS12(s) && !s.AEAD() && !s.has("_SHA256", "_SHA384") })
	}
	if version == SSL3 {
		o.ServerName, o.Protocols, o.Groups, o.Extensions = "", nil, nil, nil
	}
	return o
}

// DownTo is Modern with all versions from one down to another, and all suites that these can have: what clients offer that keep the old ones for old servers.
func DownTo(host string, newest, oldest uint16) Offer {
	o := Modern(host)
	o.Says = VersionName(newest) + " and all versions down to " + VersionName(oldest)
	o.Versions, o.Suites = nil, Suites(anyOfTLS12)
	for version := newest; version >= oldest; version-- {
		o.Versions = append(o.Versions, version)
	}
	if newest >= TLS13 {
		o.Suites = slices.Concat(modern13, o.Suites)
	}
	return o
}

// anyOfTLS12 are the suites that servers of the last twenty years may have, and that are no trouble to offer together.
func anyOfTLS12(s Suite) bool {
	return s.exchanges("ECDHE_RSA", "ECDHE_ECDSA", "DHE_RSA", "RSA") && !s.NoEncryption() && !s.Below112() && !s.has("ARIA", "CAMELLIA", "SEED", "IDEA", "CCM")
}

// With is Modern in TLS 1.2 with these suites, in this order.
func With(host, says string, suites []uint16) Offer {
	o := Modern(host)
	o.Says, o.Versions, o.Suites = says, []uint16{TLS12}, suites
	return o
}

// legacy is the version that stands in the ClientHello itself.
func (o Offer) legacy() uint16 { return min(o.newest(), TLS12) }

func (o Offer) newest() uint16 {
	if len(o.Versions) == 0 {
		return TLS12
	}
	return slices.Max(o.Versions)
}

// Words describe the offer in lines.
func (o Offer) Words() string {
	lines := []string{o.Says}
	names := func(title string, of []uint16, name func(uint16) string) {
		const most = 12
		var words []string
		for _, one := range of[:min(len(of), most)] {
			words = append(words, name(one))
		}
		if len(of) > most {
			words = append(words, fmt.Sprintf("and %d more", len(of)-most))
		}
		if len(words) > 0 {
			lines = append(lines, title+": "+strings.Join(words, ", "))
		}
	}
	names("versions", o.Versions, VersionName)
	names("suites", o.Suites, func(id uint16) string { return SuiteOf(id).Name })
	names("groups", o.Groups, GroupName)
	names("signatures", o.Signatures, func(scheme uint16) string { return fmt.Sprintf("0x%04x", scheme) })
	if o.Deflate {
		lines = append(lines, "compression: DEFLATE, none")
	}
	if o.ServerName != "" {
		lines = append(lines, "server name: "+o.ServerName)
	}
	if len(o.Protocols) > 0 {
		lines = append(lines, "ALPN: "+strings.Join(o.Protocols, ", "))
	}
	names("extensions", o.Extensions, func(id uint16) string { return fmt.Sprint(id) })
	return strings.Join(lines, "\n")
}

// marshal writes the records that make the offer.
func (o Offer) marshal() ([]byte, error) {
	if slices.Equal(o.Versions, []uint16{SSL2}) {
		return marshalSSL2(), nil
	}
	var hello builder
	hello.uint16(o.legacy())
	hello.raw(randomBytes(32))
	if o.newest() >= TLS13 {
		hello.vector8(func(b *builder) { b.raw(randomBytes(32)) }) // as what stands between wants to see it (RFC 8446 appendix D.4)
	} else {
		hello.vector8(func(*builder) {})
	}
	hello.vector16(func(b *builder) {
		for _, suite := range o.Suites {
			b.uint16(suite)
		}
		if !slices.Contains(o.Extensions, ExtRenegotiationInfo) {
			b.uint16(scsvRenegotiation)
		}
	})
	hello.vector8(func(b *builder) {
		if o.Deflate {
			b.uint8(1)
		}
		b.uint8(0)
	})
	if o.newest() > SSL3 {
		shares, err := o.shares()
		if err != nil {
			return nil, err
		}
		var extensions builder
		o.extensions(&extensions, shares)
		// There are load balancers that hang at a hello of 256 to 511 bytes: everybody pads it (RFC 7685).
		if length := 4 + len(hello) + 2 + len(extensions); length >= 256 && length < 512 {
			extensions.uint16(extPadding)
			extensions.vector16(func(b *builder) { b.raw(make([]byte, max(0, 512-length-4))) })
		}
		hello.vector16(func(b *builder) { b.raw(extensions) })
	}
	var message, record builder
	message.uint8(handshakeClientHello)
	message.vector24(func(b *builder) { b.raw(hello) })
	record.uint8(recordHandshake)
	record.uint16(min(o.legacy(), TLS10)) // what older servers want to see first (RFC 8446 section 5.1)
	record.vector16(func(b *builder) { b.raw(message) })
	return record, nil
}

func (o Offer) extensions(b *builder, shares []share) {
	extension := func(id uint16, body func(*builder)) {
		b.uint16(id)
		b.vector16(body)
	}
	list := func(of []uint16) func(*builder) {
		return func(b *builder) {
			b.vector16(func(b *builder) {
				for _, one := range of {
					b.uint16(one)
				}
			})
		}
	}
	if o.ServerName != "" && net.ParseIP(o.ServerName) == nil {
		extension(extServerName, func(b *builder) {
			b.vector16(func(b *builder) {
				b.uint8(0)
				b.vector16(func(b *builder) { b.raw([]byte(o.ServerName)) })
			})
		})
	}
	if len(o.Groups) > 0 {
		extension(extGroups, list(o.Groups))
		extension(extPoints, func(b *builder) { b.vector8(func(b *builder) { b.uint8(0) }) })
	}
	if o.newest() >= TLS12 {
		signatures := o.Signatures
		if len(signatures) == 0 {
			signatures = modernSignatures
			if o.newest() == TLS12 {
				signatures = append(slices.Clone(modernSignatures), RSAWithSHA1, ECDSAWithSHA1) // so that nothing else fails for want of them
			}
		}
		extension(extSignatures, list(signatures))
	}
	if len(o.Protocols) > 0 {
		extension(extALPN, func(b *builder) {
			b.vector16(func(b *builder) {
				for _, protocol := range o.Protocols {
					b.vector8(func(b *builder) { b.raw([]byte(protocol)) })
				}
			})
		})
	}
	for _, id := range o.Extensions {
		extension(id, func(b *builder) {
			switch id {
			case ExtRenegotiationInfo:
				b.vector8(func(b *builder) { b.raw(o.renegotiates) })
			case extStatusRequest:
				b.raw([]byte{1, 0, 0, 0, 0})
			}
		})
	}
	if o.newest() < TLS13 {
		return
	}
	extension(extVersions, func(b *builder) {
		b.vector8(func(b *builder) {
			for _, version := range o.Versions {
				b.uint16(version)
			}
		})
	})
	extension(extPSKModes, func(b *builder) { b.vector8(func(b *builder) { b.uint8(1) }) })
	extension(extKeyShare, func(b *builder) {
		b.vector16(func(b *builder) {
			for _, one := range shares {
				b.uint16(one.group)
				b.vector16(func(b *builder) { b.raw(one.public) })
			}
		})
	})
}

type share struct {
	group  uint16
	public []byte
}

// shares are keys for the first groups that we can make keys for. A server that wants another one asks for it, which tells as much.
func (o Offer) shares() ([]share, error) {
	if o.newest() < TLS13 {
		return nil, nil
	}
	curves := map[uint16]ecdh.Curve{X25519: ecdh.X25519(), P256: ecdh.P256(), P384: ecdh.P384(), P521: ecdh.P521()}
	var shares []share
	for _, group := range o.Groups {
		curve, ok := curves[group]
		if !ok || len(shares) == 2 {
			continue
		}
		key, err := curve.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making a key for the offer: %w", err)
		}
		shares = append(shares, share{group, key.PublicKey().Bytes()})
	}
	return shares, nil
}

// marshalSSL2 writes the CLIENT-HELLO of SSL 2, in which everything is another way.
func marshalSSL2() []byte {
	suites := []byte{1, 0, 0x80, 2, 0, 0x80, 3, 0, 0x80, 4, 0, 0x80, 5, 0, 0x80, 6, 0, 0x40, 7, 0, 0xc0}
	var body builder
	body.uint8(1)
	body.uint16(SSL2)
	body.uint16(uint16(len(suites)))
	body.uint16(0)
	body.uint16(16)
	body.raw(suites)
	body.raw(randomBytes(16))
	record := builder{0x80 | byte(len(body)>>8), byte(len(body))}
	record.raw(body)
	return record
}

func randomBytes(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return raw
}

// builder writes numbers and vectors as TLS has them.
type builder []byte

func (b *builder) uint8(n byte)    { *b = append(*b, n) }
func (b *builder) uint16(n uint16) { *b = append(*b, byte(n>>8), byte(n)) }
func (b *builder) raw(data []byte) { *b = append(*b, data...) }

func (b *builder) vector8(body func(*builder))  { b.vector(1, body) }
func (b *builder) vector16(body func(*builder)) { b.vector(2, body) }
func (b *builder) vector24(body func(*builder)) { b.vector(3, body) }

func (b *builder) vector(width int, body func(*builder)) {
	var inner builder
	body(&inner)
	for i := width - 1; i >= 0; i-- {
		b.uint8(byte(len(inner) >> (8 * i)))
	}
	b.raw(inner)
}
