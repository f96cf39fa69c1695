package expect

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// BeAccepted matches an outcome in which the target did what it was asked.
func BeAccepted() gomega.OmegaMatcher { return &decisionMatcher{expected: wire.Accepted} }

// BeRefused matches an outcome in which the target decided against the request. Silence, a fault and confusion are no refusal.
func BeRefused() gomega.OmegaMatcher { return &decisionMatcher{expected: wire.Refused} }

type decisionMatcher struct {
	expected wire.Decision
	because  string
}

func (m *decisionMatcher) Match(actual any) (bool, error) {
	outcome, ok := actual.(*flow.Outcome)
	if !ok || outcome == nil {
		panic(fmt.Sprintf("BeAccepted and BeRefused are about a *flow.Outcome, not a %T", actual)) // an error would have the target accused of it
	}
	skipUnpushed(outcome)
	if outcome.Kept() && m.expected == wire.Refused {
		NotApplicable("requests are not pushed here, and what is refused there is seen nowhere else in this experiment")
	}
	decision, because := Decide(outcome)
	enter(outcome, wire.RoleClaim, m.expected, decision, because)
	m.because = because
	if m.expected == wire.Accepted && decision != wire.Accepted && outcome.NotAsked {
		// The target file names the wrong host, or the metadata do: what was refused is not what was meant to be accepted.
		m.because += unseen(outcome)
		remark(RemarkUnknown, "%s", m.because)
	}
	return decision == m.expected, nil
}

func (m *decisionMatcher) FailureMessage(any) string {
	if m.expected == wire.Refused {
		return "expected a refusal; the answer was: " + m.because
	}
	return "expected an acceptance; the answer was: " + m.because
}

func (m *decisionMatcher) NegatedFailureMessage(any) string {
	return "expected anything else; the answer was: " + m.because
}

// BeSentAstray matches an outcome in which the browser was sent to an address that belongs to nobody here. It is used negated; a
// journey that broke off, or that can't be followed to its end, matches as well, and is recorded as undecided or confused.
func BeSentAstray() gomega.OmegaMatcher { return &astrayMatcher{} }

type astrayMatcher struct{ because string }

func (m *astrayMatcher) Match(actual any) (bool, error) {
	outcome, ok := actual.(*flow.Outcome)
	if !ok || outcome == nil || outcome.Trip == nil {
		panic(fmt.Sprintf("BeSentAstray is about the outcome of a browser's journey, not about a %T", actual)) // as above
	}
	if outcome.Disturbed {
		m.because = disturbed
		enter(outcome, wire.RoleClaim, wire.Refused, wire.Undecided, m.because)
		return true, nil
	}
	switch outcome.Trip.Ending {
	case consent.Busy, consent.Broken, consent.TimedOut:
		m.because = outcome.Trip.Says
		enter(outcome, wire.RoleClaim, wire.Refused, wire.Undecided, m.because)
		return true, nil
	case consent.Arrived:
		if flow.Foreign(outcome.Trip.Arrival) {
			m.because = "the browser was sent to the foreign address by " + outcome.Trip.By
			enter(outcome, wire.RoleClaim, wire.Refused, wire.Accepted, m.because)
			return true, nil
		}
	case consent.Left, consent.Confused, consent.Withheld:
		// Nobody has seen where the journey would have led from there.
		m.because = outcome.Trip.Says
		enter(outcome, wire.RoleClaim, wire.Refused, wire.Confused, m.because)
		return true, nil
	case consent.ErrorPage, consent.Stuck:
		if outcome.Trip.Unrun {
			remark(RemarkNote, "the last page has scripts, which this consent driver does not run: only the browser can tell whether they lead elsewhere")
		}
	}
	enter(outcome, wire.RoleClaim, wire.Refused, wire.Refused, "the browser was not sent to the foreign address")
	return false, nil
}

func (m *astrayMatcher) FailureMessage(any) string { return "expected the browser to be sent astray" }

func (m *astrayMatcher) NegatedFailureMessage(any) string {
	return "expected the browser not to be sent to a foreign address; " + m.because
}

// enter enters in the exchange what it was to the experiment, what was expected and what was decided.
func enter(o *flow.Outcome, role wire.Role, expected, decision wire.Decision, because string) {
	if o.Exchange == nil {
		return
	}
	o.Exchange.Role, o.Exchange.Expected, o.Exchange.Judged, o.Exchange.Because = role, expected, decision, because
}
