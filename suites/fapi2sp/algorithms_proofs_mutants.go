package fapi2sp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func proofAlgorithmMutants() []mutant.Mutant {
	// takes is a bank that takes proofs by more algorithms where accept says so.
	takes := func(accept func(authserver.Proof) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundProof = func(facts authserver.Proof) bool {
				if accept(facts) {
					facts.Algorithm = "ES256"
				}
				return authserver.WellMadeProof(facts)
			}
		}
	}
	by := func(at authserver.Endpoint, grant string, algorithms ...string) func(*authserver.Policy) {
		return takes(func(facts authserver.Proof) bool {
			return facts.Endpoint == at && (grant == "" || facts.Grant == grant) && slices.Contains(algorithms, facts.Algorithm)
		})
	}
	bare := func(accept func(authserver.BareProof) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.UnsignedProof = accept }
	}
	short := func(accept func(authserver.ShortKey) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.ShortKey = accept }
	}
	unsignedToken := func(at authserver.Endpoint) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			intact := p.TokenIntact
			p.TokenIntact = func(i authserver.Integrity) bool { return intact(i) || i.Endpoint == at && i.Unsigned }
		}
	}
	return []mutant.Mutant{{
		Name:   "proof-by-rs256",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by RS256 at the token endpoint",
		Policy: by(authserver.EndpointToken, "", "RS256"),
	}, {
		Name:   "proof-by-whatever-is-not-symmetric",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by every algorithm that is not symmetric (RFC 9449 section 4.2) where codes are redeemed",
		Policy: by(authserver.EndpointToken, "authorization_code", "RS256", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512"),
	}, {
		Name:   "proof-by-larger-curves",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by the larger curves",
		Policy: by(authserver.EndpointToken, "", "ES384", "ES512"),
	}, {
		Name:   "proof-by-ps512-on-refresh",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by PS512 where tokens are refreshed",
		Policy: by(authserver.EndpointToken, "refresh_token", "PS512"),
	}, {
		Name:   "proof-by-es256-on-any-curve",
		Breaks: ProofAlgorithms,
		How:    "goes by the alg of a DPoP proof, and takes ES256 by keys on other curves than P-256 at the token endpoint",
		Policy: func(p *authserver.Policy) {
			p.AnyCurve = func(at authserver.Endpoint, _ string) bool { return at == authserver.EndpointToken }
		},
	}, {
		Name:   "proof-by-es256-on-any-curve-at-par",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by ES256 and keys on other curves than P-256 where requests are pushed",
		Policy: func(p *authserver.Policy) {
			p.AnyCurve = func(at authserver.Endpoint, _ string) bool { return at == authserver.EndpointPAR }
		},
	}, {
		Name:   "proof-by-rs256-of-clients-that-ask-for-themselves",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by RS256 with client credentials",
		Policy: by(authserver.EndpointToken, "client_credentials", "RS256"),
	}, {
		Name:   "proof-by-rs256-at-par",
		Breaks: ProofAlgorithms,
		How:    "takes DPoP proofs by RS256 where requests are pushed",
		Policy: by(authserver.EndpointPAR, "", "RS256"),
	}, {
		Name:   "proof-by-rs256-at-userinfo-by-post",
		Breaks: ProofAlgorithmsAtRS,
		How:    "has another filter before userinfo by POST, which takes proofs by RS256",
		Policy: takes(func(facts authserver.Proof) bool {
			return facts.Endpoint == authserver.EndpointUserinfo && facts.WantedMethod == http.MethodPost && facts.Algorithm == "RS256"
		}),
	}, {
		Name:   "proof-by-rs256-at-the-resource",
		Breaks: ProofAlgorithmsAtRS,
		How:    "goes by the thumbprint of the key, and takes what it signs by RS256 at the resource",
		Policy: by(authserver.EndpointResource, "", "RS256"),
	}, {
		Name:   "proof-by-ps512-at-userinfo",
		Breaks: ProofAlgorithmsAtRS,
		How:    "takes longer hashes of the same key at the userinfo endpoint",
		Policy: by(authserver.EndpointUserinfo, "", "PS384", "PS512"),
	}, {
		Name:   "proof-unsigned",
		Breaks: UnsignedProofs,
		How:    "takes DPoP proofs whose header says alg none at the token endpoint",
		Policy: bare(func(b authserver.BareProof) bool {
			return b.Endpoint == authserver.EndpointToken && b.Algorithm == "none" && !b.Leftover
		}),
	}, {
		Name:   "proof-unsigned-in-another-case",
		Breaks: UnsignedProofs,
		How:    "refuses none by its spelling, and reads the algorithm in any case afterwards",
		Policy: bare(func(b authserver.BareProof) bool {
			return b.Endpoint == authserver.EndpointToken && b.Algorithm != "none" && strings.EqualFold(b.Algorithm, "none")
		}),
	}, {
		Name:   "proof-unsigned-with-a-leftover",
		Breaks: UnsignedProofs,
		How:    "looks whether there is a signature, and checks none where the header says none",
		Policy: bare(func(b authserver.BareProof) bool { return b.Endpoint == authserver.EndpointToken && b.Leftover }),
	}, {
		Name:   "proof-unsigned-on-refresh",
		Breaks: UnsignedProofs,
		How:    "takes DPoP proofs whose header says alg none where tokens are refreshed",
		Policy: bare(func(b authserver.BareProof) bool { return b.Grant == "refresh_token" }),
	}, {
		Name:   "proof-unsigned-of-clients-that-ask-for-themselves",
		Breaks: UnsignedProofs,
		How:    "takes DPoP proofs whose header says alg none with client credentials",
		Policy: bare(func(b authserver.BareProof) bool { return b.Grant == "client_credentials" }),
	}, {
		Name:   "proof-unsigned-at-par",
		Breaks: UnsignedProofs,
		How:    "takes DPoP proofs whose header says alg none where requests are pushed",
		Policy: bare(func(b authserver.BareProof) bool { return b.Endpoint == authserver.EndpointPAR }),
	}, {
		Name:   "proof-unsigned-at-userinfo-by-post",
		Breaks: UnsignedAtRS,
		How:    "takes DPoP proofs whose header says alg none at userinfo by POST",
		Policy: bare(func(b authserver.BareProof) bool {
			return b.Endpoint == authserver.EndpointUserinfo && b.Method == http.MethodPost
		}),
	}, {
		Name:   "proof-unsigned-at-the-resource",
		Breaks: UnsignedAtRS,
		How:    "takes DPoP proofs whose header says alg none at the resource",
		Policy: bare(func(b authserver.BareProof) bool {
			return b.Endpoint == authserver.EndpointResource && b.Algorithm == "none"
		}),
	}, {
		Name:   "proof-unsigned-at-the-resource-in-another-case",
		Breaks: UnsignedAtRS,
		How:    "refuses none by its spelling at the resource, and reads the algorithm in any case afterwards",
		Policy: bare(func(b authserver.BareProof) bool {
			return b.Endpoint == authserver.EndpointResource && b.Algorithm != "none"
		}),
	}, {
		Name:   "proof-unsigned-at-userinfo",
		Breaks: UnsignedAtRS,
		How:    "takes DPoP proofs whose header says alg none at the userinfo endpoint",
		Policy: bare(func(b authserver.BareProof) bool { return b.Endpoint == authserver.EndpointUserinfo }),
	}, {
		Name:       "unsigned-token-with-a-proof",
		Breaks:     UnsignedAtRS,
		AlsoBreaks: requirements(ForgedToken),
		How:        "checks the DPoP proof, and takes the word of a token that says alg none",
		Policy:     unsignedToken(authserver.EndpointResource),
		Binding:    "dpop",
	}, {
		Name:       "unsigned-token-with-a-proof-at-userinfo",
		Breaks:     UnsignedAtRS,
		AlsoBreaks: requirements(ForgedToken),
		How:        "checks the DPoP proof at the userinfo endpoint, and takes the word of a token that says alg none",
		Policy:     unsignedToken(authserver.EndpointUserinfo),
		Binding:    "dpop",
	}, {
		Name:   "proof-by-a-short-key",
		Breaks: ClientKeyLength,
		How:    "does not look how long the RSA key of a DPoP proof is",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client == "" }),
		Warns:  true,
	}, {
		Name:   "proof-by-a-key-of-1536-bits",
		Breaks: ClientKeyLength,
		How:    "takes RSA keys of 1536 bits, as its guideline of old has it",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client == "" && k.Bits >= 1536 }),
		Warns:  true,
	}, {
		Name:   "proof-by-a-short-key-with-codes",
		Breaks: ClientKeyLength,
		How:    "does not look how long the RSA key of a DPoP proof is where codes are redeemed",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client == "" && k.Grant == "authorization_code" }),
		Warns:  true,
	}, {
		Name:   "proof-by-a-short-key-of-clients-that-ask-for-themselves",
		Breaks: ClientKeyLength,
		How:    "does not look how long the RSA key of a DPoP proof is with client credentials",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client == "" && k.Grant == "client_credentials" }),
		Warns:  true,
	}, {
		Name:   "proof-by-a-short-key-on-refresh",
		Breaks: ClientKeyLength,
		How:    "does not look how long the RSA key of a DPoP proof is where tokens are refreshed",
		Policy: short(func(k authserver.ShortKey) bool { return k.Grant == "refresh_token" }),
		Warns:  true,
	}, {
		Name:   "proof-by-a-short-key-at-par",
		Breaks: ClientKeyLength,
		How:    "does not look how long the RSA key of a DPoP proof is where requests are pushed",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client == "" && k.Endpoint == authserver.EndpointPAR }),
		Warns:  true,
	}, {
		Name:   "client-known-by-a-short-key",
		Breaks: ClientKeyLength,
		How:    "looks how long the keys in proofs are, and not those that clients have registered",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client != "" }),
		Auth:   "private_key_jwt",
		Warns:  true,
	}, {
		Name:   "client-known-by-a-short-key-where-tokens-are-refreshed",
		Breaks: ClientKeyLength,
		How:    "keeps a copy of the clients' keys for the token endpoint, made before anybody looked how long they are",
		Policy: short(func(k authserver.ShortKey) bool { return k.Client != "" && k.Endpoint == authserver.EndpointToken }),
		Auth:   "private_key_jwt",
		Warns:  true,
	}}
}

