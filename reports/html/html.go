// Package html writes the report as one page that stands by itself: readable without scripts, printable, and closed to everything
// from outside. The one script in it filters, and its digest stands in the policy. What the target sent is shown as text and is never more than that.
package html

import (
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed style.css
var style string

//go:embed filter.js
var script string

// Options say where the page takes its pictures from.
type Options struct {
	// Evidence returns the file at a path of the report. What it returns is built into the page; nil, or an error, and the page refers
	// to the path below its own directory instead.
	Evidence func(path string) ([]byte, error)
}

// Write writes the page.
func Write(w io.Writer, r *verdict.Report, o Options) error {
	parsed, err := template.New("page").Funcs(template.FuncMap{"sign": wording.Sign, "word": wording.Word}).Parse(pageTemplate)
	if err != nil {
		return err
	}
	return parsed.Execute(w, newPage(r, o))
}

// page is what the template sees.
type page struct {
	Title      string
	Policy     string
	Style      template.CSS
	Script     template.JS
	Conclusion string // in words, without the word partial
	Class      string
	Sign       string
	Partial    string // by what it was narrowed; empty: it was not
	Profile    string
	Scope      string
	Facts      []wording.Fact
	Counts     []count
	LeftOut    int
	Bar        []segment
	Clock      string
	Waits      []wait
	Failed     []*requirementView
	Unknown    []unknown
	NotTested  string
	Tested     bool // nothing was not tested
	Warned     []*requirementView
	Notes      []string
	Sections   []*section
	Documents  []document // where each begins
	Matrix     matrix
	Verdicts   []verdict.Verdict // of the requirements that have a section
	Clients    []string          // as which experiments ran
	Attested   []*requirementView
	Outside    []*requirementView // not applicable
	Config     string
	Metadata   string
	Tool       string
	Schema     string
}

type count struct {
	Verdict verdict.Verdict
	N       int
	Meaning string
}

type segment struct {
	Name, Text string
	X, Width   string // in percent
	Class      string
}

type wait struct{ ID, Text string }

// unknown is one reason for which requirements could not be tested.
type unknown struct {
	Verdict      verdict.Verdict
	Reason       string
	Many         bool // too many to be listed in sight
	Requirements []*requirementView
}

type section struct {
	Name         string
	Document     string
	Anchor       string
	Link         string
	Tally        string
	Requirements []*requirementView
}

func newPage(r *verdict.Report, o Options) *page {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	p := &page{
		Policy: fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data: 'self'; base-uri 'none'; form-action 'none'",
			digest(style), digest(script)),
		Style:     template.CSS(style), //nolint:gosec // it is our own file, and the policy names its digest
		Script:    template.JS(script), //nolint:gosec // so is this
		Profile:   wording.ProfileTitle(r),
		Scope:     wording.Scope(r),
		NotTested: wording.NotTested(r),
		Clock:     wording.Duration(r.Seconds),
		Schema:    verdict.Schema,
	}
	p.conclude(r)
	p.Title = wording.Headline(r) + ", " + wording.Line(r.Target.Issuer, 100)
	for _, fact := range wording.Facts(r) {
		switch fact.Name {
		case "tool":
			p.Tool = fact.Text
		case "spent", "counts", "not tested", "partial": // shown in other ways
			continue
		}
		p.Facts = append(p.Facts, fact)
	}
	p.count(r)
	p.account(r)
	for _, note := range r.Notes {
		p.Notes = append(p.Notes, wording.Prose(note))
	}
	p.requirements(r, o)
	p.Tested = len(r.Requirements) > 0 && len(p.Unknown) == 0 && p.LeftOut == 0
	p.Config = indented(r.Target.Config)
	p.Metadata = indented(r.Target.Metadata)
	return p
}

func (p *page) conclude(r *verdict.Report) {
	p.Conclusion, p.Class, p.Sign = "Inconclusive: not known whether it conforms to", string(verdict.Inconclusive), wording.Sign(verdict.Blocked)
	switch r.Conclusion {
	case verdict.Conformant:
		p.Conclusion, p.Class, p.Sign = "Conformant to", string(r.Conclusion), wording.Sign(verdict.Pass)
	case verdict.NotConformant:
		p.Conclusion, p.Class, p.Sign = "Not conformant to", string(r.Conclusion), wording.Sign(verdict.Fail)
	case verdict.Inconclusive:
	}
	if r.Partial {
		p.Partial = "by hand"
		if r.Narrowed != "" {
			p.Partial = wording.Prose(r.Narrowed)
		}
		// No tick and no green: a picture of the first lines must not look like the real thing.
		p.Class += " limited"
		if r.Conclusion == verdict.Conformant {
			p.Conclusion, p.Sign = "Nothing red, no conclusion about", ""
		}
	}
}

func (p *page) count(r *verdict.Report) {
	counts, leftOut := wording.Counts(r)
	for _, c := range counts {
		p.Counts = append(p.Counts, count{c.Verdict, c.N, wording.Meaning(c.Verdict)})
	}
	p.LeftOut = leftOut
}

