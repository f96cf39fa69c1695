// Package oauth2 tests what RFC 6749 asks beyond what the profiles repeat.
package oauth2

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 6749.
var Document = &requirement.Document{
	ID:      "RFC6749",
	Title:   "The OAuth 2.0 Authorization Framework",
	Edition: "RFC 6749, October 2012",
	URL:     "https://www.rfc-editor.org/rfc/rfc6749.html",
	File:    "suites/oauth2/catalogue.yaml",
	Text:    catalogue,
}

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	stateSpecs(client)
	codeSpecs(client)
	ownerSpecs(client)
	tokenSpecs(client)
	requestSpecs(client)
	authorizationSpecs(client)
	errorSpecs(client)
	challengeSpecs(client)
	refreshSpecs(client)
}
