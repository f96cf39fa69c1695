package flow

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"

	"github.com/fapitest/fapitest/harness/wire"
)

// Race redeems one code n times at the same moment, each time with an assertion and a proof of its own. What takes time is done before
// the start: every request is signed, and has a connection of its own that is open. Who wants another nonce gets a second race.
func (c *Client) Race(ctx context.Context, landed *Outcome, n int) []*Outcome {
	outcomes := make([]*Outcome, n)
	racers := make([]int, n)
	for i := range racers {
		racers[i] = i
	}
	for range 2 {
		c.race(ctx, landed, racers, outcomes)
		var again []int
		for _, i := range racers {
			if demandsNonce(outcomes[i]) {
				again = append(again, i)
			}
		}
		if racers = again; len(racers) == 0 {
			break
		}
	}
	return outcomes
}

// race has some racers redeem the code, and enters what they were answered.
func (c *Client) race(ctx context.Context, landed *Outcome, racers []int, outcomes []*Outcome) {
	if landed.Step != StepAuthorize || landed.Code() == "" {
		for _, i := range racers {
			outcomes[i] = landed
		}
		return
	}
	var lined, away sync.WaitGroup
	start := make(chan struct{})
	for _, i := range racers {
		// A target that wants requests to be kept apart is given that time beforehand: the race itself can't be run slowly.
		if err := c.turn(ctx); err != nil {
			outcomes[i] = c.unanswered(&Outcome{Step: StepExchange, attempt: landed.attempt, Exchange: &wire.Exchange{Step: string(StepExchange)}}, err)
			continue
		}
		lined.Add(1)
		away.Go(func() {
			r := c.prepare(ctx, c.exchangeDraft(landed), landed.attempt, nil)
			outcomes[i] = r.outcome
			if r.request == nil {
				lined.Done()
				return
			}
			via, leave := c.ownConnection(ctx, c.http(r.certificate), r.request.URL)
			defer leave()
			lined.Done()
			<-start
			c.transmit(ctx, r, via)
			c.learnTokens(r.outcome)
		})
	}
	lined.Wait()
	close(start)
	away.Wait()
}

// ownConnection returns an HTTP client like the given one that has a connection to the address which nobody else uses. Where none can
// be opened the request finds out why.
func (c *Client) ownConnection(ctx context.Context, like *http.Client, address *url.URL) (own *http.Client, leave func()) {
	transport, ok := like.Transport.(*http.Transport)
	if !ok || address.Scheme != "https" {
		return like, func() {}
	}
	transport = transport.Clone()
	connected := wire.LedgerFrom(ctx).Begin(wire.InTarget, "")
	connection, err := openTLS(ctx, transport, address)
	connected()
	if err != nil {
		return like, func() {}
	}
	first := make(chan net.Conn, 1)
	first <- connection
	transport.DialTLSContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		select {
		case connection := <-first:
			return connection, nil
		default:
			return openTLS(ctx, transport, address)
		}
	}
	copied := *like
	copied.Transport = transport
	return &copied, func() {
		select {
		case connection := <-first:
			_ = connection.Close()
		default:
		}
		transport.CloseIdleConnections()
	}
}

// openTLS opens a connection as a transport would.
func openTLS(ctx context.Context, transport *http.Transport, address *url.URL) (net.Conn, error) {
	host, port := address.Hostname(), address.Port()
	if port == "" {
		port = "443"
	}
	dial := transport.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	if transport.TLSHandshakeTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 2*transport.TLSHandshakeTimeout)
		defer cancel()
	}
	raw, err := dial(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if transport.TLSClientConfig != nil {
		config = transport.TLSClientConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return secured, nil
}
