// Package jarm tests what the JWT Secured Authorization Response Mode asks of a server: authorization responses that are signed.
package jarm

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is JARM.
var Document = &requirement.Document{
	ID:      "JARM",
	Title:   "JWT Secured Authorization Response Mode for OAuth 2.0 (JARM)",
	Edition: "Final",
	URL:     "https://openid.net/specs/oauth-v2-jarm-final.html",
	File:    "suites/jarm/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about what is in the JWT.
var (
	IssuerNamed    = Document.Clause("2.1-1")
	ClientNamed    = Document.Clause("2.1-2")
	EndGiven       = Document.Clause("2.1-3a")
	EndsSoon       = Document.Clause("2.1-3b")
	AllInside      = Document.Clause("2.1-4")
	SignedFirst    = Document.Clause("2.2-1")
	EncryptedToAll = Document.Clause("2.2-2")
)

// The clauses about where it stands, and how it is announced.
var (
	InQuery        = Document.Clause("2.3-1")
	InFragment     = Document.Clause("2.3-2")
	ByForm         = Document.Clause("2.3-3")
	NoTokenInQuery = Document.Clause("2.3-5")
	DefaultOfCode  = Document.Clause("2.3-4")
	KeyEncryption  = Document.Clause("3-R1")
	ModesAnnounced = Document.Clause("4-p1")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}
