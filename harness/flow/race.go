package flow

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Race redeems one code n times at the same moment, each time with an assertion and a proof of its own. What takes time is done before
// the start: every request is signed, and has a connection of its own that is open. At a target that hands out nonces each has a nonce of
// its own, which may be good for one request only. Who wants another nonce gets a second race.
func (c *Client) Race(ctx context.Context, landed *Outcome, n int) []*Outcome {
	c.keepToOneself(ctx)
	outcomes := make([]*Outcome, n)
	racers := make([]int, n)
	for i := range racers {
		racers[i] = i
	}
	nonces := c.noncesFor(ctx, landed, n)
	for range 2 {
		c.race(ctx, landed, racers, nonces, outcomes)
		var again []int
		for _, i := range racers {
			if demandsNonce(outcomes[i]) {
				again, nonces[i] = append(again, i), outcomes[i].Header.Get("DPoP-Nonce")
			}
		}
		if racers = again; len(racers) == 0 {
			break
		}
	}
	return outcomes
}

// noncesFor gets a DPoP nonce for each racer, where the target is known to hand them out: by a token request without one, for a code that
// nobody has issued, so that the code of the race is not touched. Empty: the newest will do.
func (c *Client) noncesFor(ctx context.Context, landed *Outcome, n int) []string {
	nonces := make([]string, n)
	if c.key == nil || landed.Step != StepAuthorize || landed.Code() == "" || c.nonce(nonceServer(c.exchangeDraft(landed))) == "" {
		return nonces
	}
	deviation := All("with a made-up code and no nonce, to be given one for a racer", With(Parameter("code"), jose.Random(32)), Without(ProofNonce))
	for i := range nonces {
		d := c.exchangeDraft(landed)
		if d.deviate([]Deviation{deviation}, "") != nil {
			return nonces
		}
		if nonces[i] = c.sendOnce(ctx, d, landed.attempt, []Deviation{deviation}).Header.Get("DPoP-Nonce"); nonces[i] == "" {
			return nonces // it gives none to who is refused
		}
	}
	return nonces
}

// race has some racers redeem the code, and enters what they were answered.
func (c *Client) race(ctx context.Context, landed *Outcome, racers []int, nonces []string, outcomes []*Outcome) {
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
			d := c.exchangeDraft(landed)
			d.nonce = nonces[i]
			r := c.prepare(ctx, d, landed.attempt, nil)
			outcomes[i] = r.outcome
			if r.request == nil {
				lined.Done()
				return
			}
			via, leave := c.ownConnection(ctx, c.http(r.certificate), r.request.URL)
			defer leave()
			lined.Done()
			<-start
			watched, connection := wire.Watch(ctx)
			c.transmit(watched, r, via, connection)
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
	transport, ok := wire.Below(like.Transport)
	if !ok || transport.DialTLSContext == nil || address.Scheme != "https" {
		return like, func() {}
	}
	connected := wire.LedgerFrom(ctx).Begin(wire.InTarget, "")
	connection, err := openTLS(ctx, transport, address)
	connected()
	if err != nil {
		return like, func() {}
	}
	first := make(chan net.Conn, 1)
	first <- connection
	transport = transport.Clone()
	open := transport.DialTLSContext
	transport.DialTLSContext = func(ctx context.Context, network, host string) (net.Conn, error) {
		select {
		case connection := <-first:
			return connection, nil
		default:
			return open(ctx, network, host)
		}
	}
	copied := *like
	copied.Transport = wire.OverOther(like.Transport, transport)
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
	port := address.Port()
	if port == "" {
		port = "443"
	}
	return transport.DialTLSContext(ctx, "tcp", net.JoinHostPort(address.Hostname(), port))
}
