package jarm

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
)

// tokenSpecs are about what must not stand in a URL, however it is signed.
func tokenSpecs(client *flow.Client) {
	It("a request for an id_token in the query is refused, signed or not", NoTokenInQuery, func(ctx SpecContext) {
		Needs(client.Landing(ctx))
		var wants []flow.Deviation
		if client.Shape().ResponseType != target.CodeIDToken {
			wants = append(wants, flow.With(flow.ResponseType, target.CodeIDToken))
		}
		if client.Shape().ResponseMode != "query.jwt" {
			wants = append(wants, flow.With(flow.Parameter("response_mode"), "query.jwt"))
		}
		landed := client.Login(ctx, flow.All("with response_type=code id_token and response_mode=query.jwt", wants...))
		if Accepts(landed) && (landed.Response().Encrypted || landed.Response().Object["id_token"] == nil) {
			return // nobody reads it, or there is nothing to be read
		}
		Expect(landed).To(BeRefused())
		Needs(client.Push(ctx))
	})
}
