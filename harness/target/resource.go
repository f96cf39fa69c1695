package target

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/wire"
)

var method = regexp.MustCompile(`^[A-Z]+$`)

// fieldName is the name of a header field (RFC 9110 section 5.1).
var fieldName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// ours are the header fields that the client writes itself.
var ours = []string{
	"Authorization", "Dpop", "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Cookie", "User-Agent", "X-Fapi-Interaction-Id", "Signature", "Signature-Input", "Content-Digest",
}

// resource reads the protected resource.
func (l *loader) resource(node *yaml.Node) {
	r := &l.target.Resource
	l.members(node, "resource.", func(key string, value *yaml.Node) {
		if key == "headers" {
			l.headers(value)
			return
		}
		if key == "signatures" {
			l.signatures(value)
			return
		}
		switch text := l.text("resource."+key, value); key {
		case "url":
			r.URL = text
			l.https(value, "resource.url", text)
		case "method":
			if r.Method = strings.ToUpper(text); !method.MatchString(r.Method) {
				l.fail(value, "resource.method: %q is not a valid method: write GET or POST", text)
			}
		case "scope":
			r.Scope = text
		case "lesser":
			r.Lesser = strings.Join(strings.Fields(text), " ")
			l.lesserAt = value
		}
	})
}

// headers reads what the resource wants in every request.
func (l *loader) headers(node *yaml.Node) {
	l.members(node, "resource.headers.", func(name string, value *yaml.Node) {
		key := "resource.headers." + name
		text := l.text(key, value)
		header := Header{Name: name, Value: wire.NewSecret(text), Hidden: variable.MatchString(value.Value) || l.env(overrideName(key)) != ""}
		switch {
		case l.err != nil:
			return
		case !fieldName.MatchString(name):
			l.fail(value, "%s: %q is not a valid header field name", key, name)
		case slices.Contains(ours, http.CanonicalHeaderKey(name)):
			l.fail(value, "%s: the client writes this header field itself: leave it out", key)
		case slices.ContainsFunc(l.target.Resource.Headers, func(h Header) bool { return strings.EqualFold(h.Name, name) }):
			l.fail(value, "%s: stands twice, in another spelling", key)
		case strings.TrimSpace(text) == "" || strings.ContainsFunc(text, func(c rune) bool { return c < 0x20 && c != '\t' || c >= 0x7f }):
			l.fail(value, "%s: the value of a header field is one line of printable ASCII", key)
		case header.Hidden && len(text) < shortestSecret:
			l.fail(value, "%s: comes from the environment and has fewer than %d characters, and so could not be told from other text and kept out of the report: write it into the file", key, shortestSecret)
		}
		l.target.Resource.Headers = append(l.target.Resource.Headers, header)
	})
}

func (l *loader) https(node *yaml.Node, key, address string) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" {
		l.fail(node, "%s: %q is not an https URL", key, address)
	}
}
