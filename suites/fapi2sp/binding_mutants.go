package fapi2sp

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
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
		AlsoBreaks: requirements(TokenInHeader),
		How:        "binds tokens to the certificate's hash in lower case, which is another one",
		Policy:     wrongKey,
	}, {
		Name:       "bound-to-a-mangled-thumbprint",
		Breaks:     DPoPBinding,
		AlsoBreaks: requirements(TokenInHeader),
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
		Name:   "proof-future-not-checked",
		Breaks: ProofFarAhead,
		How:    "looks only at how old a proof is",
		Policy: proofTime(func(t authserver.ProofTime) bool { return t.Iat >= t.Now-300 }),
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
		Name:   "proof-future-not-checked-on-refresh",
		Breaks: ProofFarAhead,
		How:    "looks only at how old a proof is where tokens are refreshed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Grant == "refresh_token" && t.Iat > t.Now
		}),
	}, {
		Name:   "proof-future-of-80-seconds",
		Breaks: ProofFarAhead,
		How:    "allows for 80 seconds where tokens are asked for",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return t.Iat >= t.Now-300 && t.Iat <= t.Now+80 && (t.Grant != "" || authserver.FreshProof(t))
		}),
	}, {
		Name:   "proof-future-not-checked-at-par",
		Breaks: ProofFarAhead,
		How:    "looks at the clock where tokens are asked for, and not where requests are pushed",
		Policy: proofTime(func(t authserver.ProofTime) bool {
			return authserver.FreshProof(t) || t.Endpoint == authserver.EndpointPAR && t.Iat > t.Now
		}),
	}, {
		Name:   "proof-future-not-checked-and-nonces-handed-out",
		Breaks: ProofFarAhead,
		How:    "hands out nonces, wants none, and looks only at how old a proof is",
		Policy: func(p *authserver.Policy) {
			p.HandsOutNonces = func(authserver.Endpoint) bool { return true }
			proofTime(func(t authserver.ProofTime) bool { return t.Iat >= t.Now-300 })(p)
		},
	}, {
		Name:   "proof-window-symmetric",
		Breaks: ProofFarAhead,
		How:    "allows five minutes in either direction",
		Policy: proofTime(func(t authserver.ProofTime) bool { return t.Iat >= t.Now-300 && t.Iat <= t.Now+300 }),
	}}
}
