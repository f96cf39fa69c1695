package run

import (
	"context"
	"errors"
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
	Preparation             // what has to become old is made
	Judgement               // the result is judged, by the worker that prepared it
)

func (e Experiment) key() string { return e.Client + "\n" + e.Sentence }

// Ended is a spec that was carried out.
type Ended struct {
	Experiment Experiment
	Spec       *verdict.Spec // nil for a preparation: the judgement reports for both
	Busy       bool          // the target asked to be left alone, and nothing is known because of that
	Disturbed  bool          // another journey of a test user may have ended one of this experiment's, and nothing is known because of that
	Answered   bool          // the target has answered something in it
	Unreached  string        // why nobody has answered in the end, and nothing is known because of that; empty: it was none of that
	LeftAlone  string        // with Busy: for how long, where that is more than anybody waits, in words; empty: it is less
	Account    wire.Account  // of the worker, from its beginning until now
}

// Claim is the answer to a worker that asks for an experiment.
type Claim struct {
	Yours bool
	Stop  bool          // the run is over: there will be no more
	Hold  time.Duration // the target wants to be left alone for so long
}

// source is where experiments are handed out and where what came of them is handed in: the queue itself, or the way to it.
type source interface {
	Claim(e Experiment) (Claim, error)
	Ended(e Ended) error
	// More says whether there are experiments to be repeated. It returns when that is certain.
	More(account wire.Account) (bool, error)
	// Grows says that an experiment waits until something is old enough.
	Grows(e Experiment, until time.Time) error
}

// mostRepeats is how often an experiment is carried out again because the target was busy, before it counts as an error.
const mostRepeats = 3

// queue hands out the experiments of a run, one by one, to however many workers there are, and gathers what came of them. What a
// worker that is lost was carrying out is an error; what it has handed in stays.
type queue struct {
	ctx      context.Context
	progress func(Progress)
	tells    func(requirement string, spec verdict.Spec) // nil: nobody asks
	pace     wire.Pace
	total    int

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	given    map[string]*given
	specs    map[string][]verdict.Spec  // by requirement
	came     map[string]verdict.Verdict // by requirement, what its specs have come to
	began    time.Time                  // when the first was handed out
	accounts map[int]wire.Account       // by worker
	done     int
	repeated int
	shelf    map[string]*shelved
	notes    []string
	heldTill time.Time

	unreached []Ended     // those in which nobody has answered, and of which nobody has decided what becomes of them
	inRow     int         // how many there were in a row, up to now
	since     time.Time   // of the first of those
	busy      int         // in how many experiments in a row the target asked to be left alone, up to now
	busySince time.Time   // the first of those
	alone     int         // in how many of them for longer than anybody waits
	end       func(error) // ends the run; nil: nobody can
}

// A target is gone when in so many experiments in a row no connection could be made to it, or nothing came over it. It is then asked now and then, for it may only be started anew;
// and after a while the run ends.
const (
	enoughUnreached  = 8
	unreachedPause   = time.Second
	longestUnreached = 20 * time.Second
	// Of a target that answers, and asks to be left alone.
	enoughBusy  = 12
	enoughAlone = 3
)

// given is an experiment that was handed out.
type given struct {
	experiment Experiment
	worker     int
	open       bool
	repeats    int
	again      bool      // waits to be handed out once more
	grows      time.Time // when what it prepared is old enough; zero: it does not wait
	judged     bool      // its worker has begun its second half
	since      time.Time
}

// shelved is something that workers share.
type shelved struct {
	maker   int // who is making it
	making  bool
	content []byte
}

func newQueue(ctx context.Context, progress func(Progress), pace wire.Pace) *queue {
	return &queue{
		ctx: ctx, progress: progress, pace: pace, changed: make(chan struct{}), given: map[string]*given{},
		specs: map[string][]verdict.Spec{}, came: map[string]verdict.Verdict{}, accounts: map[int]wire.Account{}, shelf: map[string]*shelved{},
	}
}

// notify wakes everybody who waits for a change. The lock is held.
func (q *queue) notify() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *queue) claim(worker int, e Experiment) Claim {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx.Err() != nil {
		return Claim{Stop: true}
	}
	claim := Claim{Hold: max(0, time.Until(q.heldTill))}
	known := q.given[e.key()]
	switch {
	case known == nil:
		if q.began.IsZero() {
			q.began = time.Now()
		}
		q.given[e.key()] = &given{experiment: e, worker: worker, open: true, since: time.Now()}
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
		q.show()
	}
	return claim
}

