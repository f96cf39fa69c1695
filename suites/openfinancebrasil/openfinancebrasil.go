// Package openfinancebrasil tests what the security profile of Open Finance Brasil asks beyond FAPI 1.0: consents that a scope names, tax numbers as claims,
// and what becomes of tokens when a consent ends.
package openfinancebrasil

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is the security profile.
var Document = &requirement.Document{
	ID:      "OFBR",
	Title:   "Open Finance Brasil Financial-grade API Security Profile 1.0",
	Edition: "implementer's draft 3",
	URL:     "https://github.com/OpenBanking-Brasil/specs-seguranca",
	File:    "suites/openfinancebrasil/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about requests and claims.
var (
	HiddenOrPushed   = Document.Clause("5.2.2-1c")
	NumberTold       = Document.Clause("5.2.2-4")
	ClassSupported   = Document.Clause("5.2.2-6")
	ClassAlways      = Document.Clause("5.2.2-14")
	HintRefused      = Document.Clause("5.2.2-21")
	RequestURILives  = Document.Clause("5.2.2-22")
	NoNumberInFront  = Document.Clause("5.2.2.1-1")
	EssentialFails   = Document.Clause("5.2.2.1-3.1")
	VoluntaryLeft    = Document.Clause("5.2.2.1-3.2")
	SubjectStays     = Document.Clause("5.2.2.2-1")
	NumberReturned   = Document.Clause("5.2.2.3-1")
	OtherNumberFails = Document.Clause("5.2.2.3-2")
	PS256Alone       = Document.Clause("6.2-1")
)

// The clauses about consents and tokens.
var (
	ScopeBinds        = Document.Clause("5.2.2-9")
	OwnConsents       = Document.Clause("5.2.2-D9a")
	OneConsent        = Document.Clause("5.2.2-D9b")
	Refreshes         = Document.Clause("5.2.2-12")
	TokenLife         = Document.Clause("5.2.2-13")
	InteractionNeeded = Document.Clause("5.2.2-23")
	ConsentNames      = Document.Clause("7.1.2-1")
	RefreshNeeds      = Document.Clause("7.2.2-1")
	ActiveOnly        = Document.Clause("7.2.2-3")
	DeletionRevokes   = Document.Clause("7.2.2-4")
	WiderScopes       = Document.Clause("7.2.2-6")
	NamedPerson       = Document.Clause("7.2.2-9")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	requestSpecs(client)
	claimSpecs(client)
	consentSpecs(client)
	tokenSpecs(client)
}
