package wire

import (
	"testing"
	"time"
)

func TestLedgerCountsNothingTwice(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	l := &Ledger{now: func() time.Time { return at }, since: at}
	pass := func(d time.Duration) { at = at.Add(d) }

	pass(time.Second) // ours
	page := l.Begin(InBrowser, "")
	pass(2 * time.Second)
	first, second := l.Begin(InTarget, ""), l.Begin(InTarget, "")
	pass(3 * time.Second)
	first()
	pass(4 * time.Second)
	second()
	pass(5 * time.Second)
	page()
	wait := l.Begin(InWait, "X-1")
	pass(6 * time.Second)
	wait()
	l.Forced(time.Minute)
	l.Forced(time.Second)
	pass(7 * time.Second) // ours

	a := l.Account()
	want := [spendings]time.Duration{InTarget: 7 * time.Second, InBrowser: 7 * time.Second, InWait: 6 * time.Second}
	if a.Spent != want || a.Requests != 2 || a.Flows != 1 || a.Clauses["X-1"] != 6*time.Second || a.Longest != time.Minute {
		t.Errorf("%+v", a)
	}
	sum := a.Add(a)
	if sum.Spent[InTarget] != 14*time.Second || sum.Requests != 4 || sum.Clauses["X-1"] != 12*time.Second || sum.Longest != time.Minute {
		t.Errorf("%+v", sum)
	}
	if a.Clauses["X-1"] != 6*time.Second {
		t.Error("adding changes what is added")
	}
}

// What a journey was held back is not the browser's.
func TestPacedJourneys(t *testing.T) {
	now := time.Now()
	l := &Ledger{now: func() time.Time { return now }}
	end := l.Begin(InBrowser, "")
	now = now.Add(5 * time.Second)
	end()
	l.Paced(2 * time.Second)
	if a := l.Account(); a.Spent[InBrowser] != 3*time.Second || a.Spent[HeldBack] != 2*time.Second {
		t.Errorf("%+v", a)
	}
	l.Paced(time.Minute)
	if a := l.Account(); a.Spent[InBrowser] != 0 || a.Spent[HeldBack] != 5*time.Second {
		t.Errorf("no more can have been held back than there was: %+v", a)
	}
}

func TestNoLedger(t *testing.T) {
	var l *Ledger
	l.Paced(time.Second)
	l.Begin(InTarget, "")()
	l.Answered(time.Second)
	l.Forced(time.Second)
	if a := l.Account(); a.Requests != 0 || a.Longest != 0 {
		t.Errorf("%+v", a)
	}
}
