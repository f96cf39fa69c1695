package flow

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/tlsprobe"
	"github.com/fapitest/fapitest/harness/wire"
)

// Handshake is what a host made of an offer in TLS, and the exchange that says so.
type Handshake struct {
	Host     string // with its port
	Exchange *wire.Exchange
	tlsprobe.Observation
}

// Carried is what showed in a handshake that was carried through.
type Carried struct {
	Host     string
	Exchange *wire.Exchange
	tlsprobe.Whole
}

// Handshakes are the offers that a run has made, each to each host once, for all clients. No host has more than one connection of them at a time.
type Handshakes struct {
	shelf Shelf // where workers share them; nil: there is only this one

	mu    sync.Mutex
	turns map[string]*sync.Mutex // by host
	known map[string]observed    // by host and offer
	since map[string]int         // how many offers were made to a host since the last control
	last  map[string]observed    // that control
}

// NewHandshakes returns what no offer was made of yet.
func NewHandshakes(shelf Shelf) *Handshakes {
	return &Handshakes{shelf: shelf, turns: map[string]*sync.Mutex{}, known: map[string]observed{}, since: map[string]int{}, last: map[string]observed{}}
}

// observed is what came of an offer, as it stands on a shelf: of both observations one.
type observed struct {
	Exchange *wire.Exchange
	Offered  tlsprobe.Observation
	Whole    tlsprobe.Whole
}

// Handshake makes an offer to a host with its port, or recalls what came of it before.
func (c *Client) Handshake(ctx context.Context, host string, offer tlsprobe.Offer) *Handshake {
	seen := c.observe(ctx, host, offer.Says, func(ctx context.Context, exchange *wire.Exchange) observed {
		return makeOffer(ctx, host, offer, exchange)
	})
	return &Handshake{Host: host, Exchange: wire.TraceFrom(ctx).Recall(seen.Exchange), Observation: seen.Offered}
}

// HandshakeAgain makes an offer to a host with its port that was made before: to see whether it still takes that, after all that it was offered since.
// Where that is nothing, the last time is recalled.
func (c *Client) HandshakeAgain(ctx context.Context, host string, offer tlsprobe.Offer) *Handshake {
	h := c.handshakes()
	defer h.turn(host)()
	h.mu.Lock()
	seen, before := h.last[host]
	before = before && h.since[host] == 0
	h.mu.Unlock()
	if !before {
		free, err := h.alone(ctx, host)
		if err != nil {
			seen = c.unobserved(host, offer.Says, err.Error())
			return &Handshake{Host: host, Exchange: wire.TraceFrom(ctx).Recall(seen.Exchange), Observation: seen.Offered}
		}
		seen = c.observeNow(ctx, host, offer.Says, func(ctx context.Context, exchange *wire.Exchange) observed {
			return makeOffer(ctx, host, offer, exchange)
		})
		free()
		h.mu.Lock()
		h.last[host], h.since[host] = seen, 0
		h.mu.Unlock()
	}
	return &Handshake{Host: host, Exchange: wire.TraceFrom(ctx).Recall(seen.Exchange), Observation: seen.Offered}
}

// Renegotiate asks a host for another handshake inside of one, or recalls what came of it before.
func (c *Client) Renegotiate(ctx context.Context, host string) *Handshake {
	seen := c.observe(ctx, host, "another handshake in one of TLS 1.2", func(ctx context.Context, exchange *wire.Exchange) observed {
		answer := tlsprobe.Renegotiate(ctx, host, nameOf(host))
		enter(exchange, answer.Outcome, answer.Says)
		return observed{Exchange: exchange, Offered: answer}
	})
	return &Handshake{Host: host, Exchange: wire.TraceFrom(ctx).Recall(seen.Exchange), Observation: seen.Offered}
}

func makeOffer(ctx context.Context, host string, offer tlsprobe.Offer, exchange *wire.Exchange) observed {
	exchange.Request.Body = offer.Words()
	answer := tlsprobe.Ask(ctx, host, offer)
	if answer.Outcome == tlsprobe.Unknown {
		answer = tlsprobe.Ask(ctx, host, offer) // for all of a run: what is only busy is given another chance
	}
	enter(exchange, answer.Outcome, answer.Says)
	return observed{Exchange: exchange, Offered: answer}
}

// CarryThrough carries a handshake in one version through, or recalls what showed in it before.
func (c *Client) CarryThrough(ctx context.Context, host string, version uint16) *Carried {
	return c.carryThrough(ctx, host, version, tlsprobe.VersionName(version)+", carried through", "http/1.1")
}

// CarryThroughWithoutALPN is CarryThrough as an older client does it, which lists no protocols.
func (c *Client) CarryThroughWithoutALPN(ctx context.Context, host string, version uint16) *Carried {
	return c.carryThrough(ctx, host, version, tlsprobe.VersionName(version)+", carried through without ALPN")
}

