package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/suites"
)

// requirementsPage is docs/requirements.md: the catalogue, and what is done about it.
func requirementsPage(all []listed) string {
	catalogue, err := suites.Catalogue()
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("<!-- made by \"make docs\" from fapitest list; do not edit -->\n\n# Requirements\n\n")
	b.WriteString("Every requirement that fapitest knows of. *tested*: experiments look at it, and mutants show that they do. *attested*: the operator\nstates it. *planned*: nothing looks at it yet. `fapitest explain ID` says more.\n\n")
	b.WriteString("| document | requirements | tested | attested | planned |\n| --- | --- | --- | --- | --- |\n")
	var documents []string
	byDocument := map[string][]listed{}
	for _, item := range all {
		if byDocument[item.Document] == nil {
			documents = append(documents, item.Document)
		}
		byDocument[item.Document] = append(byDocument[item.Document], item)
	}
	count := func(items []listed, status ...string) int {
		n := 0
		for _, item := range items {
			if slices.Contains(status, item.Status) {
				n++
			}
		}
		return n
	}
	for _, document := range documents {
		items := byDocument[document]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", cell(document), len(items), count(items, statusTested), count(items, statusAttested, statusUntestable), count(items, statusPlanned))
	}
	for _, document := range documents {
		fmt.Fprintf(&b, "\n## %s\n\n| id | level | what it asks | status | experiments | mutants |\n| --- | --- | --- | --- | --- | --- |\n", document)
		for _, item := range byDocument[document] {
			entry, _ := catalogue.Find(item.ID)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %d | %s |\n", item.ID, item.Level, cell(entry.Text), item.Status, len(item.Specs), strings.Join(item.Mutants, ", "))
		}
	}
	return b.String()
}

// cell keeps a text from breaking the table that it stands in.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
