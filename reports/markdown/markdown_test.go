package markdown_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/rendered"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/markdown"
)

func written(t *testing.T, r *verdict.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := markdown.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatItSays(t *testing.T) {
	text := written(t, sample.NotConformant())
	for _, want := range []string{
		"## ✗ NOT conformant to FAPI 2.0 Security Profile", "### 4 fail: ", "### 1 warn: ", "### 3 blocked: ", "### 1 untested: ",
		"[`FAPI2-SP-5.3.2.2-4`](https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.2.2) shall refuse a pushed",
		`201, expected a refusal \(as fapi-one and fapi-two, not as fapi-three\)`, "Again: `fapitest run -t bank.yaml", " CLAUSE`\n",
		"### what each document cost\n", "| `FAPI2-SP` | ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if text := written(t, sample.Waived()); !strings.HasPrefix(text, "## ✗ waived: NOT conformant") || !strings.Contains(text, "waived until 2026-12-31 by J. Doe: the gateway") {
		t.Errorf("%s", text)
	}
}

// A server can't speak through the summary of a report of it: no link, no picture, no HTML.
func TestNothingOfATargetIsMoreThanText(t *testing.T) {
	for _, s := range sample.All() {
		s.Report.Target.Issuer = sample.Script + " https://evil.example @everyone [x](https://evil.example)"
		s.Report.Notes = append(s.Report.Notes, "![x](https://evil.example/x.png) | www.evil.example", sample.Script)
		text := written(t, s.Report)
		page := rendered.Read([]byte(text))
		for _, link := range page.Links {
			if !strings.HasPrefix(link, "https://openid.net/specs/") {
				t.Errorf("%s: a link to %s", s.Name, link)
			}
		}
		for _, html := range page.HTML {
			if html != "<br>" {
				t.Errorf("%s: HTML: %s", s.Name, html)
			}
		}
		if strings.ContainsAny(text, "\x1b\x07") || len(text) > 64<<10 {
			t.Errorf("%s: %d bytes", s.Name, len(text))
		}
	}
}

// GitHub takes summaries of up to one megabyte.
func TestALargeReportStaysBounded(t *testing.T) {
	for _, v := range []verdict.Verdict{verdict.Fail, verdict.Blocked} {
		if n := len(written(t, sample.Large(2000, 6, 2, 2000, v))); n > 500<<10 {
			t.Errorf("%s: %d bytes", v, n)
		}
	}
}
