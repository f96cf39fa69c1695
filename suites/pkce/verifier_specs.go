package pkce

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// unreserved are the characters of a verifier that are neither letters nor digits (section 4.1).
const unreserved = "-._~"

func verifierSpecs(client *flow.Client) {
	Describe("a PKCE verifier", func() {
		Control("of 43 characters redeems a code", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		It("of the shortest and of the longest kind, with every character that it may have, is accepted", VerifierLengths, func(ctx SpecContext) {
			for _, length := range []int{43, 128} {
				verifier := (unreserved + flow.Alphabetical(length))[:length]
				Expect(client.Obtain(ctx, flow.With(flow.Verifier, verifier).
					As(fmt.Sprintf("with a PKCE verifier of %d characters, - . _ and ~ among them", length)))).To(BeAccepted())
			}
		})
		It("that is too short or too long may be refused", VerifierTooShort, func(ctx SpecContext) {
			for _, length := range []int{42, 129} {
				grant := client.Obtain(ctx, flow.With(flow.Verifier, flow.Alphabetical(length)).As(fmt.Sprintf("with a PKCE verifier of %d characters", length)))
				if decision, because := Decide(grant); decision == wire.Refused {
					Note("a verifier of %d characters is refused: %s", length, because)
					continue
				}
				Expect(grant).To(BeAccepted())
				Note("a verifier of %d characters is accepted", length)
			}
		})

		It("of another authorization of the same client is refused", ChallengeOfCode, func(ctx SpecContext) {
			other := Needs(client.Login(ctx))
			RefusesToRedeem(ctx, client, flow.With(flow.CodeVerifier, other.Verifier()).As("with the verifier of another authorization"))
		})
		It("that does not match is refused with invalid_grant", VerifierRefusal, func(ctx SpecContext) {
			try := client.Exchange(ctx, Needs(client.Login(ctx)), flow.With(flow.CodeVerifier, jose.Random(32)))
			if decision, because := Decide(try); decision == wire.Accepted {
				Unknown("the verifier is not refused (%s), which is judged at FAPI2-SP-5.3.2.2-5c", because)
			}
			Expect(try).To(BeRefused())
			if try.ErrorCode() != "invalid_grant" || try.Status != http.StatusBadRequest {
				Broken("the answer is %d with error %q, and not 400 with invalid_grant", try.Status, wire.Printable(try.ErrorCode()))
			}
		})
	})

	Describe("an authorization request", func() {
		Control("with a challenge leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		for _, deviation := range []flow.Deviation{flow.Without(flow.PKCE), flow.VerifierAsChallenge("plain")} {
			It(deviation.String()+" is refused with invalid_request", ChallengeRefusal, func(ctx SpecContext) {
				refused := client.Login(ctx, deviation)
				if decision, because := Decide(refused); decision == wire.Accepted {
					Unknown("the request is not refused (%s), which is judged at FAPI2-SP-5.3.2.2-5a and 5b", because)
				}
				Expect(refused).To(BeRefused())
				if refused.Trip != nil && refused.Trip.Ending != consent.Arrived {
					NotApplicable("the refusal is shown as a page")
				}
				if refused.ErrorCode() != "invalid_request" {
					Broken("the error is %q and not invalid_request", wire.Printable(refused.ErrorCode()))
				}
			})
		}
		It("leads to a code that does not tell its challenge", ChallengeHidden, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			if tells(landed.Code(), jose.Hash(landed.Verifier())) {
				Broken("the code holds the code_challenge, for everybody to read")
			}
		})
	})
}

// tells says whether a code, or a part of it that is base64, holds a text.
func tells(code, text string) bool {
	parts := append([]string{code}, strings.Split(code, ".")...)
	for _, part := range parts {
		if strings.Contains(part, text) {
			return true
		}
		for _, encoding := range []*base64.Encoding{base64.RawURLEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.StdEncoding} {
			if decoded, err := encoding.DecodeString(part); err == nil && strings.Contains(string(decoded), text) {
				return true
			}
		}
	}
	return false
}
