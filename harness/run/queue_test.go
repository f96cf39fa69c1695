package run

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// What has grown old waits no more, and runs when its worker comes to it.
func TestProgressOfWhatGrows(t *testing.T) {
	var shown Progress
	q := newQueue(t.Context(), func(p Progress) { shown = p }, wire.NewMetronome(0, wire.SystemClock{}))
	first := Experiment{Client: "one", Sentence: "a thing is old", Half: Preparation}
	second := first
	second.Half = Judgement
	expect := func(when string, running, waiting int) {
		t.Helper()
		if len(shown.Running) != running || len(shown.Waiting) != waiting {
			t.Errorf("%s: %d run and %d wait", when, len(shown.Running), len(shown.Waiting))
		}
	}
	q.claim(0, first)
	expect("it is prepared", 1, 0)
	q.grows(0, first, time.Now().Add(time.Hour))
	expect("it grows", 0, 1)
	q.grows(0, first, time.Now().Add(-time.Hour))
	expect("it has grown, and its worker is busy", 0, 0)
	q.claim(0, second)
	expect("it is judged", 1, 0)
	q.grows(0, first, time.Now().Add(time.Hour))
	expect("it has to grow older still", 0, 1)
}

// A worker that stands idle until the others are through did not spend that time on anything of ours.
func TestIdleWorkersAreNotOurs(t *testing.T) {
	q := newQueue(context.Background(), nil, wire.NewMetronome(0, wire.SystemClock{}))
	e := Experiment{Client: "one", Sentence: "a thing is done", Requirement: "X-1"}
	q.claim(0, e)
	done := make(chan bool)
	go func() { done <- q.more(1, wire.Account{Requests: 3}) }()
	for entered := false; !entered; {
		_, entered = q.entered(1)
	}
	q.ended(0, Ended{Experiment: e, Spec: &verdict.Spec{}})
	if <-done {
		t.Error("there is nothing more to do")
	}
	if account, _ := q.entered(1); account.Spent[wire.Idle] <= 0 || account.Requests != 3 {
		t.Errorf("%+v", account)
	}
}

// entered is what a worker has handed in of its time.
func (q *queue) entered(worker int) (wire.Account, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	account, ok := q.accounts[worker]
	return account, ok
}

// An experiment that another journey may have disturbed is made again, and that is no sign of a busy target.
func TestDisturbedExperimentsAreMadeAgain(t *testing.T) {
	q := newQueue(t.Context(), nil, wire.NewMetronome(0, wire.SystemClock{}))
	e := Experiment{Client: "one", Sentence: "a thing is refused", Requirement: "X-1"}
	disturbedSpec := verdict.Spec{Verdict: verdict.Error, Exchanges: []*wire.Exchange{{Disturbed: true}}}
	if !disturbed(disturbedSpec) || busy(disturbedSpec) || disturbed(verdict.Spec{Verdict: verdict.Fail, Exchanges: disturbedSpec.Exchanges}) {
		t.Error("only where nothing is known for that reason")
	}
	q.claim(0, e)
	q.ended(0, Ended{Experiment: e, Spec: &disturbedSpec, Disturbed: true})
	if len(q.specs["X-1"]) != 0 || q.repeated != 0 || !q.more(0, wire.Account{}) || !q.claim(1, e).Yours {
		t.Errorf("%+v", q.specs)
	}
	q.ended(1, Ended{Experiment: e, Spec: &verdict.Spec{Verdict: verdict.Pass}})
	if len(q.specs["X-1"]) != 1 || q.specs["X-1"][0].Verdict != verdict.Pass {
		t.Errorf("%+v", q.specs)
	}
}

// What ends after the run was cut off, by a bound or by hand, counts where it says what it would have said otherwise, and else not at all.
func TestEndedAfterTheCut(t *testing.T) {
	unanswered := []*wire.Exchange{{Failure: "no more requests may be sent in this run"}}
	for name, test := range map[string]struct {
		spec  verdict.Spec
		after int // how many specs there are then
	}{
		"passed":                    {verdict.Spec{Verdict: verdict.Pass}, 1},
		"failed":                    {verdict.Spec{Verdict: verdict.Fail, Exchanges: []*wire.Exchange{{Answer: &wire.Message{Status: 201}}}}, 1},
		"failed for want of answer": {verdict.Spec{Verdict: verdict.Fail, Exchanges: unanswered}, 0},
		"undecided":                 {verdict.Spec{Verdict: verdict.Error, Exchanges: unanswered}, 0},
		"blocked":                   {verdict.Spec{Verdict: verdict.Blocked}, 0},
	} {
		for _, cause := range []error{CutOff{By: "--max-requests 3"}, context.Canceled} {
			ctx, cancel := context.WithCancelCause(t.Context())
			q := newQueue(ctx, nil, wire.NewMetronome(0, wire.SystemClock{}))
			e := Experiment{Client: "one", Sentence: "a thing is refused", Requirement: "X-1"}
			q.claim(0, e)
			cancel(cause)
			q.ended(0, Ended{Experiment: e, Spec: &test.spec})
			if q.lost(0, "the run was interrupted"); len(q.specs["X-1"]) != test.after {
				t.Errorf("%s, %v: %+v", name, cause, q.specs)
			}
		}
	}
}

