package selftest

import (
	"slices"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
)

// What the decisions of the reference bank name in their clause tags is in the catalogue. The bank itself knows nothing of that.
func TestClauseTags(t *testing.T) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range authserver.Decisions() {
		for _, clause := range d.Clauses {
			if len(about([]string{clause}, catalogue)) == 0 {
				t.Errorf("%s: its clause tag names %q, which is neither a clause of the catalogue nor a section with one", d.Name, clause)
			}
		}
	}
}

func TestAbout(t *testing.T) {
	catalogue, err := requirement.ParseCatalogue([]byte(`
- {id: FAPI2-SP-5.3.2.1-13e, level: shall}
- {id: FAPI2-SP-5.3.2.1-13f, level: shall}
- {id: RFC6749-4.1.3-1, level: shall}
- {id: RFC6749-4.1.3-2, level: shall}
- {id: RFC6749-6-1, level: shall}
- {id: RFC6749-61-1, level: shall}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ clauses, want []string }{
		{nil, nil},
		{[]string{"FAPI2-SP-5.3.2.1-13e"}, []string{"FAPI2-SP-5.3.2.1-13e"}},
		{[]string{"FAPI2-SP-5.3.2.1-13"}, nil},
		{[]string{"RFC6749-6", "RFC6749-4.1.3"}, []string{"RFC6749-6-1", "RFC6749-4.1.3-1", "RFC6749-4.1.3-2"}},
		{[]string{"RFC6749-4.1.3-2", "RFC6749-4.1.3"}, []string{"RFC6749-4.1.3-2", "RFC6749-4.1.3-1"}},
		{[]string{"RFC6749-4"}, nil},
	} {
		if got := about(test.clauses, catalogue); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q", test.clauses, got)
		}
	}
}
