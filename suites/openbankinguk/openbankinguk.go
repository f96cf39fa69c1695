// Package openbankinguk tests what the Read/Write API of Open Banking in the United Kingdom asks beyond FAPI 1.0: consents that clients create before
// they send the user, what a token may by them, and how the API answers.
package openbankinguk

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is the Read/Write Data API profile, with the functional profiles that it is used with.
var Document = &requirement.Document{
	ID:      "OBUK",
	Title:   "UK Open Banking Read/Write Data API",
	Edition: "version 4.0",
	URL:     "https://openbankinguk.github.io/read-write-api-site3/v4.0/profiles/read-write-data-api-profile.html",
	File:    "suites/openbankinguk/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about consents.
var (
	ConsentCreated    = Document.Clause("grants-1")
	UserNeeded        = Document.Clause("grants-2")
	BoundToOne        = Document.Clause("consent-1")
	ConsentNamed      = Document.Clause("consent-2")
	OwnConsents       = Document.Clause("consent-3")
	KnownConsents     = Document.Clause("consent-4")
	NotRejected       = Document.Clause("consent-5")
	RefusalRejects    = Document.Clause("consent-6")
	RefusalAnswered   = Document.Clause("consent-7")
	ShownAuthorised   = Document.Clause("consent-8")
	Deletes           = Document.Clause("consent-9a")
	DeletedGone       = Document.Clause("consent-9b")
	NotDeleted        = Document.Clause("consent-9c")
	DeletedOpens      = Document.Clause("consent-9d")
	OutlivesTokens    = Document.Clause("consent-10")
	Again             = Document.Clause("consent-11")
	ExpirationKept    = Document.Clause("consent-12")
	PermissionsFit    = Document.Clause("consent-13")
	DatesTaken        = Document.Clause("dates-2")
	KeysIgnored       = Document.Clause("idempotency-5")
	ForeignMediaTypes = Document.Clause("headers-4")
	MalformedBodies   = Document.Clause("status-1")
)

// The clauses about metadata, tokens and id_tokens.
var (
	HybridOffered    = Document.Clause("grants-3")
	ClaimsAnnounced  = Document.Clause("metadata-1")
	GrantsAnnounced  = Document.Clause("metadata-2")
	ClassOfSCA       = Document.Clause("acr-1")
	LifeTold         = Document.Clause("token-1")
	NoEndWithout     = Document.Clause("token-2")
	EndAsNumber      = Document.Clause("token-3")
	NoEndWhereIsNone = Document.Clause("token-4")
)

// The clauses about how the API answers.
var (
	InteractionRepeated = Document.Clause("headers-1")
	InteractionMade     = Document.Clause("headers-2")
	AcceptHeeded        = Document.Clause("headers-3")
	TokenRefused        = Document.Clause("status-2")
	ReachRefused        = Document.Clause("status-3")
	UnknownIDs          = Document.Clause("status-4")
	ErrorBodies         = Document.Clause("errors-1")
)

// The clauses about payments.
var (
	ConsentConsumed = Document.Clause("consent-15")
	PaysOnce        = Document.Clause("consent-D1")
	KeyLength       = Document.Clause("idempotency-1")
	KeyRepeats      = Document.Clause("idempotency-2")
	KeyKeepsBody    = Document.Clause("idempotency-3")
	KeyPerClient    = Document.Clause("idempotency-4")
)

// The clauses about the signatures of messages.
var (
	SignatureTaken     = Document.Clause("jws-1")
	SignatureNeeded    = Document.Clause("jws-2")
	SignatureHolds     = Document.Clause("jws-3")
	SignatureAlgorithm = Document.Clause("jws-4")
	SignatureCritical  = Document.Clause("jws-5")
	SignatureDated     = Document.Clause("jws-6")
	SignatureIssuer    = Document.Clause("jws-7")
	SignatureAnchor    = Document.Clause("jws-8")
)

// Suite returns the document's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	creationSpecs(client)
	authorizationSpecs(client)
	deletionSpecs(client)
	tokenSpecs(client)
	answerSpecs(client)
	paymentSpecs(client)
	signingSpecs(client)
}
