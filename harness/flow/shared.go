package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/wire"
)

// shared is one good flow that experiments share which only need to have seen one, or only need its tokens. The code in it has been
// redeemed, or is of an authorization response that led no further.
type shared struct {
	generation             int
	pushed, landed, tokens *Outcome
	spoilt                 bool // the tokens may not be good any more
	own                    bool // this worker has made it
}

// Landing is an authorization response that experiments share which only look at one: an end user was taken through a request in
// which everything is as it should be. Its code is used up.
func (c *Client) Landing(ctx context.Context) *Outcome {
	kept := c.keptFlow(ctx, "", func(s shared) bool { return s.landed.Code() != "" })
	recalled := recall(ctx, kept.pushed, kept.landed)
	return recalled[len(recalled)-1]
}

// Grant is a token response that experiments share which only need a valid one. It is renewed before its tokens are too old to be
// used for a while. What spoils a grant (rotation, revocation) has to be done to one of its own: see Obtain.
func (c *Client) Grant(ctx context.Context) *Outcome { return c.GrantOf(ctx, "") }

// GrantOf is Grant with another scope than that of the target file.
func (c *Client) GrantOf(ctx context.Context, scope string) *Outcome {
	if scope == c.target.Scope {
		scope = "" // that is no other one
	}
	kept := c.keptFlow(ctx, scope, func(s shared) bool { return s.tokens.AccessToken() != "" && !s.spoilt && c.fresh(s.tokens) })
	recalled := recall(ctx, kept.pushed, kept.landed, kept.tokens)
	return recalled[len(recalled)-1]
}

// Proven is a shared grant of which a proper use has just shown that it is good for that, and the answer to the use. What experiments share
// may have been ended by one of them: by a logout, a revocation, a newer token. Then it is had anew; but not over and over where a new one
// is refused as well, which is then no fault of the sharing. Whoever gets the answer has to judge it.
func (c *Client) Proven(ctx context.Context, use func(grant *Outcome) *Outcome) (grant, answer *Outcome) {
	for {
		grant = c.Grant(ctx)
		answer = use(grant)
		denied := answer.Step.TakesToken() && answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusTooManyRequests ||
			answer.Step == StepIntrospect && answer.Members()["active"] == false
		if grant.AccessToken() == "" || !denied {
			c.renewal(answer.Step, false)
			return grant, answer
		}
		// What others have made may be old, and there may be newer ones of theirs that are old too. They are not without end.
		if c.isOwn(grant) && !c.renewal(answer.Step, true) {
			return grant, answer
		}
		c.Spoil(grant)
	}
}

// isOwn says whether this worker has made a grant that is shared.
func (c *Client) isOwn(grant *Outcome) bool {
	c.sharing.Lock()
	defer c.sharing.Unlock()
	return c.kept[""].tokens != grant.of || c.kept[""].own
}

// renewal says whether a grant of this worker's own that was denied is to be had anew.
func (c *Client) renewal(step Step, denied bool) bool {
	const enough = 2
	c.mu.Lock()
	defer c.mu.Unlock()
	if !denied {
		c.renewed[step] = 0
		return false
	}
	c.renewed[step]++
	return c.renewed[step] <= enough
}

// Spoil has nobody use a shared grant any more, where it turns out that an experiment may have done it harm.
func (c *Client) Spoil(grant *Outcome) {
	c.sharing.Lock()
	defer c.sharing.Unlock()
	for scope, kept := range c.kept {
		if kept.tokens == grant || kept.tokens == grant.of {
			kept.spoilt = true
			c.kept[scope] = kept
		}
	}
}

// ToRefresh is a token response with whose refresh token an experiment may ask for new tokens. It is the shared one where a refresh was
// seen to leave refresh token and access token as they were, else one of the experiment's own.
func (c *Client) ToRefresh(ctx context.Context) *Outcome {
	if c.refreshesQuietly(ctx) {
		return c.Grant(ctx)
	}
	return c.Obtain(ctx)
}

// refreshesQuietly finds out what a refresh does, once in a run, on a grant that nobody else uses.
func (c *Client) refreshesQuietly(ctx context.Context) bool {
	c.keepToOneself(ctx)
	c.sharing.Lock()
	defer c.sharing.Unlock()
	if c.refreshes != nil {
		return *c.refreshes
	}
	name := c.self.ID + " refreshes"
	if c.shelf != nil {
		if content, ok, err := c.shelf.Take(ctx, name); err != nil {
			return false
		} else if ok {
			quietly := string(content) == "quietly"
			c.refreshes = &quietly
			return quietly
		}
	}
	var content []byte // nil: nothing was learnt, and the next one tries
	if c.shelf != nil {
		defer func() { c.shelf.Put(name, content) }() // whatever happens: others wait for it
	}
	grant := c.Obtain(ctx)
	after, called := c.Refresh(ctx, grant), c.Call(ctx, grant)
	quietly := grant.RefreshToken() == "" || after.AccessToken() != "" && !Replaced(grant, after) && called.Status >= 200 && called.Status < 300
	if grant.AccessToken() == "" {
		return false
	}
	if content = []byte("with changes"); quietly {
		content = []byte("quietly")
	}
	c.refreshes = &quietly
	return quietly
}

