package tlsprobe

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
)

// Outcome is what became of an offer.
type Outcome string

// The outcomes.
const (
	// Accepted: the server has agreed on what was offered, and said all that it has to say before the client's turn.
	Accepted Outcome = "accepted"
	// Refused: an alert, a reset or a close during the handshake.
	Refused Outcome = "refused"
	// Unknown: no connection, no answer in time, or one that is no TLS.
	Unknown Outcome = "not known"
)

// Observation is what a server answered to an offer.
type Observation struct {
	Outcome Outcome `json:"outcome"`
	Says    string  `json:"says"` // in words

	// Where the outcome is Accepted:
	Version        uint16   `json:"version,omitempty"`
	Suite          uint16   `json:"suite,omitempty"`
	Group          uint16   `json:"group,omitempty"`          // 0: none was named
	PrimeBits      int      `json:"primeBits,omitempty"`      // of a Diffie-Hellman exchange in a finite field
	Signature      uint16   `json:"signature,omitempty"`      // of the key exchange, from TLS 1.2 on
	Compression    byte     `json:"compression,omitempty"`    // 0: none
	Extensions     []uint16 `json:"extensions,omitempty"`     // that the server answered to
	Protocol       string   `json:"protocol,omitempty"`       // of ALPN, up to TLS 1.2
	Certificates   [][]byte `json:"certificates,omitempty"`   // up to TLS 1.2
	AsksForClients bool     `json:"asksForClients,omitempty"` // for their certificates, up to TLS 1.2

	Alert     byte `json:"alert,omitempty"`     // where the outcome is Refused; 0: it closed the connection, or reset it
	ClearText bool `json:"clearText,omitempty"` // it answered by HTTP without TLS
}

// Has says whether the server answered to an extension.
func (o Observation) Has(extension uint16) bool { return slices.Contains(o.Extensions, extension) }

const (
	recordAlert       byte = 21
	recordHandshake   byte = 22
	recordApplication byte = 23

	longestFlight = 256 << 10 // bytes that are read of an answer
	mostWarnings  = 8
)

func unknown(format string, args ...any) Observation {
	return Observation{Outcome: Unknown, Says: fmt.Sprintf(format, args...)}
}

func refused(format string, args ...any) Observation {
	return Observation{Outcome: Refused, Says: fmt.Sprintf(format, args...)}
}

// errGarbage says that what came is no TLS.
var errGarbage = errors.New("what came is no TLS")

// flight reads what a server says before it is the client's turn.
type flight struct {
	offer    Offer
	in       io.Reader
	seen     Observation
	greeted  bool
	buffered []byte // of handshake messages
	warnings int
}

func (f *flight) read() Observation {
	first := make([]byte, 5)
	if _, err := io.ReadFull(f.in, first); err != nil {
		return f.broken(err)
	}
	if bytes.HasPrefix(first, []byte("HTTP/")) {
		answer := refused("answered in clear text, by HTTP: it took the offer for no TLS")
		answer.ClearText = true
		return answer
	}
	if slices.Equal(f.offer.Versions, []uint16{SSL2}) && first[0]&0x80 != 0 && first[2] == 4 {
		return Observation{Outcome: Accepted, Says: "SSL 2", Version: SSL2}
	}
	for {
		done, err := f.record(first)
		switch {
		case errors.Is(err, errGarbage):
			return unknown("answered with what is no TLS")
		case err != nil:
			return f.broken(err)
		case done != nil:
			return *done
		}
		if _, err := io.ReadFull(f.in, first); err != nil {
			return f.broken(err)
		}
	}
}

// broken is what an answer comes to that ended too early.
func (f *flight) broken(err error) Observation {
	var timeout net.Error
	where := "before it answered"
	if f.greeted {
		where = "in the middle of its answer"
	}
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return unknown("no answer in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return refused("closed the connection %s", where)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return refused("reset the connection %s", where)
	}
	return unknown("the connection broke: %v", err)
}

