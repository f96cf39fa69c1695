package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
)

// result adds the specs of a requirement up.
func (g *gathering) result(r *requirement.Requirement, specs []verdict.Spec) verdict.Result {
	result := verdict.Result{
		ID: r.ID, Document: r.Document.ID, Level: r.Level, Says: r.Says, Section: r.Section, Link: r.Link(), Remedy: r.Remedy, Effect: r.Effect, Per: r.Per, Specs: specs,
	}
	if _, chosen := g.chosen[r.ID]; !chosen {
		result.Verdict, result.LeftOut, result.Reason = verdict.Untested, true, "not chosen"
		return result
	}
	if r.Planned || len(r.Follows) > 0 || r.Attested && len(specs) == 0 {
		if reason := g.nowhere(r); reason != "" {
			result.Verdict, result.Reason = verdict.NotApplicable, reason
			return result
		}
	}
	if r.Planned {
		result.Verdict, result.Reason, result.Planned = verdict.Untested, "no experiment looks at it yet", true
		return result
	}
	if stopped := g.stopped(r, specs); stopped != nil {
		specs, result.Specs = stopped, stopped
	}
	var verdicts []verdict.Verdict
	for _, spec := range specs {
		verdicts = append(verdicts, spec.Verdict)
	}
	result.Verdict = verdict.Add(verdicts...)
	switch {
	case result.Verdict == verdict.NotApplicable:
		result.Reason = reasons(specs)
	case len(specs) == 0 && !r.Attested && len(r.Follows) == 0:
		result.Reason = g.whyNothing(r)
		result.LeftOut = g.options.Plan.NoWaits && (!g.queue.interrupted() || g.whole != nil && g.whole[r.ID] == 0)
	}
	g.cutShort(&result, r)
	if r.Attested {
		g.attest(&result, r)
	}
	if len(r.Follows) == 0 && result.Verdict == verdict.Untested && r.Level == requirement.May && len(specs) == 0 {
		if reason := g.nowhere(r); reason != "" {
			result.Verdict, result.Reason = verdict.NotApplicable, reason
		}
	}
	return result
}

// cutShort leaves untested what the run was cut off from, unless something is known of it that no further experiment would change: half of
// the clients say nothing of the others, whoever ended the run.
func (g *gathering) cutShort(result *verdict.Result, r *requirement.Requirement) {
	by := g.queue.endedBy()
	if by == "" || len(result.Specs) >= g.whole[r.ID] || result.Verdict.Red() {
		return
	}
	// That it concerns no client is known without a try.
	if reason := g.nowhere(r); reason != "" {
		result.Verdict, result.Reason = verdict.NotApplicable, reason
		return
	}
	result.Verdict, result.CutOff, result.Reason = verdict.Untested, true, by
	switch {
	case len(result.Specs) > 0:
		result.Reason += " in the middle of its experiments"
	case g.queue.cutOff() == "":
		result.Reason += " before its experiments"
	}
}

// whyNothing says why no spec of a requirement ran.
func (g *gathering) whyNothing(r *requirement.Requirement) string {
	switch {
	case g.whole != nil && g.whole[r.ID] == 0 && g.options.Plan.NoWaits:
		return "its experiments have to wait, and waits were left out"
	case g.queue.interrupted():
		return "the run was interrupted before its experiments"
	case g.options.Plan.NoWaits:
		return "its experiments have to wait, and waits were left out"
	}
	return "no experiment looked at it"
}

// nowhere says why a requirement applies to no client; empty where it applies to one.
func (g *gathering) nowhere(r *requirement.Requirement) string {
	return g.options.Target.UnmetByAll(r.When)
}

// attest takes the operator's word for what can't be seen, unless what can be seen speaks against it.
func (g *gathering) attest(result *verdict.Result, r *requirement.Requirement) {
	if result.Verdict.Red() {
		return
	}
	words := g.options.Target.Attested[r.ID]
	switch {
	case words != "":
		result.Verdict, result.Reason = verdict.Attested, words
	case r.Level.Mandatory(), r.Level.Recommended():
		result.Verdict, result.Reason = verdict.Untested, verdict.NobodyAttested+", and "+r.Reason
	}
}

// reasons joins the different messages of specs that did not run.
func reasons(specs []verdict.Spec) string {
	unique := map[string]bool{}
	for _, spec := range specs {
		unique[spec.Message] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(unique)), "; ")
}

// rollUp gives a requirement the verdict of those it follows from. Where it has experiments of its own they count as well, and as long as
// they alone decide it follows from nothing.
func rollUp(result *verdict.Result, r *requirement.Requirement, results map[string]verdict.Result) {
	var verdicts []verdict.Verdict
	var words []string
	leftOut := true
	if own := result.Verdict; len(result.Specs) > 0 {
		verdicts = append(verdicts, own)
		for _, source := range r.Follows {
			verdicts = append(verdicts, results[source].Verdict)
		}
		if verdict.Add(verdicts...) == own {
			return
		}
		verdicts, leftOut = verdicts[:1], result.LeftOut
	}
	for _, source := range r.Follows {
		leftOut = leftOut && results[source].LeftOut
		result.CutOff = result.CutOff || results[source].CutOff
		verdicts = append(verdicts, results[source].Verdict)
		words = append(words, fmt.Sprintf("%s: %s", source, results[source].Verdict))
	}
	result.Follows = slices.Clone(r.Follows)
	result.Verdict, result.LeftOut = verdict.Add(verdicts...), leftOut
	result.Reason = "follows from " + strings.Join(words, ", ")
	if result.Verdict == verdict.Fail {
		switch {
		case r.Level.Recommended():
			result.Verdict = verdict.Warn
		case r.Level == requirement.May:
			result.Verdict = verdict.Pass
		}
	}
	if result.CutOff && !result.Verdict.Red() {
		result.Verdict = verdict.Untested
	}
}
