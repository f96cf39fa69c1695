package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/wire"
)

// shared is one good flow that experiments share which only need to have seen one, or only need its tokens. The code in it has been
// redeemed, or is of an authorization response that led no further.
type shared struct {
	generation             int
	pushed, landed, tokens *Outcome
}

// Landing is an authorization response that experiments share which only look at one: an end user was taken through a request in
// which everything is as it should be. Its code is used up.
func (c *Client) Landing(ctx context.Context) *Outcome {
	kept := c.keptFlow(ctx, func(s shared) bool { return s.landed.Code() != "" })
	recall(ctx, kept.pushed, kept.landed)
	return kept.landed
}

// Grant is a token response that experiments share which only need a valid one. It is renewed before its tokens are too old to be
// used for a while. What spoils a grant (rotation, revocation) has to be done to one of its own: see Obtain.
func (c *Client) Grant(ctx context.Context) *Outcome {
	kept := c.keptFlow(ctx, func(s shared) bool { return s.tokens.AccessToken() != "" && c.fresh(s.tokens) })
	recall(ctx, kept.pushed, kept.landed, kept.tokens)
	return kept.tokens
}

// recall puts what was said earlier into the trace of the experiment that refers to it.
func recall(ctx context.Context, outcomes ...*Outcome) {
	for _, outcome := range outcomes {
		if outcome != nil {
			wire.TraceFrom(ctx).Add(outcome.Exchange)
		}
	}
}

// fresh says whether tokens have a third of their life left, and so time for an experiment.
func (c *Client) fresh(tokens *Outcome) bool {
	lifetime := 60
	if seconds, ok := tokens.ExpiresIn(); ok {
		lifetime = seconds
	}
	return c.clock.Now().Sub(tokens.Arrived) < time.Duration(lifetime)*time.Second*2/3
}

// keptFlow returns the flow that is shared, a new one where none will do. Only a flow that led to a code is kept.
func (c *Client) keptFlow(ctx context.Context, usable func(shared) bool) shared {
	c.sharing.Lock()
	defer c.sharing.Unlock()
	if c.kept.landed != nil && usable(c.kept) {
		return c.kept
	}
	if c.shelf == nil {
		made := c.wholeFlow(ctx)
		if made.landed.Code() != "" {
			c.kept = made
		}
		return made
	}
	for {
		wanted := fmt.Sprintf("%s %d", c.self.ID, c.kept.generation+1)
		content, ok, err := c.shelf.Take(ctx, wanted)
		if err != nil {
			return failedToShare(err)
		}
		if !ok {
			made := c.wholeFlow(ctx)
			made.generation = c.kept.generation + 1
			if made.landed.Code() == "" {
				c.shelf.Put(wanted, nil)
				return made
			}
			c.shelf.Put(wanted, made.encode())
			c.kept = made
			return made
		}
		taken, err := c.decodeShared(content)
		if err != nil {
			return failedToShare(err)
		}
		c.kept = taken
		if usable(taken) {
			return taken
		}
	}
}

func failedToShare(err error) shared {
	failed := &Outcome{Step: StepAuthorize, Err: err, Exchange: &wire.Exchange{Step: string(StepAuthorize), Failure: err.Error()}}
	return shared{landed: failed, tokens: failed}
}

func (c *Client) wholeFlow(ctx context.Context) shared {
	pushed := c.Push(ctx)
	landed := c.Authorize(ctx, pushed)
	return shared{pushed: pushed, landed: landed, tokens: c.Exchange(ctx, landed)}
}

// Shelf keeps what experiments share, for all workers of a run. What stands on it is secret.
type Shelf interface {
	// Take returns what stands there under a name. Where there is nothing, ok is false, and whoever asked has to Put something; others
	// who ask wait until then.
	Take(ctx context.Context, name string) (content []byte, ok bool, err error)
	// Put puts something there. Nil says that it could not be had: the next one who asks has to try.
	Put(name string, content []byte)
}

// storedOutcome is an Outcome as it stands on a shelf.
type storedOutcome struct {
	Step     Step
	Exchange *wire.Exchange
	Status   int
	Header   http.Header
	Body     []byte
	Arrived  time.Time
	Trip     *consent.Trip
	Params   url.Values
}

// storedFlow is a shared flow as it stands on a shelf. The key of proofs is not in it: workers have it in common from the start.
type storedFlow struct {
	Generation                                 int
	State, Nonce, Verifier, RedirectURI, Scope string
	Outcomes                                   []storedOutcome
}

func (s shared) encode() []byte {
	at := s.landed.attempt
	stored := storedFlow{
		Generation: s.generation, State: at.state, Nonce: at.nonce, Verifier: at.verifier, RedirectURI: at.redirectURI, Scope: at.scope,
	}
	for _, o := range []*Outcome{s.pushed, s.landed, s.tokens} {
		// Only exchanges that nobody has judged travel: what they were to the experiment that made them, they are to no other.
		exchange := *o.Exchange
		exchange.Role, exchange.Sentence, exchange.Expected, exchange.Judged, exchange.Because, exchange.Control = "", "", "", "", "", ""
		item := storedOutcome{Step: o.Step, Exchange: &exchange, Status: o.Status, Header: o.Header, Body: o.Body, Arrived: o.Arrived, Params: o.params}
		if o.Trip != nil {
			trip := *o.Trip
			trip.Pages = make([]consent.Shot, len(o.Trip.Pages))
			for i, page := range o.Trip.Pages {
				page.HTML, page.Screenshot = nil, nil // they are evidence already
				trip.Pages[i] = page
			}
			item.Trip = &trip
		}
		stored.Outcomes = append(stored.Outcomes, item)
	}
	content, err := json.Marshal(stored)
	if err != nil {
		return nil // nothing to share: the next one tries
	}
	return content
}

func (c *Client) decodeShared(content []byte) (shared, error) {
	var stored storedFlow
	if err := json.Unmarshal(content, &stored); err != nil || len(stored.Outcomes) != 3 {
		return shared{}, fmt.Errorf("what another worker shares can't be read: %w", err)
	}
	at := &attempt{state: stored.State, nonce: stored.Nonce, verifier: stored.Verifier, redirectURI: stored.RedirectURI, scope: stored.Scope, key: c.key}
	c.redactor.Learn("code_verifier", at.verifier)
	var outcomes []*Outcome
	for _, item := range stored.Outcomes {
		o := &Outcome{
			Step: item.Step, Exchange: item.Exchange, Status: item.Status, Header: item.Header, Body: item.Body, Arrived: item.Arrived,
			Trip: item.Trip, params: item.Params, attempt: at,
		}
		for _, name := range []string{"code", "access_token", "refresh_token", "id_token"} {
			c.redactor.Learn(name, o.Text(name))
		}
		outcomes = append(outcomes, o)
	}
	return shared{generation: stored.Generation, pushed: outcomes[0], landed: outcomes[1], tokens: outcomes[2]}, nil
}
