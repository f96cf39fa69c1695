package flow

import (
	"context"
	"fmt"
	"sync"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

// People lends test users to journeys.
type People interface {
	// Lend waits until a user may go on a journey. The error says that nobody waits any more.
	Lend(ctx context.Context, choice consent.Choice) (Loan, error)
	// Back ends the journey, and says whether another one of the same user, which went on meanwhile, may have ended it.
	Back(loan Loan, came Came) (disturbed bool)
}

// Loan is a test user for one journey.
type Loan struct {
	Number   int
	User     int    // which one of the target's
	Logins   int    // how many times the password may be offered; 0: as often as the driver does
	Withheld string // why nobody may go; empty: this user may
}

// Came is what came of a journey.
type Came struct {
	Logins int  // times that the password was offered
	Acted  bool // the script did something on a page: from then on there is something that another login can end
	Led    bool // it led to where it was to lead: what was granted or, where the user says no, the refusal
}

type sideBySide struct{}

// SideBySide is for journeys of one user that are to end each other: that one of them leads nowhere says nothing of what the bank does to journeys that have
// nothing to do with each other, and is no reason to make them one after another.
func SideBySide(ctx context.Context) context.Context {
	return context.WithValue(ctx, sideBySide{}, true)
}

// WithheldError says that a request was not made because the run has had its logins.
type WithheldError struct{ Says string }

func (e *WithheldError) Error() string { return e.Says }

// Crowd are the test users of a run. Several journeys of one user may go on at the same time, until one of them that another may have ended
// leads nowhere: some banks allow a user one session, and a login then ends the older one. From there on every user makes one journey
// after another. So how many workers there are costs time, and never a verdict.
type Crowd struct {
	accept, deny []int // users, by what they say
	most         int   // logins of a run; 0: any number
	each         int   // logins that a journey may take

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	alone    bool
	logins   int
	withheld int // journeys that were not made
	next     int
	away     map[int]*away
	made     map[int]int // journeys of each user so far
}

// away is a user on a journey.
type away struct {
	owner, user, reserved int
	accompanied           bool
}

// NewCrowd gathers the test users of a target.
func NewCrowd(t *target.Target) *Crowd {
	// A page that is loaded twice on a journey may ask twice.
	c := &Crowd{most: t.MaxLogins, each: 2 * max(1, t.Consent.Logins), changed: make(chan struct{}), away: map[int]*away{}, made: map[int]int{}}
	for i, user := range t.Users() {
		if user.Denies {
			c.deny = append(c.deny, i)
		} else {
			c.accept = append(c.accept, i)
		}
	}
	if len(c.deny) == 0 {
		c.deny = c.accept
	}
	return c
}

// For is the crowd as one worker sees it.
func (c *Crowd) For(owner int) People { return borrower{c, owner} }

type borrower struct {
	crowd *Crowd
	owner int
}

func (s borrower) Lend(ctx context.Context, choice consent.Choice) (Loan, error) {
	return s.crowd.lend(ctx, s.owner, choice)
}

func (s borrower) Back(loan Loan, came Came) bool { return s.crowd.back(loan, came) }

func (c *Crowd) lend(ctx context.Context, owner int, choice consent.Choice) (Loan, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if loan, ok := c.choose(owner, choice); ok {
			return loan, nil
		}
		changed := c.changed
		c.mu.Unlock()
		var err error
		select {
		case <-changed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		c.mu.Lock()
		if err != nil {
			return Loan{}, fmt.Errorf("waiting for a test user: %w", err)
		}
	}
}

// choose finds a user who may go now. The lock is held.
func (c *Crowd) choose(owner int, choice consent.Choice) (Loan, bool) {
	busy, reserved := map[int]int{}, 0
	for _, loan := range c.away {
		busy[loan.user]++
		reserved += loan.reserved
	}
	logins := 0
	if c.most > 0 {
		switch left := c.most - c.logins - reserved; {
		case left > 0:
			logins = min(left, c.each)
		case reserved > 0:
			return Loan{}, false // those who are away may need fewer than they could have
		default:
			c.withheld++
			return Loan{Withheld: fmt.Sprintf("max_logins (%d) is reached, and so no more logins are made", c.most)}, true
		}
	}
	users := c.accept
	if choice == consent.Deny {
		users = c.deny
	}
	least := users[0]
	for _, user := range users {
		if busy[user] < busy[least] || busy[user] == busy[least] && c.made[user] < c.made[least] {
			least = user
		}
	}
	if c.alone && busy[least] > 0 {
		return Loan{}, false
	}
	mine := &away{owner: owner, user: least, reserved: logins}
	for _, other := range c.away {
		if other.user == least {
			other.accompanied, mine.accompanied = true, true
		}
	}
	c.next++
	c.made[least]++
	c.away[c.next] = mine
	return Loan{Number: c.next, User: least, Logins: logins}, true
}

func (c *Crowd) back(loan Loan, came Came) (disturbed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mine := c.away[loan.Number]
	if mine == nil {
		return false
	}
	delete(c.away, loan.Number)
	c.logins += came.Logins
	disturbed = mine.accompanied && came.Acted && !came.Led
	c.alone = c.alone || disturbed
	c.notify()
	return disturbed
}

// Forget ends the journeys of a worker that is lost. Nobody knows how often it had offered a password: as often as it could have.
func (c *Crowd) Forget(owner int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, loan := range c.away {
		if loan.owner == owner {
			c.logins += loan.reserved
			delete(c.away, number)
		}
	}
	c.notify()
}

// notify wakes everybody who waits. The lock is held.
func (c *Crowd) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Notes are what there is to say about the users in the report.
func (c *Crowd) Notes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var notes []string
	if c.alone {
		notes = append(notes, "a journey led nowhere while another one of the same test user went on: that may have ended it, so it was made again, and from then on "+
			"each user made one journey after another; with more of them (users in the target file) journeys go on side by side")
	}
	if c.withheld > 0 {
		notes = append(notes, fmt.Sprintf("max_logins (%d) was reached, and %d more logins would have been needed", c.most, c.withheld))
	}
	return notes
}
