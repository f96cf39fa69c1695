package target

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Payments is where clients create consents for payments, and of what.
type Payments struct {
	URL    string
	Body   string // JSON
	Issuer string // as whom clients sign their requests: the organisation and its software; empty: they sign none
	Anchor string // where their keys are to be found; empty: openbanking.org.uk
	Scope  string // without which there are none; empty: payments
}

// payments reads where consents for payments are created.
func (l *loader) payments(node *yaml.Node) {
	p := &Payments{}
	l.target.Payments = p
	l.members(node, "payments.", func(key string, value *yaml.Node) {
		switch text := l.text("payments."+key, value); key {
		case "url":
			p.URL = text
			l.https(value, "payments.url", text)
		case "body":
			if p.Body = strings.TrimSpace(text); !json.Valid([]byte(p.Body)) {
				l.fail(value, "payments.body: is not JSON: write the consent for a payment, such as '{\"Data\": {\"Initiation\": {…}}, \"Risk\": {}}'")
			}
		case "scope":
			p.Scope = text
		case "issuer":
			p.Issuer = text
		case "anchor":
			p.Anchor = text
		}
	})
	if l.err == nil && (p.URL == "" || p.Body == "") {
		l.fail(node, "payments: write both url, where consents for payments are created, and body, what is to be paid")
	}
}
