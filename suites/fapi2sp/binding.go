package fapi2sp

import (
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/dpop"
)

// The clauses about tokens that are bound to a key, as far as the authorization server keeps them.
var (
	CertificateBinding = document.Shall("5.3.2.1-5a",
		"issue tokens that work over the certificate over which they were asked for",
		"Bind the token to the certificate of the token request (RFC 8705) and accept it over that certificate.",
		requirement.MTLS, requirement.EachBinding)

	DPoPBinding = document.Shall("5.3.2.1-5b",
		"issue tokens that work with proofs of the key with whose proof they were asked for",
		"Bind the token to the key of the DPoP proof (RFC 9449) and accept it with proofs of that key.",
		requirement.DPoP, requirement.EachBinding)

	DPoPNonces = document.May("5.3.2.1-10",
		"hand out DPoP nonces and require them",
		"Nothing: nonces are the server's choice.",
		requirement.DPoP, requirement.EachBinding)

	DPoPThumbprint = document.Shall("5.3.2.1-12",
		"take dpop_jkt in the pushed request",
		"Accept the thumbprint and keep it with the code.",
		// What it asks for is section 10.1 of RFC 9449 as a whole: who takes the thumbprint and forgets it does not have it.
		requirement.DPoP, requirement.FollowsFrom(dpop.CodeBoundByThumbprint, dpop.CodeBoundByProof))

	ProofAhead = document.Shall("5.3.2.1-13c",
		"accept DPoP proofs whose iat is up to 10 seconds ahead",
		"Allow for clocks that differ: take iat up to 10 seconds in the future, at the token endpoint and at the PAR endpoint.",
		requirement.DPoP)

	ProofFarAhead = document.Shall("5.3.2.1-13d",
		"refuse DPoP proofs whose iat is more than 60 seconds ahead",
		"Check iat of proofs against the clock and refuse what lies more than 60 seconds in the future.",
		requirement.DPoP)
)
