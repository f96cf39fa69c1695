package dpop

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func codeBindingSpecs(client *flow.Client) {
	Describe("an authorization code", func() {
		It("that was asked for with dpop_jkt is not redeemed with another key", CodeBoundByThumbprint, func(ctx SpecContext) {
			bound := flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()).As("with dpop_jkt of the client's own key")
			if client.Target().Required(target.RequiresDPoPJKT) {
				bound = flow.Words(bound.String()) // as every one here
			}
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, bound) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})

		It("that was asked for with dpop_jkt and without openid is not redeemed with another key", CodeBoundByThumbprint, func(ctx SpecContext) {
			words := slices.DeleteFunc(strings.Fields(client.Target().Scope), func(word string) bool { return word == "openid" })
			if !client.Target().OpenID() || len(words) == 0 {
				NotApplicable("the scope of the target file has not both openid and something beside it")
			}
			plain := flow.All("with dpop_jkt of the client's own key, without openid", flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()), flow.With(flow.Scope, strings.Join(words, " ")), flow.Without(flow.Nonce))
			if decision, because := Decide(client.Push(ctx, plain)); decision == wire.Refused {
				NotApplicable("requests without openid are refused: %s", because)
			}
			if decision, because := Decide(client.LandingOf(ctx, strings.Join(words, " "))); decision == wire.Refused {
				NotApplicable("requests without openid are refused: %s", because)
			}
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, plain) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})

		It("that was asked for with dpop_jkt in a request object is not redeemed with another key", CodeBoundByThumbprint, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.JAR)
			everywhere.NeedsSigning(client)
			if client.Shape().Signed {
				NotApplicable("every request is in a request object here")
			}
			signed := everywhere.NeedsSignedRequest(ctx, client)
			bound := flow.All("in a request object, with dpop_jkt of the client's own key", flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()), signed)
			if decision, because := Decide(client.Push(ctx, bound)); decision == wire.Refused {
				NotApplicable("dpop_jkt is not taken in a request object, and so no code is had that way: %s", because)
			}
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, bound) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})

		// What is no thumbprint is that of no key: who takes it has bound the code to a key that nobody has.
		It("that was asked for with a dpop_jkt that is no thumbprint is not redeemed", CodeBoundByThumbprint, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			own := client.ProofKey().Thumbprint()
			for _, odd := range []flow.Deviation{
				flow.With(flow.DPoPKeyThumbprint, "fapitest"),
				flow.With(flow.DPoPKeyThumbprint, own[:len(own)/2]).As("with half the thumbprint of the client's own key as dpop_jkt"),
			} {
				if decision, _ := Decide(client.Push(ctx, odd)); decision != wire.Accepted {
					continue
				}
				landed := client.Login(ctx, odd)
				if decision, _ := Decide(landed); decision == wire.Accepted {
					Expect(client.Exchange(ctx, landed)).To(BeRefused())
				}
			}
			Needs(client.Push(ctx))
		})

		It("that was asked for with a proof is not redeemed with another key", CodeBoundByProof, func(ctx SpecContext) {
			bound := flow.With(flow.Proof, client.ProofKey()).As("with a DPoP proof")
			if client.Target().Required(target.RequiresDPoPAtPAR) {
				bound = flow.Words("with a DPoP proof") // as every one here
			}
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, bound) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})
		It("that was asked for with a proof, in another way than usual, is not redeemed with another key", CodeBoundByProof, func(ctx SpecContext) {
			bound := flow.With(flow.Proof, client.ProofKey()).As("with a DPoP proof")
			if client.Target().Required(target.RequiresDPoPAtPAR) {
				bound = flow.Words("with a DPoP proof") // as every one here
			}
			unusual, there := unusualRequest(ctx, client, bound)
			if !there {
				NotApplicable("no request is taken in a request object, nor one without openid")
			}
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, unusual) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})
		// Who has two places to look at may be content with either, or with neither.
		It("that was asked for with dpop_jkt and a proof is not redeemed with another key", CodeBoundByThumbprint, func(ctx SpecContext) {
			var ways []flow.Deviation
			if !client.Target().Required(target.RequiresDPoPJKT) {
				ways = append(ways, flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()))
			}
			if !client.Target().Required(target.RequiresDPoPAtPAR) {
				ways = append(ways, flow.With(flow.Proof, client.ProofKey()))
			}
			if len(ways) == 0 {
				NotApplicable("every request has both here")
			}
			both := flow.All("with dpop_jkt and a DPoP proof by the client's own key", ways...)
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, both) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})
	})
}

// unusualRequest is a request in all ways at once in which the client's are not made otherwise, as far as the target takes them: in a request object, and without openid. Who forgets
// something in one of them shows it, and that spares journeys. There is false where none is taken.
func unusualRequest(ctx SpecContext, client *flow.Client, bound flow.Deviation) (request flow.Deviation, there bool) {
	var ways []flow.Deviation
	if client.Target().Offered(string(requirement.JAR)) && client.Self().Key != nil && !client.Shape().Signed {
		ways = append(ways, everywhere.Signing(client))
	}
	everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) { ways = append(ways, plain) })
	tries := [][]flow.Deviation{ways}
	if len(ways) > 1 {
		tries = append(tries, ways[:1], ways[1:])
	}
	for _, try := range tries {
		if len(try) == 0 {
			break
		}
		words := bound.String()
		for _, way := range try {
			words += ", " + way.String()
		}
		request = flow.All(words, append([]flow.Deviation{bound}, try...)...)
		if Accepts(client.Push(ctx, request)) {
			return request, true
		}
	}
	return request, false
}
