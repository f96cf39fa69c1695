package attacks

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

func codeSpecs(client *flow.Client) {
	Describe("an authorization code that comes a second time", func() {
		It("ends the tokens that it gave", ReplayRevokes, func(ctx SpecContext) {
			landed := Needs(client.Login(ctx))
			grant := Needs(client.Exchange(ctx, landed))
			Needs(client.Call(ctx, grant))
			again := client.Exchange(ctx, landed, flow.Words("a second time"))
			if decision, because := Decide(again); decision == wire.Accepted {
				NotApplicable("the code is redeemed a second time, which is judged at FAPI2-SP-5.3.2.2-9: %s", because)
			}
			Expect(again).To(BeRefused())
			answer := client.Call(ctx, grant, flow.Words("after its code had come a second time"))
			if decision, _ := Decide(answer); decision == wire.Accepted {
				// The news may take a moment from the authorization server to the resource server.
				propagation := client.Target().Propagation
				if client.Wait(ctx, propagation, ReplayRevokes.ID) != nil {
					Unknown("interrupted while waiting")
				}
				answer = client.Call(ctx, grant, flow.Words(fmt.Sprintf("%s after its code had come a second time", propagation)))
			}
			Expect(answer).To(BeRefused())
			if grant.RefreshToken() != "" {
				Expect(client.Refresh(ctx, grant, flow.Words("after its code had come a second time"))).To(BeRefused())
			}
		})
	})
}
