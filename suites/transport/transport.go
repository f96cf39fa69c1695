// Package transport tests how the hosts of a target speak TLS: what RFC 9325 asks, which is BCP 195, and the means by which other documents about
// TLS are tested.
package transport

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed catalogue.yaml
var catalogue []byte

// Document is RFC 9325.
var Document = &requirement.Document{
	ID:      "RFC9325",
	Title:   "Recommendations for Secure Use of TLS and DTLS",
	Edition: "RFC 9325, November 2022",
	URL:     "https://www.rfc-editor.org/rfc/rfc9325.html",
	File:    "suites/transport/catalogue.yaml",
	Text:    catalogue,
}

// The clauses of the document that have experiments, and those that are attested.
var (
	OldVersions      = Document.Clause("3.1.1-1")
	TLS12Supported   = Document.Clause("3.1.1-2")
	TLS13Supported   = Document.Clause("3.1.1-3")
	TLS13Preferred   = Document.Clause("3.1.1-4")
	Compression      = Document.Clause("3.3-1")
	TicketsProtected = Document.Clause("3.4-1")
	Renegotiation    = Document.Clause("3.5-1")
	MasterSecret     = Document.Clause("3.5-2")
	ServerName       = Document.Clause("3.7-1")
	UnknownName      = Document.Clause("3.7-2")
	ALPN             = Document.Clause("3.8-1")
	NoCommonProtocol = Document.Clause("3.8-2")
	EarlyData        = Document.Clause("3.10-1")
	BrokenSuites     = Document.Clause("4.1-1")
	Below128         = Document.Clause("4.1-2")
	StaticRSA        = Document.Clause("4.1-3")
	StaticDH         = Document.Clause("4.1-4")
	ForwardSecrecy   = Document.Clause("4.1-5")
	FiniteField      = Document.Clause("4.1-6")
	GCMSuites        = Document.Clause("4.2-1")
	CBCSuites        = Document.Clause("4.2-2")
	GCMPreferred     = Document.Clause("4.2.1-1")
	CommonGroups     = Document.Clause("4.2.1-2")
	PrimeSize        = Document.Clause("4.5-1")
	CurveSize        = Document.Clause("4.5-2")
	CertificateKeys  = Document.Clause("4.5-3")
	TruncatedHMAC    = Document.Clause("4.6-1")
)

// Suite returns the RFC's requirements and experiments.
func Suite() suite.Suite {
	return suite.Suite{Document: Document, Requirements: Document.Requirements(), Specs: func(client *flow.Client) {
		versionSpecs(client)
		extensionSpecs(client)
		suiteSpecs(client)
		keySpecs(client)
	}}
}