// A target that takes no connection for a moment costs no verdict, and one that takes none any more ends the run, with its reason said once.
func TestUnreachedTargets(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	q := newQueue(ctx, nil, wire.NewMetronome(0, wire.SystemClock{}))
	q.end = end
	fails := func(n int) Ended {
		e := Experiment{Client: "one", Sentence: fmt.Sprint("a thing is done ", n), Requirement: "X-1"}
		q.claim(0, e)
		return Ended{Experiment: e, Spec: &verdict.Spec{Verdict: verdict.Error}, Unreached: "connection refused"}
	}
	answered := func(n int) Ended {
		e := fails(n)
		e.Unreached, e.Answered, e.Spec.Verdict = "", true, verdict.Pass
		return e
	}
	q.ended(0, fails(1))
	q.ended(0, answered(2))
	if q.done != 2 {
		t.Errorf("%d are done: one alone is a result like any other", q.done)
	}
	for n := range enoughUnreached {
		q.ended(0, fails(10+n))
	}
	if q.done != 2 || time.Until(q.heldTill) <= 0 {
		t.Errorf("%d are done, and the next may go at once", q.done)
	}
	q.ended(0, answered(3))
	if again := q.more(0, wire.Account{}); !again || q.done != 3 {
		t.Errorf("%d are done, the others are repeated: %t", q.done, again)
	}
	for n := range enoughUnreached {
		q.ended(0, fails(10+n))
	}
	q.since = q.since.Add(-longestUnreached)
	q.ended(0, fails(4))
	if by := q.cutOff(); !strings.Contains(by, "connection refused") || q.done != 3 {
		t.Errorf("%d are done, and the run is ended by %q", q.done, by)
	}
}

// What came of experiments is told at once, and adds up by requirement while a run goes on.
func TestProgressCountsReds(t *testing.T) {
	var shown Progress
	var told []string
	q := newQueue(t.Context(), func(p Progress) { shown = p }, wire.NewMetronome(0, wire.SystemClock{}))
	q.tells = func(requirement string, spec verdict.Spec) { told = append(told, requirement+" "+string(spec.Verdict)) }
	for i, came := range []verdict.Verdict{verdict.Pass, verdict.Fail, verdict.Warn} {
		e := Experiment{Client: "one", Sentence: fmt.Sprint(i), Requirement: []string{"X-1", "X-1", "X-2"}[i]}
		q.claim(0, e)
		q.ended(0, Ended{Experiment: e, Spec: &verdict.Spec{Verdict: came}})
	}
	q.claim(1, Experiment{Client: "one", Sentence: "is lost", Requirement: "X-3"})
	q.lost(1, "gone")
	q.mu.Lock()
	q.show()
	q.mu.Unlock()
	if shown.Reds(verdict.Fail) != 1 || shown.Reds(verdict.Warn) != 1 || shown.Reds(verdict.Error, verdict.Blocked) != 1 || shown.Reds(verdict.Pass) != 0 || shown.Began.IsZero() {
		t.Errorf("%+v", shown)
	}
	if strings.Join(told, ", ") != "X-1 pass, X-1 fail, X-2 warn, X-3 error" {
		t.Error(told)
	}
}

// A target that asks to be left alone for longer than anybody waits ends the run at the third time in a row, and one that is busy whatever it is asked after a
// while; one that was busy once does not.
func TestTargetsThatWantToBeLeftAlone(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	q := newQueue(ctx, nil, wire.NewMetronome(0, wire.SystemClock{}))
	q.end = end
	n := 0
	ended := func(busy bool, alone string) {
		n++
		e := Experiment{Client: "one", Sentence: fmt.Sprint("a thing is done ", n), Requirement: "X-1"}
		q.claim(0, e)
		q.ended(0, Ended{Experiment: e, Spec: &verdict.Spec{Verdict: verdict.Error}, Busy: busy, Answered: true, LeftAlone: alone})
	}
	for range 5 {
		ended(true, "asks for a year")
		ended(true, "asks for a year")
		ended(false, "")
	}
	for range 2 * enoughBusy {
		ended(true, "")
	}
	if by := q.cutOff(); by != "" {
		t.Fatalf("ended by %q", by)
	}
	q.busySince = q.busySince.Add(-longestUnreached)
	ended(true, "")
	if by := q.cutOff(); !strings.Contains(by, "left alone in everything") {
		t.Errorf("ended by %q", by)
	}
	ctx, end = context.WithCancelCause(t.Context())
	q.ctx, q.end, q.busy, q.alone = ctx, end, 0, 0
	for range enoughAlone {
		ended(true, "asks for a year")
	}
	if by := q.cutOff(); !strings.Contains(by, "asks for a year") {
		t.Errorf("ended by %q", by)
	}
}
