package verdict

import (
	"fmt"
	"slices"
	"time"
)

// FailOn says what of a run a pipeline goes red for. Each word takes in the one before it.
type FailOn string

// The words of --fail-on, the mildest first.
const (
	FailOnFail         FailOn = "fail"         // what breaks a shall
	FailOnInconclusive FailOn = "inconclusive" // also that a mandatory requirement could not be tested; what a run does when nothing is said
	FailOnWarn         FailOn = "warn"         // also what breaks a recommendation
)

// FailOns lists them.
func FailOns() []FailOn { return []FailOn{FailOnFail, FailOnInconclusive, FailOnWarn} }

// Knower is who knew a finding before the run.
type Knower string

// Those who can know a finding.
const (
	ByExpectation Knower = "expectation" // --expect
	ByBaseline    Knower = "baseline"    // --baseline
	ByWaiver      Knower = "waiver"      // --waivers
)

// Known is a finding of this run that was known before it.
type Known struct {
	ID      string  `json:"id"`
	Verdict Verdict `json:"verdict"`
	By      Knower  `json:"by"`
	Reason  string  `json:"reason"`
	Owner   string  `json:"owner,omitempty"`   // of a waiver
	Expires string  `json:"expires,omitempty"` // the last day of a waiver, as 2026-12-31
}

// Baseline is the earlier report that a run was held against.
type Baseline struct {
	File    string    `json:"file"`
	Tool    Tool      `json:"tool"`
	Started time.Time `json:"started"`
}

// Gate is what the operator of a run made of its findings. It changes no verdict and no conclusion: it decides how the run ends for a pipeline, and every
// format says so beside the conclusion.
type Gate struct {
	FailOn   FailOn    `json:"failOn"`
	Waivers  string    `json:"waivers,omitempty"` // the file; empty: there are none
	Expect   string    `json:"expect,omitempty"`  // the file of exactly the findings that are expected
	Baseline *Baseline `json:"baseline,omitempty"`
	Known    []Known   `json:"known,omitempty"`
	Against  []string  `json:"against,omitempty"` // sentences: what the gate does not let pass beside the findings, as an expired waiver, and what Expect does not say
	Notes    []string  `json:"notes,omitempty"`   // sentences: what changes nothing, as a waiver that is not needed
}

// Outcome is what a run comes to for a pipeline.
type Outcome string

// The outcomes.
const (
	Passed    Outcome = "passed"
	Red       Outcome = "red"       // something is broken that was not known
	Undecided Outcome = "undecided" // nothing of that kind, and something is not known that has to be
)

// Known returns what was known of a requirement's finding before the run.
func (r *Report) Known(id string) (Known, bool) {
	if r.Gate == nil {
		return Known{}, false
	}
	i := slices.IndexFunc(r.Gate.Known, func(known Known) bool { return known.ID == id })
	if i < 0 {
		return Known{}, false
	}
	return r.Gate.Known[i], true
}

// Waived counts the findings that a waiver covers, without what only follows from them. A report that has any is never to be taken for one of a conformant server.
func (r *Report) Waived() int {
	n := 0
	if r.Gate != nil {
		for _, known := range r.Gate.Known {
			if result, _ := r.Result(known.ID); known.By == ByWaiver && len(result.Follows) == 0 {
				n++
			}
		}
	}
	return n
}

// failOn is what the run goes red for.
func (r *Report) failOn() FailOn {
	if r.Gate == nil || r.Gate.FailOn == "" {
		return FailOnInconclusive
	}
	return r.Gate.FailOn
}

// Alone is what one result does to the outcome.
func (r *Report) Alone(result Result) Outcome {
	if _, known := r.Known(result.ID); known {
		return Passed
	}
	if r.Gate != nil && r.Gate.Expect != "" {
		// Everything red has to be expected, of whatever weight; what nothing looked at is no finding.
		if result.Verdict.Red() && len(result.Follows) == 0 {
			return Red
		}
		return Passed
	}
	undecided := Undecided
	if r.failOn() == FailOnFail || !result.Level.Mandatory() || result.LeftOut {
		undecided = Passed
	}
	switch result.Verdict {
	case Fail:
		return Red
	case Warn:
		if r.failOn() == FailOnWarn {
			return Red
		}
	case Blocked, Error, Untested:
		return undecided
	case Pass, Attested, NotApplicable:
	}
	return Passed
}

// Outcome is what the run comes to. Where nothing at all was looked at it is Undecided, whatever is let pass: a server that is down is no good news.
func (r *Report) Outcome() Outcome {
	outcome := Passed
	for _, result := range r.Requirements {
		switch r.Alone(result) {
		case Red:
			return Red
		case Undecided:
			outcome = Undecided
		case Passed:
		}
	}
	switch {
	case r.Gate != nil && len(r.Gate.Against) > 0:
		return Red
	case r.Gate != nil && r.Gate.Expect != "":
		return outcome
	case !slices.ContainsFunc(r.Requirements, looked):
		return Undecided
	}
	return outcome
}

