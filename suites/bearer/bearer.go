// Package bearer tests what RFC 6750 asks beyond what the profiles repeat.
package bearer

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 6750.
var Document = &requirement.Document{
	ID:      "RFC6750",
	Title:   "The OAuth 2.0 Authorization Framework: Bearer Token Usage",
	Edition: "RFC 6750, October 2012",
	URL:     "https://www.rfc-editor.org/rfc/rfc6750.html",
	File:    "suites/bearer/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about access tokens and the challenges of resource servers.
var (
	TokenOnce       = Document.Clause("2-1")
	SchemeInAnyCase = Document.Clause("2.1-1")
	Challenged      = Document.Clause("3-1")
	NoErrorYet      = Document.Clause("3-2")
	StatusFits      = Document.Clause("3.1-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: bearerSpecs}
}
