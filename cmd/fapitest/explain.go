package main

import (
	"context"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/selftest"
)

const explainHelp = `Usage: fapitest explain CLAUSE

Says what a clause asks, how fapitest tests it, what an attacker gains where it is broken, what
to do about it, and which deliberately broken servers prove that the test works.
`

func (a *app) explain(_ context.Context, args []string) int {
	flags := a.flags("explain", explainHelp)
	if code, done := a.parse(flags, args); done {
		return code
	}
	if flags.NArg() == 0 {
		return a.fail("explain needs a clause, such as fapitest explain FAPI2-SP-5.3.2.2-4")
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return a.fail("%s", err)
	}
	all, err := inventory()
	if err != nil {
		return a.fail("%s", err)
	}
	clauses, err := completeAnywhere(flags.Args())
	if err != nil {
		return a.fail("%s", err)
	}
	chosen, err := choose(all, clauses)
	if err != nil {
		return a.fail("%s", err)
	}
	for i, item := range chosen {
		if i > 0 {
			a.print("\n")
		}
		entry, _ := catalogue.Find(item.ID)
		a.explainOne(item, entry)
	}
	return exitConformant
}

func (a *app) explainOne(item listed, entry requirement.Entry) {
	columns := width(a.out)
	section := func(title, text string) {
		if text == "" {
			return
		}
		a.printf("\n%s\n", title)
		a.print(wrap(text, "    ", columns))
	}
	a.printf("%s  (%s, %s)\n", item.ID, item.Level, item.Status)
	var declared *requirement.Requirement
	for _, suite := range suites.All() {
		for _, r := range suite.Requirements {
			if r.ID == item.ID {
				declared = r
			}
		}
	}
	section("what is asked", item.Says)
	section("how it is tested", entry.How)
	if len(item.Specs) > 0 {
		a.print("\nexperiments\n")
		for _, spec := range item.Specs {
			a.print(wrap("- "+spec, "    ", columns))
		}
	}
	if declared != nil && len(item.Specs) > 0 {
		a.print("\n")
		a.print(wrap("tried "+declared.Per.String()+" that it applies to", "    ", columns))
	}
	section("a mistake that breaks it", entry.Mutant)
	section("why it matters", entry.Effect)
	if declared != nil {
		section("what to do", declared.Remedy)
		section("the clause", declared.Link())
	} else {
		section("the document", entry.Spec+", section "+entry.Section)
	}
	section("why it is not tested", item.Reason)
	proofs := 0
	for _, mutant := range selftest.Mutants() {
		if mutant.Breaks.ID != item.ID {
			continue
		}
		if proofs == 0 {
			a.print("\nwhat proves the test\n")
		}
		proofs++
		a.print(wrap("- "+mutant.Name+": a server that "+mutant.How, "    ", columns))
	}
	if proofs > 0 {
		a.printf("\n    fapitest run --mutant NAME %s\n", item.ID)
	}
}
