// Package terminal prints what a person sees at the end of a run: the conclusion, what could not be tested, and of every finding
// what is asked, what we did, what happened, why care, and what next; always in that order.
package terminal

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// Options say how a report is printed.
type Options struct {
	Colour   bool   // never the only carrier: a sign and a word say the same
	Width    int    // columns; 0: 80
	HTMLPath string // where the evidence can be seen; empty: nowhere
	Again    string // the command that repeats the run, to which an id is appended; empty: what the report knows of it
	Brief    bool   // only the first line: what it comes to
}

// The indentation of what belongs to a finding, and the column of a fact's text after it.
const (
	margin     = 4
	factColumn = 17
)

// Write prints the report.
func Write(w io.Writer, r *verdict.Report, o Options) error {
	p := newPrinter(r, o)
	p.line(p.bold(wording.Headline(r)), 0, wording.Headline(r))
	if o.Brief {
		_, err := w.Write(p.out.Bytes())
		return err
	}
	p.blank()
	for _, fact := range wording.Facts(r) {
		p.fact(fact.Name, fact.Text)
	}
	p.failures()
	p.undecided(verdict.Error)
	p.undecided(verdict.Blocked)
	p.untested()
	p.warnings()
	p.notes()
	p.gate()
	p.rest()
	_, err := w.Write(p.out.Bytes())
	return err
}

// Finding returns how one requirement is printed that failed, warns, is blocked or in error, without colour. Only the given specs
// of it are looked at; with none of them, the requirement's own reason is said.
func Finding(r *verdict.Report, result verdict.Result, o Options) string {
	o.Colour = false
	p := newPrinter(r, o)
	switch result.Verdict {
	case verdict.Fail, verdict.Pass, verdict.NotApplicable, verdict.Attested, verdict.Untested:
		p.failure(result)
	case verdict.Warn:
		p.warning(result)
	case verdict.Blocked, verdict.Error:
		p.cause([]verdict.Result{result})
	}
	return p.out.String()
}

type printer struct {
	report  *verdict.Report
	options Options
	columns int
	out     bytes.Buffer

	scrolled bool // something was printed after the first lines
}

func newPrinter(r *verdict.Report, o Options) *printer {
	if o.Width <= 0 {
		o.Width = 80
	}
	return &printer{report: r, options: o, columns: min(max(o.Width, 40), 120)}
}

func (p *printer) with(v verdict.Verdict) []verdict.Result {
	var results []verdict.Result
	for _, result := range p.report.Requirements {
		if result.Verdict == v && !result.LeftOut {
			results = append(results, result)
		}
	}
	return results
}

// heading says the verdict in a word, and what it means, above those that have it.
func (p *printer) heading(v verdict.Verdict, n int) {
	words := fmt.Sprintf("%d %s: %s", n, wording.Word(v), wording.Meaning(v))
	p.scrolled = true
	p.blank()
	p.line(p.bold(words), 0, words)
}

func (p *printer) failures() {
	results := p.with(verdict.Fail)
	if len(results) == 0 {
		return
	}
	p.heading(verdict.Fail, len(results))
	own, following := split(results)
	for _, result := range own {
		p.failure(result)
	}
	p.following(following)
}

// split parts what was looked at by itself from what follows from other requirements.
func split(results []verdict.Result) (own, following []verdict.Result) {
	for _, result := range results {
		if len(result.Follows) > 0 {
			following = append(following, result)
		} else {
			own = append(own, result)
		}
	}
	return own, following
}

// following prints requirements that have their verdict from others: there is no more to say of them.
func (p *printer) following(results []verdict.Result) {
	if len(results) == 0 {
		return
	}
	p.blank()
	var words []string
	for _, result := range results {
		words = append(words, fmt.Sprintf("%s (%s)", wording.Line(result.ID, 80), wording.Line(strings.Join(result.Follows, ", "), 200)))
	}
	p.hanging(strings.Repeat(" ", margin), "also, because they follow from the requirements in brackets: "+strings.Join(words, ", "))
}

func (p *printer) failure(result verdict.Result) {
	p.title(result)
	p.cases(result, wording.Cases(result, verdict.Fail))
	for _, c := range wording.Cases(result, verdict.Error, verdict.Blocked) {
		p.line(fmt.Sprintf("also %s as %s: %s", wording.Word(c.Verdict), strings.Join(c.Clients, ", "), wording.Prose(c.Specs[0].Message)), margin)
	}
	p.blank()
	p.known(result)
	p.fact("why it matters", wording.Prose(result.Effect))
	p.fact("what to do", wording.Prose(result.Remedy))
	p.where(result)
	p.again(result)
}

