// Package httpsignatures tests the resource that wants signed requests and signs its answers: FAPI 2.0 HTTP Signatures, and what that takes from RFC 9421 and
// RFC 9530. Its experiments need no login of their own: one grant does for all.
package httpsignatures

import (
	_ "embed" // the catalogues of the documents

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed FAPI2-HS.yaml
var profile []byte

//go:embed RFC9421.yaml
var rfc9421 []byte

// The documents of the package.
var (
	Document = &requirement.Document{
		ID:      "FAPI2-HS",
		Title:   "FAPI 2.0 HTTP Signatures",
		Edition: "working draft",
		URL:     "https://openid.bitbucket.io/fapi/fapi-2_0-http-signatures.html",
		File:    "suites/httpsignatures/FAPI2-HS.yaml",
		Text:    profile,
	}
	RFC9421 = &requirement.Document{
		ID:      "RFC9421",
		Title:   "HTTP Message Signatures",
		Edition: "RFC 9421, February 2024",
		URL:     "https://www.rfc-editor.org/rfc/rfc9421.html",
		File:    "suites/httpsignatures/RFC9421.yaml",
		Text:    rfc9421,
	}
)

// The clauses about requests.
var (
	KeyOfTheClient    = Document.Clause("5.3.1.2-1")
	SignatureVerified = Document.Clause("5.3.1.2-2")
	RefusedWith401    = Document.Clause("5.3.1.2-3")
	TagWanted         = Document.Clause("5.3.1.2-4")
	CoverageWanted    = Document.Clause("5.3.1.2-5")
	AgeLimited        = Document.Clause("5.3.1.2-6")
	ProofCovered      = Document.Clause("5.3.1.2-7")
	DigestCovered     = Document.Clause("5.3.1.2-8")

	NothingMissing    = RFC9421.Clause("2-1")
	ComponentsUnique  = RFC9421.Clause("2-2")
	AlgorithmOfTheKey = RFC9421.Clause("3.2-1")
	LabelsAgree       = RFC9421.Clause("3.2-2")
	OthersBeside      = RFC9421.Clause("4-1")
	DigestFits        = RFC9421.Clause("9530-2-1")
	DigestSecure      = RFC9421.Clause("9530-2-2")
)

// The clauses about answers.
var (
	AnswersSigned    = Document.Clause("5.3.2.1-1")
	RequestCovered   = Document.Clause("5.3.2.1-2")
	SignatureCovered = Document.Clause("5.3.2.1-3")
	StatusCovered    = Document.Clause("5.3.2.1-4")
	TimeGiven        = Document.Clause("5.3.2.1-5")
	TagGiven         = Document.Clause("5.3.2.1-6")
	BodyCovered      = Document.Clause("5.3.2.1-7")
	RequestAsItCame  = RFC9421.Clause("2.4-1")
)

// Suites returns the requirements and experiments of each document.
func Suites() []suite.Suite {
	return []suite.Suite{
		{Document: Document, Requirements: Document.Requirements(), Specs: profileSpecs},
		{Document: RFC9421, Requirements: RFC9421.Requirements(), Specs: messageSpecs},
	}
}
