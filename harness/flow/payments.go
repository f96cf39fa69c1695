package flow

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/fapitest/fapitest/harness/jose"
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
	if c.SignsPayments() {
		d.header.Set(signatureField, c.Detached(body, nil))
	}
	return c.show(ctx, d, token, deviations)
}

// signatureField has the detached signature of a request's body (RFC 7515 appendix F).
const signatureField = "X-Jws-Signature"

// The members of a signature's header that Open Banking UK has added.
const (
	SignedAt     = "http://openbanking.org.uk/iat"
	SignedBy     = "http://openbanking.org.uk/iss"
	SignedAnchor = "http://openbanking.org.uk/tan"
)

// SignsPayments says whether the client signs what it posts about payments: the target file says as whom, and it has a key that can.
func (c *Client) SignsPayments() bool {
	return c.Pays() && c.target.Payments.Issuer != "" && c.self.Key != nil && c.self.Key.Algorithm == jose.PS256
}

// Detached is the detached signature of a body, which edit may have changed before it is made; nil: nothing is. Empty: it could not be made.
func (c *Client) Detached(body string, edit func(*jose.Token)) string {
	token := &jose.Token{
		Key: c.self.Key, Algorithm: jose.PS256, Claims: map[string]any{}, Payload: func([]byte) []byte { return []byte(body) },
		Header: map[string]any{
			"kid": c.self.Key.ID, SignedAt: c.Now().Unix(), SignedBy: c.target.Payments.Issuer, SignedAnchor: cmp.Or(c.target.Payments.Anchor, "openbanking.org.uk"),
			"crit": []string{SignedAt, SignedBy, SignedAnchor},
		},
	}
	if edit != nil {
		edit(token)
	}
	signed, err := token.Sign()
	parts := strings.Split(signed, ".")
	if err != nil || len(parts) != 3 {
		return ""
	}
	return parts[0] + ".." + parts[2]
}

// SignedAs has a request show another signature; empty: none.
func SignedAs(says, signature string) Deviation {
	if signature == "" {
		return Untold(signatureField).As(says)
	}
	return WithField(signatureField, signature).As(says)
}
