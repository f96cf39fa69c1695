package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about refresh tokens.
var (
	BoundTokensOnRefresh = document.Shall("5.3.2.1-4b",
		"issue no unbound access token on refresh either",
		"Demand the DPoP proof, or the certificate, for grant_type=refresh_token as for the code.",
		requirement.RefreshToken)

	NoRotation = document.ShallNot("5.3.2.1-9a",
		"replace refresh tokens on every use",
		"Leave the refresh token as it is: it is bound to the client's authentication, and rotation only loses it.",
		requirement.RefreshToken, requirement.EachAuthentication)

	RotationForgives = document.Shall("5.3.2.1-9b",
		"keep the previous refresh token usable for a while when it does replace one",
		"Accept the replaced token until its successor was used, or for a short time.",
		requirement.RefreshToken, requirement.EachAuthentication)
)
