// Package fapi2sp tests what the FAPI 2.0 Security Profile asks of authorization servers and resource servers: one file of
// clauses, one of experiments and one of broken servers for every topic.
package fapi2sp

import (
	_ "embed" // the catalogue of the document

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/suite"
)

// Document is the FAPI 2.0 Security Profile.
var Document = document

//go:embed catalogue.yaml
var catalogue []byte

var document = &requirement.Document{
	ID:      "FAPI2-SP",
	Title:   "FAPI 2.0 Security Profile",
	Edition: "Final, 22 February 2025",
	URL:     "https://openid.net/specs/fapi-security-profile-2_0-final.html",
	File:    "suites/fapi2sp/catalogue.yaml",
	Text:    catalogue,
}

// Suite returns the profile's requirements and experiments, in the order in which a client meets them.
func Suite() suite.Suite {
	return suite.Suite{Document: document, Requirements: document.Requirements(), Specs: specs}
}

func specs(client *flow.Client) {
	transportSpecs(client)
	discoverySpecs(client)
	clientAuthenticationSpecs(client)
	algorithmSpecs(client)
	keySpecs(client)
	parSpecs(client)
	pkceSpecs(client)
	authorizationSpecs(client)
	redirectSpecs(client)
	codeSpecs(client)
	tokenSpecs(client)
	refreshSpecs(client)
	bindingSpecs(client)
	resourceSpecs(client)
	chanceSpecs(client)
	crossingSpecs(client)
}