// Knows adds what the sources of roll-ups know: what only follows from findings that are known is known too.
func (g *Gate) Knows(r *Report) {
	known := map[string]Known{}
	for _, k := range g.Known {
		known[k.ID] = k
	}
	for _, result := range r.Requirements {
		if len(result.Follows) == 0 || known[result.ID].ID != "" || !result.Verdict.Red() && result.Verdict != Untested {
			continue
		}
		var verdicts []Verdict
		for _, id := range result.Follows {
			source, _ := r.Result(id)
			verdicts = append(verdicts, source.Verdict)
		}
		var by *Known
		all := true
		for i, id := range result.Follows {
			if verdicts[i] != Add(verdicts...) {
				continue
			}
			if k, is := known[id]; is {
				by = &k
			} else {
				all = false
			}
		}
		if by != nil && all {
			g.Known = append(g.Known, Known{
				ID: result.ID, Verdict: result.Verdict, By: by.By, Reason: "follows from " + by.ID + ": " + by.Reason, Owner: by.Owner, Expires: by.Expires,
			})
			known[result.ID] = g.Known[len(g.Known)-1]
		}
	}
}

// Worsened lists the specs of a result that came to its verdict now, and to something lighter in an earlier result of the same requirement, as the same client. What
// the earlier one did not try is none of them.
func Worsened(earlier, now Result) []Spec {
	before := map[[2]string]Verdict{}
	for _, spec := range earlier.Specs {
		before[[2]string{spec.Sentence, spec.Client}] = spec.Verdict
	}
	var specs []Spec
	for _, spec := range now.Specs {
		was, tried := before[[2]string{spec.Sentence, spec.Client}]
		if spec.Verdict == now.Verdict && tried && was != spec.Verdict && (was == Pass || was == Warn) {
			specs = append(specs, spec)
		}
	}
	return specs
}

// KnownFrom says of each finding whether an earlier report has it: the requirement had the same verdict there, and no experiment that it passed then, as the same
// client, has come to that since. What could not be tested is known where it could not be tested then either, for whatever reason.
func (g *Gate) KnownFrom(r, earlier *Report) {
	open := func(v Verdict) bool { return v == Blocked || v == Error || v == Untested }
	for _, result := range r.Requirements {
		was, there := earlier.Result(result.ID)
		if !there || was.LeftOut || result.LeftOut || !result.Verdict.Red() && result.Verdict != Untested || slices.ContainsFunc(g.Known, func(k Known) bool { return k.ID == result.ID }) {
			continue
		}
		same := was.Verdict == result.Verdict || open(was.Verdict) && open(result.Verdict)
		if !same || len(Worsened(was, result)) > 0 {
			continue
		}
		g.Known = append(g.Known, Known{ID: result.ID, Verdict: result.Verdict, By: ByBaseline, Reason: "the baseline has it too"})
	}
}

// Check says what in a gate does not fit the report that it stands in: a finding that the report does not have, or one that nobody answers for. What was let pass can't
// be read out of the results, so that a gate that was written in by hand and fits is not found; a signature finds it.
func (g *Gate) Check(r *Report) error {
	if g == nil {
		return nil
	}
	if !slices.Contains(FailOns(), g.FailOn) {
		return fmt.Errorf("its gate fails on %.80q, and there is no such word", g.FailOn)
	}
	known := map[string]bool{}
	for _, k := range g.Known {
		result, there := r.Result(k.ID)
		switch {
		case !there:
			return fmt.Errorf("its gate knows %.80q, which does not stand in it", k.ID)
		case known[k.ID]:
			return fmt.Errorf("its gate knows %.80q twice", k.ID)
		case result.Verdict != k.Verdict, !k.Verdict.Red() && k.Verdict != Untested:
			return fmt.Errorf("its gate knows %.80q as %.40q, and it is %s", k.ID, k.Verdict, result.Verdict)
		case k.Reason == "":
			return fmt.Errorf("its gate knows %.80q, and says not why", k.ID)
		}
		var by bool
		switch k.By {
		case ByExpectation:
			by = g.Expect != ""
		case ByBaseline:
			by = g.Baseline != nil
		case ByWaiver:
			by = g.Waivers != "" && k.Owner != "" && k.Expires != ""
		}
		if !by {
			return fmt.Errorf("its gate knows %.80q from %.40q, of which it says nothing", k.ID, k.By)
		}
		known[k.ID] = true
	}
	return nil
}
