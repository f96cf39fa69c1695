package wire

import "fmt"

// What an answer may be: bytes of it, levels and values of JSON. No server of ours needs a hundredth of that; more is there to be swallowed.
const (
	LongestAnswer = 1 << 20
	deepestJSON   = 200
	mostValues    = 50_000
)

// Excess says of a body what is too much of it to be read; empty: nothing is. It looks at the brackets and commas alone, so that it costs no memory.
func Excess(body []byte) string {
	if len(body) > LongestAnswer {
		return "more than a megabyte"
	}
	depth, deepest, values, quoted := 0, 0, 1, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			values++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		case c == ',':
			values++
		}
	}
	if len(body) == 0 || body[0] != '{' && body[0] != '[' && body[0] > ' ' {
		return "" // it is no JSON that would be decoded, whatever is in it
	}
	switch {
	case deepest > deepestJSON:
		return fmt.Sprintf("JSON that is nested %d levels deep", deepest)
	case values > mostValues:
		return fmt.Sprintf("JSON of %d values", values)
	}
	return ""
}
