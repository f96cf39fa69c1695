package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// What is kept of one message at most: bytes of its body, of a header field and of a URL; and header fields.
const (
	longestBody  = 16 << 10
	longestField = 4 << 10
	mostFields   = 100
)

// Redactor removes secrets from what is captured: by the names of parameters, members and header fields that hold them, and by
// the values that it was told of, wherever those stand. It is safe for use by many goroutines.
type Redactor struct {
	mu     sync.RWMutex
	values map[[shortestSecret]byte]*beginning // by their first bytes, so that a text is searched once for all of them
	known  map[string]bool
}

// shortestSecret is how long a value has to be to be told from ordinary text.
const shortestSecret = 6

// beginning are the values of one beginning. Thousands may have it: every JWT begins alike.
type beginning struct {
	lengths []int             // of all of them, each once, the longest first, so that none is replaced by half
	values  map[string]learnt // by themselves
}

// learnt is a value that must not be shown. Of a long one its beginning is known, with whatever of a token's characters comes after it: to keep all of it, and to
// look for all of it, would be what a server wants that issues tokens of a megabyte.
type learnt struct {
	value, standIn string
	open           bool
}

// longestLearnt is how many bytes of a value are known.
const longestLearnt = 2 << 10

// width is how many bytes at the beginning of a text are the value; 0: it does not begin with it.
func (l learnt) width(text string) int {
	if !strings.HasPrefix(text, l.value) {
		return 0
	}
	end := len(l.value)
	for l.open && end < len(text) && text[end] > ' ' && !strings.ContainsRune("\"'<>,;()[]{}", rune(text[end])) {
		end++
	}
	return end
}

// Learn adds a value that must not be shown, whatever name it goes under. Values shorter than 6 characters can't be told from
// ordinary text and are only removed by name.
func (r *Redactor) Learn(name, value string) {
	if r == nil || len(value) < shortestSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	stand := standIn(name, value)
	open := len(value) > longestLearnt
	if open {
		value = value[:longestLearnt]
	}
	if r.known[value] {
		return
	}
	if r.values == nil {
		r.values, r.known = map[[shortestSecret]byte]*beginning{}, map[string]bool{}
	}
	r.known[value] = true
	r.remember(learnt{value, stand, open})
	if encoded := url.QueryEscape(value); encoded != value {
		r.remember(learnt{encoded, stand, open})
	}
}

func (r *Redactor) remember(one learnt) {
	key := [shortestSecret]byte([]byte(one.value[:shortestSecret]))
	alike := r.values[key]
	if alike == nil {
		alike = &beginning{values: map[string]learnt{}}
		r.values[key] = alike
	}
	alike.values[one.value] = one
	longestFirst := func(a, b int) int { return b - a }
	if at, there := slices.BinarySearchFunc(alike.lengths, len(one.value), longestFirst); !there {
		alike.lengths = slices.Insert(alike.lengths, at, len(one.value))
	}
}

// in returns the longest value that a text begins with, as its width there and what stands in for it; 0: there is none.
func (b *beginning) in(text string) (width int, standIn string) {
	if b == nil {
		return 0, ""
	}
	for _, length := range b.lengths {
		if length > len(text) {
			continue
		}
		if one, there := b.values[text[:length]]; there {
			return one.width(text), one.standIn
		}
	}
	return 0, ""
}

// Scrub replaces every learnt value in text, in the clear and URL-encoded.
func (r *Redactor) Scrub(text string) string {
	if r == nil || len(text) < shortestSecret {
		return text
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.values) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for i := 0; i+shortestSecret <= len(text); {
		width, standIn := r.values[[shortestSecret]byte([]byte(text[i:i+shortestSecret]))].in(text[i:])
		if width == 0 {
			i++
			continue
		}
		b.WriteString(text[from:i])
		b.WriteString(standIn)
		i += width
		from = i
	}
	if from == 0 {
		return text
	}
	b.WriteString(text[from:])
	return b.String()
}

