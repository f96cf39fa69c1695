package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about the authorization endpoint.
var (
	ResponseTypeCode = document.Shall("5.3.2.2-1a",
		"support the response type code",
		"Answer an authorization request with response_type=code with a code in the query of the redirect.")

	OtherResponseTypes = document.Shall("5.3.2.2-1b",
		"refuse response types other than code",
		"Refuse a request whose response_type is missing or anything but code; hybrid and implicit types hand out tokens in the browser.",
		requirement.EachAuthentication)

	PushedOnly = document.Shall("5.3.2.2-3",
		"refuse authorization requests that were not pushed",
		"Demand a request_uri from the PAR endpoint at the authorization endpoint, and take nothing else from the URL but client_id.")

	NoRequestByValue = document.Shall("5.3.2.2-3b",
		"refuse a request object that is passed by value to the authorization endpoint",
		"Refuse the request parameter at the authorization endpoint, well signed or not.",
		requirement.EachAuthentication)

	NoForeignRequestURI = document.Shall("5.3.2.2-3c",
		"refuse a request_uri that its PAR endpoint did not issue",
		"Look a request_uri up among those that were issued, and refuse it when it is not there. Fetch nothing.",
		requirement.EachAuthentication)

	IssuerInResponse = document.Shall("5.3.2.2-7",
		"name itself with iss in the authorization response (RFC 9207)",
		"Add iss with the issuer identifier to the redirect that carries the code.",
		requirement.OncePerTarget)

	IssuerInError = document.Shall("5.3.2.2-7b",
		"name itself with iss in error redirects too",
		"Add iss to every redirect to the client, access_denied included.",
		requirement.OncePerTarget)

	ConsentNamesClient = document.Should("5.3.2.2-13",
		"tell the user on the consent page which client asks, and for what",
		"Show the registered name of the client and what each scope gives away.",
		requirement.ByAttestation("what a page tells a person has to be judged by a person: the screenshots are in the report"), requirement.OncePerTarget)

	NonceCarried = document.Shall("5.3.2.2-14a",
		"handle nonce values of up to 64 characters",
		"Keep the nonce as it was sent and put it into the id_token unchanged.",
		requirement.OpenID, requirement.OncePerTarget)

	LongNonce = document.May("5.3.2.2-14b",
		"refuse longer nonce values, but not alter them",
		"Refuse what is too long, or carry it whole.",
		requirement.OpenID, requirement.OncePerTarget)

	NoStateNeeded = document.Should("5.3.2.2-D1",
		"accept requests without state, and OpenID requests without nonce",
		"Demand neither: PKCE protects the session. Invent no state that nobody sent.",
		requirement.OncePerTarget)

	RequestURIUsedAtEnd = document.Should("5.3.2.2-N3",
		"use a request_uri up when the authorization completes and not when the page is loaded",
		"Mark the request_uri as used when the code is issued, so that loading the page a second time does no harm.",
		requirement.OncePerTarget)

	LongState = document.May("5.3.2.2-N4",
		"return long state values whole",
		"Carry state values of more than 1000 characters, or refuse them; never shorten them.",
		requirement.OncePerTarget)

	RichRequests = document.May("5.3.2.2-N5",
		"take fine-grained authorization details (RFC 9396)",
		"Offer authorization_details where scopes are too coarse.",
		requirement.RAR)
)
