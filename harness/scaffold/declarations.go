package scaffold

import (
	"bytes"
	"fmt"
	"strings"
)

// declarationsFile is what the skeleton of the operator's declarations is called.
const declarationsFile = "declarations.yaml"

// Asked is a requirement that can't be seen from outside.
type Asked struct {
	ID      string
	Says    string // "shall …"
	Because string // why it can't be seen
	When    string // the condition under which it applies, in the catalogue's word
}

// Skeleton is the skeleton of a file in which the operator answers for what can't be seen. Nothing in it counts before somebody has taken away its "#": nobody is to declare
// anything by leaving a file as it is.
func Skeleton(asked []Asked) []byte {
	var b bytes.Buffer
	b.WriteString("# What nobody can see from outside, and somebody who knows the server has to answer for. Take away the # before an entry, and say by whom it was looked at, on which day\n" +
		"# (2026-11-28), and what they saw: the report repeats it, and who signs the report signs it too. Without an answer a run can't come to a conclusion where the clause says shall.\n")
	for _, one := range asked {
		b.WriteString("\n")
		for _, line := range lines(fmt.Sprintf("%s. Why it has to be declared: %s", one.Says, one.Because), 110) {
			b.WriteString("# " + line + "\n")
		}
		if one.When != "" && one.When != "always" {
			fmt.Fprintf(&b, "# Only where this applies: %s\n", one.When)
		}
		fmt.Fprintf(&b, "#- id: %s\n#  by: \"\"\n#  date: \n#  saw: \"\"\n", one.ID)
	}
	return b.Bytes()
}

// lines breaks text between words into lines of some length.
func lines(text string, length int) []string {
	var all []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > length {
			all, line = append(all, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(all, line)
}