func requestObjectMutants() []mutant.Mutant {
	algorithms := func(more ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ObjectAlgorithm = func(s authserver.ObjectSignature) bool {
				return authserver.OfTheProfile(s) || slices.Contains(more, s.Algorithm)
			}
		}
	}
	bare := func(accept func(authserver.Bare) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.UnsignedObject = accept }
	}
	times := func(read func(*authserver.AssertionTimes)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RequestObjectTimes = func(t authserver.AssertionTimes) bool {
				read(&t)
				return authserver.NotFarAhead(t)
			}
		}
	}
	strict := func(of func(authserver.AssertionTimes) *float64) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RequestObjectTimes = func(t authserver.AssertionTimes) bool {
				at := of(t)
				return authserver.NotFarAhead(t) && (at == nil || *at <= t.Now+1)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "request-object-by-rs256",
		Breaks: RequestObjectAlgorithms,
		How:    "takes request objects by RS256, as OpenID Connect has it by default",
		Policy: algorithms("RS256"),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "request-object-by-longer-hashes",
		Breaks: RequestObjectAlgorithms,
		How:    "takes the longer hashes of the same family in request objects too",
		Policy: algorithms("PS384", "PS512"),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "request-object-unsigned",
		Breaks: UnsignedRequestObjects,
		How:    "takes request objects whose header says alg none, the client having authenticated (OpenID Connect Core section 6.1 has unsigned ones)",
		Policy: bare(func(b authserver.Bare) bool { return b.Algorithm == "none" && !b.Leftover }),
	}, {
		Name:   "request-object-unsigned-in-another-case",
		Breaks: UnsignedRequestObjects,
		How:    "refuses none by its spelling, and reads the algorithm of request objects in any case afterwards",
		Policy: bare(func(b authserver.Bare) bool { return b.Algorithm != "none" }),
	}, {
		Name:   "request-object-unsigned-with-a-leftover",
		Breaks: UnsignedRequestObjects,
		How:    "looks whether a request object has a signature, and checks none where the header says none",
		Policy: bare(func(b authserver.Bare) bool { return b.Leftover }),
	}, {
		Name:   "request-object-of-a-fast-clock-refused-by-iat",
		Breaks: RequestObjectAhead,
		How:    "refuses request objects whose iat is ahead by more than a second",
		Policy: strict(func(t authserver.AssertionTimes) *float64 { return t.Iat }),
	}, {
		Name:   "request-object-of-a-fast-clock-refused-by-nbf",
		Breaks: RequestObjectAhead,
		How:    "refuses request objects whose nbf is ahead by more than a second",
		Policy: strict(func(t authserver.AssertionTimes) *float64 { return t.Nbf }),
	}, {
		Name:   "request-object-iat-not-read",
		Breaks: RequestObjectFarAhead,
		How:    "does not look at iat of request objects",
		Policy: times(func(t *authserver.AssertionTimes) { t.Iat = nil }),
	}, {
		Name:   "request-object-nbf-not-read",
		Breaks: RequestObjectFarAhead,
		How:    "does not look at nbf of request objects",
		Policy: times(func(t *authserver.AssertionTimes) { t.Nbf = nil }),
	}, {
		Name:   "request-object-with-five-minutes-leeway",
		Breaks: RequestObjectFarAhead,
		How:    "gives the clocks of clients five minutes with request objects",
		Policy: func(p *authserver.Policy) {
			p.RequestObjectTimes = func(t authserver.AssertionTimes) bool {
				for _, at := range []*float64{t.Iat, t.Nbf} {
					if at != nil && *at > t.Now+300 {
						return false
					}
				}
				t.Iat, t.Nbf = nil, nil
				return authserver.NotFarAhead(t)
			}
		},
	}}
}
