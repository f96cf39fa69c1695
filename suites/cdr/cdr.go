// Package cdr tests what the Consumer Data Standards of Australia ask of a data holder beyond FAPI 1.0.
package cdr

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is the Consumer Data Standards.
var Document = &requirement.Document{
	ID:      "CDR",
	Title:   "Consumer Data Standards (Australia)",
	Edition: "4 December 2025",
	URL:     "https://consumerdatastandardsaustralia.github.io/standards/",
	File:    "suites/cdr/catalogue.yaml",
	Text:    catalogue,
}

// The clauses about requests and responses.
var (
	CodeAlone           = Document.Clause("flow-1")
	SignedResponses     = Document.Clause("flow-2")
	NotEncryptedUnasked = Document.Clause("flow-3")
	NoObjectInBrowser   = Document.Clause("request-1")
	PushedOnly          = Document.Clause("request-2")
	IssuedOnly          = Document.Clause("request-3")
	RequestURILife      = Document.Clause("request-4")
	RequestURIEnds      = Document.Clause("request-5")
	RequestURIOnce      = Document.Clause("request-6")
	SignedOnly          = Document.Clause("request-7")
	PARAnnounced        = Document.Clause("request-9")
)

// The clauses about sharings and arrangements.
var (
	AsLongAsShared          = Document.Clause("sharing-1")
	OnceOff                 = Document.Clause("sharing-2")
	YearAtMost              = Document.Clause("sharing-3")
	OneTime                 = Document.Clause("sharing-4")
	NotNegative             = Document.Clause("sharing-5")
	ArrangementTold         = Document.Clause("arrangement-1")
	ArrangementKept         = Document.Clause("arrangement-2")
	ArrangementUnguessable  = Document.Clause("arrangement-3")
	Amended                 = Document.Clause("arrangement-4")
	KnownOnly               = Document.Clause("arrangement-5")
	OwnOnly                 = Document.Clause("arrangement-6")
	OldTokensEnd            = Document.Clause("arrangement-7")
	OldTokensLive           = Document.Clause("arrangement-8")
	RevocationServed        = Document.Clause("revocation-1")
	RevocationEnds          = Document.Clause("revocation-2")
	RevocationOfOwn         = Document.Clause("revocation-3")
	RevocationOfNothing     = Document.Clause("revocation-4")
	RevocationAuthenticated = Document.Clause("revocation-5")
	RevocationByForm        = Document.Clause("revocation-6")
	TokensRevoked           = Document.Clause("tokenrevocation-7")
)

// The clauses about tokens, clients and claims.
var (
	IntrospectionTells = Document.Clause("introspection-1")
	NoUsername         = Document.Clause("introspection-2")
	RefreshTokensAlone = Document.Clause("introspection-3")
	KeysAlone          = Document.Clause("auth-1")
	Audiences          = Document.Clause("auth-2")
	AssertionOnce      = Document.Clause("auth-3")
	AssertionWhole     = Document.Clause("auth-4")
	AccessTokenLife    = Document.Clause("token-1")
	NoRotation         = Document.Clause("token-3")
	LevelTold          = Document.Clause("claims-1")
	LevelReached       = Document.Clause("claims-D1")
	AuthTimeTold       = Document.Clause("claims-2")
	OthersIgnored      = Document.Clause("claims-4")
	PairwiseSubject    = Document.Clause("claims-5")
)

// The clauses about metadata, transport and the resource.
var (
	MetadataWhole        = Document.Clause("metadata-1")
	BoundTokensAnnounced = Document.Clause("metadata-2")
	KeysToldApart        = Document.Clause("metadata-3")
	CertificateDemanded  = Document.Clause("transport-1")
	AuthorityTrusted     = Document.Clause("transport-2")
	PublicWithout        = Document.Clause("transport-3")
	VersionTold          = Document.Clause("headers-1")
	VersionWanted        = Document.Clause("headers-2")
	VersionSupported     = Document.Clause("headers-3")
	VersionReadable      = Document.Clause("headers-4")
	VersionHighest       = Document.Clause("headers-5")
	InteractionReturned  = Document.Clause("headers-6")
	ErrorsListed         = Document.Clause("errors-1")
)

// Suite returns the document's requirements and experiments. Registration (dcr) is not among them.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: specs}
}
