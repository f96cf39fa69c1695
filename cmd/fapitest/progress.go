package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/fapitest/fapitest/harness/run"
)

// progress shows how far a run has come: on a terminal one line that is written over, elsewhere a line every ten seconds. While
// a run only waits, the line is updated by itself.
type progress struct {
	out      io.Writer
	terminal bool
	width    int

	mu    sync.Mutex
	last  time.Time
	shown bool
	state run.Progress
	stop  chan struct{} // ends the keeping up; nil before the first state
}

func (a *app) newProgress() *progress {
	return &progress{out: a.err, terminal: isTerminal(a.err), width: width(a.err), last: time.Now()}
}

func (p *progress) show(state run.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	if p.stop == nil {
		p.stop = make(chan struct{})
		go p.keepUp(p.stop)
	}
	p.refresh()
}

// keepUp updates the line while a run only waits.
func (p *progress) keepUp(stop chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.mu.Lock()
			p.refresh()
			p.mu.Unlock()
		case <-stop:
			return
		}
	}
}

// refresh shows the state, if it is time to. The lock is held.
func (p *progress) refresh() {
	pause := 10 * time.Second
	if p.terminal {
		pause = 100 * time.Millisecond
	}
	if time.Since(p.last) < pause {
		return
	}
	p.last = time.Now()
	p.write(describe(p.state))
}

// describe says how far a run has come: "312 of 594  key-dpop: the token endpoint redeems a code  (3 more)  waiting 41s:
// FAPI2-SP-5.3.2.1-11 (17 more)".
func describe(state run.Progress) string {
	line := fmt.Sprintf("%d of %d", state.Done, state.Total)
	switch {
	case state.Gone:
		line += "  the bank can't be reached"
	case state.Held > 0:
		line += fmt.Sprintf("  the bank is busy, for another %s", state.Held.Round(time.Second))
	}
	// The state may be older than what it says: what was waited for may be there.
	state.Waiting = slices.DeleteFunc(slices.Clone(state.Waiting), func(w run.Waiting) bool { return time.Until(w.Until) <= 0 })
	if n := len(state.Waiting); n > 0 {
		last := state.Waiting[n-1]
		line += fmt.Sprintf("  waiting %s: %s%s", state.Left().Round(time.Second), last.Experiment.Requirement, more(n-1))
	}
	if n := len(state.Running); n > 0 {
		first := state.Running[0].Experiment
		line += fmt.Sprintf("  %s: %s%s", first.Client, first.Sentence, more(n-1))
	}
	return line
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d more)", n)
}

// line shows any other line of progress, as often as show does.
func (p *progress) line(text string) {
	pause := 10 * time.Second
	if p.terminal {
		pause = 100 * time.Millisecond
	}
	if time.Since(p.last) >= pause {
		p.last = time.Now()
		p.write(text)
	}
}

func (p *progress) write(line string) {
	if !p.terminal {
		_, _ = fmt.Fprintln(p.out, line)
		return
	}
	columns := p.width - 1 // a full line would make the terminal begin another
	_, _ = fmt.Fprintf(p.out, "\r%s", runewidth.FillRight(runewidth.Truncate(line, columns, ""), columns))
	p.shown = true
}

// clear takes the line away again, and ends the keeping up.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
	if p.shown {
		_, _ = fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.width-1))
	}
}
