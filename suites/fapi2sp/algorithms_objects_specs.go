package fapi2sp

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// requestObjectSpecs are about how request objects are signed, and when, as they are pushed.
func requestObjectSpecs(client *flow.Client) {
	It("a request object by an algorithm that the profile does not have is refused", RequestObjectAlgorithms, func(ctx SpecContext) {
		if !slices.ContainsFunc(client.Target().Clients, func(other *target.Client) bool { return other.Key != nil && other.Key.Algorithm == jose.PS256 }) {
			Unknown("no client of the target file has an RSA key, and the others' keys can do no algorithm that the profile does not have: register one with a key for PS256, " +
				"or whether request objects by RS256 are taken is not seen")
		}
		everywhere.NeedsSigning(client)
		if client.Self().Key.Algorithm != jose.PS256 {
			NotApplicable("the key of client %s can do no other algorithm", client.ID())
		}
		var wrong []flow.Deviation
		for _, algorithm := range rsaAlgorithms {
			wrong = append(wrong, flow.With(flow.RequestObjectAlgorithm, algorithm))
		}
		everywhere.RefusesObjects(ctx, client, func(client *flow.Client) bool { return client.Self().Key.Algorithm == jose.PS256 }, wrong...)
	})
	It("a request object that nobody signed is refused", UnsignedRequestObjects, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		var unsigned []flow.Deviation
		for _, none := range []string{"none", "None", "NONE", "nONE"} {
			unsigned = append(unsigned, flow.With(flow.RequestObjectAlgorithm, none))
		}
		everywhere.RefusesObjects(ctx, client, everywhere.EveryKey, append(unsigned, flow.RequestObjectMade("with alg none in the request object's header, and its signature still there", func(compact string) string {
			return jose.WithHeader(compact, "alg", "none")
		}))...)
	})
	Describe("a request object made by a clock that is 8 seconds fast", func() {
		for _, claim := range []string{"iat", "nbf"} {
			It("is accepted, "+claim, RequestObjectAhead, func(ctx SpecContext) {
				signed := everywhere.NeedsSignedRequest(ctx, client)
				Expect(client.Push(ctx, signed, flow.With(flow.RequestObjectClaim(claim), flow.Ahead(8*time.Second)))).To(BeAccepted())
			})
		}
	})
	It("a request object from far ahead is refused", RequestObjectFarAhead, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		var ahead []flow.Deviation
		for _, claim := range []string{"iat", "nbf"} {
			// The lifetime stays as it is, and what has expired before it was made is refused for the one reason or the other: for who takes no longer ones.
			for _, lies := range []time.Duration{65 * time.Second, 90 * time.Second, 10 * time.Minute} {
				ahead = append(ahead, flow.All("with "+claim+" "+lies.String()+" ahead in the request object, and exp after that",
					flow.With(flow.RequestObjectClaim(claim), flow.Ahead(lies)), flow.With(flow.RequestObjectClaim("exp"), flow.Ahead(lies+time.Minute))))
			}
		}
		everywhere.RefusesObjects(ctx, client, everywhere.EveryKey, ahead...)
	})
}
