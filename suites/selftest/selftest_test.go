package selftest_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/selftest"
)

// What a bank is not looked at for, because the reference's shadow did not notice it there, changes nothing: a sample of every kind.
func TestShortAgreesWithFull(t *testing.T) {
	if selftest.UnderRace {
		t.Skip("make full runs this without the race detector")
	}
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
		// This looks at what all others were handed: where that is too little it asks for more, and where it comes alone it does not.
		const ofAll = "FAPI2-SP-5.4.1-4"
		m.Blocked = slices.DeleteFunc(m.Blocked, func(id string) bool { return id == ofAll })
		other.Blocked = slices.DeleteFunc(other.Blocked, func(id string) bool { return id == ofAll })
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
	beyondBanks := []string{
		"FAPI2-SP-5.3.2.2-13", // people judge it
		"FAPI2-SP-5.2.1-4",    // nobody signs the name of this machine
		"JARM-3-R1",           // the reference bank registers nobody
		"FAPI1-BASE-5.2.2-5",  // nor a key that is too short
		"FAPI1-BASE-5.2.2-6",
	}
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			if len(sentences[r.ID]) == 0 && (r.Attested || len(r.Follows) > 0) {
				continue // nothing looks at it but what others show
			}
			if r.Level != requirement.May && !slices.Contains(beyondBanks, r.ID) && !slices.Contains(broken, r.ID) {
				t.Errorf("%s has no mutant", r.ID)
			}
		}
	}
}
