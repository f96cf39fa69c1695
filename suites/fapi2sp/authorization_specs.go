package fapi2sp

import (
	"net/url"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

func authorizationSpecs(client *flow.Client) {
	Describe("the response type code", func() {
		It("leads to a code", ResponseTypeCode, func(ctx SpecContext) {
			landed := client.Landing(ctx)
			Expect(landed).To(BeAccepted())
			Expect(landed.Code()).NotTo(BeEmpty(), "the response has no code")
		})
	})

	Describe("the authorization endpoint", func() {
		Control("answers a pushed request with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		for _, responseType := range []string{"token", "id_token", "code id_token", "code token", "none"} {
			It("refuses response_type="+responseType, OtherResponseTypes, func(ctx SpecContext) {
				Expect(client.Login(ctx, flow.With(flow.ResponseType, responseType))).To(BeRefused())
			})
		}
		It("refuses a request without response_type", OtherResponseTypes, func(ctx SpecContext) {
			Expect(client.Login(ctx, flow.Without(flow.ResponseType))).To(BeRefused())
		})

		It("refuses a request that was not pushed", PushedOnly, func(ctx SpecContext) {
			Expect(client.AuthorizeUnpushed(ctx, flow.Words("with the whole request in the URL instead of pushed"))).To(BeRefused())
		})

		It("refuses a signed request object in the URL", NoRequestByValue, func(ctx SpecContext) {
			_, params := client.RequestObject()
			if params == nil {
				NotApplicable("client %s has no signing key", client.ID())
			}
			Expect(client.AuthorizeWith(ctx, "with a signed request object by value instead of pushed", params)).To(BeRefused())
		})

		It("refuses a request_uri that was never issued", NoForeignRequestURI, func(ctx SpecContext) {
			Expect(client.AuthorizeWith(ctx, "with a made-up request_uri", url.Values{
				"client_id": {client.ID()}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
			})).To(BeRefused())
		})
		It("refuses a request_uri that leads to a request object elsewhere", NoForeignRequestURI, func(ctx SpecContext) {
			object, _ := client.RequestObject()
			if object == "" {
				NotApplicable("client %s has no signing key", client.ID())
			}
			if !onLoopback(client.Issuer()) {
				NotApplicable("the target is not on loopback and so can't reach a request object of ours: a refusal would prove nothing")
			}
			hosted, err := flow.Host(object)
			if err != nil {
				Unknown("no request object could be served: %s", err)
			}
			defer hosted.Close()
			Expect(client.AuthorizeWith(ctx, "with a request_uri that leads to a signed request object of ours", url.Values{
				"client_id": {client.ID()}, "request_uri": {hosted.URL},
			})).To(BeRefused())
			if hosted.Fetched() {
				Note("the target fetched the address before it refused it")
			}
		})

		It("names the issuer in the response, once", IssuerInResponse, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			Expect(landed.Params()["iss"]).To(HaveLen(1), "iss in the response")
		})
		It("names the issuer in an error redirect", IssuerInError, func(ctx SpecContext) {
			denied := client.Decline(ctx, Needs(client.Push(ctx)))
			Expect(denied).To(BeRefused())
			if denied.Trip.Ending != consent.Arrived {
				NotApplicable("the target shows the refusal as a page")
			}
			Expect(denied.Params()["iss"]).To(HaveLen(1), "iss in the error redirect")
		})

		It("carries a nonce of 64 characters into the id_token", NonceCarried, func(ctx SpecContext) {
			Needs(client.Grant(ctx))
			grant := client.Obtain(ctx, flow.Long(flow.Nonce, 64))
			Expect(grant).To(BeAccepted())
			Expect(jose.Claims(grant.IDToken())).To(HaveKeyWithValue("nonce", grant.SentNonce()), "the nonce in the id_token")
		})
		It("refuses a nonce of 384 characters or carries it whole", LongNonce, func(ctx SpecContext) {
			grant := client.Obtain(ctx, flow.Long(flow.Nonce, 384))
			if decision, because := Decide(grant); decision == wire.Refused {
				Note("not carried: %s", because)
				return
			}
			Expect(grant).To(BeAccepted())
			if jose.Claims(grant.IDToken())["nonce"] != grant.SentNonce() {
				Note("accepted, and altered on its way into the id_token")
				return
			}
			Note("carried whole")
		})

		It("accepts a request without state and returns none", NoStateNeeded, func(ctx SpecContext) {
			landed := client.Login(ctx, flow.Without(flow.State))
			Expect(landed).To(BeAccepted())
			Expect(landed.Params()).NotTo(HaveKey("state"), "a state that nobody sent")
		})
		It("accepts an OpenID request without nonce", NoStateNeeded, func(ctx SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope of the target file does not ask for openid")
			}
			Expect(client.Login(ctx, flow.Without(flow.Nonce))).To(BeAccepted())
		})

		It("lets the page be loaded twice before the login", RequestURIUsedAtEnd, func(ctx SpecContext) {
			Expect(client.AuthorizeTwice(ctx, Needs(client.Push(ctx)))).To(BeAccepted())
		})

		It("returns a state of 1100 characters whole", LongState, func(ctx SpecContext) {
			landed := client.Login(ctx, flow.Long(flow.State, 1100))
			if decision, because := Decide(landed); decision == wire.Refused {
				Warn("a state of 1100 characters is not accepted: %s", because)
				return
			}
			Expect(landed).To(BeAccepted())
			if landed.Params().Get("state") != landed.State() {
				Note("the state came back altered")
			}
		})
	})
}
