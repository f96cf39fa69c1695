package fapi2sp

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

func resourceSpecs(client *flow.Client) {
	Describe("the resource", func() {
		It("takes the token from the Authorization header", TokenInHeader, func(ctx SpecContext) {
			Expect(client.Call(ctx, Needs(client.Grant(ctx)))).To(BeAccepted())
		})
	})

	Describe("the resource", func() {
		Control("answers a valid token", func(ctx SpecContext) {
			Expect(client.Call(ctx, Needs(client.Grant(ctx)))).To(BeAccepted())
		})

		It("refuses the token in the query", TokenNotInQuery, func(ctx SpecContext) {
			Expect(client.Call(ctx, Needs(client.Grant(ctx)), flow.With(flow.TokenPlace, "query"))).To(BeRefused())
		})

		It("refuses a random string of the token's length", ForgedToken, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			Expect(client.Call(ctx, grant, flow.With(flow.AccessToken, flow.Lookalike(grant.AccessToken())).
				As("with a random string of the token's form"))).To(BeRefused())
		})
		It("refuses an altered token", ForgedToken, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			for where, altered := range flow.Altered(grant.AccessToken()) {
				Expect(client.Call(ctx, grant, flow.With(flow.AccessToken, altered).
					As("with one character changed in the middle of "+where))).To(BeRefused())
			}
		})

		It("refuses a token that was revoked", RevokedToken, func(ctx SpecContext) {
			grant := Needs(client.Obtain(ctx))
			Needs(client.Call(ctx, grant))
			revoked := client.Revoke(ctx, grant)
			if revoked.ErrorCode() == unsupportedTokenType {
				NotApplicable("the target can't revoke access tokens: the revocation endpoint answers %s (RFC 7009 section 2.2.1)", unsupportedTokenType)
			}
			Needs(revoked)
			answer := client.Call(ctx, grant, flow.Words("after the token was revoked"))
			if decision, _ := Decide(answer); decision == wire.Accepted {
				// The news may take a moment from the authorization server to the resource server.
				if client.Wait(ctx, propagation, RevokedToken.ID) != nil {
					Unknown("interrupted while waiting")
				}
				answer = client.Call(ctx, grant, flow.Words(fmt.Sprintf("%s after the token was revoked", propagation)))
			}
			// That revocation is offered is the operator's word, and 200 to the revocation the server's: who can't revoke access tokens says
			// unsupported_token_type (RFC 7009 section 2.2.1).
			Expect(answer).To(BeRefused())
		})

		It("refuses an id_token", OtherTokens, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			if grant.IDToken() == "" {
				NotApplicable("the token response has no id_token")
			}
			Expect(client.Call(ctx, grant, flow.With(flow.AccessToken, grant.IDToken()).As("with the id_token as access token"))).To(BeRefused())
		})
		It("refuses a refresh token", OtherTokens, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			if grant.RefreshToken() == "" {
				NotApplicable("the token response has no refresh token")
			}
			Expect(client.Call(ctx, grant, flow.With(flow.AccessToken, grant.RefreshToken()).As("with the refresh token as access token"))).To(BeRefused())
		})

		It("refuses a token of a lesser scope", SufficientToken, func(ctx SpecContext) {
			Expect(client.Call(ctx, lesserGrant(ctx, client))).To(BeRefused())
		})
		It("says insufficient_scope to a token of a lesser scope", InsufficientScope, func(ctx SpecContext) {
			answer := client.Call(ctx, lesserGrant(ctx, client))
			if decision, because := Decide(answer); decision != wire.Refused {
				Unknown("the token of a lesser scope was not refused: %s", because)
			}
			scheme := "Bearer"
			if client.Self().Binding == target.DPoP {
				scheme = "DPoP"
			}
			if !slices.ContainsFunc(answer.Challenged(scheme), func(c flow.Challenge) bool { return c.Params["error"] == "insufficient_scope" }) {
				Broken("no challenge of scheme %s in WWW-Authenticate has error insufficient_scope", scheme)
			}
			if answer.Status != http.StatusForbidden {
				Warn("the status is %d and not 403", answer.Status)
			}
		})

		It("refuses a DPoP-bound token without a proof", ProofRequired, func(ctx SpecContext) {
			Expect(client.Call(ctx, Needs(client.Grant(ctx)), flow.Without(flow.Proof))).To(BeRefused())
		})
		It("refuses a DPoP-bound token with a proof of another key", ProofOfOtherKey, func(ctx SpecContext) {
			Expect(client.Call(ctx, Needs(client.Grant(ctx)), flow.With(flow.ProofKey, client.NewProofKey()))).To(BeRefused())
		})
		It("refuses a certificate-bound token without a certificate", CertificateRequired, func(ctx SpecContext) {
			Expect(client.Call(ctx, Needs(client.Grant(ctx)), flow.Without(flow.Certificate))).To(BeRefused())
		})
		It("refuses a certificate-bound token over another certificate", OtherCertificate, func(ctx SpecContext) {
			other, ok := client.Another()
			if !ok {
				Unknown("the target file has no second client with a certificate of its own")
			}
			if !other.SameKind(client.Self()) {
				Note("no other client of the target file has a certificate of the same kind (self-signed or by an authority): a refusal may be for that alone")
			}
			Expect(client.Call(ctx, Needs(client.Grant(ctx)), flow.With(flow.Certificate, other))).To(BeRefused())
		})

		AgedBy(Age[*flow.Outcome]{
			Of:      func(grant *flow.Outcome) time.Duration { return lifetime(grant) + soonAfterExpiry },
			Most:    func(grant *flow.Outcome) time.Duration { return lifetime(grant) + longAfterExpiry },
			About:   time.Minute,
			Says:    fmt.Sprintf("as long as an access token lives and %s more or %s where it is still accepted then", seconds(soonAfterExpiry), seconds(longAfterExpiry)),
			Shorten: fmt.Sprintf("have the target give client %s access tokens that live shorter", client.ID()),
		},
			"refuses a token that has expired", ExpiredToken,
			func(ctx SpecContext) *flow.Outcome {
				grant := Needs(client.Obtain(ctx))
				if lifetime(grant) == 0 {
					LeaveToAttestation("the token response does not say how long the token lives")
				}
				Needs(client.Call(ctx, grant))
				return grant
			},
			func(ctx context.Context, grant *flow.Outcome) expired {
				e := expired{lives: lifetime(grant), soon: client.Call(ctx, grant, flow.Words(seconds(soonAfterExpiry)+" after the token expired"))}
				if decision, _ := Decide(e.soon); decision == wire.Accepted && WaitOn(ctx, e.lives+longAfterExpiry) {
					e.late = client.Call(ctx, grant, flow.Words(seconds(longAfterExpiry)+" after the token expired"))
				}
				return e
			},
			func(_ SpecContext, e expired) {
				if decision, _ := Decide(e.soon); decision != wire.Accepted {
					Expect(e.soon).To(BeRefused())
					return
				}
				// That it is not refused at once was seen: nobody's word stands against that.
				if e.late == nil {
					Unknown("a token is still accepted %s after it expired, and whether it still is %s after could not be waited for, which no attestation makes up for: "+
						"set waits.longest to %s, or have the target give client %s access tokens that live shorter",
						seconds(soonAfterExpiry), seconds(longAfterExpiry), e.lives+longAfterExpiry, client.ID())
				}
				Expect(e.late).To(BeRefused())
				Warn("a token is still accepted %s after it expired, and refused %s after", seconds(soonAfterExpiry), seconds(longAfterExpiry))
			})
	})
}