func (q *queue) ended(worker int, e Ended) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.accounts[worker] = e.Account
	known := q.given[e.Experiment.key()]
	if e.Spec == nil || known == nil || !known.open || known.worker != worker {
		return
	}
	known.open, known.grows = false, time.Time{}
	if q.endedBy() != "" && !whole(*e.Spec) {
		q.notify() // it is as if it had not begun
		return
	}
	if e.Answered {
		q.resolve()
		q.inRow = 0
	}
	if e.Unreached != "" {
		q.isGone(e)
		q.show()
		q.notify()
		return
	}
	q.isBusy(e)
	if (e.Busy || e.Disturbed) && known.repeats < mostRepeats {
		known.repeats++
		known.again = true
		if e.Busy {
			q.repeated++
		}
	} else {
		q.enter(e)
	}
	q.show()
	q.notify()
}

// enter enters what came of an experiment. The lock is held.
func (q *queue) enter(e Ended) {
	q.add(e.Experiment.Requirement, *e.Spec)
}

// add enters a spec of a requirement. The lock is held.
func (q *queue) add(requirement string, spec verdict.Spec) {
	q.done++
	q.specs[requirement] = append(q.specs[requirement], spec)
	if before, known := q.came[requirement]; known {
		q.came[requirement] = verdict.Add(before, spec.Verdict)
	} else {
		q.came[requirement] = spec.Verdict
	}
	if q.tells != nil {
		q.tells(requirement, spec)
	}
}

// isBusy notes whether the target asked to be left alone. Who does so in everything that he is asked is not asked for ever. The lock is held.
func (q *queue) isBusy(e Ended) {
	if !e.Busy {
		if e.Answered {
			q.busy, q.alone = 0, 0
		}
		return
	}
	if q.busy == 0 {
		q.busySince = time.Now()
	}
	if q.busy++; e.LeftAlone != "" {
		q.alone++
	}
	switch {
	case q.end == nil:
	case q.alone >= enoughAlone:
		q.end(CutOff{By: "the target, which " + e.LeftAlone})
	case q.busy >= enoughBusy && time.Since(q.busySince) >= longestUnreached:
		q.end(CutOff{By: fmt.Sprintf("the target, which asks to be left alone in everything that it was asked for %s: --rate and --workers spare it", time.Since(q.busySince).Round(time.Second))})
	}
}

// isGone keeps an experiment in which nobody has answered. The lock is held.
func (q *queue) isGone(e Ended) {
	if q.inRow == 0 {
		q.since = time.Now()
	}
	q.inRow++
	q.unreached = append(q.unreached, e)
	if q.inRow < enoughUnreached {
		return
	}
	q.pace.Hold(unreachedPause)
	q.heldTill = time.Now().Add(unreachedPause)
	if time.Since(q.since) >= longestUnreached && q.end != nil {
		q.end(CutOff{By: fmt.Sprintf("the target, from which nothing has come for %s (%s)", time.Since(q.since).Round(time.Second), e.Unreached)})
	}
}

// resolve has the experiments repeated in which nobody has answered, where the target was gone, and enters them where they were few. The lock is held.
func (q *queue) resolve() {
	for _, e := range q.unreached {
		if known := q.given[e.Experiment.key()]; q.inRow >= enoughUnreached && known != nil {
			known.again = true
		} else {
			q.enter(e)
		}
	}
	q.unreached = nil
}

// whole says whether a spec that ended after the run was cut off says what it would have said otherwise: it was decided, and every request in it
// was answered.
func whole(spec verdict.Spec) bool {
	return spec.Verdict != verdict.Error && spec.Verdict != verdict.Blocked &&
		!slices.ContainsFunc(spec.Exchanges, func(e *wire.Exchange) bool { return e.Failure != "" })
}

func (q *queue) grows(worker int, e Experiment, until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if known := q.given[e.key()]; known != nil && known.worker == worker {
		known.grows = until
	}
	q.show()
}

