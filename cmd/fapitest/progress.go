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
	"github.com/fapitest/fapitest/harness/verdict"
)

// progress shows how far a run has come: on a terminal one line that is written over, elsewhere a line every ten seconds. While
// a run only waits, the line is updated by itself.
type progress struct {
	out      io.Writer
	terminal bool
	width    int
	quiet    bool
	lines    *lines // where machines are told instead; nil: nobody asked for that

	mu    sync.Mutex
	last  time.Time
	shown bool
	state run.Progress
	stop  chan struct{} // ends the keeping up; nil before the first state
}

func (a *app) newProgress() *progress {
	return &progress{out: a.err, terminal: isTerminal(a.err), width: width(a.err), last: time.Now(), quiet: a.quiet && a.lines == nil, lines: a.lines}
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
	if p.terminal && p.lines == nil {
		pause = 100 * time.Millisecond
	}
	if p.quiet || time.Since(p.last) < pause {
		return
	}
	p.last = time.Now()
	switch {
	case p.lines != nil:
		p.lines.progress(p.state)
	case p.terminal:
		p.write(bar(p.state, p.last))
	default:
		p.write(describe(p.state, p.last))
	}
}

// describe says how far a run has come: "312 of 594 experiments  2 requirements fail  about 40s left  17 wait, 41s at most  key-dpop: the token endpoint
// redeems a code (3 more)". The name is another one every few seconds: what is being carried out takes turns.
func describe(state run.Progress, now time.Time) string {
	return howFar(state) + " experiments" + doing(state, now)
}

// bar is describe for a terminal, which has less room and shows how much of the way that is.
func bar(state run.Progress, now time.Time) string {
	const cells = 12
	full := 0
	if state.Total > 0 {
		full = min(cells, cells*state.Done/state.Total)
	}
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full) + " " + howFar(state) + doing(state, now)
}

func howFar(state run.Progress) string { return fmt.Sprintf("%d of %d", state.Done, state.Total) }

// turn is how long a name stands there.
const turn = 2 * time.Second

// doing says what came out, what is left and what is being done.
func doing(state run.Progress, now time.Time) (line string) {
	for _, red := range reds {
		if n := state.Reds(red.of...); n > 0 {
			line += fmt.Sprintf("  %d %s", n, red.word)
		}
	}
	if rest := state.Remaining(); rest > 0 {
		line += fmt.Sprintf("  about %s left", rest.Round(time.Second))
	}
	switch {
	case state.Gone:
		line += "  the bank can't be reached"
	case state.Held > 0:
		line += fmt.Sprintf("  the bank is busy, for another %s", state.Held.Round(time.Second))
	}
	// The state may be older than what it says: what was waited for may be there.
	state.Waiting = slices.DeleteFunc(slices.Clone(state.Waiting), func(w run.Waiting) bool { return w.Until.Sub(now) <= 0 })
	if n := len(state.Waiting); n > 0 {
		line += fmt.Sprintf("  %d waiting, %s at most", n, state.Left().Round(time.Second))
	}
	turns := int(now.UnixNano() / int64(turn))
	switch n := len(state.Running); {
	case n > 0:
		one := state.Running[turns%n]
		line += fmt.Sprintf("  %s: %s", one.Experiment.Client, one.Experiment.Sentence)
		if since := now.Sub(one.Since); since > longSince {
			line += fmt.Sprintf(", for %s", since.Round(time.Second))
		}
		line += more(n - 1)
	case len(state.Waiting) > 0:
		one := state.Waiting[turns%len(state.Waiting)]
		line += fmt.Sprintf("  %s in %s", one.Experiment.Requirement, one.Until.Sub(now).Round(time.Second))
	}
	return line
}

// longSince is from when on it is worth saying how long an experiment takes.
const longSince = 5 * time.Second

// reds are what is counted while a run goes on: requirements, by what their experiments have come to up to now.
var reds = []struct {
	word string
	of   []verdict.Verdict
}{
	{"fail", []verdict.Verdict{verdict.Fail}},
	{"undecided", []verdict.Verdict{verdict.Error, verdict.Blocked}},
	{"warn", []verdict.Verdict{verdict.Warn}},
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
