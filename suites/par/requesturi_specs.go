package par

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// afterExpiry is when an expired request_uri is opened: clocks may differ by that much.
const afterExpiry = 5 * time.Second

func requestURISpecs(client *flow.Client) {
	Describe("a request_uri", func() {
		Control("leads to a code when it is fresh", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		AgedBy(Age[[]ageing]{
			Of: func(all []ageing) time.Duration {
				longest := time.Duration(0)
				for _, one := range all {
					longest = max(longest, lives(one.pushed))
				}
				return longest + afterExpiry
			},
			About: 95 * time.Second,
			Says:  "as long as a request_uri lives and 5 seconds more",
		},
			"is refused when it has expired", RequestURIExpires,
			func(ctx SpecContext) []ageing {
				all := []ageing{{client, needsLife(client.Push(ctx)), "5 seconds after the request_uri expired"}}
				for _, other := range everywhere.InOtherWays(ctx, client) {
					all = append(all, ageing{other.Client, needsLife(other.Push(ctx)), "5 seconds after the request_uri expired, which client " + other.ID() + " has in another way"})
				}
				return all
			},
			func(ctx context.Context, all []ageing) []*flow.Outcome {
				var late []*flow.Outcome
				for _, one := range all {
					late = append(late, one.client.Authorize(ctx, one.pushed, flow.Words(one.says)), one.client.Authorize(ctx, one.pushed, flow.ByPost().As("by POST, "+one.says)))
				}
				return late
			},
			func(_ SpecContext, late []*flow.Outcome) {
				for i, opened := range late {
					if posted := i%2 == 1; posted && !Accepts(opened) {
						continue // who takes no forms has refused it as well, whatever that looks like
					}
					Expect(opened).To(BeRefused())
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
				return needsLife(client.Push(ctx))
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

// ageing is a pushed request that waits to become old.
type ageing struct {
	client *flow.Client
	pushed *flow.Outcome
	says   string // when and how it is opened
}

// needsLife is a pushed request of which the answer says how long it lives; others end the spec.
func needsLife(pushed *flow.Outcome) *flow.Outcome {
	if seconds, whole := Needs(pushed).ExpiresIn(); !whole || seconds < 1 {
		Unknown("the pushed authorization response does not say in whole seconds how long the request_uri lives")
	}
	return pushed
}

// lives is for how long a request_uri is good, as the answer says that has it.
func lives(pushed *flow.Outcome) time.Duration {
	seconds, _ := pushed.ExpiresIn()
	return time.Duration(seconds) * time.Second
}
