package terminal

import (
	"regexp"
	"strings"
)

var (
	leading = regexp.MustCompile(`(?m)^(\s*):(:)`)
	command = regexp.MustCompile(`##([A-Za-z]*\[)`)
)

// Inert takes its meaning from text that a CI system reads as a command in a job's log: "::error::…" of GitHub at the beginning of a line, however far it is indented, and
// "##[…]", "##vso[…]" of Azure and "##teamcity[…]" anywhere. What a server says is printed, and it might say that.
func Inert(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##") {
		return text
	}
	return command.ReplaceAllString(leading.ReplaceAllString(text, "$1: $2"), "## $1")
}
