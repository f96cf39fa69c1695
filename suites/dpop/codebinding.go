package dpop

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses that bind a code to a key.
var (
	CodeBoundByThumbprint = document.Shall("10-1",
		"refuse a code that was asked for with dpop_jkt when it is redeemed with a proof of another key",
		"Keep dpop_jkt with the code and compare it with the key of the proof in the token request.",
		requirement.DPoP)

	CodeBoundByProof = document.Shall("10.1-3",
		"refuse a code that was asked for with a DPoP proof at the PAR endpoint when it is redeemed with a proof of another key",
		"Treat the key of a proof at the PAR endpoint as if its thumbprint had been sent as dpop_jkt.",
		requirement.DPoP)
)
