package flow

import (
	"context"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
)

// browser is one browser session of one test user, in which journeys are made one after another.
type browser struct {
	name  string
	left  int // journeys
	lent  bool
	loan  Loan
	came  Came
	owner People
}

type browserKey struct{}

// OneBrowser is for so many journeys that are made one after another in one browser, by one test user: whoever signed in on the first may still be signed
// in on the next. They have to be made with the context that is returned; end has to be called when they have been, or will not be.
func OneBrowser(ctx context.Context, journeys int) (shared context.Context, end func()) {
	b := &browser{name: jose.Random(6), left: journeys}
	return context.WithValue(ctx, browserKey{}, b), b.end
}

// end gives the test user back.
func (b *browser) end() {
	if b.lent {
		b.lent = false
		b.owner.Back(b.loan, b.came)
	}
}

// lend lends a test user for a journey: the same one for all that are made in one browser. back ends the journey.
func (c *Client) lend(ctx context.Context, v *consent.Visit) (loan Loan, back func(Came) (disturbed bool), err error) {
	b, shared := ctx.Value(browserKey{}).(*browser)
	if !shared {
		loan, err = c.people.Lend(ctx, v.Choice)
		return loan, func(came Came) bool { return c.people.Back(loan, came) }, err
	}
	if !b.lent {
		if b.loan, err = c.people.Lend(ctx, v.Choice); err != nil || b.loan.Withheld != "" {
			return b.loan, nil, err
		}
		b.lent, b.owner, b.came = true, c.people, Came{Led: true}
	}
	b.left--
	v.Session, v.Last = b.name, b.left <= 0
	return b.loan, func(came Came) bool {
		b.came.Logins += came.Logins
		b.came.Acted, b.came.Led = b.came.Acted || came.Acted, b.came.Led && came.Led
		return false // that is known when the user is given back
	}, nil
}

// GrantAsked is a flow that experiments share which need one whose request asks for more: name=value for each parameter. It returns the authorization
// response and the token response. What leads to no code is not kept.
func (c *Client) GrantAsked(ctx context.Context, asked ...string) (landed, tokens *Outcome) {
	kept := c.keptFlow(ctx, manner{asked: strings.Join(asked, "\n")}, func(s shared) bool { return s.landed.Code() != "" })
	recalled := recall(ctx, kept.pushed, kept.landed, kept.tokens)
	return recalled[len(recalled)-2], recalled[len(recalled)-1]
}

// DeclinedAsked is the answer to a request that asks for more, name=value for each parameter, and to which the user says no. This worker's experiments share it, where it is
// an error that the browser brought back.
func (c *Client) DeclinedAsked(ctx context.Context, asked ...string) *Outcome {
	c.sharing.Lock()
	defer c.sharing.Unlock()
	how := strings.Join(asked, "\n")
	if kept, made := c.declined[how]; made {
		recalled := recall(ctx, kept.pushed, kept.landed)
		return recalled[len(recalled)-1]
	}
	pushed := c.Push(ctx, c.asks(how)...)
	denied := c.Decline(ctx, pushed)
	if denied.Code() != "" && c.target.OpenID() && c.target.Request["prompt"] != "consent" {
		// A target that remembers what its user has allowed asks again when it is told to (OpenID Connect Core section 3.1.2.1).
		pushed = c.Push(ctx, append(c.asks(how), With(Parameter("prompt"), "consent"))...)
		denied = c.Decline(ctx, pushed)
	}
	if denied.Trip != nil && denied.Trip.Ending == consent.Arrived && denied.Code() == "" && denied.ErrorCode() != "" && !denied.Disturbed {
		c.declined[how] = shared{pushed: pushed, landed: denied}
	}
	return denied
}

// asks are the deviations that ask for more. What every request asks for is none.
func (c *Client) asks(more string) []Deviation {
	var asked []Deviation
	for _, parameter := range slices.DeleteFunc(strings.Split(more, "\n"), func(line string) bool { return line == "" }) {
		name, value, _ := strings.Cut(parameter, "=")
		if c.target.Request[name] != value && (name != "response_mode" || c.shape.ResponseMode != value) {
			asked = append(asked, With(Parameter(name), value))
		}
	}
	return asked
}
