package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/dpop"
)

func refreshMutants() []mutant.Mutant {
	unbound := func(binding string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool {
				return c.SpoiltProof || c.Grant != "refresh_token" || c.Binding != binding
			}
		}
	}
	rotation := func(how authserver.Rotation) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.Rotation = func() authserver.Rotation { return how } }
	}
	const usedBefore = "whether a refresh token was used before is what other experiments did"
	return []mutant.Mutant{{
		Name:   "refresh-bearer-without-proof",
		Breaks: BoundTokensOnRefresh,
		How:    "demands the DPoP proof with the code and forgets it on refresh",
		Policy: unbound("dpop"), Binding: "dpop",
	}, {
		Name:       "refresh-bearer-where-the-proof-does-not-hold",
		Breaks:     BoundTokensOnRefresh,
		AlsoBreaks: requirements(UnsignedProofs, dpop.OneJWT, dpop.ProofType, dpop.Asymmetric, dpop.ProofSignature, dpop.NoReplay),
		How:        "passes over a DPoP proof that it can't read where tokens are refreshed, and issues a bearer token",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return !c.Unreadable || c.Grant != "refresh_token" }
		},
		Binding: "dpop",
	}, {
		Name:   "refresh-bearer-over-any-certificate",
		Breaks: BoundTokensOnRefresh,
		How:    "takes any certificate of the connection for the sender constraint where a DPoP proof is missing on refresh",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool {
				return c.Grant != "refresh_token" || c.Binding != "dpop" || c.Auth != "private_key_jwt" || !c.Certificate || c.SpoiltProof
			}
		},
		Auth: "private_key_jwt", Binding: "dpop",
	}, {
		Name:   "refresh-bearer-for-other-clients",
		Breaks: BoundTokensOnRefresh,
		How:    "demands sender-constrained tokens on refresh of the client for which it was switched on, and of no other of its kind",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool {
				return c.SpoiltProof || c.Grant != "refresh_token" || !strings.HasSuffix(c.Client, "-second")
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "refresh-bearer-without-certificate",
		Breaks: BoundTokensOnRefresh,
		How:    "demands the certificate with the code and forgets it on refresh",
		Policy: unbound("mtls"),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "refresh-bearer-away-from-the-mtls-host",
		Breaks: BoundTokensOnRefresh,
		How:    "demands the certificate on refresh at the host for mutual TLS alone",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool {
				return c.Grant != "refresh_token" || c.Binding != "mtls" || c.AtAlias
			}
		},
		Auth: "private_key_jwt", Binding: "mtls",
	}, {
		Name:       "refreshed-token-bound-to-nothing",
		Breaks:     BoundTokensOnRefresh,
		AlsoBreaks: requirements(dpop.Thumbprint, dpop.TokenType, dpop.RefreshedKey),
		How:        "demands proof of possession on refresh, and issues a bearer token all the same",
		Policy: func(p *authserver.Policy) {
			p.BindsTo = func(to authserver.Binding) string {
				if to.Grant == "refresh_token" {
					return ""
				}
				return to.Thumbprint
			}
			p.Possession = func(shown authserver.Possession) bool { return shown.Bound == "" || authserver.ProvedPossession(shown) }
		},
	}, {
		Name:   "refresh-bearer-the-second-time",
		Breaks: BoundTokensOnRefresh,
		How:    "demands proof of possession when a refresh token is used for the first time, and has forgotten to what it is bound the second time",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.SpoiltProof || c.Grant != "refresh_token" || !c.Again }
		},
		Everything: usedBefore,
		Auth:       "private_key_jwt",
	}, {
		Name:       "refreshed-token-bound-to-nothing-the-second-time",
		Breaks:     BoundTokensOnRefresh,
		AlsoBreaks: requirements(dpop.TokenType, dpop.RefreshedKey),
		How:        "demands proof of possession on refresh, and issues a bearer token from the second time on",
		Policy: func(p *authserver.Policy) {
			p.BindsTo = func(to authserver.Binding) string {
				if to.Grant == "refresh_token" && to.Again {
					return ""
				}
				return to.Thumbprint
			}
			p.Possession = func(shown authserver.Possession) bool { return shown.Bound == "" || authserver.ProvedPossession(shown) }
		},
		Everything: usedBefore,
	}, {
		Name:       "refresh-bearer-the-second-time-where-refresh-tokens-rotate",
		Breaks:     BoundTokensOnRefresh,
		AlsoBreaks: requirements(NoRotation, RotationForgives),
		How:        "replaces refresh tokens on every use, and has bound the first one alone",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool { return c.SpoiltProof || c.Grant != "refresh_token" || !c.Again }
			rotation(authserver.ReplaceWithdraw)(p)
		},
		Everything: usedBefore,
		Auth:       "private_key_jwt",
	}, {
		Name:   "refresh-bearer-without-openid",
		Breaks: BoundTokensOnRefresh,
		How:    "demands proof of possession on refresh where openid was granted, and issues bearer tokens to plain OAuth clients",
		Policy: func(p *authserver.Policy) {
			p.NeedsSenderConstraint = func(c authserver.Constraint) bool {
				return c.SpoiltProof || c.Grant != "refresh_token" || c.OpenID
			}
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "refreshed-token-bound-to-nothing-without-openid",
		Breaks: BoundTokensOnRefresh,
		How:    "demands proof of possession on refresh, and writes cnf into the refreshed tokens of OpenID clients alone",
		Policy: func(p *authserver.Policy) {
			p.BindsTo = func(to authserver.Binding) string {
				if to.Grant == "refresh_token" && !to.OpenID {
					return ""
				}
				return to.Thumbprint
			}
			p.Possession = func(shown authserver.Possession) bool { return shown.Bound == "" || authserver.ProvedPossession(shown) }
		},
	}, {
		Name:       "refresh-bearer-where-refresh-tokens-rotate",
		Breaks:     BoundTokensOnRefresh,
		AlsoBreaks: requirements(NoRotation, RotationForgives),
		How:        "forgets the DPoP proof on refresh, and replaces refresh tokens on every use",
		Policy: func(p *authserver.Policy) {
			unbound("dpop")(p)
			rotation(authserver.ReplaceWithdraw)(p)
		},
		Binding: "dpop",
	}, {
		Name:   "refresh-rotates",
		Breaks: NoRotation,
		How:    "replaces the refresh token on every use, and forgets the old one a minute later",
		Policy: rotation(authserver.ReplaceForgive),
	}, {
		Name:       "refresh-rotates-at-once",
		Breaks:     RotationForgives,
		AlsoBreaks: requirements(NoRotation),
		How:        "replaces the refresh token on every use, and withdraws the old one at once",
		Policy:     rotation(authserver.ReplaceWithdraw),
	}}
}
