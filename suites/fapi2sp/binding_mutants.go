package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/mtls"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/openid"
)

func bindingMutants() []mutant.Mutant {
	wrongKey := func(p *authserver.Policy) {
		p.BindsTo = func(to authserver.Binding) string { return strings.ToLower(to.Thumbprint) }
	}
	proofTime := func(accept func(authserver.ProofTime) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ProofTime = func(t authserver.ProofTime) bool {
				// The resource server's window is its own affair.
				if t.Endpoint == authserver.EndpointResource || t.Endpoint == authserver.EndpointUserinfo {
					return authserver.FreshProof(t)
				}
				return accept(t)
			}
		}
	}
	return []mutant.Mutant{{
		Name:       "bound-to-a-mangled-certificate-hash",
		Breaks:     CertificateBinding,
		AlsoBreaks: requirements(TokenInHeader, mtls.ThumbprintInToken, mtls.ThumbprintInAnswer, openid.UserinfoAnswers),
		How:        "binds tokens to the certificate's hash in lower case, which is another one",
		Policy:     wrongKey,
	}, {
		Name:       "bound-to-a-mangled-thumbprint",
		Breaks:     DPoPBinding,
		AlsoBreaks: requirements(TokenInHeader, dpop.Thumbprint, dpop.Introspected, openid.UserinfoAnswers),
		How:        "binds tokens to the thumbprint in lower case, which is another one",
		Policy:     wrongKey,
	}, {
		Name:   "dpop-jkt-refused",
		Breaks: DPoPThumbprint,
		How:    "does not know dpop_jkt and refuses it",
		Policy: func(p *authserver.Policy) { p.Thumbprint = func(string) bool { return false } },
	}, {
		Name:   "dpop-jkt-compared-with-something-else",
		Breaks: DPoPThumbprint,
		How:    "compares dpop_jkt with the thumbprint in another encoding, so that no key fits",
		Policy: func(p *authserver.Policy) {
			p.CodeKey = func(k authserver.CodeKey) bool { return k.ByThumbprint == "" && authserver.BoundKeyOnly(k) }
		},
	}, {
		Name:   "proof-clock-strict",
		Breaks: ProofAhead,
		How:    "refuses proofs that were made a second ahead",
		Policy: proofTime(func(t authserver.ProofTime) bool { return authserver.FreshProof(t) && t.Iat <= t.Now+1 }),
	}, {
		Name:   "proof-of-ten-seconds-ago",
		Breaks: ProofAhead,
		How:    "takes proofs that are five seconds old at most",
		Policy: proofTime(func(t authserver.ProofTime) bool { return authserver.FreshProof(t) && t.Iat >= t.Now-5 }),
		Warns:  true,
	}, {
		Name:   "proof-clock-strict-at-par",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only at the PAR endpoint",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Endpoint != authserver.EndpointPAR || t.Iat <= t.Now+5)
		}),
	}, {
		Name:       "proof-future-not-checked",
		Breaks:     ProofFarAhead,
		AlsoBreaks: requirements(dpop.ProofAge, dpop.PushedProof),
		How:        "looks only at how old a proof is",
		Policy:     proofTime(func(t authserver.ProofTime) bool { return t.Iat >= t.Now-300 }),
	}, {
		Name:   "proof-clock-strict-with-codes",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only where a code is redeemed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "authorization_code" || t.Iat <= t.Now+5)
		}),
	}, {
		Name:   "proof-clock-strict-on-refresh",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only where tokens are refreshed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "refresh_token" || t.Iat <= t.Now+5)
		}),
	}, {
		Name:   "proof-future-not-checked-with-codes",
		Breaks: ProofFarAhead,
		How:    "looks only at how old a proof is where a code is redeemed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "authorization_code" && t.Iat > t.Now
		}),
	}, {
		Name:       "proof-future-not-checked-on-refresh",
		Breaks:     ProofFarAhead,
		AlsoBreaks: requirements(dpop.ProofAge),
		How:        "looks only at how old a proof is where tokens are refreshed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "refresh_token" && t.Iat > t.Now
		}),
	}, {
		Name:   "proof-clock-strict-with-client-credentials",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only where a client asks for itself",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "client_credentials" || t.Iat <= t.Now+5)
		}),
	}, {
		Name:   "proof-of-ten-seconds-ago-with-client-credentials",
		Breaks: ProofAhead,
		How:    "takes proofs that are five seconds old at most where a client asks for itself",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "client_credentials" || t.Iat >= t.Now-5)
		}),
		Warns: true,
	}, {
		Name:   "proof-nbf-strict-with-client-credentials",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only in nbf where a client asks for itself",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "client_credentials" || t.Nbf == nil || *t.Nbf <= t.Now+5)
		}),
	}, {
		Name:   "proof-future-not-checked-with-client-credentials",
		Breaks: ProofFarAhead,
		How:    "looks only at how old a proof is where a client asks for itself",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "client_credentials" && t.Iat > t.Now
		}),
	}, {
		Name:   "proof-nbf-not-read-with-client-credentials",
		Breaks: ProofFarAhead,
		How:    "does not look at nbf of proofs where a client asks for itself",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "client_credentials" && withoutNbf(t)
		}),
	}, {
		Name:   "proof-future-of-80-seconds",
		Breaks: ProofFarAhead,
		How:    "allows for 80 seconds where tokens are asked for",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return t.Iat >= t.Now-300 && t.Iat <= t.Now+80 && (t.Grant != "" || authserver.FreshProof(t))
		}),
	}, {
		Name:       "proof-future-not-checked-at-par",
		Breaks:     ProofFarAhead,
		AlsoBreaks: requirements(dpop.PushedProof),
		How:        "looks at the clock where tokens are asked for, and not where requests are pushed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Endpoint == authserver.EndpointPAR && t.Iat > t.Now
		}),
	}, {
		Name:       "proof-future-not-checked-and-nonces-handed-out",
		Breaks:     ProofFarAhead,
		AlsoBreaks: requirements(dpop.ProofAge, dpop.PushedProof),
		How:        "hands out nonces, wants none, and looks only at how old a proof is",
		Policy: func(p *authserver.Policy) {
			p.HandsOutNonces = func(authserver.Endpoint) bool { return true }
			proofTime(func(t authserver.ProofTime) bool { return t.Iat >= t.Now-300 })(p)
		},
	}, {
		Name:   "proof-nbf-strict-with-codes",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only in nbf where a code is redeemed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "authorization_code" || t.Nbf == nil || *t.Nbf <= t.Now+5)
		}),
	}, {
		Name:   "proof-nbf-strict-on-refresh",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only in nbf where tokens are refreshed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Grant != "refresh_token" || t.Nbf == nil || *t.Nbf <= t.Now+5)
		}),
	}, {
		Name:   "proof-nbf-strict-at-par",
		Breaks: ProofAhead,
		How:    "allows for 5 seconds only in nbf at the PAR endpoint",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) && (t.Endpoint != authserver.EndpointPAR || t.Nbf == nil || *t.Nbf <= t.Now+5)
		}),
	}, {
		Name:       "proof-nbf-unwelcome",
		Breaks:     ProofAhead,
		AlsoBreaks: requirements(dpop.MoreMembers),
		How:        "refuses proofs that have nbf",
		Policy:     proofTime(func(t authserver.ProofTime) bool { return authserver.FreshProof(t) && t.Nbf == nil }),
	}, {
		Name:   "proof-nbf-not-read",
		Breaks: ProofFarAhead,
		How:    "looks at iat of proofs, and never at nbf",
		Policy: proofTime(withoutNbf),
	}, {
		Name:   "proof-nbf-not-read-with-codes",
		Breaks: ProofFarAhead,
		How:    "does not look at nbf of proofs where a code is redeemed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "authorization_code" && withoutNbf(t)
		}),
	}, {
		Name:   "proof-nbf-not-read-on-refresh",
		Breaks: ProofFarAhead,
		How:    "does not look at nbf of proofs where tokens are refreshed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "refresh_token" && withoutNbf(t)
		}),
	}, {
		Name:   "proof-nbf-not-read-at-par",
		Breaks: ProofFarAhead,
		How:    "does not look at nbf of proofs where requests are pushed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Endpoint == authserver.EndpointPAR && withoutNbf(t)
		}),
	}, {
		Name:   "proof-nbf-of-80-seconds",
		Breaks: ProofFarAhead,
		How:    "allows for 80 seconds in nbf of proofs",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || withoutNbf(t) && *t.Nbf <= t.Now+80 && t.Grant != ""
		}),
	}, {
		Name:   "proof-window-symmetric",
		Breaks: ProofFarAhead,
		How:    "allows five minutes in either direction",
		Policy: proofTime(func(t authserver.ProofTime) bool { return t.Iat >= t.Now-300 && t.Iat <= t.Now+300 }),
	}}
}