func (p *printer) warnings() {
	results := p.with(verdict.Warn)
	if len(results) == 0 {
		return
	}
	p.heading(verdict.Warn, len(results))
	own, following := split(results)
	for _, result := range own {
		p.warning(result)
	}
	p.following(following)
}

func (p *printer) warning(result verdict.Result) {
	p.title(result)
	p.cases(result, wording.Cases(result, verdict.Warn))
	p.blank()
	p.known(result)
	p.fact("what to do", wording.Prose(result.Remedy))
	p.where(result)
}

// undecided prints what is blocked or in error. One cause often stops many requirements: it is said once.
func (p *printer) undecided(v verdict.Verdict) {
	results := p.with(v)
	if len(results) == 0 {
		return
	}
	p.heading(v, len(results))
	results, following := split(results)
	defer p.following(following)
	byCause := map[string][]verdict.Result{}
	var causes []string
	for _, result := range results {
		why := wording.CauseKey(wording.Cause(result))
		if why == "" {
			why = result.ID
		}
		if byCause[why] == nil {
			causes = append(causes, why)
		}
		byCause[why] = append(byCause[why], result)
	}
	for _, why := range causes {
		p.cause(byCause[why])
	}
}

// cause prints requirements about which nothing is known for the same reason.
func (p *printer) cause(results []verdict.Result) {
	first := results[0]
	if len(results) == 1 {
		p.title(first)
	} else {
		p.blank()
		words := fmt.Sprintf("%s %s, all for one reason", wording.Sign(first.Verdict), wording.Plural(len(results), "requirement"))
		p.line(p.paint(first.Verdict, words), 0, words)
		p.blank()
	}
	cases := wording.Cases(first, first.Verdict)
	if len(cases) > 0 {
		cases = cases[:1]
		cases[0].Says = nil // the reason below says it
		p.cases(first, cases)
		p.blank()
	}
	why := wording.Why(first)
	if slices.ContainsFunc(results, func(other verdict.Result) bool { return wording.Why(other) != why }) {
		why = wording.Cause(first)
	}
	p.fact("the reason", why)
	if len(results) == 1 {
		p.known(first)
		p.where(first)
		p.again(first)
		return
	}
	p.evidence(first)
	p.again(first)
	p.knownOf(results)
	p.blank()
	const most = 8 // with their clauses; of more the ids are enough, or the failures are out of sight
	if len(results) > most {
		var ids []string
		for _, result := range results {
			ids = append(ids, wording.Line(result.ID, 80))
		}
		p.line(strings.Join(ids, ", "), margin)
		return
	}
	widest := 0
	for _, result := range results {
		widest = max(widest, runewidth.StringWidth(wording.Line(result.ID, 80)))
	}
	for _, result := range results {
		p.hanging(runewidth.FillRight(strings.Repeat(" ", margin)+wording.Line(result.ID, 80), margin+min(widest, p.columns/2)+2), wording.Clause(result))
	}
}

// untested prints what nothing is known of. Where many have one reason it is said once, and their ids are enough.
func (p *printer) untested() {
	results := p.with(verdict.Untested)
	if len(results) == 0 {
		return
	}
	p.heading(verdict.Untested, len(results))
	results, following := split(results)
	defer p.following(following)
	byReason := map[string][]verdict.Result{}
	var reasons []string
	unattested := ""
	for _, result := range results {
		why := wording.Prose(result.Reason)
		if byReason[why] == nil {
			reasons = append(reasons, why)
		}
		byReason[why] = append(byReason[why], result)
		if wording.Unattested(result) {
			unattested = wording.Line(result.ID, 80)
		}
	}
	for _, why := range reasons {
		if len(byReason[why]) > 4 {
			p.listed(why, byReason[why])
			continue
		}
		for _, result := range byReason[why] {
			p.title(result)
			p.line(why, margin)
			p.known(result)
		}
	}
	if unattested != "" {
		p.blank()
		p.line("what nobody can see from outside is attested in the target file:", margin)
		p.raw(strings.Repeat(" ", margin) + "attested: {" + unattested + `: "who, when, what was seen"}`)
	}
}

// listed prints the ids of requirements that have one reason, by document.
func (p *printer) listed(why string, results []verdict.Result) {
	items := map[string][]string{}
	var documents []string
	for _, result := range results {
		document := wording.Line(result.Document, 80)
		if items[document] == nil {
			documents = append(documents, document)
		}
		items[document] = append(items[document], strings.TrimPrefix(wording.Line(result.ID, 80), document+"-"))
	}
	p.blank()
	p.line(why+" (fapitest explain CLAUSE says what each asks):", margin)
	p.blank()
	for _, document := range documents {
		p.fact(document, strings.Join(items[document], ", "))
	}
	p.knownOf(results)
}

