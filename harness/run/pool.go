package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/verdict"
)

// Pool says how workers are made, each a process, since Ginkgo runs one spec at a time in a process. How many there are says the plan.
type Pool struct {
	// Command makes the process of a worker. It reaches the queue through its standard input and output, and calls Join.
	Command func() *exec.Cmd
	// Settings are handed to each worker: what it needs beside the plan to set up the same target. They may hold secrets.
	Settings []byte
}

// How many workers may be lost before no more are started, and how long they have to end when they are told to.
const (
	replacements = 8
	ends         = 10 * time.Second
)

// Aside runs the experiments in parallel in the workers of a pool, and returns the report. Which worker carries out what does not
// change a verdict. A worker that is lost costs what it was carrying out, and is replaced. The driver of the options, when there is one,
// stays in this process and serves all workers.
func Aside(ctx context.Context, options Options, pool Pool) (*verdict.Report, error) {
	began := time.Now()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	g, err := gather(ctx, &options)
	if err != nil {
		return nil, err
	}
	g.queue.end = end
	p := &workers{gathering: g, pool: pool, why: map[string]lost{}}
	if starter, ok := options.Driver.(consent.Starter); ok {
		starter.Start()
	}
	var all sync.WaitGroup
	for range options.Plan.Workers {
		all.Go(func() { p.keep(ctx) })
	}
	all.Wait()
	for _, words := range slices.Sorted(maps.Keys(p.why)) {
		g.queue.note(p.why[words].says(words))
	}
	if p.served == 0 && ctx.Err() == nil {
		return nil, fmt.Errorf("no worker could be started: %w", p.failed)
	}
	return g.report(began, options.Plan.Workers, p.lived), nil
}

// workers is the workers of a run.
type workers struct {
	gathering *gathering
	pool      Pool

	mu     sync.Mutex
	next   int // number of the next worker
	losses int
	why    map[string]lost // by what happened to them
	served int             // workers that joined
	lived  time.Duration
	failed error
}

// lost is how many workers were lost, and what they were carrying out.
type lost struct{ workers, experiments int }

func (l lost) says(why string) string {
	if l.workers == 1 {
		return fmt.Sprintf("a worker was lost (%s), and with it the experiments that it was carrying out: %d", why, l.experiments)
	}
	return fmt.Sprintf("%d workers were lost (%s), and with them the experiments that they were carrying out: %d", l.workers, why, l.experiments)
}

// keep keeps one worker going until nothing is left to do.
func (c *workers) keep(ctx context.Context) {
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
			c.gathering.queue.lost(worker, "the run was interrupted before it was over")
			return
		case err == nil:
			c.gathering.queue.lost(worker, "internal error: the experiment was started, and its result never arrived")
			return
		}
		c.gathering.options.Crowd.Forget(worker)
		experiments := c.gathering.queue.lost(worker, "the worker that carried it out was lost: "+err.Error())
		c.mu.Lock()
		c.losses++
		c.why[err.Error()] = lost{c.why[err.Error()].workers + 1, c.why[err.Error()].experiments + experiments}
		enough := c.losses > replacements
		c.failed = err
		c.mu.Unlock()
		if enough {
			return
		}
	}
}

// serve runs one worker to its end. The error says why it did not end as it should.
func (c *workers) serve(ctx context.Context, worker int) error {
	process, err := Start(c.pool.Command())
	if err != nil {
		return err
	}
	side := &RPC{queue: c.gathering.queue, worker: worker, settings: c.pool.Settings, options: c.gathering.options, ctx: ctx}
	server := rpc.NewServer()
	if err := server.Register(side); err != nil {
		return errors.Join(err, process.Kill())
	}
	// Told to end it ends by itself, and hands in what it has; what does not end is ended.
	stop := context.AfterFunc(ctx, func() {
		process.interrupt()
		time.AfterFunc(ends, process.Stop)
	})
	defer stop()
	server.ServeCodec(jsonrpc.NewServerCodec(process)) // until the worker closes its end
	err = process.Wait()
	c.mu.Lock()
	if side.joined {
		c.served++
	}
	c.mu.Unlock()
	switch {
	case side.fault != "":
		return errors.New(side.fault)
	case err != nil:
		return errors.New(strings.TrimSpace(err.Error() + " " + process.Crash()))
	case !side.left && ctx.Err() == nil:
		return errors.New("it ended by itself")
	}
	return nil
}
