package wording

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Sign is the character that stands for a verdict beside its word, so that colour says nothing alone.
func Sign(v verdict.Verdict) string {
	switch v {
	case verdict.Pass:
		return "✓"
	case verdict.Fail:
		return "✗"
	case verdict.Warn:
		return "△"
	case verdict.NotApplicable:
		return "–"
	case verdict.Blocked:
		return "◌"
	case verdict.Error:
		return "!"
	case verdict.Attested:
		return "◇"
	case verdict.Untested:
		return "?"
	}
	return "?"
}

// Word is a verdict as it is read.
func Word(v verdict.Verdict) string {
	switch v {
	case verdict.NotApplicable:
		return "not applicable"
	case verdict.Pass, verdict.Fail, verdict.Warn, verdict.Blocked, verdict.Error, verdict.Attested, verdict.Untested:
	}
	return Line(string(v), shortText)
}

// Meaning is what a verdict says, for those who meet it for the first time.
func Meaning(v verdict.Verdict) string {
	switch v {
	case verdict.Pass:
		return "the target keeps the requirement"
	case verdict.Fail:
		return "the target breaks what the document says it shall do"
	case verdict.Warn:
		return "a recommendation is broken, or something else is worth a look"
	case verdict.NotApplicable:
		return "the condition of the requirement is not met"
	case verdict.Blocked:
		return "the request that should have been accepted was not, so nothing is known"
	case verdict.Error:
		return "no answer that decides anything, or an internal error, so nothing is known"
	case verdict.Attested:
		return "the operator says so; it was not seen"
	case verdict.Untested:
		return "nothing looked at it, or nobody attested it"
	}
	return ""
}

// Conclusion is the conclusion alone, in words, with the word partial where it belongs. A partial run without anything red comes to none.
func Conclusion(r *verdict.Report) string {
	words := "inconclusive"
	switch r.Conclusion {
	case verdict.Conformant:
		words = "conformant"
		if r.Partial {
			words = "nothing red, no conclusion"
		}
	case verdict.NotConformant:
		words = "NOT conformant"
	case verdict.Inconclusive:
	}
	if r.Partial {
		words = "partial: " + words
	}
	return waivedPrefix(r) + words
}

// Headline is the first line of a report. What is waived stands before everything else.
func Headline(r *verdict.Report) string {
	switch {
	case r.Conclusion == verdict.Conformant && r.Partial:
		return fmt.Sprintf("%spartial: nothing red, %s; no conclusion about %s%s", waivedPrefix(r), Scope(r), ProfileTitle(r), waivedSuffix(r))
	case r.Conclusion == verdict.Conformant, r.Conclusion == verdict.NotConformant:
		return fmt.Sprintf("%s to %s (%s)%s", Conclusion(r), ProfileTitle(r), Scope(r), waivedSuffix(r))
	}
	if looked, _, _ := lookedAt(r); looked == 0 {
		line := fmt.Sprintf("%s: nothing is known about %s (%s)", Conclusion(r), ProfileTitle(r), Scope(r))
		if cause := onlyCause(r); cause != "" {
			line += ": " + Line(cause, shortText)
		}
		return line
	}
	return fmt.Sprintf("%s: whether it conforms to %s is not known (%s)%s", Conclusion(r), ProfileTitle(r), Scope(r), waivedSuffix(r))
}

// onlyCause is why nothing could be decided, where everything that was tried has one reason; empty: it has several, or nothing was tried.
func onlyCause(r *verdict.Report) string {
	cause := ""
	for _, result := range r.Requirements {
		if (result.Verdict != verdict.Blocked && result.Verdict != verdict.Error) || len(result.Follows) > 0 {
			continue
		}
		this := Cause(result)
		if cause != "" && CauseKey(this) != CauseKey(cause) {
			return ""
		}
		cause = this
	}
	return cause
}

// ProfileTitle names the profile.
func ProfileTitle(r *verdict.Report) string {
	for _, name := range []string{r.Profile.Title, r.Profile.ID} {
		if name != "" {
			return Line(name, shortText)
		}
	}
	return "no profile"
}

// Scope says how much the conclusion is about: "69 of 405 requirements looked at, 4 attested". What does not apply counts neither way, and
// what could not be decided was not looked at. Nor was what the operator says.
func Scope(r *verdict.Report) string {
	looked, attested, all := lookedAt(r)
	words := fmt.Sprintf("%d of %s looked at", looked, Plural(all, "requirement"))
	if attested > 0 {
		words += fmt.Sprintf(", %d attested", attested)
	}
	return words
}

