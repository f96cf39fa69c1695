package selftest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/selftest"
)

// The matrix itself is run by "fapitest selftest", which make test calls; here a sample of it goes through with the race detector.
func TestSampleOfTheMatrix(t *testing.T) {
	matrix, err := selftest.Run(context.Background(), selftest.Options{Only: []string{
		"codes-burn", "nonces-everywhere", "par-trusts-client-id", "code-races", "code-lives-ten-minutes", "redirects-with-302", "refresh-rotates",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if matrix.Reference != verdict.Conformant || len(matrix.Unexpected) > 0 {
		t.Errorf("the reference is %s: %v", matrix.Reference, matrix.Unexpected)
	}
	for _, e := range matrix.Eccentrics {
		if e.Verdict != verdict.Conformant || len(e.Unexpected) > 0 {
			t.Errorf("eccentric %s is %s: %v", e.Name, e.Verdict, e.Unexpected)
		}
	}
	for _, m := range matrix.Mutants {
		if !m.Caught || len(m.Collateral) > 0 {
			t.Errorf("mutant %s: caught %v, collateral %v, blocked %v", m.Name, m.Caught, m.Collateral, m.Blocked)
		}
	}
	if len(matrix.Eccentrics) != 2 || len(matrix.Mutants) != 5 {
		t.Errorf("%d eccentrics, %d mutants", len(matrix.Eccentrics), len(matrix.Mutants))
	}
}

// A requirement without a mutant is not done. Of level may, and where only a person can tell, none is needed.
func TestEveryRequirementHasAMutant(t *testing.T) {
	var broken []string
	names := map[string]bool{}
	for _, m := range selftest.Mutants() {
		if names[m.Name] {
			t.Errorf("two mutants are called %s", m.Name)
		}
		names[m.Name] = true
		if m.How == "" || m.Policy == nil || m.Breaks == nil {
			t.Errorf("%s: a mutant has a mistake, in words and in code, and a requirement", m.Name)
		}
		broken = append(broken, m.Breaks.ID)
	}
	const judgedByPeople = "FAPI2-SP-5.3.2.2-13"
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			if r.Level != requirement.May && r.ID != judgedByPeople && !slices.Contains(broken, r.ID) {
				t.Errorf("%s has no mutant", r.ID)
			}
		}
	}
}
