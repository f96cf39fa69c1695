package profiles

import "github.com/fapitest/fapitest/harness/requirement"

// The documents that profiles name and that have no suite yet. Their requirements are listed, so that a run says what it has not looked at.
// A document moves to its suite when that is written.
var (
	rfc6749  = rfc("6749", "The OAuth 2.0 Authorization Framework", "October 2012")
	rfc6750  = rfc("6750", "The OAuth 2.0 Authorization Framework: Bearer Token Usage", "October 2012")
	rfc7009  = rfc("7009", "OAuth 2.0 Token Revocation", "August 2013")
	rfc7523  = rfc("7523", "JWT Profile for OAuth 2.0 Client Authentication and Authorization Grants", "May 2015")
	rfc7636  = rfc("7636", "Proof Key for Code Exchange (PKCE)", "September 2015")
	rfc7662  = rfc("7662", "OAuth 2.0 Token Introspection", "October 2015")
	rfc8414  = rfc("8414", "OAuth 2.0 Authorization Server Metadata", "June 2018")
	rfc8705  = rfc("8705", "OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens", "February 2020")
	rfc8725  = rfc("8725", "JSON Web Token Best Current Practices", "February 2020")
	rfc9101  = rfc("9101", "The OAuth 2.0 Authorization Framework: JWT-Secured Authorization Request (JAR)", "August 2021")
	rfc9207  = rfc("9207", "OAuth 2.0 Authorization Server Issuer Identification", "March 2022")
	rfc9325  = rfc("9325", "Recommendations for Secure Use of TLS and DTLS", "November 2022")
	rfc9396  = rfc("9396", "OAuth 2.0 Rich Authorization Requests", "May 2023")
	rfc9421  = rfc("9421", "HTTP Message Signatures", "February 2024")
	rfc9700  = rfc("9700", "Best Current Practice for OAuth 2.0 Security", "January 2025")
	rfc9701  = rfc("9701", "JSON Web Token Response for OAuth Token Introspection", "January 2025")
	rfc10070 = rfc("10070", "Updates to Audience Values for OAuth 2.0 Authorization Servers", "2026")

	oidcCore    = openid("OIDC-CORE", "OpenID Connect Core 1.0", "errata set 2", "openid-connect-core-1_0.html")
	oidcDisc    = openid("OIDC-DISC", "OpenID Connect Discovery 1.0", "errata set 2", "openid-connect-discovery-1_0.html")
	fapi2MS     = openid("FAPI2-MS", "FAPI 2.0 Message Signing", "Final, September 2025", "fapi-message-signing-2_0-final.html")
	fapi2HS     = openid("FAPI2-HS", "FAPI 2.0 HTTP Signatures", "working draft", "fapi-2_0-http-signatures.html")
	fapi1Base   = openid("FAPI1-BASE", "Financial-grade API Security Profile 1.0 - Part 1: Baseline", "Final, 12 March 2021", "openid-financial-api-part-1-1_0.html")
	fapi1Adv    = openid("FAPI1-ADV", "Financial-grade API Security Profile 1.0 - Part 2: Advanced", "Final, 12 March 2021", "openid-financial-api-part-2-1_0.html")
	fapiCIBA    = openid("FAPI-CIBA", "Financial-grade API: Client Initiated Backchannel Authentication Profile", "implementer's draft 1, 2019", "openid-financial-api-ciba.html")
	cibaCore    = openid("CIBA-CORE", "OpenID Connect Client-Initiated Backchannel Authentication Flow - Core 1.0", "Final", "openid-client-initiated-backchannel-authentication-core-1_0.html")
	jarm        = openid("JARM", "JWT Secured Authorization Response Mode for OAuth 2.0 (JARM)", "Final, November 2022", "oauth-v2-jarm.html")
	grantManage = openid("GM", "Grant Management for OAuth 2.0", "draft", "oauth-v2-grant-management.html")
)

// The documents that profiles name and that the catalogue does not have yet.
var (
	rfc7591 = rfc("7591", "OAuth 2.0 Dynamic Client Registration Protocol", "July 2015")
	rfc7592 = rfc("7592", "OAuth 2.0 Dynamic Client Registration Management Protocol", "July 2015")
	rfc8252 = rfc("8252", "OAuth 2.0 for Native Apps", "October 2017")
	bba     = &requirement.Document{
		ID: "BBA", Title: "OAuth 2.0 for Browser-Based Applications", Edition: "draft of July 2026",
		URL: "https://datatracker.ietf.org/doc/draft-ietf-oauth-browser-based-apps",
	}
	ida  = openid("IDA", "OpenID Connect for Identity Assurance 1.0", "draft 17 with errata set 1", "openid-connect-4-identity-assurance-1_0.html")
	obuk = &requirement.Document{
		ID: "OBUK", Title: "UK Open Banking Read/Write Data API", Edition: "v4.0", URL: "https://openbankinguk.github.io/read-write-api-site3",
	}
	cdr = &requirement.Document{
		ID: "CDR", Title: "Consumer Data Standards (Australia)", Edition: "December 2025", URL: "https://consumerdatastandardsaustralia.github.io/standards",
	}
	ofbr = &requirement.Document{
		ID: "OFBR", Title: "Open Finance Brasil Financial-grade API Security Profile", Edition: "implementer's draft 3, 2024",
		URL: "https://github.com/OpenBanking-Brasil/specs-seguranca",
	}
)

// missing are those of the last list. A set of profiles does not accept one here once the catalogue has it.
var missing = []*requirement.Document{rfc7591, rfc7592, rfc8252, bba, ida, obuk, cdr, ofbr}

// rfc is the document of that number.
func rfc(number, title, published string) *requirement.Document {
	return &requirement.Document{
		ID: "RFC" + number, Title: title, Edition: "RFC " + number + ", " + published, URL: "https://www.rfc-editor.org/rfc/rfc" + number + ".html",
	}
}

// openid is a document of the OpenID Foundation.
func openid(id, title, edition, page string) *requirement.Document {
	return &requirement.Document{ID: id, Title: title, Edition: edition, URL: "https://openid.net/specs/" + page}
}
