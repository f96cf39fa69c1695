// Package junit writes the report for the CI systems that read JUnit's XML.
//
// A suite is a document, a case a requirement: one broken requirement is one failure, and its text says as which clients. Class and name of a case say which
// requirement it is and nothing of the run, because CI systems know a case again by them: the history of one is worth something then. A case is red where the run's exit
// code is: what a gate lets pass is skipped, with the reason. Elements and attributes are those that the strict schema of Jenkins' xUnit plugin allows.
package junit

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
	"github.com/fapitest/fapitest/reports/terminal"
)

// RunSuite is the name of the first suite. Its one case is the run as a whole: it passes only where the target is conformant, or a partial run found nothing.
const RunSuite = "fapitest"

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"` // of skipped ones the schema knows none here
	Time     string   `xml:"time,attr"`
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
	Out        string     `xml:"system-out,omitempty"`

	seconds float64
	unseen  []string // requirements that were not looked at
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Failure *outcome `xml:"failure"`
	Error   *outcome `xml:"error"`
	Skipped *outcome `xml:"skipped"`
	Out     string   `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// Write writes the report.
func Write(w io.Writer, r *verdict.Report) error {
	document := &suites{Name: "fapitest", Suites: []*suite{whole(r)}}
	byDocument := map[string]*suite{}
	for _, result := range r.Requirements {
		name := text(result.Document)
		s := byDocument[name]
		if s == nil {
			s = newSuite(r, name)
			byDocument[name] = s
			document.Suites = append(document.Suites, s)
		}
		s.requirement(r, result)
	}
	for _, s := range document.Suites {
		s.finish()
		document.Tests += s.Tests
		document.Failures += s.Failures
		document.Errors += s.Errors
	}
	document.Time = seconds(r.Seconds)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	data, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	// The encoder spells line breaks as references, which means the same and is unreadable in what people open as text. In the
	// attributes there are none: they are all single lines.
	data = append(bytes.ReplaceAll(data, []byte("&#xA;"), []byte("\n")), '\n')
	_, err = w.Write(data)
	return err
}

func newSuite(r *verdict.Report, name string) *suite {
	s := &suite{Name: name, Properties: []property{
		{"profile", text(r.Profile.ID)},
		{"profile.title", text(r.Profile.Title)},
		{"profile.edition", text(r.Profile.Edition)},
		{"target", text(r.Target.Issuer)},
		{"conclusion", text(string(r.Conclusion))},
		{"partial", fmt.Sprint(r.Partial)},
		{"tool", text(r.Tool.Name + " " + r.Tool.Version)},
	}}
	if r.Partial {
		s.Properties = append(s.Properties, property{"narrowed", text(r.Narrowed)})
	}
	if r.Gate != nil {
		s.Properties = append(s.Properties, property{"gate", text(wording.GateLine(r))})
	}
	if !r.Started.IsZero() {
		s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

// finish adds what is left to say of a suite. What nobody looked at is no case, skipped or not: there may be hundreds, and a list of ids says as much.
func (s *suite) finish() {
	s.Time = seconds(s.seconds)
	if len(s.unseen) == 0 {
		return
	}
	s.Properties = append(s.Properties, property{"not looked at", fmt.Sprint(len(s.unseen))})
	s.Out = "not looked at: " + strings.Join(s.unseen, ", ") + "\n"
}

// whole is the run as a whole. It is never green because nothing could be tested, nor because somebody lets pass what is broken.
func whole(r *verdict.Report) *suite {
	s := newSuite(r, RunSuite)
	c := testcase{Class: "fapitest.run", Name: "the run as a whole"}
	var lines []string
	for _, fact := range wording.Facts(r) {
		lines = append(lines, fact.Name+": "+fact.Text)
	}
	against, notes := wording.GateSays(r)
	account := inert(wording.Headline(r) + "\n\n" + strings.Join(append(append(lines, against...), notes...), "\n") + "\n")
	said := &outcome{Message: inert(wording.Headline(r)), Type: string(r.Conclusion), Text: account}
	if line := wording.GateLine(r); line != "" {
		said.Message += inert("; gate: " + line)
	}
	switch r.Outcome() {
	case verdict.Red:
		c.Failure = said
	case verdict.Undecided:
		c.Error = said
	case verdict.Passed:
		c.Out = account
		if r.Conclusion != verdict.Conformant || r.Waived() > 0 {
			c.Skipped, said.Text = said, ""
		}
	}
	s.add(c, 0)
	return s
}

// requirement adds a case, or the id of one that nobody looked at.
func (s *suite) requirement(r *verdict.Report, result verdict.Result) {
	id := text(result.ID)
	c := testcase{Class: "fapitest." + strings.ReplaceAll(text(result.Document), ".", "_"), Name: id + " " + text(wording.Clause(result))}
	finding := "\n" + inert(terminal.Finding(r, result, terminal.Options{Width: 100, HTMLPath: "report.html"}))
	words := wording.Word(result.Verdict)
	var out []string
	known, let := r.Known(result.ID)
	red := r.Alone(result) != verdict.Passed
	switch result.Verdict {
	case verdict.Fail:
		c.Failure = &outcome{Message: text(wording.Short(result)), Type: words, Text: finding}
	case verdict.Blocked, verdict.Error:
		why := &outcome{Message: text(words + ": " + wording.Why(result)), Type: words, Text: finding}
		if red {
			c.Error = why
		} else {
			out = append(out, words, finding)
		}
	case verdict.Warn:
		if red {
			c.Failure = &outcome{Message: text("warning: " + wording.Short(result)), Type: words, Text: finding}
		} else {
			out = append(out, "warning: "+text(wording.Short(result)), finding)
		}
	case verdict.Untested:
		// What somebody can do something about is a case. What fapitest does not look at, or was told not to, is none.
		if !wording.Unattested(result) || !red && !let {
			s.unseen = append(s.unseen, id)
			return
		}
		c.Error = &outcome{Message: text(words + ": " + result.Reason), Type: words, Text: finding}
	case verdict.NotApplicable:
		c.Skipped = &outcome{Message: text(words + ": " + result.Reason)}
	case verdict.Attested:
		out = append(out, "attested: "+text(result.Reason))
	case verdict.Pass:
		if result.Reason != "" {
			out = append(out, text(result.Reason))
		}
	default:
		c.Error = &outcome{Message: text("there is no verdict " + string(result.Verdict))}
	}
	if let {
		c.Failure, c.Error, c.Skipped = nil, nil, &outcome{Message: text(wording.KnownLine(known)), Type: words}
		out = []string{words, finding}
	}
	took := 0.0
	for _, spec := range result.Specs {
		took += max(spec.Seconds, 0)
		for _, note := range spec.Notes {
			if line := "note: " + text(note); !strings.Contains(strings.Join(out, "\n"), line) {
				out = append(out, line)
			}
		}
	}
	if c.Failure == nil && c.Error == nil && result.Verdict != verdict.NotApplicable && len(result.Specs) > 0 {
		out = append(out, tried(result))
	}
	c.Out = strings.Join(out, "\n")
	s.add(c, took)
}

// tried says as which clients a requirement was tried.
func tried(result verdict.Result) string {
	var clients []string
	for _, spec := range result.Specs {
		if client := text(spec.Client); client != "" && !strings.Contains(" "+strings.Join(clients, " ")+" ", " "+client+" ") {
			clients = append(clients, client)
		}
	}
	if len(clients) == 0 {
		return ""
	}
	return wording.Plural(len(result.Specs), "experiment") + ", as " + strings.Join(clients, ", ")
}

func (s *suite) add(c testcase, took float64) {
	c.Time = seconds(took)
	s.seconds += max(took, 0)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", max(s, 0)) }

func text(s string) string { return inert(wording.Line(s, 500)) }

// inert takes their meaning from the words with which a case's output attaches files of the CI system to it.
func inert(s string) string { return strings.ReplaceAll(s, "[[ATTACHMENT|", "[ATTACHMENT|") }
