package fapi2sp

import (
	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// crossingSpecs are about scripts at endpoints that no browser has to be sent to. RFC 9700 section 2.6 lets them in there; but a browser that is told to send all
// that it knows sends the certificate of its user as well, and then the page of anybody asks as the client.
func crossingSpecs(client *flow.Client) {
	It("no page of just any origin may ask with what a browser knows where clients authenticate", NoCrossOrigin, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		page := flow.FromPage(flow.ForeignOrigin)
		for endpoint, answer := range map[string]*flow.Outcome{
			"the pushed authorization request endpoint": client.Push(ctx, page),
			"the token endpoint":                        client.ForItself(ctx, flow.GrantClientCredentials, page),
		} {
			allowed, credentials := answer.Header.Get("Access-Control-Allow-Origin"), answer.Header.Get("Access-Control-Allow-Credentials")
			if answer.Err == nil && allowed == flow.ForeignOrigin && credentials == "true" {
				Warn("%s lets a page of %s read what it answers to requests with all that the browser knows (Access-Control-Allow-Credentials)", endpoint, wire.Printable(allowed))
			}
		}
		Needs(client.Push(ctx))
	})
}
