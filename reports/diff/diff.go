// Package diff compares two reports: what of a server has become better or worse, what is tested now that was not, and what is not any more.
package diff

import (
	"cmp"
	"slices"
	"time"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// Schema is the version of a difference in JSON. Members are added, never changed.
const Schema = "https://fapitest.dev/diff/v1"

// Difference is what lies between two reports.
type Difference struct {
	Schema         string   `json:"schema"`
	Old            Side     `json:"old"`
	New            Side     `json:"new"`
	Notes          []string `json:"notes"`          // what makes the reports hard to compare
	Worse          []Change `json:"worse"`          // it kept this, or broke less of it
	Better         []Change `json:"better"`         // it broke this, or more of it; or nobody had attested it
	NewlyTested    []Change `json:"newlyTested"`    // nothing was known of it; what fails here did not get worse
	NoLongerTested []Change `json:"noLongerTested"` // something was known, and is not now
	Otherwise      []Change `json:"otherwise"`      // what was not known before either, and not for that reason
	Same           int      `json:"same"`
	NotCompared    int      `json:"notCompared"` // left out by hand in one of them
}

// Side is one of the two reports.
type Side struct {
	Conclusion verdict.Conclusion `json:"conclusion"`
	Headline   string             `json:"headline"`
	Partial    bool               `json:"partial"`
	Waived     int                `json:"waived"` // how many findings
	Target     string             `json:"target"` // the issuer
	File       string             `json:"file"`   // the target file
	Profile    string             `json:"profile"`
	Edition    string             `json:"edition"`
	Tool       verdict.Tool       `json:"tool"`
	Started    time.Time          `json:"started"`
	Seconds    float64            `json:"seconds"`
}

// Change is a requirement that came to something else.
type Change struct {
	ID          string            `json:"id"`
	Level       requirement.Level `json:"level"`
	Says        string            `json:"says"`
	Link        string            `json:"link"`
	Was         verdict.Verdict   `json:"was,omitempty"` // empty: the old report does not have the requirement
	Is          verdict.Verdict   `json:"is,omitempty"`  // empty: the new one does not
	Follows     []string          `json:"follows,omitempty"`
	Experiments []Experiment      `json:"experiments"`      // those that changed, where both tried them
	Reason      string            `json:"reason,omitempty"` // why nothing is known now
	Waived      string            `json:"waived,omitempty"` // who answers for it in the new report, until when and why
}

// Experiment is one experiment as one client.
type Experiment struct {
	Sentence string          `json:"sentence"`
	Client   string          `json:"client"`
	Was      verdict.Verdict `json:"was"`
	Is       verdict.Verdict `json:"is"`
	Message  string          `json:"message,omitempty"` // what is wrong now
}

// Compare says what changed from one report to the next.
func Compare(before, after *verdict.Report) *Difference {
	d := &Difference{Schema: Schema, Old: side(before), New: side(after), Notes: []string{},
		Worse: []Change{}, Better: []Change{}, NewlyTested: []Change{}, NoLongerTested: []Change{}, Otherwise: []Change{}}
	d.notes(before, after)
	for _, is := range after.Requirements {
		was, there := before.Result(is.ID)
		if !there {
			was = verdict.Result{ID: is.ID}
		}
		d.add(after, was, is)
	}
	for _, was := range before.Requirements {
		if _, there := after.Result(was.ID); !there {
			d.add(after, was, verdict.Result{ID: was.ID})
		}
	}
	for _, list := range [][]Change{d.Worse, d.NewlyTested} {
		slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(weight(b.Is), weight(a.Is)) })
	}
	return d
}

// Outcome is what a pipeline makes of it: Red where something is worse that nobody waives, Undecided where nothing is and something is no longer tested.
func (d *Difference) Outcome() verdict.Outcome {
	switch {
	case slices.ContainsFunc(d.Worse, func(c Change) bool { return c.Waived == "" }):
		return verdict.Red
	case len(d.NoLongerTested) > 0:
		return verdict.Undecided
	}
	return verdict.Passed
}

func side(r *verdict.Report) Side {
	return Side{
		Conclusion: r.Conclusion, Headline: wording.Headline(r), Partial: r.Partial, Waived: r.Waived(), Target: r.Target.Issuer, File: r.Target.File,
		Profile: r.Profile.ID, Edition: r.Profile.Edition, Tool: r.Tool, Started: r.Started, Seconds: r.Seconds,
	}
}

