// Package cited holds the documents that profiles cite and that have no suite yet: what they ask is known, so that a run says what it has not
// looked at. A document moves to its suite when that is written.
package cited

import (
	"embed"

	"github.com/fapitest/fapitest/harness/requirement"
)

//go:embed *.yaml
var files embed.FS

// The documents of the OpenID Foundation and of those whom it cites.
var (
	FAPICIBA = document("FAPI-CIBA", "FAPI: Client Initiated Backchannel Authentication Profile", "implementer's draft 1", "https://openid.net/specs/openid-financial-api-ciba-ID1.html")
	CIBACore = document("CIBA-CORE", "OpenID Connect Client-Initiated Backchannel Authentication Flow", "Core 1.0", "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html")
)

// The documents of the IETF.
var (
	RFC7591 = rfc("7591", "OAuth 2.0 Dynamic Client Registration Protocol", "July 2015")
	RFC7592 = rfc("7592", "OAuth 2.0 Dynamic Client Registration Management Protocol", "July 2015")
	RFC8252 = rfc("8252", "OAuth 2.0 for Native Apps", "October 2017")
	BBA     = document("BBA", "OAuth 2.0 for Browser-Based Applications", "draft of 6 July 2026", "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-browser-based-apps")
)

// The documents of ecosystems, and of identity assurance, on which some of them build.
var (
	OFBRCIBA = document("OFBR-CIBA", "Open Finance Brasil CIBA Profile 1.0", "implementer's draft 1", "https://github.com/OpenBanking-Brasil/specs-seguranca")
	OFBRDCR  = document("OFBR-DCR", "Open Finance Brasil Dynamic Client Registration 1.0", "implementer's draft 3", "https://github.com/OpenBanking-Brasil/specs-seguranca")
	IDA      = document("IDA", "OpenID Connect for Identity Assurance 1.0", "errata set 1", "https://openid.net/specs/openid-connect-4-identity-assurance-1_0.html")
	IDAVC    = document("IDA-VC", "OpenID Identity Assurance Schema Definition 1.0", "Final", "https://openid.net/specs/openid-ida-verified-claims-1_0.html")
	IDAATT   = document("IDA-ATT", "OpenID Attachments 1.0", "Final", "https://openid.net/specs/openid-connect-4-ida-attachments-1_0.html")
)

// rfc is the document of that number.
func rfc(number, title, published string) *requirement.Document {
	return document("RFC"+number, title, "RFC "+number+", "+published, "https://www.rfc-editor.org/rfc/rfc"+number+".html")
}

func document(id, title, edition, url string) *requirement.Document {
	name := id + ".yaml"
	text, err := files.ReadFile(name)
	if err != nil {
		text = nil // a document without entries is a fault, which whoever asks for them is told
	}
	return &requirement.Document{ID: id, Title: title, Edition: edition, URL: url, File: "suites/cited/" + name, Text: text}
}
