package flow

import (
	"context"
	"net/http"
	"net/url"

	"github.com/fapitest/fapitest/harness/jose"
)

// KeySet fetches the keys that the metadata name (jwks_uri), as anybody would who has a signature to check. Where the metadata name none, nothing is sent,
// and nil is returned.
func (c *Client) KeySet(ctx context.Context) *Outcome {
	address := c.target.Metadata.Text("jwks_uri")
	if parsed, err := url.Parse(address); address == "" || err != nil || parsed.Host == "" {
		return nil
	}
	d := c.draft(StepKeySet, http.MethodGet, address)
	d.certificate = noCertificate
	return c.send(ctx, d, c.newAttempt(), nil)
}

// Keys are the members of a key set that was answered; nil where there is none.
func (o *Outcome) Keys() []map[string]any {
	list, _ := o.Members()["keys"].([]any)
	var keys []map[string]any
	for _, member := range list {
		if key, ok := member.(map[string]any); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// WithProofKey is the client with another key for its DPoP proofs: the same one each time for a key. What it is granted is bound to that key, and is this worker's own.
func (c *Client) WithProofKey(key *jose.Key) (*Client, error) {
	name := c.self.ID + " with " + key.Thumbprint()
	c.guests.Lock()
	defer c.guests.Unlock()
	if guest := c.guests.all[name]; guest != nil {
		return guest, nil
	}
	guest, err := c.besideWith(c.self, key)
	if err == nil {
		guest.guest = false // it is no other client
		c.guests.all[name] = guest
	}
	return guest, err
}