func (d *Difference) notes(before, after *verdict.Report) {
	note := func(differ bool, words string) {
		if differ {
			d.Notes = append(d.Notes, words)
		}
	}
	note(before.Profile.ID != after.Profile.ID, "they were tested against different profiles")
	note(before.Profile.ID == after.Profile.ID && before.Profile.Edition != after.Profile.Edition, "they were tested against different editions of the profile")
	note(before.Target.Issuer != after.Target.Issuer, "they are of different issuers")
	note(before.Tool != after.Tool, "they are of different versions of fapitest: what changed may be what it looks for")
	note(before.Thorough != after.Thorough, "only one of them tried everything as every client (--thorough)")
	note(before.Started.After(after.Started), "the second report is the older one")
}

// weight orders what is known of a server: the heavier the worse.
func weight(v verdict.Verdict) int {
	switch v {
	case verdict.Fail:
		return 3
	case verdict.Warn:
		return 2
	case verdict.Pass:
		return 1
	case verdict.Attested, verdict.NotApplicable, verdict.Blocked, verdict.Error, verdict.Untested:
	}
	return 0
}

// open says that nothing is known of a requirement that applies.
func open(v verdict.Verdict) bool {
	switch v {
	case verdict.Blocked, verdict.Error, verdict.Untested, "":
		return true
	case verdict.Pass, verdict.Fail, verdict.Warn, verdict.Attested, verdict.NotApplicable:
	}
	return false
}

func (d *Difference) add(after *verdict.Report, was, is verdict.Result) {
	if was.LeftOut || is.LeftOut {
		d.NotCompared++
		return
	}
	tested := func(v verdict.Verdict) bool { return weight(v) > 0 }
	change := newChange(after, was, is)
	switch {
	case tested(was.Verdict) && tested(is.Verdict):
		d.weigh(change, was, is)
	case tested(is.Verdict):
		d.NewlyTested = append(d.NewlyTested, change)
	case tested(was.Verdict), was.Verdict == verdict.Attested && open(is.Verdict):
		d.NoLongerTested = append(d.NoLongerTested, change)
	case is.Verdict == verdict.Attested && open(was.Verdict):
		d.Better = append(d.Better, change)
	case was.Verdict == is.Verdict, open(was.Verdict) && open(is.Verdict), was.Verdict == "", is.Verdict == "":
		d.Same++ // what does not apply in one and is not in the other is no news either
	default:
		d.Otherwise = append(d.Otherwise, change)
	}
}

// weigh sorts in what was looked at in both. Of one that is broken as before, some experiments may have changed, in both directions.
func (d *Difference) weigh(change Change, was, is verdict.Result) {
	worsened, bettered := changed(was, is, verdict.Worsened(was, is)), changed(was, is, verdict.Worsened(is, was))
	switch {
	case weight(is.Verdict) > weight(was.Verdict):
		change.Experiments = worsened
		d.Worse = append(d.Worse, change)
		return
	case weight(is.Verdict) < weight(was.Verdict):
		change.Experiments = bettered
		d.Better = append(d.Better, change)
		return
	}
	if len(worsened)+len(bettered) == 0 {
		d.Same++
	}
	if len(worsened) > 0 {
		change.Experiments = worsened
		d.Worse = append(d.Worse, change)
	}
	if len(bettered) > 0 {
		change.Experiments = bettered
		d.Better = append(d.Better, change)
	}
}

func newChange(after *verdict.Report, was, is verdict.Result) Change {
	about := is
	if is.Verdict == "" {
		about = was
	}
	change := Change{
		ID: about.ID, Level: about.Level, Says: about.Says, Link: about.Link, Was: was.Verdict, Is: is.Verdict, Follows: about.Follows, Experiments: []Experiment{},
	}
	if weight(is.Verdict) == 0 && is.Verdict != "" {
		change.Reason = wording.Why(is)
	}
	if known, is := after.Known(about.ID); is && known.By == verdict.ByWaiver {
		change.Waived = wording.KnownLine(known)
	}
	return change
}

// changed is what these specs were in both results.
func changed(was, is verdict.Result, specs []verdict.Spec) []Experiment {
	of := func(result verdict.Result, like verdict.Spec) verdict.Spec {
		i := slices.IndexFunc(result.Specs, func(s verdict.Spec) bool { return s.Sentence == like.Sentence && s.Client == like.Client })
		if i < 0 {
			return verdict.Spec{}
		}
		return result.Specs[i]
	}
	list := []Experiment{}
	for _, spec := range specs {
		now := of(is, spec)
		list = append(list, Experiment{Sentence: spec.Sentence, Client: spec.Client, Was: of(was, spec).Verdict, Is: now.Verdict, Message: now.Message})
	}
	return list
}
