package terminal_test

import (
	"slices"
	"testing"

	"github.com/fapitest/fapitest/reports/terminal"
)

func TestWrap(t *testing.T) {
	for text, want := range map[string][]string{
		"https://as.example.com/a/very/long/address is not broken": {"https://as.example.com/a/very/long/address", "is not", "broken"},
		// A character of these takes two cells.
		"銀行 の 同意 画面": {"銀行 の 同意", "画面"},
		// An accent that is a character of its own takes none.
		"cafe\u0301 cafe\u0301 ok": {"cafe\u0301 cafe\u0301 ok"},
	} {
		if got := terminal.Wrap(text, 12); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}
