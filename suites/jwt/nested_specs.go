package jwt

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// nestedSpecs are about request objects that are encrypted, where the server takes such.
func nestedSpecs(client *flow.Client) {
	It("a request object that does not hold is refused inside a good encryption as well", NestedSignature, func(ctx SpecContext) {
		signed, sealing := everywhere.NeedsSealing(ctx, client)
		for _, wrong := range []flow.Deviation{
			everywhere.Sealed(sealing, "with one character changed in the middle of the signature of an encrypted request object", everywhere.AlteredSignature),
			everywhere.Sealed(sealing, "with alg none in the header of an encrypted request object, and no signature", func(compact string) string {
				return jose.WithSignature(jose.WithHeader(compact, "alg", "none"), func([]byte) []byte { return nil })
			}),
		} {
			pushed := client.Push(ctx, signed, wrong)
			if decision, _ := Decide(pushed); decision == wire.Accepted {
				// It may be opened when the user arrives.
				Expect(client.Authorize(ctx, pushed, flow.Words("after "+strings.TrimPrefix(wrong.String(), "with ")))).To(BeRefused())
				continue
			}
			Expect(pushed).To(BeRefused())
		}
		everywhere.NeedsSealing(ctx, client)
	})
	It("a request object that was compressed before it was encrypted is refused", NotCompressed, func(ctx SpecContext) {
		signed, sealing := everywhere.NeedsSealing(ctx, client)
		sealing.Compressed = true
		pushed := client.Push(ctx, signed, everywhere.Sealed(sealing, "in an encrypted request object that was compressed before (zip)", nil))
		if decision, because := Decide(pushed); decision == wire.Accepted {
			Warn("a request object that was compressed before it was encrypted is taken: %s", because)
			return
		}
		Expect(pushed).To(BeRefused())
		everywhere.NeedsSealing(ctx, client)
	})
}
