package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/suites"
)

// expectations are the findings that somebody who tracks a server already knows. Everything red has to be among them, and
// everything among them has to be found: an unexpected pass is news too.
type expectations struct {
	file    string
	entries []expectation
}

// expectation is one known finding.
type expectation struct {
	ID       string          `yaml:"id"`
	Verdict  verdict.Verdict `yaml:"verdict"`
	Clients  []string        `yaml:"clients"`  // those that show it; none named: at least one does
	Why      string          `yaml:"why"`      // why it is a deviation and not our strictness
	Exchange string          `yaml:"exchange"` // what shows it
}

// findings are the verdicts that something can be known to have.
var findings = []verdict.Verdict{verdict.Fail, verdict.Warn, verdict.Blocked, verdict.Error}

func loadExpectations(file string) (*expectations, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--expect %s: %s", file, reason(err))
	}
	const shape = "a list of entries, each with id, verdict, clients, why and exchange"
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil && len(bytes.TrimSpace(data)) > 0 {
		return nil, fmt.Errorf("%s: not YAML: it has to be %s", file, shape)
	}
	e := &expectations{file: file}
	if len(root.Content) == 0 {
		return e, nil // nothing is known
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, entry := range catalogue.Entries {
		ids = append(ids, entry.ID)
	}
	if root.Content[0].Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d: it has to be %s", file, root.Content[0].Line, shape)
	}
	for _, node := range root.Content[0].Content {
		var entry expectation
		if err := node.Load(&entry, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("%s:%d: an entry has id, verdict, clients, why and exchange, and nothing else", file, node.Line)
		}
		_, known := catalogue.Find(entry.ID)
		switch {
		case entry.ID == "" || entry.Why == "":
			return nil, fmt.Errorf("%s:%d: an entry needs an id and a why", file, node.Line)
		case !known:
			return nil, fmt.Errorf("%s:%d: there is no requirement %s; the nearest is %s", file, node.Line, entry.ID, nearest(entry.ID, ids))
		case !slices.Contains(findings, entry.Verdict):
			return nil, fmt.Errorf("%s:%d: %s: verdict is fail, warn, blocked or error, not %q", file, node.Line, entry.ID, entry.Verdict)
		}
		e.entries = append(e.entries, entry)
	}
	return e, nil
}

// compare says what is red and not known, and what is known and not red.
func (a *app) compare(e *expectations, report *verdict.Report) int {
	differences := e.differences(report)
	if len(differences) == 0 {
		a.printf("\nexactly the findings of %s, %d of them\n", e.file, len(e.entries))
		return exitConformant
	}
	a.printf("\nnot what %s says:\n", e.file)
	for _, difference := range differences {
		a.print(wrap(difference, "    ", width(a.out)))
	}
	return exitNotConformant
}

func (e *expectations) differences(report *verdict.Report) []string {
	var differences []string
	met := make([]bool, len(e.entries))
	for _, result := range report.Requirements {
		if !result.Verdict.Red() {
			continue
		}
		known := false
		for i, entry := range e.entries {
			if entry.ID == result.ID && entry.Verdict == result.Verdict {
				known, met[i] = true, true
				// It can be seen with those only as whom it was tried: with all of them in a thorough run.
				expected := slices.DeleteFunc(slices.Clone(entry.Clients), func(client string) bool { return !tried(result, client) })
				if clients := showing(result); len(entry.Clients) > 0 && !sameSet(expected, clients) {
					differences = append(differences, fmt.Sprintf("%s is %s with %s, not with %s",
						result.ID, result.Verdict, strings.Join(clients, ", "), strings.Join(expected, ", ")))
				}
			}
		}
		// What follows from other requirements is no finding of its own: those are compared.
		if !known && len(result.Follows) == 0 {
			differences = append(differences, fmt.Sprintf("%s is %s, and not expected: %s", result.ID, result.Verdict, whatWasSeen(result)))
		}
	}
	for i, entry := range e.entries {
		if result, ran := report.Result(entry.ID); !met[i] && (!ran || !result.LeftOut) {
			differences = append(differences, fmt.Sprintf("%s was expected to be %s, and is %s", entry.ID, entry.Verdict, result.Verdict))
		}
	}
	return differences
}

// showing lists the clients with whose specs a requirement got its verdict.
func showing(result verdict.Result) []string {
	var clients []string
	for _, spec := range result.Specs {
		if spec.Verdict == result.Verdict && !slices.Contains(clients, spec.Client) {
			clients = append(clients, spec.Client)
		}
	}
	return clients
}

// tried says whether a requirement has experiments as a client.
func tried(result verdict.Result, client string) bool {
	return slices.ContainsFunc(result.Specs, func(spec verdict.Spec) bool { return spec.Client == client })
}

func whatWasSeen(result verdict.Result) string {
	for _, spec := range result.Specs {
		if spec.Verdict == result.Verdict && spec.Message != "" {
			return fmt.Sprintf("%s (%s): %s", spec.Sentence, spec.Client, spec.Message)
		}
	}
	return result.Reason
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
