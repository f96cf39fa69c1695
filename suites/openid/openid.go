// Package openid tests what OpenID Connect Core asks beyond what the profiles repeat.
package openid

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is OpenID Connect Core.
var Document = &requirement.Document{
	ID:      "OIDC-CORE",
	Title:   "OpenID Connect Core 1.0",
	Edition: "errata set 2",
	URL:     "https://openid.net/specs/openid-connect-core-1_0.html",
	File:    "suites/openid/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about client assertions (section 9).
var (
	AssertionHasID = Document.Clause("9-1")
	AssertionOnce  = Document.Clause("9-2")
)

// The clauses about id_tokens.
var (
	ClaimsThere      = Document.Clause("2-1")
	AuthTime         = Document.Clause("2-2")
	NonceReturned    = Document.Clause("2-3")
	AuthorizedParty  = Document.Clause("2-4")
	EssentialACR     = Document.Clause("2-5")
	SignedFirst      = Document.Clause("2-6")
	NeverUnsigned    = Document.Clause("2-7")
	NoKeysInHeader   = Document.Clause("2-8")
	IDTokenComes     = Document.Clause("3.1.3.3-1")
	AccessTokenHash  = Document.Clause("3.1.3.6-1")
	SameUser         = Document.Clause("3.3.2.11-2")
	PassesChecks     = Document.Clause("3.1.3.7-R")
	KeyNamed         = Document.Clause("10.1-1")
	KeysRotated      = Document.Clause("10.1-2")
	RequiredFeatures = Document.Clause("15.1-1")
)

// The clauses about what a request may ask for.
var (
	NoPageAtNone    = Document.Clause("3.1.2.1-1")
	NoneAlone       = Document.Clause("3.1.2.1-2")
	LoginAtPrompt   = Document.Clause("3.1.2.1-3")
	LoginAtMaxAge   = Document.Clause("3.1.2.1-4")
	HintedUser      = Document.Clause("3.1.2.1-5")
	ClaimsParameter = Document.Clause("5.5-1")
)

// The clauses about the userinfo endpoint.
var (
	UserinfoAnswers = Document.Clause("5.3-1")
	UserinfoSubject = Document.Clause("5.3-2")
	UserinfoForm    = Document.Clause("5.3-3")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	assertionSpecs(client)
	idTokenSpecs(client)
	signatureSpecs(client)
	requestSpecs(client)
	userinfoSpecs(client)
	hybridSpecs(client)
}
