package fapi2sp

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func pkceSpecs(client *flow.Client) {
	Describe("an authorization request", func() {
		Control("with an S256 challenge leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("is refused without a PKCE challenge", PKCERequired, func(ctx SpecContext) {
			Expect(client.Login(ctx, flow.Without(flow.PKCE))).To(BeRefused())
		})

		It("that does not ask for openid is refused without a PKCE challenge too", PKCERequired, func(ctx SpecContext) {
			plain := withoutOpenID(ctx, client)
			Expect(client.Login(ctx, flow.All(plain.String()+" and without PKCE", plain, flow.Without(flow.PKCE)))).To(BeRefused())
			Needs(client.Login(ctx, plain))
		})

		everywhere.AsOthers(client, "is refused without a PKCE challenge", PKCERequired, func(ctx SpecContext, other *flow.Client) {
			Needs(other.Push(ctx))
			Expect(other.Login(ctx, flow.Without(flow.PKCE))).To(BeRefused())
		})

		It("is refused with the PKCE method plain", PKCEPlain, func(ctx SpecContext) {
			Expect(client.Login(ctx, flow.VerifierAsChallenge("plain"))).To(BeRefused())
		})

		It("with a PKCE method that is spelt otherwise or unknown does not end up as plain", PKCEPlain, func(ctx SpecContext) {
			for _, method := range []string{"PLAIN", "Plain", "none", "S512"} {
				landed := client.Login(ctx, flow.VerifierAsChallenge(method))
				if decision, _ := Decide(landed); decision != wire.Accepted {
					Expect(landed).To(BeRefused())
					continue
				}
				// Taken for S256 it harms nobody: the verifier that was the challenge redeems nothing.
				Expect(client.Exchange(ctx, landed, flow.Words("with the verifier that was the challenge"))).To(BeRefused())
				Warn("the code_challenge_method %s was accepted, and not taken for plain", method)
			}
			Needs(client.Login(ctx))
		})

		It("with a challenge and no method does not end up as plain", PKCEDefault, func(ctx SpecContext) {
			landed := client.Login(ctx, flow.VerifierAsChallenge(""))
			if decision, _ := Decide(landed); decision != wire.Accepted {
				Expect(landed).To(BeRefused())
				return
			}
			Expect(client.Exchange(ctx, landed, flow.Words("with the verifier that was the challenge"))).To(BeRefused())
			Warn("a challenge without a method was accepted, and taken for S256")
		})
	})

	Describe("an authorization code", func() {
		It("is not redeemed with another verifier", PKCEVerifier, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, flow.With(flow.CodeVerifier, jose.Random(32)),
				flow.VerifierMade("with the code_challenge as code_verifier", jose.Hash),
				flow.VerifierMade("with a character behind the right code_verifier", func(right string) string { return right + "x" }))
		})

		It("is not redeemed without a verifier", PKCEVerifierRequired, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, flow.Without(flow.CodeVerifier), flow.With(flow.CodeVerifier, "").As("with an empty code_verifier"))
		})
	})
}
