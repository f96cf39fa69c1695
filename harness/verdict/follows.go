package verdict

import (
	"fmt"
	"slices"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

// NobodyAttested begins the reason of a requirement that only the operator could have answered, and did not.
const NobodyAttested = "nobody has attested it"

// Follows says what in a report does not follow from the rest of it: the verdict of an experiment from what was judged in it, that of a requirement from its
// experiments and from the requirements that it follows from, the counts and the conclusion from the verdicts. The error names the requirement. Who reads a report has
// nothing but the file: what was edited there by hand, and not everywhere, is found by this; what was made up as a whole is not, and wants a signature.
func (r *Report) Follows() error {
	byID := make(map[string]Result, len(r.Requirements))
	for _, result := range r.Requirements {
		byID[result.ID] = result
	}
	for _, result := range r.Requirements {
		for _, spec := range result.Specs {
			if err := spec.follows(result.Level); err != nil {
				return fmt.Errorf("%.80s: %w", result.ID, err)
			}
			if spec.Verdict == Attested && r.attested(result.ID) == "" {
				return fmt.Errorf("%.80s: %.200q is called attested, and the target file attests nothing of it", result.ID, spec.Sentence)
			}
		}
	}
	// Those with a verdict of their own first: it is they that an error has to name, and not what follows from them.
	for _, rollUps := range []bool{false, true} {
		for _, result := range r.Requirements {
			if rollUps != (len(result.Follows) > 0) {
				continue
			}
			if err := r.followsFrom(result, byID); err != nil {
				return fmt.Errorf("%.80s: %w", result.ID, err)
			}
		}
	}
	if r.Partial != (r.Narrowed != "") {
		return fmt.Errorf("it is partial: %t, and narrowed by %.200q", r.Partial, r.Narrowed)
	}
	if r.Profile.Of != len(r.Requirements) {
		return fmt.Errorf("the profile asks %d requirements, and %d stand in it", r.Profile.Of, len(r.Requirements))
	}
	counted := Report{Requirements: r.Requirements}
	counted.Count()
	for _, v := range All() {
		if r.Counts[v] != counted.Counts[v] {
			return fmt.Errorf("it counts %d requirements as %s, and there are %d", r.Counts[v], v, counted.Counts[v])
		}
	}
	return r.concludes()
}

// concludes compares the conclusion. A run that was cut short after everything had been looked at says less than it might.
func (r *Report) concludes() error {
	came := Conclude(r.Requirements)
	if r.Conclusion == came || r.Partial && came == Conformant && r.Conclusion == Inconclusive {
		return nil
	}
	return fmt.Errorf("it says %s, and its requirements come to %s%s", r.Conclusion, came, because(r.Requirements, came))
}

// because names a requirement that decides a conclusion.
func because(results []Result, came Conclusion) string {
	decides := func(result Result) bool { return result.Verdict == Fail }
	if came == Inconclusive {
		decides = func(result Result) bool {
			switch result.Verdict {
			case Blocked, Error:
				return result.Level.Mandatory()
			case Untested:
				return result.Level.Mandatory() && !result.LeftOut
			case Fail, Warn, Attested, Pass, NotApplicable:
			}
			return false
		}
	}
	if at := slices.IndexFunc(results, decides); at >= 0 {
		return fmt.Sprintf(": %.80s is %s", results[at].ID, results[at].Verdict)
	}
	return ""
}

// attested is what the target file attests of a requirement, by the effective configuration; empty: nothing.
func (r *Report) attested(id string) string {
	switch words := r.Target.Config["attested"].(type) {
	case map[string]string: // as the run has it
		return words[id]
	case map[string]any: // as it is read
		word, _ := words[id].(string)
		return word
	}
	return ""
}

// followsFrom compares the verdict of a requirement with what it may come from.
func (r *Report) followsFrom(result Result, byID map[string]Result) error {
	switch {
	case result.LeftOut && !r.Partial:
		return fmt.Errorf("it was left out, and the run is called whole")
	case result.CutOff && !r.Partial:
		return fmt.Errorf("it was cut off, and the run is called whole")
	case result.Planned && len(result.Specs) > 0:
		return fmt.Errorf("it is called planned, and was looked at")
	case result.Planned && len(result.Follows) == 0 && result.Verdict != Untested:
		return fmt.Errorf("it is %s, and no experiment looks at it", result.Verdict)
	}
	may := r.own(result)
	said := "its experiments come to " + string(sum(result.Specs))
	if len(result.Follows) > 0 {
		rolled, err := rolledUp(result, may, byID)
		if err != nil {
			return err
		}
		may, said = rolled, "what it follows from comes to "+string(rolled[0])
	} else if len(result.Specs) == 0 {
		said = "no experiment looked at it"
	}
	// What the metadata announce and the target file does not claim is a warning at what was not looked at for that.
	if slices.Contains(may, NotApplicable) && result.Reason != "" {
		may = append(may, Warn)
	}
	if !slices.Contains(may, result.Verdict) {
		return fmt.Errorf("it is %s, and %s", result.Verdict, said)
	}
	return nil
}

func sum(specs []Spec) Verdict {
	var verdicts []Verdict
	for _, spec := range specs {
		verdicts = append(verdicts, spec.Verdict)
	}
	return Add(verdicts...)
}

// own lists the verdicts that a requirement may have by its own experiments, the operator's word, and its not having been looked at.
func (r *Report) own(result Result) []Verdict {
	came := sum(result.Specs)
	may := []Verdict{came}
	if came.Red() {
		return may
	}
	words, nobody := r.attested(result.ID), len(result.Reason) >= len(NobodyAttested) && result.Reason[:len(NobodyAttested)] == NobodyAttested
	if words != "" && (words == result.Reason || len(result.Follows) > 0) {
		may = append(may, Attested)
	}
	if nobody || result.CutOff {
		may = append(may, Untested)
	}
	if (len(result.Specs) == 0 || result.CutOff) && !nobody && result.Reason != "" {
		may = append(may, NotApplicable) // it concerns no client, which is known without a try
	}
	return may
}

// rolledUp lists the verdicts that a requirement may have by those that it follows from, and by its own where it has experiments.
func rolledUp(result Result, own []Verdict, byID map[string]Result) ([]Verdict, error) {
	var sources, before []Verdict // before: without the warning that comes after everything was rolled up
	for _, id := range result.Follows {
		source, known := byID[id]
		if !known {
			return nil, fmt.Errorf("it follows from %.80q, which does not stand in it", id)
		}
		sources = append(sources, source.Verdict)
		if came := sum(source.Specs); source.Verdict == Warn && (came == NotApplicable || came == Untested) {
			before = append(before, NotApplicable)
		} else {
			before = append(before, source.Verdict)
		}
	}
	var may []Verdict
	for _, from := range [][]Verdict{sources, before} {
		if len(result.Specs) == 0 {
			may = append(may, rolled(result, Add(from...)))
			continue
		}
		for _, mine := range own {
			may = append(may, rolled(result, Add(append(slices.Clone(from), mine)...)))
		}
	}
	return may, nil
}

// rolled is what the sum of those that a requirement follows from is to it.
func rolled(result Result, sum Verdict) Verdict {
	v := sum
	switch {
	case v == Fail && result.Level.Recommended():
		v = Warn
	case v == Fail && result.Level == requirement.May:
		v = Pass
	}
	if result.CutOff && !v.Red() {
		return Untested
	}
	return v
}

// follows compares the verdict of an experiment with the last judgement in it that is not what was expected: that ended it, and only what is no answer, or a
// control, ends it as Error or Blocked. What nobody judged can't be compared.
func (s Spec) follows(level requirement.Level) error {
	said := func(exchange *wire.Exchange) error {
		return fmt.Errorf("%.200q is %s, and the %.80s in it was %s where it had to be %s", s.Sentence, s.Verdict, exchange.Step, exchange.Judged, exchange.Expected)
	}
	var last *wire.Exchange
	for _, exchange := range slices.Backward(s.Exchanges) {
		if exchange.Expected != "" && exchange.Judged != exchange.Expected {
			last = exchange
			break
		}
	}
	if s.Verdict == Fail && !level.Mandatory() {
		return fmt.Errorf("%.200q is %s, and a breach of what it says it %s is none", s.Sentence, s.Verdict, level)
	}
	if last == nil {
		return nil
	}
	decided := last.Judged == wire.Accepted || last.Judged == wire.Refused
	switch s.Verdict {
	case Fail:
		if !decided || last.Role == wire.RoleControl {
			return said(last)
		}
	case Warn:
		// Of what has no role it was only noted that it decided nothing.
		if last.Role != "" && (!decided || last.Role == wire.RoleControl) {
			return said(last)
		}
	case Pass, NotApplicable, Attested:
		breach := level == requirement.May && decided && last.Role == wire.RoleClaim // of what a server may do it is none
		if last.Role != "" && !breach {
			return said(last)
		}
	case Blocked, Error, Untested:
	}
	return nil
}
