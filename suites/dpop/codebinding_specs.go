package dpop

import (
	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
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

		It("that was asked for with a proof is not redeemed with another key", CodeBoundByProof, func(ctx SpecContext) {
			bound := flow.With(flow.Proof, client.ProofKey()).As("with a DPoP proof")
			if client.Target().Required(target.RequiresDPoPAtPAR) {
				bound = flow.Words("with a DPoP proof") // as every one here
			}
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, bound) },
				flow.With(flow.ProofKey, client.NewProofKey()))
		})
	})
}
