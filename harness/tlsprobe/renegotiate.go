package tlsprobe

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// Renegotiate asks for another handshake inside of one that was carried through in TLS 1.2, as it should be asked for (RFC 5746). Accepted is what begins
// it. No library that is still looked after lets a client do that, so that the record is made by hand.
func Renegotiate(ctx context.Context, address, serverName string) Observation {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return unconnected(err)
	}
	defer func() { _ = raw.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	said, secrets := &wiretap{tap: tap{Conn: raw, left: longestFlight}}, &bytes.Buffer{}
	connection := tls.Client(said, &tls.Config{
		ServerName: serverName, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, KeyLogWriter: secrets, SessionTicketsDisabled: true,
		// Those that have one digest, and one way to encrypt.
		CipherSuites:         []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
		InsecureSkipVerify:   true, //nolint:gosec // it observes, and says nothing
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil },
	})
	if err := connection.HandshakeContext(ctx); err != nil {
		return unknown("the handshake in which to ask was not carried through: %v", err)
	}
	session, err := sessionOf(said.sent, said.bytes(), secrets.String())
	if err != nil {
		return unknown("the handshake in which to ask can't be read: %v", err)
	}
	offer := With(serverName, "another handshake in this one", Suites(Suite.Recommended))
	offer.renegotiates = session.verify
	hello, err := offer.marshal()
	if err != nil {
		return unknown("%v", err)
	}
	if _, err := raw.Write(session.seal(hello[5:])); err != nil {
		return (&flight{}).broken(err)
	}
	return session.answer(&bounded{in: raw, left: longestFlight})
}

// wiretap remembers what both sides have sent.
type wiretap struct {
	tap
	sent []byte
}

// Write writes, and remembers.
func (w *wiretap) Write(data []byte) (int, error) {
	w.sent = append(w.sent, data...)
	return w.tap.Write(data)
}

// session is what has to be known of a handshake to go on under its keys.
type session struct {
	verify             []byte // of the client's Finished
	client, server     cipher.AEAD
	clientIV, serverIV []byte
}

func sessionOf(sent, heard []byte, secrets string) (*session, error) {
	mine, theirs := handshakeMessages(sent), handshakeMessages(heard)
	for in := reader(theirs); len(in) >= 4; {
		kind := in.uint8()
		if in.vector24(); kind == handshakeDone {
			theirs = theirs[:len(theirs)-len(in)] // a ticket comes behind the client's turn
			break
		}
	}
	const randoms = 4 + 2
	if len(mine) < randoms+32 || len(theirs) < randoms+32 {
		return nil, errors.New("it is too short")
	}
	hello := 4 + int(binary.BigEndian.Uint32(mine)&0xffffff)
	words := strings.Fields(secrets)
	if len(words) < 3 || hello > len(mine) {
		return nil, errors.New("its secret is not known")
	}
	master, err := hex.DecodeString(words[2])
	if err != nil {
		return nil, err
	}
	transcript := sha256.Sum256(slices.Concat(mine[:hello], theirs, mine[hello:]))
	keys := prf(master, "key expansion", slices.Concat(theirs[randoms:randoms+32], mine[randoms:randoms+32]), 40)
	s := &session{verify: prf(master, "client finished", transcript[:], 12), clientIV: keys[32:36], serverIV: keys[36:40]}
	for i, aead := range []*cipher.AEAD{&s.client, &s.server} {
		block, err := aes.NewCipher(keys[16*i : 16*i+16])
		if err != nil {
			return nil, err
		}
		if *aead, err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// handshakeMessages are those that one side has sent before it began to encrypt.
func handshakeMessages(stream []byte) []byte {
	const changeCipherSpec = 20
	var messages []byte
	for in := reader(stream); len(in) >= 5; {
		header := in.raw(5)
		body := in.raw(int(header[3])<<8 | int(header[4]))
		if header[0] == changeCipherSpec || body == nil {
			break
		}
		if header[0] == recordHandshake {
			messages = append(messages, body...)
		}
	}
	return messages
}

// prf is that of TLS 1.2 (RFC 5246 section 5).
func prf(secret []byte, label string, seed []byte, length int) []byte {
	sum := func(parts ...[]byte) []byte {
		mac := hmac.New(sha256.New, secret)
		for _, part := range parts {
			mac.Write(part)
		}
		return mac.Sum(nil)
	}
	seed = append([]byte(label), seed...)
	var out []byte
	for a := sum(seed); len(out) < length; a = sum(a) {
		out = append(out, sum(a, seed)...)
	}
	return out[:length]
}

// Each side has encrypted one record so far: its Finished.
const nextSequence = 1

func additional(sequence uint64, kind byte, length int) []byte {
	data := binary.BigEndian.AppendUint64(nil, sequence)
	return append(data, kind, 3, 3, byte(length>>8), byte(length))
}

// seal makes a record of handshake messages.
func (s *session) seal(messages []byte) []byte {
	explicit := binary.BigEndian.AppendUint64(nil, nextSequence)
	sealed := s.client.Seal(nil, append(bytes.Clone(s.clientIV), explicit...), messages, additional(nextSequence, recordHandshake, len(messages)))
	length := len(explicit) + len(sealed)
	return slices.Concat([]byte{recordHandshake, 3, 3, byte(length >> 8), byte(length)}, explicit, sealed)
}

// answer reads what the server says to that.
func (s *session) answer(in io.Reader) Observation {
	reading := &flight{}
	for sequence := uint64(nextSequence); ; sequence++ {
		header := make([]byte, 5)
		if _, err := io.ReadFull(in, header); err != nil {
			return reading.broken(err)
		}
		body := make([]byte, int(header[3])<<8|int(header[4]))
		if _, err := io.ReadFull(in, body); err != nil {
			return reading.broken(err)
		}
		if len(body) < 8 {
			return unknown("what it answers can't be opened")
		}
		opened, err := s.server.Open(nil, append(bytes.Clone(s.serverIV), body[:8]...), body[8:], additional(sequence, header[0], len(body)-8-s.server.Overhead()))
		switch {
		case err != nil || len(opened) == 0:
			return unknown("what it answers can't be opened")
		case header[0] == recordAlert && len(opened) == 2:
			answer := refused("alert %s", alertName(opened[1]))
			answer.Alert = opened[1]
			return answer
		case header[0] == recordHandshake && opened[0] == handshakeServerHello:
			return Observation{Outcome: Accepted, Says: "another handshake, begun by the client", Version: TLS12}
		case sequence > mostWarnings:
			return unknown("it says other things: %s", fmt.Sprint(header[0]))
		}
	}
}
