// Package json writes and reads the report as our file format. Every other format derives from it.
package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Largest is how many bytes a report may have to be read.
const Largest = 64 << 20

// Write writes the report. Lists are never null in it, so that consumers in other languages can walk them without a look.
func Write(w io.Writer, r *verdict.Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // so that a URL can be searched for as it was sent
	encoder.SetIndent("", "  ")
	return encoder.Encode(listed(r))
}

// listed is a shallow copy in which missing lists are empty ones.
func listed(r *verdict.Report) *verdict.Report {
	c := *r
	if c.Counts == nil {
		c.Count()
	}
	c.Target.Clients = list(c.Target.Clients)
	c.Requirements = slices.Clone(list(c.Requirements))
	for i := range c.Requirements {
		result := &c.Requirements[i]
		result.Specs = slices.Clone(list(result.Specs))
		for j := range result.Specs {
			result.Specs[j].Exchanges = list(result.Specs[j].Exchanges)
		}
	}
	return &c
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Read reads a report. It refuses what it can't be sure to understand; members that it does not know are not among that, because a
// later version of the tool may have added them.
func Read(r io.Reader) (*verdict.Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, Largest+1))
	if err != nil {
		return nil, fmt.Errorf("the report can't be read: %w", err)
	}
	if len(data) > Largest {
		return nil, fmt.Errorf("the report is larger than %d MiB", Largest>>20)
	}
	// The schema is asked for first: what has another one may differ in everything else.
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, notAReport(err)
	}
	switch head.Schema {
	case verdict.Schema:
	case "":
		return nil, errors.New("this is no report of fapitest: it names no schema")
	default:
		return nil, fmt.Errorf("the report has the schema %.80q, and this version of fapitest reads %q", head.Schema, verdict.Schema)
	}
	// Numbers keep their spelling, so that what is written again is the same to the last digit.
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	report := &verdict.Report{}
	if err := decoder.Decode(report); err != nil {
		return nil, notAReport(err)
	}
	if err := check(report); err != nil {
		return nil, fmt.Errorf("the report can't be used: %w", err)
	}
	return report, nil
}

func notAReport(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("this is no report of fapitest: it is not JSON: %w", err)
	}
	return fmt.Errorf("this is no report of fapitest: %w", err)
}

// check looks for words that the other formats would have to guess at.
func check(r *verdict.Report) error {
	if !slices.Contains([]verdict.Conclusion{verdict.Conformant, verdict.NotConformant, verdict.Inconclusive}, r.Conclusion) {
		return fmt.Errorf("there is no conclusion %.80q", r.Conclusion)
	}
	for v := range r.Counts {
		if !slices.Contains(verdict.All(), v) {
			return fmt.Errorf("there is no verdict %.80q, which its counts name", v)
		}
	}
	known := map[string]bool{}
	for i, result := range r.Requirements {
		switch {
		case result.ID == "":
			return fmt.Errorf("its requirement %d has no id", i+1)
		case known[result.ID]:
			return fmt.Errorf("%.80q stands in it twice", result.ID)
		case !slices.Contains(verdict.All(), result.Verdict):
			return fmt.Errorf("there is no verdict %.80q, which %.80q has", result.Verdict, result.ID)
		case !slices.Contains(levels(), result.Level):
			return fmt.Errorf("there is no level %.80q, which %.80q has", result.Level, result.ID)
		}
		known[result.ID] = true
		for _, spec := range result.Specs {
			if err := checkSpec(spec); err != nil {
				return fmt.Errorf("%.80q: %w", result.ID, err)
			}
		}
	}
	return nil
}

func levels() []requirement.Level {
	return []requirement.Level{requirement.Shall, requirement.ShallNot, requirement.Should, requirement.ShouldNot, requirement.May}
}

func checkSpec(spec verdict.Spec) error {
	if !slices.Contains(verdict.All(), spec.Verdict) {
		return fmt.Errorf("there is no verdict %.80q, which an experiment has", spec.Verdict)
	}
	for _, exchange := range spec.Exchanges {
		if exchange == nil {
			return errors.New("an exchange is null")
		}
		for _, decision := range []wire.Decision{exchange.Expected, exchange.Judged} {
			switch decision {
			case "", wire.Accepted, wire.Refused, wire.Undecided, wire.Confused:
			default:
				return fmt.Errorf("there is no decision %.80q", decision)
			}
		}
		switch exchange.Role {
		case "", wire.RoleControl, wire.RoleClaim:
		default:
			return fmt.Errorf("there is no role %.80q", exchange.Role)
		}
	}
	return nil
}
