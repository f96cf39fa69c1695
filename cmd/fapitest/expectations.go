package main

import (
	"bytes"
	"errors"
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
	e := &expectations{file: file}
	return e, loadEntries(file, "--expect", "id, verdict, clients, why and exchange", func(node *yaml.Node, known func(string) error) error {
		var entry expectation
		if err := node.Load(&entry, yaml.WithKnownFields()); err != nil {
			return errOtherKeys
		}
		switch {
		case entry.ID == "" || entry.Why == "":
			return errors.New("an entry needs an id and a why")
		case known(entry.ID) != nil:
			return known(entry.ID)
		case !slices.Contains(findings, entry.Verdict):
			return fmt.Errorf("%s: verdict is fail, warn, blocked or error, not %q", entry.ID, entry.Verdict)
		}
		e.entries = append(e.entries, entry)
		return nil
	})
}

// errOtherKeys says that an entry has other keys than it may have, or values of another kind.
var errOtherKeys = errors.New("other keys")

// loadEntries reads a YAML list of entries about requirements. An error names file and line. Known says what is wrong with an id.
func loadEntries(file, flag, keys string, entry func(node *yaml.Node, known func(id string) error) error) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s %s: %s", flag, file, reason(err))
	}
	shape := "a list of entries, each with " + keys
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil && len(bytes.TrimSpace(data)) > 0 {
		return fmt.Errorf("%s: not YAML: it has to be %s", file, shape)
	}
	if len(root.Content) == 0 {
		return nil // nothing is known
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		return err
	}
	var ids []string
	for _, entry := range catalogue.Entries {
		ids = append(ids, entry.ID)
	}
	known := func(id string) error {
		if _, there := catalogue.Find(id); !there {
			return fmt.Errorf("there is no requirement %s; the nearest is %s", id, nearest(id, ids))
		}
		return nil
	}
	if root.Content[0].Kind != yaml.SequenceNode {
		return fmt.Errorf("%s:%d: it has to be %s", file, root.Content[0].Line, shape)
	}
	for _, node := range root.Content[0].Content {
		switch err := entry(node, known); {
		case errors.Is(err, errOtherKeys):
			return fmt.Errorf("%s:%d: an entry has %s, and nothing else", file, node.Line, keys)
		case err != nil:
			return fmt.Errorf("%s:%d: %w", file, node.Line, err)
		}
	}
	return nil
}

// hold notes in the report which findings were expected and why, and what is red and not known, or known and not red.
func (e *expectations) hold(gate *verdict.Gate, report *verdict.Report) {
	gate.Expect, gate.Against = e.file, e.differences(report, func(entry expectation, result verdict.Result) {
		gate.Known = append(gate.Known, verdict.Known{ID: result.ID, Verdict: result.Verdict, By: verdict.ByExpectation, Reason: entry.Why})
	})
}

// differences calls asExpected for each finding that is exactly as it was expected.
func (e *expectations) differences(report *verdict.Report, asExpected func(expectation, verdict.Result)) []string {
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
				} else {
					asExpected(entry, result)
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
