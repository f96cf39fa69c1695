package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// NotSent says why a request was not sent: nobody vouches for where it would have gone, or who is there has not answered the last ones.
type NotSent struct {
	Says string
	Mute bool // because the last ones were not answered
}

// Error is why.
func (e *NotSent) Error() string { return e.Says }

// NoAnswer says that an answer was waited for in vain.
type NoAnswer struct {
	After time.Duration
	Begun bool // it had begun, and did not end
}

// Error says how long it was waited for.
func (e *NoAnswer) Error() string {
	if e.Begun {
		return fmt.Sprintf("no answer within %s: it had begun, and did not end", e.After)
	}
	return fmt.Sprintf("no answer within %s", e.After)
}

// Timeout says that it is one, as net.Error does.
func (e *NoAnswer) Timeout() bool { return true }

// Temporary is of net.Error.
func (e *NoAnswer) Temporary() bool { return true }

// Reach is how far requests go that are sent over a transport: none to where nobody vouches for, and few to where nobody answers. After the first that is
// not answered in time the next two are waited for less; after three in a row one is tried now and then, and waited for a moment.
type Reach struct {
	// Limit is how long an answer is waited for, header and body together.
	Limit time.Duration
	// Vouched says why nothing may be sent to an address; nil: it may. InClear is in the context of what has to go by http.
	Vouched func(ctx context.Context, address *url.URL) error

	mu    sync.Mutex
	mute  map[string]*muteness // by address, without its query
	inRow int                  // at whatever address
}

// muteness is an address at which nobody answers.
type muteness struct {
	inRow int
	again time.Time // when the next try is made
}

const (
	mostMute     = 3                // requests in a row that are not answered, after which hardly any are sent
	lessPatience = 10 * time.Second // for the second and the third of them
	aMoment      = 3 * time.Second  // for the tries after that
	tryAgain     = 10 * time.Second // how far these are apart
)

type inClearKey struct{}

// InClear returns a context whose requests may go by http: they are to see whether they are answered, and nothing in them is secret.
func InClear(ctx context.Context) context.Context { return context.WithValue(ctx, inClearKey{}, true) }

// IsInClear says whether the context is one of these.
func IsInClear(ctx context.Context) bool { return ctx.Value(inClearKey{}) != nil }

// Over returns a transport that goes no further than that. Its connections are those of the transport below.
func (r *Reach) Over(below *http.Transport) http.RoundTripper {
	return &reaching{below: below, reach: r}
}

type reaching struct {
	below *http.Transport
	reach *Reach
}

// Below is the transport of connections in what Over returns, or the transport itself; ok is false for others.
func Below(transport http.RoundTripper) (below *http.Transport, ok bool) {
	if over, is := transport.(*reaching); is {
		return over.below, true
	}
	below, ok = transport.(*http.Transport)
	return below, ok
}

// OverOther is the same transport over other connections: those of a copy of the transport below.
func OverOther(transport http.RoundTripper, below *http.Transport) http.RoundTripper {
	if over, is := transport.(*reaching); is {
		return &reaching{below: below, reach: over.reach}
	}
	return below
}

// CloseIdleConnections is that of the transport below.
func (t *reaching) CloseIdleConnections() { t.below.CloseIdleConnections() }

// RoundTrip sends a request, or says why not.
func (t *reaching) RoundTrip(request *http.Request) (*http.Response, error) {
	r := t.reach
	if r.Vouched != nil {
		if err := r.Vouched(request.Context(), request.URL); err != nil {
			return nil, err
		}
	}
	place := request.URL.Scheme + "://" + request.URL.Host + request.URL.Path
	limit, err := r.patience(place)
	if err != nil {
		return nil, err
	}
	// An own timer: a deadline of the request that comes earlier says nothing about the target.
	ctx, cancel := context.WithCancelCause(request.Context())
	waited := &waiting{reach: r, place: place, limit: limit, cancel: cancel, ctx: ctx}
	waited.timer = time.AfterFunc(limit, func() { cancel(&NoAnswer{After: limit}) })
	answer, err := t.below.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, waited.ended(err, false)
	}
	waited.ReadCloser = answer.Body
	answer.Body = waited
	return answer, nil
}

// patience is how long the next answer is waited for. The error says that it is not asked for.
func (r *Reach) patience(place string) (time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	here := r.mute[place]
	switch {
	case here == nil && r.inRow == 0 && !r.muteElsewhere(place):
		return r.Limit, nil
	case here == nil || here.inRow < mostMute:
		return min(r.Limit, lessPatience), nil
	case time.Now().Before(here.again):
		return 0, &NotSent{Mute: true, Says: fmt.Sprintf("not sent: the last %d requests to %s were not answered, so it is asked only now and then", here.inRow, bounded(Printable(place), 200))}
	}
	here.again = time.Now().Add(tryAgain)
	return min(r.Limit, aMoment), nil
}

// muteElsewhere says whether nobody answers at the same path of another host: that is the same endpoint for clients of another kind. The lock is held.
func (r *Reach) muteElsewhere(place string) bool {
	path := func(place string) string {
		_, rest, _ := strings.Cut(place, "://")
		_, path, _ := strings.Cut(rest, "/")
		return path
	}
	for other := range r.mute {
		if path(other) == path(place) {
			return true
		}
	}
	return false
}

// answered and unanswered are what is remembered of a place.
func (r *Reach) answered(place string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.mute, place)
	r.inRow = 0
}

func (r *Reach) unanswered(place string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inRow++
	if r.mute == nil {
		r.mute = map[string]*muteness{}
	}
	if r.mute[place] == nil {
		if len(r.mute) > 1000 {
			clear(r.mute) // nobody has so many endpoints
		}
		r.mute[place] = &muteness{}
	}
	r.mute[place].inRow++
}

// waiting is the body of an answer that is waited for.
type waiting struct {
	io.ReadCloser
	reach  *Reach
	place  string
	limit  time.Duration
	timer  *time.Timer
	ctx    context.Context
	cancel context.CancelCauseFunc
	once   sync.Once
}

// ended notes what came of it, and puts an error into words where it is that nothing came in time.
func (w *waiting) ended(err error, begun bool) error {
	var cause *NoAnswer
	late := errors.As(context.Cause(w.ctx), &cause)
	w.once.Do(func() {
		w.timer.Stop()
		var timeout net.Error
		switch {
		case late || errors.As(err, &timeout) && timeout.Timeout() && w.ctx.Err() == nil:
			w.reach.unanswered(w.place)
		case err == nil || begun:
			w.reach.answered(w.place)
		}
		w.cancel(nil)
	})
	if late && err != nil {
		return &NoAnswer{After: cause.After, Begun: begun}
	}
	return err
}

// Read reads the body.
func (w *waiting) Read(into []byte) (int, error) {
	n, err := w.ReadCloser.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, w.ended(err, true)
	}
	return n, err
}

// Close closes the body: whoever does so has read what there was to be read.
func (w *waiting) Close() error {
	err := w.ReadCloser.Close()
	_ = w.ended(nil, true)
	return err
}
