package fapi2sp

import (
	"strings"
	"unicode"

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
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Push(ctx))
				Expect(client.Login(ctx, flow.Without(flow.PKCE))).To(BeRefused())
				Expect(client.Login(ctx, flow.With(flow.CodeChallenge, "").As("with an empty code_challenge"))).To(BeRefused())
				Needs(client.Push(ctx))
			})
		})
		It("is refused without a PKCE challenge and without a nonce", PKCERequired, func(ctx SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope of the target file does not ask for openid, so that no request has a nonce")
			}
			Expect(client.Login(ctx, flow.All("without PKCE challenge and without nonce", flow.Without(flow.PKCE), flow.Without(flow.Nonce)))).To(BeRefused())
		})

		It("that does not ask for openid is refused without a PKCE challenge too", PKCERequired, func(ctx SpecContext) {
			plain := withoutOpenID(ctx, client)
			Expect(client.Login(ctx, flow.All(plain.String()+" and without PKCE", plain, flow.Without(flow.PKCE)))).To(BeRefused())
			Needs(client.Login(ctx, plain))
		})

		It("is refused without a PKCE challenge however else it asks, in a request object for instance", PKCERequired, func(ctx SpecContext) {
			for _, way := range everywhere.AskingOtherwise(ctx, client) {
				Expect(client.Login(ctx, everywhere.Also(way, flow.Without(flow.PKCE)))).To(BeRefused())
				Expect(client.Login(ctx, everywhere.Also(way, flow.With(flow.CodeChallenge, "").As("with an empty code_challenge")))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})

		// To bind a code to a key is no substitute: it stops who has stolen the code, and not who has it redeemed by the client.
		It("that binds the code to the key of DPoP proofs is refused without a PKCE challenge", PKCERequired, func(ctx SpecContext) {
			Needs(client.Push(ctx, boundRequest(client)))
			for _, bound := range waysToBind(client) {
				Expect(client.Login(ctx, flow.All(bound.String()+" and without PKCE challenge", bound, flow.Without(flow.PKCE)))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})

		It("is refused with the PKCE method plain", PKCEPlain, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Push(ctx))
				Expect(client.Login(ctx, flow.VerifierAsChallenge("plain"))).To(BeRefused())
			})
			for _, way := range everywhere.AskingOtherwise(ctx, client) {
				Expect(client.Login(ctx, everywhere.Also(way, flow.VerifierAsChallenge("plain").As("with the PKCE verifier as challenge of the method plain")))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})

		It("that binds the code to the key of DPoP proofs is refused with the PKCE method plain", PKCEPlain, func(ctx SpecContext) {
			Needs(client.Push(ctx, boundRequest(client)))
			for _, bound := range waysToBind(client) {
				Expect(client.Login(ctx, flow.All(bound.String()+" and with the PKCE method plain", bound, flow.VerifierAsChallenge("plain")))).To(BeRefused())
			}
			Needs(client.Push(ctx))
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
			for _, missing := range []flow.Deviation{
				flow.VerifierAsChallenge(""),
				flow.All("with the PKCE verifier as challenge and an empty method", flow.VerifierAsChallenge(""), flow.With(flow.CodeChallengeMethod, "")),
			} {
				landed := client.Login(ctx, missing)
				if decision, _ := Decide(landed); decision != wire.Accepted {
					Expect(landed).To(BeRefused())
					continue
				}
				Expect(client.Exchange(ctx, landed, flow.Words("with the verifier that was the challenge"))).To(BeRefused())
				Warn("a challenge without a method was accepted, and taken for S256")
			}
			Needs(client.Login(ctx))
		})
	})

	Describe("an authorization code", func() {
		It("is not redeemed with another verifier", PKCEVerifier, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, flow.With(flow.CodeVerifier, jose.Random(32)),
				flow.With(flow.CodeVerifier, flow.Alphabetical(20)).As("with another code_verifier, which is shorter than one may be"),
				flow.With(flow.CodeVerifier, flow.Alphabetical(200)).As("with another code_verifier, which is longer than one may be"),
				flow.VerifierMade("with the code_challenge as code_verifier", jose.Hash),
				flow.VerifierMade("with a character behind the right code_verifier", func(right string) string { return right + "x" }),
				flow.VerifierMade("with the capital and small letters of the right code_verifier exchanged", inOtherCase))
			for _, other := range everywhere.InOtherWays(ctx, client) {
				RefusesToRedeemFrom(ctx, other.Client, func() *flow.Outcome { return other.Login(ctx) }, flow.With(flow.CodeVerifier, jose.Random(32)))
			}
		})

		It("is not redeemed with a verifier that is right up to a zero byte, or to white space", PKCEVerifier, func(ctx SpecContext) {
			landed := Needs(client.Login(ctx))
			// What a server makes of such a byte may be no answer at all: only to give tokens is wrong.
			cut := client.Exchange(ctx, landed, flow.VerifierMade("with a zero byte and more behind the right code_verifier", func(right string) string { return right + "\x00x" }))
			if Accepts(cut) {
				Expect(cut).To(BeRefused())
			}
			// Whoever trims what stands in forms takes nothing that anybody else could have sent.
			trimmed := client.Exchange(ctx, landed, flow.VerifierMade("with white space around the right code_verifier", func(right string) string { return " " + right + "\r\n" }))
			if Accepts(trimmed) {
				Warn("a code is redeemed with white space around the code_verifier, of which its challenge was not made")
				return
			}
			if proper := client.Exchange(ctx, landed); Accepts(proper) {
				client.LeaveOver(landed, proper)
				return
			}
			Needs(client.Obtain(ctx)) // the tries may have used the code up
		})

		It("that is bound to the key of DPoP proofs is not redeemed with another verifier, or with none", PKCEVerifier, func(ctx SpecContext) {
			bound := boundRequest(client)
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, bound) }, flow.With(flow.CodeVerifier, jose.Random(32)), flow.Without(flow.CodeVerifier))
		})

		It("is not redeemed without a verifier", PKCEVerifierRequired, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, flow.Without(flow.CodeVerifier), flow.With(flow.CodeVerifier, "").As("with an empty code_verifier"))
		})
	})
}

// inOtherCase is a text whose capital and small letters are exchanged.
func inOtherCase(text string) string {
	return strings.Map(func(letter rune) rune {
		if unicode.IsUpper(letter) {
			return unicode.ToLower(letter)
		}
		return unicode.ToUpper(letter)
	}, text)
}
