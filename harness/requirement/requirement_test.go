package requirement_test

import (
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

func TestRequirement(t *testing.T) {
	d := &requirement.Document{ID: "X", URL: "https://spec.example/"}
	r := d.ShallNot("1.2-3", "do that", "Do not.", requirement.DPoP, requirement.ByAttestation("nobody sees it"))
	if r.ID != "X-1.2-3" || r.Section() != "1.2" || r.Link() != "https://spec.example/#section-1.2" || r.Sentence() != "shall not do that" {
		t.Errorf("%+v", r)
	}
	if r.When != requirement.DPoP || !r.Attested || r.Reason == "" {
		t.Errorf("traits are lost: %+v", r)
	}
	if up := d.May("N1", "follow", "", requirement.FollowsFrom(r)); len(up.RollUp) != 1 || up.RollUp[0] != r {
		t.Errorf("%+v", up)
	}
	if got := d.Requirements(); len(got) != 2 {
		t.Errorf("%d requirements", len(got))
	}
}

func TestParseCatalogueIsStrict(t *testing.T) {
	for name, text := range map[string]string{
		"unknown member": "- {id: A-1, level: shall, colour: red}",
		"no level":       "- {id: A-1}",
		"twice":          "- {id: A-1, level: shall}\n- {id: A-1, level: shall}",
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
