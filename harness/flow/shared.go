package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
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
	return c.landing(ctx, manner{})
}

// LandingByPost is Landing of an end user whose browser brought the request by POST. Where that leads to no code it is tried anew each time.
func (c *Client) LandingByPost(ctx context.Context) *Outcome {
	return c.landing(ctx, manner{byPost: true})
}

// LandingOf is Landing with another scope than that of the target file.
func (c *Client) LandingOf(ctx context.Context, scope string) *Outcome {
	if scope == c.target.Scope {
		scope = "" // that is no other one
	}
	return c.landing(ctx, manner{scope: scope})
}

// RefreshableOf is the token response of the flow of LandingOf, for who uses its refresh token: how old the access token is does not matter. Where a refresh
// replaces refresh tokens it is good for one.
func (c *Client) RefreshableOf(ctx context.Context, scope string) *Outcome {
	return recallTokens(ctx, c.keptFlow(ctx, manner{scope: scope}, func(s shared) bool { return s.tokens.AccessToken() != "" && !s.spoilt }))
}

func (c *Client) landing(ctx context.Context, how manner) *Outcome {
	kept := c.keptFlow(ctx, how, func(s shared) bool { return s.landed.Code() != "" })
	recalled := recall(ctx, kept.pushed, kept.landed)
	return recalled[len(recalled)-1]
}

// Grant is a token response that experiments share which only need a valid one. It is renewed before its tokens are too old to be
// used for a while. What spoils a grant (rotation, revocation) has to be done to one of its own: see Obtain.
func (c *Client) Grant(ctx context.Context) *Outcome {
	kept := c.keptFlow(ctx, manner{}, func(s shared) bool { return s.tokens.AccessToken() != "" && !s.spoilt && c.fresh(s.tokens) })
	return recallTokens(ctx, kept)
}

func recallTokens(ctx context.Context, kept shared) *Outcome {
	recalled := recall(ctx, kept.pushed, kept.landed, kept.tokens)
	return recalled[len(recalled)-1]
}

// Own is a token response that nobody else uses, for who ends what it uses. It may be left over from an experiment that was about the code: then the
// resource was just seen to take its token. Who has to see a login that comes now asks for Obtain.
func (c *Client) Own(ctx context.Context) *Outcome {
	c.keepToOneself(ctx)
	for {
		left, ok := c.takeLeft()
		if !ok {
			return c.Obtain(ctx)
		}
		if grant := recallTokens(ctx, left); c.fresh(grant) && served(c.Call(ctx, grant)) {
			return grant
		}
	}
}

// LeaveOver leaves the tokens of a grant to others, in which everything was as it should be. The caller uses them no more.
func (c *Client) LeaveOver(landed, tokens *Outcome) {
	const enough = 3 // experiments about codes may be many, and tokens become old
	if tokens.Step != StepExchange || tokens.AccessToken() == "" || landed.Step != StepAuthorize {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = append(c.left, shared{landed: landed, tokens: tokens})
	if len(c.left) > enough {
		c.left = c.left[1:]
	}
}

// takeLeft takes the newest grant that was left over.
func (c *Client) takeLeft() (shared, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.left) == 0 {
		return shared{}, false
	}
	last := len(c.left) - 1
	left := c.left[last]
	c.left = c.left[:last]
	return left, true
}

