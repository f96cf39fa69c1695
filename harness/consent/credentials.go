package consent

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// shortestPassword is how long a value has to be before its presence in a request means anything.
const shortestPassword = 4

// credentials are what the script has written into the pages of a journey, so that requests can be recognised that carry the password.
type credentials struct {
	passwords map[string][]string // the values, and the names of the fields that they were written into
	others    map[string]bool     // the values that were written into fields of other kinds
}

// wrote notes what the script writes into a field.
func (c *credentials) wrote(fill *Fill, value, name string, isPassword bool) {
	if c.passwords == nil {
		c.passwords, c.others = map[string][]string{}, map[string]bool{}
	}
	if isPassword || strings.Contains(fill.Value, "${password}") {
		c.passwords[value] = append(c.passwords[value], name)
		return
	}
	c.others[value] = true
}

// carriedBy says whether a request carries a password that the script has written: in the query of its address or in its body, in
// whatever way the page encodes forms.
func (c *credentials) carriedBy(address, mediaType, body string) bool {
	if len(c.passwords) == 0 {
		return false
	}
	if parsed, err := url.Parse(address); err == nil && c.among(parsed.Query()) {
		return true
	}
	return body != "" && c.among(fieldsOf(mediaType, body))
}

// longPassword is how long a value has to be before it means something under whatever name it stands.
const longPassword = 10

// repeatedBy is carriedBy for a request that nobody has filled in: where the password is a short word, such as those of test users are, it counts only
// under the name of the password's field. An address may well say test somewhere.
func (c *credentials) repeatedBy(address, mediaType, body string) bool {
	fields := url.Values{}
	if parsed, err := url.Parse(address); err == nil {
		fields = parsed.Query()
	}
	if body != "" {
		for name, values := range fieldsOf(mediaType, body) {
			fields[name] = append(fields[name], values...)
		}
	}
	for name, values := range fields {
		for _, value := range values {
			written, is := c.passwords[value]
			if is && len(value) >= shortestPassword && (len(value) >= longPassword && !c.others[value] || slices.Contains(written, name)) {
				return true
			}
		}
	}
	return false
}

// among looks for a password. Where the same value was written into another field too, such as a name that is its own password, it
// counts only under the name of the password's field.
func (c *credentials) among(fields url.Values) bool {
	for name, values := range fields {
		for _, value := range values {
			written, is := c.passwords[value]
			if !is || len(value) < shortestPassword {
				continue
			}
			if !c.others[value] {
				return true
			}
			for _, field := range written {
				if field == name {
					return true
				}
			}
		}
	}
	return false
}

// fieldsOf reads a body as what it is: a form, the parts of a form, or JSON, whose members count by their own names however deep they
// lie.
func fieldsOf(mediaType, body string) url.Values {
	kind, parameters, _ := mime.ParseMediaType(mediaType)
	fields := url.Values{}
	var tree any
	switch {
	case kind == "multipart/form-data" && parameters["boundary"] != "":
		reader := multipart.NewReader(strings.NewReader(body), parameters["boundary"])
		for {
			part, err := reader.NextPart()
			if err != nil {
				return fields // the end, or what can't be read
			}
			if value, err := io.ReadAll(part); err == nil {
				fields.Add(part.FormName(), string(value))
			}
		}
	case kind == "text/plain" && !json.Valid([]byte(body)):
		for line := range strings.Lines(body) {
			if name, value, found := strings.Cut(strings.TrimRight(line, "\r\n"), "="); found {
				fields.Add(name, value)
			}
		}
		return fields
	case json.NewDecoder(bytes.NewReader([]byte(body))).Decode(&tree) == nil && json.Valid([]byte(body)):
		gather(fields, "", tree)
		return fields
	}
	fields, _ = url.ParseQuery(body) // what can be read of it is enough
	return fields
}

func gather(fields url.Values, name string, tree any) {
	switch node := tree.(type) {
	case map[string]any:
		for member, value := range node {
			gather(fields, member, value)
		}
	case []any:
		for _, value := range node {
			gather(fields, name, value)
		}
	case string:
		fields.Add(name, node)
	}
}
