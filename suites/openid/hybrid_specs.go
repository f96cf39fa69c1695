package openid

import (
	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// hybridSpecs are about the id_token that comes beside a code.
func hybridSpecs(client *flow.Client) {
	It("the id_token beside the code names the same issuer and user as that of the token response", SameUser, func(ctx SpecContext) {
		everywhere.AsEach(client, func(client *flow.Client) {
			landed := Needs(client.Login(ctx))
			tokens := Needs(client.Exchange(ctx, landed))
			front := landed.Params().Get("id_token")
			if front == "" || tokens.IDToken() == "" {
				NotApplicable("there is no id_token in one of the responses")
			}
			one, other := jose.Claims(everywhere.Opened(client, front)), jose.Claims(everywhere.Opened(client, tokens.IDToken()))
			if one == nil || other == nil {
				NotApplicable("an id_token is no JWT that can be read")
			}
			for _, name := range []string{"iss", "sub"} {
				before, _ := one[name].(string)
				if after, _ := other[name].(string); before != after {
					Broken("%s is %q beside the code, and %q in the token response", name, wire.Printable(before), wire.Printable(after))
				}
			}
		})
	})
}
