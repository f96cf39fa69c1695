package terminal

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// Wrap breaks one line of text into lines of at most columns cells of a terminal, at spaces alone: what can be copied stays whole.
func Wrap(text string, columns int) []string {
	var lines []string
	line, width := "", 0
	for _, word := range strings.Fields(text) {
		cells := runewidth.StringWidth(word)
		if line != "" && width+1+cells > columns {
			lines = append(lines, line)
			line, width = "", 0
		}
		if line != "" {
			line += " "
			width++
		}
		line += word
		width += cells
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
