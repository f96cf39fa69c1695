package profile_test

import (
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/requirement"
)

// What is the same as others follows from them where the profile has them and they are looked at; otherwise it is planned.
func TestWholeFollows(t *testing.T) {
	mine := document("X", `
- {id: X-1, level: shall, role: as, applies_if: always}
- {id: X-2, level: shall, role: as, applies_if: always}
- {id: X-3, level: shall, role: as, applies_if: always, same_as: X-1}
- {id: X-4, level: shall, role: as, applies_if: always, same_as: X-2}
- {id: X-5, level: shall, role: as, applies_if: always, same_as: Y-1}
- {id: X-6, level: shall, role: as, applies_if: always, follows: [X-1, X-2]}
- {id: X-7, level: shall, role: as, applies_if: always, testable: attestation, same_as: X-1}
- {id: X-8, level: shall, role: client, applies_if: always}
- {id: X-9, level: shall, role: as, applies_if: fapi1}
`)
	other := document("Y", "- {id: Y-1, level: shall, role: as, applies_if: always}")
	other.Clause("1")
	mine.Clause("1")
	set, err := profile.NewSet([]profile.Declaration{{
		ID: "x", Title: "X", Documents: []*requirement.Document{mine}, Foreign: []requirement.Condition{requirement.FAPI1},
		Source: profile.Source{Text: "X", Verified: profile.Read},
	}}, join(t, mine, other), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.Find("x")
	if err != nil {
		t.Fatal(err)
	}
	planned, follows := map[string]bool{}, map[string][]string{}
	var ids []string
	for _, r := range p.Requirements() {
		ids = append(ids, r.ID)
		planned[r.ID], follows[r.ID] = r.Planned, r.Follows
	}
	if want := []string{"X-1", "X-2", "X-3", "X-4", "X-5", "X-6", "X-7"}; !slices.Equal(ids, want) {
		t.Errorf("it asks %v, want %v", ids, want)
	}
	for id, want := range map[string]struct {
		planned bool
		follows []string
	}{
		"X-1": {false, nil}, "X-2": {true, nil}, "X-3": {false, []string{"X-1"}}, "X-4": {true, nil}, "X-5": {true, nil}, "X-6": {true, nil}, "X-7": {false, []string{"X-1"}},
	} {
		if planned[id] != want.planned || !slices.Equal(follows[id], want.follows) {
			t.Errorf("%s: planned %v, follows from %v; want %v, %v", id, planned[id], follows[id], want.planned, want.follows)
		}
	}
	if tested, err := set.Tested("x"); err != nil || len(tested.Requires) != 1 {
		t.Errorf("what suites declare alone: %v, %v", tested.Requires, err)
	}
}