func (p *printer) notes() {
	if len(p.report.Notes) == 0 {
		return
	}
	p.blank()
	p.raw(p.bold("notes"))
	for _, note := range p.report.Notes {
		p.hanging("    - ", wording.Prose(note))
	}
}

// rest counts what is not listed, says where it is, and repeats the conclusion where it has scrolled away.
func (p *printer) rest() {
	listed := false
	for _, v := range []verdict.Verdict{verdict.Attested, verdict.NotApplicable} {
		n := len(p.with(v))
		if n == 0 {
			continue
		}
		if !listed {
			p.blank()
			listed = true
		}
		where := "fapitest render REPORT --format html lists them"
		if p.options.HTMLPath != "" {
			where = "listed in " + p.options.HTMLPath + "#" + string(v)
		}
		p.fact(wording.Word(v), fmt.Sprintf("%d, %s", n, where))
	}
	if p.options.HTMLPath != "" {
		if !listed {
			p.blank()
		}
		p.fact("everything", p.options.HTMLPath)
	}
	if !p.scrolled {
		return
	}
	line := wording.Conclusion(p.report) + ": " + wording.CountsLine(p.report)
	p.blank()
	p.line(p.bold(line), 0, line)
	if line := wording.GateLine(p.report); line != "" {
		p.line(p.bold("gate: "+line), 0, "gate: "+line)
	}
}

// title is a requirement with the sign of its verdict: what is asked.
func (p *printer) title(result verdict.Result) {
	p.blank()
	lead := wording.Sign(result.Verdict) + " " + wording.Line(result.ID, 80) + "  "
	indent := runewidth.StringWidth(lead)
	if indent > p.columns/2 {
		indent = margin
	}
	lines := []string{strings.TrimSpace(lead)}
	if first := p.columns - runewidth.StringWidth(lead); first >= p.columns/2 {
		if clause := Wrap(wording.Clause(result), first); len(clause) > 0 {
			clause[0] = lead + clause[0]
			lines = clause
		}
	} else {
		lines = Wrap(lead+wording.Clause(result), p.columns-margin)
	}
	for i, line := range lines {
		if i > 0 {
			p.raw(strings.Repeat(" ", indent) + line)
			continue
		}
		p.raw(strings.Replace(line, strings.TrimSpace(lead), p.paint(result.Verdict, strings.TrimSpace(lead)), 1))
	}
	p.blank()
}

// cases print what we did and what happened.
func (p *printer) cases(result verdict.Result, cases []wording.Case) {
	if len(cases) == 0 {
		p.line(wording.Prose(result.Reason), margin)
		return
	}
	for i, c := range cases {
		if i > 0 {
			p.blank()
		}
		marked := slices.ContainsFunc(c.Rows, func(row wording.Row) bool { return row.Mark != "" })
		if len(cases) > 1 || !marked {
			for _, sentence := range c.Sentences {
				p.hanging(strings.Repeat(" ", margin), sentence)
			}
		}
		p.rows(c.Rows)
		for _, line := range c.Says {
			indent := len(line) - len(strings.TrimLeft(line, " "))
			p.line(strings.TrimSpace(line), margin+2+indent)
		}
		for _, note := range c.Notes {
			p.line("note: "+note, margin)
		}
		if seen := c.Seen(result); seen != "" {
			p.line(seen, margin)
		}
	}
}

// rows print exchanges: the request in words, the status right-aligned in a column, what was expected instead.
func (p *printer) rows(rows []wording.Row) {
	const most, gap, widest, narrowest = 16, 3, 50, 24
	more := 0
	if len(rows) > most {
		rows, more = rows[:most], len(rows)-most
	}
	answer, mark := 3, 0
	for _, row := range rows {
		answer = max(answer, runewidth.StringWidth(row.Answer))
		mark = max(mark, runewidth.StringWidth(row.Mark))
	}
	label := min(widest+3-answer, max(narrowest, p.columns-margin-answer-gap-mark))
	for _, row := range rows {
		lines := Wrap(row.Label, label-2)
		for i, line := range lines {
			text := strings.Repeat(" ", margin) + line
			if i > 0 {
				text = strings.Repeat(" ", margin+2) + line
			}
			if i == len(lines)-1 {
				if runewidth.StringWidth(text) >= margin+label {
					// What can't be broken into lines has one of its own, and the answer stands below it.
					p.raw(text)
					text = ""
				}
				text = runewidth.FillRight(text, margin+label) + runewidth.FillLeft(row.Answer, answer)
				if row.Mark != "" {
					text += strings.Repeat(" ", gap) + p.paint(verdict.Fail, row.Mark)
				}
			}
			p.raw(text)
		}
	}
	if more > 0 {
		p.line(fmt.Sprintf("and %d more", more), margin)
	}
}

