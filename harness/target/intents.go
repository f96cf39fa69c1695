package target

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Intents is where clients create what an end user is then asked to authorise, before they send him to the server: a consent with the terms of what is
// to be allowed, which ecosystems also call an intent.
type Intents struct {
	URL   string
	Body  string // JSON; empty: as the profile has it
	Scope string // of the token of the client's own with which that is done; empty: as the profile has it
}

// intents reads where they are created.
func (l *loader) intents(node *yaml.Node) {
	i := &Intents{}
	l.target.Intents = i
	l.members(node, "intents.", func(key string, value *yaml.Node) {
		switch text := l.text("intents."+key, value); key {
		case "url":
			i.URL = text
			l.https(value, "intents.url", text)
		case "body":
			if i.Body = strings.TrimSpace(text); !json.Valid([]byte(i.Body)) {
				l.fail(value, "intents.body: is not JSON: write what clients ask for, such as '{\"Data\": {\"Permissions\": [\"ReadAccountsBasic\"]}, \"Risk\": {}}'")
			}
		case "scope":
			i.Scope = text
		}
	})
	if l.err == nil && i.URL == "" {
		l.fail(node, "intents.url is missing: where clients create a consent before they send the end user to the server")
	}
}
