package main

import (
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/verdict"
)

// What was waited for is there: nobody is told to wait for it any longer.
func TestWhatIsOldEnoughWaitsNoMore(t *testing.T) {
	now := time.Now()
	ripe := run.Waiting{Experiment: run.Experiment{Requirement: "X-1"}, Until: now.Add(-time.Minute)}
	growing := run.Waiting{Experiment: run.Experiment{Requirement: "X-2"}, Until: now.Add(time.Hour + 30*time.Second)}
	for want, waiting := range map[string][]run.Waiting{
		"1 of 3 experiments": {ripe}, "1 of 3 experiments  1 waiting, 1h0m30s at most  X-2 in 1h0m30s": {ripe, growing},
	} {
		if got := describe(run.Progress{Done: 1, Total: 3, Waiting: waiting}, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What is red is counted while a run goes on, by requirement.
func TestRedsAreCounted(t *testing.T) {
	state := run.Progress{Done: 5, Total: 10, Came: map[string]verdict.Verdict{
		"X-1": verdict.Pass, "X-2": verdict.Fail, "X-3": verdict.Warn, "X-4": verdict.Blocked, "X-5": verdict.Error, "X-6": verdict.NotApplicable,
	}}
	for want, got := range map[string]string{
		"5 of 10 experiments  1 fail  2 undecided  1 warn": describe(state, time.Now()), "██████░░░░░░ 5 of 10  1 fail  2 undecided  1 warn": bar(state, time.Now()),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// No name stands there for long while others are being carried out, and one that has to says how long it takes.
func TestNamesTakeTurns(t *testing.T) {
	now := time.Now()
	state := run.Progress{Running: []run.Running{
		{Experiment: run.Experiment{Client: "a", Sentence: "one"}, Since: now.Add(-time.Minute)}, {Experiment: run.Experiment{Client: "b", Sentence: "two"}, Since: now},
	}}
	first, second := describe(state, now), describe(state, now.Add(turn))
	if first == second || !strings.Contains(first+second, "  a: one, for 1m") || !strings.Contains(first+second, "  b: two (1 more)") {
		t.Errorf("%q, then %q", first, second)
	}
}

// How long a run still takes is said when enough of it is known, and never less than what waits.
func TestRemaining(t *testing.T) {
	began := time.Now().Add(-10 * time.Second)
	waits := []run.Waiting{{Until: time.Now().Add(time.Minute)}}
	for _, test := range []struct {
		state run.Progress
		want  time.Duration
	}{
		{run.Progress{Began: began, Done: 19, Total: 100}, 0},
		{run.Progress{Began: began, Done: 50, Total: 100}, 10 * time.Second},
		{run.Progress{Began: began, Done: 49, Total: 100, Waiting: waits}, time.Minute},
		{run.Progress{Began: began, Done: 100, Total: 100}, 0},
	} {
		if got := test.state.Remaining().Round(time.Second); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

// A line is cut at the terminal's width, and never within a character.
func TestProgressFitsTheTerminal(t *testing.T) {
	var out strings.Builder
	p := &progress{out: &out, terminal: true, width: 8}
	p.write("1 of 銀行銀行")
	if got := out.String(); got != "\r1 of 銀" {
		t.Errorf("%q", got)
	}
}
