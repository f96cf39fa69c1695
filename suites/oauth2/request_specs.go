package oauth2

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
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

		It("gives none to a client that asks for itself in the query of a GET", TokenByPost, func(ctx SpecContext) {
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				givesNothing(client.ForItself(ctx, grant, flow.ByGet()))
				Needs(client.ForItself(ctx, grant))
			})
		})

		// A query stands in logs, be the method POST (section 2.3.1).
		It("gives none for a code to a client whose assertion stands in the query of a POST", TokenByPost, func(ctx SpecContext) {
			needsAssertion(client)
			landed := Needs(client.Login(ctx))
			needsAuthentication(client.Exchange(ctx, landed, flow.Without(flow.ClientAuthentication)))
			givesNothing(client.Exchange(ctx, landed, flow.AssertionInQuery()))
			if proper := client.Exchange(ctx, landed); Accepts(proper) {
				client.LeaveOver(landed, proper)
			} else {
				Needs(client.Obtain(ctx)) // the try may have used the code up
			}
		})
		It("gives none for a refresh token to a client whose assertion stands in the query of a POST", TokenByPost, func(ctx SpecContext) {
			needsAssertion(client)
			everywhere.NeedsRefresh(ctx, client)
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			needsAuthentication(client.Refresh(ctx, grant, flow.Without(flow.ClientAuthentication)))
			givesNothing(client.Refresh(ctx, grant, flow.AssertionInQuery()))
			NeedsRefreshed(ctx, client)
		})
		It("gives none to a client that asks for itself and whose assertion stands in the query of a POST", TokenByPost, func(ctx SpecContext) {
			needsAssertion(client)
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				needsAuthentication(client.ForItself(ctx, grant, flow.Without(flow.ClientAuthentication)))
				givesNothing(client.ForItself(ctx, grant, flow.AssertionInQuery()))
				Needs(client.ForItself(ctx, grant))
			})
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
		It("refuses a request with two kinds of grant, redirect URIs or verifiers", TokenParametersOnce, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, twice(
				again{"grant_type", "refresh_token"}, again{"redirect_uri", flow.ForeignOrigin + "/cb"}, again{"code_verifier", flow.Alphabetical(43)},
			)...)
		})
		It("refuses to refresh by a request in which a parameter stands twice", TokenParametersOnce, func(ctx SpecContext) {
			// What holds for every grant is tried here, where it costs no login.
			everywhere.NeedsRefresh(ctx, client)
			all := append(authenticating(client), again{"grant_type", "authorization_code"}, again{"refresh_token", flow.Alphabetical(43)})
			RefusesToRefresh(ctx, client, append(twice(all...), scopeTwice(client)...)...)
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
		It("that is pushed with another parameter twice is refused", ParametersOnce, func(ctx SpecContext) {
			// Where it is refused when it is pushed this costs no login.
			var tried []again
			if !client.Shape().ByValue {
				tried = authenticating(client)
			}
			if !signs(client) {
				tried = append(tried, again{"response_type", "token"}, again{"state", flow.Alphabetical(16)},
					again{"code_challenge", flow.Alphabetical(43)}, again{"code_challenge_method", "plain"})
				if client.Target().OpenID() {
					tried = append(tried, again{"nonce", flow.Alphabetical(16)})
				}
			}
			if len(tried) == 0 {
				NotApplicable("requests are not pushed here, and all that they say stands in their request objects")
			}
			for i, deviation := range twice(tried...) {
				KeepKnown(ctx, client, i)
				Expect(client.Login(ctx, deviation)).To(BeRefused())
			}
			Needs(client.Push(ctx))
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
			for _, deviation := range twice(again{"client_id", otherID(client)}) {
				Expect(client.Authorize(ctx, Needs(client.Push(ctx)), deviation)).To(BeRefused())
			}
			Needs(client.Login(ctx))
		})
		It("that the browser brings with two request_uris is refused", ParametersOnce, func(ctx SpecContext) {
			everywhere.NeedsPAR(client)
			for _, deviation := range twice(again{"request_uri", "urn:ietf:params:oauth:request_uri:" + flow.Alphabetical(32)}) {
				Expect(client.Authorize(ctx, Needs(client.Push(ctx)), deviation)).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
	})
}

// again is a parameter, and what it says the second time.
type again struct{ name, value string }

// twice are requests in which one of the parameters stands twice: the other value behind the right one, for who takes the first, and before it, for who
// takes the last.
func twice(all ...again) (deviations []flow.Deviation) {
	for _, parameter := range all {
		deviations = append(deviations, flow.TwiceAfter(parameter.name, parameter.value), flow.TwiceBefore(parameter.name, parameter.value))
	}
	return deviations
}

// scopeTwice are requests for the scope of the target file that ask for it, and for less.
func scopeTwice(client *flow.Client) (deviations []flow.Deviation) {
	less, word := everywhere.LessScope(client.Target())
	if word == "" {
		return nil
	}
	asked := flow.With(flow.Scope, less)
	for _, deviation := range twice(again{"scope", client.Target().Scope}) {
		deviations = append(deviations, flow.All(deviation.String(), asked, deviation))
	}
	return deviations
}

// otherID is the client_id of another client of the same kind, which a gateway that knows its clients leads to the same place; of nobody where there is none.
func otherID(client *flow.Client) string {
	if others := everywhere.OthersOfItsKind(client); len(others) > 0 {
		return others[0].ID
	}
	return "fapitest-unheard-of"
}

// authenticating are the parameters by which the client authenticates, or says who it is.
func authenticating(client *flow.Client) []again {
	all := []again{{"client_id", otherID(client)}}
	if client.Self().Auth == target.PrivateKeyJWT {
		all = append(all, again{"client_assertion", "fapitest." + flow.Alphabetical(16) + "." + flow.Alphabetical(43)},
			again{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"})
	}
	return all
}

// needsAssertion ends a spec about client assertions for clients that have none.
func needsAssertion(client *flow.Client) {
	if client.Self().Auth != target.PrivateKeyJWT {
		NotApplicable("client %s does not authenticate by an assertion", client.ID())
	}
}

// needsAuthentication ends a spec about where client authentication stands at a target that does without.
func needsAuthentication(bare *flow.Outcome) {
	if Accepts(bare) {
		NotApplicable("tokens are given to who does not authenticate, which is judged at FAPI2-SP-5.3.2.1-3")
	}
}

// signs says whether the parameters of the client's requests are members of a request object.
func signs(client *flow.Client) bool { return client.Shape().Signed && client.Self().Key != nil }

// needsForm ends a spec where the parameters of an authorization request are members of a request object, in which none can stand twice.
func needsForm(client *flow.Client) {
	if signs(client) {
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
