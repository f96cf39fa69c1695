package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about the token endpoint.
var (
	NoPasswordGrant = document.Shall("5.3.2.1-2",
		"refuse the resource owner password credentials grant",
		"Answer grant_type=password with unsupported_grant_type, whoever asks.")

	ConfidentialOnly = document.Shall("5.3.2.1-3",
		"issue tokens to confidential clients only",
		"Demand client authentication at the token endpoint before the code is looked at.")

	BoundTokensOnly = document.Shall("5.3.2.1-4",
		"issue no access token that is not bound to a key of the client",
		"Refuse a token request without DPoP proof, or without certificate, for every client of this profile, and bind the token to the key that was shown (cnf).")

	LeastPrivilege = document.Should("5.3.2.1-14",
		"limit access tokens to the privileges that the client needs",
		"Grant no scope that was not asked for.",
		requirement.ByAttestation("whether a client needs what it asks for can't be seen from outside"), requirement.EachAuthentication)
)
