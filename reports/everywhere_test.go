package reports_test

import (
	"bytes"
	stdjson "encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/reports/internal/rendered"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

// Whatever a target says, in whatever field it comes to a report: JUnit is XML, the terminal gets no order, and nothing is a link or HTML in Markdown and SARIF.
func TestWordsOfATargetInEveryField(t *testing.T) {
	for name, words := range map[string]string{
		"markup": sample.Script + sample.CData + `"><img src=x onerror=alert(1)>`, "escapes": sample.Escape + "\x9b31m\x1b]8;;https://evil.example\x07x\x1b]8;;\x07\r\x08", "right to left": sample.Override,
		"not UTF-8": sample.Broken, "no XML": sample.Nul + "\x01\x0b\x7f\ud7ff\ufffe", "links": "[x](https://evil.example) <https://evil.example> https://evil.example www.evil.example ![](https://evil.example)",
		"orders": "::error::x\n##vso[x]y\n" + sample.Attach, "nothing": "", "an address": sample.Link, "long": strings.Repeat("x<", 1<<16),
	} {
		for _, make := range []func() *verdict.Report{sample.NotConformant, sample.Inconclusive} {
			r := make()
			sample.Everywhere(r, words)
			for _, format := range reports.Formats("") {
				var written bytes.Buffer
				if err := format.Write(&written, r); err != nil {
					t.Errorf("%s, %s: %s", name, format.Name, err)
					continue
				}
				inert(t, name+", "+format.Name, format.Name, written.Bytes())
			}
		}
	}
}

func inert(t *testing.T, where, format string, written []byte) {
	t.Helper()
	switch format {
	case "junit":
		decoder, err := xml.NewDecoder(bytes.NewReader(written)), error(nil)
		for err == nil {
			_, err = decoder.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %s", where, err)
		}
	case "text":
		for _, r := range string(written) {
			if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Errorf("%s: %q", where, r)
				break
			}
		}
	case "markdown":
		page := rendered.Read(written)
		for _, link := range page.Links {
			if !strings.HasPrefix(link, "https://openid.net/specs/") {
				t.Errorf("%s: a link to %s", where, link)
			}
		}
		for _, html := range page.HTML {
			if html != "<br>" {
				t.Errorf("%s: HTML: %s", where, html)
			}
		}
	case "sarif", "json":
		if !stdjson.Valid(written) {
			t.Errorf("%s: no JSON", where)
		}
		// In SARIF's plain text brackets make links, unless a backslash stands before them.
		if i := bytes.Index(written, []byte("](https://evil")); format == "sarif" && i >= 2 && string(written[i-2:i]) != `\\` {
			t.Errorf("%s: a link: %s", where, written[max(0, i-100):i+40])
		}
	}
}
