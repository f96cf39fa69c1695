// Package markdown writes the summary of a report that a CI system shows beside a job, or that stands in a comment or a mail.
//
// Nothing in it that came from a server is more than text: what a renderer would make a link of stands there as code.
package markdown

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

const (
	most    = 100 // findings of one verdict: a summary may have a megabyte
	mostIDs = 60  // requirements with one cause
)

// Write writes the summary.
func Write(w io.Writer, r *verdict.Report) error {
	p := &page{report: r}
	p.printf("## %s %s\n\n", sign(r), wording.Markdown(wording.Headline(r), 600))
	p.printf("| | |\n| --- | --- |\n")
	for _, fact := range wording.Facts(r) {
		p.printf("| %s | %s |\n", fact.Name, wording.Markdown(fact.Text, 1000))
	}
	p.findings(verdict.Fail)
	p.undecided(verdict.Error)
	p.undecided(verdict.Blocked)
	p.undecided(verdict.Untested)
	p.findings(verdict.Warn)
	against, notes := wording.GateSays(r)
	p.sentences("the gate", append(against, notes...))
	p.sentences("notes", r.Notes)
	p.costs()
	_, err := w.Write(p.out.Bytes())
	return err
}

type page struct {
	report *verdict.Report
	out    bytes.Buffer
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

// sign stands before the conclusion.
func sign(r *verdict.Report) string {
	switch r.Conclusion {
	case verdict.NotConformant:
		return wording.Sign(verdict.Fail)
	case verdict.Inconclusive:
		return wording.Sign(verdict.Blocked)
	case verdict.Conformant:
	}
	if r.Partial {
		return wording.Sign(verdict.NotApplicable)
	}
	return wording.Sign(verdict.Pass)
}

func (p *page) with(v verdict.Verdict) []verdict.Result {
	var results []verdict.Result
	for _, result := range p.report.Requirements {
		if result.Verdict == v && !result.LeftOut {
			results = append(results, result)
		}
	}
	return results
}

func (p *page) heading(v verdict.Verdict, n int) {
	p.printf("\n### %d %s: %s\n\n", n, wording.Word(v), wording.Meaning(v))
}

// findings are a table of what is broken: what is asked, what was seen as which clients, what to do.
func (p *page) findings(v verdict.Verdict) {
	results := p.with(v)
	if len(results) == 0 {
		return
	}
	p.heading(v, len(results))
	p.printf("| clause | what was seen | what to do |\n| --- | --- | --- |\n")
	for i, result := range results {
		if i == most {
			p.printf("\nAnd %d more.\n", len(results)-i)
			break
		}
		var seen []string
		for _, c := range wording.Cases(result, v) {
			only := result
			only.Specs = c.Specs
			line := wording.Markdown(wording.Short(only), 600)
			if clients := c.Seen(result); clients != "" {
				line += " " + wording.Markdown("("+clients+")", 300)
			}
			seen = append(seen, line)
		}
		if len(result.Specs) == 0 {
			seen = append(seen, wording.Markdown(result.Reason, 600))
		}
		if known, is := p.report.Known(result.ID); is {
			seen = append(seen, wording.Markdown(wording.KnownLine(known), 600))
		}
		p.printf("| %s %s | %s | %s |\n", wording.MarkdownLink(result.ID, result.Link), wording.Markdown(wording.Clause(result), 600), strings.Join(seen, "<br>"), wording.Markdown(result.Remedy, 600))
	}
	if len(results) > 0 {
		p.printf("\nAgain: %s\n", wording.MarkdownCode(wording.Again(p.report, "", "CLAUSE"), 300))
	}
}

// undecided lists what nothing is known of, by cause.
func (p *page) undecided(v verdict.Verdict) {
	results := p.with(v)
	if len(results) == 0 {
		return
	}
	p.heading(v, len(results))
	ids, says := map[string][]string{}, map[string]string{}
	var keys []string
	for _, result := range results {
		cause := wording.Cause(result)
		key := wording.CauseKey(cause)
		if ids[key] == nil {
			keys = append(keys, key)
			says[key] = cause
		}
		ids[key] = append(ids[key], wording.MarkdownCode(result.ID, 80))
	}
	for i, key := range keys {
		if i == most {
			p.printf("- and %d causes more\n", len(keys)-i)
			break
		}
		names := ids[key]
		if len(names) > mostIDs {
			names = append(names[:mostIDs:mostIDs], fmt.Sprintf("%d more", len(ids[key])-mostIDs))
		}
		p.printf("- %s: %s\n", wording.Markdown(says[key], 600), strings.Join(names, ", "))
	}
}

func (p *page) sentences(title string, sentences []string) {
	if len(sentences) == 0 {
		return
	}
	p.printf("\n### %s\n\n", title)
	for i, sentence := range sentences {
		if i == most {
			p.printf("- and %d more\n", len(sentences)-i)
			break
		}
		p.printf("- %s\n", wording.Markdown(sentence, 1000))
	}
}

// costs says what each document has cost, for those who want to know where a run's requests and journeys go.
func (p *page) costs() {
	all := wording.Costs(p.report)
	if len(all) == 0 {
		return
	}
	p.printf("\n### what each document cost\n\nWhat experiments share is counted once, with the document whose experiment comes first; the requests of pages are not counted. Seconds are summed over the workers, waits and all.\n\n")
	p.printf("| document | requirements | experiments | requests | journeys | seconds |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, c := range all[:min(most, len(all))] {
		p.printf("| %s | %d | %d | %d | %d | %.1f |\n", wording.MarkdownCode(c.Document, 80), c.Requirements, c.Experiments, c.Requests, c.Journeys, c.Seconds)
	}
}
