package expect

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// Served is somewhere that serves who shows an access token.
type Served func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome

// Tries are the deviations to try with a grant. What is to be tried may depend on its tokens.
type Tries func(grant *flow.Outcome) []flow.Deviation

// Try tries the same with every grant.
func Try(deviations ...flow.Deviation) Tries {
	return func(*flow.Outcome) []flow.Deviation { return deviations }
}

// NeedsService is a grant that experiments share, of which a proper request has just shown that its token is good there. Where none can be
// had the spec is Blocked.
func NeedsService(ctx ginkgo.SpecContext, client *flow.Client, at Served) *flow.Outcome {
	grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return at(Needs(grant)) })
	Needs(answer)
	return grant
}

// RefusesToServe makes each try between two proper requests with the same token: the one before shows that nothing else is wrong with them,
// the one after that nobody was refused for what came before. Other experiments may end the token in between, and then all is done
// again with another; where the last request is refused each time, the target may withdraw a token that was misused, and each try gets a
// token of its own, beside one with which nothing is tried.
func RefusesToServe(ctx ginkgo.SpecContext, client *flow.Client, at Served, tries Tries) {
	refusesToServe(ctx, client, at, tries, noExcuse)
}

// RefusesToServeUnless is RefusesToServe, except that an acceptance with an excuse ends the spec as Blocked: something else is at fault.
func RefusesToServeUnless(ctx ginkgo.SpecContext, client *flow.Client, at Served, excuse Excuse, tries Tries) {
	refusesToServe(ctx, client, at, tries, excuse)
}

func refusesToServe(ctx ginkgo.SpecContext, client *flow.Client, at Served, tries Tries, excuse Excuse) {
	const rounds = 3
	for round := 1; ; round++ {
		grant := NeedsService(ctx, client, at)
		for _, deviation := range tries(grant) {
			answer := at(grant, deviation)
			if decision, _ := Decide(answer); decision == wire.Accepted {
				if words := excuse(grant); words != "" {
					Unknown("%s", words)
				}
			}
			gomega.ExpectWithOffset(2, answer).To(BeRefused())
		}
		last := at(grant)
		if decision, _ := Decide(last); decision != wire.Refused {
			Needs(last)
			return
		}
		if round == rounds {
			break
		}
	}
	for i := 0; ; i++ {
		grant := Needs(client.Obtain(ctx))
		deviations := tries(grant)
		if i == len(deviations) {
			return
		}
		Needs(at(grant))
		gomega.ExpectWithOffset(2, at(grant, deviations[i])).To(BeRefused())
		Needs(at(Needs(client.Obtain(ctx))))
	}
}
