package run

import (
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
)

// A requirement with experiments of its own is as broken as they find it, and as those are from which it follows.
func TestRollUpWithExperimentsOfItsOwn(t *testing.T) {
	const one, other = "DOC-1", "DOC-2"
	whole := &requirement.Requirement{ID: "DOC-3", Level: requirement.Shall, Follows: []string{one, other}}
	for name, test := range map[string]struct {
		own        verdict.Verdict
		one, other verdict.Verdict
		want       verdict.Verdict
		follows    bool
	}{
		"all is well":             {verdict.Pass, verdict.Pass, verdict.Pass, verdict.Pass, false},
		"a source is broken":      {verdict.Pass, verdict.Pass, verdict.Fail, verdict.Fail, true},
		"it is broken itself":     {verdict.Fail, verdict.Pass, verdict.Blocked, verdict.Fail, false},
		"nothing is known of one": {verdict.Pass, verdict.Blocked, verdict.Pass, verdict.Blocked, true},
		"it has no experiments":   {"", verdict.Pass, verdict.Fail, verdict.Fail, true},
	} {
		result := verdict.Result{ID: whole.ID, Verdict: verdict.Untested}
		if test.own != "" {
			result.Verdict, result.Specs = test.own, []verdict.Spec{{Verdict: test.own}}
		}
		rollUp(&result, whole, map[string]verdict.Result{one: {Verdict: test.one}, other: {Verdict: test.other}})
		if result.Verdict != test.want || slices.Contains(result.Follows, one) != test.follows {
			t.Errorf("%s: %s, follows from %v", name, result.Verdict, result.Follows)
		}
	}
}
