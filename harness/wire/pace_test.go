package wire_test

import (
	"context"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
)

func TestRetryAfter(t *testing.T) {
	now := time.Unix(1_800_000_000, 0).UTC()
	for name, test := range map[string]struct {
		status int
		header string
		pause  time.Duration
		busy   bool
	}{
		"busy for a while":    {429, "7", 7 * time.Second, true},
		"busy, no time named": {429, "", time.Second, true},
		"busy until":          {429, now.Add(5 * time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT"), 5 * time.Second, true},
		"busy for a year":     {429, "31536000", 2 * time.Minute, true},
		"busy for ever":       {429, "99999999999999999999999", time.Second, true},
		"busy since":          {429, "-5", time.Second, true},
		"down for a while":    {503, "3", 3 * time.Second, true},
		"down":                {503, "", 0, false},
		"broken":              {500, "3", 0, false},
		"refused":             {400, "3", 0, false},
	} {
		if pause, busy := wire.RetryAfter(test.status, test.header, now); pause != test.pause || busy != test.busy {
			t.Errorf("%s: %s, %v", name, pause, busy)
		}
	}
}

func TestMetronome(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	began := time.Now()
	m := wire.NewMetronome(100, wire.SystemClock{})
	for range 5 {
		if err := m.Wait(ctx); err != nil {
			t.Fatal(err)
		}
	}
	// Sleeping never ends early: four pauses of 10 ms.
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("five requests, a hundred a second, in %s", took)
	}
	m.Hold(time.Hour)
	cancel()
	if err := m.Wait(ctx); err == nil {
		t.Error("a request went while none may")
	}
	clock := &wire.MovableClock{}
	before := clock.Now()
	moved := wire.NewMetronome(0, clock)
	moved.Hold(time.Hour)
	if err := moved.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	if passed := clock.Now().Sub(before); passed < time.Hour {
		t.Errorf("a clock that is moved has gone %s", passed)
	}
}