// recall puts what was said earlier into the trace of the experiment that refers to it, and returns the outcomes as that experiment may
// judge them: what they were to others does not show.
func recall(ctx context.Context, outcomes ...*Outcome) []*Outcome {
	var recalled []*Outcome
	for _, outcome := range outcomes {
		if outcome == nil || outcome.Exchange == nil {
			recalled = append(recalled, outcome)
			continue
		}
		mine := *outcome
		mine.of = outcome
		mine.Exchange = wire.TraceFrom(ctx).Recall(outcome.Exchange)
		recalled = append(recalled, &mine)
	}
	return recalled
}

// fresh says whether tokens have a third of their life left, and so time for an experiment.
func (c *Client) fresh(tokens *Outcome) bool {
	lifetime := 60
	if seconds, ok := tokens.ExpiresIn(); ok {
		lifetime = seconds
	}
	return c.clock.Now().Sub(tokens.Arrived) < time.Duration(lifetime)*time.Second*2/3
}

// keptFlow returns the flow that is shared, with a scope of its own or, where it is empty, with that of the target file; a new one where
// none will do. Only a flow that led to a code is kept.
func (c *Client) keptFlow(ctx context.Context, scope string, usable func(shared) bool) shared {
	c.keepToOneself(ctx)
	c.sharing.Lock()
	defer c.sharing.Unlock()
	kept := c.kept[scope]
	if kept.landed != nil && usable(kept) {
		return kept
	}
	if c.shelf == nil {
		made := c.wholeFlow(ctx, scope)
		made.own = true
		if made.landed.Code() != "" {
			c.kept[scope] = made
		}
		return made
	}
	for {
		wanted := c.flowName(scope, kept.generation+1)
		content, ok, err := c.shelf.Take(ctx, wanted)
		if err != nil {
			return failedToShare(err)
		}
		if !ok {
			return c.makeForAll(ctx, scope, wanted, kept.generation+1)
		}
		taken, err := c.decodeShared(content)
		if err != nil {
			return failedToShare(err)
		}
		if kept, c.kept[scope] = taken, taken; usable(taken) {
			return taken
		}
	}
}

// makeForAll makes a flow for the shelf and puts it there, or says there that it could not be had.
func (c *Client) makeForAll(ctx context.Context, scope, wanted string, generation int) shared {
	var content []byte
	defer func() { c.shelf.Put(wanted, content) }() // whatever happens: others wait for it
	made := c.wholeFlow(ctx, scope)
	made.generation, made.own = generation, true
	if made.landed.Code() != "" {
		content = made.encode()
		c.kept[scope] = made
	}
	return made
}

func failedToShare(err error) shared {
	failed := &Outcome{Step: StepAuthorize, Err: err, Exchange: &wire.Exchange{Step: string(StepAuthorize), Failure: err.Error()}}
	return shared{landed: failed, tokens: failed}
}

func (c *Client) wholeFlow(ctx context.Context, scope string) shared {
	flow := c.landedFlow(ctx, scope)
	flow.tokens = c.exchange(ctx, flow.landed, nil)
	return flow
}

// landedFlow is a flow as far as the code.
func (c *Client) landedFlow(ctx context.Context, scope string) shared {
	var deviations []Deviation
	if scope != "" {
		deviations = []Deviation{With(Scope, scope)}
	}
	pushed := c.Push(ctx, deviations...)
	return shared{pushed: pushed, landed: c.authorize(ctx, pushed, consent.Accept, consent.Never, nil)}
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
	Response Response
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
		item := storedOutcome{Step: o.Step, Exchange: o.Exchange.Unjudged(), Status: o.Status, Header: o.Header, Body: o.Body, Arrived: o.Arrived, Response: o.response}
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
			Trip: item.Trip, response: item.Response, params: item.Response.all(), attempt: at,
		}
		for _, name := range []string{"code", "access_token", "refresh_token", "id_token"} {
			c.redactor.Learn(name, o.Text(name))
		}
		outcomes = append(outcomes, o)
	}
	return shared{generation: stored.Generation, pushed: outcomes[0], landed: outcomes[1], tokens: outcomes[2]}, nil
}
