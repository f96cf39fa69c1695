package sarif_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	library "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/sarif"
)

func written(t *testing.T, r *verdict.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sarif.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// log is what a code host reads of a file, written down from the standard and not from our writer.
type log struct {
	Version string `json:"version"`
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string `json:"name"`
				Rules []struct {
					ID      string `json:"id"`
					HelpURI string `json:"helpUri"`
				} `json:"rules"`
			} `json:"driver"`
		} `json:"tool"`
		Results     []result `json:"results"`
		Invocations []struct {
			Successful    bool `json:"executionSuccessful"`
			Notifications []struct {
				Message message `json:"message"`
			} `json:"toolExecutionNotifications"`
		} `json:"invocations"`
		Properties map[string]any `json:"properties"`
	} `json:"runs"`
}

type message struct {
	Text string `json:"text"`
}

type result struct {
	RuleID        string            `json:"ruleId"`
	RuleIndex     int               `json:"ruleIndex"`
	Level         string            `json:"level"`
	Message       message           `json:"message"`
	BaselineState string            `json:"baselineState"`
	Fingerprints  map[string]string `json:"partialFingerprints"`
	Suppressions  []struct {
		Status        string `json:"status"`
		Justification string `json:"justification"`
	} `json:"suppressions"`
	Locations []struct {
		Physical struct {
			File struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				Line int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	} `json:"locations"`
}

func read(t *testing.T, data []byte) log {
	t.Helper()
	var l log
	if err := json.Unmarshal(data, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestSchema holds every sample against the schema of SARIF 2.1.0 that the library carries.
func TestSchema(t *testing.T) {
	for _, s := range sample.All() {
		report, err := library.FromBytes(written(t, s.Report), library.WithStrictValidation())
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Validate(); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestResultsAreWhatIsBroken(t *testing.T) {
	for _, s := range sample.All() {
		run := read(t, written(t, s.Report)).Runs[0]
		want := map[string]string{}
		for _, r := range s.Report.Requirements {
			switch {
			case len(r.Follows) > 0:
			case r.Verdict == verdict.Fail:
				want[r.ID] = "error"
			case r.Verdict == verdict.Warn:
				want[r.ID] = "warning"
			}
		}
		if len(run.Results) != len(want) {
			t.Errorf("%s: %d results, want %d", s.Name, len(run.Results), len(want))
		}
		for _, got := range run.Results {
			rule := run.Tool.Driver.Rules[got.RuleIndex]
			if got.Level != want[got.RuleID] || rule.ID != got.RuleID || got.Locations[0].Physical.File.URI == "" || got.Locations[0].Physical.Region.Line != 1 ||
				got.Fingerprints["primaryLocationLineHash"] == "" {
				t.Errorf("%s: %+v", s.Name, got)
			}
			if rule.HelpURI != "" && !strings.HasPrefix(rule.HelpURI, "https://openid.net/") {
				t.Errorf("%s: help at %s", s.Name, rule.HelpURI)
			}
		}
	}
}

func TestWhatAResultSays(t *testing.T) {
	run := read(t, written(t, sample.NotConformant())).Runs[0]
	for _, got := range run.Results {
		if got.RuleID == "FAPI2-SP-5.3.2.2-4" && (!strings.Contains(got.Message.Text, "shall refuse a pushed authorization request") ||
			!strings.Contains(got.Message.Text, "the same, without client authentication: 201, expected a refusal (as fapi-one and fapi-two, not as fapi-three)")) {
			t.Errorf("%+v", got)
		}
	}
	if n := run.Invocations[0].Notifications; len(n) != 5 || !strings.Contains(n[0].Message.Text, "blocked, so that nothing is known of FAPI2-SP-5.3.2.1-6a") {
		t.Errorf("%+v", n)
	}
	if read(t, written(t, sample.Empty())).Runs[0].Invocations[0].Successful {
		t.Error("a run in which nothing was looked at was successful")
	}
}

func TestWaived(t *testing.T) {
	run := read(t, written(t, sample.Waived())).Runs[0]
	if headline, _ := run.Properties["headline"].(string); !strings.HasPrefix(headline, "waived: ") || run.Properties["waived"] != 1.0 {
		t.Errorf("%v", run.Properties)
	}
	for _, got := range run.Results {
		waived := got.RuleID == "FAPI2-SP-5.3.2.2-4"
		if waived != (len(got.Suppressions) == 1) || waived && (got.Suppressions[0].Status != "accepted" || !strings.Contains(got.Suppressions[0].Justification, "J. Doe")) ||
			got.BaselineState != map[bool]string{true: "new", false: "unchanged"}[waived] {
			t.Errorf("%+v", got)
		}
	}
}

// In SARIF's plain text, brackets make links.
func TestNothingOfATargetIsALink(t *testing.T) {
	r := sample.Hostile()
	for i := range r.Requirements {
		for j := range r.Requirements[i].Specs {
			r.Requirements[i].Specs[j].Message = `[here](https://evil.example) {0} \[there](https://evil.example)`
		}
	}
	r.Target.File, r.Target.Issuer = "javascript:alert(1)", "[x](https://evil.example)"
	data := written(t, r)
	for i, c := range data {
		if (c == '[' || c == ']') && i > 2 && data[i+1] == '(' && string(data[i-2:i]) != `\\` {
			t.Errorf("%s", data[max(0, i-40):i+40])
		}
	}
	if bytes.Contains(data, []byte("{0}")) || bytes.Contains(data, []byte(`"uri": "javascript:`)) || len(data) > 100<<10 {
		t.Errorf("%d bytes\n%s", len(data), data)
	}
}