// secretNames are the parameters and members whose values are secrets; guessable says that a fingerprint would give the value away.
func secretName(name string) (secret, guessable bool) {
	switch strings.ToLower(name) {
	case "code", "code_verifier", "access_token", "refresh_token", "id_token", "token", "id_token_hint", "assertion",
		"client_assertion", "request", "response", "subject_token", "actor_token", "registration_access_token", "device_code",
		"auth_req_id", "login_hint_token", "csrf", "session", "dpop":
		return true, false
	case "client_secret", "password", "username", "user_code":
		return true, true
	}
	return false, false
}

// standIn is what is shown for a secret. Of a JWT that we made ourselves, header and claims may be seen: the signature is the secret.
func standIn(name, value string) string {
	if _, guessable := secretName(name); guessable || len(value) < 16 {
		return "[" + name + " redacted]"
	}
	switch name {
	case "client_assertion", "request", "DPoP":
		if readable, ok := unsigned(value); ok {
			return readable
		}
	}
	return "[" + name + ": " + Fingerprint(value) + "]"
}

func unsigned(jwt string) (string, bool) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return "", false
	}
	header, err1 := base64.RawURLEncoding.DecodeString(parts[0])
	claims, err2 := base64.RawURLEncoding.DecodeString(parts[1])
	if err1 != nil || err2 != nil || !json.Valid(header) || !json.Valid(claims) {
		return "", false
	}
	return "[JWT " + string(withoutPrivateKey(header)) + " . " + string(claims) + " . signature redacted]", true
}

// withoutPrivateKey is a JOSE header whose jwk shows nothing that only its owner may know: a proof may have that in it, to see whether it is refused.
func withoutPrivateKey(header []byte) []byte {
	var members map[string]any
	if json.Unmarshal(header, &members) != nil {
		return header
	}
	key, _ := members["jwk"].(map[string]any)
	found := false
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, there := key[name]; there {
			key[name], found = "redacted", true
		}
	}
	if !found {
		return header
	}
	hidden, err := json.Marshal(members)
	if err != nil {
		return nil
	}
	return hidden
}

// Values redacts parameters, as they are sent in a form or a query.
func (r *Redactor) Values(encoded string) string {
	if encoded == "" {
		return ""
	}
	var out []string
	for _, pair := range strings.Split(encoded, "&") {
		rawName, rawValue, hasValue := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			name = rawName
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			value = rawValue
		}
		switch secret, _ := secretName(name); {
		case !hasValue:
			out = append(out, r.Scrub(name))
		case secret && value != "":
			r.Learn(name, value)
			out = append(out, name+"="+standIn(name, value))
		default:
			out = append(out, name+"="+r.Scrub(value))
		}
	}
	return strings.Join(out, "&")
}

// URL redacts the query and the fragment of a URL, and bounds it. What is no URL is scrubbed as text.
func (r *Redactor) URL(raw string) string {
	front, fragment, hasFragment := strings.Cut(raw, "#")
	front, query, hasQuery := strings.Cut(front, "?")
	out := r.Scrub(front)
	if hasQuery {
		out += "?" + r.Values(query)
	}
	if hasFragment {
		if strings.Contains(fragment, "=") {
			fragment = r.Values(fragment)
		}
		out += "#" + r.Scrub(fragment)
	}
	if r == nil {
		return out // somebody else scrubs it, who has to see all of it
	}
	return bounded(out, longestField)
}

// RedactURL redacts a URL by the names of its parameters alone, and does not bound it.
func RedactURL(raw string) string { return (*Redactor)(nil).URL(raw) }

// Header redacts header fields: what authenticates or binds is replaced, what may hold a URL is redacted as one.
func (r *Redactor) Header(header http.Header) []Field {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	var fields []Field
	beyond := 0
	for _, name := range names {
		for _, value := range header[name] {
			if len(fields) == mostFields {
				beyond++
				continue
			}
			fields = append(fields, Field{Name: bounded(name, longestField), Value: bounded(r.field(name, value), longestField)})
		}
	}
	if beyond > 0 {
		fields = append(fields, Field{Name: "…", Value: fmt.Sprintf("(%d more header fields)", beyond)})
	}
	return fields
}

