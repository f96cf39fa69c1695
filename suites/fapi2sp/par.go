package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about pushed authorization requests.
var (
	PushedRequests = document.Shall("5.3.2.2-2",
		"support pushed authorization requests by authenticated clients",
		"Offer a pushed authorization request endpoint (RFC 9126) and lead the request_uri that it gives to a completed flow.")

	PARClientAuthentication = document.Shall("5.3.2.2-4",
		"refuse a pushed authorization request whose client is not authenticated",
		"Run the token endpoint's client authentication at the PAR endpoint too. A client_id names a client; it does not authenticate one.")

	RedirectURIRequired = document.Shall("5.3.2.2-6",
		"demand the redirect_uri in the pushed request",
		"Refuse a pushed request without redirect_uri, also where the client has registered only one.")

	RedirectURINotCleartext = document.ShallNot("5.3.2.2-8",
		"accept redirect URIs with the http scheme, except on loopback for native apps",
		"Compare redirect URIs as whole strings, the scheme included, and register none with http.")

	RequestURILifetime = document.Shall("5.3.2.2-12",
		"give the request_uri a lifetime of less than 600 seconds",
		"Set expires_in of the pushed authorization response to at most 599, and let the request die by then.")

	RequestURIPatience = document.May("5.3.2.2-N2",
		"let the request_uri live long enough for the user's device to open the link",
		"Let the request live for 30 seconds or more where users are handed over between devices.",
		requirement.EachAuthentication)
)
