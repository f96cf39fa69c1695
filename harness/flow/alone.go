package flow

import (
	"context"
	"fmt"
	"net/http"
)

// At some targets a new access token ends the older ones of the same client and user. What one worker is granted there ends what another one
// is trying something with; so whoever has to do with tokens of a client has them to himself until the experiment is over.

// keepToOneself waits until no other worker has to do with tokens of this client, where one would disturb the other. Everything that
// is shared is taken from the shelf after that, or two could wait for each other.
func (c *Client) keepToOneself(ctx context.Context) { c.haveAlone(ctx, false) }

// keepCodeToOneself is keepToOneself for who is about to be given a code, where a new code ends the older one.
func (c *Client) keepCodeToOneself(ctx context.Context) { c.haveAlone(ctx, true) }

// haveAlone waits until no other worker has to do with this client, where that is needed: for codes, or for tokens.
func (c *Client) haveAlone(ctx context.Context, code bool) {
	if c.shelf == nil {
		return
	}
	c.alone.Lock()
	defer c.alone.Unlock()
	if c.alone.held || !c.newestOnly(ctx) || code && !c.alone.codes {
		return
	}
	if _, _, err := c.shelf.Take(ctx, c.aloneName()); err == nil {
		c.alone.held = true
	}
}

// LeaveToOthers says that an experiment is over, and others may have to do with tokens of this client.
func (c *Client) LeaveToOthers() {
	c.alone.Lock()
	defer c.alone.Unlock()
	if c.alone.held {
		c.alone.held = false
		c.shelf.Put(c.aloneName(), nil)
	}
}

func (c *Client) aloneName() string { return c.self.ID + " alone" }

// NewestCodeOnly says whether a new code ends the open one of the same client and user: what becomes of a code in a minute is then what another experiment's
// login makes of it. Where there are several workers that is known already.
func (c *Client) NewestCodeOnly(ctx context.Context) bool {
	c.alone.Lock()
	defer c.alone.Unlock()
	if c.shelf != nil {
		return c.newestOnly(ctx) && c.alone.codes
	}
	if !c.alone.known {
		first, second := c.landedFlow(ctx, manner{}), c.landedFlow(ctx, manner{})
		answer := c.exchange(ctx, first.landed, nil)
		ended := first.landed.Code() != "" && second.landed.Code() != "" && answer.Status >= 400 && answer.Status < 500 && answer.Status != http.StatusTooManyRequests
		c.alone.known, c.alone.newest, c.alone.codes = true, ended, ended
	}
	return c.alone.codes
}

// newestOnly finds out whether a new access token ends the older one, or a new code does, once in a run, where there are several workers. The one of the
// two flows whose tokens came last is the first that is shared. The lock of alone is held.
func (c *Client) newestOnly(ctx context.Context) bool {
	const newest, newestCode, several = "the newest", "the newest code", "several"
	if c.alone.known {
		return c.alone.newest
	}
	name := c.self.ID + " lives"
	content, ok, err := c.shelf.Take(ctx, name)
	if err != nil {
		return false
	}
	if !ok {
		defer func() { c.shelf.Put(name, content) }() // whatever happens: others wait for it
		// The flow that begins first redeems its code last.
		first := c.landedFlow(ctx, manner{})
		second := c.wholeFlow(ctx, manner{})
		good := served(c.Call(ctx, second.tokens))
		first.tokens = c.exchange(ctx, first.landed, nil)
		last := first
		content = []byte(several)
		switch {
		case first.landed.Code() != "" && good && first.tokens.Status >= 400 && first.tokens.Status < 500 && first.tokens.Status != http.StatusTooManyRequests:
			content, last = []byte(newestCode), second
		case good && first.tokens.AccessToken() != "" && !served(c.Call(ctx, second.tokens, Words("when a newer token had been issued"))):
			content = []byte(newest)
		}
		if last.landed.Code() != "" {
			last.generation = 1
			c.shelf.Put(c.flowName(manner{}, 1), last.encode())
		}
	}
	c.alone.known, c.alone.newest, c.alone.codes = true, string(content) != several && len(content) > 0, string(content) == newestCode
	return c.alone.newest
}

func served(o *Outcome) bool { return o.Status >= 200 && o.Status < 300 && o.Step == StepCall }

func (c *Client) flowName(how manner, generation int) string {
	return fmt.Sprintf("%s %+v %d", c.self.ID, how, generation)
}
