package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/internal/wording"
	"github.com/fapitest/fapitest/reports/terminal"
)

// How much of a difference is shown to people: JSON has all of it.
const (
	mostChanges     = 200 // in a list
	mostExperiments = 6   // of a change
)

// list is one of the lists of a difference, with its heading.
type list struct {
	title   string
	meaning string
	changes []Change
}

func (d *Difference) lists() []list {
	return []list{
		{"worse", "the target kept this, or broke less of it", d.Worse},
		{"no longer tested", "something was known of this, and is not now", d.NoLongerTested},
		{"newly tested", "nothing was known of this", d.NewlyTested},
		{"better", "the target broke this, or more of it, or nobody had attested it", d.Better},
		{"changed otherwise", "nothing is known of this for another reason, or it began or ceased to apply", d.Otherwise},
	}
}

// Summary is the difference in a line: "1 worse, 2 better, 400 the same".
func (d *Difference) Summary() string {
	var words []string
	for i, list := range d.lists() {
		if n := len(list.changes); n > 0 || i == 0 {
			words = append(words, fmt.Sprintf("%d %s", n, list.title))
		}
	}
	words = append(words, fmt.Sprintf("%d the same", d.Same))
	if d.NotCompared > 0 {
		words = append(words, fmt.Sprintf("%d left out by hand", d.NotCompared))
	}
	return strings.Join(words, ", ")
}

// facts are the particulars of both reports: what, in the old one, in the new one.
func (d *Difference) facts() [][3]string {
	var facts [][3]string
	for _, row := range []struct {
		name string
		of   func(Side) string
	}{
		{"conclusion", func(s Side) string { return s.Headline }},
		{"target", func(s Side) string { return strings.TrimSuffix(s.Target+", "+s.File, ", ") }},
		{"profile", func(s Side) string { return strings.TrimSuffix(s.Profile+", "+s.Edition, ", ") }},
		{"tool", func(s Side) string {
			return strings.TrimSpace(s.Tool.Name + " " + s.Tool.Version + " " + s.Tool.Commit)
		}},
		{"run", func(s Side) string {
			if s.Started.IsZero() {
				return wording.Duration(s.Seconds)
			}
			return s.Started.UTC().Format("2006-01-02 15:04 MST") + ", " + wording.Duration(s.Seconds)
		}},
	} {
		facts = append(facts, [3]string{row.name, wording.Line(row.of(d.Old), 300), wording.Line(row.of(d.New), 300)})
	}
	return facts
}

func clause(c Change) string {
	return wording.Clause(verdict.Result{Level: c.Level, Says: c.Says})
}

func word(v verdict.Verdict) string {
	if v == "" {
		return "not in it"
	}
	return wording.Word(v)
}

// details are the lines below a change.
func details(c Change) []string {
	var lines []string
	if len(c.Follows) > 0 {
		lines = append(lines, "follows from "+strings.Join(c.Follows, ", "))
	}
	for i, e := range c.Experiments {
		if i == mostExperiments {
			lines = append(lines, fmt.Sprintf("and %d experiments more", len(c.Experiments)-i))
			break
		}
		line := fmt.Sprintf("%s, as %s: %s, was %s", e.Sentence, e.Client, word(e.Is), word(e.Was))
		if said := strings.Join(wording.Lines(e.Message), " "); said != "" && e.Is != verdict.Pass {
			line += ": " + said
		}
		lines = append(lines, line)
	}
	for _, line := range []string{c.Reason, c.Waived} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// WriteJSON writes all of it.
func (d *Difference) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

// WriteText writes it for a terminal or a mail, in lines of at most so many columns.
func (d *Difference) WriteText(w io.Writer, columns int) error {
	var b bytes.Buffer
	line := func(lead, text string) {
		indent := strings.Repeat(" ", len([]rune(lead)))
		for i, words := range terminal.Wrap(text, max(20, columns-len(indent))) {
			if i > 0 {
				lead = indent
			}
			b.WriteString(terminal.Inert(lead+words) + "\n")
		}
	}
	line("", d.Summary())
	b.WriteString("\n")
	for _, fact := range d.facts() {
		if fact[1] == fact[2] {
			line(fmt.Sprintf("    %-13s", fact[0]), fact[1])
			continue
		}
		line(fmt.Sprintf("    %-13s", fact[0]), "was "+fact[1])
		line(strings.Repeat(" ", 17), "is  "+fact[2])
	}
	for _, note := range d.Notes {
		line("    note         ", note)
	}
	for _, list := range d.lists() {
		if len(list.changes) == 0 {
			continue
		}
		b.WriteString("\n")
		line("", fmt.Sprintf("%d %s: %s", len(list.changes), list.title, list.meaning))
		for i, c := range list.changes {
			if i == mostChanges {
				line("    ", fmt.Sprintf("and %d more", len(list.changes)-i))
				break
			}
			b.WriteString("\n")
			line(wording.Sign(c.Is)+" ", wording.Line(c.ID, 80)+"  "+word(c.Is)+", was "+word(c.Was))
			line("    ", clause(c))
			for _, detail := range details(c) {
				line("    - ", wording.Line(detail, 600))
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// WriteMarkdown writes it for a step summary or a comment. Nothing that a server said is more than text in it.
func (d *Difference) WriteMarkdown(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## FAPI: %s\n\n| | old | new |\n| --- | --- | --- |\n", d.Summary())
	for _, fact := range d.facts() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", fact[0], wording.Markdown(fact[1], 300), wording.Markdown(fact[2], 300))
	}
	b.WriteString("\n")
	for _, note := range d.Notes {
		fmt.Fprintf(&b, "- %s\n", wording.Markdown(note, 300))
	}
	for _, list := range d.lists() {
		if len(list.changes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %d %s\n\n%s.\n\n| clause | was | is | |\n| --- | --- | --- | --- |\n", len(list.changes), list.title, strings.ToUpper(list.meaning[:1])+list.meaning[1:])
		for i, c := range list.changes {
			if i == mostChanges {
				fmt.Fprintf(&b, "\nAnd %d more.\n", len(list.changes)-i)
				break
			}
			says := []string{wording.Markdown(clause(c), 600)}
			for _, detail := range details(c) {
				says = append(says, wording.Markdown(detail, 600))
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", wording.MarkdownLink(c.ID, c.Link), word(c.Was), word(c.Is), strings.Join(says, "<br>"))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