func (c *Client) carryThrough(ctx context.Context, host string, version uint16, says string, protocols ...string) *Carried {
	seen := c.observe(ctx, host, says, func(ctx context.Context, exchange *wire.Exchange) observed {
		whole := tlsprobe.Finish(ctx, host, nameOf(host), version, protocols...)
		enter(exchange, whole.Outcome, whole.Says)
		return observed{Exchange: exchange, Whole: whole}
	})
	return &Carried{Host: host, Exchange: wire.TraceFrom(ctx).Recall(seen.Exchange), Whole: seen.Whole}
}

// enter enters what came of a handshake. There is no status: the first word says it.
func enter(exchange *wire.Exchange, outcome tlsprobe.Outcome, says string) {
	if outcome == tlsprobe.Unknown {
		exchange.Failure = wire.Printable(says)
		return
	}
	exchange.Answer = &wire.Message{Body: string(outcome) + ": " + wire.Printable(says)}
}

// nameOf is a host without its port.
func nameOf(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		return host
	}
	return name
}

type observing func(ctx context.Context, exchange *wire.Exchange) observed

// observe returns what came of an offer, which is made where nobody has made it.
func (c *Client) observe(ctx context.Context, host, says string, make observing) observed {
	h := c.handshakes()
	name := "TLS " + host + " " + says
	defer h.turn(host)()
	h.mu.Lock()
	seen, known := h.known[name]
	h.mu.Unlock()
	if known {
		return seen
	}
	if h.shelf == nil {
		seen = c.observeNow(ctx, host, says, make)
		h.remember(ctx, name, seen)
		return seen
	}
	content, there, err := h.shelf.Take(ctx, name)
	if err != nil {
		return c.unobserved(host, says, err.Error())
	}
	if there {
		if json.Unmarshal(content, &seen) != nil || seen.Exchange == nil {
			return c.unobserved(host, says, "what another worker shares can't be read")
		}
		h.remember(ctx, name, seen)
		return seen
	}
	content = nil
	defer func() { h.shelf.Put(name, content) }() // whatever happens: others wait for it
	free, err := h.alone(ctx, host)
	if err != nil {
		return c.unobserved(host, says, err.Error())
	}
	defer free()
	seen = c.observeNow(ctx, host, says, make)
	if h.remember(ctx, name, seen) {
		stored := seen
		stored.Exchange = seen.Exchange.Unjudged()
		content, _ = json.Marshal(stored) // plain values
	}
	return seen
}

// observeNow makes an offer, when it is its turn. It counts as a request.
func (c *Client) observeNow(ctx context.Context, host, says string, make observing) observed {
	if !c.target.Vouches(host) {
		return c.unobserved(host, says, "not sent: neither the issuer nor the target file vouches for this host; where it is the bank's, name it with hosts: in the target file")
	}
	if err := c.turn(ctx); err != nil {
		return c.unobserved(host, says, failure(err))
	}
	h := c.handshakes()
	h.mu.Lock()
	h.since[host]++
	h.mu.Unlock()
	exchange := c.handshakeExchange(host, says)
	started := time.Now()
	answered := wire.LedgerFrom(ctx).Begin(wire.InTarget, "")
	seen := make(ctx, exchange)
	answered()
	exchange.Seconds = time.Since(started).Seconds()
	return seen
}

func (c *Client) handshakeExchange(host, says string) *wire.Exchange {
	return &wire.Exchange{
		ID: host + " " + says, Step: string(StepHandshake), Deviation: "at " + host + ", " + says, Started: c.clock.Now(),
		Request: wire.Message{Method: "TLS", URL: "https://" + host},
	}
}

// unobserved is what came of an offer that could not be made.
func (c *Client) unobserved(host, says, because string) observed {
	exchange := c.handshakeExchange(host, says)
	exchange.Failure = wire.Printable(because)
	return observed{
		Exchange: exchange, Offered: tlsprobe.Observation{Outcome: tlsprobe.Unknown, Says: because}, Whole: tlsprobe.Whole{Outcome: tlsprobe.Unknown, Says: because},
	}
}

// handshakes are those of the run.
func (c *Client) handshakes() *Handshakes { return c.options.Handshakes }

// turn waits until a host may be asked, and returns how to let the next one.
func (h *Handshakes) turn(host string) (done func()) {
	h.mu.Lock()
	turn := h.turns[host]
	if turn == nil {
		turn = &sync.Mutex{}
		h.turns[host] = turn
	}
	h.mu.Unlock()
	turn.Lock()
	return turn.Unlock
}

// alone waits until no other worker asks a host, which may be for other things, and returns how to let the next one.
func (h *Handshakes) alone(ctx context.Context, host string) (free func(), err error) {
	if h.shelf == nil {
		return func() {}, nil
	}
	lock := "TLS " + host
	_, _, err = h.shelf.Take(ctx, lock)
	return func() { h.shelf.Put(lock, nil) }, err
}

// remember keeps what came of an offer. What was cut off is nothing to keep.
func (h *Handshakes) remember(ctx context.Context, name string, seen observed) bool {
	if ctx.Err() != nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known[name] = seen
	return true
}
