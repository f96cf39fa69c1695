package verdict_test

import (
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
)

func tried(id string, level requirement.Level, v verdict.Verdict, clients ...string) verdict.Result {
	result := verdict.Result{ID: id, Level: level, Verdict: v}
	for _, client := range clients {
		result.Specs = append(result.Specs, verdict.Spec{Sentence: "it keeps " + id, Client: client, Verdict: v})
	}
	return result
}

func TestOutcome(t *testing.T) {
	pass, fail := tried("X-1", requirement.Shall, verdict.Pass, "a"), tried("X-2", requirement.Shall, verdict.Fail, "a")
	warn, blocked := tried("X-3", requirement.Should, verdict.Warn, "a"), tried("X-4", requirement.Shall, verdict.Blocked, "a")
	waived := func(ids ...string) *verdict.Gate {
		gate := &verdict.Gate{FailOn: verdict.FailOnInconclusive}
		for _, id := range ids {
			gate.Known = append(gate.Known, verdict.Known{ID: id, By: verdict.ByWaiver})
		}
		return gate
	}
	for name, test := range map[string]struct {
		gate    *verdict.Gate
		results []verdict.Result
		want    verdict.Outcome
	}{
		"no gate, all well":              {nil, []verdict.Result{pass, warn}, verdict.Passed},
		"no gate, a failure":             {nil, []verdict.Result{pass, fail, blocked}, verdict.Red},
		"no gate, nothing known":         {nil, []verdict.Result{pass, blocked}, verdict.Undecided},
		"a warning counts":               {&verdict.Gate{FailOn: verdict.FailOnWarn}, []verdict.Result{pass, warn}, verdict.Red},
		"an open end does not":           {&verdict.Gate{FailOn: verdict.FailOnFail}, []verdict.Result{pass, blocked}, verdict.Passed},
		"unless there is nothing else":   {&verdict.Gate{FailOn: verdict.FailOnFail}, []verdict.Result{blocked}, verdict.Undecided},
		"nothing ran":                    {&verdict.Gate{FailOn: verdict.FailOnFail}, nil, verdict.Undecided},
		"the only failure is waived":     {waived("X-2"), []verdict.Result{pass, fail}, verdict.Passed},
		"another one is not":             {waived("X-4"), []verdict.Result{pass, fail, blocked}, verdict.Red},
		"what is open is waived":         {waived("X-4"), []verdict.Result{pass, blocked}, verdict.Passed},
		"nothing but what is waived":     {waived("X-4"), []verdict.Result{blocked}, verdict.Undecided},
		"a waiver that has expired":      {&verdict.Gate{Against: []string{"expired"}}, []verdict.Result{pass}, verdict.Red},
		"expected, and a warning is not": {&verdict.Gate{Expect: "known.yaml"}, []verdict.Result{pass, warn}, verdict.Red},
		"exactly what is expected": {
			&verdict.Gate{Expect: "known.yaml", Known: []verdict.Known{{ID: "X-2", By: verdict.ByExpectation}}}, []verdict.Result{pass, fail}, verdict.Passed,
		},
	} {
		r := &verdict.Report{Gate: test.gate, Requirements: test.results}
		if got := r.Outcome(); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Without a gate a run ends as its conclusion says.
func TestWithoutAGateTheConclusionDecides(t *testing.T) {
	of := map[verdict.Conclusion]verdict.Outcome{
		verdict.Conformant: verdict.Passed, verdict.NotConformant: verdict.Red, verdict.Inconclusive: verdict.Undecided,
	}
	for _, a := range verdict.All() {
		for _, b := range verdict.All() {
			for _, level := range []requirement.Level{requirement.Shall, requirement.Should, requirement.May} {
				results := []verdict.Result{tried("X-1", requirement.Shall, a, "a"), tried("X-2", level, b)}
				r := &verdict.Report{Requirements: results}
				if got, want := r.Outcome(), of[verdict.Conclude(results)]; got != want {
					t.Errorf("%s and %s %s: %s, want %s", a, level, b, got, want)
				}
			}
		}
	}
}

func TestKnownFrom(t *testing.T) {
	shall := requirement.Shall
	mixed := tried("X-1", shall, verdict.Fail, "a", "b")
	mixed.Specs[1].Verdict = verdict.Pass
	leftOut := verdict.Result{ID: "X-1", Level: shall, Verdict: verdict.Untested, LeftOut: true}
	for name, test := range map[string]struct {
		was, is verdict.Result
		known   bool
	}{
		"the same":                       {tried("X-1", shall, verdict.Fail, "a"), tried("X-1", shall, verdict.Fail, "a"), true},
		"it passed":                      {tried("X-1", shall, verdict.Pass, "a"), tried("X-1", shall, verdict.Fail, "a"), false},
		"one client more fails":          {mixed, tried("X-1", shall, verdict.Fail, "a", "b"), false},
		"one client more was tried":      {tried("X-1", shall, verdict.Fail, "a"), tried("X-1", shall, verdict.Fail, "a", "b"), true},
		"it warned":                      {tried("X-1", shall, verdict.Warn, "a"), tried("X-1", shall, verdict.Fail, "a"), false},
		"it failed, and is blocked":      {tried("X-1", shall, verdict.Fail, "a"), tried("X-1", shall, verdict.Blocked, "a"), false},
		"no answer, and then blocked":    {tried("X-1", shall, verdict.Error, "a"), tried("X-1", shall, verdict.Blocked, "a"), true},
		"left out then":                  {leftOut, tried("X-1", shall, verdict.Fail, "a"), false},
		"untested then, and fails":       {tried("X-1", shall, verdict.Untested), tried("X-1", shall, verdict.Fail, "a"), false},
		"another one of the same report": {tried("X-2", shall, verdict.Fail, "a"), tried("X-1", shall, verdict.Fail, "a"), false},
	} {
		gate := &verdict.Gate{}
		gate.KnownFrom(&verdict.Report{Requirements: []verdict.Result{test.is}}, &verdict.Report{Requirements: []verdict.Result{test.was}})
		if got := len(gate.Known) == 1; got != test.known {
			t.Errorf("%s: %v", name, gate.Known)
		}
	}
}

func TestWhatFollowsFromKnownFindingsIsKnown(t *testing.T) {
	sum := verdict.Result{ID: "X-9", Level: requirement.Should, Verdict: verdict.Warn, Follows: []string{"X-1", "X-2", "X-3"}}
	r := &verdict.Report{Requirements: []verdict.Result{
		sum, tried("X-1", requirement.Shall, verdict.Fail, "a"), tried("X-2", requirement.Shall, verdict.Fail, "a"), tried("X-3", requirement.Shall, verdict.Blocked, "a"),
	}}
	for n, ids := range [][]string{{"X-1"}, {"X-1", "X-2"}} {
		r.Gate = &verdict.Gate{}
		for _, id := range ids {
			r.Gate.Known = append(r.Gate.Known, verdict.Known{ID: id, By: verdict.ByWaiver})
		}
		r.Gate.Knows(r)
		if _, known := r.Known("X-9"); known != (n == 1) {
			t.Errorf("%v: %v", ids, r.Gate.Known)
		}
	}
}

func TestCheckOfAGate(t *testing.T) {
	with := func(change func(*verdict.Gate)) *verdict.Report {
		r := &verdict.Report{Requirements: []verdict.Result{tried("X-1", requirement.Shall, verdict.Fail, "a"), tried("X-2", requirement.Shall, verdict.Pass, "a")}}
		r.Gate = &verdict.Gate{FailOn: verdict.FailOnFail, Waivers: "waivers.yaml", Known: []verdict.Known{
			{ID: "X-1", Verdict: verdict.Fail, By: verdict.ByWaiver, Reason: "soon", Owner: "J. Doe", Expires: "2026-12-31"},
		}}
		change(r.Gate)
		return r
	}
	good := with(func(*verdict.Gate) {})
	if err := good.Gate.Check(good); err != nil {
		t.Error(err)
	}
	if err := (*verdict.Gate)(nil).Check(good); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*verdict.Gate){
		"another word":            func(g *verdict.Gate) { g.FailOn = "never" },
		"no such requirement":     func(g *verdict.Gate) { g.Known[0].ID = "X-3" },
		"another verdict":         func(g *verdict.Gate) { g.Known[0].Verdict = verdict.Warn },
		"what passed":             func(g *verdict.Gate) { g.Known[0].ID, g.Known[0].Verdict = "X-2", verdict.Pass },
		"twice":                   func(g *verdict.Gate) { g.Known = append(g.Known, g.Known[0]) },
		"no reason":               func(g *verdict.Gate) { g.Known[0].Reason = "" },
		"no owner":                func(g *verdict.Gate) { g.Known[0].Owner = "" },
		"a baseline that is none": func(g *verdict.Gate) { g.Known[0].By = verdict.ByBaseline },
		"somebody else":           func(g *verdict.Gate) { g.Known[0].By = "me" },
	} {
		if r := with(change); r.Gate.Check(r) == nil {
			t.Errorf("%s is not noticed", name)
		}
	}
}
