// Package pkce tests what RFC 7636 asks beyond what the profiles repeat.
package pkce

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 7636.
var Document = &requirement.Document{
	ID:      "RFC7636",
	Title:   "Proof Key for Code Exchange (PKCE)",
	Edition: "RFC 7636, September 2015",
	URL:     "https://www.rfc-editor.org/rfc/rfc7636.html",
	File:    "suites/pkce/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about challenges and verifiers.
var (
	VerifierLengths  = Document.Clause("4.1-2")
	VerifierTooShort = Document.Clause("4.1-3")
	ChallengeHidden  = Document.Clause("4.4-1")
	ChallengeOfCode  = Document.Clause("4.4-2")
	ChallengeRefusal = Document.Clause("4.4.1-1")
	VerifierRefusal  = Document.Clause("4.6-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: verifierSpecs}
}
