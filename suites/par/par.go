// Package par tests what RFC 9126 asks beyond what the profiles repeat.
package par

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

// Document is RFC 9126.
var Document = document

//go:embed catalogue.yaml
var catalogue []byte

var document = &requirement.Document{
	ID:      "RFC9126",
	Title:   "OAuth 2.0 Pushed Authorization Requests",
	Edition: "RFC 9126, September 2021",
	URL:     "https://www.rfc-editor.org/rfc/rfc9126.html",
	File:    "suites/par/catalogue.yaml",
	Text:    catalogue,
}

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: document, Requirements: document.Requirements(), Specs: func(client *flow.Client) {
		metadataSpecs(client)
		answerSpecs(client)
		pushingSpecs(client)
		requestURISpecs(client)
		chanceSpecs(client)
		twoBrowsersSpecs(client)
		allowedSpecs(client)
	}}
}
