package assertion

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func besideSpecs(client *flow.Client) {
	everywhere.Refused(client, "a client assertion of another type, or of none", AssertionType, everywhere.Always(
		flow.With(flow.AssertionType, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
		flow.With(flow.AssertionType, "jwt-bearer"),
		flow.With(flow.AssertionType, flow.GrantJWTBearer).As("with the name of the grant type as client_assertion_type"),
		flow.With(flow.AssertionType, "").As("with an empty client_assertion_type"),
		flow.Without(flow.AssertionType)))

	everywhere.Refused(client, "a client assertion beside the client_id of another client", ClientIDMatches, func(client *flow.Client, _ string) []flow.Deviation {
		other, there := another(client)
		if !there {
			Unknown("the target file has no other client")
		}
		return []flow.Deviation{flow.With(flow.ClientID, other.ID).As("with the client_id of another client beside this one's assertion")}
	})

	It("a client assertion and a client secret in one request are not both taken", OneMethod, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		secret := client.Self().Secret.Reveal()
		if secret == "" {
			secret = jose.Random(24)
		}
		for _, method := range []string{"client_secret_basic", "client_secret_post"} {
			for _, with := range []struct{ says, value string }{{"a client secret", secret}, {"an empty client secret", ""}} {
				if with.value == "" && method == "client_secret_post" {
					continue // what is empty was not sent (RFC 6749 section 3.2)
				}
				both := client.Push(ctx, flow.SecretBeside("with the client assertion and "+with.says+" ("+method+")", flow.Secret{Method: method, Value: with.value}))
				if decision, _ := Decide(both); decision == wire.Accepted {
					Warn("a request is taken that authenticates by a client assertion and by %s (%s) at the same time", with.says, method)
					continue
				}
				Expect(both).To(BeRefused())
			}
		}
		Needs(client.Push(ctx))
	})
}

func typeSpecs(client *flow.Client) {
	It("a client assertion is taken whatever its typ says of the kind that it is of", TypeNotDemanded, func(ctx SpecContext) {
		Needs(client.Push(ctx)) // without typ
		for _, typ := range []string{"JWT", "client-authentication+jwt"} {
			typed := client.Push(ctx, flow.With(flow.AssertionHeader("typ"), typ))
			if decision, because := Decide(typed); decision == wire.Refused {
				Warn("a client assertion with typ %s is refused: %s", typ, because)
				continue
			}
			Expect(typed).To(BeAccepted())
		}
	})
}
