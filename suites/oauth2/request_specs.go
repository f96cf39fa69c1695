package oauth2

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func requestSpecs(client *flow.Client) {
	Describe("the token endpoint", func() {
		Control("gives tokens for a code", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		It("gives none for a code in the query of a GET", TokenByPost, func(ctx SpecContext) {
			landed := Needs(client.Login(ctx))
			givesNothing(client.Exchange(ctx, landed, flow.ByGet()))
			if decision, _ := Decide(client.Exchange(ctx, landed)); decision != wire.Accepted {
				Needs(client.Obtain(ctx)) // the try may have used the code up
			}
		})
		It("gives none for a refresh token in the query of a GET", TokenByPost, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant := everywhere.NeedsRefreshToken(client.Obtain(ctx))
			givesNothing(client.Refresh(ctx, grant, flow.ByGet()))
			if decision, _ := Decide(client.Refresh(ctx, grant)); decision != wire.Accepted {
				Needs(client.Refresh(ctx, everywhere.NeedsRefreshToken(client.Obtain(ctx))))
			}
		})

		It("refuses a request with two codes", TokenParametersOnce, func(ctx SpecContext) {
			RefusesUsesOfCode(ctx, client,
				func(landed *flow.Outcome) *flow.Outcome {
					return client.Exchange(ctx, landed, flow.TwiceAfter("code", flow.Alphabetical(max(1, len(landed.Code())))))
				},
				func(landed *flow.Outcome) *flow.Outcome {
					return client.Exchange(ctx, landed, flow.TwiceBefore("code", flow.Alphabetical(max(1, len(landed.Code())))))
				})
		})
		It("refuses a request with two kinds of grant", TokenParametersOnce, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, flow.TwiceAfter("grant_type", "refresh_token"), flow.TwiceBefore("grant_type", "refresh_token"))
		})
	})

	Describe("an authorization request", func() {
		Control("leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("with two scopes is refused", ParametersOnce, func(ctx SpecContext) {
			needsForm(client)
			other, _ := narrower(client.Target())
			if other == "" {
				other = client.Target().Scope // it is there twice all the same
			}
			for _, deviation := range []flow.Deviation{flow.TwiceAfter("scope", other), flow.TwiceBefore("scope", other)} {
				Expect(client.Login(ctx, deviation)).To(BeRefused())
			}
			Needs(client.Login(ctx))
		})
		It("with two redirect URIs is refused", ParametersOnce, func(ctx SpecContext) {
			needsForm(client)
			other := flow.ForeignOrigin + "/cb"
			for _, deviation := range []flow.Deviation{flow.TwiceAfter("redirect_uri", other), flow.TwiceBefore("redirect_uri", other)} {
				Expect(client.Login(ctx, deviation)).To(BeRefused())
			}
			Needs(client.Login(ctx))
		})
		It("that the browser brings with two client_ids is refused", ParametersOnce, func(ctx SpecContext) {
			for _, deviation := range []flow.Deviation{flow.TwiceAfter("client_id", "fapitest-unheard-of"), flow.TwiceBefore("client_id", "fapitest-unheard-of")} {
				Expect(client.Authorize(ctx, Needs(client.Push(ctx)), deviation)).To(BeRefused())
			}
			Needs(client.Login(ctx))
		})
	})
}

// needsForm ends a spec where the parameters of an authorization request are members of a request object, in which none can stand twice.
func needsForm(client *flow.Client) {
	if client.Shape().Signed && client.Self().Key != nil {
		NotApplicable("the parameters of client %s travel in a request object, in which none can stand twice", client.ID())
	}
}

// givesNothing wants an answer without a token to a request by a method that nobody has to know. Whatever else is said to it will do, be it that there
// is nothing, or a page.
func givesNothing(answer *flow.Outcome) {
	decision, _ := Decide(answer)
	if decision != wire.Accepted && answer.Err == nil && answer.Status < http.StatusInternalServerError && answer.Status != http.StatusTooManyRequests {
		return
	}
	Expect(answer).To(BeRefused())
}
