package fapi2sp

import (
	"net"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
)

func parSpecs(client *flow.Client) {
	Describe("the pushed authorization request endpoint", func() {
		Control("accepts the request when the client authenticates", func(ctx SpecContext) {
			Expect(client.Push(ctx)).To(BeAccepted())
		})

		It("accepts a request that leads to a code", PushedRequests, func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("refuses the same request without client authentication", PARClientAuthentication, func(ctx SpecContext) {
			for _, deviation := range atBothURLs(client, flow.Without(flow.ClientAuthentication))("pushed_authorization_request_endpoint") {
				Expect(client.Push(ctx, deviation)).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})

		It("gives the request_uri a lifetime from 1 to 599 seconds", RequestURILifetime, func(ctx SpecContext) {
			seconds, whole := Needs(client.Push(ctx)).ExpiresIn()
			if !whole {
				Broken("expires_in is missing or no whole number")
			}
			if seconds < 1 || seconds >= 600 {
				Broken("expires_in is %d", seconds)
			}
		})

		It("gives the user 30 seconds or more to open the link", RequestURIPatience, func(ctx SpecContext) {
			if seconds, whole := Needs(client.Push(ctx)).ExpiresIn(); whole && seconds < 30 {
				Note("the request_uri lives only %d seconds", seconds)
			}
		})
	})

	Describe("the redirect URI", func() {
		Control("of the registration leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("has to be part of the pushed request", RedirectURIRequired, func(ctx SpecContext) {
			Expect(client.Login(ctx, flow.Without(flow.RedirectURI))).To(BeRefused())
			if len(client.Self().Redirects) > 1 {
				Unknown("client %s has several redirect URIs, so that the refusal proves little: a target that falls back to the only one has none to fall back to. Let the first client of each kind have one alone", client.ID())
			}
		})

		It("is refused with the http scheme", RedirectURINotCleartext, func(ctx SpecContext) {
			registered := ""
			for _, uri := range client.Self().Redirects {
				if strings.HasPrefix(uri, "https://") && !onLoopback(uri) {
					registered = uri
				}
			}
			if registered == "" {
				NotApplicable("every redirect URI of client %s is on loopback or has a scheme of its own", client.ID())
			}
			cleartext := "http" + strings.TrimPrefix(registered, "https")
			Expect(client.Login(ctx, flow.With(flow.RedirectURI, cleartext))).To(BeRefused())
		})
	})
}

func onLoopback(uri string) bool {
	parsed, err := url.Parse(uri)
	if err != nil {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	return parsed.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
