package suites_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// Whatever a suite declares stands in the catalogue, in words that a report can print. The error of Catalogue names ids that Go declares and no
// file has.
func TestDeclaredClausesCanBePrinted(t *testing.T) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			entry, _ := catalogue.Find(r.ID)
			if entry.Says == "" || r.Remedy == "" || strings.HasSuffix(r.Says, ".") || !strings.HasSuffix(r.Remedy, ".") {
				t.Errorf("%s: says is a phrase, remedy a sentence: write both into %s", r.ID, r.Document.File)
			}
			if r.Attested && entry.Reason == "" {
				t.Errorf("%s: it has to be attested: say why in reason, in %s", r.ID, r.Document.File)
			}
			if entry.Testable == "negative" && r.Level.Mandatory() && entry.Effect == "" {
				t.Errorf("%s: the catalogue does not say what an attacker gains", r.ID)
			}
		}
	}
}

// Every file is that of a document, and every suite's document is listed: what is not is known to nobody.
func TestEveryFileIsListed(t *testing.T) {
	files, err := filepath.Glob("*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, document := range suites.Documents() {
		listed = append(listed, strings.TrimPrefix(document.File, "suites/"))
		data, err := os.ReadFile(filepath.Join("..", document.File))
		if err != nil || !bytes.Equal(data, document.Text) {
			t.Errorf("the entries of %s are not those of %s: %v", document.ID, document.File, err)
		}
	}
	for _, file := range files {
		if !slices.Contains(listed, filepath.ToSlash(file)) {
			t.Errorf("suites/%s is the file of no document that suites.Documents lists", file)
		}
	}
	for _, suite := range suites.All() {
		if !slices.Contains(suites.Documents(), suite.Document) {
			t.Errorf("suites.Documents does not list %s, which has a suite", suite.Document.ID)
		}
	}
}

// The first topics are tested whole: every requirement has a spec, is a roll-up, or says why it has none.
func TestEveryRequirementIsLookedAt(t *testing.T) {
	sentences, err := run.Sentences(suites.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			if len(sentences[r.ID]) == 0 && len(r.Follows) == 0 && !r.Attested && r.When != requirement.RAR {
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
		if topic && !covered[entry.ID] {
			t.Errorf("%s is not in the profile", entry.ID)
		}
	}
}

// Whatever a profile asks has a condition that is known: what is not known would be met by nobody, and never tested. And what follows from
// others is asked together with them.
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
		requirements := p.Requirements()
		for _, r := range requirements {
			if _, err := target.ConditionOf(r.When); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
			for _, id := range r.Follows {
				if !slices.ContainsFunc(requirements, func(source *requirement.Requirement) bool { return source.ID == id }) {
					t.Errorf("%s follows from %s, and profile %s does not have that", r.ID, id, p.ID)
				}
			}
		}
	}
}
