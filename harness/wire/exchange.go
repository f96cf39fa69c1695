// Package wire holds what was said between us and the target: requests and answers, redacted as they are captured, the clock that
// everything waits by, and the account of where the time went. It knows nothing of OAuth beyond the names of what is secret.
package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Exchange is one request and what came back, as it may be shown to anyone: nothing secret is in it.
type Exchange struct {
	ID        string    `json:"id"`                  // the x-fapi-interaction-id that was sent along, to be found in the target's own log
	Step      string    `json:"step"`                // what it was for: "pushed authorization request"
	Deviation string    `json:"deviation,omitempty"` // what was changed, in English; empty where everything is as it should be
	Control   string    `json:"control,omitempty"`   // ID of the accepted exchange from which this one differs by Deviation alone
	Role      Role      `json:"role,omitempty"`
	Sentence  string    `json:"sentence,omitempty"` // of a control that has words of its own: "accepts the request when the client authenticates"
	Expected  Decision  `json:"expected,omitempty"` // what an experiment expected of it; empty where nobody judged it
	Judged    Decision  `json:"judged,omitempty"`   // what the target decided
	Because   string    `json:"because,omitempty"`  // what the decision was read from: "201 with a request_uri"
	Started   time.Time `json:"started"`
	Seconds   float64   `json:"seconds"`
	Request   Message   `json:"request"`
	Answer    *Message  `json:"answer,omitempty"` // nil where none came: see Failure
	Failure   string    `json:"failure,omitempty"`
	Stale     bool      `json:"stale,omitempty"`     // it went over a connection that the target had just closed, and was sent again
	Disturbed bool      `json:"disturbed,omitempty"` // another journey of the same test user may have ended this one
	Unreached bool      `json:"-"`                   // no connection to the target could be made, or nothing came over it in time; known to the worker that tried
	Busy      bool      `json:"busy,omitempty"`      // the target asked to be left alone for a while: 429, or 503 with Retry-After
	// Asked is for how long the target asked to be left alone, where that is longer than anybody waits (LongestPatience).
	Asked time.Duration `json:"-"`
	Pages []Page        `json:"pages,omitempty"` // what the end user saw, where a browser was driven
	Hops  []Hop         `json:"hops,omitempty"`  // how the browser was sent on
	Hosts []string      `json:"hosts,omitempty"` // the hosts that the pages contacted
}

// Identity is by what an exchange is known again, in whatever trace a copy of it stands.
type Identity struct {
	Step, ID string
	Started  time.Time
}

// Identity of the exchange.
func (e *Exchange) Identity() Identity { return Identity{Step: e.Step, ID: e.ID, Started: e.Started} }

// Unjudged is a copy of what was said, without what it was to an experiment; nil where nothing was said yet.
func (e *Exchange) Unjudged() *Exchange {
	if e == nil {
		return nil
	}
	mine := *e
	mine.Control, mine.Role, mine.Sentence, mine.Expected, mine.Judged, mine.Because = "", "", "", "", "", ""
	return &mine
}

// Role says what an exchange was to an experiment.
type Role string

// The roles. An exchange that only prepared something has none.
const (
	RoleControl Role = "control" // the request as it should be; without its acceptance nothing is known
	RoleClaim   Role = "claim"   // the request about which the requirement speaks
)

// Decision is what a target made of a request.
type Decision string

// The decisions. An undecided answer (no answer, timeout, 429, 5xx, 405, 415) is neither of the others and is never taken for one.
const (
	Accepted  Decision = "accepted"
	Refused   Decision = "refused"
	Undecided Decision = "undecided"
	// Confused is undecided in a particular way: 405 and 415 speak about the shape of the request, not about its merit.
	Confused Decision = "confused"
)

// Message is a request or an answer.
type Message struct {
	Method      string  `json:"method,omitempty"`
	URL         string  `json:"url,omitempty"`
	Status      int     `json:"status,omitempty"`
	Header      []Field `json:"header,omitempty"`
	Body        string  `json:"body,omitempty"`
	Certificate string  `json:"certificate,omitempty"` // the subject of the certificate that the server asked for and was shown; "none…" where it was shown none; empty where no handshake was made
}

// Field is a header field. Repeated fields stand as often as they were sent.
type Field struct{ Name, Value string }

// MarshalJSON writes a field as a list of two, its name and its value: there are many of them.
func (f Field) MarshalJSON() ([]byte, error) { return json.Marshal([2]string{f.Name, f.Value}) }

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Field) UnmarshalJSON(data []byte) error {
	var pair []string
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("a header field is a list of a name and a value, not of %d", len(pair))
	}
	f.Name, f.Value = pair[0], pair[1]
	return nil
}

// Page is a page that the end user saw.
type Page struct {
	URL        string `json:"url"`
	Status     int    `json:"status"`
	Title      string `json:"title"`
	Screenshot string `json:"screenshot,omitempty"` // path below the report's directory: "evidence/…png"
	HTML       string `json:"html,omitempty"`       // path below the report's directory; kept where the script got stuck
	Did        string `json:"did,omitempty"`        // what the script did there, in English, values left out
}

// Hop is an answer that sent the browser on.
type Hop struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	Status      int    `json:"status"` // 0 where a page sent the browser on by script, form or refresh
	Location    string `json:"location"`
	Credentials bool   `json:"credentials,omitempty"` // the request carried the user's password
	CarriedOn   bool   `json:"carriedOn,omitempty"`   // so does the one to which the browser was sent, without the user's doing
}

// Trace collects the exchanges of one experiment. It is safe for use by many goroutines.
type Trace struct {
	mu        sync.Mutex
	exchanges []*Exchange
}

// Add appends an exchange.
func (t *Trace) Add(e *Exchange) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.exchanges {
		if known == e {
			return
		}
	}
	t.exchanges = append(t.exchanges, e)
}

// Recall adds an exchange of another experiment, as if nobody had judged it, and returns it as it stands in this trace. One that stands
// there already is not added again.
func (t *Trace) Recall(e *Exchange) *Exchange {
	if t == nil {
		return e.Unjudged()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.exchanges {
		if known == e || known.Identity() == e.Identity() {
			return known
		}
	}
	mine := e.Unjudged()
	t.exchanges = append(t.exchanges, mine)
	return mine
}

// Exchanges returns what was collected, in order.
func (t *Trace) Exchanges() []*Exchange {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*Exchange(nil), t.exchanges...)
}

type traceKey struct{}

// WithTrace returns a context in which what is said is collected in t.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceFrom returns the trace of the experiment that ctx belongs to; nil, which may be used, where there is none.
func TraceFrom(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}
