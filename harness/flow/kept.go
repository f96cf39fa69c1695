package flow

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"

	"github.com/fapitest/fapitest/harness/consent"
)

// NotPushedError says that a request can't be made: it is about what a client shows where it pushes a request (its authentication, a proof, a
// certificate), and requests are not pushed here.
type NotPushedError struct{}

func (*NotPushedError) Error() string {
	return "requests are not pushed here, and a browser shows nothing of what this is about"
}

// Kept says that there is no answer yet: the request is not pushed, and waits for the browser to bring it.
func (o *Outcome) Kept() bool { return o.kept != nil }

// unpushed makes an authorization request that is not pushed. What the browser would not bring of the deviations makes it fail, with NotPushedError; one that would leave a
// pushed request as it is too is a fault of the suite, with NoChangeError.
func (c *Client) unpushed(ctx context.Context, at *attempt, deviations []Deviation) *Outcome {
	outcome := &Outcome{Step: StepPush, attempt: at}
	d, pushed := c.brought(at), c.toPush(at)
	for _, deviation := range deviations {
		before, deviated := d.carried(), d.clone()
		if err := deviated.deviate([]Deviation{deviation}, ""); err != nil || deviation.says != "" && len(deviation.edits) > 0 && deviated.carried() == before {
			if fault := pushed.deviate([]Deviation{deviation}, ""); fault != nil {
				return c.notMade(ctx, pushed, at, deviations, fault)
			}
			outcome.Err = &NotPushedError{}
			return outcome
		}
		d = deviated
		_ = pushed.deviate([]Deviation{deviation}, "") // what is for the browser alone changes nothing there
	}
	outcome.kept, outcome.deviations = c.brought(at), deviations
	return outcome
}

// carried is all of a draft that a browser brings.
func (d *draft) carried() string {
	finished := d.finish("", d.client.Now(), func() string { return "" })
	params := maps.Clone(finished.params)
	for _, own := range []string{"client_secret", "client_assertion", "client_assertion_type"} {
		delete(params, own)
	}
	look, err := json.Marshal(struct {
		Method, URL    string
		Params, Beside url.Values
		Object         any
		Outside        []string
		Repeated       []repetition
		Framed         bool
		Tempt          consent.Temptation
		Trick          consent.Trick
	}{d.method, d.url, params, finished.beside, finished.object.Appearance(), finished.outside, d.repeated, d.framed, d.tempt, d.trick})
	if err != nil {
		return err.Error()
	}
	return string(look)
}