// Proven is a shared grant of which a proper use has just shown that it is good for that, and the answer to the use. What experiments share
// may have been ended by one of them: by a logout, a revocation, a newer token. Then it is had anew; but not over and over where a new one
// is refused as well, which is then no fault of the sharing. Whoever gets the answer has to judge it.
func (c *Client) Proven(ctx context.Context, use func(grant *Outcome) *Outcome) (grant, answer *Outcome) {
	for {
		grant = c.Grant(ctx)
		answer = use(grant)
		denied := answer.Step.TakesToken() && answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusTooManyRequests ||
			answer.Step.Introspects() && answer.Members()["active"] == false
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
	return c.kept[manner{}].tokens != grant.of || c.kept[manner{}].own
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
	for how, kept := range c.kept {
		if kept.tokens == grant || kept.tokens == grant.of {
			kept.spoilt = true
			c.kept[how] = kept
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

// Anew is the answer to a refresh that this worker's experiments share who only look at what is in it; nil where none is given.
func (c *Client) Anew(ctx context.Context) *Outcome {
	c.anew.Lock()
	defer c.anew.Unlock()
	if c.anew.tokens != nil {
		return recall(ctx, c.anew.tokens)[0]
	}
	grant := c.ToRefresh(ctx)
	if grant.RefreshToken() == "" {
		return nil
	}
	tokens := c.Refresh(ctx, grant)
	if tokens.Err != nil || tokens.Status != http.StatusOK || tokens.AccessToken() == "" {
		return nil
	}
	c.anew.tokens = tokens
	return tokens
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

// manner is what is another way in a flow that is shared.
type manner struct {
	scope  string // empty: that of the target file
	byPost bool   // the browser brings the request by POST
	asked  string // what the request asks for beside the usual: name=value, a line each
}

// keptFlow returns the flow that is shared and made in a manner; a new one where none will do. Only a flow that led to a code is kept.
func (c *Client) keptFlow(ctx context.Context, how manner, usable func(shared) bool) shared {
	c.keepToOneself(ctx)
	c.sharing.Lock()
	defer c.sharing.Unlock()
	kept := c.kept[how]
	if kept.landed != nil && usable(kept) {
		return kept
	}
	if c.shelf == nil {
		made := c.wholeFlow(ctx, how)
		made.own = true
		if made.landed.Code() != "" {
			c.kept[how] = made
		}
		return made
	}
	for {
		wanted := c.flowName(how, kept.generation+1)
		content, ok, err := c.shelf.Take(ctx, wanted)
		if err != nil {
			return failedToShare(err)
		}
		if !ok {
			return c.makeForAll(ctx, how, wanted, kept.generation+1)
		}
		taken, err := c.decodeShared(content)
		if err != nil {
			return failedToShare(err)
		}
		if kept, c.kept[how] = taken, taken; usable(taken) {
			return taken
		}
	}
}

// makeForAll makes a flow for the shelf and puts it there, or says there that it could not be had.
func (c *Client) makeForAll(ctx context.Context, how manner, wanted string, generation int) shared {
	var content []byte
	defer func() { c.shelf.Put(wanted, content) }() // whatever happens: others wait for it
	made := c.wholeFlow(ctx, how)
	made.generation, made.own = generation, true
	if made.landed.Code() != "" {
		content = made.encode()
		c.kept[how] = made
	}
	return made
}

func failedToShare(err error) shared {
	failed := &Outcome{Step: StepAuthorize, Err: err, Exchange: &wire.Exchange{Step: string(StepAuthorize), Failure: err.Error()}}
	return shared{landed: failed, tokens: failed}
}

func (c *Client) wholeFlow(ctx context.Context, how manner) shared {
	flow := c.landedFlow(ctx, how)
	flow.tokens = c.exchange(ctx, flow.landed, nil)
	return flow
}

// landedFlow is a flow as far as the code.
func (c *Client) landedFlow(ctx context.Context, how manner) shared {
	var asked, brought []Deviation
	if how.scope != "" {
		asked = append(asked, With(Scope, how.scope))
		if !slices.Contains(strings.Fields(how.scope), "openid") {
			asked = append(asked, Without(Nonce)) // which is OpenID Connect's
		}
	}
	asked = append(asked, c.asks(how.asked)...)
	if how.byPost {
		brought = append(brought, ByPost())
	}
	pushed := c.Push(ctx, asked...)
	return shared{pushed: pushed, landed: c.authorize(ctx, pushed, consent.Accept, consent.Never, brought)}
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
	Intent                                     string
	Outcomes                                   []storedOutcome
}

func (s shared) encode() []byte {
	at := s.landed.attempt
	stored := storedFlow{
		Generation: s.generation, State: at.state, Nonce: at.nonce, Verifier: at.verifier, RedirectURI: at.redirectURI, Scope: at.scope,
		Intent: at.intent,
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
	at := &attempt{state: stored.State, nonce: stored.Nonce, verifier: stored.Verifier, redirectURI: stored.RedirectURI, scope: stored.Scope, intent: stored.Intent, key: c.key}
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
