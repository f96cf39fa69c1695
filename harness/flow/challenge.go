package flow

import "strings"

// Challenge is one challenge of a WWW-Authenticate field (RFC 9110 section 11.6.1).
type Challenge struct {
	Scheme  string            // as it was sent; its case does not matter
	Token68 string            // what follows the scheme in its place of parameters; empty where there are parameters or nothing
	Params  map[string]string // by name in lower case; the first one counts where one stands twice
}

// Is says whether the challenge is of a scheme, whatever the case.
func (c Challenge) Is(scheme string) bool { return strings.EqualFold(c.Scheme, scheme) }

// ParseChallenges reads the values of WWW-Authenticate: several fields, several challenges in one field, parameters quoted or not.
// What is no challenge is passed over, up to the next comma.
func ParseChallenges(fields []string) []Challenge {
	var all []Challenge
	for _, field := range fields {
		r := challengeReader{rest: field}
		all = append(all, r.challenges()...)
	}
	return all
}

// challengeReader reads one field from left to right.
type challengeReader struct{ rest string }

// challenges reads the whole field. An element of its list is a parameter of the challenge before where it begins with name "=" value,
// and a challenge of its own where it begins with a scheme.
func (r *challengeReader) challenges() []Challenge {
	var all []Challenge
	for {
		for r.skip(" \t") || r.skip(",") {
		}
		if r.rest == "" {
			return all
		}
		word := r.token()
		switch {
		case word == "":
			r.passOver()
		case len(all) > 0 && all[len(all)-1].Token68 == "" && r.parameter(&all[len(all)-1], word):
		default:
			challenge := Challenge{Scheme: word, Params: map[string]string{}}
			if r.skip(" ") {
				r.credentials(&challenge)
			}
			all = append(all, challenge)
		}
	}
}

// credentials reads what follows a scheme: a token68, a first parameter, or nothing.
func (r *challengeReader) credentials(into *Challenge) {
	r.skip(" \t")
	before := r.rest
	word := r.token()
	if word != "" && r.parameter(into, word) {
		return
	}
	r.rest = before
	end := strings.IndexAny(r.rest, ", \t")
	if end < 0 {
		end = len(r.rest)
	}
	if candidate := r.rest[:end]; isToken68(candidate) {
		into.Token68, r.rest = candidate, r.rest[end:]
	}
}

// parameter reads "=" and a value after a name, and says whether they were there.
func (r *challengeReader) parameter(into *Challenge, name string) bool {
	before := r.rest
	r.skip(" \t")
	if !strings.HasPrefix(r.rest, "=") {
		r.rest = before
		return false
	}
	r.rest = r.rest[1:]
	r.skip(" \t")
	value, ok := r.quoted()
	if !ok {
		value = r.token()
		// "YWJj=" and "a==" are no parameters but a token68.
		if ok = value != ""; !ok {
			r.rest = before
			return false
		}
	}
	if name = strings.ToLower(name); ok {
		if _, twice := into.Params[name]; !twice {
			into.Params[name] = value
		}
	}
	return true
}

// quoted reads a quoted-string (RFC 9110 section 5.6.4). One that is not closed ends with the field.
func (r *challengeReader) quoted() (string, bool) {
	if !strings.HasPrefix(r.rest, `"`) {
		return "", false
	}
	var b strings.Builder
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '"':
			r.rest = r.rest[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(r.rest):
			i++
			b.WriteByte(r.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	r.rest = ""
	return b.String(), true
}

// token reads a token (RFC 9110 section 5.6.2); empty where there is none.
func (r *challengeReader) token() string {
	end := strings.IndexFunc(r.rest, func(c rune) bool { return !isTokenCharacter(c) })
	if end < 0 {
		end = len(r.rest)
	}
	word := r.rest[:end]
	r.rest = r.rest[end:]
	return word
}

// skip passes over any of the characters, and says whether there was one.
func (r *challengeReader) skip(characters string) bool {
	trimmed := strings.TrimLeft(r.rest, characters)
	skipped := len(trimmed) < len(r.rest)
	r.rest = trimmed
	return skipped
}

// passOver leaves out what can't be read: a quoted string as a whole, anything else up to the next comma.
func (r *challengeReader) passOver() {
	if _, ok := r.quoted(); ok {
		return
	}
	_, r.rest, _ = strings.Cut(r.rest, ",")
}

func isTokenCharacter(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}

func isToken68(text string) bool {
	trimmed := strings.TrimRight(text, "=")
	return trimmed != "" && strings.IndexFunc(trimmed, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-._~+/", c)
	}) < 0
}
