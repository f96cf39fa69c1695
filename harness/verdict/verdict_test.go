package verdict_test

import (
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
)

func TestAddIsALattice(t *testing.T) {
	order := []verdict.Verdict{verdict.Fail, verdict.Error, verdict.Blocked, verdict.Warn, verdict.Attested, verdict.Pass, verdict.NotApplicable, verdict.Untested}
	for i, stronger := range order {
		for _, weaker := range order[i:] {
			if got := verdict.Add(stronger, weaker); got != stronger {
				t.Errorf("Add(%s, %s) = %s, want %s", stronger, weaker, got, stronger)
			}
			if got := verdict.Add(weaker, stronger); got != stronger {
				t.Errorf("Add(%s, %s) = %s, want %s", weaker, stronger, got, stronger)
			}
		}
	}
	if got := verdict.Add(); got != verdict.Untested {
		t.Errorf("of nothing: %s", got)
	}
}

func TestConclude(t *testing.T) {
	result := func(level requirement.Level, v verdict.Verdict) verdict.Result {
		return verdict.Result{Level: level, Verdict: v, Specs: []verdict.Spec{{Verdict: v}}}
	}
	planned := func(level requirement.Level) verdict.Result {
		return verdict.Result{Level: level, Verdict: verdict.Untested, Planned: true}
	}
	leftOut := verdict.Result{Level: requirement.Shall, Verdict: verdict.Untested, LeftOut: true}
	for name, test := range map[string]struct {
		results []verdict.Result
		want    verdict.Conclusion
	}{
		"nothing ran":                      {nil, verdict.Inconclusive},
		"nothing applied":                  {[]verdict.Result{result(requirement.Shall, verdict.NotApplicable)}, verdict.Inconclusive},
		"a pass":                           {[]verdict.Result{result(requirement.Shall, verdict.Pass)}, verdict.Conformant},
		"a warning":                        {[]verdict.Result{result(requirement.Should, verdict.Warn)}, verdict.Conformant},
		"a fail":                           {[]verdict.Result{result(requirement.Shall, verdict.Pass), result(requirement.Shall, verdict.Fail)}, verdict.NotConformant},
		"a fail beside an error":           {[]verdict.Result{result(requirement.Shall, verdict.Error), result(requirement.Shall, verdict.Fail)}, verdict.NotConformant},
		"a blocked shall":                  {[]verdict.Result{result(requirement.Shall, verdict.Pass), result(requirement.Shall, verdict.Blocked)}, verdict.Inconclusive},
		"an error on a shall not":          {[]verdict.Result{result(requirement.Shall, verdict.Pass), result(requirement.ShallNot, verdict.Error)}, verdict.Inconclusive},
		"an untested shall":                {[]verdict.Result{result(requirement.Shall, verdict.Pass), result(requirement.Shall, verdict.Untested)}, verdict.Inconclusive},
		"a blocked should":                 {[]verdict.Result{result(requirement.Shall, verdict.Pass), result(requirement.Should, verdict.Blocked)}, verdict.Conformant},
		"an untested may":                  {[]verdict.Result{result(requirement.Shall, verdict.Pass), result(requirement.May, verdict.Untested)}, verdict.Conformant},
		"a planned shall":                  {[]verdict.Result{result(requirement.Shall, verdict.Pass), planned(requirement.Shall)}, verdict.Inconclusive},
		"a planned should":                 {[]verdict.Result{result(requirement.Shall, verdict.Pass), planned(requirement.Should)}, verdict.Conformant},
		"left out by hand":                 {[]verdict.Result{result(requirement.Shall, verdict.Pass), leftOut}, verdict.Conformant},
		"everything left out":              {[]verdict.Result{leftOut}, verdict.Inconclusive},
		"only what nobody attested":        {[]verdict.Result{{Level: requirement.Should, Verdict: verdict.Warn}}, verdict.Inconclusive},
		"attested":                         {[]verdict.Result{result(requirement.Shall, verdict.Attested)}, verdict.Conformant},
		"only a blocked recommendation":    {[]verdict.Result{result(requirement.Should, verdict.Blocked)}, verdict.Inconclusive},
		"a warning beside an untested may": {[]verdict.Result{result(requirement.Should, verdict.Warn), result(requirement.May, verdict.Untested)}, verdict.Conformant},
	} {
		if got := verdict.Conclude(test.results); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestRed(t *testing.T) {
	red := map[verdict.Verdict]bool{verdict.Fail: true, verdict.Warn: true, verdict.Blocked: true, verdict.Error: true}
	for _, v := range verdict.All() {
		if v.Red() != red[v] {
			t.Errorf("%s: red is %v", v, v.Red())
		}
	}
}
