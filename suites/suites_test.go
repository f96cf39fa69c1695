package suites_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// Prose, catalogue and code each know the requirements; this holds the last two together.
func TestRequirementsAgreeWithTheCatalogue(t *testing.T) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			if seen[r.ID] {
				t.Errorf("%s is declared twice", r.ID)
			}
			seen[r.ID] = true
			entry, ok := catalogue.Find(r.ID)
			if !ok {
				t.Errorf("%s is not in the catalogue", r.ID)
				continue
			}
			if entry.Level != r.Level {
				t.Errorf("%s: the catalogue says %q, the code %q", r.ID, entry.Level, r.Level)
			}
			if entry.AppliesIf != r.When && !sameCondition(entry.AppliesIf, r.When) {
				t.Errorf("%s: the catalogue applies it if %q, the code %q", r.ID, entry.AppliesIf, r.When)
			}
			if entry.Section != r.Section() && !strings.HasPrefix(entry.Section, r.Section()) {
				t.Errorf("%s: the catalogue has it in section %s, its link leads to %s", r.ID, entry.Section, r.Section())
			}
			if (entry.Testable == "attestation") != r.Attested {
				t.Errorf("%s: the catalogue says testable: %s, the code attested: %v", r.ID, entry.Testable, r.Attested)
			}
			if r.Says == "" || r.Remedy == "" || strings.HasSuffix(r.Says, ".") || !strings.HasSuffix(r.Remedy, ".") {
				t.Errorf("%s: Says is a phrase, Remedy a sentence", r.ID)
			}
			if entry.Testable == "negative" && r.Level.Mandatory() && entry.Effect == "" {
				t.Errorf("%s: the catalogue does not say what an attacker gains", r.ID)
			}
		}
	}
}

// The code leaves out conditions that every client of the profile meets.
func sameCondition(catalogue, code requirement.Condition) bool {
	return code == requirement.Always && (catalogue == requirement.CodeFlow || catalogue == requirement.PAR)
}

// The first topics are tested whole: every requirement has a spec, is a roll-up, or says why it has none.
func TestEveryRequirementIsLookedAt(t *testing.T) {
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			if len(sentences[r.ID]) == 0 && len(r.RollUp) == 0 && !r.Attested && r.When != requirement.RAR {
				t.Errorf("%s has no spec", r.ID)
			}
		}
	}
	for id, specs := range sentences {
		slices.Sort(specs)
		if len(slices.Compact(slices.Clone(specs))) != len(specs) {
			t.Errorf("%s has two specs with one sentence: %q", id, specs)
		}
	}
}

func TestTheProfileCoversTheTopics(t *testing.T) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	tested, err := profiles.Tested(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range tested.Requirements() {
		covered[r.ID] = true
	}
	for _, entry := range catalogue.Entries {
		topic := strings.HasPrefix(entry.ID, "FAPI2-SP-5.3.2.1-") || strings.HasPrefix(entry.ID, "FAPI2-SP-5.3.2.2-") ||
			strings.HasPrefix(entry.ID, "FAPI2-SP-5.3.4-") || entry.ID == "RFC9449-10-1" || entry.ID == "RFC9449-10.1-3"
		planned := entry.AppliesIf == requirement.JAR
		if topic && !planned && !covered[entry.ID] {
			t.Errorf("%s is not in the profile", entry.ID)
		}
		if planned && covered[entry.ID] {
			t.Errorf("%s is planned and can't be in a profile", entry.ID)
		}
	}
}

// Whatever a profile asks has a condition that is known: what is not known would be met by nobody, and never tested.
func TestConditionsAreKnown(t *testing.T) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	set, err := profiles.Set(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range set.Names() {
		p, err := set.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Requirements() {
			if _, err := target.ConditionOf(r.When); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
		}
	}
}