// Looked says whether anything was seen of the target.
func Looked(r *verdict.Report) bool {
	looked, _, _ := lookedAt(r)
	return looked > 0
}

// lookedAt counts of all requirements that apply those of which something was seen, and those for which there is the operator's word.
func lookedAt(r *verdict.Report) (looked, attested, all int) {
	for _, result := range r.Requirements {
		if result.Verdict == verdict.NotApplicable {
			continue
		}
		all++
		switch result.Verdict {
		case verdict.Pass, verdict.Fail, verdict.Warn:
			looked++
		case verdict.Attested:
			attested++
		case verdict.Blocked, verdict.Error, verdict.Untested, verdict.NotApplicable:
		}
	}
	return looked, attested, all
}

// Fact is one line of what every report begins with.
type Fact struct{ Name, Text string }

// Facts is what every report begins with, after its first line.
func Facts(r *verdict.Report) []Fact {
	facts := append(gateFacts(r), Fact{"profile", joined(", ", ProfileTitle(r), r.Profile.Edition)})
	if r.Partial {
		facts = append(facts, Fact{"partial", orElse(Line(r.Narrowed, shortText), "narrowed by hand")})
	}
	facts = append(facts, Fact{"target", orElse(joined(", ", r.Target.Issuer, r.Target.File), "none")})
	if r.Target.Permission != "" {
		facts = append(facts, Fact{"permission", Line(r.Target.Permission, shortText)})
	}
	if clients := clientsLine(r.Target.Clients); clients != "" {
		facts = append(facts, Fact{"clients", clients})
	}
	if tried := triedLine(r); tried != "" {
		facts = append(facts, Fact{"tried as", tried})
	}
	facts = append(facts,
		Fact{"tool", toolLine(r)},
	)
	if r.By != "" {
		facts = append(facts, Fact{"run by", Line(r.By, shortText)})
	}
	if shown := shownLine(r.Target.Certificates); shown != "" {
		facts = append(facts, Fact{"certificates", shown})
	}
	facts = append(facts,
		Fact{"time", timeLine(r)},
		Fact{"traffic", askedLine(r)},
	)
	if before := beforeLine(r); before != "" {
		facts = append(facts, Fact{"beforehand", before})
	}
	facts = append(facts,
		Fact{"time spent", spentLine(r)},
		Fact{"counts", CountsLine(r)},
		Fact{"not tested", NotTested(r)},
	)
	return facts
}

func toolLine(r *verdict.Report) string {
	line := orElse(joined(" ", r.Tool.Name, r.Tool.Version), "unknown")
	if commit := Line(r.Tool.Commit, 12); commit != "" {
		line += " (" + strings.TrimSuffix(commit, "…") + ")"
	}
	return fmt.Sprintf("%s, seed %d", line, r.Seed)
}

// shownLine names the certificates that the target's hosts showed.
func shownLine(certificates []wire.Shown) string {
	const most = 6
	var words []string
	for i, shown := range certificates {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(certificates)-most))
			break
		}
		digest := "of nothing"
		if len(shown.Chain) > 0 {
			digest = strings.TrimSuffix(Line(shown.Chain[0], 16), "…")
		}
		words = append(words, fmt.Sprintf("%s: %s, until %s, sha256 %s", Line(shown.Host, 80), orElse(Line(shown.Subject, 80), "without a name"), shown.Until.UTC().Format(time.DateOnly), digest))
	}
	return strings.Join(words, "; ")
}

// triedLine says as how many clients things were tried, where that is not all of them.
func triedLine(r *verdict.Report) string {
	if looked, _, _ := lookedAt(r); looked == 0 {
		return ""
	}
	counts, some := map[requirement.Scope]int{}, false
	for _, result := range r.Requirements {
		if len(result.Specs) > 0 {
			counts[result.Per]++
			some = some || result.Per != requirement.EachCombination
		}
	}
	switch {
	case r.Thorough:
		return "every client, everything (--thorough)"
	case !some:
		return ""
	}
	var words []string
	for _, scope := range []requirement.Scope{requirement.EachCombination, requirement.EachAuthentication, requirement.EachBinding, requirement.OncePerTarget} {
		if counts[scope] > 0 {
			words = append(words, fmt.Sprintf("%s %s", Plural(counts[scope], "requirement"), scope))
		}
	}
	return strings.Join(words, ", ") + "; --thorough tries everything as every client"
}

