package run

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Experiment names one spec as one client. Both halves of an aged experiment go by the sentence of the second.
type Experiment struct {
	Client      string
	Requirement string
	Sentence    string
	Half        Half
}

// Half says which part of an experiment a spec is.
type Half uint8

// The halves.
const (
	Whole       Half = iota // most are of one piece
	Preparation             // what has to become old is brought about
	Judgement               // what became of it is judged, where it was brought about
)

func (e Experiment) key() string { return e.Client + "\n" + e.Sentence }

// Ended is a spec that was carried out.
type Ended struct {
	Experiment Experiment
	Spec       *verdict.Spec // nil for a preparation: the judgement reports for both
	Busy       bool          // the target asked to be left alone, and nothing is known because of that
	Disturbed  bool          // another journey of a test user may have ended one of this experiment's, and nothing is known because of that
	Account    wire.Account  // of the worker, from its beginning until now
}

// Claim is the answer to a worker that asks for an experiment.
type Claim struct {
	Yours bool
	Stop  bool          // the run is over: there will be no more
	Hold  time.Duration // the target wants to be left alone for so long
}

// counter is where experiments are handed out and where what came of them is handed in: the desk itself, or the way to it.
type counter interface {
	Claim(e Experiment) (Claim, error)
	Ended(e Ended) error
	// More says whether there are experiments to be repeated. It returns when that is certain.
	More(account wire.Account) (bool, error)
	// Grows says that an experiment waits until something is old enough.
	Grows(e Experiment, until time.Time) error
}

// mostRepeats is how often an experiment is carried out again because the target was busy, before it counts as an error.
const mostRepeats = 3

// desk hands out the experiments of a run, one by one, to however many workers there are, and gathers what came of them. What a
// worker that is lost was carrying out is an error; what it has handed in stays.
type desk struct {
	ctx      context.Context
	progress func(Progress)
	pace     wire.Pace
	total    int

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	given    map[string]*given
	specs    map[string][]verdict.Spec // by requirement
	accounts map[int]wire.Account      // by worker
	done     int
	repeated int
	shelf    map[string]*shelved
	notes    []string
	heldTill time.Time
}

// given is an experiment that was handed out.
type given struct {
	experiment Experiment
	worker     int
	open       bool
	repeats    int
	again      bool      // waits to be handed out once more
	grows      time.Time // when what it prepared is old enough; zero: it does not wait
	judged     bool      // its worker has come to its second half
	since      time.Time
}

// shelved is something that workers share.
type shelved struct {
	maker   int // who is making it
	making  bool
	content []byte
}

func newDesk(ctx context.Context, progress func(Progress), pace wire.Pace) *desk {
	return &desk{
		ctx: ctx, progress: progress, pace: pace, changed: make(chan struct{}), given: map[string]*given{},
		specs: map[string][]verdict.Spec{}, accounts: map[int]wire.Account{}, shelf: map[string]*shelved{},
	}
}

// notify wakes everybody who waits for a change. The lock is held.
func (d *desk) notify() {
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *desk) claim(worker int, e Experiment) Claim {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return Claim{Stop: true}
	}
	claim := Claim{Hold: max(0, time.Until(d.heldTill))}
	known := d.given[e.key()]
	switch {
	case known == nil:
		d.given[e.key()] = &given{experiment: e, worker: worker, open: true, since: time.Now()}
		claim.Yours = true
	case e.Half == Judgement:
		if claim.Yours = known.open && known.worker == worker; claim.Yours {
			known.judged, known.since = true, time.Now()
		}
	case known.again:
		known.again, known.open, known.worker, known.since = false, true, worker, time.Now()
		known.grows, known.judged = time.Time{}, false
		claim.Yours = true
	}
	if claim.Yours {
		d.show()
	}
	return claim
}

