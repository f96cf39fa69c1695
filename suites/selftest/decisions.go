package selftest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/suites"
)

// Decision is a decision of the reference bank that no experiment notices: there is no mutant that replaces it and is caught.
type Decision struct {
	Name string `json:"name"`
	Says string `json:"says"`
	// Excuse says why nobody has to notice it; empty: it is a hole in the suite.
	Excuse string `json:"excuse,omitempty"`
	// Planned are the requirements named in what it says that the catalogue has and nothing tests yet.
	Planned []string `json:"planned,omitempty"`
	Mutants []string `json:"mutants,omitempty"` // that replace it and survive
	Calls   int      `json:"calls"`             // how often it was called while the reference ran; 0: never
}

// unnoticed returns the decisions that no experiment notices, in the order of Policy.
func unnoticed(noticed *Noticed, results []MutantResult) []Decision {
	caught := map[string]bool{}
	for _, r := range results {
		caught[r.Name] = r.Caught
	}
	good, surviving := map[string]bool{}, map[string][]string{}
	for _, m := range Mutants() {
		for _, name := range replacedBy(m.Policy) {
			if caught[m.Name] {
				good[name] = true
			} else {
				surviving[name] = append(surviving[name], m.Name)
			}
		}
	}
	odd := map[string][]string{}
	for _, e := range eccentrics.All() {
		for _, name := range replacedBy(e.Policy) {
			odd[name] = append(odd[name], e.Name)
		}
	}
	var list []Decision
	for _, d := range authserver.Decisions() {
		if good[d.Name] {
			continue
		}
		decision := Decision{Name: d.Name, Says: d.Says, Mutants: surviving[d.Name], Calls: noticed.Calls[d.Name], Planned: planned(d.Says)}
		switch {
		case len(decision.Mutants) > 0:
		case d.Legal != "":
			decision.Excuse = "every answer is legal: " + d.Legal
		case len(odd[d.Name]) > 0:
			decision.Excuse = "only eccentrics replace it, which are legal: " + strings.Join(odd[d.Name], ", ")
		}
		list = append(list, decision)
	}
	return list
}

var (
	inParentheses = regexp.MustCompile(`\(([^()]*)\)`)
	clauseNumber  = regexp.MustCompile(`^((?:[A-Z][A-Z0-9]*-?[A-Z0-9]*-)?[0-9]+(?:\.[0-9]+)*)-([A-Z]?[0-9]+[a-z]?)$`)
	clauseShort   = regexp.MustCompile(`^[A-Z]?[0-9]+[a-z]?$`)
)

// planned returns the requirements in the parentheses of a comment that the catalogue has and no suite tests. Of several in one
// section the later ones go by what is behind the last hyphen: "5.3.2.1-13e, 13f".
func planned(says string) []string {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil // whoever runs the self-test has read it before
	}
	tested := map[string]bool{}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			tested[r.ID] = true
		}
	}
	var ids []string
	for _, group := range inParentheses.FindAllStringSubmatch(says, -1) {
		section := ""
		for _, word := range strings.FieldsFunc(group[1], func(c rune) bool { return c == ',' || c == ' ' }) {
			id := ""
			if parts := clauseNumber.FindStringSubmatch(word); parts != nil {
				if section = parts[1]; section[0] >= '0' && section[0] <= '9' {
					section = "FAPI2-SP-" + section
				}
				id = section + "-" + parts[2]
			} else if section != "" && clauseShort.MatchString(word) {
				id = section + "-" + word
			}
			if _, known := catalogue.Find(id); known && !tested[id] && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