func clientsLine(clients []verdict.Client) string {
	var words []string
	for i, client := range clients {
		if i == 8 {
			words = append(words, fmt.Sprintf("%d more", len(clients)-i))
			break
		}
		how := joined(", ", client.Auth, client.Binding)
		if !client.Runs {
			how = "used only for its keys"
		}
		words = append(words, fmt.Sprintf("%s (%s)", Line(client.ID, 80), how))
	}
	return enumerate(words)
}

func timeLine(r *verdict.Report) string {
	line := Duration(r.Seconds)
	if !r.Started.IsZero() {
		line += ", from " + r.Started.UTC().Format("2006-01-02 15:04 MST")
	}
	if floor := r.Time.Floor(r.Workers); floor >= 1 {
		line += fmt.Sprintf("; %s is the least that it could take %s", Duration(floor), floorReason(r))
	}
	return line
}

// floorReason says what keeps a run from being quicker than its floor.
func floorReason(r *verdict.Report) string {
	if r.Time.Longest > 0 && r.Time.Longest >= r.Time.Floor(r.Workers) {
		return "with a wait of that length"
	}
	return "with " + Plural(max(1, r.Workers), "worker")
}

// askedLine is what the run asked of the target.
func askedLine(r *verdict.Report) string {
	// A browser makes as many as the pages want, and --max-requests counts those too.
	line := fmt.Sprintf("%s and %s through the pages, whose own requests come on top", Plural(r.Time.Requests, "request"), Plural(r.Time.Flows, "journey"))
	if r.Time.Repeated > 0 {
		line += fmt.Sprintf("; %s repeated because the server was busy", Plural(r.Time.Repeated, "experiment"))
	}
	return line
}

// beforeLine is what of it came before the experiments; empty where that was next to nothing.
func beforeLine(r *verdict.Report) string {
	before := r.Time.Before
	if before.Seconds < 0.05 && before.Flows == 0 {
		return ""
	}
	return fmt.Sprintf("%s and %s of these, in %s: the metadata, and one proper flow of each client", Plural(before.Requests, "request"),
		Plural(before.Flows, "journey"), Duration(before.Seconds))
}

// spentLine is where every second went.
func spentLine(r *verdict.Report) string {
	var parts []string
	total := 0.0
	for _, part := range TimeParts(r) {
		total += max(0, part.Seconds)
	}
	for _, part := range TimeParts(r) {
		words := Duration(part.Seconds) + " " + part.Name
		if part.Name == waiting {
			words += waitedFor(r)
		}
		if part.Ours && total > 0 {
			words += fmt.Sprintf(" (%.0f %%)", 100*max(0, part.Seconds)/total)
		}
		parts = append(parts, words)
	}
	line := strings.Join(parts, ", ")
	if r.Workers > 1 {
		line += fmt.Sprintf(", summed over %d workers", r.Workers)
	}
	return line
}

const waiting = "in waits that clauses need"

// waitedFor says for which clauses a run waited, the longest first, where it says so.
func waitedFor(r *verdict.Report) string {
	var clauses []string
	for clause, seconds := range r.Time.Clauses {
		if seconds >= 0.05 { // less was waited while there was other work to do
			clauses = append(clauses, clause)
		}
	}
	if len(clauses) == 0 {
		return ""
	}
	slices.SortFunc(clauses, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Time.Clauses[b], r.Time.Clauses[a]), strings.Compare(a, b))
	})
	var words []string
	for i, clause := range clauses {
		if i == 5 {
			words = append(words, fmt.Sprintf("%d more", len(clauses)-i))
			break
		}
		words = append(words, Duration(r.Time.Clauses[clause])+" for "+Line(clause, 80))
	}
	return " (" + enumerate(words) + ")"
}

// TimePart is a part of the time that a run took.
type TimePart struct {
	Name    string
	Seconds float64
	Ours    bool // what neither target, browser nor clause has to answer for
}

