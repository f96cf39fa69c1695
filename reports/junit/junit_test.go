package junit_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/junit"
)

var update = flag.Bool("update", false, "write the golden files")

// What a CI system reads, written down from its documentation and not from our writer.
type readSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Tests    string      `xml:"tests,attr"`
	Failures string      `xml:"failures,attr"`
	Errors   string      `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Suites   []readSuite `xml:"testsuite"`
}

type readSuite struct {
	Name       string `xml:"name,attr"`
	Tests      string `xml:"tests,attr"`
	Failures   string `xml:"failures,attr"`
	Errors     string `xml:"errors,attr"`
	Skipped    string `xml:"skipped,attr"`
	Time       string `xml:"time,attr"`
	Properties []struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	} `xml:"properties>property"`
	Cases []readCase `xml:"testcase"`
}

type readCase struct {
	Class    string        `xml:"classname,attr"`
	Name     string        `xml:"name,attr"`
	Time     string        `xml:"time,attr"`
	Failures []readOutcome `xml:"failure"`
	Errors   []readOutcome `xml:"error"`
	Skipped  []readOutcome `xml:"skipped"`
	Out      string        `xml:"system-out"`
}

type readOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func written(t *testing.T, r *verdict.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := junit.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t *testing.T, text string) readSuites {
	t.Helper()
	var document readSuites
	if err := xml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestElementsAreWhatTheReportCounts walks the raw elements, as a CI system does, and holds them against the report.
func TestElementsAreWhatTheReportCounts(t *testing.T) {
	for _, s := range sample.All() {
		t.Run(s.Name, func(t *testing.T) {
			elements := map[string]int{}
			decoder := xml.NewDecoder(strings.NewReader(written(t, s.Report)))
			for {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if element, ok := token.(xml.StartElement); ok {
					elements[element.Name.Local]++
				}
			}
			want := map[string]int{"testcase": 1} // the run as a whole
			switch s.Report.Outcome() {
			case verdict.Red:
				want["failure"]++
			case verdict.Undecided:
				want["error"]++
			case verdict.Passed:
				if s.Report.Conclusion != verdict.Conformant {
					want["skipped"]++
				}
			}
			for _, result := range s.Report.Requirements {
				_, known := s.Report.Known(result.ID)
				if result.LeftOut {
					continue
				}
				want["testcase"]++
				switch {
				case known, result.Verdict == verdict.NotApplicable:
					want["skipped"]++
				case result.Verdict == verdict.Fail:
					want["failure"]++
				case s.Report.Alone(result) == verdict.Undecided:
					want["error"]++
				}
			}
			for _, name := range []string{"testcase", "failure", "error", "skipped"} {
				if elements[name] != want[name] {
					t.Errorf("%d elements %s, the report has %d", elements[name], name, want[name])
				}
			}
		})
	}
}

// The file is red where the exit code is, and else nowhere.
func TestRedWhereTheRunIs(t *testing.T) {
	gates := []*verdict.Gate{nil, {FailOn: verdict.FailOnFail}, {FailOn: verdict.FailOnWarn}, {Expect: "known.yaml"}, {Against: []string{"a waiver expired"}}}
	for _, s := range sample.All() {
		for i, gate := range append(gates, s.Report.Gate) {
			s.Report.Gate = gate
			document := read(t, written(t, s.Report))
			red := number(t, document.Failures)+number(t, document.Errors) > 0
			if want := s.Report.Outcome() != verdict.Passed; red != want {
				t.Errorf("%s, gate %d: red %v, the run %s", s.Name, i, red, s.Report.Outcome())
			}
			if whole := document.Suites[0].Cases[0]; s.Report.Conclusion == verdict.NotConformant && len(whole.Failures)+len(whole.Errors)+len(whole.Skipped) == 0 {
				t.Errorf("%s, gate %d: the run as a whole passes", s.Name, i)
			}
		}
	}
}

func TestAttributesCountElements(t *testing.T) {
	for _, s := range sample.All() {
		document := read(t, written(t, s.Report))
		var tests, failures, failed int
		for _, suite := range document.Suites {
			var f, e, k int
			total := 0.0
			for _, c := range suite.Cases {
				f, e, k = f+len(c.Failures), e+len(c.Errors), k+len(c.Skipped)
				if len(c.Failures)+len(c.Errors)+len(c.Skipped) > 1 {
					t.Errorf("%s: %s came to several things", s.Name, c.Name)
				}
				took, err := strconv.ParseFloat(c.Time, 64)
				if err != nil {
					t.Error(err)
				}
				total += took
			}
			if number(t, suite.Tests) != len(suite.Cases) || number(t, suite.Failures) != f || number(t, suite.Errors) != e || number(t, suite.Skipped) != k {
				t.Errorf("%s: the attributes of %s are wrong", s.Name, suite.Name)
			}
			if took, err := strconv.ParseFloat(suite.Time, 64); err != nil || took < total-0.01 || took > total+0.01 {
				t.Errorf("%s: %s took %s, its cases %f", s.Name, suite.Name, suite.Time, total)
			}
			tests, failures, failed = tests+len(suite.Cases), failures+f, failed+e
			properties := map[string]string{}
			for _, property := range suite.Properties {
				properties[property.Name] = property.Value
			}
			if properties["profile"] != s.Report.Profile.ID || properties["target"] != s.Report.Target.Issuer ||
				properties["conclusion"] != string(s.Report.Conclusion) || properties["partial"] != strconv.FormatBool(s.Report.Partial) {
				t.Errorf("%s: %s has the properties %v", s.Name, suite.Name, properties)
			}
		}
		if number(t, document.Tests) != tests || number(t, document.Failures) != failures || number(t, document.Errors) != failed {
			t.Errorf("%s: the sums are wrong", s.Name)
		}
	}
}

// GitLab keeps one of the cases that share class name and name.
func TestCasesAreToldApart(t *testing.T) {
	for _, s := range sample.All() {
		seen := map[string]bool{}
		for _, suite := range read(t, written(t, s.Report)).Suites {
			for _, c := range suite.Cases {
				if key := c.Class + " " + c.Name; seen[key] {
					t.Errorf("%s: %s stands there twice", s.Name, key)
				} else {
					seen[key] = true
				}
			}
		}
	}
}

func find(t *testing.T, document readSuites, id string) readCase {
	t.Helper()
	for _, suite := range document.Suites {
		for _, c := range suite.Cases {
			if strings.HasPrefix(c.Name, id+" ") {
				return c
			}
		}
	}
	t.Fatalf("there is no case %s", id)
	return readCase{}
}

func TestWhatACaseSays(t *testing.T) {
	document := read(t, written(t, sample.NotConformant()))
	failure := find(t, document, "FAPI2-SP-5.3.2.2-4")
	if got := failure.Failures[0]; got.Message != "the same, without client authentication: 201, expected a refusal" || !strings.Contains(got.Text, "as fapi-one and fapi-two, not as fapi-three") ||
		!strings.Contains(got.Text, "why it matters") || !strings.Contains(got.Text, "again            fapitest run -t bank.yaml") {
		t.Errorf("%+v", got)
	}
	if failure.Class != "fapitest.FAPI2-SP" || failure.Time != "0.930" {
		t.Errorf("%+v", failure)
	}
	if warned := find(t, document, "FAPI2-SP-5.3.2.2-7"); !strings.HasPrefix(warned.Out, "warning: sent back with 302") {
		t.Errorf("%+v", warned)
	}
	if blocked := find(t, document, "FAPI2-SP-5.3.2.1-8"); !strings.Contains(blocked.Errors[0].Message, "blocked: ") || !strings.Contains(blocked.Errors[0].Text, "the reason") {
		t.Errorf("%+v", blocked)
	}
	if rollUp := find(t, document, "FAPI2-SP-5.2.2-1"); !strings.Contains(rollUp.Failures[0].Message, "follows from") {
		t.Errorf("%+v", rollUp)
	}
	if untested := find(t, document, "FAPI2-SP-5.3.2.1-13"); !strings.Contains(untested.Errors[0].Message, "nobody has attested it") {
		t.Errorf("%+v", untested)
	}
	passed := find(t, document, "FAPI2-SP-5.3.2.2-2")
	if !strings.Contains(passed.Out, "2 experiments, as fapi-one, fapi-two") {
		t.Errorf("%+v", passed)
	}
	attested := find(t, read(t, written(t, sample.Conformant())), "FAPI2-SP-5.3.2.1-13")
	if !strings.Contains(attested.Out, "J. Doe") || len(attested.Skipped) > 0 {
		t.Errorf("%+v", attested)
	}
}

// What is let pass is skipped with who says so, and what is wrong all the same.
func TestWaived(t *testing.T) {
	document := read(t, written(t, sample.Waived()))
	c := find(t, document, "FAPI2-SP-5.3.2.2-4")
	if len(c.Skipped) != 1 || c.Skipped[0].Message != "waived until 2026-12-31 by J. Doe: the gateway of release 7 authenticates clients" || !strings.Contains(c.Out, "expected a refusal") {
		t.Errorf("%+v", c)
	}
	if whole := document.Suites[0].Cases[0]; len(whole.Skipped) != 1 || !strings.HasPrefix(whole.Skipped[0].Message, "waived: NOT conformant") || !strings.HasPrefix(whole.Out, "waived: ") {
		t.Errorf("%+v", whole)
	}
}

// Class and name say nothing of a run: a case keeps its history when the clients are named otherwise, or when it fails.
func TestNamesAreStable(t *testing.T) {
	names := map[string]string{}
	for _, s := range sample.All() {
		for _, suite := range read(t, written(t, s.Report)).Suites {
			for _, c := range suite.Cases {
				id, _, _ := strings.Cut(c.Name, " ")
				if known := names[id]; known != "" && known != c.Class+" "+c.Name {
					t.Errorf("%s and %s", known, c.Name)
				}
				names[id] = c.Class + " " + c.Name
			}
		}
	}
}

// What was left out by hand, and what nothing looks at, is no case: hundreds of skipped ones hide those that say something.
func TestWhatNobodyLookedAtIsNoCase(t *testing.T) {
	r := sample.Partial()
	planned := r.Requirements[0]
	planned.ID, planned.LeftOut, planned.Planned = "FAPI2-SP-9.9", false, true
	r.Requirements = append(r.Requirements, planned)
	text := written(t, r)
	if strings.Contains(text, "<skipped") || !strings.Contains(text, `<property name="not looked at" value="5">`) || !strings.Contains(text, "not looked at: FAPI2-SP-5.3.2.1-8, ") {
		t.Error(text)
	}
}

// TestJenkinsSchema holds what is written against the schema by which Jenkins' xUnit plugin refuses files: which elements stand in which, and with which attributes.
func TestJenkinsSchema(t *testing.T) {
	schema := readSchema(t)
	for _, s := range sample.All() {
		schema.check(t, s.Name, written(t, s.Report))
	}
	for _, wrong := range []string{
		`<testsuites skipped="1"/>`, `<testsuites><testcase name="x"/></testsuites>`, `<testsuites><testsuite name="x" tests="1" failures="0"/></testsuites>`,
		`<testsuites time="1.2345"/>`, `<other/>`,
	} {
		if len(schema.faults(t, wrong)) == 0 {
			t.Errorf("the schema would let pass %s", wrong)
		}
	}
}

func TestNothingIllegal(t *testing.T) {
	text := written(t, sample.Hostile())
	for _, c := range text {
		if c != '\n' && c != '\t' && (unicode.IsControl(c) || c == 0xfffe || c == 0xffff) {
			t.Errorf("character %U", c)
		}
	}
	document := read(t, text)
	for _, suite := range document.Suites {
		for _, c := range suite.Cases {
			if c.Name == "owned" {
				t.Error("the target added a case")
			}
			for _, said := range append([]string{c.Out}, texts(c)...) {
				if strings.Contains(said, "[[ATTACHMENT|") {
					t.Errorf("%s attaches a file", c.Name)
				}
			}
		}
	}
	if len(text) > 100<<10 {
		t.Errorf("%d bytes", len(text))
	}
}

func texts(c readCase) []string {
	var all []string
	for _, list := range [][]readOutcome{c.Failures, c.Errors, c.Skipped} {
		for _, o := range list {
			all = append(all, o.Message, o.Text)
		}
	}
	return all
}

func TestGolden(t *testing.T) {
	got := written(t, sample.NotConformant())
	golden := filepath.Join("testdata", "not-conformant.xml")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date (go test ./reports/junit -update):\n%s", golden, got)
	}
}

// GitLab takes files of up to 30 MB.
func TestALargeReportStaysBounded(t *testing.T) {
	if n := len(written(t, sample.Large(70, 6, 8, 2000, verdict.Fail))); n > 10<<20 {
		t.Errorf("%d bytes", n)
	}
}
