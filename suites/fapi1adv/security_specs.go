package fapi1adv

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/tlsprobe"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
	"github.com/fapitest/fapitest/suites/transport"
)

func securitySpecs(client *flow.Client) {
	It("every host that browsers are not sent to has no suites in TLS 1.2 but those with an ephemeral exchange and AES-GCM", FewSuites, func(ctx SpecContext) {
		transport.EachHost(ctx, client, transport.ForMachines(client), func(l *transport.Look) {
			l.Control()
			if l.TLS12() == nil {
				return
			}
			// Those that BCP 195 recommends are not among these. The text has two of them, for RSA; who has a certificate of ECDSA can have none but the others.
			for _, h := range l.Unwanted() {
				suite := tlsprobe.SuiteOf(h.Suite)
				if strings.HasPrefix(suite.Name, "TLS_DHE_RSA_WITH_AES_") && strings.Contains(suite.Name, "_GCM_") {
					continue
				}
				l.Odd(h)
				l.Breaks("takes %s", suite.Name)
			}
		})
	})

	It("what the server signs is signed by an algorithm of the profile", Algorithms, func(ctx SpecContext) {
		allowed := []string{jose.PS256, jose.ES256} // of the text; a profile that has fewer says so in an entry of its own
		looked := false
		look := func(compact, what string) {
			algorithm := fmt.Sprint(jose.Header(compact)["alg"])
			if jose.Header(compact) == nil || everywhere.UnsignedAlgorithm(jose.Header(compact)) {
				return // that is judged where a signature is asked for
			}
			if looked = true; !slices.Contains(allowed, algorithm) {
				Broken("%s is signed by %s", what, wire.Printable(algorithm))
			}
		}
		landed := Needs(client.Landing(ctx))
		if token := landed.Params().Get("id_token"); token != "" {
			look(everywhere.Opened(client, token), "the id_token beside the code")
		}
		look(landed.Response().Token, "the authorization response")
		for _, token := range everywhere.IDTokens(ctx, client) {
			look(token.Compact, "the id_token"+token.When)
		}
		if !looked {
			NotApplicable("nothing came that is signed")
		}
	})

	It("the metadata announce no encryption by RSA1_5", NoRSA15, OnMetadataAlone, func(SpecContext) {
		for name := range client.Target().Metadata.Values {
			if strings.HasSuffix(name, "_encryption_alg_values_supported") && slices.Contains(client.Target().Metadata.List(name), rsa15) {
				Broken("%s lists %s", name, rsa15)
			}
		}
	})
}

// rsa15 is encryption by RSA in its oldest form, which whoever asks often enough can undo.
const rsa15 = "RSA1_5"
