package issuer

import (
	"net/url"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

func issuerSpecs(client *flow.Client) {
	Describe("the authorization response", func() {
		It("names an issuer that is an https URL without query and fragment", IssuerIsURL, func(ctx SpecContext) {
			issued := Needs(client.Landing(ctx)).Params()["iss"]
			if len(issued) == 0 {
				NotApplicable("the response names no issuer: that is judged at FAPI2-SP-5.3.2.2-7")
			}
			for _, iss := range issued {
				if parsed, err := url.Parse(iss); err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" {
					Broken("iss is %q, and no https URL without query and fragment", wire.Printable(iss))
				}
			}
		})
	})

	Describe("the metadata", func() {
		It("announce that responses name the issuer", IssuerAnnounced, SendsNothing, func(SpecContext) {
			value, there := client.Target().Metadata.Values["authorization_response_iss_parameter_supported"]
			switch announced, isBoolean := value.(bool); {
			case !there:
				Broken("the metadata lack authorization_response_iss_parameter_supported")
			case !isBoolean || !announced:
				Broken("authorization_response_iss_parameter_supported is not true")
			}
		})
	})
}
