package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
)

// choose returns the requirements to look at, by id, and in words by what the run was narrowed.
func choose(options Options) (map[string]*requirement.Requirement, string, error) {
	chosen := map[string]*requirement.Requirement{}
	var ids []string
	for _, r := range options.Profile.Requirements() {
		if !r.Listed || len(r.Follows) > 0 {
			ids = append(ids, r.ID)
		}
	}
	for _, clause := range options.Plan.Clauses {
		if !slices.ContainsFunc(ids, func(id string) bool { return requirement.Covers(clause, id) }) {
			return nil, "", NoSuchClause(clause, ids, options.Catalogue)
		}
	}
	for _, r := range options.Profile.Requirements() {
		if len(options.Plan.Clauses) == 0 || slices.ContainsFunc(options.Plan.Clauses, func(c string) bool { return requirement.Covers(c, r.ID) }) {
			chosen[r.ID] = r
		}
	}
	// What a chosen roll-up follows from has to run as well.
	sources := map[string]bool{}
	for _, r := range chosen {
		for _, id := range r.Follows {
			sources[id] = true
		}
	}
	for _, r := range options.Profile.Requirements() {
		if sources[r.ID] {
			chosen[r.ID] = r
		}
	}
	var narrowed []string
	if len(options.Plan.Clauses) > 0 {
		narrowed = append(narrowed, "clauses "+strings.Join(options.Plan.Clauses, ", "))
	}
	if options.Plan.NoWaits {
		narrowed = append(narrowed, "without the experiments that have to wait")
	}
	if len(options.Plan.Clients) > 0 && len(options.Plan.Clients) < len(options.Target.Combinations()) {
		narrowed = append(narrowed, "not every client")
	}
	if options.Only != nil {
		narrowed = append(narrowed, "not every experiment")
	}
	return chosen, strings.Join(narrowed, "; "), nil
}

// KnownClauses says what is wrong with the clauses that narrow a run, if anything is.
func KnownClauses(options Options) error {
	_, _, err := choose(options)
	return err
}

// ClauseError says that a clause selector means nothing.
type ClauseError struct {
	Clause  string
	Nearest string
	Planned bool // the catalogue has it, but nothing tests it yet
}

func (e *ClauseError) Error() string {
	if e.Planned {
		return fmt.Sprintf("%s is known but not tested yet (planned); the nearest that is tested: %s", e.Clause, e.Nearest)
	}
	return fmt.Sprintf("there is no clause %s; the nearest is %s", e.Clause, e.Nearest)
}

// NoSuchClause returns the error for a selector that covers none of the ids.
func NoSuchClause(clause string, ids []string, catalogue *requirement.Catalogue) error {
	planned := false
	if catalogue != nil {
		planned = slices.ContainsFunc(catalogue.Entries, func(e requirement.Entry) bool { return requirement.Covers(clause, e.ID) })
	}
	return &ClauseError{Clause: clause, Nearest: requirement.Nearest(clause, ids), Planned: planned}
}
