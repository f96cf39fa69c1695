package verdict_test

import (
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	. "github.com/fapitest/fapitest/harness/verdict"
)

func TestAddIsALattice(t *testing.T) {
	order := []Verdict{Fail, Error, Blocked, Warn, Attested, Pass, NotApplicable, Untested}
	for i, stronger := range order {
		for _, weaker := range order[i:] {
			if got := Add(stronger, weaker); got != stronger {
				t.Errorf("Add(%s, %s) = %s, want %s", stronger, weaker, got, stronger)
			}
			if got := Add(weaker, stronger); got != stronger {
				t.Errorf("Add(%s, %s) = %s, want %s", weaker, stronger, got, stronger)
			}
		}
	}
	if got := Add(); got != Untested {
		t.Errorf("of nothing: %s", got)
	}
}

func TestConclude(t *testing.T) {
	result := func(level requirement.Level, v Verdict) Result { return Result{Level: level, Verdict: v} }
	leftOut := Result{Level: requirement.Shall, Verdict: Untested, LeftOut: true}
	for name, test := range map[string]struct {
		results []Result
		want    Conclusion
	}{
		"nothing ran":                      {nil, Inconclusive},
		"nothing applied":                  {[]Result{result(requirement.Shall, NotApplicable)}, Inconclusive},
		"a pass":                           {[]Result{result(requirement.Shall, Pass)}, Conformant},
		"a warning":                        {[]Result{result(requirement.Should, Warn)}, Conformant},
		"a fail":                           {[]Result{result(requirement.Shall, Pass), result(requirement.Shall, Fail)}, NotConformant},
		"a fail beside an error":           {[]Result{result(requirement.Shall, Error), result(requirement.Shall, Fail)}, NotConformant},
		"a blocked shall":                  {[]Result{result(requirement.Shall, Pass), result(requirement.Shall, Blocked)}, Inconclusive},
		"an error on a shall not":          {[]Result{result(requirement.Shall, Pass), result(requirement.ShallNot, Error)}, Inconclusive},
		"an untested shall":                {[]Result{result(requirement.Shall, Pass), result(requirement.Shall, Untested)}, Inconclusive},
		"a blocked should":                 {[]Result{result(requirement.Shall, Pass), result(requirement.Should, Blocked)}, Conformant},
		"an untested may":                  {[]Result{result(requirement.Shall, Pass), result(requirement.May, Untested)}, Conformant},
		"left out by hand":                 {[]Result{result(requirement.Shall, Pass), leftOut}, Conformant},
		"everything left out":              {[]Result{leftOut}, Inconclusive},
		"attested":                         {[]Result{result(requirement.Shall, Attested)}, Conformant},
		"only a blocked recommendation":    {[]Result{result(requirement.Should, Blocked)}, Inconclusive},
		"a warning beside an untested may": {[]Result{result(requirement.Should, Warn), result(requirement.May, Untested)}, Conformant},
	} {
		if got := Conclude(test.results); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestRed(t *testing.T) {
	red := map[Verdict]bool{Fail: true, Warn: true, Blocked: true, Error: true}
	for _, v := range All() {
		if v.Red() != red[v] {
			t.Errorf("%s: red is %v", v, v.Red())
		}
	}
}
