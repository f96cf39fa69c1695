package wording

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/fapitest/fapitest/harness/wire"
)

// The frame in which the redactor shows a JWT that we made.
const (
	JWTBegins = "[JWT "
	JWTEnds   = " . signature redacted]"
)

// Parameters splits parameters. A JWT is one value, whatever stands in its claims.
func Parameters(encoded string) []string {
	var list []string
	for encoded != "" {
		end := strings.IndexByte(encoded, '&')
		if jwt := strings.Index(encoded, "="+JWTBegins); jwt >= 0 && (end < 0 || jwt < end) {
			if closed := strings.Index(encoded, JWTEnds); closed >= 0 {
				end = strings.IndexByte(encoded[closed:], '&')
				if end >= 0 {
					end += closed
				}
			}
		}
		if end < 0 {
			return append(list, encoded)
		}
		list = append(list, encoded[:end])
		encoded = encoded[end+1:]
	}
	return list
}

// Curl is a command that sends the request of an exchange once more, for a shell. Secrets are variables of the shell, which whoever has them sets: $ACCESS_TOKEN, $DPOP_PROOF,
// $CLIENT_CERT. Empty: it was no request over HTTP, was a journey through pages, or is not known to the end.
func Curl(e *wire.Exchange) string {
	m := e.Request
	if m.Method == "" || m.Method == "TLS" || len(e.Pages) > 0 || len(e.Hops) > 0 || !strings.HasPrefix(m.URL, "https://") && !strings.HasPrefix(m.URL, "http://") {
		return ""
	}
	words := []string{"curl", "-i", "-X", shellWord(m.Method)}
	if m.Certificate != "" && !strings.HasPrefix(m.Certificate, "none") {
		words = append(words, "--cert", `"$CLIENT_CERT"`, "--key", `"$CLIENT_KEY"`)
	}
	words = append(words, variables("", address(m.URL)))
	form := false
	for _, field := range m.Header {
		switch strings.ToLower(field.Name) {
		case "content-length", "accept-encoding", "user-agent", "x-fapi-interaction-id", "…":
			continue
		case "content-type":
			form = strings.Contains(strings.ToLower(field.Value), "x-www-form-urlencoded")
		}
		words = append(words, "-H", variables(field.Name, field.Name+": "+field.Value))
	}
	switch {
	case m.Body == "":
	case form:
		for _, pair := range Parameters(m.Body) {
			name, _, _ := strings.Cut(pair, "=")
			words = append(words, "--data-urlencode", variables(name, pair))
		}
	default:
		words = append(words, "--data-raw", variables("body", m.Body))
	}
	command := strings.Join(words, " ")
	if cut.MatchString(command) {
		return "" // some of it was too long to be kept
	}
	return Text(command, longCommand)
}

// longCommand is how many characters a command may have.
const longCommand = 8000

var (
	// hidden is what stands for a secret.
	hidden = regexp.MustCompile(`\[(?:([A-Za-z_]+)(?:: [0-9]+ characters, sha256 [0-9a-f]+…| redacted)|redacted)\]`)
	cut    = regexp.MustCompile(`… \([0-9]+ bytes in all\)`)
	noName = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// variables is a word for a shell in which variables stand for secrets. Name is that of the field or the parameter.
func variables(name, text string) string {
	var b strings.Builder
	literal := func(s string) {
		if s != "" {
			b.WriteString(shellWord(s))
		}
	}
	for text != "" {
		at := hidden.FindStringSubmatchIndex(text)
		jwt := strings.Index(text, JWTBegins)
		switch {
		case jwt >= 0 && (at == nil || jwt <= at[0]):
			end := strings.Index(text[jwt:], JWTEnds)
			if end < 0 {
				literal(text)
				return b.String()
			}
			literal(text[:jwt])
			b.WriteString(variable(name))
			text = text[jwt+end+len(JWTEnds):]
		case at != nil:
			literal(text[:at[0]])
			called := name
			if at[2] >= 0 {
				called = text[at[2]:at[3]]
			}
			b.WriteString(variable(called))
			text = text[at[1]:]
		default:
			literal(text)
			text = ""
		}
	}
	return b.String()
}

// variable is what a secret of that name is called in a shell.
func variable(name string) string {
	name = strings.Trim(strings.ToUpper(noName.ReplaceAllString(name, "_")), "_")
	switch name {
	case "DPOP":
		name = "DPOP_PROOF"
	case "":
		name = "SECRET"
	}
	return `"$` + name + `"`
}

// address is a captured URL, whose parameters stand decoded, with those encoded that are no secrets.
func address(raw string) string {
	front, query, has := strings.Cut(raw, "?")
	if !has {
		return raw
	}
	query, _, _ = strings.Cut(query, "#")
	var pairs []string
	for _, pair := range Parameters(query) {
		name, value, hasValue := strings.Cut(pair, "=")
		if hidden.MatchString(value) || strings.HasPrefix(value, JWTBegins) {
			pairs = append(pairs, pair)
			continue
		}
		encoded := url.QueryEscape(name)
		if hasValue {
			encoded += "=" + url.QueryEscape(value)
		}
		pairs = append(pairs, encoded)
	}
	return front + "?" + strings.Join(pairs, "&")
}
