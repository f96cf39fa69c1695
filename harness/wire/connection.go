package wire

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// Connection is what is known of the connection that a request went over.
type Connection struct{ reused, answered atomic.Bool }

// Watch returns a context for one request, and what will be known of its connection.
func Watch(ctx context.Context) (context.Context, *Connection) {
	c := &Connection{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { c.reused.Store(info.Reused) },
		GotFirstResponseByte: func() { c.answered.Store(true) },
	}), c
}

// Stale says whether an error says nothing about the request: it went over a connection that had been in use before, on which nothing
// came any more. Servers close connections that nobody uses, and may do so at the moment when somebody does.
func (c *Connection) Stale(err error) bool {
	return err != nil && c.reused.Load() && !c.answered.Load()
}
