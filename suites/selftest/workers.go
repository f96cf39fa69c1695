package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime/debug"

	"github.com/fapitest/fapitest/harness/run"
)

// Work is what a worker process does: it reads jobs, one JSON value after another, and answers each with its outcome, until there are
// no more.
func Work(ctx context.Context, in io.Reader, out io.Writer) error {
	l, err := newLab()
	if err != nil {
		return err
	}
	debug.SetGCPercent(400) // the heap stays small, and every bank leaves all of it behind
	jobs, outcomes := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var j job
		if err := jobs.Decode(&j); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("a job that can't be read: %w", err)
		}
		if err := outcomes.Encode(l.do(ctx, j)); err != nil {
			return err
		}
	}
}

// worker does jobs, one at a time.
type worker interface {
	do(ctx context.Context, j job) outcome
	stop()
}

// here is a worker in this process. There can be only one at a time: Ginkgo keeps its specs in the process.
type here struct{ lab *lab }

func (h *here) do(ctx context.Context, j job) outcome {
	if h.lab == nil {
		var err error
		if h.lab, err = newLab(); err != nil {
			return outcome{Fault: err.Error()}
		}
	}
	return h.lab.do(ctx, j)
}

func (h *here) stop() {}

// process is a worker in a process of its own, which is started with the first job, and again after it has died.
type process struct {
	command func() (*exec.Cmd, error)

	running *run.Process
	answers *json.Decoder
}

func (p *process) start() error {
	command, err := p.command()
	if err != nil {
		return err
	}
	if p.running, err = run.Start(command); err != nil {
		p.running = nil
		return err
	}
	p.answers = json.NewDecoder(p.running)
	return nil
}

// do hands the job over and waits for the outcome. A worker that dies costs this job alone.
func (p *process) do(ctx context.Context, j job) outcome {
	if p.running == nil {
		if err := p.start(); err != nil {
			return outcome{Fault: fmt.Sprintf("no worker process can be started: %s", err)}
		}
	}
	defer context.AfterFunc(ctx, p.running.Stop)() // one that has ended needs no killing
	var result outcome
	err := json.NewEncoder(p.running).Encode(j)
	if err == nil {
		err = p.answers.Decode(&result)
	}
	if err == nil {
		return result
	}
	how := p.running.Kill() // it may still be alive, and have said what is no outcome
	says := fmt.Sprintf("its worker process died (%v)", how)
	if words := p.running.Words(); words != "" {
		says += ": " + words
	}
	p.running = nil
	return outcome{Fault: says}
}

func (p *process) stop() {
	if p.running == nil {
		return
	}
	_ = p.running.Close() // it ends where the jobs end
	_ = p.running.Wait()  // how it ended changes nothing any more: all its outcomes are here
	p.running = nil
}
