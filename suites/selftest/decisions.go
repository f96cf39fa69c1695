package selftest

import (
	"regexp"
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
		for _, id := range about(d.Says, catalogue) {
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

var (
	inParentheses = regexp.MustCompile(`\(([^()]*)\)`)
	sectionsOfRFC = regexp.MustCompile(`RFC ([0-9]+) sections? ([0-9.]+(?:(?:, | and )[0-9.]+)*)`)
	numbers       = regexp.MustCompile(`[0-9.]+`)
	clause        = regexp.MustCompile(`^((?:[A-Z][A-Z0-9-]*-)?[0-9]+(?:\.[0-9]+)*)-([A-Z]?[0-9]+[a-z]?)$`)
	shortClause   = regexp.MustCompile(`^[A-Z]?[0-9]+[a-z]?$`)
)

// about returns the requirements of the catalogue that a comment names in parentheses: clauses, of which later ones of one section go
// by what is behind the last hyphen ("5.3.2.1-13e, 13f"), and whole sections ("RFC 6749 sections 4.1.3 and 6").
func about(says string, catalogue *requirement.Catalogue) []string {
	var ids []string
	add := func(id string) {
		if _, known := catalogue.Find(id); known && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, group := range inParentheses.FindAllStringSubmatch(says, -1) {
		for _, document := range sectionsOfRFC.FindAllStringSubmatch(group[1], -1) {
			for _, section := range numbers.FindAllString(document[2], -1) {
				for _, entry := range catalogue.Entries {
					if strings.HasPrefix(entry.ID, "RFC"+document[1]+"-"+strings.TrimSuffix(section, ".")+"-") {
						add(entry.ID)
					}
				}
			}
		}
		section := ""
		for _, word := range strings.FieldsFunc(sectionsOfRFC.ReplaceAllString(group[1], ""), func(c rune) bool { return c == ',' || c == ' ' }) {
			if parts := clause.FindStringSubmatch(word); parts != nil {
				if section = parts[1]; section[0] >= '0' && section[0] <= '9' {
					section = "FAPI2-SP-" + section
				}
				add(section + "-" + parts[2])
			} else if section != "" && shortClause.MatchString(word) {
				add(section + "-" + word)
			}
		}
	}
	return ids
}
