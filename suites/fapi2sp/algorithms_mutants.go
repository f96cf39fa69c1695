package fapi2sp

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
)

func algorithmMutants() []mutant.Mutant {
	algorithms := func(at []authserver.Endpoint, more ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SoundAssertion = func(facts authserver.Assertion) bool {
				if slices.Contains(more, facts.Algorithm) && (at == nil || slices.Contains(at, facts.Endpoint)) {
					facts.Algorithm = facts.KeyAlgorithm
				}
				return authserver.OwnAssertion(facts)
			}
		}
	}
	bare := func(accept func(authserver.Bare) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.UnsignedAssertion = accept }
	}
	return []mutant.Mutant{{
		Name:   "assertion-by-rs256",
		Breaks: AssertionAlgorithms,
		How:    "takes RS256, as OpenID Connect has it by default",
		Policy: algorithms(nil, "RS256"),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "assertion-by-any-rsa-algorithm-at-revocation",
		Breaks: AssertionAlgorithms,
		How:    "takes whatever the registered key can do at the revocation endpoint",
		Policy: algorithms([]authserver.Endpoint{authserver.EndpointRevocation}, "RS256", "RS384", "RS512", "PS384", "PS512"),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "assertion-by-ps512",
		Breaks: AssertionAlgorithms,
		How:    "takes the longer hashes of the same family too",
		Policy: algorithms(nil, "PS384", "PS512"),
		Auth:   "private_key_jwt", Binding: "mtls",
	}, {
		Name:   "assertion-unsigned",
		Breaks: UnsignedAssertions, AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How:    "takes alg none, as a library does that was told to take whatever the header says",
		Policy: bare(func(b authserver.Bare) bool { return b.Algorithm == "none" && !b.Leftover }),
	}, {
		Name:   "assertion-unsigned-in-another-case",
		Breaks: UnsignedAssertions,
		How:    "refuses none by its spelling, and reads the algorithm in any case afterwards",
		Policy: bare(func(b authserver.Bare) bool { return b.Algorithm != "none" && strings.EqualFold(b.Algorithm, "none") }),
	}, {
		Name:   "assertion-unsigned-with-a-leftover",
		Breaks: UnsignedAssertions,
		How:    "looks whether there is a signature, and checks none where the header says none",
		Policy: bare(func(b authserver.Bare) bool { return b.Leftover }),
	}, {
		Name:   "assertion-unsigned-at-introspection",
		Breaks: UnsignedAssertions, AlsoBreaks: requirements(introspectionjwt.Authenticated),
		How:    "takes alg none at the introspection endpoint",
		Policy: bare(func(b authserver.Bare) bool { return b.Endpoint == authserver.EndpointIntrospection }),
	}, {
		Name:   "assertion-unsigned-on-refresh",
		Breaks: UnsignedAssertions,
		How:    "takes alg none where tokens are refreshed",
		Policy: bare(func(b authserver.Bare) bool { return b.Grant == "refresh_token" }),
	}}
}
