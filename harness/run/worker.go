package run

import (
	"context"
	"errors"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// Membership is a worker's side of the conversation with the process that gathers.
type Membership struct {
	Settings []byte // as Pool has them
	calls    *rpc.Client
	own      *wire.Metronome // of this worker alone
}

// Join takes the place of a worker. The streams are those that Pool.Command gave the process.
func Join(in io.Reader, out io.WriteCloser) (*Membership, error) {
	m := &Membership{calls: jsonrpc.NewClient(pipe{Reader: in, WriteCloser: out}), own: wire.NewMetronome(0, wire.SystemClock{})}
	var welcome Welcome
	if err := m.calls.Call("Place.Join", None{}, &welcome); err != nil {
		return nil, err
	}
	m.Settings = welcome.Settings
	return m, nil
}

// Work carries out experiments as long as there are any, and leaves. The options are those of the run, set up again from Settings;
// the clock, the driver and all that is sent are this worker's own.
func (m *Membership) Work(ctx context.Context, options Options) error {
	ledger := &wire.Ledger{}
	chosen, _, err := choose(options)
	if err != nil {
		return err
	}
	if options.Clients == nil {
		options.Clients = options.Target.Combinations()
	}
	clients, err := players(options)
	if err != nil {
		return err
	}
	session := &session{options: options, ledger: ledger, chosen: chosen, ctx: ctx, desk: m}
	return session.work(clients)
}

// Leave says that the worker is done, and what went wrong with itself, if anything did.
func (m *Membership) Leave(fault error) error {
	words := ""
	if fault != nil {
		words = fault.Error()
	}
	return errors.Join(m.calls.Call("Place.Leave", words, &None{}), m.calls.Close())
}

// Note adds a note to the report.
func (m *Membership) Note(text string) error { return m.calls.Call("Place.Note", text, &None{}) }

// Claim asks for an experiment.
func (m *Membership) Claim(e Experiment) (claim Claim, err error) {
	if err = m.calls.Call("Place.Claim", e, &claim); claim.Hold > 0 {
		m.own.Hold(claim.Hold)
	}
	return claim, err
}

// Ended hands in what came of an experiment.
func (m *Membership) Ended(e Ended) error { return m.calls.Call("Place.Ended", e, &None{}) }

// More asks whether there are experiments to be repeated.
func (m *Membership) More(account wire.Account) (again bool, err error) {
	err = m.calls.Call("Place.More", account, &again)
	return again, err
}

// Grows says that an experiment waits.
func (m *Membership) Grows(e Experiment, until time.Time) error {
	return m.calls.Call("Place.Grows", Growth{Experiment: e, Until: until}, &None{})
}

// Take is flow.Shelf.Take, of the shelf of all workers.
func (m *Membership) Take(ctx context.Context, name string) (content []byte, ok bool, err error) {
	var thing Shared
	err = m.call(ctx, "Place.Take", name, &thing)
	return thing.Content, thing.There, err
}

// Put is flow.Shelf.Put.
func (m *Membership) Put(name string, content []byte) {
	_ = m.calls.Call("Place.Put", Shared{Name: name, Content: content}, &None{}) // whoever waits for it hears when this worker is lost
}

// call gives up when the context ends.
func (m *Membership) call(ctx context.Context, method string, args, reply any) error {
	pending := m.calls.Go(method, args, reply, make(chan *rpc.Call, 1))
	select {
	case <-pending.Done:
		return pending.Error
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Lend is flow.People.Lend, of the users of all workers.
func (m *Membership) Lend(ctx context.Context, choice consent.Choice) (loan flow.Loan, err error) {
	err = m.call(ctx, "Place.Lend", choice, &loan)
	return loan, err
}

// Back is flow.People.Back.
func (m *Membership) Back(loan flow.Loan, came flow.Came) (disturbed bool) {
	_ = m.calls.Call("Place.Back", Returned{Loan: loan, Came: came}, &disturbed) // what this worker had borrowed is given back when it is lost
	return disturbed
}

// Driver is the driver of the process that gathers.
func (m *Membership) Driver() consent.Driver { return remoteDriver{m} }

type remoteDriver struct{ *Membership }

// Visit has the other process make the journey.
func (d remoteDriver) Visit(ctx context.Context, v consent.Visit) (*consent.Trip, error) {
	trip := &consent.Trip{}
	err := d.call(ctx, "Place.Visit", Journey{URL: v.URL, Until: v.Until, Choice: v.Choice, Foreign: v.Foreign, Again: v.Again, Limit: v.Limit, User: v.User, Logins: v.Logins}, trip)
	if err != nil {
		return nil, err
	}
	return trip, nil
}

// Close leaves the driver to the process that it belongs to.
func (d remoteDriver) Close() error { return nil }

// Pace keeps the requests of all workers apart, by the worker's clock. Without a cap on the rate nobody has to be asked before each: the
// desk says with every experiment whether the target wants to be left alone.
func (m *Membership) Pace(capped bool, clock wire.Clock) wire.Pace {
	m.own = wire.NewMetronome(0, clock)
	return &sharedPace{member: m, capped: capped}
}

type sharedPace struct {
	member *Membership
	capped bool
}

// Wait waits for this request's turn among those of all workers.
func (p *sharedPace) Wait(ctx context.Context) error {
	if p.capped {
		return p.member.call(ctx, "Place.Turn", None{}, &None{})
	}
	return p.member.own.Wait(ctx)
}

// Hold lets nobody send anything for d.
func (p *sharedPace) Hold(d time.Duration) {
	p.member.own.Hold(d)
	_ = p.member.calls.Call("Place.Hold", d, &None{}) // the others are held by their own 429 otherwise
}
