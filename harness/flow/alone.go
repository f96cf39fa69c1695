package flow

import (
	"context"
	"fmt"
)

// At some targets a new access token ends the older ones of the same client and user. What one worker is granted there ends what another one
// is trying something with; so whoever has to do with tokens of a client has them to himself until the experiment is over.

// keepToOneself waits until no other worker has to do with tokens of this client, where one would disturb the other. Everything that
// is shared is taken from the shelf after that, or two could wait for each other.
func (c *Client) keepToOneself(ctx context.Context) {
	if c.shelf == nil {
		return
	}
	c.alone.Lock()
	defer c.alone.Unlock()
	if c.alone.held || !c.newestOnly(ctx) {
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

// newestOnly finds out whether a new access token ends the older one, once in a run, where there are several workers. The newer one of the
// two flows that it takes is the first that is shared. The lock of alone is held.
func (c *Client) newestOnly(ctx context.Context) bool {
	const newest, several = "the newest", "several"
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
		older := c.wholeFlow(ctx, "").tokens
		good := served(c.Call(ctx, older))
		newer := c.wholeFlow(ctx, "")
		if newer.landed.Code() != "" {
			newer.generation = 1
			c.shelf.Put(c.flowName("", 1), newer.encode())
		}
		content = []byte(several)
		if good && newer.tokens.AccessToken() != "" && !served(c.Call(ctx, older, Words("when a newer token had been issued"))) {
			content = []byte(newest)
		}
	}
	c.alone.known, c.alone.newest = true, string(content) == newest
	return c.alone.newest
}

func served(o *Outcome) bool { return o.Status >= 200 && o.Status < 300 && o.Step == StepCall }

func (c *Client) flowName(scope string, generation int) string {
	return fmt.Sprintf("%s %q %d", c.self.ID, scope, generation)
}
