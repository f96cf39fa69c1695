package fapi2sp

// The clauses about PKCE.
var (
	PKCERequired = document.Shall("5.3.2.2-5a",
		"refuse authorization requests without a PKCE challenge",
		"Refuse a pushed request that has no code_challenge.")

	PKCEPlain = document.Shall("5.3.2.2-5b",
		"refuse the PKCE method plain",
		"Take S256 as the only code_challenge_method.")

	PKCEVerifier = document.Shall("5.3.2.2-5c",
		"refuse a code that is redeemed with another verifier than the challenge was made of",
		"Hash the verifier with SHA-256 and compare it with the challenge that is kept with the code, before anything is issued.")

	PKCEDefault = document.Shall("5.3.2.2-5d",
		"never take a challenge without a method for the method plain",
		"Refuse a code_challenge that comes without code_challenge_method. RFC 7636 would have it mean plain.")

	PKCEVerifierRequired = document.Shall("5.3.2.2-5e",
		"refuse a code that is redeemed without a verifier",
		"Demand code_verifier, not empty, for every code that was asked for with a challenge, which is every code.")
)
