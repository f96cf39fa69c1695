package oauth2

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func stateSpecs(client *flow.Client) {
	Describe("the authorization response", func() {
		Control("carries a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		comesBack := func(landed *flow.Outcome) {
			if codes := landed.Params()["code"]; len(codes) > 1 {
				Broken("code stands %d times in the response", len(codes))
			}
			if states := landed.Params()["state"]; len(states) != 1 {
				Broken("state stands %d times in the response", len(states))
			}
			if landed.Params().Get("state") != landed.State() {
				Broken("the state came back altered")
			}
		}
		It("carries the state as it was sent", StateUnchanged, func(ctx SpecContext) {
			comesBack(Needs(client.Landing(ctx)))
			everywhere.Plainly(ctx, client, func(_ flow.Deviation, landed *flow.Outcome) { comesBack(landed) })
		})
		for _, kind := range []struct{ words, beginning, end string }{
			{"the letters of base64", "a+b/c", "=="},
			{"signs that forms and pages escape", `a%2Bb%20c d&e"f'<g>#`, ";~"},
			{"signs by which queries, lists and templates are taken apart, and spaces around it", ` a?b,c|d\e{f}`, " "},
		} {
			It("carries a state with "+kind.words+" as it was sent", StateUnchanged, func(ctx SpecContext) {
				landed := client.Login(ctx, flow.With(flow.State, kind.beginning+jose.Random(12)+kind.end).As("with a state that has "+kind.words))
				if decision, because := Decide(landed); decision == wire.Refused {
					// Every character of printable ASCII may stand in it (RFC 6749 appendix A.5), and nothing says that a server has to take each.
					Warn("a state with %s is not accepted: %s", kind.words, because)
					return
				}
				Expect(landed).To(BeAccepted())
				comesBack(landed)
			})
		}
		It("carries a state of 1100 characters as it was sent, where it takes one", StateUnchanged, func(ctx SpecContext) {
			landed := client.Login(ctx, flow.Long(flow.State, 1100))
			if decision, because := Decide(landed); decision == wire.Refused {
				NotApplicable("a state of 1100 characters is not accepted, which is judged at FAPI2-SP-5.3.2.2-N4: %s", because)
			}
			Expect(landed).To(BeAccepted())
			comesBack(landed)
		})
	})
}
