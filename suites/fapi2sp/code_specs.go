package fapi2sp

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

func codeSpecs(client *flow.Client) {
	Describe("an authorization code", func() {
		Control("is redeemed when it is fresh", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		Aged(62*time.Second, "is refused when it is 62 seconds old", CodeLifetime,
			func(ctx SpecContext) *flow.Outcome { return Needs(client.Login(ctx)) },
			func(ctx context.Context, landed *flow.Outcome) *flow.Outcome {
				return client.Exchange(ctx, landed, flow.Words("62 seconds after the code was issued"))
			},
			func(_ SpecContext, late *flow.Outcome) { Expect(late).To(BeRefused()) })

		Aged(time.Second, "is refused when it was redeemed before", CodeOnce,
			func(ctx SpecContext) *flow.Outcome {
				landed := Needs(client.Login(ctx))
				Needs(client.Exchange(ctx, landed))
				return landed
			},
			func(ctx context.Context, landed *flow.Outcome) *flow.Outcome {
				return client.Exchange(ctx, landed, flow.Words("a second time"))
			},
			func(_ SpecContext, again *flow.Outcome) { Expect(again).To(BeRefused()) })

		It("is redeemed only once by ten requests at the same moment", CodeOnceAtOnce, func(ctx SpecContext) {
			successes := 0
			var void *flow.Outcome
			for _, outcome := range client.Race(ctx, Needs(client.Login(ctx)), 10) {
				switch decision, _ := Decide(outcome); decision {
				case wire.Accepted:
					successes++
				case wire.Refused:
				case wire.Undecided, wire.Confused:
					void = outcome
				}
			}
			switch {
			case successes > 1:
				// Two are too many, whatever became of the others.
				Broken("%d of ten redemptions of one code succeeded", successes)
			case void != nil:
				_, because := Decide(void)
				LeaveUndecided(void.Exchange, because)
				Unknown("one of the ten requests was neither accepted nor refused: %s", because)
			case successes == 0:
				Note("none of the ten requests succeeded")
			}
		})
	})
}
