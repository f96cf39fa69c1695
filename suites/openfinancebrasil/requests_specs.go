package openfinancebrasil

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func requestSpecs(client *flow.Client) {
	It("requests are encrypted where they come by value, or have to be pushed", HiddenOrPushed, func(SpecContext) {
		metadata := client.Target().Metadata
		if metadata.Values["require_pushed_authorization_requests"] == true {
			return
		}
		for _, list := range []struct{ name, value string }{
			{"request_object_encryption_alg_values_supported", "RSA-OAEP"}, {"request_object_encryption_enc_values_supported", "A256GCM"},
		} {
			if !slices.Contains(metadata.List(list.name), list.value) {
				Broken("require_pushed_authorization_requests is not true, and %s lacks %s: requests may come readable through the browser", list.name, list.value)
			}
		}
	})
	It("a request with id_token_hint is refused", HintRefused, func(ctx SpecContext) {
		everywhere.AsEach(client, func(client *flow.Client) {
			hint := Needs(client.Grant(ctx)).IDToken()
			if hint == "" {
				NotApplicable("the token response has no id_token that could be shown as a hint")
			}
			Needs(client.Push(ctx))
			Expect(client.Login(ctx, flow.With(flow.Parameter("id_token_hint"), hint).As("with the client's own id_token as id_token_hint"))).To(BeRefused())
			Needs(client.Push(ctx))
		})
	})
	It("a request_uri is announced for a minute or more", RequestURILives, func(ctx SpecContext) {
		if client.Target().TakesByValue() {
			NotApplicable("requests are not pushed here")
		}
		pushed := Needs(client.Push(ctx))
		seconds, ok := pushed.ExpiresIn()
		if !ok {
			Unknown("expires_in of the pushed request is no whole number")
		}
		Keeps(client, profile.RequestURILife, duration(seconds), "expires_in of the pushed request is %d", seconds)
	})

	Describe("PS256 is the only algorithm", func() {
		It("that the metadata list", PS256Alone, func(SpecContext) {
			metadata := client.Target().Metadata
			for _, name := range []string{
				"token_endpoint_auth_signing_alg_values_supported", "request_object_signing_alg_values_supported", "id_token_signing_alg_values_supported",
			} {
				if list := metadata.List(name); slices.ContainsFunc(list, func(algorithm string) bool { return algorithm != jose.PS256 }) {
					Broken("%s lists %s", name, wire.Printable(strings.Join(list, ", ")))
				}
			}
		})
		It("by which id_tokens are signed", PS256Alone, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			all := everywhere.IDTokens(ctx, client)
			if front := landed.Params().Get("id_token"); front != "" {
				all = append(all, everywhere.IDToken{When: ", beside the code", Compact: everywhere.Opened(client, front), With: landed})
			}
			for _, one := range all {
				if algorithm, _ := jose.Header(one.Compact)["alg"].(string); algorithm != jose.PS256 {
					Broken("the id_token%s is signed by %q", one.When, wire.Printable(algorithm))
				}
			}
		})
		It("by which request objects are taken", PS256Alone, func(ctx SpecContext) {
			other := otherAlgorithm(client)
			Needs(client.Push(ctx))
			Expect(client.Login(ctx, flow.With(flow.RequestObjectAlgorithm, other))).To(BeRefused())
			Needs(client.Push(ctx))
		})
		It("by which client assertions are taken", PS256Alone, func(ctx SpecContext) {
			if client.Self().Auth != target.PrivateKeyJWT {
				NotApplicable("client %s authenticates without an assertion", client.ID())
			}
			other := otherAlgorithm(client)
			Needs(client.Push(ctx))
			Expect(client.Push(ctx, flow.With(flow.AssertionAlgorithm, other))).To(BeRefused())
			Expect(client.ForItself(ctx, flow.GrantClientCredentials, flow.With(flow.AssertionAlgorithm, other))).To(BeRefused())
			Needs(client.Push(ctx))
		})
	})
}

// otherAlgorithm is another one that the client's key can do.
func otherAlgorithm(client *flow.Client) string {
	switch {
	case client.Self().Key == nil:
		NotApplicable("client %s has no key", client.ID())
	case client.Self().Key.Algorithm != jose.PS256:
		NotApplicable("the key of client %s is no RSA key, as it has to be", client.ID())
	}
	return "RS256"
}
