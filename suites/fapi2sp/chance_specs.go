package fapi2sp

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/entropy"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// lastOfAll is a priority with which an experiment comes after the others, and finds what those were handed.
const lastOfAll = SpecPriority(-5)

// chanceSpecs look at what all experiments of this worker were handed, and ask for more only where that is too little: each costs a login.
func chanceSpecs(client *flow.Client) {
	for _, kind := range []struct{ name, says string }{{"request_uri", "request_uris"}, {"code", "codes"}, {"access_token", "access tokens"}, {"refresh_token", "refresh tokens"}} {
		It("one of the "+kind.says+" can't be guessed from others", Unguessable, lastOfAll, func(ctx SpecContext) {
			if kind.name == "refresh_token" {
				everywhere.NeedsOffer(client, requirement.RefreshToken)
			}
			for range entropy.Enough {
				known := client.Samples(kind.name)
				if len(known) >= entropy.Enough || len(known) > 0 && (jose.Header(known[0]) != nil || jose.Encrypted(known[0])) {
					break
				}
				if kind.name == "request_uri" {
					Needs(client.Push(ctx))
					continue
				}
				Needs(client.Obtain(ctx))
			}
			everywhere.Unguessable("the "+kind.says, client.Samples(kind.name))
		})
	}
}
