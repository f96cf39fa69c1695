package openbankinguk

import (
	"encoding/json"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func paymentSpecs(client *flow.Client) {
	Describe("a consent for a payment", func() {
		It("is refused under a key of more than 40 characters", KeyLength, func(ctx SpecContext) {
			body := needsPayments(client)
			Needs(client.AskToPay(ctx, body, flow.Alphabetical(40)))
			answeredWith(client.AskToPay(ctx, body, flow.Alphabetical(41), flow.Words("under a key of 41 characters")), 400, "an idempotency key of 41 characters")
		})
		It("that is asked for again under its key is the same one", KeyRepeats, func(ctx SpecContext) {
			body, key := needsPayments(client), jose.Random(12)
			first := consentIn(Needs(client.AskToPay(ctx, body, key)))
			if err := client.Wait(ctx, 2*time.Second, KeyRepeats.ID); err != nil {
				Unknown("%s", err)
			}
			second := client.AskToPay(ctx, body, key, flow.Words("once more under the same key"))
			if decision, because := Decide(second); decision == wire.Undecided {
				Unknown("%s", because)
			}
			if second.Status != 201 {
				Broken("the second answer is %d, and not 201", second.Status)
			}
			if again := consentIn(second); again != first {
				Broken("a second consent was created under the same key: %s beside %s", wire.Printable(again), wire.Printable(first))
			}
		})
		It("is not changed by another body under its key", KeyKeepsBody, func(ctx SpecContext) {
			body, key := needsPayments(client), jose.Random(12)
			first := Needs(client.AskToPay(ctx, body, key))
			if err := client.Wait(ctx, 2*time.Second, KeyKeepsBody.ID); err != nil {
				Unknown("%s", err)
			}
			second := client.AskToPay(ctx, ofAmount(body, "2.34"), key, flow.Words("for another amount under the same key"))
			if decision, because := Decide(second); decision == wire.Undecided && (second.Err != nil || second.Status >= 500 || second.Status == 429) {
				Unknown("%s", because)
			}
			if second.Status < 300 && (consentIn(second) != consentIn(first) || amountIn(second) != amountIn(first)) {
				Broken("another amount under the same key is answered with consent %s of %s", wire.Printable(consentIn(second)), wire.Printable(amountIn(second)))
			}
			if now := Needs(client.ReadPaymentConsent(ctx, consentIn(first))); amountIn(now) != amountIn(first) {
				Broken("the consent is of %s now, and was of %s", wire.Printable(amountIn(now)), wire.Printable(amountIn(first)))
			}
		})
		It("is the client's own under a key that another client has used", KeyPerClient, func(ctx SpecContext) {
			body, key := needsPayments(client), jose.Random(12)
			others := everywhere.Guests(client)
			if len(others) == 0 {
				NotApplicable("the target file has no other client")
			}
			Needs(client.AskToPay(ctx, body, jose.Random(12)))
			theirs := consentIn(Needs(others[0].AskToPay(ctx, body, key)))
			own := client.AskToPay(ctx, body, key)
			Expect(own).To(BeAccepted())
			if consentIn(own) == theirs {
				Broken("the client is given the consent of client %s, which has used the same key", others[0].ID())
			}
			Needs(client.ReadPaymentConsent(ctx, consentIn(own)))
			shut(client.ReadPaymentConsent(ctx, theirs, flow.Words("of another client")))
		})
		It("is consumed when the payment was made", ConsentConsumed, func(ctx SpecContext) {
			_, id := paid(ctx, client)
			state := ""
			for waited := time.Duration(0); waited <= time.Minute; waited += 15 * time.Second {
				if waited > 0 && client.Wait(ctx, 15*time.Second, ConsentConsumed.ID) != nil {
					Unknown("interrupted while waiting")
				}
				if state = stateOf(Needs(client.ReadPaymentConsent(ctx, id))); state == "COND" || state == "Consumed" {
					return
				}
			}
			Broken("Data.Status of the consent is %q a minute after its payment was made", wire.Printable(state))
		})
		It("pays once", PaysOnce, func(ctx SpecContext) {
			tokens, id := paid(ctx, client)
			again := client.Pay(ctx, tokens, forConsent(client.Target().Payments.Body, id), jose.Random(12), flow.Words("once more, under another key"))
			if Accepts(again) {
				Warn("a second payment was made by one consent")
				return
			}
			shut(again)
		})
	})
}

// needsPayments is the body with which consents for payments are asked for, where they can be.
func needsPayments(client *flow.Client) string {
	if !client.Pays() {
		NotApplicable("the target file does not say how consents for payments are created (payments)")
	}
	return client.Target().Payments.Body
}

// paid is a payment that was made, with the token that it was made with, and the id of its consent.
func paid(ctx SpecContext, client *flow.Client) (tokens *flow.Outcome, id string) {
	body := needsPayments(client)
	id = consentIn(Needs(client.AskToPay(ctx, body, jose.Random(12))))
	landed := Needs(client.LoginFor(ctx, id, flow.With(flow.Scope, client.PaymentScope()).As("for a payment")))
	tokens = Needs(client.Exchange(ctx, landed))
	Needs(client.Pay(ctx, tokens, forConsent(body, id), jose.Random(12)))
	return tokens, id
}

func consentIn(o *flow.Outcome) string {
	id, _ := o.Member("Data.ConsentId").(string)
	return id
}

func amountIn(o *flow.Outcome) string {
	amount, _ := o.Member("Data.Initiation.InstructedAmount.Amount").(string)
	return amount
}

// forConsent is the body of a payment by its consent's.
func forConsent(body, id string) string {
	return edited(body, func(data map[string]any) { data["ConsentId"] = id })
}

// ofAmount is a body with another amount.
func ofAmount(body, amount string) string {
	return edited(body, func(data map[string]any) {
		initiation, _ := data["Initiation"].(map[string]any)
		instructed, _ := initiation["InstructedAmount"].(map[string]any)
		if instructed == nil {
			NotApplicable("payments.body has no Data.Initiation.InstructedAmount")
		}
		if instructed["Amount"] == amount {
			amount = strings.Replace(amount, "2", "3", 1)
		}
		instructed["Amount"] = amount
	})
}

func edited(body string, edit func(data map[string]any)) string {
	var whole map[string]any
	_ = json.Unmarshal([]byte(body), &whole) // whoever wrote it into the target file was told whether it is JSON
	data, _ := whole["Data"].(map[string]any)
	if data == nil {
		NotApplicable("payments.body has no object Data")
	}
	edit(data)
	changed, err := json.Marshal(whole)
	if err != nil {
		Unknown("%s", err)
	}
	return string(changed)
}
