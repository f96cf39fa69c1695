package fapi2sp

import (
	"net/http"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
	"github.com/fapitest/fapitest/suites/transport"
)

func discoverySpecs(client *flow.Client) {
	Describe("the metadata", func() {
		It("is served at a well-known place and names the configured issuer", MetadataPublished, OnMetadataAlone, SendsNothing, func(ctx SpecContext) {
			var problems []string
			good := 0
			for _, document := range client.Target().Metadata.Documents {
				wire.TraceFrom(ctx).Add(document.Exchange)
				if document.Problem == "" {
					good++
					continue
				}
				if document.Status == 0 || document.Status == http.StatusTooManyRequests || document.Status >= 500 {
					LeaveUndecided(document.Exchange, document.Problem)
				}
				problems = append(problems, document.URL+": "+document.Problem)
			}
			if good == 0 {
				Broken("no well-known place has metadata of this issuer: %q", problems)
			}
			for _, problem := range problems {
				Note("%s; one place is enough", problem)
			}
		})

		It("names the endpoints of the code flow, all of them with https", MetadataNamesEndpoints, SendsNothing, func(SpecContext) {
			metadata := client.Target().Metadata
			needed := []string{"authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint"}
			if client.Target().OpenID() {
				needed = append(needed, "jwks_uri")
			}
			for _, name := range needed {
				if _, there := metadata.Values[name]; !there {
					Broken("the metadata lacks %s", name)
				}
				if parsed, err := url.Parse(metadata.Text(name)); err != nil || parsed.Scheme != "https" || parsed.Host == "" {
					Broken("%s is no https URL", name)
				}
			}
			for _, said := range everywhere.Places(client) {
				for _, name := range needed {
					text, isText := said.Values[name].(string)
					parsed, err := url.Parse(text)
					if there := said.Values[name] != nil; there && (!isText || err != nil || parsed.Scheme != "https" || parsed.Host == "") {
						Broken("%s is no https URL%s", name, said.At)
					}
				}
			}
		})

		It("names endpoints by URLs without a user and without a fragment", MetadataNamesEndpoints, SendsNothing, func(SpecContext) {
			var broken []string
			for _, address := range transport.Addresses(client) {
				parsed, err := url.Parse(address.URL)
				if err != nil || address.Member == "issuer" || address.Member == "resource" {
					continue // which are judged elsewhere, and the one is none of the metadata
				}
				if parsed.User != nil {
					// RFC 9110 section 4.2.4: nobody is to write one, and who follows it sends it as the password of HTTP basic authentication.
					Warn("%s has a user before the host (%s@): clients that follow it show that user there, and people take it for the host", address.Member, wire.Printable(parsed.User.Username()))
				}
				if parsed.Fragment == "" && !strings.HasSuffix(address.URL, "#") {
					continue
				}
				if name := address.Member; name == "authorization_endpoint" || name == "token_endpoint" {
					broken = append(broken, name) // RFC 6749 sections 3.1 and 3.2
				} else {
					Warn("%s has a fragment, which no client sends", name)
				}
			}
			if len(broken) > 0 {
				Broken("%s must not have a fragment (RFC 6749 sections 3.1 and 3.2)", strings.Join(broken, ", "))
			}
		})
	})
}
