package wire

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Clock is what everything that waits waits by.
type Clock interface {
	// Now is the present.
	Now() time.Time
	// Wait returns when d has passed, or with the context's error when that ends first.
	Wait(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's own.
type SystemClock struct{}

// Now is time.Now.
func (SystemClock) Now() time.Time { return time.Now() }

// Wait waits in earnest.
func (SystemClock) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// MovableClock runs with the machine's, but Wait moves it forward instead of waiting. It is shared with an embedded bank, so that
// what takes a day there takes no time here.
type MovableClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the machine's time plus everything that was waited for.
func (c *MovableClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Wait moves the clock by d and returns at once.
func (c *MovableClock) Wait(ctx context.Context, d time.Duration) error {
	if d > 0 {
		c.mu.Lock()
		c.ahead += d
		c.mu.Unlock()
	}
	return ctx.Err()
}

// Ahead reads from a Date header how far another clock is ahead of now. The header has whole seconds, and the answer took its time:
// less than two seconds are no difference.
func Ahead(date string, now time.Time) (ahead time.Duration, ok bool) {
	at, err := http.ParseTime(date)
	if err != nil {
		return 0, false
	}
	if ahead = at.Sub(now); ahead.Abs() < 2*time.Second {
		ahead = 0
	}
	return ahead, true
}

// Patience is a clock together with the longest wait that the operator allows.
type Patience struct {
	Clock   Clock
	Longest time.Duration
	// Grows is told until when an experiment lets something become old. Nil: nobody wants to know.
	Grows func(until time.Time)
}

type patienceKey struct{}

// WithPatience returns a context whose experiments wait by p.
func WithPatience(ctx context.Context, p Patience) context.Context {
	return context.WithValue(ctx, patienceKey{}, p)
}

// PatienceFrom returns how ctx's experiments wait: by the machine's clock and not at all, where nothing was said.
func PatienceFrom(ctx context.Context) Patience {
	p, ok := ctx.Value(patienceKey{}).(Patience)
	if !ok {
		return Patience{Clock: SystemClock{}}
	}
	return p
}
