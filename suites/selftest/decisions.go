package selftest

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/eccentrics"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
)

// Decision is a decision of the reference bank that no experiment notices: no mutant that replaces it is caught.
type Decision struct {
	Name    string   `json:"name"`
	Says    string   `json:"says"`
	Kind    Kind     `json:"kind"`
	Reason  string   `json:"reason,omitempty"`  // with legal: why nobody has to notice it
	Planned []string `json:"planned,omitempty"` // requirements about it that nothing tests yet
	Mutants []string `json:"mutants,omitempty"` // that replace it and survive
	Calls   int      `json:"calls"`             // how often it was called while the reference ran; 0: never
}

// Kind says why a decision is not noticed.
type Kind string

// The kinds.
const (
	Hole    Kind = "hole"    // nothing excuses it: a mutant is missing, or an experiment
	Planned Kind = "planned" // every requirement about it is only planned
	Legal   Kind = "legal"   // every answer is legal, or only a person can tell
)

// unnoticed returns the decisions that no experiment notices, in the order of Policy.
func unnoticed(noticed *Noticed, results []MutantResult) []Decision {
	caught := map[string]bool{}
	for _, r := range results {
		caught[r.Name] = r.Caught
	}
	good, surviving, odd := map[string]bool{}, map[string][]string{}, map[string][]string{}
	for _, m := range Mutants() {
		for _, name := range replacedBy(m.Policy) {
			if caught[m.Name] {
				good[name] = true
			} else {
				surviving[name] = append(surviving[name], m.Name)
			}
		}
	}
	for _, e := range eccentrics.All() {
		for _, name := range replacedBy(e.Policy) {
			odd[name] = append(odd[name], e.Name)
		}
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil // whoever runs the self-test has read it before
	}
	declared := map[string]*requirement.Requirement{}
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			declared[r.ID] = r
		}
	}
	var list []Decision
	for _, d := range authserver.Decisions() {
		if good[d.Name] {
			continue
		}
		decision := Decision{Name: d.Name, Says: d.Says, Kind: Hole, Mutants: surviving[d.Name], Calls: noticed.Calls[d.Name]}
		tested := false
		attested := ""
		for _, id := range about(d.Clauses, catalogue) {
			switch r := declared[id]; {
			case r == nil:
				decision.Planned = append(decision.Planned, id)
			case r.Attested:
				attested = id
			default:
				tested = true
			}
		}
		switch {
		case len(decision.Mutants) > 0:
		case d.Legal != "":
			decision.Kind, decision.Reason = Legal, "why that is legal: "+d.Legal
		case len(odd[d.Name]) > 0:
			decision.Kind, decision.Reason = Legal, "only eccentrics replace it: "+strings.Join(odd[d.Name], ", ")
		case attested != "" && !tested:
			decision.Kind, decision.Reason = Legal, "only a person can tell: "+attested+" is attested"
		case len(decision.Planned) > 0 && !tested:
			decision.Kind = Planned
		}
		list = append(list, decision)
	}
	return list
}

// about returns the requirements of the catalogue that a clause tag names: clauses, and sections for all their clauses.
func about(clauses []string, catalogue *requirement.Catalogue) []string {
	var ids []string
	for _, clause := range clauses {
		for _, entry := range catalogue.Entries {
			if (entry.ID == clause || strings.HasPrefix(entry.ID, clause+"-")) && !slices.Contains(ids, entry.ID) {
				ids = append(ids, entry.ID)
			}
		}
	}
	return ids
}
