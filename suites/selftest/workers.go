package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime/debug"
	"strings"
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

	running *exec.Cmd
	jobs    io.WriteCloser
	answers *json.Decoder
	words   *firstWords
}

func (p *process) start() error {
	command, err := p.command()
	if err != nil {
		return err
	}
	jobs, err := command.StdinPipe()
	if err != nil {
		return err
	}
	answers, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	p.words = &firstWords{}
	command.Stderr = p.words
	if err := command.Start(); err != nil {
		return err
	}
	p.running, p.jobs, p.answers = command, jobs, json.NewDecoder(answers)
	return nil
}

// do hands the job over and waits for the outcome. A worker that dies costs this job alone.
func (p *process) do(ctx context.Context, j job) outcome {
	if p.running == nil {
		if err := p.start(); err != nil {
			return outcome{Fault: fmt.Sprintf("no worker process can be started: %s", err)}
		}
	}
	started := p.running
	defer context.AfterFunc(ctx, func() { _ = started.Process.Kill() })() // one that has ended needs no killing
	var result outcome
	err := json.NewEncoder(p.jobs).Encode(j)
	if err == nil {
		err = p.answers.Decode(&result)
	}
	if err == nil {
		return result
	}
	_ = p.running.Process.Kill() // it may still be alive, and have said what is no outcome
	how := p.running.Wait()
	p.running = nil
	says := fmt.Sprintf("its worker process died (%v)", how)
	if words := p.words.String(); words != "" {
		says += ": " + words
	}
	return outcome{Fault: says}
}

func (p *process) stop() {
	if p.running == nil {
		return
	}
	_ = p.jobs.Close()   // it ends where the jobs end
	_ = p.running.Wait() // how it ended changes nothing any more: all its outcomes are here
	p.running = nil
}

// firstWords keeps the beginning of what is written to it: of a panic, that is what happened.
type firstWords struct{ kept strings.Builder }

// Write keeps a line or two.
func (w *firstWords) Write(data []byte) (int, error) {
	const enough = 300
	if room := enough - w.kept.Len(); room > 0 {
		w.kept.Write(data[:min(room, len(data))])
	}
	return len(data), nil
}

func (w *firstWords) String() string { return strings.Join(strings.Fields(w.kept.String()), " ") }