// account draws where the time went.
func (p *page) account(r *verdict.Report) {
	total := 0.0
	for _, part := range wording.TimeParts(r) {
		total += max(part.Seconds, 0)
	}
	x := 0.0
	for i, part := range wording.TimeParts(r) {
		s := segment{Name: part.Name, Text: wording.Duration(part.Seconds), Class: fmt.Sprintf("time%d", i%7)}
		if total > 0 {
			width := 100 * max(part.Seconds, 0) / total
			s.X, s.Width = fmt.Sprintf("%.2f", x), fmt.Sprintf("%.2f", width)
			x += width
		}
		p.Bar = append(p.Bar, s)
	}
	for _, result := range r.Requirements {
		if seconds := r.Time.Clauses[result.ID]; seconds >= 0.05 { // less was waited while there was other work to do
			p.Waits = append(p.Waits, wait{wording.Line(result.ID, 80), wording.Duration(seconds)})
		}
	}
}

// requirements lays out what came of each requirement, by section and by what has to be looked at.
func (p *page) requirements(r *verdict.Report, o Options) {
	b := newBuilder(r, o)
	bySection := map[string]*section{}
	for i := range r.Requirements {
		result := r.Requirements[i]
		view := b.requirement(i)
		if result.Planned && result.LeftOut {
			continue
		}
		if result.Planned { // there is nothing to show of it: it stands in the list of what could not be tested
			p.doubt(result, view)
			continue
		}
		name := wording.Line(result.Document+" "+result.Section, 100)
		s := bySection[name]
		if s == nil {
			s = &section{Name: name, Document: wording.Line(result.Document, 80), Anchor: fmt.Sprintf("section-%d", len(p.Sections)+1), Link: view.Link}
			bySection[name] = s
			p.Sections = append(p.Sections, s)
		}
		s.Requirements = append(s.Requirements, view)
		if result.LeftOut {
			continue
		}
		switch result.Verdict {
		case verdict.Fail:
			p.Failed = append(p.Failed, view)
		case verdict.Warn:
			p.Warned = append(p.Warned, view)
		case verdict.Attested:
			p.Attested = append(p.Attested, view)
		case verdict.NotApplicable:
			p.Outside = append(p.Outside, view)
		case verdict.Error, verdict.Blocked, verdict.Untested:
			p.doubt(result, view)
		case verdict.Pass:
		}
	}
	for i := range p.Unknown {
		p.Unknown[i].Many = len(p.Unknown[i].Requirements) > 12
	}
	slices.SortStableFunc(p.Unknown, func(a, b unknown) int {
		return slices.Index(verdict.All(), a.Verdict) - slices.Index(verdict.All(), b.Verdict)
	})
	for _, s := range p.Sections {
		s.Tally = tally(s.Requirements)
		for _, view := range s.Requirements {
			if !slices.Contains(p.Verdicts, view.Verdict) {
				p.Verdicts = append(p.Verdicts, view.Verdict)
			}
		}
	}
	slices.SortFunc(p.Verdicts, func(a, b verdict.Verdict) int { return slices.Index(verdict.All(), a) - slices.Index(verdict.All(), b) })
	p.Clients, p.Documents = b.clients, documentsOf(p.Sections)
	p.Matrix = matrixOf(r, b.clients, p.Sections)
}

// doubt enters a requirement about which nothing is known, beside those with the same reason.
func (p *page) doubt(result verdict.Result, view *requirementView) {
	why := wording.Why(result)
	at := slices.IndexFunc(p.Unknown, func(u unknown) bool { return u.Verdict == result.Verdict && u.Reason == why })
	if at < 0 {
		at = len(p.Unknown)
		p.Unknown = append(p.Unknown, unknown{Verdict: result.Verdict, Reason: why})
	}
	p.Unknown[at].Requirements = append(p.Unknown[at].Requirements, view)
}

func tally(requirements []*requirementView) string {
	n := map[verdict.Verdict]int{}
	leftOut := 0
	for _, view := range requirements {
		if view.LeftOut {
			leftOut++
			continue
		}
		n[view.Verdict]++
	}
	var words []string
	for _, v := range verdict.All() {
		if n[v] > 0 {
			words = append(words, fmt.Sprintf("%d %s", n[v], wording.Word(v)))
		}
	}
	if leftOut > 0 {
		words = append(words, fmt.Sprintf("%d left out", leftOut))
	}
	return strings.Join(words, ", ")
}

func indented(tree map[string]any) string {
	if len(tree) == 0 {
		return ""
	}
	data, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return ""
	}
	// MarshalIndent writes < and & as escapes, which nobody reads; the page escapes them by itself.
	text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))
	return wording.Text(text, 200_000)
}

// evidencePath says whether a path may be looked at or referred to: it has to lie in the report's own directory of evidence, for the
// report may come from somebody else.
func evidencePath(path string) (string, bool) {
	path = strings.ReplaceAll(path, `\`, "/")
	return path, fs.ValidPath(path) && strings.HasPrefix(path, "evidence/")
}