// known says why a finding is let pass.
func (p *printer) known(result verdict.Result) {
	if known, is := p.report.Known(result.ID); is {
		p.fact("known", wording.KnownLine(known))
	}
}

// knownOf says which of many are let pass, and why, once for each reason.
func (p *printer) knownOf(results []verdict.Result) {
	ids := map[string][]string{}
	var reasons []string
	for _, result := range results {
		if known, is := p.report.Known(result.ID); is {
			why := wording.KnownLine(known)
			if ids[why] == nil {
				reasons = append(reasons, why)
			}
			ids[why] = append(ids[why], wording.Line(result.ID, 80))
		}
	}
	for _, why := range reasons {
		if len(ids[why]) == len(results) {
			p.fact("known", "all, "+why)
			continue
		}
		p.fact("known", strings.Join(ids[why], ", ")+", "+why)
	}
}

// gate says what a pipeline goes red for beside the findings.
func (p *printer) gate() {
	against, notes := wording.GateSays(p.report)
	if len(against)+len(notes) == 0 {
		return
	}
	p.scrolled = true
	p.blank()
	switch {
	case len(against) > 0 && p.report.Gate.Expect != "":
		words := "not what " + wording.Line(p.report.Gate.Expect, 200) + " says:"
		p.line(p.bold(words), 0, words)
	default:
		p.raw(p.bold("the gate"))
	}
	for _, sentence := range append(against, notes...) {
		p.hanging(strings.Repeat(" ", margin)+"- ", sentence)
	}
}

func (p *printer) where(result verdict.Result) {
	p.fact("the clause", wording.Address(result.Link))
	p.evidence(result)
}

func (p *printer) evidence(result verdict.Result) {
	if p.options.HTMLPath != "" {
		p.fact("the evidence", p.options.HTMLPath+"#"+wording.Line(result.ID, 80))
	}
}

func (p *printer) again(result verdict.Result) {
	// Not wrapped: a command has to be copied whole.
	p.raw(runewidth.FillRight(strings.Repeat(" ", margin)+"again", margin+factColumn) + wording.Again(p.report, p.options.Again, result.ID))
}

// fact prints a name and a text beside it. A fact without text is left out.
func (p *printer) fact(name, text string) {
	if text == "" {
		return
	}
	lead := runewidth.FillRight(strings.Repeat(" ", margin)+name, margin+factColumn)
	p.hanging(lead, text)
}

// hanging prints text after lead, and its further lines below it.
func (p *printer) hanging(lead, text string) {
	indent := runewidth.StringWidth(lead)
	for i, line := range Wrap(text, max(p.columns-indent, 20)) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.raw(lead + line)
	}
}

// line prints a line that is wrapped at the given indentation. Painted text is given with its plain form, whose width counts.
func (p *printer) line(text string, indent int, plain ...string) {
	measured := text
	if len(plain) > 0 {
		measured = plain[0]
	}
	lines := Wrap(measured, max(p.columns-indent, 20))
	if len(lines) == 1 {
		lines[0] = text
	} else if measured != text {
		for i := range lines {
			lines[i] = p.bold(lines[i])
		}
	}
	for _, line := range lines {
		p.raw(strings.Repeat(" ", indent) + line)
	}
}

func (p *printer) raw(line string) { p.out.WriteString(strings.TrimRight(Inert(line), " ") + "\n") }

func (p *printer) blank() {
	if p.out.Len() > 0 && !bytes.HasSuffix(p.out.Bytes(), []byte("\n\n")) {
		p.out.WriteByte('\n')
	}
}

func (p *printer) bold(text string) string { return p.escape("1", text) }

func (p *printer) paint(v verdict.Verdict, text string) string {
	switch v {
	case verdict.Fail, verdict.Error:
		return p.escape("1;31", text)
	case verdict.Blocked, verdict.Warn, verdict.Untested:
		return p.escape("1;33", text)
	case verdict.Pass, verdict.Attested:
		return p.escape("32", text)
	case verdict.NotApplicable:
	}
	return text
}

func (p *printer) escape(code, text string) string {
	if !p.options.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
