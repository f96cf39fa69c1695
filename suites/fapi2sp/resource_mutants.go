package fapi2sp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func resourceMutants() []mutant.Mutant {
	return slices.Concat(tokenUseMutants(), scopeMutants(), possessionMutants())
}

func tokenUseMutants() []mutant.Mutant {
	kinds := func(more ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenKind = func(kind string) bool { return kind == "access_token" || slices.Contains(more, kind) }
		}
	}
	return []mutant.Mutant{{
		Name:       "token-in-body-only",
		Breaks:     TokenInHeader,
		AlsoBreaks: requirements(DPoPBinding),
		How:        "does not look for the token in the Authorization header",
		Policy:     func(p *authserver.Policy) { p.TokenPlace = func(string) bool { return false } },
	}, {
		Name:   "token-in-query",
		Breaks: TokenNotInQuery,
		How:    "takes the token from the URL as well",
		Policy: func(p *authserver.Policy) { p.TokenPlace = func(string) bool { return true } },
	}, {
		Name:   "token-signature-not-checked",
		Breaks: ForgedToken,
		How:    "decodes the token and does not check its signature",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Known || i.Stored }
		},
	}, {
		Name:   "token-read-and-believed",
		Breaks: ForgedToken,
		How:    "believes what a token says of itself",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Readable }
		},
	}, {
		Name:   "token-compared-by-its-beginning",
		Breaks: ForgedToken,
		How:    "issues opaque tokens and looks them up by a column that holds their first half",
		Policy: func(p *authserver.Policy) {
			p.OpaqueTokens = func() bool { return true }
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Beginning }
		},
	}, {
		Name:   "token-of-any-kind",
		Breaks: ForgedToken,
		How:    "takes whatever looks like a token where the store does not know it",
		Policy: func(p *authserver.Policy) {
			p.TokenIntact = func(i authserver.Integrity) bool { return i.Stored || i.Shape }
		},
	}, {
		Name:   "token-expiry-not-checked",
		Breaks: ExpiredToken,
		How:    "does not look at exp",
		Policy: func(p *authserver.Policy) { p.TokenAlive = func(float64) bool { return true } },
	}, {
		Name:   "token-expiry-with-ten-minutes-leeway",
		Breaks: ExpiredToken,
		How:    "allows ten minutes after exp",
		Policy: func(p *authserver.Policy) { p.TokenAlive = func(overdue float64) bool { return overdue < 600 } },
	}, {
		Name:   "token-expiry-with-75-seconds-leeway",
		Breaks: ExpiredToken,
		How:    "adds the leeway of the library to that of the gateway, 75 seconds in all",
		Policy: func(p *authserver.Policy) { p.TokenAlive = func(overdue float64) bool { return overdue < 75 } },
	}, {
		Name:   "token-revocation-ignored",
		Breaks: RevokedToken,
		How:    "shows revoked tokens as inactive and goes on to accept them",
		Policy: func(p *authserver.Policy) { p.TokenStands = func(authserver.Standing) bool { return true } },
	}, {
		Name:   "token-revocation-ignored-for-opaque-tokens",
		Breaks: RevokedToken,
		How:    "keeps what introspection said of an opaque token for as long as the token lives",
		Policy: func(p *authserver.Policy) {
			p.OpaqueTokens = func() bool { return true }
			p.TokenStands = func(s authserver.Standing) bool { return !s.Revoked || !s.JWT }
		},
	}, {
		Name:   "id-token-as-access-token",
		Breaks: OtherTokens,
		How:    "takes any token with its own signature",
		Policy: kinds("id_token"),
	}, {
		Name:   "refresh-token-as-access-token",
		Breaks: OtherTokens,
		How:    "finds any token in its store, and does not look what kind it is",
		Policy: kinds("refresh_token"),
	}}
}

func scopeMutants() []mutant.Mutant {
	insufficiency := func(how authserver.Insufficiency) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Insufficiency = func() authserver.Insufficiency { return how } }
	}
	return []mutant.Mutant{{
		Name:       "scope-not-checked",
		Breaks:     SufficientToken,
		AlsoBreaks: requirements(InsufficientScope),
		How:        "looks whether the token is valid and not what it is for",
		Policy:     func(p *authserver.Policy) { p.ScopeSuffices = func([]string, string) bool { return true } },
	}, {
		Name:   "scope-any-will-do",
		Breaks: SufficientToken,
		How:    "is content when the token has any scope at all",
		Policy: func(p *authserver.Policy) {
			p.ScopeSuffices = func(granted []string, _ string) bool { return len(granted) > 0 }
		},
	}, {
		Name:   "insufficient-scope-says-invalid-token",
		Breaks: InsufficientScope,
		How:    "answers invalid_token to a token of a lesser scope",
		Policy: insufficiency(authserver.Insufficiency{Status: http.StatusUnauthorized, Challenge: true, Error: "invalid_token"}),
	}, {
		Name:    "insufficient-scope-in-another-scheme",
		Breaks:  InsufficientScope,
		How:     "answers a DPoP token with a Bearer challenge",
		Policy:  insufficiency(authserver.Insufficiency{Status: http.StatusForbidden, Challenge: true, Error: "insufficient_scope", Scheme: "Bearer"}),
		Binding: "dpop",
	}, {
		Name:   "insufficient-scope-without-challenge",
		Breaks: InsufficientScope,
		How:    "answers 403 with the error in the body and no WWW-Authenticate",
		Policy: insufficiency(authserver.Insufficiency{Status: http.StatusForbidden, Error: "insufficient_scope"}),
	}}
}

func possessionMutants() []mutant.Mutant {
	possession := func(accept func(authserver.Possession) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Possession = func(shown authserver.Possession) bool { return authserver.ProvedPossession(shown) || accept(shown) }
		}
	}
	return []mutant.Mutant{{
		Name:   "proof-optional",
		Breaks: ProofRequired,
		How:    "checks the proof where there is one",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "dpop" && !shown.Proof }),
	}, {
		Name:   "proof-of-any-key",
		Breaks: ProofOfOtherKey,
		How:    "checks the proof and does not compare its key with the token's",
		Policy: possession(func(shown authserver.Possession) bool {
			return shown.Bound == "dpop" && shown.Proof && strings.EqualFold(shown.Scheme, "DPoP")
		}),
	}, {
		Name:   "certificate-optional",
		Breaks: CertificateRequired,
		How:    "compares the certificate where there is one",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && !shown.Certificate }),
	}, {
		Name:   "certificate-of-anybody",
		Breaks: OtherCertificate,
		How:    "demands a certificate and does not compare it with the token's",
		Policy: possession(func(shown authserver.Possession) bool { return shown.Bound == "mtls" && shown.Certificate }),
	}}
}
