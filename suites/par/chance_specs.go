package par

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/entropy"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func chanceSpecs(client *flow.Client) {
	It("a request_uri can't be guessed from others", RequestURIRandom, func(ctx SpecContext) {
		var samples []string
		for range entropy.Enough {
			samples = append(samples, Needs(client.Push(ctx)).RequestURI())
		}
		everywhere.Unguessable("request_uris", samples)
	})
}
