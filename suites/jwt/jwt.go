// Package jwt tests what RFC 8725 asks of whoever takes JSON Web Tokens, beyond what the documents about each kind of them repeat.
package jwt

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 8725.
var Document = &requirement.Document{
	ID:      "RFC8725",
	Title:   "JSON Web Token Best Current Practices",
	Edition: "RFC 8725, February 2020",
	URL:     "https://www.rfc-editor.org/rfc/rfc8725.html",
	File:    "suites/jwt/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about JSON Web Tokens that servers take.
var (
	KeyForAlgorithm = Document.Clause("3.1-1")
	UTF8            = Document.Clause("3.7-1")
	HeaderUntrusted = Document.Clause("3.10-1")
	KindsApart      = Document.Clause("3.12-1")
	PointsOnCurve   = Document.Clause("3.4-1")
	Typed           = Document.Clause("3.11-1")
	NestedSignature = Document.Clause("3.3-1")
	NotCompressed   = Document.Clause("3.6-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: func(client *flow.Client) {
		assertionSpecs(client)
		typeSpecs(client)
		nestedSpecs(client)
	}}
}
