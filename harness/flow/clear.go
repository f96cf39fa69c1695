package flow

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
)

// clearPatience is how long an answer without TLS is waited for: who waits for a handshake says nothing.
const clearPatience = 5 * time.Second

// InClear asks for an address by http, without TLS, and with nothing in it that tells who asks. No redirect is followed.
func (c *Client) InClear(ctx context.Context, address string) *Outcome {
	ctx, cancel := context.WithTimeout(wire.InClear(ctx), clearPatience)
	defer cancel()
	d := c.draft(StepInClear, http.MethodGet, address)
	d.certificate = noCertificate
	return c.send(ctx, d, nil, []Deviation{Words("without TLS")})
}

// Nonsense asks for an address, with TLS or without, by a form that means nothing to anybody, and with nothing in it that tells who asks.
func (c *Client) Nonsense(ctx context.Context, address string) *Outcome {
	ctx, cancel := context.WithTimeout(wire.InClear(ctx), clearPatience)
	defer cancel()
	d := c.draft(StepInClear, http.MethodPost, address)
	d.certificate = noCertificate
	d.params = url.Values{"fapitest": {"nonsense"}}
	return c.send(ctx, d, nil, []Deviation{Words("that means nothing")})
}

// AskBare asks for the authorization endpoint as a browser does that brings a pushed request, or nothing but the client_id where that is nil. No
// redirect is followed, and no page is used.
func (c *Client) AskBare(ctx context.Context, pushed *Outcome) *Outcome {
	d := c.draft(StepFront, http.MethodGet, c.target.Metadata.Endpoint("authorization_endpoint", false))
	d.certificate = noCertificate
	d.params = url.Values{"client_id": {c.self.ID}}
	if pushed != nil {
		d.params.Set("request_uri", pushed.RequestURI())
	}
	d.header.Set("Accept", "text/html")
	return c.send(ctx, d, nil, nil)
}

// VisitInClear is the same visit of the authorization endpoint at another address, without TLS.
func (c *Client) VisitInClear(ctx context.Context, address string, pushed *Outcome) *Outcome {
	ctx, cancel := context.WithTimeout(wire.InClear(ctx), clearPatience)
	defer cancel()
	d := c.draft(StepInClear, http.MethodGet, address)
	d.certificate = noCertificate
	d.params = url.Values{"client_id": {c.self.ID}, "request_uri": {pushed.RequestURI()}}
	d.header.Set("Accept", "text/html")
	return c.send(ctx, d, nil, []Deviation{Words("without TLS")})
}
