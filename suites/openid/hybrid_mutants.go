package openid

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// hybridMutants break what holds of the id_token beside a code, and of no other.
func hybridMutants() []mutant.Mutant {
	front := func(change func(about authserver.IDToken, claims map[string]any)) func(*authserver.Policy) {
		return claiming(func(about authserver.IDToken, claims map[string]any) {
			if about.Code != "" {
				change(about, claims)
			}
		})
	}
	second := func(client string) bool { return strings.HasSuffix(client, "-second") }
	all := []mutant.Mutant{{
		Name: "front-token-without-end", Breaks: ClaimsThere,
		How:    "takes the id_token beside the code for a signature, which needs no exp",
		Policy: front(func(_ authserver.IDToken, claims map[string]any) { delete(claims, "exp") }),
	}, {
		Name: "front-token-without-nonce", Breaks: NonceReturned,
		How:    "puts the nonce into the id_token of the token response alone",
		Policy: front(func(_ authserver.IDToken, claims map[string]any) { delete(claims, "nonce") }),
	}, {
		Name: "front-token-without-nonce-for-the-second-client", Breaks: NonceReturned,
		How: "puts the nonce into the id_token beside the code for the client for which that was switched on",
		Policy: front(func(about authserver.IDToken, claims map[string]any) {
			if second(about.Client) {
				delete(claims, "nonce")
			}
		}),
		Auth: "private_key_jwt",
	}, {
		Name: "front-token-for-the-user", Breaks: PassesChecks,
		How:    "names the user in aud of the id_token beside the code",
		Policy: front(func(_ authserver.IDToken, claims map[string]any) { claims["aud"] = claims["sub"] }),
	}, {
		Name: "front-token-that-has-ended", Breaks: PassesChecks,
		How: "lets the id_token beside the code end when it is made, since nobody needs it later",
		Policy: front(func(about authserver.IDToken, claims map[string]any) {
			claims["exp"] = about.Now
		}),
	}}
	for i := range all {
		all[i].Profile = "fapi1-advanced"
	}
	return all
}
