// Package dpop tests what RFC 9449 asks beyond what the profiles repeat.
package dpop

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

// Document is RFC 9449.
var Document = document

//go:embed catalogue.yaml
var catalogue []byte

var document = &requirement.Document{
	ID:      "RFC9449",
	Title:   "OAuth 2.0 Demonstrating Proof of Possession (DPoP)",
	Edition: "RFC 9449, September 2023",
	URL:     "https://www.rfc-editor.org/rfc/rfc9449.html",
	File:    "suites/dpop/catalogue.yaml",
	Text:    catalogue,
}

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: document, Requirements: document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	proofSpecs(client)
	nonceSpecs(client)
	bindingSpecs(client)
	codeBindingSpecs(client)
	resourceSpecs(client)
}
