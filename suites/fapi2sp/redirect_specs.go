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
		It("is not sent astray by a redirect_uri beside a request_uri that was used", NoOpenRedirector, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			Needs(client.Authorize(ctx, pushed))
			Expect(client.Authorize(ctx, pushed, flow.Words("with the request_uri of an authorization that was completed"), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
		})
		It("is not sent astray where the request is faulty in itself", NoOpenRedirector, func(ctx SpecContext) {
			astray := flow.With(flow.RedirectURI, foreign)
			for _, fault := range []flow.Deviation{
				flow.All("with an unknown response_type and a foreign redirect_uri", astray, flow.With(flow.ResponseType, "fapitest")),
				flow.All("with an unknown scope and a foreign redirect_uri", astray, flow.With(flow.Scope, "fapitest-"+jose.Random(8))),
				flow.All("without client_id and with a foreign redirect_uri", astray, flow.Without(flow.ClientID)),
				flow.All("without state and with a foreign redirect_uri", astray, flow.Without(flow.State)),
			} {
				Expect(client.AuthorizeUnpushed(ctx, fault)).NotTo(BeSentAstray())
			}
		})
		It("is not sent astray to an address that resembles a registered one", NoOpenRedirector, func(ctx SpecContext) {
			for _, alike := range resembling(client) {
				Expect(client.AuthorizeWith(ctx, "with a made-up request_uri and a redirect_uri "+alike.how, url.Values{
					"client_id": {client.ID()}, "redirect_uri": {alike.address}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
				})).NotTo(BeSentAstray())
				Expect(client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, alike.address))).NotTo(BeSentAstray())
				Expect(client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, alike.address))).NotTo(BeSentAstray())
			}
		})
		It("is not sent to an address below a registered one", NoOpenRedirector, func(ctx SpecContext) {
			below, err := url.Parse(client.Self().Redirects[0])
			if err != nil || below.Hostname() == "" {
				NotApplicable("the redirect URI of client %s has no host", client.ID())
			}
			below = below.JoinPath("fapitest")
			for _, try := range []*flow.Outcome{
				client.AuthorizeWith(ctx, "with a made-up request_uri and a redirect_uri below a registered one", url.Values{
					"client_id": {client.ID()}, "redirect_uri": {below.String()}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
				}),
				client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, below.String()).As("with a redirect_uri below a registered one")),
			} {
				Expect(try).NotTo(BeSentAstray())
				if arrival, err := url.Parse(try.Trip.Arrival); err == nil && arrival.Host == below.Host && arrival.Path == below.Path {
					// The place is the client's own, and more may be registered than the target file says.
					Warn("the browser was sent to %s, which the target file does not know as a redirect URI of the client: unless it is registered, "+
						"RFC 6749 section 4.1.2.1 forbids that, and whatever at the client's host sends browsers on does so for everybody", wire.Printable(below.String()))
					return
				}
			}
		})
		It("is not sent astray for a request that comes by POST", NoOpenRedirector, func(ctx SpecContext) {
			params := func(more url.Values) url.Values {
				more.Set("redirect_uri", foreign)
				return more
			}
			staysByPost(
				client.AuthorizeWith(ctx, "with an unknown client_id and a foreign redirect_uri", params(url.Values{
					"client_id": {jose.Random(12)}, "response_type": {"code"}, "scope": {client.Target().Scope}, "state": {jose.Random(8)},
				}), flow.ByPost()),
				client.AuthorizeWith(ctx, "with a made-up request_uri and a foreign redirect_uri", params(url.Values{
					"client_id": {client.ID()}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
				}), flow.ByPost()),
				client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, foreign), flow.ByPost()),
				client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, foreign), flow.ByPost()),
			)
		})
		It("is not sent astray after a logout", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			loggedOut(client.Logout(ctx, "with a foreign post_logout_redirect_uri", url.Values{
				"client_id": {client.ID()}, "post_logout_redirect_uri": {foreign},
			}))
		})
		It("is not sent astray after a logout that names no client", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			loggedOut(client.Logout(ctx, "with a foreign post_logout_redirect_uri alone", url.Values{"post_logout_redirect_uri": {foreign}}))
		})
		It("is not sent astray after a logout to an address that resembles a registered one", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			for _, alike := range resembling(client) {
				loggedOut(client.Logout(ctx, "with a post_logout_redirect_uri "+alike.how, url.Values{
					"client_id": {client.ID()}, "post_logout_redirect_uri": {alike.address},
				}))
			}
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
				if hop.Credentials && hop.Status == http.StatusPermanentRedirect {
					// The clause forbids 307 by its number. The reason that it gives goes for 308 as well (RFC 9110 section 15.4.9), and RFC 9700 section 2.1
					// forbids what comes of either.
					Warn("%s answers the request that carried the password with 308, which has the browser post the password again as 307 does: RFC 9700 section 2.1 forbids that", path(hop.URL))
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

// staysByPost wants the browser not to be sent astray from where it came by POST. Who takes none there sends nobody anywhere.
func staysByPost(outcomes ...*flow.Outcome) {
	GinkgoHelper()
	for _, outcome := range outcomes {
		if trip := outcome.Trip; trip != nil && trip.Ending == consent.Confused && wire.AboutShape(trip.Status) || unimplemented(outcome) {
			continue
		}
		Expect(outcome).NotTo(BeSentAstray())
	}
}

// lookalike is a foreign address that a careless comparison takes for a registered one.
type lookalike struct{ address, how string }

// resembling are foreign addresses that resemble a redirect URI of the client.
func resembling(client *flow.Client) []lookalike {
	for _, uri := range client.Self().Redirects {
		registered, err := url.Parse(uri)
		if err != nil || registered.Hostname() == "" || strings.Contains(registered.Hostname(), ":") {
			continue // a scheme of an app's own, or an address that is no name
		}
		evil, path := strings.TrimPrefix(flow.ForeignOrigin, "https://"), registered.EscapedPath()
		return []lookalike{
			{"https://" + registered.Hostname() + "." + evil + path, "that begins like a registered one"},
			// What stands before an @ is a name to log in with, and no host (RFC 3986 section 3.2.1).
			{"https://" + registered.Host + "@" + evil + path, "that has the host of a registered one before an @"},
			{flow.ForeignOrigin + path + "?" + url.Values{"to": {uri}}.Encode(), "that leads elsewhere by the path of a registered one"},
			{flow.ForeignOrigin + "/" + uri, "that ends in a registered one"},
			// Without a scheme it is one of the page's own, and no path (RFC 3986 section 4.2).
			{"//" + evil + path, "that begins with two slashes"},
		}
	}
	NotApplicable("no redirect URI of client %s has the name of a host in it", client.ID())
	return nil
}

// loggedOut wants a logout that has come to its end not to have sent the browser astray.
func loggedOut(outcome *flow.Outcome) {
	GinkgoHelper()
	Expect(outcome).NotTo(BeSentAstray())
	if outcome.Trip.Ending == consent.Stuck && !isTheEnd(outcome.Trip.Pages) {
		Unknown("the logout ended on a page that the consent script does not know, so nobody has seen where it leads: where the page asks "+
			"whether to log out, give it an entry under accept; where it is the end, a selector under error (%s)", outcome.Trip.Says)
	}
}

// isTheEnd says whether the last of the pages of a logout is the end of it, which no script has to know: there is nothing on it by which it could
// lead on, or it is another page than the one before, on which the user has confirmed. That it leads on by itself was waited for.
func isTheEnd(pages []consent.Shot) bool {
	if len(pages) == 0 {
		return false
	}
	last := pages[len(pages)-1]
	if len(pages) > 1 && last.Did == "" {
		if before := pages[len(pages)-2]; before.Did != "" && before.Title != last.Title {
			return true
		}
	}
	content := strings.ToLower(string(last.HTML))
	return !slices.ContainsFunc([]string{"<form", "<button", "<input", "<a ", "<script", "<iframe", "<frame", "<object", "<embed"}, func(tag string) bool {
		return strings.Contains(content, tag)
	})
}

// path is the path of a URL: which page it was, without what makes every visit's URL another one.
func path(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "an address that can't be read"
	}
	return parsed.Path
}