// bounded returns the beginning of a text that is too long to be kept, and says how long it was.
func bounded(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + fmt.Sprintf("… (%d bytes in all)", len(text))
}

func (r *Redactor) field(name, value string) string {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization":
		scheme, credentials, _ := strings.Cut(value, " ")
		if credentials == "" && !strings.EqualFold(scheme, "DPoP") && !strings.EqualFold(scheme, "Bearer") {
			// Without a scheme it is all credentials.
			r.Learn("access_token", value)
			return standIn("access_token", value)
		}
		if strings.EqualFold(scheme, "Basic") {
			return scheme + " [redacted]"
		}
		if credentials == "undefined" {
			return scheme + " " + credentials // a word in the place of a token, which other texts have too
		}
		r.Learn("access_token", credentials)
		return printable(r.Scrub(scheme)) + " " + standIn("access_token", credentials)
	case "Dpop":
		r.Learn("DPoP", value)
		return standIn("DPoP", value)
	case "Cookie":
		return "[redacted]"
	case "Set-Cookie":
		name, rest, _ := strings.Cut(value, "=")
		_, attributes, _ := strings.Cut(rest, ";")
		return printable(name) + "=[redacted];" + printable(attributes)
	case "Location", "Referer", "Content-Location", "Refresh":
		return printable(r.URL(value))
	}
	return printable(r.Scrub(value))
}

// Body redacts a body by its media type, bounds it, and makes it printable.
func (r *Redactor) Body(mediaType string, body []byte) string {
	if len(body) == 0 {
		return ""
	}
	var text string
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	var tree any
	switch {
	case mediaType == "application/x-www-form-urlencoded":
		text = r.Values(string(body))
	case json.Unmarshal(body, &tree) == nil:
		text = r.jsonText(tree)
	case looksLikeJWT(string(body)):
		r.Learn("token", string(body))
		text = standIn("token", string(body))
	default:
		text = r.Scrub(string(body))
	}
	if len(text) > longestBody {
		text = text[:longestBody] + fmt.Sprintf("… (%d bytes in all)", len(body))
	}
	return printable(text)
}

func looksLikeJWT(s string) bool { return strings.HasPrefix(s, "eyJ") && strings.Count(s, ".") >= 2 }

func (r *Redactor) jsonText(tree any) string {
	redacted, err := json.MarshalIndent(r.JSON(tree), "", "  ")
	if err != nil {
		return "[unreadable JSON]"
	}
	return r.Scrub(string(redacted))
}

// JSON returns a copy of a decoded JSON value in which secret members are replaced.
func (r *Redactor) JSON(tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		out := make(map[string]any, len(node))
		for name, value := range node {
			text, isText := value.(string)
			if secret, _ := secretName(name); secret && isText && text != "" {
				r.Learn(name, text)
				out[name] = standIn(name, text)
				continue
			}
			if privateJWKMember(name, node) {
				out[name] = "[redacted]"
				continue
			}
			out[name] = r.JSON(value)
		}
		return out
	case []any:
		out := make([]any, len(node))
		for i, value := range node {
			out[i] = r.JSON(value)
		}
		return out
	case string:
		if looksLikeJWT(node) {
			r.Learn("token", node)
			return standIn("token", node)
		}
		return node
	}
	return tree
}

func privateJWKMember(name string, node map[string]any) bool {
	if _, isKey := node["kty"]; !isKey {
		return false
	}
	return slices.Contains([]string{"d", "p", "q", "dp", "dq", "qi", "k", "oth"}, name)
}

// printable replaces what a terminal or a page could take for something else than text.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || (c < ' ' && c != '\n' && c != '\t') || c == 0x7f || (c >= 0x80 && c < 0xa0) ||
			(c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) {
			return '�'
		}
		return c
	}, s)
}

// Printable replaces control and direction characters, so that what a target sends can be shown on a terminal.
func Printable(s string) string { return printable(s) }
