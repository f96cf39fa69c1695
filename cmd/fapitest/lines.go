package main

import (
	"encoding/json"
	"io"
	"math"
	"path/filepath"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/verdict"
)

// lines tells machines how a run goes: one JSON object a line. Members are added, never changed.
type lines struct {
	mu    sync.Mutex
	out   io.Writer
	began time.Time
}

// line is what every kind of line may say. Event says which kind it is; what does not belong to it is left out.
type line struct {
	Event   string  `json:"event"`   // "begin", "experiment", "progress" or "end"
	Seconds float64 `json:"seconds"` // since the first line

	// Of "begin": what is tested, and against what.
	Tool    string `json:"tool,omitempty"`
	Target  string `json:"target,omitempty"`
	Profile string `json:"profile,omitempty"`
	Seed    int64  `json:"seed,omitempty"`

	// Of "experiment": what came of one.
	Requirement string          `json:"requirement,omitempty"`
	Client      string          `json:"client,omitempty"`
	Sentence    string          `json:"sentence,omitempty"`
	Verdict     verdict.Verdict `json:"verdict,omitempty"`
	Message     string          `json:"message,omitempty"`
	Took        float64         `json:"took,omitempty"` // seconds

	Progress *howFarLine `json:"progress,omitempty"`

	// Of "end": what it comes to.
	Conclusion verdict.Conclusion      `json:"conclusion,omitempty"`
	Partial    bool                    `json:"partial,omitempty"`
	Counts     map[verdict.Verdict]int `json:"counts,omitempty"` // requirements
	Report     string                  `json:"report,omitempty"` // the path of report.json
	Exit       *int                    `json:"exit,omitempty"`
}

// howFarLine is how far a run has come: experiments, and requirements by what their experiments have come to.
type howFarLine struct {
	Done      int     `json:"done"`
	Total     int     `json:"total"`
	Fail      int     `json:"fail"`
	Warn      int     `json:"warn"`
	Undecided int     `json:"undecided"`
	Running   int     `json:"running"`
	Waiting   int     `json:"waiting"`
	Longest   float64 `json:"longestWait"` // seconds that the last of what waits still has to
	Remaining float64 `json:"remaining"`   // seconds, about; 0: too little is known
	Busy      float64 `json:"busy,omitempty"`
	Gone      bool    `json:"gone,omitempty"` // the target can't be reached
}

func newLines(out io.Writer) *lines { return &lines{out: out, began: time.Now()} }

func (l *lines) write(one line) {
	if l == nil {
		return // nobody is told
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	one.Seconds = tenths(time.Since(l.began))
	encoder := json.NewEncoder(l.out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(one) // as every print
}

func (l *lines) experiment(requirement string, spec verdict.Spec) {
	l.write(line{
		Event: "experiment", Requirement: requirement, Client: spec.Client, Sentence: spec.Sentence, Verdict: spec.Verdict, Message: spec.Message, Took: spec.Seconds,
	})
}

func (l *lines) progress(p run.Progress) {
	far := &howFarLine{
		Done: p.Done, Total: p.Total, Running: len(p.Running), Waiting: len(p.Waiting), Longest: tenths(p.Left()), Remaining: tenths(p.Remaining()), Busy: tenths(p.Held), Gone: p.Gone,
		Fail: p.Reds(verdict.Fail), Warn: p.Reds(verdict.Warn), Undecided: p.Reds(verdict.Error, verdict.Blocked),
	}
	l.write(line{Event: "progress", Progress: far})
}

func (l *lines) end(r *verdict.Report, output string, exit int) {
	if l == nil {
		return
	}
	one := line{Event: "end", Exit: &exit}
	if r != nil {
		one.Conclusion, one.Partial, one.Counts, one.Report = r.Conclusion, r.Partial, r.Counts, filepath.Join(output, "report.json")
	}
	l.write(one)
}

// tenths is a time in seconds, rounded.
func tenths(d time.Duration) float64 { return math.Round(d.Seconds()*10) / 10 }
