package terminal_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/terminal"
)

func TestInert(t *testing.T) {
	for text, want := range map[string]string{
		"::error::owned":                     ": :error::owned",
		"said\n    ::stop-commands::x":       "said\n    : :stop-commands::x",
		"##vso[task.setvariable x]y":         "## vso[task.setvariable x]y",
		"so ##[error]x and ##teamcity[x]":    "so ## [error]x and ## teamcity[x]",
		"fe80::1 and ::1 in a line, ## [x]":  "fe80::1 and ::1 in a line, ## [x]",
		"## a heading, https://[::1]:8443/x": "## a heading, https://[::1]:8443/x",
	} {
		if got := terminal.Inert(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// A server that knows that its answers are printed in a job can't give orders to the CI system, however its words are wrapped.
func TestNothingOfATargetIsACommand(t *testing.T) {
	orders := strings.Repeat("::error::x ", 40) + strings.Repeat("##vso[task.setvariable variable=x]y ##[set-env]z ", 10)
	r := sample.NotConformant()
	r.Target.Issuer, r.Notes = orders, []string{orders}
	for i := range r.Requirements {
		r.Requirements[i].Reason = orders
		for j := range r.Requirements[i].Specs {
			r.Requirements[i].Specs[j].Message = orders
		}
	}
	for width := 40; width <= 120; width += 7 {
		var b bytes.Buffer
		if err := terminal.Write(&b, r, terminal.Options{Width: width, Colour: width%2 == 0}); err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`(?m)^(\x1b\[[0-9;]*m|\s)*::.*|##[a-z]*\[.*`).FindString(b.String()); found != "" {
			t.Errorf("%d columns: %q", width, found)
		}
	}
}
