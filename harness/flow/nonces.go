package flow

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// demandsNonce says whether the answer is the challenge of RFC 9449 section 8 or 9: the error, and a nonce to go on with.
func demandsNonce(o *Outcome) bool {
	if o.Err != nil || o.Header.Get("DPoP-Nonce") == "" {
		return false
	}
	if o.ErrorCode() == "use_dpop_nonce" {
		return true
	}
	return slices.ContainsFunc(o.Challenges(), func(challenge string) bool {
		return strings.Contains(challenge, "use_dpop_nonce")
	})
}

// DemandsNonce says whether the request was refused because its proof had no nonce that the server takes now (RFC 9449 sections 8 and 9).
func (o *Outcome) DemandsNonce() bool { return demandsNonce(o) }

// nonceServer names the server whose nonces go with the request: authorization server and resource server have their own.
func nonceServer(d *draft) string {
	kind := "as "
	if d.step.TakesToken() {
		kind = "rs "
	}
	parsed, err := url.Parse(d.url)
	if err != nil {
		return kind
	}
	return kind + parsed.Host
}

func (c *Client) nonce(server string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nonces[server]
}

func (c *Client) adoptNonce(server string, header http.Header) {
	nonce := header.Get("DPoP-Nonce")
	if nonce == "" || len(nonce) > 4096 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nonces[server] = nonce
}

// NonceDemanded says whether a DPoP nonce was asked for so far (use_dpop_nonce) at an address. A server may want them at one of its endpoints, and at another not.
func (c *Client) NonceDemanded(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.demanded[htu(address)]
}

// learnDemand remembers where a nonce was asked for.
func (c *Client) learnDemand(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.demanded[htu(address)] = true
}

// Nonces says whether the target has handed out DPoP nonces so far, at the authorization server or at the resource server.
func (c *Client) Nonces() (authorizationServer, resourceServer bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for server := range c.nonces {
		if strings.HasPrefix(server, "as ") {
			authorizationServer = true
		} else {
			resourceServer = true
		}
	}
	return authorizationServer, resourceServer
}
