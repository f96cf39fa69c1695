package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Pace keeps requests apart: by a cap on their rate, and by the pauses that the target asks for.
type Pace interface {
	// Wait returns when the next request may be sent, or with the context's error when that ends first.
	Wait(ctx context.Context) error
	// Hold lets no request go for d.
	Hold(d time.Duration)
}

type paceKey struct{}

// WithPace returns a context whose requests keep to a pace.
func WithPace(ctx context.Context, p Pace) context.Context {
	return context.WithValue(ctx, paceKey{}, p)
}

// Turn waits for the turn of a request, where the context has a pace.
func Turn(ctx context.Context) error {
	if p, ok := ctx.Value(paceKey{}).(Pace); ok {
		return p.Wait(ctx)
	}
	return ctx.Err()
}

// The shortest and the longest pause that is made for a target that asks to be left alone. Who names no time gets the shortest.
const (
	shortestPause = time.Second
	longestPause  = 2 * time.Minute
)

// LongestPatience is how long a target may ask to be left alone and is waited for, two minutes at a time. Who asks for more is not, and three such answers in a
// row end a run.
const LongestPatience = 10 * time.Minute

// LeftAlone says for how long an answer asks to be left alone, where that is longer than LongestPatience; 0: it does not, or for less.
func LeftAlone(status int, header string, now time.Time) time.Duration {
	const longest = 250 * 365 * 24 * time.Hour
	if _, busy := RetryAfter(status, header, now); !busy {
		return 0
	}
	asked := time.Duration(0)
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds >= 0 {
		asked = longest
		if seconds < longest.Seconds() {
			asked = time.Duration(seconds * float64(time.Second))
		}
	} else if date, err := http.ParseTime(header); err == nil {
		asked = date.Sub(now)
	}
	if asked <= LongestPatience {
		return 0
	}
	return asked
}

// LeftAloneWords says of an answer's time what it is.
func LeftAloneWords(asked time.Duration, now time.Time) string {
	return fmt.Sprintf("asks to be left alone until %s, which is not waited for", now.Add(asked).UTC().Format("2006-01-02 15:04 MST"))
}

// RetryAfter says whether an answer asks to be left alone for a while (429, or 503 with Retry-After, RFC 9110 section 10.2.3 and
// RFC 6585 section 4), and for how long: between 1 second and 2 minutes, whatever it says.
func RetryAfter(status int, header string, now time.Time) (pause time.Duration, busy bool) {
	if status != http.StatusTooManyRequests && (status != http.StatusServiceUnavailable || header == "") {
		return 0, false
	}
	if seconds, err := strconv.Atoi(header); err == nil && seconds < int(longestPause/time.Second) {
		pause = time.Duration(seconds) * time.Second
	} else if err == nil {
		pause = longestPause
	} else if date, err := http.ParseTime(header); err == nil {
		pause = date.Sub(now)
	}
	return min(max(pause, shortestPause), longestPause), true
}

// Metronome is a Pace for everything in one process. It goes by a clock: one that is moved makes no pause.
type Metronome struct {
	clock Clock
	mu    sync.Mutex
	apart time.Duration // 0: no cap
	next  time.Time     // when the next request may go
	held  time.Time     // none may go before

	made    int
	most    int    // how many may go; 0: any number
	reached func() // called once, when another one wants to
}

// NewMetronome returns a pace of so many requests a second; 0: without a cap.
func NewMetronome(rate float64, clock Clock) *Metronome {
	m := &Metronome{clock: clock}
	if rate > 0 {
		m.apart = time.Duration(float64(time.Second) / rate)
	}
	return m
}

// Bound lets no more than so many requests go, and has somebody told when one more wants to, before that one is refused. They must not ask
// for a turn themselves.
func (m *Metronome) Bound(most int, reached func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.most, m.reached = most, reached
}

// ErrEnough says that no more requests may be sent.
var ErrEnough = errors.New("no more requests may be sent in this run")

// Wait waits for this request's turn.
func (m *Metronome) Wait(ctx context.Context) error {
	m.mu.Lock()
	if m.most > 0 && m.made >= m.most {
		defer m.mu.Unlock()
		if m.reached != nil {
			m.reached()
			m.reached = nil
		}
		return ErrEnough
	}
	m.made++
	now := m.clock.Now()
	at := now
	if at.Before(m.next) {
		at = m.next
	}
	if at.Before(m.held) {
		at = m.held
	}
	m.next = at.Add(m.apart)
	m.mu.Unlock()
	return m.clock.Wait(ctx, at.Sub(now))
}

// Hold lets no request go for d, beginning now.
func (m *Metronome) Hold(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if until := m.clock.Now().Add(d); until.After(m.held) {
		m.held = until
	}
}
