package par

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
)

// afterExpiry is when an expired request_uri is opened: clocks may differ by that much.
const afterExpiry = 5 * time.Second

func requestURISpecs(client *flow.Client) {
	Describe("a request_uri", func() {
		Control("leads to a code when it is fresh", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		AgedBy(Age[*flow.Outcome]{
			Of:    func(pushed *flow.Outcome) time.Duration { return lives(pushed) + afterExpiry },
			About: 95 * time.Second,
			Says:  "as long as a request_uri lives and 5 seconds more",
		},
			"is refused when it has expired", RequestURIExpires,
			func(ctx SpecContext) *flow.Outcome {
				pushed := Needs(client.Push(ctx))
				if seconds, whole := pushed.ExpiresIn(); !whole || seconds < 1 {
					Unknown("the pushed authorization response does not say in whole seconds how long the request_uri lives")
				}
				return pushed
			},
			func(ctx context.Context, pushed *flow.Outcome) []*flow.Outcome {
				late := []*flow.Outcome{client.Authorize(ctx, pushed, flow.Words("5 seconds after the request_uri expired"))}
				return append(late, client.Authorize(ctx, pushed, flow.ByPost().As("by POST, 5 seconds after the request_uri expired")))
			},
			func(_ SpecContext, late []*flow.Outcome) {
				Expect(late[0]).To(BeRefused())
				if Accepts(late[1]) { // who takes no forms has refused it as well, whatever that looks like
					Expect(late[1]).To(BeRefused())
				}
			})

		// Who prolongs its life whenever it is looked up keeps it for as long as somebody opens the page now and then.
		AgedBy(Age[*flow.Outcome]{
			Of:    func(pushed *flow.Outcome) time.Duration { return lives(pushed) * 3 / 4 },
			Most:  func(pushed *flow.Outcome) time.Duration { return lives(pushed) + afterExpiry },
			About: 70 * time.Second,
			Says:  "as long as a request_uri lives and 5 seconds more",
		},
			"is refused when it has expired, although its page was opened before that", RequestURIExpires,
			func(ctx SpecContext) *flow.Outcome {
				pushed := Needs(client.Push(ctx))
				if seconds, whole := pushed.ExpiresIn(); !whole || seconds < 1 {
					Unknown("the pushed authorization response does not say in whole seconds how long the request_uri lives")
				}
				return pushed
			},
			func(ctx context.Context, pushed *flow.Outcome) *flow.Outcome {
				client.AskBare(ctx, pushed)
				if !WaitOn(ctx, lives(pushed)+afterExpiry) {
					return nil
				}
				return client.Authorize(ctx, pushed, flow.Words("5 seconds after the request_uri expired, whose page was opened without a login before that"))
			},
			func(_ SpecContext, late *flow.Outcome) {
				if late == nil {
					LeaveToAttestation("a request_uri lives longer than waits.longest")
				}
				Expect(late).To(BeRefused())
			})
	})
}

// lives is for how long a request_uri is good, as the answer says that has it.
func lives(pushed *flow.Outcome) time.Duration {
	seconds, _ := pushed.ExpiresIn()
	return time.Duration(seconds) * time.Second
}
