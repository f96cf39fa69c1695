// Package introspection tests what RFC 7662 asks beyond what the profiles repeat.
package introspection

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 7662.
var Document = &requirement.Document{
	ID:      "RFC7662",
	Title:   "OAuth 2.0 Token Introspection",
	Edition: "RFC 7662, October 2015",
	URL:     "https://www.rfc-editor.org/rfc/rfc7662.html",
	File:    "suites/introspection/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about introspection.
var (
	Authorized      = Document.Clause("2.1-1")
	EndpointSecure  = Document.Clause("2.1-2")
	ActiveIsBoolean = Document.Clause("2.2-1")
	NothingElse     = Document.Clause("2.2-2")
	InactiveTokens  = Document.Clause("2.2-3")
	TokensOfOthers  = Document.Clause("2.2-4")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: introspectionSpecs}
}
