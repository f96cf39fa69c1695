package fapi2sp

import (
	"maps"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/openid"
)

// idTokenMutants break clauses of OpenID Connect Core and, by the same mistake, of the profile.
func idTokenMutants() []mutant.Mutant {
	nonce := func(change func(nonce string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IDTokenClaims = func(_ authserver.IDToken, complete map[string]any) map[string]any {
				sent, there := complete["nonce"].(string)
				if !there {
					return complete
				}
				edited := maps.Clone(complete)
				if edited["nonce"] = change(sent); edited["nonce"] == "" {
					delete(edited, "nonce")
				}
				return edited
			}
		}
	}
	form := func(form func(encrypts bool) authserver.TokenForm) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.EncryptsIDTokens = func() bool { return true }
			p.IDTokenForm = func(_ authserver.IDToken, encrypts bool) authserver.TokenForm { return form(encrypts) }
		}
	}
	return []mutant.Mutant{{
		Name:       "id-token-missing",
		Breaks:     openid.IDTokenComes,
		AlsoBreaks: requirements(NonceCarried),
		How:        "has access tokens and userinfo, and no id_tokens",
		Policy:     func(p *authserver.Policy) { p.IDTokenComes = func(authserver.IDToken) bool { return false } },
	}, {
		Name:       "nonce-missing",
		Breaks:     openid.NonceReturned,
		AlsoBreaks: requirements(NonceCarried),
		How:        "does not put the nonce of a pushed request into the id_token",
		Policy:     nonce(func(string) string { return "" }),
	}, {
		Name:       "nonce-in-lower-case",
		Breaks:     openid.NonceReturned,
		AlsoBreaks: requirements(NonceCarried),
		How:        "keeps nonces in lower case",
		Policy:     nonce(strings.ToLower),
	}, {
		Name:       "nonce-of-16-characters",
		Breaks:     openid.NonceReturned,
		AlsoBreaks: requirements(NonceCarried),
		How:        "keeps 16 characters of a nonce",
		Policy:     nonce(func(sent string) string { return sent[:min(16, len(sent))] }),
	}, {
		Name:       "id-token-encrypted-alone",
		Breaks:     openid.SignedFirst,
		AlsoBreaks: requirements(NonceCarried, SigningAlgorithms),
		How:        "encrypts the claims for clients that want that, and does not sign them",
		Policy: form(func(encrypts bool) authserver.TokenForm {
			if encrypts {
				return authserver.EncryptedAlone
			}
			return authserver.Signed
		}),
		Auth: "private_key_jwt",
	}, {
		Name:       "id-token-of-claims-alone",
		Breaks:     openid.SignedFirst,
		AlsoBreaks: requirements(NonceCarried, SigningAlgorithms),
		How:        "hands out the claims in base64url, without header and signature",
		Policy: func(p *authserver.Policy) {
			p.IDTokenForm = func(authserver.IDToken, bool) authserver.TokenForm { return authserver.ClaimsAlone }
		},
	}, {
		Name:       "refreshed-id-token-of-claims-alone",
		Breaks:     openid.SignedFirst,
		AlsoBreaks: requirements(SigningAlgorithms),
		How:        "hands out the claims in base64url, without header and signature, where tokens are refreshed",
		Policy: func(p *authserver.Policy) {
			p.IDTokenForm = func(about authserver.IDToken, encrypts bool) authserver.TokenForm {
				if about.Refreshed {
					return authserver.ClaimsAlone
				}
				return authserver.SignedFirst(encrypts)
			}
		},
	}}
}
