package openbankinguk

import (
	"bytes"
	"encoding/json"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
)

func signingSpecs(client *flow.Client) {
	header := func(name string, value any) func(*jose.Token) {
		return func(t *jose.Token) {
			if t.Header[name] = value; value == nil {
				delete(t.Header, name)
			}
		}
	}
	Describe("the signature of a message", func() {
		It("is accepted over the body as it was sent", SignatureTaken, func(ctx SpecContext) {
			body := needsSigning(client)
			var spread bytes.Buffer
			if json.Indent(&spread, []byte(body), "", "   ") != nil {
				Unknown("payments.body can't be written in another way")
			}
			for _, written := range []string{body, spread.String()} {
				Expect(client.AskToPay(ctx, written, jose.Random(12))).To(BeAccepted())
			}
		})
		It("has to be there", SignatureNeeded, func(ctx SpecContext) {
			refusesSigned(ctx, client, flow.SignedAs("without x-jws-signature", ""))
		})
		It("has to fit the body, and be by the client's key", SignatureHolds, func(ctx SpecContext) {
			body := needsSigning(client)
			other, err := jose.NewKey(jose.PS256)
			if err != nil {
				Unknown("%s", err)
			}
			Needs(client.AskToPay(ctx, body, jose.Random(12)))
			for _, deviation := range []flow.Deviation{
				flow.SignedAs("with the signature of another amount", client.Detached(ofAmount(body, "2.34"), nil)),
				flow.SignedAs("with a signature by another key", client.Detached(body, func(t *jose.Token) { t.Key = other })),
			} {
				answer := client.AskToPay(ctx, body, jose.Random(12), deviation)
				if Accepts(answer) {
					Warn("a message %s is taken", deviation) // that it is to be refused the text says in one place, and in another that it should be
					continue
				}
				if Expect(answer).To(BeRefused()); answer.Status != 400 {
					Warn("a message %s is answered with %d, and not with 400", deviation, answer.Status)
				}
			}
		})
		It("is by PS256 and by nothing else", SignatureAlgorithm, func(ctx SpecContext) {
			body := needsSigning(client)
			by := func(algorithm string) string {
				return client.Detached(body, func(t *jose.Token) { t.Algorithm = algorithm })
			}
			refusesSigned(ctx, client, flow.SignedAs("signed by RS256", by("RS256")), flow.SignedAs("with alg none", by("none")))
		})
		It("names in crit what Open Banking has added, and nothing else", SignatureCritical, func(ctx SpecContext) {
			body := needsSigning(client)
			refusesSigned(ctx, client,
				flow.SignedAs("with crit that does not name tan", client.Detached(body, header("crit", []string{flow.SignedAt, flow.SignedBy}))),
				flow.SignedAs("without crit", client.Detached(body, header("crit", nil))),
				flow.SignedAs("with crit that names another member", client.Detached(body, func(t *jose.Token) {
					t.Header["http://openbanking.org.uk/ext"] = "x"
					t.Header["crit"] = []string{flow.SignedAt, flow.SignedBy, flow.SignedAnchor, "http://openbanking.org.uk/ext"}
				})))
		})
		It("is not dated in the future", SignatureDated, func(ctx SpecContext) {
			body := needsSigning(client)
			refusesSigned(ctx, client, flow.SignedAs("dated 10 minutes ahead", client.Detached(body, header(flow.SignedAt, client.Now().Add(10*time.Minute).Unix()))))
		})
		It("is by who calls", SignatureIssuer, func(ctx SpecContext) {
			body := needsSigning(client)
			refusesSigned(ctx, client,
				flow.SignedAs("by another firm", client.Detached(body, header(flow.SignedBy, "0015800000000XXAAY/another-software"))),
				flow.SignedAs("by nobody", client.Detached(body, header(flow.SignedBy, nil))))
		})
		It("has a trust anchor that the server knows", SignatureAnchor, func(ctx SpecContext) {
			refusesSigned(ctx, client, flow.SignedAs("with the trust anchor attacker.example", client.Detached(needsSigning(client), header(flow.SignedAnchor, "attacker.example"))))
		})
	})
}

// needsSigning is the body that clients sign.
func needsSigning(client *flow.Client) string {
	body := needsPayments(client)
	if !client.SignsPayments() {
		NotApplicable("client %s signs no messages: the target file has no payments.issuer, or no RSA key for it", client.ID())
	}
	return body
}

// refusesSigned wants each message refused with 400, between proper ones that are taken.
func refusesSigned(ctx SpecContext, client *flow.Client, deviations ...flow.Deviation) {
	body := needsSigning(client)
	Needs(client.AskToPay(ctx, body, jose.Random(12)))
	for _, deviation := range deviations {
		answeredWith(client.AskToPay(ctx, body, jose.Random(12), deviation), 400, "a message "+deviation.String())
	}
	Needs(client.AskToPay(ctx, body, jose.Random(12)))
}
