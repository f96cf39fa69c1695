package flow

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/fapitest/fapitest/harness/target"
)

// QueryGrant asks the grant management API what is in a grant, by its grant_id, with the access token of a token response.
func (c *Client) QueryGrant(ctx context.Context, id string, token *Outcome, deviations ...Deviation) *Outcome {
	return c.callGrantAPI(ctx, StepQueryGrant, http.MethodGet, id, token, deviations)
}

// RevokeGrant has the grant management API revoke a grant, by its grant_id, with the access token of a token response.
func (c *Client) RevokeGrant(ctx context.Context, id string, token *Outcome, deviations ...Deviation) *Outcome {
	return c.callGrantAPI(ctx, StepRevokeGrant, http.MethodDelete, id, token, deviations)
}

// callGrantAPI makes a call by the resource URL of a grant: the endpoint, a slash, and the grant_id.
func (c *Client) callGrantAPI(ctx context.Context, step Step, method, id string, token *Outcome, deviations []Deviation) *Outcome {
	if token.AccessToken() == "" {
		return token
	}
	d := c.draft(step, method, strings.TrimSuffix(c.Endpoint("grant_management_endpoint"), "/")+"/"+url.PathEscape(id))
	d.token, d.scheme = token.AccessToken(), "Bearer"
	if c.self.Binding == target.DPoP {
		d.scheme = "DPoP"
	}
	d.prove()
	return c.send(ctx, d, token.attempt, deviations)
}
