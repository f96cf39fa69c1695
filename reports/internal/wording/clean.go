// Package wording holds what every report says in the same words: the conclusion, the account of a run, and of each finding what
// was done and what happened. It also makes what a target sent fit to be shown.
package wording

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/wire"
)

// How many characters are shown of one thing.
const (
	shortText = 300  // a sentence, a label, a reason
	longText  = 1000 // what is explained in prose
)

// Line returns text as a single line of at most longest characters in which nothing is left that a terminal or a page takes for
// something else than text.
func Line(text string, longest int) string {
	cut, whole := bound(text, longest)
	line := strings.Join(strings.Fields(clean(strings.ReplaceAll(cut, "\r\n", "\n"))), " ")
	if !whole {
		line += "…"
	}
	return line
}

// Text is Line that keeps line breaks and says how much it left out.
func Text(text string, longest int) string {
	cut, whole := bound(text, longest)
	cleaned := clean(strings.ReplaceAll(cut, "\r\n", "\n"))
	if !whole {
		cleaned += fmt.Sprintf("… (cut after %d of %d bytes)", len(cut), len(text))
	}
	return cleaned
}

// bound cuts before anything is replaced, so that a megabyte costs no more than what is shown of it.
func bound(text string, longest int) (cut string, whole bool) {
	if len(text) <= longest {
		return text, true
	}
	n := 0
	for i := range text {
		if n == longest {
			return text[:i], false
		}
		n++
	}
	return text, true
}

// clean is wire.Printable, and replaces the marks of direction and the invisible characters that it lets through.
func clean(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == 0x061c, c == 0x180e, c == 0x200b, c == 0x200e, c == 0x200f, c == 0x2028, c == 0x2029, c == 0xfeff,
			c >= 0x2060 && c <= 0x2064, c >= 0xfff9 && c <= 0xfffb, c >= 0xe0000 && c <= 0xe007f, c&0xfffe == 0xfffe:
			return utf8.RuneError
		}
		return c
	}, wire.Printable(text))
}

// Address returns a link if following it can only lead to a page; else nothing.
func Address(link string) string {
	for _, scheme := range []string{"https://", "http://"} {
		if strings.HasPrefix(link, scheme) {
			return strings.ReplaceAll(Line(link, longText), " ", "%20")
		}
	}
	return ""
}

// enumerate joins words as a sentence does: "a, b and c".
func enumerate(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Plural is a number with its noun.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
