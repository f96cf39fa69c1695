// Package fapi1adv tests what FAPI 1.0 Part 2 (Advanced) asks beyond its baseline: signed requests, and responses that are signed by an id_token or by JARM.
package fapi1adv

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is FAPI 1.0 Advanced.
var Document = &requirement.Document{
	ID:      "FAPI1-ADV",
	Title:   "FAPI 1.0 Part 2: Advanced",
	Edition: "Final",
	URL:     "https://openid.net/specs/openid-financial-api-part-2-1_0.html",
	File:    "suites/fapi1adv/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about signed requests.
var (
	ObjectsTaken     = Document.Clause("5.2.2-1a")
	SignedOnly       = Document.Clause("5.2.2-1b")
	InsideOnly       = Document.Clause("5.2.2-10")
	EndGiven         = Document.Clause("5.2.2-13a")
	AudienceCompared = Document.Clause("5.2.2-15")
	AudienceAccepted = Document.Clause("5.2.2-15b")
	BegunLately      = Document.Clause("5.2.2-17")
	PushedWithPKCE   = Document.Clause("5.2.2-18")
)

// The clauses about responses.
var (
	ResponseTypes   = Document.Clause("5.2.2-2")
	OpenIDSupported = Document.Clause("5.2.2.1-1")
	IDTokenSigned   = Document.Clause("5.2.2.1-2")
	CodeHashed      = Document.Clause("5.2.2.1-4")
	StateHashed     = Document.Clause("5.2.2.1-5")
	NothingPersonal = Document.Clause("5.2.2.1-6")
	BothEncrypted   = Document.Clause("5.2.2.1-3")
)

// The clauses about what is signed, encrypted and sent over TLS.
var (
	FewSuites  = Document.Clause("8.5-1")
	Algorithms = Document.Clause("8.6-1")
	NoRSA15    = Document.Clause("8.6.1-1")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	requestSpecs(client)
	responseSpecs(client)
	securitySpecs(client)
}
