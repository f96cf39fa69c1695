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
			// What a refresh has made of it was issued on the strength of the code too. The refresh may have ended the first token.
			fresh := grant
			if grant.RefreshToken() != "" {
				if refreshed := client.Refresh(ctx, grant); Accepts(refreshed) && Accepts(client.Call(ctx, refreshed)) {
					fresh = refreshed
				}
			}
			again := client.Exchange(ctx, landed, flow.Words("a second time"))
			if decision, because := Decide(again); decision == wire.Accepted {
				NotApplicable("the code is redeemed a second time, which is judged at FAPI2-SP-5.3.2.2-9: %s", because)
			}
			Expect(again).To(BeRefused())
			tokens := []*flow.Outcome{grant}
			if fresh != grant {
				tokens = append(tokens, fresh)
			}
			waited := false
			for _, token := range tokens {
				when := "after its code had come a second time"
				answer := client.Call(ctx, token, flow.Words(when))
				if decision, _ := Decide(answer); decision == wire.Accepted && !waited {
					// The news may take a moment from the authorization server to the resource server.
					propagation := client.Target().Propagation
					if client.Wait(ctx, propagation, ReplayRevokes.ID) != nil {
						Unknown("interrupted while waiting")
					}
					waited = true
					answer = client.Call(ctx, token, flow.Words(fmt.Sprintf("%s after its code had come a second time", propagation)))
				}
				Expect(answer).To(BeRefused())
			}
			if newest := flow.Newest(grant, fresh); newest.RefreshToken() != "" {
				Expect(client.Refresh(ctx, newest, flow.Words("after its code had come a second time"))).To(BeRefused())
			}
		})
	})
}
