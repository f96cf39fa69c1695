// Package mtls tests what RFC 8705 asks beyond what the profiles repeat.
package mtls

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 8705.
var Document = &requirement.Document{
	ID:      "RFC8705",
	Title:   "OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens",
	Edition: "RFC 8705, February 2020",
	URL:     "https://www.rfc-editor.org/rfc/rfc8705.html",
	File:    "suites/mtls/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about clients that authenticate by certificates, and tokens that are bound to them.
var (
	CertificateOfOther = Document.Clause("2-2")
	IssuedCertificate  = Document.Clause("2.1-1")
	UntrustedIssuer    = Document.Clause("2.1-2")
	RegisteredOnly     = Document.Clause("2.2-1")
	MismatchAnswer     = Document.Clause("3-1b")
	ThumbprintInToken  = Document.Clause("3.1-1")
	ThumbprintInAnswer = Document.Clause("3.2-1")
	BindingAnnounced   = Document.Clause("3.3-1")
	AliasesForm        = Document.Clause("5-2")
	ChainOfSelfSigned  = Document.Clause("6.2-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: mtlsSpecs}
}
