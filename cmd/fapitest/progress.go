package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/run"
)

// progress shows how far a run has come: on a terminal one line that is written over, elsewhere a line every ten seconds.
type progress struct {
	out      io.Writer
	terminal bool
	width    int
	last     time.Time
	shown    bool
}

func (a *app) newProgress() *progress {
	return &progress{out: a.err, terminal: isTerminal(a.err), width: width(a.err), last: time.Now()}
}

func (p *progress) show(state run.Progress) {
	pause := 10 * time.Second
	if p.terminal {
		pause = 100 * time.Millisecond
	}
	if time.Since(p.last) < pause || state.Sentence == "" {
		return
	}
	p.last = time.Now()
	p.write(fmt.Sprintf("%d of %d  %s: %s", state.Done, state.Total, state.Client, state.Sentence))
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
	if len(line) >= p.width {
		line = line[:p.width-1]
	}
	_, _ = fmt.Fprintf(p.out, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-1-len(line))))
	p.shown = true
}

// clear takes the line away again.
func (p *progress) clear() {
	if p.shown {
		_, _ = fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.width-1))
	}
}
