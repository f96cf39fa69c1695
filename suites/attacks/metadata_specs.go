package attacks

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
)

func metadataSpecs(client *flow.Client) {
	Describe("the metadata", func() {
		It("say that PKCE is supported, with S256", PKCEAnnounced, SendsNothing, func(SpecContext) {
			announced := client.Target().Metadata.List("code_challenge_methods_supported")
			switch {
			case len(announced) == 0:
				Broken("the metadata lack code_challenge_methods_supported")
			case !slices.Contains(announced, "S256"):
				Broken("code_challenge_methods_supported lacks S256")
			case slices.Contains(announced, "plain"):
				Note("code_challenge_methods_supported has plain beside S256: whether it is taken is judged at FAPI2-SP-5.3.2.2-5b")
			}
		})
	})
}