func (d *desk) ended(worker int, e Ended) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[worker] = e.Account
	known := d.given[e.Experiment.key()]
	if e.Spec == nil || known == nil || !known.open || known.worker != worker {
		return
	}
	known.open, known.grows = false, time.Time{}
	if (e.Busy || e.Disturbed) && known.repeats < mostRepeats {
		known.repeats++
		known.again = true
		if e.Busy {
			d.repeated++
		}
	} else {
		d.done++
		d.specs[e.Experiment.Requirement] = append(d.specs[e.Experiment.Requirement], *e.Spec)
	}
	d.show()
	d.notify()
}

func (d *desk) grows(worker int, e Experiment, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.given[e.key()]; known != nil && known.worker == worker {
		known.grows = until
	}
	d.show()
}

// more waits until there is something to be repeated, or nothing open any more.
func (d *desk) more(worker int, account wire.Account) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[worker] = account
	// The worker has no more to say of its time if this is the end: what it stands idle here is entered for it. If it is not, the next account
	// that it hands in has that.
	arrived := time.Now()
	defer func() {
		account.Spent[wire.Idle] += time.Since(arrived)
		d.accounts[worker] = account
	}()
	for {
		open := false
		for _, known := range d.given {
			if known.again && d.ctx.Err() == nil {
				return true
			}
			// Its own are over: whatever is open of this worker's was never finished.
			open = open || known.open && known.worker != worker
		}
		if !open || d.ctx.Err() != nil {
			return false
		}
		changed := d.changed
		d.mu.Unlock()
		select {
		case <-changed:
		case <-d.ctx.Done():
		}
		d.mu.Lock()
	}
}

// lost enters as errors what a worker was carrying out that is no more.
func (d *desk) lost(worker int, why string) (experiments int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, known := range d.given {
		if !known.open || known.worker != worker {
			continue
		}
		known.open = false
		d.done++
		experiments++
		e := known.experiment
		d.specs[e.Requirement] = append(d.specs[e.Requirement], verdict.Spec{
			Sentence: e.Sentence, Client: e.Client, Verdict: verdict.Error, Seconds: time.Since(known.since).Seconds(), Message: why,
		})
	}
	for _, thing := range d.shelf {
		if thing.making && thing.maker == worker {
			thing.making = false
		}
	}
	d.notify()
	return experiments
}

// take is Shelf.Take for a worker.
func (d *desk) take(ctx context.Context, worker int, name string) ([]byte, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		thing := d.shelf[name]
		switch {
		case thing == nil:
			d.shelf[name] = &shelved{making: true, maker: worker}
			return nil, false, nil
		case thing.content != nil:
			return thing.content, true, nil
		case !thing.making:
			thing.making, thing.maker = true, worker
			return nil, false, nil
		}
		changed := d.changed
		d.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		case <-d.ctx.Done():
			err = d.ctx.Err()
		}
		d.mu.Lock()
		if err != nil {
			return nil, false, fmt.Errorf("waiting for what another experiment is making: %w", err)
		}
	}
}

func (d *desk) put(name string, content []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shelf[name] = &shelved{content: content}
	d.notify()
}

func (d *desk) hold(pause time.Duration) {
	d.pace.Hold(pause)
	d.mu.Lock()
	defer d.mu.Unlock()
	if until := time.Now().Add(pause); until.After(d.heldTill) {
		d.heldTill = until
	}
}

func (d *desk) note(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// Several workers may have the same to say.
	if !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// interrupted says whether the run was ended from outside.
func (d *desk) interrupted() bool { return d.ctx.Err() != nil }

// account adds up what all workers entered.
func (d *desk) account() wire.Account {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := wire.Account{}
	for _, account := range d.accounts {
		sum = sum.Add(account)
	}
	return sum
}

// seat is a place at the desk: a counter for one worker in this process.
type seat struct {
	desk   *desk
	worker int
}

func (s seat) Claim(e Experiment) (Claim, error) { return s.desk.claim(s.worker, e), nil }
func (s seat) Ended(e Ended) error               { s.desk.ended(s.worker, e); return nil }
func (s seat) More(a wire.Account) (bool, error) { return s.desk.more(s.worker, a), nil }
func (s seat) Grows(e Experiment, until time.Time) error {
	s.desk.grows(s.worker, e, until)
	return nil
}
