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

// Worker is the worker's side of the connection to the main process.
type Worker struct {
	Plan     Plan   // of the run
	Settings []byte // as Pool has them
	calls    *rpc.Client
	own      *wire.Metronome // of this worker alone
}

// Join makes this process a worker. The streams are those that Pool.Command gave the process.
func Join(in io.Reader, out io.WriteCloser) (*Worker, error) {
	w := &Worker{calls: jsonrpc.NewClient(pipe{Reader: in, WriteCloser: out}), own: wire.NewMetronome(0, wire.SystemClock{})}
	var welcome Welcome
	if err := w.calls.Call("RPC.Join", None{}, &welcome); err != nil {
		return nil, err
	}
	w.Plan, w.Settings = welcome.Plan, welcome.Settings
	return w, nil
}

// Work carries out experiments as long as there are any, and leaves. The options are those of the run, set up again from Plan and Settings;
// the clock, the driver and all that is sent are this worker's own.
func (w *Worker) Work(ctx context.Context, options Options) error {
	options.Plan = w.Plan
	ledger := &wire.Ledger{}
	chosen, _, err := choose(options)
	if err != nil {
		return err
	}
	if options.clients, err = options.Plan.clients(options.Target); err != nil {
		return err
	}
	clients, err := players(options)
	if err != nil {
		return err
	}
	runner := &runner{options: options, ledger: ledger, chosen: chosen, ctx: ctx, queue: w}
	return runner.work(clients)
}

// Leave says that the worker is done, and reports its internal error, if there was one.
func (w *Worker) Leave(fault error) error {
	words := ""
	if fault != nil {
		words = fault.Error()
	}
	return errors.Join(w.calls.Call("RPC.Leave", words, &None{}), w.calls.Close())
}

// Note adds a note to the report.
func (w *Worker) Note(text string) error { return w.calls.Call("RPC.Note", text, &None{}) }

// Claim asks for an experiment.
func (w *Worker) Claim(e Experiment) (claim Claim, err error) {
	if err = w.calls.Call("RPC.Claim", e, &claim); claim.Hold > 0 {
		w.own.Hold(claim.Hold)
	}
	return claim, err
}

// Ended hands in what came of an experiment.
func (w *Worker) Ended(e Ended) error { return w.calls.Call("RPC.Ended", e, &None{}) }

// More asks whether there are experiments to be repeated.
func (w *Worker) More(account wire.Account) (again bool, err error) {
	err = w.calls.Call("RPC.More", account, &again)
	return again, err
}

// Grows says that an experiment waits.
func (w *Worker) Grows(e Experiment, until time.Time) error {
	return w.calls.Call("RPC.Grows", Growth{Experiment: e, Until: until}, &None{})
}

// Take is flow.Shelf.Take, of the shelf of all workers.
func (w *Worker) Take(ctx context.Context, name string) (content []byte, ok bool, err error) {
	var thing Shared
	err = w.call(ctx, "RPC.Take", name, &thing)
	return thing.Content, thing.There, err
}

// Put is flow.Shelf.Put.
func (w *Worker) Put(name string, content []byte) {
	_ = w.calls.Call("RPC.Put", Shared{Name: name, Content: content}, &None{}) // whoever waits for it hears when this worker is lost
}

// call gives up when the context ends.
func (w *Worker) call(ctx context.Context, method string, args, reply any) error {
	pending := w.calls.Go(method, args, reply, make(chan *rpc.Call, 1))
	select {
	case <-pending.Done:
		return pending.Error
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Lend is flow.People.Lend, of the users of all workers.
func (w *Worker) Lend(ctx context.Context, choice consent.Choice) (loan flow.Loan, err error) {
	err = w.call(ctx, "RPC.Lend", choice, &loan)
	return loan, err
}

// Back is flow.People.Back.
func (w *Worker) Back(loan flow.Loan, came flow.Came) (disturbed bool) {
	_ = w.calls.Call("RPC.Back", Returned{Loan: loan, Came: came}, &disturbed) // what this worker had borrowed is given back when it is lost
	return disturbed
}

// Driver is the driver of the main process.
func (w *Worker) Driver() consent.Driver { return remoteDriver{w} }

type remoteDriver struct{ *Worker }

// Visit has the other process make the journey.
func (d remoteDriver) Visit(ctx context.Context, v consent.Visit) (*consent.Trip, error) {
	trip := &consent.Trip{}
	err := d.call(ctx, "RPC.Visit", journeyOf(v), trip)
	if err != nil {
		return nil, err
	}
	return trip, nil
}

// Close leaves the driver to the process that it belongs to.
func (d remoteDriver) Close() error { return nil }

// Pace limits the rate of the requests of all workers together, by the worker's clock. Without a cap on the rate or on their number no worker has to ask before each: the
// queue says with every experiment whether the target wants to be left alone.
func (w *Worker) Pace(clock wire.Clock) wire.Pace {
	w.own = wire.NewMetronome(0, clock)
	return &sharedPace{worker: w, capped: w.Plan.Rate > 0 || w.Plan.Most > 0}
}

type sharedPace struct {
	worker *Worker
	capped bool
}

// Wait waits until the rate that all workers share allows this request.
func (p *sharedPace) Wait(ctx context.Context) error {
	if p.capped {
		return p.worker.call(ctx, "RPC.Turn", None{}, &None{})
	}
	return p.worker.own.Wait(ctx)
}

// Hold stops all workers from sending anything for d.
func (p *sharedPace) Hold(d time.Duration) {
	p.worker.own.Hold(d)
	_ = p.worker.calls.Call("RPC.Hold", d, &None{}) // the others are held by their own 429 otherwise
}
