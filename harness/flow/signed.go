package flow

import (
	"context"
	"fmt"
	"strings"

	"github.com/fapitest/fapitest/harness/jose"
)

// IntrospectionJWT is the media type of introspection that is answered with a JWT (RFC 9701).
const IntrospectionJWT = "application/token-introspection+jwt"

// Accept is the header field that says in which form the answer is wanted.
var Accept = Part{
	name:   "Accept",
	remove: func(d *draft) { d.header.Set("Accept", "*/*") },
	set:    func(d *draft, value any) { d.header.Set("Accept", fmt.Sprint(value)) },
}

// IntrospectSigned asks for a JWT that says what the access token of a grant is.
func (c *Client) IntrospectSigned(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.aboutIn(ctx, StepIntrospectSigned, "introspection_endpoint", grant, "access_token", IntrospectionJWT, deviations)
}

// IntrospectRefreshTokenSigned asks for a JWT that says what the refresh token of a grant is.
func (c *Client) IntrospectRefreshTokenSigned(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.aboutIn(ctx, StepIntrospectSigned, "introspection_endpoint", grant, "refresh_token", IntrospectionJWT, deviations)
}

// introspectionIn is what an answer to introspection says that is a JWT; nil for what is none, or can't be read. It may be one although nobody asked for that, where a
// server is set up to sign them all.
func introspectionIn(body []byte) map[string]any {
	members, _ := jose.Claims(strings.TrimSpace(string(body)))["token_introspection"].(map[string]any)
	return members
}

// jwtLike says whether an answer is a JWT, as far as its form tells.
func jwtLike(body []byte) bool {
	compact := strings.TrimSpace(string(body))
	return jose.Claims(compact) != nil || jose.Encrypted(compact) && jose.Header(compact[:strings.IndexByte(compact, '.')]+"..") != nil
}
