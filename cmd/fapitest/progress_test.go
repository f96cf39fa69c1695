package main

import (
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/run"
)

// What was waited for is there: nobody is told to wait for it any longer.
func TestWhatIsOldEnoughWaitsNoMore(t *testing.T) {
	ripe := run.Waiting{Experiment: run.Experiment{Requirement: "X-1"}, Until: time.Now().Add(-time.Minute)}
	growing := run.Waiting{Experiment: run.Experiment{Requirement: "X-2"}, Until: time.Now().Add(time.Hour + 30*time.Second)}
	for want, waiting := range map[string][]run.Waiting{
		"1 of 3": {ripe}, "1 of 3  waiting 1h0m": {ripe, growing},
	} {
		got := describe(run.Progress{Done: 1, Total: 3, Waiting: waiting})
		if len(got) < len(want) || got[:len(want)] != want || len(waiting) == 1 && got != want {
			t.Errorf("%q, want %q", got, want)
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
