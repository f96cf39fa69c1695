package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
)

// KnownLine says who knew a finding before the run, and why it is let pass: "waived until 2026-12-31 by J. Doe: the next release mends it".
func KnownLine(known verdict.Known) string {
	why := Line(known.Reason, shortText)
	switch known.By {
	case verdict.ByWaiver:
		return fmt.Sprintf("waived until %s by %s: %s", Line(known.Expires, 20), Line(known.Owner, 80), why)
	case verdict.ByExpectation:
		return "expected: " + why
	case verdict.ByBaseline:
		return "not new: " + why
	}
	return "known: " + why
}

// Passes says whether a pipeline may stay green after this run.
func Passes(r *verdict.Report) bool { return r.Outcome() == verdict.Passed }

// GateLine says how the run ends for a pipeline, and why; empty: its conclusion alone decides.
func GateLine(r *verdict.Report) string {
	if r.Gate == nil {
		return ""
	}
	var red, undecided []string
	for _, result := range r.Requirements {
		if len(result.Follows) > 0 {
			continue
		}
		switch r.Alone(result) {
		case verdict.Red:
			red = append(red, Line(result.ID, 80)+" "+Word(result.Verdict))
		case verdict.Undecided:
			undecided = append(undecided, Line(result.ID, 80)+" "+Word(result.Verdict))
		case verdict.Passed:
		}
	}
	var because []string
	if len(red) > 0 {
		because = append(because, "not let pass: "+few(red))
	}
	if n := len(r.Gate.Against); n > 0 {
		words := Plural(n, "waiver") + " expired"
		if r.Gate.Expect != "" {
			words = Plural(n, "difference") + " from " + Line(r.Gate.Expect, 200)
		}
		because = append(because, words)
	}
	switch r.Outcome() {
	case verdict.Red:
		if len(because) == 0 {
			because = append(because, "what follows from others")
		}
		return "red: " + strings.Join(because, "; ")
	case verdict.Undecided:
		if len(undecided) == 0 {
			return "undecided: nothing could be tested"
		}
		return "undecided: " + few(undecided)
	case verdict.Passed:
	}
	switch {
	case r.Gate.Expect != "":
		return fmt.Sprintf("passes: exactly the findings of %s, %d of them", Line(r.Gate.Expect, 200), len(knownBy(r, verdict.ByExpectation)))
	case len(r.Gate.Known) > 0:
		return "passes: " + knownWords(r)
	case r.Conclusion == verdict.Inconclusive:
		return "passes: nothing failed, and --fail-on " + Line(string(r.Gate.FailOn), 40) + " asks for no more"
	}
	return "passes"
}

// few names some of many.
func few(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return enumerate(names)
}

// knownBy lists the findings that somebody knew, without those that only follow from others.
func knownBy(r *verdict.Report, by verdict.Knower) []verdict.Known {
	var list []verdict.Known
	for _, known := range r.Gate.Known {
		if result, _ := r.Result(known.ID); known.By == by && len(result.Follows) == 0 {
			list = append(list, known)
		}
	}
	return list
}

// knownWords counts the known findings: "1 waived, 3 not new".
func knownWords(r *verdict.Report) string {
	var words []string
	for _, knower := range []struct {
		by    verdict.Knower
		words string
	}{{verdict.ByWaiver, "waived"}, {verdict.ByBaseline, "not new"}, {verdict.ByExpectation, "expected"}} {
		if n := len(knownBy(r, knower.by)); n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, knower.words))
		}
	}
	return strings.Join(words, ", ")
}

// waivedPrefix is what every line begins with that says the conclusion of a run in which something is waived.
func waivedPrefix(r *verdict.Report) string {
	if r.Waived() > 0 {
		return "waived: "
	}
	return ""
}

// waivedSuffix says how many.
func waivedSuffix(r *verdict.Report) string {
	if n := r.Waived(); n > 0 {
		return ", " + Plural(n, "finding") + " waived"
	}
	return ""
}

// gateFacts is what a report says of the gate beside its particulars.
func gateFacts(r *verdict.Report) []Fact {
	if r.Gate == nil {
		return nil
	}
	facts := []Fact{{"gate", GateLine(r)}}
	const most = 12
	waived := knownBy(r, verdict.ByWaiver)
	for i, known := range waived {
		if i == most {
			facts = append(facts, Fact{"waived", fmt.Sprintf("%d more, each named at its finding", len(waived)-most)})
			break
		}
		facts = append(facts, Fact{"waived", fmt.Sprintf("%s until %s by %s: %s", Line(known.ID, 80), Line(known.Expires, 20), Line(known.Owner, 80), Line(known.Reason, shortText))})
	}
	if expected := knownBy(r, verdict.ByExpectation); len(expected) > 0 {
		facts = append(facts, Fact{"expected", fmt.Sprintf("%d by %s, each with its reason at its finding", len(expected), Line(r.Gate.Expect, 200))})
	}
	if b := r.Gate.Baseline; b != nil {
		words := Line(b.File, 200)
		if !b.Started.IsZero() {
			words += ", " + b.Started.UTC().Format("2006-01-02 15:04 MST")
		}
		facts = append(facts, Fact{"baseline", joined(", ", words, joined(" ", b.Tool.Name, b.Tool.Version)) + fmt.Sprintf("; it has %d of the findings too", len(knownBy(r, verdict.ByBaseline)))})
	}
	return facts
}

// GateSays lists what the gate says beside the findings: what it goes red for, and what changes nothing.
func GateSays(r *verdict.Report) (against, notes []string) {
	if r.Gate == nil {
		return nil, nil
	}
	bounded := func(sentences []string) []string {
		const most = 100
		var lines []string
		for _, sentence := range sentences[:min(most, len(sentences))] {
			lines = append(lines, Line(sentence, longText))
		}
		if more := len(sentences) - most; more > 0 {
			lines = append(lines, fmt.Sprintf("and %d more", more))
		}
		return slices.Clip(lines)
	}
	return bounded(r.Gate.Against), bounded(r.Gate.Notes)
}