// more waits until there is something to be repeated, or nothing open any more.
func (q *queue) more(worker int, account wire.Account) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.accounts[worker] = account
	// The worker has no more to say of its time if this is the end: its idle time here is entered for it. If it is not, the next account
	// that it hands in has that.
	arrived := time.Now()
	defer func() {
		account.Spent[wire.Idle] += time.Since(arrived)
		q.accounts[worker] = account
	}()
	for {
		open := false
		for _, known := range q.given {
			if known.again && q.ctx.Err() == nil {
				return true
			}
			// Its own are over: whatever is open of this worker's was never finished.
			open = open || known.open && known.worker != worker
		}
		if !open && q.ctx.Err() == nil && len(q.unreached) > 0 {
			// They are repeated until the target is back, or the run ends because it is not.
			q.resolve()
			continue
		}
		if !open || q.ctx.Err() != nil {
			return false
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-q.ctx.Done():
		}
		q.mu.Lock()
	}
}

// lost enters as errors what a worker was carrying out that is no more.
func (q *queue) lost(worker int, why string) (experiments int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, known := range q.given {
		if !known.open || known.worker != worker {
			continue
		}
		known.open = false
		if q.endedBy() != "" {
			continue
		}
		experiments++
		e := known.experiment
		q.add(e.Requirement, verdict.Spec{
			Sentence: e.Sentence, Client: e.Client, Verdict: verdict.Error, Seconds: time.Since(known.since).Seconds(), Message: why,
		})
	}
	for _, thing := range q.shelf {
		if thing.making && thing.maker == worker {
			thing.making = false
		}
	}
	q.notify()
	return experiments
}

// take is Shelf.Take for a worker.
func (q *queue) take(ctx context.Context, worker int, name string) ([]byte, bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		thing := q.shelf[name]
		switch {
		case thing == nil:
			q.shelf[name] = &shelved{making: true, maker: worker}
			return nil, false, nil
		case thing.content != nil:
			return thing.content, true, nil
		case !thing.making:
			thing.making, thing.maker = true, worker
			return nil, false, nil
		}
		changed := q.changed
		q.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		case <-q.ctx.Done():
			err = q.ctx.Err()
		}
		q.mu.Lock()
		if err != nil {
			return nil, false, fmt.Errorf("waiting for what another experiment is making: %w", err)
		}
	}
}

func (q *queue) put(name string, content []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shelf[name] = &shelved{content: content}
	q.notify()
}

func (q *queue) hold(pause time.Duration) {
	q.pace.Hold(pause)
	q.mu.Lock()
	defer q.mu.Unlock()
	if until := time.Now().Add(pause); until.After(q.heldTill) {
		q.heldTill = until
	}
}

func (q *queue) note(text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	// Several workers may have the same to say.
	if !slices.Contains(q.notes, text) {
		q.notes = append(q.notes, text)
	}
}

// interrupted says whether the run was ended from outside.
func (q *queue) interrupted() bool { return q.ctx.Err() != nil }

// endedBy says by what: a bound that was set for it, or whoever had enough of it; empty: by nothing.
func (q *queue) endedBy() string {
	if bound := q.cutOff(); bound != "" || !q.interrupted() {
		return bound
	}
	return "interrupted"
}

// cutOff says by what bound the run was ended; empty: by none.
func (q *queue) cutOff() string {
	var bound CutOff
	if errors.As(context.Cause(q.ctx), &bound) {
		return bound.Error()
	}
	return ""
}

// account adds up what all workers entered.
func (q *queue) account() wire.Account {
	q.mu.Lock()
	defer q.mu.Unlock()
	sum := wire.Account{}
	for _, account := range q.accounts {
		sum = sum.Add(account)
	}
	return sum
}

// inProcess is the queue as one worker in this process reaches it.
type inProcess struct {
	queue  *queue
	worker int
}

func (s inProcess) Claim(e Experiment) (Claim, error) { return s.queue.claim(s.worker, e), nil }
func (s inProcess) Ended(e Ended) error               { s.queue.ended(s.worker, e); return nil }
func (s inProcess) More(a wire.Account) (bool, error) { return s.queue.more(s.worker, a), nil }
func (s inProcess) Grows(e Experiment, until time.Time) error {
	s.queue.grows(s.worker, e, until)
	return nil
}
