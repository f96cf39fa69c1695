package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Pool is a number of workers, each a process, since Ginkgo runs one spec at a time in a process.
type Pool struct {
	Workers int
	// Command makes the process of a worker. It gets its place at the desk through its standard input and output, and calls Join.
	Command func() *exec.Cmd
	// Settings are handed to each worker: what it needs to know to set up the same target. They may hold secrets.
	Settings []byte
}

// The patience with workers: how many may be lost before no more are started, and how long they have to end when they are told to.
const (
	replacements = 8
	ends         = 10 * time.Second
)

// Aside runs the experiments side by side in the workers of a pool, and returns the report. Which worker carries out what does not
// change a verdict. A worker that is lost costs what it was carrying out, and is replaced. The driver of the options, when there is one,
// stays in this process and serves all workers.
func Aside(ctx context.Context, options Options, pool Pool) (*verdict.Report, error) {
	began := time.Now()
	g, err := gather(ctx, &options)
	if err != nil {
		return nil, err
	}
	p := &crew{gathering: g, pool: pool}
	if starter, ok := options.Driver.(consent.Starter); ok {
		starter.Start()
	}
	var all sync.WaitGroup
	for range pool.Workers {
		all.Go(func() { p.keep(ctx) })
	}
	all.Wait()
	if p.served == 0 && ctx.Err() == nil {
		return nil, fmt.Errorf("no worker could be started: %w", p.failed)
	}
	return g.report(began, pool.Workers, p.lived), nil
}

// crew is the workers of a run.
type crew struct {
	gathering *gathering
	pool      Pool

	mu     sync.Mutex
	next   int // number of the next worker
	losses int
	served int // workers that took their place
	lived  time.Duration
	failed error
}

// keep keeps one place occupied until nothing is left to do.
func (c *crew) keep(ctx context.Context) {
	for ctx.Err() == nil {
		c.mu.Lock()
		worker := c.next
		c.next++
		c.mu.Unlock()
		began := time.Now()
		err := c.serve(ctx, worker)
		c.mu.Lock()
		c.lived += time.Since(began)
		c.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			c.gathering.desk.lost(worker, "the run was interrupted before it was over")
			return
		case err == nil:
			c.gathering.desk.lost(worker, "a fault of ours: it was begun, and its end was never heard of")
			return
		}
		c.gathering.options.Crowd.Forget(worker)
		experiments := c.gathering.desk.lost(worker, "the worker that carried it out was lost: "+err.Error())
		c.gathering.desk.note(fmt.Sprintf("a worker was lost (%s), and with it the experiments that it was carrying out: %d", err, experiments))
		c.mu.Lock()
		c.losses++
		enough := c.losses > replacements
		c.failed = err
		c.mu.Unlock()
		if enough {
			return
		}
	}
}

