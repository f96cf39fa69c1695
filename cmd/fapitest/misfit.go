package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/wire"
)

// misfit says what a page has that the consent script does not fit, and what might be written for it. The files are below dir.
func (a *app) misfit(m *run.Misfit, dir string, columns int) string {
	var b strings.Builder
	if len(m.Tried) > 0 {
		b.WriteString(wrap("the script looks for: "+strings.Join(m.Tried, ", "), "    ", columns))
	}
	for _, form := range m.Forms {
		switch {
		case len(form.Controls) == 0:
			continue
		case form.Selector == "":
			b.WriteString("    the page has, in no form\n")
		default:
			b.WriteString(wrap("the page has "+form.Selector+", with", "    ", columns))
		}
		for _, control := range form.Controls {
			words := control.Kind + " " + control.Selector
			if control.Label != "" {
				words += fmt.Sprintf(" (%s)", control.Label)
			}
			b.WriteString(wrap(words, "      ", columns))
		}
	}
	if len(m.Forms) == 0 {
		b.WriteString(wrap("the page has no forms, fields and buttons, or makes them by a script that did not run: consent.driver: browser runs it", "    ", columns))
	}
	for _, file := range []string{m.Shown.Screenshot, m.Shown.HTML} {
		if file != "" {
			fmt.Fprintf(&b, "    kept as %s\n", filepath.Join(dir, file))
		}
	}
	if proposed := proposal(m.Accept, m.Deny); proposed != "" {
		b.WriteString(wrap("a guess at what the consent script lacks: look at it, and put it under accept and deny there, in the place of what was meant for this page", "    ", columns))
		b.WriteString("\n" + proposed + "\n")
	}
	return wire.Printable(b.String())
}

// proposal is the entries of a script as they stand in its file; empty where there are none.
func proposal(accept, deny *consent.Page) string {
	script := consent.Script{}
	if accept != nil {
		script.Accept = []consent.Page{*accept}
	}
	if deny != nil {
		script.Deny = []consent.Page{*deny}
	}
	return string(scaffold.ScriptYAML(script))
}
