package fapi2sp

import (
	"slices"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func algorithmSpecs(client *flow.Client) {
	everywhere.Refused(client, "a client assertion by an algorithm that the profile does not have", AssertionAlgorithms, func(client *flow.Client, _ string) []flow.Deviation {
		if !slices.ContainsFunc(client.Target().Clients, func(other *target.Client) bool { return other.Key != nil && other.Key.Algorithm == jose.PS256 }) {
			Unknown("no client of the target file has an RSA key, and the others' keys can do no algorithm that the profile does not have: register one with a key for PS256, " +
				"or whether assertions by RS256 are taken is not seen")
		}
		if client.Self().Key.Algorithm != jose.PS256 {
			return nil // its key can do no other algorithm
		}
		var wrong []flow.Deviation
		for _, algorithm := range []string{"RS256", "RS384", "RS512", "PS384", "PS512"} {
			wrong = append(wrong, flow.With(flow.AssertionAlgorithm, algorithm))
		}
		return wrong
	})

	var unsigned []flow.Deviation
	for _, none := range []string{"none", "None", "NONE", "nONE"} {
		unsigned = append(unsigned, flow.With(flow.AssertionAlgorithm, none))
	}
	unsigned = append(unsigned, flow.AssertionMade("with alg none in the client assertion's header, and its signature still there", func(compact string) string {
		return jose.WithHeader(compact, "alg", "none")
	}))
	everywhere.Refused(client, "a client assertion that nobody signed", UnsignedAssertions, everywhere.Always(unsigned...))

	proofAlgorithmSpecs(client)
	shortKeySpecs(client)
	requestObjectSpecs(client)
}
