// Package verdict says what came out: the verdict of a spec, of a requirement, of a run, and how they add up.
package verdict

import "slices"

// Verdict is what is said about a spec or a requirement.
type Verdict string

// The verdicts, as they are spelt in files, and what each says.
const (
	Pass          Verdict = "pass"           // the target keeps the requirement
	Fail          Verdict = "fail"           // it breaks what its document says it shall do
	Warn          Verdict = "warn"           // it breaks what its document says it should do, or the catalogue calls it a warning
	NotApplicable Verdict = "not-applicable" // the condition of the requirement is not met
	Blocked       Verdict = "blocked"        // the request that should have been accepted was not, so nothing is known
	Error         Verdict = "error"          // no answer, a timeout, 429, 5xx, or a fault of ours
	Attested      Verdict = "attested"       // the operator says so in the target file
	Untested      Verdict = "untested"       // not run, or nobody attested it
)

// All lists the verdicts in the order in which they outweigh each other: when results add up, the first one that occurs wins.
// Untested says less than anything, so it only stands where there is nothing else.
func All() []Verdict {
	return []Verdict{Fail, Error, Blocked, Warn, Attested, Pass, NotApplicable, Untested}
}

// Add returns what several verdicts come to: Fail > Error > Blocked > Warn > Attested > Pass > NotApplicable. Of nothing: Untested.
func Add(verdicts ...Verdict) Verdict {
	for _, candidate := range All() {
		for _, v := range verdicts {
			if v == candidate {
				return candidate
			}
		}
	}
	return Untested
}

// Red says whether a verdict is something to look at: Fail, Warn, Blocked or Error.
func (v Verdict) Red() bool {
	switch v {
	case Fail, Warn, Blocked, Error:
		return true
	case Pass, NotApplicable, Attested, Untested:
		return false
	}
	return true
}

// Conclusion is what a whole run says about the target.
type Conclusion string

// The conclusions.
const (
	Conformant    Conclusion = "conformant"
	NotConformant Conclusion = "not-conformant"
	Inconclusive  Conclusion = "inconclusive"
)

// Conclude draws the conclusion from the requirements of a report: any Fail is not-conformant; otherwise a mandatory requirement
// that is Blocked, Error or Untested makes it inconclusive, and so does a report in which nothing was looked at or attested; otherwise
// conformant.
func Conclude(results []Result) Conclusion {
	undecided := false
	for _, r := range results {
		switch r.Verdict {
		case Fail:
			return NotConformant
		case Blocked, Error:
			undecided = undecided || r.Level.Mandatory()
		case Untested:
			undecided = undecided || r.Level.Mandatory() && !r.LeftOut
		case Attested, Pass, Warn, NotApplicable:
		}
	}
	if undecided || !slices.ContainsFunc(results, looked) {
		return Inconclusive
	}
	return Conformant
}

// looked says whether anything was seen or attested of a requirement. A roll-up has no experiment of its own.
func looked(r Result) bool {
	switch r.Verdict {
	case Attested:
		return true
	case Pass, Warn, Fail:
		return len(r.Specs) > 0
	case Blocked, Error, Untested, NotApplicable:
	}
	return false
}
