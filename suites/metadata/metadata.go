// Package metadata tests what RFC 8414 and OpenID Connect Discovery ask of what a server says of itself.
package metadata

import (
	_ "embed" // the catalogues of the documents

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed RFC8414.yaml
var rfc8414 []byte

//go:embed OIDC-DISC.yaml
var discovery []byte

// The documents of the package.
var (
	RFC8414 = &requirement.Document{
		ID:      "RFC8414",
		Title:   "OAuth 2.0 Authorization Server Metadata",
		Edition: "RFC 8414, June 2018",
		URL:     "https://www.rfc-editor.org/rfc/rfc8414.html",
		File:    "suites/metadata/RFC8414.yaml",
		Text:    rfc8414,
	}
	Discovery = &requirement.Document{
		ID:      "OIDC-DISC",
		Title:   "OpenID Connect Discovery 1.0",
		Edition: "errata set 2",
		URL:     "https://openid.net/specs/openid-connect-discovery-1_0.html",
		File:    "suites/metadata/OIDC-DISC.yaml",
		Text:    discovery,
	}
)

// The clauses about metadata.
var (
	IssuerForm         = RFC8414.Clause("2-1")
	EndpointsNamed     = RFC8414.Clause("2-2")
	ResponseTypesNamed = RFC8414.Clause("2-3")
	KeysSayTheirUse    = RFC8414.Clause("2-5")
	UnsignedNotNamed   = RFC8414.Clause("2-6")
	AlgorithmsNamed    = RFC8414.Clause("2-7")
	GrantsNamed        = RFC8414.Clause("2-8")
	PlacesAgree        = RFC8414.Clause("3-D1")
	AnswerForm         = RFC8414.Clause("3.2-1")
	NothingEmpty       = RFC8414.Clause("3.2-2")
	IssuerAsConfigured = RFC8414.Clause("3.3-2")
	MembersOfAProvider = Discovery.Clause("3-1")
	OpenIDScopeNamed   = Discovery.Clause("3-2")
	PlaceOfAProvider   = Discovery.Clause("4-1")
	IssuerOfIDTokens   = Discovery.Clause("4.3-2")
)

// Suites returns the requirements and experiments of each document.
func Suites() []suite.Suite {
	return []suite.Suite{
		{Document: RFC8414, Requirements: RFC8414.Requirements(), Specs: serverSpecs},
		{Document: Discovery, Requirements: Discovery.Requirements(), Specs: providerSpecs},
	}
}
