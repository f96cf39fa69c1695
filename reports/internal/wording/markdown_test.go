package wording_test

import (
	"strings"
	"testing"

	"github.com/fapitest/fapitest/reports/internal/rendered"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// dead says whether text stays text: in a line and in a cell of a table, which it may not leave either.
func dead(t *testing.T, text string) {
	t.Helper()
	for _, written := range []string{wording.Markdown(text, 500), wording.MarkdownCode(text, 500), wording.MarkdownLink(text, text)} {
		for _, page := range []string{"- " + written + "\n", "| a | b |\n| - | - |\n| " + written + " | last |\n"} {
			read := rendered.Read([]byte(page))
			if len(read.Links)+len(read.HTML) > 0 && written != wording.MarkdownLink(text, text) || len(read.HTML) > 0 {
				t.Errorf("%q becomes %q: %q %q", text, page, read.Links, read.HTML)
			}
			if strings.HasPrefix(page, "|") && strings.HasPrefix(written, "`") && !strings.HasSuffix(read.Text, "last") {
				t.Errorf("%q leaves its cell: %q", text, read.Text)
			}
		}
	}
}

func TestMarkdownIsDead(t *testing.T) {
	for _, text := range []string{
		sample.Script, sample.Escape, sample.Override, sample.Broken, sample.CData, sample.Link, sample.Nul,
		"[here](https://evil.example)", "![](https://evil.example/x.png)", "<https://evil.example>", "see https://evil.example", "WWW.evil.example", "a@evil.example",
		"@everyone", "#1", "`` `x` ``", "`", "a | b | c", "&lt;b&gt;", "&#60;b>", "~~x~~", "**x**", "x\n\n# heading", "- [ ] x", "$x$", `\`, `a\`, "[x]: https://evil.example",
		"<!-- x", "<pre>", "ftp://evil.example", "mailto:a", "_x_", "1. x", "xmpp:a",
	} {
		dead(t, text)
	}
	if got := wording.Markdown("shall refuse a request (RFC 9126)", 80); got != `shall refuse a request \(RFC 9126\)` {
		t.Error(got)
	}
	if got := wording.MarkdownLink("X-1", "https://openid.net/x#section-5"); got != "[`X-1`](https://openid.net/x#section-5)" {
		t.Error(got)
	}
	if got := wording.MarkdownLink("X-1", "https://openid.net/)[x](https://evil.example"); got != "`X-1`" {
		t.Error(got)
	}
}

func FuzzMarkdownIsDead(f *testing.F) {
	for _, seed := range []string{"plain", sample.Script, "[x](y)", "https://x.example", "`|`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "http") {
			return // an address is one, given as a link
		}
		dead(t, text)
	})
}
