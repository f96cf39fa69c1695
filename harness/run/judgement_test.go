package run

import (
	"slices"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// What a spec comes to follows from how it ended, from what was said in it, from its exchanges, and from the level of its clause.
func TestJudgement(t *testing.T) {
	stated := func(level requirement.Level) *requirement.Requirement {
		return &requirement.Requirement{ID: "X-1", Level: level, When: requirement.Always}
	}
	shall, should, may := stated(requirement.Shall), stated(requirement.Should), stated(requirement.May)
	passed, failed, skipped := types.SpecStatePassed, types.SpecStateFailed, types.SpecStateSkipped
	inSpec := types.Failure{Message: "it is so", FailureNodeContext: types.FailureNodeIsLeafNode}
	said := func(kind expect.RemarkKind, text string) expect.Remarks {
		return expect.Remarks{{Kind: kind, Text: text}}
	}
	exchange := func(role wire.Role, expected, judged wire.Decision) []*wire.Exchange {
		return []*wire.Exchange{{Step: "request", Role: role, Expected: expected, Judged: judged, Because: "a reason"}}
	}
	for name, test := range map[string]struct {
		ending
		verdict verdict.Verdict
		message string
		notes   []string
	}{
		"passed":               {ending{requirement: shall, state: passed}, verdict.Pass, "", nil},
		"passed, with a note":  {ending{requirement: shall, state: passed, remarks: said(expect.RemarkNote, "a note")}, verdict.Pass, "", []string{"a note"}},
		"passed, with warning": {ending{requirement: shall, state: passed, remarks: said(expect.RemarkWarn, "careful")}, verdict.Warn, "careful", nil},
		"failed, shall":        {ending{requirement: shall, state: failed, failure: inSpec}, verdict.Fail, "it is so", nil},
		"failed, should":       {ending{requirement: should, state: failed, failure: inSpec}, verdict.Warn, "it is so", nil},
		"failed, may":          {ending{requirement: may, state: failed, failure: inSpec}, verdict.Pass, "", []string{"it is so"}},
		"failed beside it":     {ending{requirement: shall, state: failed, failure: types.Failure{Message: "it is so"}}, verdict.Blocked, "it is so", nil},
		"nothing can be said":  {ending{requirement: shall, state: failed, failure: inSpec, remarks: said(expect.RemarkUnknown, "who knows")}, verdict.Blocked, "who knows", nil},
		"undecided": {
			ending{requirement: shall, state: failed, failure: inSpec, exchanges: exchange(wire.RoleClaim, wire.Refused, wire.Undecided)},
			verdict.Error, "the request was neither accepted nor refused: a reason", nil,
		},
		"confused": {
			ending{requirement: shall, state: failed, failure: inSpec, exchanges: exchange(wire.RoleClaim, wire.Refused, wire.Confused)},
			verdict.Blocked, "the request was neither accepted nor refused: a reason", nil,
		},
		"a control refused": {
			ending{requirement: shall, state: failed, failure: inSpec, exchanges: exchange(wire.RoleControl, wire.Accepted, wire.Refused)},
			verdict.Blocked, "the request that this builds on was refused: a reason", nil,
		},
		"a claim accepted": {
			ending{requirement: shall, state: failed, failure: inSpec, exchanges: exchange(wire.RoleClaim, wire.Refused, wire.Accepted)}, verdict.Fail, "it is so", nil,
		},
		"not applicable": {ending{requirement: shall, state: skipped, failure: types.Failure{Message: "not here"}}, verdict.NotApplicable, "not here", nil},
		"left to attestation": {
			ending{requirement: shall, state: skipped, remarks: said(expect.RemarkAttest, "takes long")}, verdict.Blocked, "takes long; attest X-1 in the target file", nil,
		},
		"with another remedy": {
			ending{requirement: shall, state: skipped, remarks: append(said(expect.RemarkRemedy, "wait"), said(expect.RemarkAttest, "takes long")...)},
			verdict.Blocked, "takes long; wait, or attest X-1 in the target file", nil,
		},
		"attested": {
			ending{requirement: shall, state: skipped, remarks: said(expect.RemarkAttest, "takes long"), attested: "seen by me"}, verdict.Attested, "seen by me", nil,
		},
		"our own fault": {
			ending{requirement: shall, state: types.SpecStatePanicked, failure: types.Failure{ForwardedPanic: "nil"}}, verdict.Error, "internal error: nil", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			came := test.judge()
			if came.verdict != test.verdict || came.message != test.message || !slices.Equal(came.notes, test.notes) {
				t.Errorf("%s: %q, %q", came.verdict, came.message, came.notes)
			}
		})
	}
}
