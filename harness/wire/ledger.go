package wire

import (
	"context"
	"sync"
	"time"
)

// Spending is what time goes into.
type Spending uint8

// The kinds of spending. Where several go on at the same time, such as an answer that is waited for while pages are driven, the
// instant is entered under the one that comes first here, so that nothing is counted twice. What is left of a worker's life is ours.
const (
	InTarget  Spending = iota // a request of ours is on its way, or being answered
	InBrowser                 // pages are driven
	HeldBack                  // by --rate, because the target asked for it, or because no test user was free
	InWait                    // a clause wants something to grow old
	Idle                      // there was nothing left to do
)

const spendings = int(Idle) + 1 // how many kinds there are

// Ledger accounts for the time of one worker. What several goroutines do at once is entered once. Its nil value may be used, and
// forgets everything.
type Ledger struct {
	mu      sync.Mutex
	now     func() time.Time // nil: time.Now
	since   time.Time        // from when on nothing has been entered yet
	going   [spendings]int
	clauses []string // of the waits that are going on
	account Account
}

// Account is a ledger's content.
type Account struct {
	Spent    [spendings]time.Duration
	Pages    time.Duration            // of the browser's: until the target had answered with a page or a redirect
	Clauses  map[string]time.Duration // of the waiting, by requirement id
	Longest  time.Duration            // the longest single wait that a clause forced
	Requests int
	Flows    int
	Shown    []Shown // the certificates of the hosts, each chain once
}

// Begin enters that from now on time goes into something, until the function is called that it returns. The clause is for InWait.
func (l *Ledger) Begin(on Spending, clause string) (end func()) {
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	l.going[on]++
	switch on {
	case InTarget:
		l.account.Requests++
	case InBrowser:
		l.account.Flows++
	case InWait:
		l.clauses = append(l.clauses, clause)
	case HeldBack, Idle:
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.advance()
		l.going[on]--
		if on == InWait {
			for i, c := range l.clauses {
				if c == clause {
					l.clauses = append(l.clauses[:i], l.clauses[i+1:]...)
					break
				}
			}
		}
	}
}

// advance enters the time since the last change. The lock is held.
func (l *Ledger) advance() {
	now := time.Now
	if l.now != nil {
		now = l.now
	}
	at := now()
	passed := at.Sub(l.since)
	l.since = at
	for on, n := range l.going {
		if n == 0 {
			continue
		}
		l.account.Spent[on] += passed
		if Spending(on) == InWait && len(l.clauses) > 0 {
			if l.account.Clauses == nil {
				l.account.Clauses = map[string]time.Duration{}
			}
			l.account.Clauses[l.clauses[0]] += passed
		}
		return
	}
}

// Answered enters how long the target took for the pages of a journey that has ended.
func (l *Ledger) Answered(pages time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.account.Pages += pages
	l.mu.Unlock()
}

// Paced enters how much of a journey that has ended the pace held its requests back: that was not spent in the browser.
func (l *Ledger) Paced(held time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	held = min(held, l.account.Spent[InBrowser])
	l.account.Spent[InBrowser] -= held
	l.account.Spent[HeldBack] += held
}

// Forced enters that a clause forces a wait of that length, whatever else goes on during it.
func (l *Ledger) Forced(wait time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.account.Longest = max(l.account.Longest, wait)
	l.mu.Unlock()
}

// Account returns what was entered so far.
func (l *Ledger) Account() Account {
	if l == nil {
		return Account{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	account := l.account
	account.Clauses = make(map[string]time.Duration, len(l.account.Clauses))
	for clause, d := range l.account.Clauses {
		account.Clauses[clause] = d
	}
	return account
}

// Add returns what two accounts come to.
func (a Account) Add(b Account) Account {
	sum := a
	for on := range sum.Spent {
		sum.Spent[on] += b.Spent[on]
	}
	sum.Pages += b.Pages
	sum.Longest = max(a.Longest, b.Longest)
	sum.Requests += b.Requests
	sum.Flows += b.Flows
	for _, shown := range b.Shown {
		sum.Shown = withShown(sum.Shown, shown)
	}
	sum.Clauses = map[string]time.Duration{}
	for _, clauses := range []map[string]time.Duration{a.Clauses, b.Clauses} {
		for clause, d := range clauses {
			sum.Clauses[clause] += d
		}
	}
	return sum
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
