// Package revocation tests what RFC 7009 asks beyond what the profiles repeat.
package revocation

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 7009.
var Document = &requirement.Document{
	ID:      "RFC7009",
	Title:   "OAuth 2.0 Token Revocation",
	Edition: "RFC 7009, August 2013",
	URL:     "https://www.rfc-editor.org/rfc/rfc7009.html",
	File:    "suites/revocation/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about revocation.
var (
	RefreshTokens       = Document.Clause("2-1")
	AccessTokens        = Document.Clause("2-2")
	ClientsAuthenticate = Document.Clause("2.1-1")
	OwnTokens           = Document.Clause("2.1-2")
	WholeGrant          = Document.Clause("2.1-4")
	WrongHint           = Document.Clause("2.1-5")
	UnknownTokens       = Document.Clause("2.2-1")
	UnsupportedType     = Document.Clause("2.2.1-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: revocationSpecs}
}
