package main

import (
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
)

// Every help text is readable on a narrow terminal: no line is longer than it, but a word that is, and nothing of it is lost.
func TestHelpFitsNarrowTerminals(t *testing.T) {
	texts := map[string]string{"": usage}
	for _, command := range commands() {
		texts[command.name] = command.help
	}
	for name, text := range texts {
		for line := range strings.Lines(text) {
			if width := runewidth.StringWidth(strings.TrimRight(line, "\n")); width > columnsOfHelp {
				t.Errorf("%s: a line is %d columns wide: %s", name, width, line)
			}
		}
		if fit(text, columnsOfHelp) != text {
			t.Errorf("%s is broken anew for a terminal that is wide enough", name)
		}
		for _, columns := range []int{30, 45, 60, 80} {
			fitted := fit(text, columns)
			for line := range strings.Lines(fitted) {
				if words := strings.Fields(line); runewidth.StringWidth(strings.TrimRight(line, "\n")) > columns && len(words) > 1 {
					t.Errorf("%s at %d columns: %s", name, columns, line)
				}
			}
			if got, want := strings.Join(strings.Fields(fitted), " "), strings.Join(strings.Fields(text), " "); got != want {
				t.Errorf("%s at %d columns is another text", name, columns)
			}
		}
	}
}
