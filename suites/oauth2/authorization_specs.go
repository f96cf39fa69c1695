package oauth2

import (
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

func authorizationSpecs(client *flow.Client) {
	Describe("an authorization request", func() {
		Control("leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		unknown := flow.With(flow.Parameter("x_fapitest"), "1").As("with a parameter that nobody knows")
		It("with a parameter that nobody knows is accepted", UnknownParameters, func(ctx SpecContext) {
			Expect(client.Login(ctx, unknown)).To(BeAccepted())
		})
		It("that the browser brings with a parameter that nobody knows is accepted", UnknownParameters, func(ctx SpecContext) {
			Expect(client.Authorize(ctx, Needs(client.Push(ctx)), unknown)).To(BeAccepted())
		})

		It("with a redirect_uri that has a fragment is refused", RedirectURIAbsolute, func(ctx SpecContext) {
			own := client.Self().Redirects[0]
			landed := client.Login(ctx, flow.With(flow.RedirectURI, own+"#fapitest").As("with a fragment behind the redirect_uri"))
			if landed.Trip != nil && landed.Trip.Ending == consent.Arrived && strings.Contains(landed.Trip.Arrival, "#fapitest") {
				Broken("the browser is sent to the redirect_uri with its fragment, in which the response is lost")
			}
			Expect(landed).To(BeRefused())
		})
		It("with a redirect_uri that is relative is refused", RedirectURIAbsolute, func(ctx SpecContext) {
			parsed, err := url.Parse(client.Self().Redirects[0])
			if err != nil || parsed.Host == "" {
				NotApplicable("the redirect URI of client %s has no host to leave out", client.ID())
			}
			relative := url.URL{Path: parsed.Path, RawPath: parsed.RawPath, RawQuery: parsed.RawQuery}
			if relative.Path == "" {
				relative.Path = "/"
			}
			Expect(client.Login(ctx, flow.With(flow.RedirectURI, relative.String()).As("with the path of the redirect_uri alone"))).To(BeRefused())
		})

		It("with a response_type that there is not, or without one, is refused", ResponseTypeKnown, func(ctx SpecContext) {
			refused := client.Login(ctx, flow.With(flow.ResponseType, "fapitest").As("with an unknown response_type"))
			Expect(refused).To(BeRefused())
			if code := refused.ErrorCode(); code != "" && code != "unsupported_response_type" {
				Warn("a response_type that there is not is refused with %s, and not with unsupported_response_type", wire.Printable(code))
			}
			missing := client.Login(ctx, flow.Without(flow.ResponseType))
			if decision, because := Decide(missing); decision == wire.Accepted {
				Unknown("a request without response_type is not refused (%s), which is judged at FAPI2-SP-5.3.2.2-1b", because)
			}
			Expect(missing).To(BeRefused())
		})

		It("to which the user says no comes back with access_denied and its state", DenialTold, func(ctx SpecContext) {
			denied := client.DeclinedAsked(ctx)
			if denied.Step == flow.StepPush {
				Needs(denied)
			}
			if allowed(denied) && denied.Params().Get("error") != "" {
				Broken("the answer after the user said no has the error %q and a code beside it, with which the client gets what was refused", wire.Printable(denied.Params().Get("error")))
				return
			}
			if allowed(denied) {
				Unknown("the user was not asked, or could not say no: see deny in the consent script, and what FAPI2-SP-5.3.2.2-7b says")
			}
			Expect(denied).To(BeRefused())
			if denied.Trip.Ending != consent.Arrived {
				NotApplicable("the target shows the refusal as a page")
			}
			if denied.ErrorCode() != "access_denied" {
				Broken("the error is %q and not access_denied", wire.Printable(denied.ErrorCode()))
			}
			if states := denied.Params()["state"]; len(states) != 1 || states[0] != denied.State() {
				Broken("the state of the request does not come back with the error, or not as it was sent")
			}
		})
	})
}

// allowed says whether a journey led to a code.
func allowed(landed *flow.Outcome) bool {
	decision, _ := Decide(landed)
	return decision == wire.Accepted
}
