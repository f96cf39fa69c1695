package wire

import (
	"context"
	"net/http"
	"strconv"
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

// MovableClock stands nearly still, and Wait moves it forward instead of waiting. It is shared with an embedded bank, so that what takes a day there takes no
// time here. It does not run with the machine's clock: what was prepared first and is looked at last would else be older than it is to be, and on a slow
// machine too old.
type MovableClock struct {
	mu    sync.Mutex
	began time.Time // by the machine's clock
	ahead time.Duration
}

// slowly is how many times slower a MovableClock runs than the machine's. It has to run: two moments are not one.
const slowly = 50

// Now is the time at which the clock was first asked, plus everything that was waited for, and a little more each time.
func (c *MovableClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began.IsZero() {
		c.began = time.Now()
	}
	return c.began.Add(c.ahead + time.Since(c.began)/slowly)
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

// AbsurdSkew is how far off a Date header may be before it is taken for wrong itself: no server that is five minutes off takes part in
// anything, while a gateway that writes nonsense into the field does no harm.
const AbsurdSkew = 5 * time.Minute

// Skew is how far another clock is ahead, as an answer shows it.
type Skew struct {
	Ahead  time.Duration
	Cached bool // a cache answered: seconds less certain than the server's own word
}

// Absurd says whether the Date header is to be ignored.
func (s Skew) Absurd() bool { return s.Ahead.Abs() > AbsurdSkew }

// SkewOf reads from an answer's Date, and from the Age that a cache adds, how far the other clock is ahead of now. Both have whole
// seconds, and the answer took its time: less than two seconds (three with an Age) are no difference.
func SkewOf(header http.Header, now time.Time) (skew Skew, ok bool) {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return Skew{}, false
	}
	blur := 2 * time.Second
	if age := header.Get("Age"); age != "" {
		skew.Cached, blur = true, 3*time.Second
		if seconds, err := strconv.ParseUint(age, 10, 31); err == nil {
			at = at.Add(time.Duration(seconds) * time.Second)
		}
	}
	if skew.Ahead = at.Sub(now); skew.Ahead.Abs() < blur {
		skew.Ahead = 0
	}
	return skew, true
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
