package wording

import "strings"

// What is written into Markdown has to stay what it is: text of a server must not become a link, a picture, a mention or HTML there.

// Markdown returns a line of text for Markdown, also for a cell of a table. What a renderer makes links of by itself becomes code.
func Markdown(text string, longest int) string {
	line := Line(text, longest)
	lower := strings.ToLower(line)
	for _, live := range []string{"://", "www.", "@", "mailto:", "xmpp:", "#"} {
		if strings.Contains(lower, live) {
			return MarkdownCode(text, longest)
		}
	}
	var b strings.Builder
	for _, c := range line {
		if strings.ContainsRune("\\`*_{}[]<>()+!|~&$", c) || b.Len() == 0 && strings.ContainsRune("-.:=", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// MarkdownCode returns a line of text as code. A renderer takes nothing in it for anything, so that only its own end has to be kept from it, and that of a cell.
func MarkdownCode(text string, longest int) string {
	line := strings.NewReplacer("`", "'", "|", "¦").Replace(Line(text, longest))
	if line == "" {
		return ""
	}
	return "`" + line + "`"
}

// MarkdownLink is a clause's id, and where its text stands as a link. Anything that is no address of a page is no link.
func MarkdownLink(id, link string) string {
	address := Address(link)
	if address == "" || strings.ContainsAny(address, "<>()[]|`\\\"' ") {
		return MarkdownCode(id, 80)
	}
	return "[" + MarkdownCode(id, 80) + "](" + address + ")"
}
