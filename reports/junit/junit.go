// Package junit writes the report for the CI systems that read JUnit's XML.
//
// A suite is a section of a document, a case an experiment as one client. The client stands in the name of the case, because GitLab
// tells cases apart by class name and name alone and drops all but one of those that share them.
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

// ConclusionSuite is the name of the first suite. Its one case is in error when the run is inconclusive: otherwise a run in which
// nothing could be tested, every case of which is skipped, would be green.
const ConclusionSuite = "conclusion"

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	totals
	Suites []*suite `xml:"testsuite"`
}

type totals struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`

	seconds float64
}

type suite struct {
	Name      string `xml:"name,attr"`
	Timestamp string `xml:"timestamp,attr,omitempty"`
	totals
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
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
	document := &suites{Name: "fapitest"}
	document.Suites = append(document.Suites, conclusion(r))
	bySection := map[string]*suite{}
	for _, result := range r.Requirements {
		if result.Planned { // no case of this run: the first one says how many there are
			continue
		}
		name := text(result.Document + " " + result.Section)
		s := bySection[name]
		if s == nil {
			s = newSuite(r, name)
			bySection[name] = s
			document.Suites = append(document.Suites, s)
		}
		s.requirement(r, result)
	}
	for _, s := range document.Suites {
		s.Time = seconds(s.seconds)
		document.Tests += s.Tests
		document.Failures += s.Failures
		document.Errors += s.Errors
		document.Skipped += s.Skipped
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
	if !r.Started.IsZero() {
		s.Timestamp = r.Started.UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

func conclusion(r *verdict.Report) *suite {
	s := newSuite(r, ConclusionSuite)
	c := testcase{Class: "fapitest", Name: "the run comes to a conclusion"}
	var lines []string
	for _, fact := range wording.Facts(r) {
		lines = append(lines, fact.Name+": "+fact.Text)
	}
	account := inert(wording.Headline(r) + "\n\n" + strings.Join(lines, "\n") + "\n")
	switch r.Conclusion {
	case verdict.Conformant, verdict.NotConformant:
		c.Out = account
	case verdict.Inconclusive:
		c.Error = &outcome{Message: inert(wording.Headline(r)), Type: string(verdict.Inconclusive), Text: account}
	}
	s.add(c, 0)
	return s
}

// requirement adds a case for each spec, and one for the requirement itself where its specs alone don't come to its verdict: a
// roll-up, an attestation, one that was not run.
func (s *suite) requirement(r *verdict.Report, result verdict.Result) {
	var verdicts []verdict.Verdict
	for _, spec := range result.Specs {
		verdicts = append(verdicts, spec.Verdict)
		alone := result
		alone.Verdict, alone.Reason, alone.Specs = spec.Verdict, spec.Message, []verdict.Spec{spec}
		name := text(spec.Sentence)
		if client := text(spec.Client); client != "" {
			name += " [" + client + "]"
		}
		s.judged(r, alone, name, spec.Notes, spec.Seconds)
	}
	if len(result.Specs) == 0 || verdict.Add(verdicts...) != result.Verdict {
		alone := result
		alone.Specs = nil
		s.judged(r, alone, text(wording.Clause(result)), nil, 0)
	}
}

// judged adds a case of which result says what came out.
func (s *suite) judged(r *verdict.Report, result verdict.Result, name string, notes []string, took float64) {
	c := testcase{Class: text(result.ID), Name: name}
	var out []string
	finding := func() string {
		return "\n" + inert(terminal.Finding(r, result, terminal.Options{Width: 100, HTMLPath: "report.html"}))
	}
	switch result.Verdict {
	case verdict.Fail:
		c.Failure = &outcome{Message: text(message(result)), Type: string(result.Verdict), Text: finding()}
	case verdict.Blocked, verdict.Error:
		c.Error = &outcome{Message: text(wording.Word(result.Verdict) + ": " + result.Reason), Type: string(result.Verdict), Text: finding()}
	case verdict.NotApplicable, verdict.Untested:
		c.Skipped = &outcome{Message: text(wording.Word(result.Verdict) + ": " + result.Reason)}
	case verdict.Warn:
		out = append(out, "warning", finding())
	case verdict.Attested:
		out = append(out, "attested: "+text(result.Reason))
	case verdict.Pass:
		if result.Reason != "" {
			out = append(out, text(result.Reason))
		}
	default:
		c.Error = &outcome{Message: text("there is no verdict " + string(result.Verdict))}
	}
	for _, note := range notes {
		out = append(out, "note: "+text(note))
	}
	c.Out = strings.Join(out, "\n")
	s.add(c, took)
}

// message is a failure in a line: what was expected, and what the clause asks.
func message(result verdict.Result) string {
	words := result.Reason
	for _, spec := range result.Specs {
		for _, row := range wording.Rows(spec) {
			if row.Mark != "" {
				words = fmt.Sprintf("%s: %s, %s", row.Label, row.Answer, row.Mark)
			}
		}
	}
	if words == "" {
		return wording.Clause(result)
	}
	return strings.Join(wording.Lines(words), " ")
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