// record reads the rest of a record.
func (f *flight) record(header []byte) (*Observation, error) {
	length := int(header[3])<<8 | int(header[4])
	if header[1] != 3 || length > 1<<14+2048 {
		return nil, errGarbage
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(f.in, body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	switch header[0] {
	case recordAlert:
		return f.alert(body)
	case recordHandshake:
		f.buffered = append(f.buffered, body...)
		return f.messages()
	}
	return nil, errGarbage
}

func (f *flight) alert(body []byte) (*Observation, error) {
	if len(body) != 2 {
		return nil, errGarbage
	}
	const warning, closeNotify = 1, 0
	if f.warnings++; body[0] == warning && body[1] != closeNotify && f.warnings < mostWarnings {
		return nil, nil
	}
	answer := refused("alert %s", alertName(body[1]))
	answer.Alert = body[1]
	return &answer, nil
}

// messages takes complete messages from what was read.
func (f *flight) messages() (*Observation, error) {
	for len(f.buffered) >= 4 {
		length := int(f.buffered[1])<<16 | int(f.buffered[2])<<8 | int(f.buffered[3])
		if length > longestFlight {
			return nil, errGarbage
		}
		if len(f.buffered) < 4+length {
			return nil, nil
		}
		kind, body := f.buffered[0], f.buffered[4:4+length]
		f.buffered = f.buffered[4+length:]
		if kind == handshakeServerHello && !f.greeted {
			done, err := f.hello(body)
			if done != nil || err != nil {
				return done, err
			}
			f.greeted = true
			continue
		}
		if !f.greeted {
			return nil, errGarbage
		}
		switch kind {
		case handshakeCertificate:
			if !f.certificates(body) {
				return nil, errGarbage
			}
		case handshakeKeyExchange:
			f.exchange(body)
		case handshakeAsksForClient:
			f.seen.AsksForClients = true
		case handshakeDone:
			return f.accepted(), nil
		}
	}
	return nil, nil
}

// retry is the random by which a ServerHello is known to ask for another key (RFC 8446 section 4.1.3).
var retry = sha256.Sum256([]byte("HelloRetryRequest"))

// hello reads a ServerHello. In TLS 1.3 what comes behind it is encrypted.
func (f *flight) hello(body []byte) (*Observation, error) {
	in := reader(body)
	f.seen.Version = in.uint16()
	random := in.raw(32)
	in.vector8()
	f.seen.Suite = in.uint16()
	f.seen.Compression = in.uint8()
	if in == nil {
		return nil, errGarbage
	}
	extensions := reader(nil)
	if len(in) > 0 {
		extensions = in.vector16()
	}
	again := bytes.Equal(random, retry[:])
	for len(extensions) > 0 {
		id, value := extensions.uint16(), extensions.vector16()
		if extensions == nil {
			return nil, errGarbage
		}
		f.seen.Extensions = append(f.seen.Extensions, id)
		switch id {
		case extVersions:
			f.seen.Version = value.uint16()
		case extKeyShare:
			f.seen.Group = value.uint16()
		case extALPN:
			list := value.vector16()
			f.seen.Protocol = string(list.vector8())
		}
	}
	switch {
	case !slices.Contains(f.offer.Versions, f.seen.Version):
		answer := refused("answered in %s, which was not offered", VersionName(f.seen.Version))
		return &answer, nil
	case !slices.Contains(f.offer.Suites, f.seen.Suite):
		answer := refused("answered with %s, which was not offered", SuiteOf(f.seen.Suite).Name)
		return &answer, nil
	case f.seen.Version < TLS13:
		return nil, nil
	case again && !slices.Contains(f.offer.Groups, f.seen.Group):
		answer := refused("asked for a key in %s, which was not offered", GroupName(f.seen.Group))
		return &answer, nil
	}
	return f.accepted(), nil
}

func (f *flight) certificates(body []byte) bool {
	in := reader(body)
	list := in.vector24()
	for len(list) > 0 {
		certificate := list.vector24()
		if list == nil {
			return false
		}
		f.seen.Certificates = append(f.seen.Certificates, certificate)
	}
	return in != nil
}

// exchange reads a ServerKeyExchange as far as it tells the group, its size, and the algorithm of the signature.
func (f *flight) exchange(body []byte) {
	in := reader(body)
	suite := SuiteOf(f.seen.Suite)
	if strings.Contains(suite.Name, "_PSK_") {
		in.vector16() // the hint
	}
	switch {
	case suite.EllipticCurve():
		const named = 3
		if in.uint8() != named {
			return
		}
		f.seen.Group = in.uint16()
		in.vector8()
	case suite.FiniteField():
		prime := bytes.TrimLeft(in.vector16(), "\x00")
		in.vector16()
		in.vector16()
		if len(prime) > 0 {
			f.seen.PrimeBits = 8 * len(prime)
			for top := prime[0]; top < 0x80; top <<= 1 {
				f.seen.PrimeBits--
			}
		}
	default:
		return
	}
	if f.seen.Version >= TLS12 && !suite.Anonymous() && len(in) > 2 {
		f.seen.Signature = in.uint16()
	}
}

func (f *flight) accepted() *Observation {
	f.seen.Outcome = Accepted
	f.seen.Says = VersionName(f.seen.Version) + " with " + SuiteOf(f.seen.Suite).Name
	if f.seen.Group != 0 {
		f.seen.Says += " and " + GroupName(f.seen.Group)
	}
	if f.seen.PrimeBits != 0 {
		f.seen.Says += fmt.Sprintf(" and a prime of %d bits", f.seen.PrimeBits)
	}
	if f.seen.Compression != 0 {
		f.seen.Says += fmt.Sprintf(", compressed by method %d", f.seen.Compression)
	}
	return &f.seen
}

// reader reads numbers and vectors as TLS has them. It is nil once something was missing.
type reader []byte

func (r *reader) raw(n int) []byte {
	if len(*r) < n {
		*r = nil
		return nil
	}
	taken := (*r)[:n:n]
	*r = (*r)[n:]
	return taken
}

func (r *reader) number(width int) int {
	n := 0
	for _, b := range r.raw(width) {
		n = n<<8 | int(b)
	}
	return n
}

func (r *reader) uint8() byte      { return byte(r.number(1)) }   //nolint:gosec // one byte was read
func (r *reader) uint16() uint16   { return uint16(r.number(2)) } //nolint:gosec // two bytes were read
func (r *reader) vector8() reader  { return r.raw(r.number(1)) }
func (r *reader) vector16() reader { return r.raw(r.number(2)) }
func (r *reader) vector24() reader { return r.raw(r.number(3)) }
