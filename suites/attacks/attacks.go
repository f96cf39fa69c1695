// Package attacks tests what RFC 9700 asks beyond what the profiles repeat: defences against what has been done to OAuth servers.
package attacks

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 9700.
var Document = &requirement.Document{
	ID:      "RFC9700",
	Title:   "Best Current Practice for OAuth 2.0 Security",
	Edition: "RFC 9700, January 2025",
	URL:     "https://www.rfc-editor.org/rfc/rfc9700.html",
	File:    "suites/attacks/catalogue.yaml",
	Text:    catalogue,
}

// The clauses of the document that have experiments.
var (
	ExactRedirectURI = Document.Clause("2.1-1")
	CredentialsStay  = Document.Clause("2.1-5")
	PKCEAnnounced    = Document.Clause("2.1.1-4")
	NoThirdParties   = Document.Clause("4.2.4-1")
	ReplayRevokes    = Document.Clause("4.2.4-2")
	FieldsStripped   = Document.Clause("4.13-1")
	NotFramed        = Document.Clause("4.16-1")
	MessageOrigins   = Document.Clause("4.17-1")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: func(client *flow.Client) {
		metadataSpecs(client)
		redirectSpecs(client)
		pageSpecs(client)
		codeSpecs(client)
		proxySpecs(client)
	}}
}
