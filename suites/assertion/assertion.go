// Package assertion tests what RFC 7523 and RFC 10070 ask of servers that take client assertions (private_key_jwt).
package assertion

import (
	_ "embed" // the catalogues of the documents

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

//go:embed RFC7523.yaml
var rfc7523 []byte

//go:embed RFC10070.yaml
var rfc10070 []byte

// The documents of the package.
var (
	RFC7523 = &requirement.Document{
		ID:      "RFC7523",
		Title:   "JWT Profile for OAuth 2.0 Client Authentication and Authorization Grants",
		Edition: "RFC 7523, May 2015",
		URL:     "https://www.rfc-editor.org/rfc/rfc7523.html",
		File:    "suites/assertion/RFC7523.yaml",
		Text:    rfc7523,
	}
	RFC10070 = &requirement.Document{
		ID:      "RFC10070",
		Title:   "Updates to Audience Values for OAuth 2.0 Authorization Servers",
		Edition: "RFC 10070, 2026",
		URL:     "https://www.rfc-editor.org/rfc/rfc10070.html",
		File:    "suites/assertion/RFC10070.yaml",
		Text:    rfc10070,
	}
)

// Suites returns the requirements and experiments of each document.
func Suites() []suite.Suite {
	return []suite.Suite{
		{Document: RFC7523, Requirements: RFC7523.Requirements(), Specs: func(client *flow.Client) {
			claimSpecs(client)
			signatureSpecs(client)
			besideSpecs(client)
		}},
		{Document: RFC10070, Requirements: RFC10070.Requirements(), Specs: typeSpecs},
	}
}