// refreshedKeyMutants break what several documents say of the key of a token.
func refreshedKeyMutants() []mutant.Mutant {
	firstKey := func(p *authserver.Policy) { p.RefreshedKey = func(_, first string) string { return first } }
	return []mutant.Mutant{{
		Name:       "refreshed-token-bound-to-the-first-key",
		Breaks:     oauth2.RefreshedToken,
		AlsoBreaks: requirements(dpop.RefreshedKey, dpop.Thumbprint),
		How:        "copies the key of the first token into the refreshed one, whatever key has made the proof",
		Policy:     firstKey,
		Binding:    "dpop",
	}, {
		Name:       "dpop-key-of-the-first-token",
		Breaks:     dpop.RefreshedKey,
		AlsoBreaks: requirements(oauth2.RefreshedToken, dpop.Thumbprint),
		How:        "keeps the key with the refresh token, and binds what is refreshed to that",
		Policy:     firstKey,
		Binding:    "dpop",
	}, {
		Name:       "dpop-refreshed-token-of-a-mangled-key",
		Breaks:     dpop.RefreshedKey,
		AlsoBreaks: requirements(oauth2.RefreshedToken, dpop.Thumbprint),
		How:        "binds refreshed tokens to the thumbprint in lower case, which is another one",
		Policy: func(p *authserver.Policy) {
			p.RefreshedKey = func(shown, _ string) string { return strings.ToLower(shown) }
		},
		Binding: "dpop",
	}, {
		Name:       "dpop-key-unseen",
		Breaks:     dpop.Confirmed,
		AlsoBreaks: requirements(BoundTokensOnly, dpop.Introspected),
		How:        "keeps the key of a token to itself",
		Policy: func(p *authserver.Policy) {
			p.Confirmation = func(authserver.Endpoint, string) map[string]any { return nil }
		},
		Binding: "dpop",
		Warns:   true,
	}}
}

// withoutNbf looks at iat of a proof alone.
func withoutNbf(t authserver.ProofTime) bool {
	t.Nbf = nil
	return authserver.FreshProof(t)
}
