// Package fapi2ms tests what FAPI 2.0 Message Signing asks beyond the Security Profile.
package fapi2ms

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is FAPI 2.0 Message Signing.
var Document = &requirement.Document{
	ID:      "FAPI2-MS",
	Title:   "FAPI 2.0 Message Signing",
	Edition: "Final",
	URL:     "https://openid.net/specs/fapi-message-signing-2_0-final.html",
	File:    "suites/fapi2ms/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about signed authorization requests.
var (
	ObjectsTaken      = Document.Clause("5.3.1-1a")
	SignedOnly        = Document.Clause("5.3.1-1b")
	SignatureVerified = Document.Clause("5.3.1-1c")
	AudienceAccepted  = Document.Clause("5.3.1-2a")
	AudienceCompared  = Document.Clause("5.3.1-2b")
	BeginGiven        = Document.Clause("5.3.1-3a")
	BegunLately       = Document.Clause("5.3.1-3b")
	EndGiven          = Document.Clause("5.3.1-4a")
	LifeBounded       = Document.Clause("5.3.1-4b")
	NotExpired        = Document.Clause("5.3.1-4c")
	TypeAccepted      = Document.Clause("5.3.1-5")
)

// Suite returns the profile's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	requestSpecs(client)
	responseSpecs(client)
	introspectionSpecs(client)
}
