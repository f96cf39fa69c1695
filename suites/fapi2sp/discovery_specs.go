package fapi2sp

import (
	"net/http"
	"net/url"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
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
		})
	})
}