// TimeParts says where the time went. What is seldom anything stands there only where it is something.
func TimeParts(r *verdict.Report) []TimePart {
	t := r.Time
	parts := []TimePart{
		{Name: "waiting for the server", Seconds: t.Target},
		{Name: "waiting for its pages", Seconds: t.Pages},
		{Name: "in the browser", Seconds: max(0, t.Browser-t.Pages)},
		{Name: waiting, Seconds: t.Waiting},
	}
	for _, seldom := range []TimePart{{Name: "held back (--rate, Retry-After)", Seconds: t.Pacing}, {Name: "idle", Seconds: t.Idle}} {
		if seldom.Seconds >= 0.05 {
			parts = append(parts, seldom)
		}
	}
	return append(parts, TimePart{Name: "overhead", Seconds: t.Own, Ours: true})
}

// Duration is a number of seconds as it is read.
func Duration(seconds float64) string {
	switch {
	case math.IsNaN(seconds) || seconds <= 0:
		return "0 s"
	case seconds < 0.0095:
		return fmt.Sprintf("%.0f ms", math.Max(1, seconds*1000))
	case seconds < 0.995:
		return fmt.Sprintf("%.2f s", seconds)
	case seconds < 9.95:
		return fmt.Sprintf("%.1f s", seconds)
	case seconds > 1e8:
		return "more than three years"
	}
	d := time.Duration(math.Round(seconds)) * time.Second
	switch hours, minutes, rest := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60; {
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, rest)
	default:
		return fmt.Sprintf("%d s", rest)
	}
}

// Count is how many requirements came to a verdict.
type Count struct {
	Verdict verdict.Verdict
	N       int
}

// Counts counts the requirements by verdict, in the order in which a reader wants to know: what is wrong first. It counts anew and
// does not read what the report counted, so that the number always fits what is listed. What was left out by hand is counted apart.
func Counts(r *verdict.Report) (counts []Count, leftOut int) {
	n := map[verdict.Verdict]int{}
	for _, result := range r.Requirements {
		if result.LeftOut {
			leftOut++
			continue
		}
		n[result.Verdict]++
	}
	for _, v := range []verdict.Verdict{
		verdict.Fail, verdict.Error, verdict.Blocked, verdict.Untested, verdict.Warn, verdict.Pass, verdict.Attested, verdict.NotApplicable,
	} {
		counts = append(counts, Count{v, n[v]})
	}
	return counts, leftOut
}

// CountsLine is the counts in a line.
func CountsLine(r *verdict.Report) string {
	counts, leftOut := Counts(r)
	var words []string
	for _, count := range counts {
		if count.N > 0 || count.Verdict == verdict.Fail || count.Verdict == verdict.Pass {
			words = append(words, fmt.Sprintf("%d %s", count.N, Word(count.Verdict)))
		}
	}
	if leftOut > 0 {
		words = append(words, fmt.Sprintf("%d left out", leftOut))
	}
	return strings.Join(words, ", ")
}

// NotTested says how many requirements could not be tested and why.
func NotTested(r *verdict.Report) string {
	var blocked, failed, unattested, planned, cutOff, unseen, leftOut int
	for _, result := range r.Requirements {
		switch {
		case result.LeftOut:
			leftOut++
		case result.Verdict == verdict.Blocked:
			blocked++
		case result.Verdict == verdict.Error:
			failed++
		case Unattested(result):
			unattested++
		case result.Planned:
			planned++
		case result.Verdict == verdict.Untested && result.CutOff:
			cutOff++
		case result.Verdict == verdict.Untested:
			unseen++
		}
	}
	var parts []string
	total := 0
	for _, part := range []struct {
		n   int
		why string
	}{
		{failed, "without a usable answer"},
		{blocked, "blocked by a request that should have been accepted"},
		{unattested, "that nobody attested"},
		{planned, "for which fapitest has no experiment yet"},
		{cutOff, "that the run was cut off from"},
		{unseen, "that no experiment looked at"},
		{leftOut, "left out by hand"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.why))
			total += part.n
		}
	}
	switch {
	case len(r.Requirements) == 0:
		return "nothing was run"
	case len(parts) == 0:
		return "none"
	case len(parts) == 1:
		return parts[0]
	}
	return fmt.Sprintf("%d: %s", total, enumerate(parts))
}

// Unattested says whether a requirement is untested because nobody attested it.
func Unattested(result verdict.Result) bool {
	return result.Verdict == verdict.Untested && strings.HasPrefix(result.Reason, "nobody has attested")
}

func joined(separator string, words ...string) string {
	var kept []string
	for _, word := range words {
		if word = Line(word, shortText); word != "" {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, separator)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
