package tlsprobe

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// answerPatience is how long the head of a page is waited for: tickets are there long before.
const answerPatience = 2 * time.Second

// Whole is what shows in a handshake that is carried through, and what the server says right behind it.
type Whole struct {
	Outcome      Outcome  `json:"outcome"`
	Says         string   `json:"says"`
	Version      uint16   `json:"version,omitempty"`
	Protocol     string   `json:"protocol,omitempty"` // of ALPN
	Certificates [][]byte `json:"certificates,omitempty"`
	Stapled      bool     `json:"stapled,omitempty"`
	Tickets      int      `json:"tickets,omitempty"`   // of TLS 1.3, until the first answer was there
	Lifetime     uint32   `json:"lifetime,omitempty"`  // of a ticket, in seconds
	EarlyData    uint32   `json:"earlyData,omitempty"` // bytes that a ticket allows before the handshake; 0: none
	Unread       string   `json:"unread,omitempty"`    // why tickets were not looked at, where they were not
}

// Finish carries a handshake through in one version, asks for nothing but the head of a page, and reads what tickets came along. It shows no certificate
// of a client, and believes whatever certificate it is shown: that is for others to judge. What protocols it lists in ALPN is said; none: it has no ALPN.
func Finish(ctx context.Context, address, serverName string, version uint16, protocols ...string) Whole {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		o := unconnected(err)
		return Whole{Outcome: o.Outcome, Says: o.Says}
	}
	defer func() { _ = raw.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var seen Whole
	heard, secrets := &tap{Conn: raw, left: longestFlight}, &bytes.Buffer{}
	connection := tls.Client(heard, &tls.Config{
		ServerName: serverName, MinVersion: version, MaxVersion: version, NextProtos: protocols, KeyLogWriter: secrets,
		InsecureSkipVerify:   true, //nolint:gosec // it observes what is shown; requests go over other connections
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil },
		// That there are tickets is only told to who keeps some.
		ClientSessionCache: tls.NewLRUClientSessionCache(1),
		VerifyConnection: func(state tls.ConnectionState) error {
			seen.Version, seen.Protocol, seen.Stapled = state.Version, state.NegotiatedProtocol, len(state.OCSPResponse) > 0
			for _, certificate := range state.PeerCertificates {
				seen.Certificates = append(seen.Certificates, certificate.Raw)
			}
			return nil
		},
	})
	if err := connection.HandshakeContext(ctx); err != nil {
		var alert tls.AlertError
		o := (&flight{greeted: true}).broken(err)
		if errors.As(err, &alert) || strings.Contains(err.Error(), "remote error: tls: ") {
			o = refused("alert: %v", err)
		}
		seen.Outcome, seen.Says = o.Outcome, o.Says
		return seen
	}
	seen.Outcome, seen.Says = Accepted, VersionName(version)+", carried through"
	if version < TLS13 {
		return seen
	}
	// Whatever it makes of this, its tickets come before its answer.
	_, err = fmt.Fprintf(connection, "HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", address)
	if err == nil {
		_ = raw.SetReadDeadline(time.Now().Add(answerPatience))
		_, _ = io.CopyN(io.Discard, connection, 1) // what it answers is nothing to us
	}
	seen.tickets(heard.bytes(), secrets.String(), connection.ConnectionState().CipherSuite)
	return seen
}

// tap remembers what the other side has sent.
type tap struct {
	net.Conn
	mu    sync.Mutex
	heard []byte
	left  int
}

// Read reads, and remembers.
func (t *tap) Read(into []byte) (int, error) {
	n, err := t.Conn.Read(into)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left -= n; t.left < 0 {
		return 0, errTalkative
	}
	t.heard = append(t.heard, into[:n]...)
	return n, err
}

func (t *tap) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.heard
}

// tickets opens the records that came behind the handshake: the standard library does not tell what a ticket is good for.
func (w *Whole) tickets(heard []byte, secrets string, suite uint16) {
	_, rest, _ := strings.Cut(secrets, "SERVER_TRAFFIC_SECRET_0 ")
	line, _, _ := strings.Cut(rest, "\n")
	words := strings.Fields(line)
	if len(words) != 2 {
		w.Unread = "the keys of the connection are not known"
		return
	}
	secret, err := hex.DecodeString(words[1])
	if err != nil {
		w.Unread = err.Error()
		return
	}
	aead, iv, err := keysOf(secret, suite)
	if err != nil {
		w.Unread = err.Error()
		return
	}
	var messages []byte
	sequence := uint64(0)
	for in := reader(heard); len(in) >= 5; {
		header := in.raw(5)
		body := in.raw(int(header[3])<<8 | int(header[4]))
		if body == nil || header[0] != recordApplication {
			continue
		}
		nonce := bytes.Clone(iv)
		for i := range 8 {
			nonce[len(nonce)-1-i] ^= byte(sequence >> (8 * i))
		}
		opened, err := aead.Open(nil, nonce, body, header)
		if err != nil {
			continue // it belongs to the handshake, which has keys of its own
		}
		sequence++
		opened = bytes.TrimRight(opened, "\x00")
		if len(opened) > 0 && opened[len(opened)-1] == recordHandshake {
			messages = append(messages, opened[:len(opened)-1]...)
		}
	}
	for in := reader(messages); len(in) >= 4; {
		kind, body := in.uint8(), in.vector24()
		if kind == typeNewSessionTicket {
			w.ticket(body)
		}
	}
}

// ticket reads a NewSessionTicket (RFC 8446 section 4.6.1).
func (w *Whole) ticket(in reader) {
	w.Tickets++
	w.Lifetime = max(w.Lifetime, uint32(in.number(4))) //nolint:gosec // four bytes were read
	in.raw(4)
	in.vector8()
	in.vector16()
	extensions := in.vector16()
	for len(extensions) > 0 {
		id, value := extensions.uint16(), extensions.vector16()
		if id == extensionEarlyData {
			w.EarlyData = max(w.EarlyData, uint32(value.number(4))) //nolint:gosec // four bytes were read
		}
	}
}

// keysOf are those with which records are encrypted under a traffic secret (RFC 8446 section 7.3).
func keysOf(secret []byte, suite uint16) (aead cipher.AEAD, iv []byte, err error) {
	digest, length := sha256.New, 16
	switch suite {
	case tls.TLS_AES_256_GCM_SHA384:
		digest, length = sha512.New384, 32
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		// Servers choose it for machines that have no AES, and this one says that it has. The standard library exports no way to open it.
		return nil, nil, errors.New("records under ChaCha20 are not opened")
	}
	derive := func(label string, length int) ([]byte, error) {
		var info builder
		info.uint16(uint16(length)) //nolint:gosec // of a key
		info.vector8(func(b *builder) { b.raw([]byte("tls13 " + label)) })
		info.vector8(func(*builder) {})
		return hkdf.Expand(digest, secret, string(info), length)
	}
	key, err := derive("key", length)
	if err != nil {
		return nil, nil, err
	}
	if iv, err = derive("iv", 12); err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	aead, err = cipher.NewGCM(block)
	return aead, iv, err
}