// serve runs one worker to its end. The error says why it did not end as it should.
func (c *crew) serve(ctx context.Context, worker int) error {
	command := c.pool.Command()
	in, err := command.StdinPipe()
	if err != nil {
		return err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	complaints := &tail{}
	command.Stderr = complaints
	if err := command.Start(); err != nil {
		return err
	}
	place := &Place{desk: c.gathering.desk, worker: worker, settings: c.pool.Settings, options: c.gathering.options, ctx: ctx}
	server := rpc.NewServer()
	if err := server.Register(place); err != nil {
		return errors.Join(err, command.Process.Kill(), command.Wait())
	}
	// Told to end it ends by itself, and hands in what it has; what does not end is ended.
	stop := context.AfterFunc(ctx, func() {
		_ = command.Process.Signal(os.Interrupt)
		time.AfterFunc(ends, func() { _ = command.Process.Kill() })
	})
	defer stop()
	server.ServeCodec(jsonrpc.NewServerCodec(pipe{Reader: out, WriteCloser: in})) // until the worker closes its end
	err = command.Wait()
	c.mu.Lock()
	if place.joined {
		c.served++
	}
	c.mu.Unlock()
	switch {
	case place.fault != "":
		return errors.New(place.fault)
	case err != nil:
		return errors.New(strings.TrimSpace(err.Error() + " " + complaints.String()))
	case !place.left && ctx.Err() == nil:
		return errors.New("it ended by itself")
	}
	return nil
}

// pipe is both directions of the conversation with a worker.
type pipe struct {
	io.Reader
	io.WriteCloser
}

// tail keeps the first line that tells of a crash. The rest of what Go prints then may hold anything.
type tail struct {
	mu    sync.Mutex
	begin []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 4096 - len(t.begin); room > 0 {
		t.begin = append(t.begin, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(string(t.begin)) {
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
			line = wire.Printable(strings.TrimSpace(line))
			return "(" + line[:min(200, len(line))] + ")"
		}
	}
	return ""
}

// Place is a worker's place at the desk, as net/rpc serves it.
type Place struct {
	desk     *desk
	worker   int
	settings []byte
	options  Options
	ctx      context.Context

	joined, left bool   // read when the conversation is over
	fault        string // what the worker says went wrong with itself
}

// None is what nothing is said with.
type None struct{}

// Journey is a consent.Visit without what this process knows anyway.
type Journey struct {
	URL     string
	Until   []string
	Choice  consent.Choice
	Foreign string
	Again   consent.Again
	Limit   time.Duration
	User    int
	Logins  int
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

// Welcome is what a worker hears first.
type Welcome struct{ Settings []byte }

// Join hands the worker its settings.
func (p *Place) Join(_ None, welcome *Welcome) error {
	p.joined, welcome.Settings = true, p.settings
	return nil
}

// Leave says that the worker is done; the argument says what was wrong with itself, if anything was.
func (p *Place) Leave(fault string, _ *None) error {
	p.left, p.fault = true, fault
	return nil
}

// Claim is counter.Claim.
func (p *Place) Claim(e Experiment, claim *Claim) error {
	*claim = p.desk.claim(p.worker, e)
	return nil
}

// Ended is counter.Ended.
func (p *Place) Ended(e Ended, _ *None) error {
	p.desk.ended(p.worker, e)
	return nil
}

// More is counter.More.
func (p *Place) More(account wire.Account, again *bool) error {
	*again = p.desk.more(p.worker, account)
	return nil
}

// Growth is what counter.Grows says.
type Growth struct {
	Experiment Experiment
	Until      time.Time
}

// Grows is counter.Grows.
func (p *Place) Grows(g Growth, _ *None) error {
	p.desk.grows(p.worker, g.Experiment, g.Until)
	return nil
}

// Take is flow.Shelf.Take.
func (p *Place) Take(name string, thing *Shared) error {
	content, there, err := p.desk.take(p.ctx, p.worker, name)
	*thing = Shared{Name: name, Content: content, There: there}
	return err
}

// Put is flow.Shelf.Put.
func (p *Place) Put(thing Shared, _ *None) error {
	p.desk.put(thing.Name, thing.Content)
	return nil
}

// Note adds a note to the report.
func (p *Place) Note(text string, _ *None) error {
	p.desk.note(text)
	return nil
}

// Turn is wire.Pace.Wait.
func (p *Place) Turn(None, *None) error { return p.desk.pace.Wait(p.ctx) }

// Hold is wire.Pace.Hold.
func (p *Place) Hold(pause time.Duration, _ *None) error {
	p.desk.hold(pause)
	return nil
}

// Lend is flow.People.Lend.
func (p *Place) Lend(choice consent.Choice, loan *flow.Loan) (err error) {
	*loan, err = p.options.Crowd.Seat(p.worker).Lend(p.ctx, choice)
	return err
}

// Back is flow.People.Back.
func (p *Place) Back(r Returned, disturbed *bool) error {
	*disturbed = p.options.Crowd.Seat(p.worker).Back(r.Loan, r.Came)
	return nil
}

// Visit takes the end user on a journey, with the driver of this process.
func (p *Place) Visit(j Journey, trip *consent.Trip) error {
	t := p.options.Target
	users := t.Users()
	if j.User < 0 || j.User >= len(users) {
		return fmt.Errorf("there is no test user %d", j.User)
	}
	made, err := p.options.Driver.Visit(p.ctx, consent.Visit{
		URL: j.URL, Until: j.Until, Choice: j.Choice, Foreign: j.Foreign, Again: j.Again, Limit: j.Limit,
		Script: t.Consent.Script, Values: users[j.User].Values(), User: j.User, Logins: j.Logins,
	})
	if err != nil {
		return err
	}
	*trip = *made
	return nil
}
