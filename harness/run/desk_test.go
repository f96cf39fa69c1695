package run

import (
	"context"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// What has grown old waits no more, and runs when its worker comes to it.
func TestProgressOfWhatGrows(t *testing.T) {
	var shown Progress
	d := newDesk(t.Context(), func(p Progress) { shown = p }, wire.NewMetronome(0, wire.SystemClock{}))
	first := Experiment{Client: "one", Sentence: "a thing is old", Half: Preparation}
	second := first
	second.Half = Judgement
	expect := func(when string, running, waiting int) {
		t.Helper()
		if len(shown.Running) != running || len(shown.Waiting) != waiting {
			t.Errorf("%s: %d run and %d wait", when, len(shown.Running), len(shown.Waiting))
		}
	}
	d.claim(0, first)
	expect("it is prepared", 1, 0)
	d.grows(0, first, time.Now().Add(time.Hour))
	expect("it grows", 0, 1)
	d.grows(0, first, time.Now().Add(-time.Hour))
	expect("it has grown, and its worker is busy", 0, 0)
	d.claim(0, second)
	expect("it is judged", 1, 0)
	d.grows(0, first, time.Now().Add(time.Hour))
	expect("it has to grow older still", 0, 1)
}

// A worker that stands idle until the others are through did not spend that time on anything of ours.
func TestIdleWorkersAreNotOurs(t *testing.T) {
	d := newDesk(context.Background(), nil, wire.NewMetronome(0, wire.SystemClock{}))
	e := Experiment{Client: "one", Sentence: "a thing is done", Requirement: "X-1"}
	d.claim(0, e)
	done := make(chan bool)
	go func() { done <- d.more(1, wire.Account{Requests: 3}) }()
	for entered := false; !entered; {
		_, entered = d.entered(1)
	}
	d.ended(0, Ended{Experiment: e, Spec: &verdict.Spec{}})
	if <-done {
		t.Error("there is nothing more to do")
	}
	if account, _ := d.entered(1); account.Spent[wire.Idle] <= 0 || account.Requests != 3 {
		t.Errorf("%+v", account)
	}
}

// entered is what a worker has handed in of its time.
func (d *desk) entered(worker int) (wire.Account, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	account, ok := d.accounts[worker]
	return account, ok
}

// An experiment that another journey may have disturbed is made again, and that is no sign of a busy target.
func TestDisturbedExperimentsAreMadeAgain(t *testing.T) {
	d := newDesk(t.Context(), nil, wire.NewMetronome(0, wire.SystemClock{}))
	e := Experiment{Client: "one", Sentence: "a thing is refused", Requirement: "X-1"}
	disturbedSpec := verdict.Spec{Verdict: verdict.Error, Exchanges: []*wire.Exchange{{Disturbed: true}}}
	if !disturbed(disturbedSpec) || busy(disturbedSpec) || disturbed(verdict.Spec{Verdict: verdict.Fail, Exchanges: disturbedSpec.Exchanges}) {
		t.Error("only where nothing is known for that reason")
	}
	d.claim(0, e)
	d.ended(0, Ended{Experiment: e, Spec: &disturbedSpec, Disturbed: true})
	if len(d.specs["X-1"]) != 0 || d.repeated != 0 || !d.more(0, wire.Account{}) || !d.claim(1, e).Yours {
		t.Errorf("%+v", d.specs)
	}
	d.ended(1, Ended{Experiment: e, Spec: &verdict.Spec{Verdict: verdict.Pass}})
	if len(d.specs["X-1"]) != 1 || d.specs["X-1"][0].Verdict != verdict.Pass {
		t.Errorf("%+v", d.specs)
	}
}
