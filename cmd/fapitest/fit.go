package main

import (
	"regexp"
	"strings"
)

// help prints a help text. On a terminal that is too narrow for it, words stay whole.
func (a *app) help(text string) {
	if isTerminal(a.out) {
		text = fit(text, width(a.out))
	}
	a.print(text)
}

// columnsOfHelp is how wide help texts are written.
const columnsOfHelp = 100

// twoColumns is a line that names something, and says what it is further right.
var twoColumns = regexp.MustCompile(`^( +\S.*?)  +(\S.*)$`)

// fit breaks a help text anew for fewer columns. Lines of one indentation are a paragraph; what stands in two columns does so as long as the second has room enough.
func fit(text string, columns int) string {
	if columns >= columnsOfHelp {
		return text
	}
	const room = 30 // columns for the second column
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var b strings.Builder
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		indent := indentation(line)
		switch m := twoColumns.FindStringSubmatchIndex(line); {
		case strings.TrimSpace(line) == "":
			b.WriteString("\n")
		case m != nil:
			at := m[4]
			says := line[at:]
			for i < len(lines) && indentation(lines[i]) == at && lines[i] != "" {
				says += " " + strings.TrimSpace(lines[i])
				i++
			}
			if columns-at >= room {
				b.WriteString(hanging(line[:at], says, columns))
				continue
			}
			b.WriteString(hanging(strings.Repeat(" ", indent), strings.TrimSpace(line[:m[3]]), columns))
			b.WriteString(wrap(says, strings.Repeat(" ", min(indent, 2)+6), columns))
		case indent > 0:
			b.WriteString(hanging(strings.Repeat(" ", indent), strings.TrimSpace(line), columns))
		default:
			for i < len(lines) && lines[i] != "" && indentation(lines[i]) == 0 {
				line += " " + lines[i]
				i++
			}
			b.WriteString(wrap(line, "", columns))
		}
	}
	return b.String()
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
