// Package fapi1base tests what FAPI 1.0 Part 1 (Baseline) asks, as far as no other document says the same.
package fapi1base

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is FAPI 1.0 Baseline.
var Document = &requirement.Document{
	ID:      "FAPI1-BASE",
	Title:   "FAPI 1.0 Part 1: Baseline",
	Edition: "Final",
	URL:     "https://openid.net/specs/openid-financial-api-part-1-1_0.html",
	File:    "suites/fapi1base/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about clients, requests and tokens.
var (
	RSAKeys          = Document.Clause("5.2.2-5")
	ECKeys           = Document.Clause("5.2.2-6")
	RegisteredBefore = Document.Clause("5.2.2-8")
	ComparedExactly  = Document.Clause("5.2.2-10")
	ScopeSaid        = Document.Clause("5.2.2-15")
	OneClientID      = Document.Clause("5.2.2-19")
	UnboundEndSoon   = Document.Clause("5.2.2-21")
	ResponseTypes    = Document.Clause("5.2.2-23")
	NonceDemanded    = Document.Clause("5.2.2.2-1")
	StateDemanded    = Document.Clause("5.2.2.3-1")
	NoPrivateScheme  = Document.Clause("7.5-1")
	NoLoopback       = Document.Clause("7.5-2")
)

// The clauses about the resource.
var (
	ServedByGet     = Document.Clause("6.2.1-1")
	InUTF8          = Document.Clause("6.2.1-8")
	JSONSaid        = Document.Clause("6.2.1-9")
	DateSaid        = Document.Clause("6.2.1-10")
	IDRepeated      = Document.Clause("6.2.1-11a")
	IDMade          = Document.Clause("6.2.1-11b")
	AddressTaken    = Document.Clause("6.2.1-13")
	ReadableByPages = Document.Clause("6.2.1-14")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	requestSpecs(client)
	redirectSpecs(client)
	tokenSpecs(client)
	resourceSpecs(client)
}
