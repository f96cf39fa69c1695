package tlsprobe

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"
)

// Patience is how long one offer may take, connection and answer together.
const Patience = 5 * time.Second

// Ask makes an offer to a host with its port, over a connection of its own, and reads what the server says to it. It ends in time, whatever that is.
func Ask(ctx context.Context, address string, offer Offer) Observation {
	hello, err := offer.marshal()
	if err != nil {
		return unknown("%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return unconnected(err)
	}
	defer func() { _ = connection.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	reading := &flight{offer: offer, in: &bounded{in: connection, left: longestFlight}}
	if _, err := connection.Write(hello); err != nil {
		return reading.broken(err)
	}
	return reading.read()
}

// unconnected says why there was no connection: the host then had nothing to decide.
func unconnected(err error) Observation {
	var lookup *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &lookup):
		return unknown("there is no host of that name")
	case errors.Is(err, syscall.ECONNREFUSED):
		return unknown("nobody listens there")
	case errors.Is(err, context.Canceled):
		return unknown("interrupted")
	case errors.As(err, &timeout) && timeout.Timeout():
		return unknown("no connection in time")
	}
	return unknown("no connection: %v", err)
}

// bounded reads from somebody who may never stop.
type bounded struct {
	in   io.Reader
	left int
}

var errTalkative = errors.New("it never stops")

// Read reads, as long as there is not too much.
func (b *bounded) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTalkative
	}
	n, err := b.in.Read(into[:min(len(into), b.left)])
	b.left -= n
	return n, err
}
