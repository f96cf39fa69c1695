package flow

import (
	"cmp"
	"context"
	"net/http"
	"strings"
)

// Payments are made in three steps: the client creates a consent for one, the end user authorises that, and the client has it carried out. What creates
// something goes under an idempotency key: what comes again under it is the same wish.

// Pays says whether the target file says how consents for payments are created.
func (c *Client) Pays() bool { return c.Intends() && c.target.Payments != nil }

// PaymentScope is what an authorization request for a payment asks for.
func (c *Client) PaymentScope() string { return strings.TrimSpace("openid " + c.paymentScope()) }

func (c *Client) paymentScope() string { return cmp.Or(c.target.Payments.Scope, "payments") }

// AskToPay creates a consent for a payment: a JSON body, under an idempotency key.
func (c *Client) AskToPay(ctx context.Context, body, key string, deviations ...Deviation) *Outcome {
	token := c.ownToken(ctx, c.paymentScope())
	if token.AccessToken() == "" {
		return token
	}
	return c.posts(ctx, token, c.target.Payments.URL, body, key, deviations)
}

// ReadPaymentConsent asks for a consent for a payment by its id.
func (c *Client) ReadPaymentConsent(ctx context.Context, id string, deviations ...Deviation) *Outcome {
	token := c.ownToken(ctx, c.paymentScope())
	if token.AccessToken() == "" {
		return token
	}
	return c.show(ctx, c.draft(StepIntent, http.MethodGet, strings.TrimSuffix(c.target.Payments.URL, "/")+"/"+id), token, deviations)
}

// Pay has a payment carried out with the token of a grant: a JSON body, under an idempotency key.
func (c *Client) Pay(ctx context.Context, grant *Outcome, body, key string, deviations ...Deviation) *Outcome {
	if grant.AccessToken() == "" {
		return grant
	}
	return c.posts(ctx, grant, strings.TrimSuffix(strings.TrimSuffix(c.target.Payments.URL, "/"), "-consents")+"s", body, key, deviations)
}

func (c *Client) posts(ctx context.Context, token *Outcome, address, body, key string, deviations []Deviation) *Outcome {
	d := c.draft(StepIntent, http.MethodPost, address)
	d.content = body
	d.header.Set("X-Idempotency-Key", key)
	return c.show(ctx, d, token, deviations)
}
