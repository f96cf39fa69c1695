package requirement_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
)

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		selector, id string
		want         bool
	}{
		{"FAPI2-SP", "FAPI2-SP-5.3.2.2-4", true},
		{"FAPI2-SP-5.3.2.2", "FAPI2-SP-5.3.2.2-4", true},
		{"FAPI2-SP-5.3", "FAPI2-SP-5.3.2.2-4", true},
		{"FAPI2-SP-5.3.2.2-4", "FAPI2-SP-5.3.2.2-4", true},
		{"FAPI2-SP-5.3.2.2-5", "FAPI2-SP-5.3.2.2-5a", true},
		{"FAPI2-SP-5.3.2.2-1", "FAPI2-SP-5.3.2.2-10", false},
		{"FAPI2-SP-5.3.2.2-5a", "FAPI2-SP-5.3.2.2-5b", false},
		{"FAPI2-SP-5.3.2", "FAPI2-SP-5.3.21-1", false},
		{"FAPI2", "FAPI2-SP-5.3.2.2-4", true},
		{"FAPI2-SP-9.9", "FAPI2-SP-5.3.2.2-4", false},
		{"", "FAPI2-SP-5.3.2.2-4", false},
	} {
		if got := requirement.Covers(test.selector, test.id); got != test.want {
			t.Errorf("Covers(%q, %q) = %v", test.selector, test.id, got)
		}
	}
}

func TestNearest(t *testing.T) {
	ids := []string{"FAPI2-SP-5.3.2.2-4", "FAPI2-SP-5.3.4-1", "RFC9449-10-1"}
	for selector, want := range map[string]string{
		"FAPI2-SP-5.3.2.2-44": "FAPI2-SP-5.3.2.2-4",
		"FAPI2-SP-5.4":        "FAPI2-SP-5.3",
		"rfc9449":             "RFC9449",
		"FAPI2SP":             "FAPI2-SP",
	} {
		if got := requirement.Nearest(selector, ids); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", selector, got, want)
		}
	}
}

// text is a document whose entries have everything that an entry may have.
const text = `
- id: X-1.2-3
  section: "1.2"
  level: shall not
  text: It does not do that.
  testable: attestation
  applies_if: dpop
  effect: An attacker does it.
  says: do that
  remedy: Do not.
  per: binding
  reason: nobody sees it
- {id: X-1.2-4, level: should, text: It does this., role: rs, testable: positive, applies_if: always, mutant: It does not.}
- {id: X-1.2-5, level: may, text: It is free., role: as, testable: observation, applies_if: always, follows: [X-1.2-3, X-1.2-4]}
- {id: X-1.2-6, level: shall, text: It does this once more., role: client, testable: attestation, applies_if: always, same_as: X-1.2-4}
`

// A clause is what its entry says.
func TestClause(t *testing.T) {
	d := &requirement.Document{ID: "X", URL: "https://spec.example/", File: "x.yaml", Text: []byte(text)}
	r := d.Clause("1.2-3")
	if r.ID != "X-1.2-3" || r.Section != "1.2" || r.Link() != "https://spec.example/#section-1.2" || r.Sentence() != "shall not do that" {
		t.Errorf("%+v", r)
	}
	if r.When != requirement.DPoP || !r.Attested || r.Reason != "nobody sees it" || r.Effect != "An attacker does it." || r.Remedy != "Do not." || r.Per != requirement.EachBinding {
		t.Errorf("members are lost: %+v", r)
	}
	for section, want := range map[string]string{"2": "https://spec.example/#section-2", "RFC 7521 4.2": "https://spec.example/", "authz-request": "https://spec.example/", "": "https://spec.example/"} {
		if got := (&requirement.Requirement{Document: d, Section: section}).Link(); got != want {
			t.Errorf("section %q: %s", section, got)
		}
	}
	if up := d.Clause("1.2-5"); !slices.Equal(up.Follows, []string{r.ID, "X-1.2-4"}) || up.Says != "It is free." {
		t.Errorf("%+v", up)
	}
	if got := d.Requirements(); len(got) != 2 || got[0] != r {
		t.Errorf("%d requirements", len(got))
	}
	entries, err := d.Entries()
	if err != nil || len(entries) != 4 || len(d.Asked()) != 3 {
		t.Errorf("%d entries, %d of them ask a server: %v", len(entries), len(d.Asked()), err)
	}
	for _, entry := range entries {
		planned := d.Plan(entry)
		if planned.Planned == (entry.Testable == "attestation") || !planned.Listed || planned.Attested && planned.Reason == "" {
			t.Errorf("%+v", planned)
		}
		if entry.SameAs != "" && !slices.Equal(planned.Follows, []string{entry.SameAs}) {
			t.Errorf("%s follows from %v", entry.ID, planned.Follows)
		}
	}
	if len(d.Requirements()) != 2 {
		t.Error("what is planned is kept")
	}
}

// What is wrong with a document's file, or with what is declared of it, is an error that names the file or the id.
func TestFaultsOfADocumentAreErrors(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		declare []string
		want    string
	}{
		"not in the file":          {text, []string{"1.2-7"}, "x.yaml has no entry X-1.2-7"},
		"declared twice":           {text, []string{"1.2-3", "1.2-3"}, "X-1.2-3 is declared twice"},
		"no file":                  {"", nil, "x.yaml: there are no entries"},
		"no YAML":                  {"- {", nil, "x.yaml: "},
		"of another document":      {"- {id: Y-1, level: shall}", nil, "x.yaml: Y-1 does not begin with X-"},
		"follows from what is not": {"- {id: X-1, level: shall, follows: [X-2]}", nil, "X-1 follows from X-2"},
		"the same as what is not":  {"- {id: X-1, level: shall, same_as: X-2}", nil, "X-1 follows from X-2"},
		"follows from a roll-up":   {"- {id: X-1, level: shall, follows: [X-2]}\n- {id: X-2, level: shall, same_as: X-3}\n- {id: X-3, level: shall}", nil, "X-2 (follows or same_as), which follows from others itself"},
	} {
		d := &requirement.Document{ID: "X", File: "x.yaml", Text: []byte(test.text)}
		for _, item := range test.declare {
			if r := d.Clause(item); r.ID != "X-"+item {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if _, err := requirement.Join(d); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	twice := func() *requirement.Document { return &requirement.Document{ID: "X", Text: []byte(text)} }
	if _, err := requirement.Join(twice(), twice()); err == nil || !strings.Contains(err.Error(), "X-1.2-3 stands twice") {
		t.Errorf("two documents of one id: %v", err)
	}
}

func TestParseCatalogueIsStrict(t *testing.T) {
	for name, text := range map[string]string{
		"unknown member":     "- {id: A-1, level: shall, colour: red}",
		"no id":              "- {level: shall}",
		"no level":           "- {id: A-1}",
		"no such level":      "- {id: A-1, level: must}",
		"no such scope":      "- {id: A-1, level: shall, per: client}",
		"reason for nothing": "- {id: A-1, level: shall, testable: negative, reason: nobody sees it}",
		"twice":              "- {id: A-1, level: shall}\n- {id: A-1, level: shall}",
	} {
		if _, err := requirement.ParseCatalogue([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	c, err := requirement.ParseCatalogue([]byte("- {id: A-1, level: shall, text: x}"))
	if err != nil {
		t.Fatal(err)
	}
	if e, ok := c.Find("A-1"); !ok || e.Text != "x" {
		t.Error("not found")
	}
}
