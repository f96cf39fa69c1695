// Package jar tests what RFC 9101 asks, as far as it holds for requests that are pushed too.
package jar

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 9101.
var Document = &requirement.Document{
	ID:      "RFC9101",
	Title:   "OAuth 2.0: JWT-Secured Authorization Request (JAR)",
	Edition: "RFC 9101, August 2021",
	URL:     "https://www.rfc-editor.org/rfc/rfc9101.html",
	File:    "suites/jar/catalogue.yaml",
	Text:    catalogue,
}

// OnlyWhatWasPushed is what section 6.3 has of a request object, to which RFC 9126 section 4 likens a pushed request.
var OnlyWhatWasPushed = Document.Clause("6.3-2")

// The clauses about what is in a request object, and what is none.
var (
	NoRequestURIInside   = Document.Clause("4-1")
	ByReferenceIsBoolean = Document.Clause("5.2-1")
	Undecipherable       = Document.Clause("6.1-1")
	ValidatedAsRequest   = Document.Clause("6.3-1")
	ErrorCodes           = Document.Clause("7-1")
	NoFetching           = Document.Clause("10.4-1")
	SignedOnlyIsBoolean  = Document.Clause("10.5-2")
	KindsOfObjectsApart  = Document.Clause("10.8-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: func(client *flow.Client) {
		besideSpecs(client)
		objectSpecs(client)
	}}
}
