package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// ending is all that a verdict on a spec is made of.
type ending struct {
	requirement *requirement.Requirement
	state       types.SpecState
	failure     types.Failure
	remarks     expect.Remarks
	exchanges   []*wire.Exchange
	attested    string // the operator's word on the requirement; empty: there is none
}

// judgement is the verdict on a spec, with its reasons.
type judgement struct {
	verdict verdict.Verdict
	message string
	notes   []string
}

// judge is where a verdict on a spec is made, and nowhere else.
func (e ending) judge() judgement {
	j := judgement{notes: e.remarks.Of(expect.RemarkNote)}
	j.verdict, j.message = e.verdict()
	warnings, beyond := e.remarks.Of(expect.RemarkWarn), e.remarks.Of(expect.RemarkAttest)
	switch {
	case j.verdict == verdict.Blocked && len(beyond) > 0:
		j.message += "; " + either(append(e.remarks.Of(expect.RemarkRemedy), fmt.Sprintf("attest %s in the target file", e.requirement.ID)))
	case j.verdict == verdict.Pass && len(warnings) > 0:
		j.verdict, j.message = verdict.Warn, strings.Join(warnings, "; ")
	case j.verdict == verdict.Fail && e.requirement.Level.Recommended():
		j.verdict = verdict.Warn
	case j.verdict == verdict.Fail && e.requirement.Level == requirement.May:
		j.verdict, j.notes, j.message = verdict.Pass, append(j.notes, j.message), ""
	}
	return j
}

// verdict reads from Ginkgo's state and from the trace the verdict on a spec, as if its clause said shall.
func (e ending) verdict() (verdict.Verdict, string) {
	beyond, unknown := e.remarks.Of(expect.RemarkAttest), e.remarks.Of(expect.RemarkUnknown)
	switch {
	case e.state.Is(types.SpecStatePassed):
		return verdict.Pass, ""
	case len(beyond) > 0 && e.attested != "":
		return verdict.Attested, e.attested
	case len(beyond) > 0:
		return verdict.Blocked, strings.Join(beyond, "; ")
	case e.state.Is(types.SpecStateSkipped) && e.failure.Message != "":
		return verdict.NotApplicable, e.failure.Message
	case e.state.Is(types.SpecStatePanicked):
		return verdict.Error, "internal error: " + e.failure.ForwardedPanic
	case !e.state.Is(types.SpecStateFailed):
		return verdict.Error, fmt.Sprintf("the experiment did not end: %s", e.state)
	}
	// Failed. An answer that was no decision explains it, wherever it stands; then a control that was refused; then the claim.
	for _, exchange := range slices.Backward(e.exchanges) {
		if exchange.Expected == "" || exchange.Judged == exchange.Expected {
			continue
		}
		switch exchange.Judged {
		case wire.Undecided:
			return verdict.Error, undecided(exchange)
		case wire.Confused:
			return verdict.Blocked, undecided(exchange)
		case wire.Accepted, wire.Refused:
			if exchange.Role == wire.RoleControl {
				return verdict.Blocked, fmt.Sprintf("the %s that this builds on was refused: %s", exchange.Step, exchange.Because)
			}
		}
		break
	}
	switch {
	case len(unknown) > 0:
		return verdict.Blocked, strings.Join(unknown, "; ")
	case e.failure.FailureNodeContext != types.FailureNodeIsLeafNode:
		return verdict.Blocked, e.failure.Message
	}
	return verdict.Fail, e.failure.Message
}

// either joins alternatives.
func either(ways []string) string {
	last := len(ways) - 1
	if last == 0 {
		return ways[0]
	}
	return strings.Join(ways[:last], ", ") + ", or " + ways[last]
}

func undecided(exchange *wire.Exchange) string {
	words := "the " + exchange.Step
	if exchange.Deviation != "" {
		words += " " + exchange.Deviation
	}
	return words + " was neither accepted nor refused: " + exchange.Because
}

// busy says whether nothing is known because the target asked to be left alone.
func busy(spec verdict.Spec) bool {
	return (spec.Verdict == verdict.Error || spec.Verdict == verdict.Blocked) && slices.ContainsFunc(spec.Exchanges, func(e *wire.Exchange) bool { return e.Busy })
}

// leftAlone says for how long the target asked to be left alone, where that is more than anybody waits; empty: it did not.
func leftAlone(spec verdict.Spec) string {
	for _, exchange := range slices.Backward(spec.Exchanges) {
		if exchange.Asked > 0 {
			return wire.LeftAloneWords(exchange.Asked, exchange.Started)
		}
	}
	return ""
}

// reached says of a spec that began at a time whether something was answered since, and why the last request of all found nobody who would: "" where it did.
func reached(spec verdict.Spec, began time.Time) (answered bool, unreached string) {
	for _, exchange := range spec.Exchanges {
		switch {
		case exchange.Unreached:
			unreached = exchange.Failure
		case exchange.Answer != nil && exchange.Answer.Status != 0 && exchange.Started.After(began):
			answered, unreached = true, ""
		}
	}
	if spec.Verdict != verdict.Error && spec.Verdict != verdict.Blocked {
		unreached = "" // it was decided all the same
	}
	return answered, unreached
}

// disturbed says whether nothing is known because another journey of a test user may have ended one of these.
func disturbed(spec verdict.Spec) bool {
	return spec.Verdict == verdict.Error && slices.ContainsFunc(spec.Exchanges, func(e *wire.Exchange) bool { return e.Disturbed })
}

// judged is what the report says of a spec that has ended.
func (s *runner) judged(report types.SpecReport) verdict.Spec {
	r := s.requirementOf(report.Labels())
	exchanges := s.trace.Exchanges()
	pair(exchanges)
	came := ending{
		requirement: r, state: report.State, failure: report.Failure, remarks: expect.RemarksOn(report), exchanges: exchanges,
		attested: s.options.Target.Attested[r.ID],
	}.judge()
	scrubbed := func(text string) string { return s.options.Redactor.Scrub(wire.Printable(text)) }
	spec := verdict.Spec{
		Sentence: s.experiment.Sentence, Client: s.experiment.Client, Seconds: report.RunTime.Seconds(), Exchanges: exchanges,
		Verdict: came.verdict, Message: scrubbed(came.message),
	}
	for _, note := range came.notes {
		spec.Notes = append(spec.Notes, scrubbed(note))
	}
	return spec
}

// pair gives every deviation the accepted request from which it differs: the last control of the same step, else the last request
// of the same step in which nothing was changed.
func pair(exchanges []*wire.Exchange) {
	for _, exchange := range exchanges {
		if exchange.Deviation == "" || exchange.Expected == "" {
			continue
		}
		for _, candidate := range exchanges {
			if candidate != exchange && !candidate.Stale && candidate.Step == exchange.Step && candidate.Deviation == "" && candidate.ID != "" &&
				(candidate.Judged == wire.Accepted || candidate.Judged == "" && exchange.Control == "") {
				exchange.Control = candidate.ID
			}
		}
	}
}
