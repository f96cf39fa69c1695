package flow

import (
	"context"
	"fmt"
)

// EndArrangement revokes an arrangement of Australia's Consumer Data Right by its cdr_arrangement_id.
func (c *Client) EndArrangement(ctx context.Context, id string, deviations ...Deviation) *Outcome {
	d := c.draftFor(StepEndArrangement, "cdr_arrangement_revocation_endpoint")
	d.authenticate()
	d.params.Set("cdr_arrangement_id", id)
	return c.send(ctx, d, c.newAttempt(), deviations)
}

// HeaderField is a header field of a request, by its name.
func HeaderField(name string) Part {
	return Part{
		name:   "the header field " + name,
		remove: func(d *draft) { d.header.Del(name) },
		set:    func(d *draft, value any) { d.header.Set(name, fmt.Sprint(value)) },
	}
}
