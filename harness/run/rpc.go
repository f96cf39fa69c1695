package run

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// RPC is the queue as net/rpc serves it to one worker.
type RPC struct {
	queue    *queue
	worker   int
	settings []byte
	options  Options
	ctx      context.Context

	joined, left bool   // read when the connection is closed
	fault        string // the worker's internal error
}

// None is an empty argument or result.
type None struct{}

// Journey is a consent.Visit without what this process knows anyway.
type Journey struct {
	URL     string
	Form    url.Values
	Until   []string
	Choice  consent.Choice
	Foreign string
	Again   consent.Again
	Tempt   consent.Temptation
	Framed  bool
	Trick   consent.Trick
	Limit   time.Duration
	User    int
	Logins  int
	Session string
	Last    bool
}

// journeyOf is a visit as it is asked for in the other process.
func journeyOf(v consent.Visit) Journey {
	return Journey{
		URL: v.URL, Form: v.Form, Until: v.Until, Choice: v.Choice, Foreign: v.Foreign, Again: v.Again, Tempt: v.Tempt, Framed: v.Framed, Trick: v.Trick, Limit: v.Limit, User: v.User, Logins: v.Logins, Session: v.Session, Last: v.Last,
	}
}

// visit is the same here, without what this process knows.
func (j Journey) visit() consent.Visit {
	return consent.Visit{
		URL: j.URL, Form: j.Form, Until: j.Until, Choice: j.Choice, Foreign: j.Foreign, Again: j.Again, Tempt: j.Tempt, Framed: j.Framed, Trick: j.Trick, Limit: j.Limit, User: j.User, Logins: j.Logins, Session: j.Session, Last: j.Last,
	}
}

// Returned is what flow.People.Back is told.
type Returned struct {
	Loan flow.Loan
	Came flow.Came
}

// Shared is something on the shelf.
type Shared struct {
	Name    string
	Content []byte
	There   bool
}

// Welcome is the first message to a worker.
type Welcome struct {
	Plan     Plan
	Settings []byte
}

// Join hands the worker the plan and its settings.
func (p *RPC) Join(_ None, welcome *Welcome) error {
	p.joined, *welcome = true, Welcome{Plan: p.options.Plan, Settings: p.settings}
	return nil
}

// Leave says that the worker is done; the argument is its internal error, if there was one.
func (p *RPC) Leave(fault string, _ *None) error {
	p.left, p.fault = true, fault
	return nil
}

// Claim is source.Claim.
func (p *RPC) Claim(e Experiment, claim *Claim) error {
	*claim = p.queue.claim(p.worker, e)
	return nil
}

// Ended is source.Ended.
func (p *RPC) Ended(e Ended, _ *None) error {
	p.queue.ended(p.worker, e)
	return nil
}

// More is source.More.
func (p *RPC) More(account wire.Account, again *bool) error {
	*again = p.queue.more(p.worker, account)
	return nil
}

// Growth is what source.Grows says.
type Growth struct {
	Experiment Experiment
	Until      time.Time
}

// Grows is source.Grows.
func (p *RPC) Grows(g Growth, _ *None) error {
	p.queue.grows(p.worker, g.Experiment, g.Until)
	return nil
}

// Take is flow.Shelf.Take.
func (p *RPC) Take(name string, thing *Shared) error {
	content, there, err := p.queue.take(p.ctx, p.worker, name)
	*thing = Shared{Name: name, Content: content, There: there}
	return err
}

// Put is flow.Shelf.Put.
func (p *RPC) Put(thing Shared, _ *None) error {
	p.queue.put(thing.Name, thing.Content)
	return nil
}

// Note adds a note to the report.
func (p *RPC) Note(text string, _ *None) error {
	p.queue.note(text)
	return nil
}

// Turn is wire.Pace.Wait.
func (p *RPC) Turn(None, *None) error { return p.queue.pace.Wait(p.ctx) }

// Hold is wire.Pace.Hold.
func (p *RPC) Hold(pause time.Duration, _ *None) error {
	p.queue.hold(pause)
	return nil
}

// Lend is flow.People.Lend.
func (p *RPC) Lend(choice consent.Choice, loan *flow.Loan) (err error) {
	*loan, err = p.options.Crowd.For(p.worker).Lend(p.ctx, choice)
	return err
}

// Back is flow.People.Back.
func (p *RPC) Back(r Returned, disturbed *bool) error {
	*disturbed = p.options.Crowd.For(p.worker).Back(r.Loan, r.Came)
	return nil
}

// Visit takes the end user on a journey, with the driver of this process.
func (p *RPC) Visit(j Journey, trip *consent.Trip) error {
	t := p.options.Target
	users := t.Users()
	if j.User < 0 || j.User >= len(users) {
		return fmt.Errorf("there is no test user %d", j.User)
	}
	visit := j.visit()
	visit.Script, visit.Values = t.Consent.Script, users[j.User].Values()
	made, err := p.options.Driver.Visit(p.ctx, visit)
	if err != nil {
		return err
	}
	*trip = *made
	return nil
}
