package wire

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// How long a TLS handshake may take.
const handshakeLimit = 10 * time.Second

// Connection is what is known of the connection that a request went over.
type Connection struct {
	made, reused, answered atomic.Bool
	over                   atomic.Pointer[handshake]
}

type connectionKey struct{}

// Watch returns a context for one request, and what will be known of its connection.
func Watch(ctx context.Context) (context.Context, *Connection) {
	c := &Connection{}
	ctx = context.WithValue(ctx, connectionKey{}, c)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			c.made.Store(true)
			c.reused.Store(info.Reused)
			if secured, ok := info.Conn.(*tls.Conn); ok {
				if over, ok := secured.NetConn().(*handshake); ok {
					c.over.Store(over)
				}
			}
		},
		GotFirstResponseByte: func() { c.answered.Store(true) },
	}), c
}

// Secured says whether there was a connection, TLS handshake included.
func (c *Connection) Secured() bool { return c.made.Load() }

// Asked says whether the server asked for a client certificate in the handshake; known is false where nobody saw the handshake, because
// no connection came about or DialTLS did not make it.
func (c *Connection) Asked() (asked, known bool) {
	over := c.over.Load()
	if over == nil {
		return false, false
	}
	return over.asked.Load(), true
}

// Stale says whether an error says nothing about the request: it went over a connection that had been in use before, on which nothing
// came any more. Servers close connections that nobody uses, and may do so at the moment when somebody does.
func (c *Connection) Stale(err error) bool {
	return err != nil && c.reused.Load() && !c.answered.Load()
}

// handshake is the way below a TLS connection. It remembers whether the server asked for a client certificate: that shows nowhere else.
type handshake struct {
	net.Conn
	asked atomic.Bool
}

// Dial opens a connection, as net.Dialer's DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// DialTLS opens a connection to a host with its port, as the configuration wants it: the server's name is filled in where it is missing.
// It shows the given certificate, none if it is nil, whatever authorities the server lists: whether it takes it is the server's to say.
// What the handshake says of client certificates is known to the Connection of the context, and of every request that goes over it.
func DialTLS(ctx context.Context, dial Dial, address string, config *tls.Config, certificate *tls.Certificate) (*tls.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	raw, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	over := &handshake{Conn: raw}
	if watched, ok := ctx.Value(connectionKey{}).(*Connection); ok {
		watched.over.Store(over) // what is known of a handshake that fails
	}
	config = config.Clone()
	if config.ServerName == "" {
		config.ServerName = host
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		over.asked.Store(true)
		if certificate == nil {
			return &tls.Certificate{}, nil
		}
		return certificate, nil
	}
	secured := tls.Client(over, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	LedgerFrom(ctx).Shown(address, secured.ConnectionState().PeerCertificates)
	return secured, nil
}
