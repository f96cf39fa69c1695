package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
	"github.com/fapitest/fapitest/suites/selftest"
)

const listHelp = `Usage: fapitest list [CLAUSE...] [--format text|json|markdown]
       fapitest list -t FILE [CLAUSE...] [-p PROFILE] [--format text|json]
       fapitest list --profiles [--format text|json]

Lists every requirement that fapitest knows of, with what is done about it:

    tested        experiments look at it
    attested      it can't be seen from outside; the operator states it in the target file
    untestable    it can't be tested, and the reason is given
    planned       nothing looks at it yet; a run is inconclusive for it

With a target file, lists the requirements of a profile, as which of its clients each would be tried
there, and why one would not be ("not here"). Nothing is sent to the target.

  -t, --target FILE     the target file
  -p, --profile NAME    with -t: the profile a run would test against (default
                        fapi2-security-profile)
      --thorough        with -t: as for run
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
	// At a target: the clients as which it would be tried and, where there are none, why.
	Clients []string `json:"clients,omitempty"`
	NotHere string   `json:"notHere,omitempty"`
}

func (a *app) list(_ context.Context, args []string) int {
	flags := a.flags("list", listHelp)
	format := flags.String("format", "text", "")
	asProfiles := flags.Bool("profiles", false, "")
	file := flags.StringP("target", "t", "", "")
	name := flags.StringP("profile", "p", profiles.Default, "")
	thorough := flags.Bool("thorough", false, "")
	if code, done := a.parse(flags, args); done {
		return code
	}
	if !slices.Contains([]string{"text", "json", "markdown"}, *format) {
		return a.fail("--format is text, json or markdown, not %q", *format)
	}
	if *asProfiles {
		switch {
		case *file != "":
			return a.fail("--profiles lists profiles, which are the same at every target: leave out -t")
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
	switch {
	case *file != "" && *format == "markdown":
		return a.fail("--format of a target's list is text or json")
	case *file != "":
		if all, err = a.atTarget(all, *file, *name, *thorough); err != nil {
			return a.fail("%s", err)
		}
	case flags.Changed("profile") || flags.Changed("thorough"):
		return a.fail("--profile and --thorough are for a target: name its file with -t")
	}
	clauses, err := completeAnywhere(flags.Args())
	if err != nil {
		return a.fail("%s", err)
	}
	chosen, err := choose(all, clauses)
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
	counts, elsewhere := map[string]int{}, 0
	for _, r := range chosen {
		status := r.Status
		if r.NotHere != "" {
			status = "not here"
			elsewhere++
		} else {
			counts[r.Status]++
		}
		a.printf("%-10s  %s  %s\n", status, r.ID, r.Level)
		a.print(wrap(r.Says, "            ", width(a.out)))
		switch {
		case r.NotHere != "":
			a.print(wrap("("+r.NotHere+")", "            ", width(a.out)))
			continue
		case len(r.Clients) > 0:
			a.print(wrap("as "+strings.Join(r.Clients, ", "), "            ", width(a.out)))
		}
		for _, spec := range r.Specs {
			a.print(wrap("- "+spec, "            ", width(a.out)))
		}
		if r.Reason != "" && r.Status != statusPlanned {
			a.print(wrap("("+r.Reason+")", "            ", width(a.out)))
		}
	}
	words := ""
	if *file != "" {
		words = fmt.Sprintf(", %d not here", elsewhere)
	}
	a.tell("%d requirements: %d tested, %d attested, %d untestable, %d planned%s", len(chosen),
		counts[statusTested], counts[statusAttested], counts[statusUntestable], counts[statusPlanned], words)
	return exitConformant
}

// atTarget is what a run of a profile would try at a target, and as which clients. What decides stands in the target file.
func (a *app) atTarget(all []listed, file, name string, thorough bool) ([]listed, error) {
	chosen, err := findProfile(name)
	if err != nil {
		return nil, err
	}
	t, err := target.Load(file, a.env)
	if err != nil {
		return nil, err
	}
	if err := run.Fits(chosen, t); err != nil {
		return nil, err
	}
	known := map[string]*requirement.Requirement{}
	for _, r := range chosen.Requirements() {
		known[r.ID] = r
	}
	var here []listed
	for _, item := range all {
		r := known[item.ID]
		if r == nil {
			continue
		}
		item.NotHere = t.UnmetByAll(r.When)
		if item.NotHere == "" && len(item.Specs) > 0 {
			for _, client := range run.Players(r, t.Combinations(), t, thorough) {
				if run.Applies(r, client, t) {
					item.Clients = append(item.Clients, client.ID)
				}
			}
		}
		if r.Attested && item.NotHere == "" {
			item.Reason = cmp.Or(t.Attested[r.ID], "nobody has attested it, and "+r.Reason)
		}
		here = append(here, item)
	}
	return here, nil
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
		case r == nil && len(entry.Follows) > 0: // no suite has to declare what has no experiment of its own
			item.Status, item.Reason = statusTested, "follows from "+strings.Join(entry.Follows, ", ")
		case r == nil && entry.Testable == "attestation":
			item.Status, item.Reason = statusAttested, cmp.Or(entry.Reason, "it is not seen from outside")
		case r == nil:
			item.Status, item.Reason = statusPlanned, "no experiment looks at it yet"
		case r.Attested:
			item.Status, item.Reason = statusAttested, r.Reason
		case len(item.Specs) > 0:
			item.Status = statusTested
		case len(r.Follows) > 0:
			item.Status, item.Reason = statusTested, "follows from "+strings.Join(r.Follows, ", ")
		default:
			item.Status, item.Reason = statusUntestable, "no experiment of its own looks at it"
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