// When an expired token is tried. Clocks differ, and a minute's leeway is common; after that nobody can mean it well.
const (
	soonAfterExpiry = 10 * time.Second
	longAfterExpiry = 70 * time.Second
)

// expired is what became of a token that had expired.
type expired struct {
	lives time.Duration
	soon  *flow.Outcome
	late  *flow.Outcome // nil: not tried
}

// propagation is how long a revocation may take to be heard of, where the operator declares no time of its own.
const propagation = 5 * time.Second

func lifetime(grant *flow.Outcome) time.Duration {
	seconds, _ := grant.ExpiresIn()
	return time.Duration(seconds) * time.Second
}

// lesserGrant is a token without the scope that the resource needs.
func lesserGrant(ctx SpecContext, client *flow.Client) *flow.Outcome {
	needed := client.Target().Resource.Scope
	if needed == "" {
		LeaveToAttestation("the target file names no resource.scope without which the resource has to refuse")
	}
	rest := slices.DeleteFunc(strings.Fields(client.Target().Scope), func(word string) bool { return word == needed })
	if len(rest) == 0 {
		LeaveToAttestation("the scope of the target file has nothing beside %s to ask for", needed)
	}
	grant := Needs(client.GrantOf(ctx, strings.Join(rest, " ")))
	if slices.Contains(grant.Scopes(), needed) {
		Unknown("the target grants %s although it was not asked for it", needed)
	}
	return grant
}
