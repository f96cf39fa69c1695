package fapi2sp

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// refreshed is a grant, what two refreshes in a row made of it, and what became of its refresh tokens a minute later.
type refreshed struct {
	grant, first, second *flow.Outcome
	newest, oldest       *flow.Outcome // nil where nothing was replaced
}

func refreshSpecs(client *flow.Client) {
	Describe("a refresh token", func() {
		It("is not taken without proof of possession", BoundTokensOnRefresh, func(ctx SpecContext) {
			needsSomethingToLeaveOut(client)
			everywhere.AsEach(client, func(client *flow.Client) {
				everywhere.NeedsRefreshToken(client.Grant(ctx))
				RefusesToRefreshUnless(ctx, client, boundToCertificate(ctx, client), withoutSenderConstraint(client)...)
			})
		})

		// Whoever takes over what he knows of a refresh token from use to use may lose on the way to what it is bound.
		It("that has been used, or came for another one, is not taken without proof of possession", BoundTokensOnRefresh, func(ctx SpecContext) {
			needsSomethingToLeaveOut(client)
			everywhere.AsEach(client, func(client *flow.Client) {
				everywhere.NeedsRefreshToken(client.Grant(ctx))
				RefusesToRefreshFromUnless(ctx, client, RefreshesLike{
					First: func() *flow.Outcome { return flow.Newest(NeedsRefreshed(ctx, client)) },
					Fresh: func() *flow.Outcome {
						grant := everywhere.NeedsRefreshToken(client.Obtain(ctx))
						return flow.Newest(grant, Needs(client.Refresh(ctx, grant)))
					},
				}, boundToCertificate(ctx, client), withoutSenderConstraint(client)...)
			})
		})

		It("is not taken over a certificate in the place of a DPoP proof", BoundTokensOnRefresh, func(ctx SpecContext) {
			other := anothersCertificate(client)
			everywhere.NeedsRefreshToken(client.Grant(ctx))
			RefusesToRefreshUnless(ctx, client, boundToThe(ctx, client, other.Shown(), flow.With(flow.Certificate, other)), overCertificate(other))
		})
		It("is not taken with a DPoP proof that does not hold", BoundTokensOnRefresh, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.NeedsRefreshToken(client.Grant(ctx))
			RefusesToRefreshUnless(ctx, client, boundAllTheSame(ctx, client), spoiltProofs()...)
		})

		It("brings a token that is bound to a key", BoundTokensOnRefresh, func(ctx SpecContext) {
			everywhere.NeedsRefreshToken(client.Grant(ctx))
			grant, fresh := NeedsRefreshed(ctx, client)
			Needs(client.Call(ctx, fresh))
			isBound(ctx, client, fresh)
			second := Needs(client.Refresh(ctx, flow.Newest(grant, fresh)))
			Needs(client.Call(ctx, second))
			isBound(ctx, client, second)
		})

		// Who learnt of binding with OpenID Connect may have forgotten what is older.
		It("brings a token that is bound to a key, and none without proof of possession, where openid was not granted", BoundTokensOnRefresh, func(ctx SpecContext) {
			scope, plain := plainScope(client), plainRequest(client)
			needsPlainRefreshToken := func(grant *flow.Outcome) *flow.Outcome {
				if Needs(takesPlainRequests(grant)).RefreshToken() == "" {
					NotApplicable("no refresh token comes where openid is not granted")
				}
				return grant
			}
			var bare []flow.Deviation
			if !bindsByAuthentication(client) {
				bare = withoutSenderConstraint(client)
			}
			fresh := RefusesToRefreshFromUnless(ctx, client, RefreshesLike{
				First: func() *flow.Outcome { return needsPlainRefreshToken(client.RefreshableOf(ctx, scope)) },
				Fresh: func() *flow.Outcome { return needsPlainRefreshToken(client.Obtain(ctx, plain)) },
			}, boundToCertificate(ctx, client), bare...)
			if fresh == nil {
				return
			}
			isBoundWithoutOpenID(ctx, client, fresh)
		})

		Aged(62*time.Second, "stays the same from use to use", NoRotation,
			func(ctx SpecContext) refreshed {
				grant := everywhere.NeedsRefreshToken(client.Obtain(ctx))
				first := Needs(client.Refresh(ctx, grant))
				return refreshed{grant: grant, first: first, second: Needs(client.Refresh(ctx, flow.Newest(grant, first)))}
			},
			func(ctx context.Context, r refreshed) refreshed {
				if flow.Replaced(r.grant, r.first) && flow.Replaced(r.first, r.second) {
					r.newest = client.Refresh(ctx, flow.Newest(r.first, r.second))
					r.oldest = client.Refresh(ctx, r.grant, flow.Words("with the refresh token that was replaced a minute ago"))
				}
				return r
			},
			func(_ SpecContext, r refreshed) {
				changed, changedAgain := flow.Replaced(r.grant, r.first), flow.Replaced(flow.Newest(r.grant, r.first), r.second)
				switch {
				case !changed && !changedAgain:
					return
				case changed != changedAgain:
					Warn("the refresh token was replaced on one of two uses")
					return
				}
				Needs(r.newest)
				// What the operator calls an extraordinary circumstance stands in attested: that is the operator's word.
				circumstance := client.Target().Attested[NoRotation.ID]
				if decision, _ := Decide(r.oldest); decision == wire.Refused && circumstance != "" {
					Warn("both uses brought a new refresh token, and the first one is withdrawn; the operator says: %s", circumstance)
					return
				}
				Expect(r.oldest).To(BeAccepted(), "both uses brought a new refresh token, and the first one is withdrawn (where an extraordinary circumstance is the reason, attest %s and name it)", NoRotation.ID)
				Warn("the refresh token was replaced on both uses; the first one still works")
			})

		It("that was replaced works until its successor is used", RotationForgives, func(ctx SpecContext) {
			grant := everywhere.NeedsRefreshToken(client.Obtain(ctx))
			first := Needs(client.Refresh(ctx, grant))
			if !flow.Replaced(grant, first) {
				NotApplicable("the refresh token is not replaced")
			}
			again := client.Refresh(ctx, grant, flow.Words("with the refresh token that was replaced just now"))
			Expect(again).To(BeAccepted())
			// Who asks again has lost the first answer: the target may withdraw what that held, and has to honour what it gave last.
			Expect(client.Refresh(ctx, flow.Newest(first, again), flow.Words("with the newest refresh token"))).To(BeAccepted())
		})
	})
}
