package profiles

import "github.com/fapitest/fapitest/harness/requirement"

// cited are the documents on which the Security Profile builds and which have no suite yet. Their requirements are listed, so that a run
// says what it has not looked at. A document moves to its suite when that is written.
var cited = []*requirement.Document{
	rfc("7636", "Proof Key for Code Exchange (PKCE)", "September 2015"),
	rfc("9207", "OAuth 2.0 Authorization Server Issuer Identification", "March 2022"),
	rfc("8414", "OAuth 2.0 Authorization Server Metadata", "June 2018"),
	rfc("9700", "Best Current Practice for OAuth 2.0 Security", "January 2025"),
	rfc("8725", "JSON Web Token Best Current Practices", "February 2020"),
	rfc("9325", "Recommendations for Secure Use of TLS and DTLS", "November 2022"),
	rfc("6749", "The OAuth 2.0 Authorization Framework", "October 2012"),
	rfc("6750", "The OAuth 2.0 Authorization Framework: Bearer Token Usage", "October 2012"),
	rfc("7523", "JWT Profile for OAuth 2.0 Client Authentication and Authorization Grants", "May 2015"),
	rfc("8705", "OAuth 2.0 Mutual-TLS Client Authentication and Certificate-Bound Access Tokens", "February 2020"),
	rfc("10070", "Updates to Audience Values for OAuth 2.0 Authorization Servers", "2026"),
	rfc("7009", "OAuth 2.0 Token Revocation", "August 2013"),
	rfc("7662", "OAuth 2.0 Token Introspection", "October 2015"),
	rfc("9396", "OAuth 2.0 Rich Authorization Requests", "May 2023"),
	{ID: "OIDC-CORE", Title: "OpenID Connect Core 1.0", Edition: "errata set 2", URL: "https://openid.net/specs/openid-connect-core-1_0.html"},
	{ID: "OIDC-DISC", Title: "OpenID Connect Discovery 1.0", Edition: "errata set 2", URL: "https://openid.net/specs/openid-connect-discovery-1_0.html"},
	{ID: "GM", Title: "Grant Management for OAuth 2.0", Edition: "draft", URL: "https://openid.net/specs/oauth-v2-grant-management.html"},
}

// rfc is the document of that number.
func rfc(number, title, published string) *requirement.Document {
	return &requirement.Document{
		ID: "RFC" + number, Title: title, Edition: "RFC " + number + ", " + published, URL: "https://www.rfc-editor.org/rfc/rfc" + number + ".html",
	}
}
