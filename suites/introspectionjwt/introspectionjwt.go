// Package introspectionjwt tests introspection that is answered with a signed JWT (RFC 9701). That such an answer comes, and that its signature holds, is what
// FAPI 2.0 Message Signing asks, and tested there.
package introspectionjwt

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 9701.
var Document = &requirement.Document{
	ID:      "RFC9701",
	Title:   "JSON Web Token (JWT) Response for OAuth Token Introspection",
	Edition: "RFC 9701, January 2025",
	URL:     "https://www.rfc-editor.org/rfc/rfc9701.html",
	File:    "suites/introspectionjwt/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about the answer.
var (
	Authenticated     = Document.Clause("4-2")
	MediaType         = Document.Clause("5-1")
	TypeNamed         = Document.Clause("5-2")
	ClaimsThere       = Document.Clause("5-3")
	InsideAlone       = Document.Clause("5-4")
	NothingElse       = Document.Clause("5-5")
	NotAnAccessToken  = Document.Clause("5-6")
	Algorithm         = Document.Clause("6-1")
	AlgorithmsAllowed = Document.Clause("7-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}
