package run

import (
	"maps"
	"slices"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
)

// show reports the progress of the run. The lock is held.
func (q *queue) show() {
	if q.progress == nil {
		return
	}
	now := time.Now()
	p := Progress{Began: q.began, Came: maps.Clone(q.came), Done: q.done, Total: q.total, Repeated: q.repeated, Held: max(0, q.heldTill.Sub(now)), Gone: q.inRow >= enoughUnreached}
	for _, known := range q.given {
		switch {
		case !known.open:
		case known.grows.After(now):
			p.Waiting = append(p.Waiting, Waiting{Experiment: known.experiment, Until: known.grows})
		case known.judged || known.grows.IsZero():
			p.Running = append(p.Running, Running{Experiment: known.experiment, Since: known.since})
		}
	}
	slices.SortFunc(p.Running, func(a, b Running) int { return a.Since.Compare(b.Since) })
	slices.SortFunc(p.Waiting, func(a, b Waiting) int { return a.Until.Compare(b.Until) })
	q.progress(p)
}

// Progress says how far a run has come.
type Progress struct {
	Began       time.Time // when the first experiment was handed out
	Done, Total int
	Came        map[string]verdict.Verdict // by requirement, what its experiments have come to up to now
	Repeated    int                        // how many experiments were put off because the target was busy
	Held        time.Duration              // how long the target still wants to be left alone
	Gone        bool                       // nobody has answered in the last experiments
	Running     []Running                  // the longest first
	Waiting     []Waiting                  // the next first
}

// Running is an experiment that is being carried out.
type Running struct {
	Experiment Experiment
	Since      time.Time
}

// Waiting is an experiment that lets something become old.
type Waiting struct {
	Experiment Experiment
	Until      time.Time
}

// Left is how long the last of what waits still has to, at least 0.
func (p Progress) Left() time.Duration {
	if len(p.Waiting) == 0 {
		return 0
	}
	return max(0, time.Until(p.Waiting[len(p.Waiting)-1].Until))
}

// Reds is how many requirements have come to a verdict, up to now.
func (p Progress) Reds(of ...verdict.Verdict) (n int) {
	for _, came := range p.Came {
		if slices.Contains(of, came) {
			n++
		}
	}
	return n
}

// Remaining is about how long the run still takes, by how long it took up to now; 0: too little is known. What only waits takes no time but its wait.
func (p Progress) Remaining() time.Duration {
	const enough = 20 // experiments: the first of a run are its journeys
	begun := p.Done + len(p.Waiting)
	if p.Done < enough || p.Began.IsZero() {
		return 0
	}
	rest := time.Since(p.Began) * time.Duration(max(0, p.Total-begun)) / time.Duration(begun)
	return max(rest, p.Left(), p.Held)
}
