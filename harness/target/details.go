package target

import (
	"encoding/json"

	"go.yaml.in/yaml/v4"
)

// details reads authorization details that the clients may ask for.
func (l *loader) details(node *yaml.Node) {
	text := l.text("authorization_details", node)
	if l.err != nil {
		return
	}
	if err := json.Unmarshal([]byte(text), &l.target.Details); err != nil || len(l.target.Details) == 0 {
		l.fail(node, "authorization_details: %q is no JSON array of objects", text)
		return
	}
	for _, element := range l.target.Details {
		if kind, isText := element["type"].(string); !isText || kind == "" {
			l.fail(node, "authorization_details: each element has a type (RFC 9396 section 2)")
			return
		}
	}
}
