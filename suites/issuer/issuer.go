// Package issuer tests what RFC 9207 asks beyond what the profiles repeat.
package issuer

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 9207.
var Document = &requirement.Document{
	ID:      "RFC9207",
	Title:   "OAuth 2.0 Authorization Server Issuer Identification",
	Edition: "RFC 9207, March 2022",
	URL:     "https://www.rfc-editor.org/rfc/rfc9207.html",
	File:    "suites/issuer/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about the issuer in authorization responses.
var (
	IssuerIsURL     = Document.Clause("2-3")
	IssuerAnnounced = Document.Clause("2.3-2")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: issuerSpecs}
}
