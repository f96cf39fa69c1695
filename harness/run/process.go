package run

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/fapitest/fapitest/harness/wire"
)

// Process is a worker in a process of its own. What is read from it is its standard output, what is written to it its standard input.
type Process struct {
	pipe
	command *exec.Cmd
	words   firstWords
}

// Start starts a worker's process, whose streams are not set yet.
func Start(command *exec.Cmd) (*Process, error) {
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p := &Process{pipe: pipe{Reader: out, WriteCloser: in}, command: command}
	command.Stderr = &p.words
	return p, command.Start()
}

// Wait waits until the process has ended. The error says how it ended, where it did not end normally.
func (p *Process) Wait() error { return p.command.Wait() }

// Kill ends the process, unless it has ended already, and returns how it ended.
func (p *Process) Kill() error {
	p.Stop()
	return p.Wait()
}

// Stop ends the process at once, unless it has ended already, and does not wait.
func (p *Process) Stop() { _ = p.command.Process.Kill() }

// interrupt asks the process to end.
func (p *Process) interrupt() { _ = p.command.Process.Signal(os.Interrupt) }

// Crash is the line in which Go told of a crash, in brackets; empty where there was none. The rest of what Go prints then may hold anything.
func (p *Process) Crash() string {
	for line := range strings.Lines(p.words.String()) {
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
			line = wire.Printable(strings.TrimSpace(line))
			return "(" + line[:min(200, len(line))] + ")"
		}
	}
	return ""
}

// Words are the first that the process wrote to its standard error, for those who work with no secrets.
func (p *Process) Words() string {
	words := p.words.String()
	return strings.Join(strings.Fields(words[:min(300, len(words))]), " ")
}

// pipe is both directions of the conversation with a worker.
type pipe struct {
	io.Reader
	io.WriteCloser
}

// firstWords keeps the beginning of what is written to it.
type firstWords struct {
	mu   sync.Mutex
	kept []byte
}

// Write keeps a page or so.
func (w *firstWords) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if room := 4096 - len(w.kept); room > 0 {
		w.kept = append(w.kept, data[:min(room, len(data))]...)
	}
	return len(data), nil
}

func (w *firstWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.kept)
}
