package openid

import (
	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// hybridSpecs are about the id_token that comes beside a code. All that holds of the other one holds of it (OpenID Connect Core section 3.3.2.11).
func hybridSpecs(client *flow.Client) {
	each := func(ctx SpecContext, look func(client *flow.Client, token identity)) {
		GinkgoHelper()
		if !client.Target().Hybrid() {
			NotApplicable("the target file does not say response_type: %s", target.CodeIDToken)
		}
		everywhere.AsEach(client, func(client *flow.Client) { look(client, frontIdentity(client, Needs(client.Landing(ctx)))) })
	}
	Describe("the id_token beside the code", func() {
		It("has iss, sub, aud, exp and iat", ClaimsThere, func(ctx SpecContext) {
			each(ctx, func(_ *flow.Client, token identity) {
				for _, name := range []string{"iss", "sub"} {
					if token.text(name) == "" {
						Broken("%s is missing, or no text", name)
					}
				}
				if _, ok := token.audience(); !ok {
					Broken("aud is missing, or neither a text nor an array of texts")
				}
				for _, name := range []string{"exp", "iat"} {
					if _, isNumber := token.claims[name].(float64); !isNumber {
						Broken("%s is missing, or no number", name)
					}
				}
			})
		})
		It("returns the nonce", NonceReturned, func(ctx SpecContext) {
			each(ctx, func(_ *flow.Client, token identity) {
				switch nonce, there := token.claims["nonce"]; {
				case !there:
					Broken("it has no nonce, and the request had one")
				case nonce != token.with.SentNonce():
					Broken("its nonce is another one than was sent")
				}
			})
		})
		It("is for the client, by the issuer and of now", PassesChecks, func(ctx SpecContext) {
			each(ctx, func(client *flow.Client, token identity) {
				if iss := token.text("iss"); iss != client.Issuer() {
					Broken("iss is %s, and not the issuer", wire.Printable(iss))
				}
				isForClient(client, token)
				isOfNow(token)
			})
		})
	})

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

// frontIdentity is the id_token beside the code of an authorization response.
func frontIdentity(client *flow.Client, landed *flow.Outcome) identity {
	token := landed.Params().Get("id_token")
	if token == "" {
		NotApplicable("the authorization response has no id_token, which is judged elsewhere")
	}
	read := identity{signed: everywhere.Opened(client, token), with: landed, came: landed.Arrived.Add(client.Now().Sub(client.Clock().Now()))}
	if read.claims = jose.Claims(read.signed); read.claims == nil {
		NotApplicable("the id_token beside the code is no JWT that can be read, which is judged elsewhere")
	}
	return read
}
