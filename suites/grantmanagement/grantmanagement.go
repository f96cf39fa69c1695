// Package grantmanagement tests what Grant Management for OAuth 2.0 asks, where a target offers it.
package grantmanagement

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is the draft.
var Document = &requirement.Document{
	ID:      "GM",
	Title:   "Grant Management for OAuth 2.0",
	Edition: "draft",
	URL:     "https://openid.net/specs/oauth-v2-grant-management.html",
	File:    "suites/grantmanagement/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about requests and responses.
var (
	ConfidentialClients = Document.Clause("authz-request-1")
	FreshGrants         = Document.Clause("authz-request-2")
	Merging             = Document.Clause("authz-request-3")
	Replacing           = Document.Clause("authz-request-4")
	KnownGrantsOnly     = Document.Clause("authz-error-1")
	IDWithItsAction     = Document.Clause("authz-error-2")
	KnownActionsOnly    = Document.Clause("authz-error-3")
	ToldInTokenResponse = Document.Clause("token-response-1")
	Unguessable         = Document.Clause("token-response-2")
)

// The clauses about the API, and about what is said of it.
var (
	Queried      = Document.Clause("api-1")
	Revoked      = Document.Clause("api-2")
	ErrorsOfAPI  = Document.Clause("api-3")
	NoTokensTold = Document.Clause("api-4")
	Announced    = Document.Clause("metadata-1")
)

// Suite returns the draft's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: grantSpecs}
}
