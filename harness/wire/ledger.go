package wire

import (
	"context"
	"sync"
	"time"
)

// Ledger accounts for time: in the target, in the browser, waiting by clause. What is left of the wall clock is ours.
type Ledger struct {
	mu      sync.Mutex
	target  time.Duration
	browser time.Duration
	waiting map[string]time.Duration
	flows   int
	calls   int
}

// Target adds time spent waiting for an answer, and counts the request.
func (l *Ledger) Target(d time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.target += d
	l.calls++
	l.mu.Unlock()
}

// Browser adds time in which pages were driven, and counts the flow.
func (l *Ledger) Browser(d time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.browser += d
	l.flows++
	l.mu.Unlock()
}

// Waiting adds time that a clause made us wait.
func (l *Ledger) Waiting(clause string, d time.Duration) {
	if l == nil || d <= 0 {
		return
	}
	l.mu.Lock()
	if l.waiting == nil {
		l.waiting = map[string]time.Duration{}
	}
	l.waiting[clause] += d
	l.mu.Unlock()
}

// Account is a ledger's content.
type Account struct {
	Target, Browser time.Duration
	Waiting         map[string]time.Duration // by requirement id
	Requests        int
	Flows           int // browser flows
}

// Account returns what was entered so far.
func (l *Ledger) Account() Account {
	if l == nil {
		return Account{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := make(map[string]time.Duration, len(l.waiting))
	for clause, d := range l.waiting {
		waiting[clause] = d
	}
	return Account{Target: l.target, Browser: l.browser, Waiting: waiting, Requests: l.calls, Flows: l.flows}
}

type ledgerKey struct{}

// WithLedger returns a context in which time is entered in l.
func WithLedger(ctx context.Context, l *Ledger) context.Context {
	return context.WithValue(ctx, ledgerKey{}, l)
}

// LedgerFrom returns the ledger of ctx; nil, which may be used, where there is none.
func LedgerFrom(ctx context.Context) *Ledger {
	l, _ := ctx.Value(ledgerKey{}).(*Ledger)
	return l
}
