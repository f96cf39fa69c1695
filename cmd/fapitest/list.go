package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/selftest"
)

const listHelp = `Usage: fapitest list [CLAUSE...] [--format text|json|markdown]
       fapitest list --profiles [--format text|json]

Lists every requirement that fapitest knows of, with what is done about it:

    tested        experiments look at it
    attested      it can't be seen from outside; the operator states it in the target file
    untestable    it can't be tested, and the reason is given
    planned       nothing looks at it yet; a run is inconclusive for it

      --profiles        the profiles instead: on what each stands, how many of its requirements have
                        experiments, how sure we are of its source, and whether it can be run
      --format FORMAT   text (default), json or markdown
`

// The states of a requirement in list and explain.
const (
	statusTested     = "tested"
	statusAttested   = "attested"
	statusUntestable = "untestable"
	statusPlanned    = "planned"
)

// listed is a requirement as list shows it. The member names are contract.
type listed struct {
	ID       string            `json:"id"`
	Document string            `json:"document"`
	Level    requirement.Level `json:"level"`
	Role     string            `json:"role"`
	Says     string            `json:"says"`
	Status   string            `json:"status"`
	Reason   string            `json:"reason,omitempty"`
	Specs    []string          `json:"specs"`
	Mutants  []string          `json:"mutants"`
}

func (a *app) list(_ context.Context, args []string) int {
	flags := a.flags("list", listHelp)
	format := flags.String("format", "text", "")
	asProfiles := flags.Bool("profiles", false, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if !slices.Contains([]string{"text", "json", "markdown"}, *format) {
		return a.fail("--format is text, json or markdown, not %q", *format)
	}
	if *asProfiles {
		switch {
		case flags.NArg() > 0:
			return a.fail("--profiles lists profiles, and %s is a clause: leave out one of them", flags.Arg(0))
		case *format == "markdown":
			return a.fail("--format of profiles is text or json")
		}
		return a.listProfiles(*format)
	}
	all, err := inventory()
	if err != nil {
		return a.fail("%s", err)
	}
	chosen, err := choose(all, flags.Args())
	if err != nil {
		return a.fail("%s", err)
	}
	if *format == "json" {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(map[string]any{"requirements": chosen}); err != nil {
			return a.fail("writing the list: %s", err)
		}
		return exitConformant
	}
	if *format == "markdown" {
		a.print(requirementsPage(chosen))
		return exitConformant
	}
	counts := map[string]int{}
	for _, r := range chosen {
		counts[r.Status]++
		a.printf("%-10s  %s  %s\n", r.Status, r.ID, r.Level)
		a.print(wrap(r.Says, "            ", width(a.out)))
		for _, spec := range r.Specs {
			a.print(wrap("- "+spec, "            ", width(a.out)))
		}
		if r.Reason != "" && r.Status != statusPlanned {
			a.print(wrap("("+r.Reason+")", "            ", width(a.out)))
		}
	}
	a.tell("%d requirements: %d tested, %d attested, %d untestable, %d planned", len(chosen),
		counts[statusTested], counts[statusAttested], counts[statusUntestable], counts[statusPlanned])
	return exitConformant
}

// inventory is every requirement of the catalogue, with what the suites and the mutants say of it.
func inventory() ([]listed, error) {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil, err
	}
	all := suites.All()
	sentences, err := run.Sentences(all)
	if err != nil {
		return nil, err
	}
	declared := map[string]*requirement.Requirement{}
	for _, suite := range all {
		for _, r := range suite.Requirements {
			declared[r.ID] = r
		}
	}
	mutants := map[string][]string{}
	for _, mutant := range selftest.Mutants() {
		mutants[mutant.Breaks.ID] = append(mutants[mutant.Breaks.ID], mutant.Name)
	}
	var list []listed
	for _, entry := range catalogue.Entries {
		item := listed{
			ID: entry.ID, Document: entry.Spec, Level: entry.Level, Role: entry.Role, Says: entry.Text,
			Specs: slices.Compact(slices.Sorted(slices.Values(sentences[entry.ID]))), Mutants: mutants[entry.ID],
		}
		if item.Specs == nil {
			item.Specs = []string{}
		}
		if item.Mutants == nil {
			item.Mutants = []string{}
		}
		r := declared[entry.ID]
		switch {
		case r == nil && declared[entry.SameAs] != nil:
			item.Status, item.Reason = statusTested, "it is the same as "+entry.SameAs
		case r == nil:
			item.Status, item.Reason = statusPlanned, "no experiment looks at it yet"
		case r.Attested:
			item.Status, item.Reason = statusAttested, r.Reason
		case len(item.Specs) > 0:
			item.Status = statusTested
		case len(r.Follows) > 0:
			item.Status, item.Reason = statusTested, "follows from "+strings.Join(r.Follows, ", ")
		default:
			item.Status, item.Reason = statusUntestable, "it speaks of requirements that are planned"
		}
		list = append(list, item)
	}
	return list, nil
}

func ids(requirements []*requirement.Requirement) []string {
	var list []string
	for _, r := range requirements {
		list = append(list, r.ID)
	}
	return list
}

// choose returns what the clauses cover; everything where there are none. A clause that covers nothing is an error.
func choose(all []listed, clauses []string) ([]listed, error) {
	if len(clauses) == 0 {
		return all, nil
	}
	var chosen []listed
	var known []string
	for _, item := range all {
		known = append(known, item.ID)
		if slices.ContainsFunc(clauses, func(clause string) bool { return requirement.Covers(clause, item.ID) }) {
			chosen = append(chosen, item)
		}
	}
	for _, clause := range clauses {
		if !slices.ContainsFunc(known, func(id string) bool { return requirement.Covers(clause, id) }) {
			return nil, run.NoSuchClause(clause, known, nil)
		}
	}
	return chosen, nil
}
