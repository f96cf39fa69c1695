package jar

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func besideSpecs(client *flow.Client) {
	Describe("what stands in the URL beside a request_uri", func() {
		Control("is not needed", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		opened := func(ctx SpecContext, asides []everywhere.Aside, pushed ...flow.Deviation) *flow.Outcome {
			var beside []flow.Deviation
			for _, aside := range asides {
				beside = append(beside, flow.With(flow.Parameter(aside.Name), aside.Value).As("with another "+aside.Name+" beside a good request_uri"))
			}
			return client.Authorize(ctx, Needs(client.Push(ctx, pushed...)), beside...)
		}
		It("replaces nothing of what was pushed", OnlyWhatWasPushed, func(ctx SpecContext) {
			asides := everywhere.Asides(client)
			var pushed []flow.Deviation
			if less, word := everywhere.LessScope(client.Target()); word != "" {
				pushed = append(pushed, flow.With(flow.Scope, less))
				asides = append(asides, everywhere.AsideOf("scope", client.Target().Scope))
			}
			everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome { return opened(ctx, asides, pushed...) })
		})
		It("adds nothing to what was pushed", OnlyWhatWasPushed, func(ctx SpecContext) {
			without, asides := []flow.Deviation{flow.Without(flow.State)}, []everywhere.Aside{everywhere.AsideOf("state", "")}
			if client.Target().OpenID() {
				without, asides = append(without, flow.Without(flow.Nonce)), append(asides, everywhere.AsideOf("nonce", ""))
			}
			everywhere.NothingBeside(ctx, client, asides, func(asides []everywhere.Aside) *flow.Outcome {
				if decision, _ := Decide(client.Push(ctx, without...)); decision == wire.Refused {
					NotApplicable("a request without state and nonce is refused, which is judged at FAPI2-SP-5.3.2.2-D1")
				}
				return opened(ctx, asides, without...)
			})
		})
	})
}
