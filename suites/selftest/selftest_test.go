package selftest_test

import (
	"context"
	"maps"
	"reflect"
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

// What a bank is not looked at for, because the reference's shadow did not notice it there, changes nothing: a sample of every kind.
func TestShortAgreesWithFull(t *testing.T) {
	everything := map[string]bool{ // these have to run everything
		"metadata-nowhere": true,
	}
	few := map[string]bool{ // these must not
		"certificate-optional": true, "refresh-bearer-without-proof": true,
	}
	many := map[string]bool{ // in these experiments share what one of them brought about
		"authentication-fails-at-token": true,
	}
	only := slices.Concat(slices.Collect(maps.Keys(everything)), slices.Collect(maps.Keys(few)), slices.Collect(maps.Keys(many)))
	short, err := selftest.Run(context.Background(), selftest.Options{Only: only, Seed: 7, Worker: worker(""), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	full, err := selftest.Run(context.Background(), selftest.Options{Only: only, Seed: 7, Worker: worker(""), Workers: 2, Full: true})
	if err != nil {
		t.Fatal(err)
	}
	if !short.Good() || !full.Good() {
		t.Errorf("survivors: short %v, full %v; faults: short %v, full %v", short.Survivors, full.Survivors, short.Faults, full.Faults)
	}
	if len(short.Mutants) != len(full.Mutants) || len(short.Eccentrics) != len(full.Eccentrics) || len(only) != len(short.Mutants)+len(short.Eccentrics) {
		t.Fatalf("short has %d mutants and %d eccentrics, full %d and %d", len(short.Mutants), len(short.Eccentrics), len(full.Mutants), len(full.Eccentrics))
	}
	for i, m := range short.Mutants {
		switch {
		case everything[m.Name] != (m.Everything != "") && (everything[m.Name] || few[m.Name]):
			t.Errorf("%s runs everything, because %q", m.Name, m.Everything)
		case few[m.Name] && (m.Cost.Experiments == 0 || m.Cost.Experiments > full.Mutants[i].Cost.Experiments/2):
			t.Errorf("%s runs %d of %d experiments", m.Name, m.Cost.Experiments, full.Mutants[i].Cost.Experiments)
		case many[m.Name] && m.Cost.Experiments < full.Mutants[i].Cost.Experiments/4:
			t.Errorf("%s runs %d of %d experiments only: what is shared is not followed", m.Name, m.Cost.Experiments, full.Mutants[i].Cost.Experiments)
		}
		other := full.Mutants[i]
		m.Cost, m.Seconds, m.Everything, other.Cost, other.Seconds, other.Everything = selftest.Cost{}, 0, "", selftest.Cost{}, 0, ""
		if !reflect.DeepEqual(m, other) {
			t.Errorf("short: %+v\nfull: %+v", m, other)
		}
	}
	for i, e := range short.Eccentrics {
		other := full.Eccentrics[i]
		if e.Name != other.Name || e.Verdict != other.Verdict || !slices.Equal(e.Unexpected, other.Unexpected) {
			t.Errorf("short: %+v\nfull: %+v", e, other)
		}
		if few[e.Name] && e.Everything != "" {
			t.Errorf("%s runs everything, because %q", e.Name, e.Everything)
		}
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
