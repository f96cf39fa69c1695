package fapi2sp

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

func redirectSpecs(client *flow.Client) {
	foreign := flow.ForeignOrigin + "/landing"

	Describe("the browser", func() {
		Control("is sent back to the client with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("is not sent astray for an unknown client", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.AuthorizeWith(ctx, "with an unknown client_id and a foreign redirect_uri", url.Values{
				"client_id": {jose.Random(12)}, "redirect_uri": {foreign}, "response_type": {"code"}, "scope": {client.Target().Scope}, "state": {jose.Random(8)},
			})).NotTo(BeSentAstray())
		})
		It("is not sent astray for a made-up request_uri", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.AuthorizeWith(ctx, "with a made-up request_uri and a foreign redirect_uri", url.Values{
				"client_id": {client.ID()}, "redirect_uri": {foreign}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
			})).NotTo(BeSentAstray())
		})
		It("is not sent astray by a redirect_uri beside a good request_uri", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
		})
		It("is not sent astray where nothing was pushed", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
			Expect(client.AuthorizeWith(ctx, "with client_id and a foreign redirect_uri alone", url.Values{
				"client_id": {client.ID()}, "redirect_uri": {foreign},
			})).NotTo(BeSentAstray())
		})
		It("is not sent astray when the user says no, by a redirect_uri beside a good request_uri", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.Decline(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
		})
		It("is not sent astray where nobody may be asked, by a redirect_uri beside a good request_uri", NoOpenRedirector, func(ctx SpecContext) {
			pushed := client.Push(ctx, unasked(client))
			if decision, because := Decide(pushed); decision == wire.Refused {
				NotApplicable("a request with prompt=none is refused when it is pushed: %s", because)
			}
			Expect(client.Authorize(ctx, Needs(pushed), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
		})
		It("is not sent astray after a logout", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			loggedOut(client.Logout(ctx, "with a foreign post_logout_redirect_uri", url.Values{
				"client_id": {client.ID()}, "post_logout_redirect_uri": {foreign},
			}))
		})
		It("is not sent astray after a logout with an id_token", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			idToken := client.Grant(ctx).IDToken()
			if idToken == "" {
				NotApplicable("there is no id_token to send along")
			}
			loggedOut(client.Logout(ctx, "with an id_token_hint and a foreign post_logout_redirect_uri", url.Values{
				"client_id": {client.ID()}, "id_token_hint": {idToken}, "post_logout_redirect_uri": {foreign},
			}))
		})

		It("is not redirected with 307 by the answer to the page with the password", No307, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			if len(landed.Trip.Pages) == 0 {
				Unknown("the consent driver does not see the pages")
			}
			if !landed.Trip.Credentials {
				LeaveToAttestation("no request was seen that carries the password: either the bank's pages asked for none, or they send it in a form in which it is not recognised")
			}
			for _, hop := range landed.Trip.Hops {
				if hop.Credentials {
					Expect(hop.Status).NotTo(Equal(http.StatusTemporaryRedirect), "the answer to the request that carried the password")
				}
			}
		})
		It("is redirected with 303", Prefer303, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			if len(landed.Trip.Pages) == 0 {
				Unknown("the consent driver does not see the pages")
			}
			var others []string
			for _, hop := range landed.Trip.Hops {
				if hop.Status != 0 && hop.Status != http.StatusSeeOther {
					others = append(others, fmt.Sprintf("%d by %s", hop.Status, path(hop.URL)))
				}
			}
			slices.Sort(others)
			if others = slices.Compact(others); len(others) > 0 {
				Broken("redirects with another status: %s", strings.Join(others, ", "))
			}
		})
	})
}

// loggedOut wants a logout that has come to its end not to have sent the browser astray.
func loggedOut(outcome *flow.Outcome) {
	GinkgoHelper()
	Expect(outcome).NotTo(BeSentAstray())
	if outcome.Trip.Ending == consent.Stuck {
		Unknown("the logout ended on a page that the consent script does not know, so nobody has seen where it leads: where the page asks "+
			"whether to log out, give it an entry under accept; where it is the end, a selector under error (%s)", outcome.Trip.Says)
	}
}

// path is the path of a URL: which page it was, without what makes every visit's URL another one.
func path(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "an address that can't be read"
	}
	return parsed.Path
}
