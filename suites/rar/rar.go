// Package rar tests what RFC 9396 asks, where a target offers it.
package rar

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 9396.
var Document = &requirement.Document{
	ID:      "RFC9396",
	Title:   "OAuth 2.0 Rich Authorization Requests",
	Edition: "RFC 9396, May 2023",
	URL:     "https://www.rfc-editor.org/rfc/rfc9396.html",
	File:    "suites/rar/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about authorization details. Which types a client may use (section 10) shows in its registration alone, which no target file has.
var (
	WellFormedOnly  = Document.Clause("5-1")
	TakenInRequests = Document.Clause("3-1")
	BesideScope     = Document.Clause("3.1-1")
	ToldToClients   = Document.Clause("7-1")
	NoMoreOnRefresh = Document.Clause("6-1")
	ToldToResources = Document.Clause("9-1")
	TypesListed     = Document.Clause("10-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: rarSpecs}
}
