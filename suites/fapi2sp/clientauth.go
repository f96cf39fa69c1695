package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about how clients authenticate.
var (
	ClientsAuthenticate = document.Shall("5.3.2.1-6a",
		"authenticate clients by mutual TLS (RFC 8705) or private_key_jwt",
		"Register the client with tls_client_auth, self_signed_tls_client_auth or private_key_jwt and check that method at every endpoint.")

	OtherMethodsRefused = document.Shall("5.3.2.1-6b",
		"refuse clients that authenticate with anything but mutual TLS or private_key_jwt",
		"Take the authentication method from the client's registration and refuse every other one, above all client_secret_basic and client_secret_post.")

	AssertionForIssuer = document.Shall("5.3.2.1-8a",
		"accept a client assertion whose aud is the issuer identifier as a string, at every endpoint where clients authenticate",
		"Compare aud with the issuer identifier of the metadata, by the same code at every endpoint.",
		requirement.PrivateKeyJWT)

	AssertionForEndpoint = document.Shall("5.3.2.1-8b",
		"refuse a client assertion that is addressed to one of its endpoints instead of its issuer identifier",
		"Take only the issuer identifier for aud, compared character by character; not the URL of the endpoint, and no variant with or without a slash.",
		requirement.PrivateKeyJWT)

	AssertionForSeveral = document.Shall("5.3.2.1-8c",
		"refuse a client assertion whose aud is an array of the issuer and something else",
		"Demand that aud is a string equal to the issuer identifier. That the issuer is contained in a list is not enough.",
		requirement.PrivateKeyJWT)

	AssertionForArray = document.Shall("5.3.2.1-8d",
		"refuse a client assertion whose aud is an array, even with the issuer as its only member",
		"Demand that aud is a JSON string. RFC 10070 section 4 allows the array of one, and an attacker gains nothing by it: weigh that before you change a library.",
		requirement.PrivateKeyJWT)

	AssertionAhead = document.Shall("5.3.2.1-13a",
		"accept client assertions whose iat or nbf is up to 10 seconds ahead",
		"Allow for clocks that differ: take iat and nbf up to 10 seconds in the future at every endpoint.",
		requirement.PrivateKeyJWT)

	AssertionFarAhead = document.Shall("5.3.2.1-13b",
		"refuse client assertions whose iat or nbf is more than 60 seconds ahead",
		"Check iat and nbf against the clock, each for itself, and refuse what lies more than 60 seconds in the future; at every endpoint.",
		requirement.PrivateKeyJWT)
)
