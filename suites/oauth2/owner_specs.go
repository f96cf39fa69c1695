package oauth2

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func ownerSpecs(client *flow.Client) {
	Describe("an authorization code", func() {
		It("is not redeemed by another client", CodeOfItsClient, func(ctx SpecContext) {
			var uses []Use
			for _, stranger := range strangers(client) {
				Needs(stranger.Grant(ctx)) // it can redeem codes of its own
				uses = append(uses, asStranger(client, stranger, func(landed *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
					return stranger.Exchange(ctx, landed, deviations...)
				})...)
			}
			RefusesUsesOfCode(ctx, client, uses...)
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				RefusesUsesOfCodeFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, plain) }, uses...)
			})
		})
	})
	Describe("a refresh token", func() {
		It("is not taken from another client", RefreshTokenOfItsClient, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			var uses []Use
			for _, stranger := range strangers(client) {
				Needs(refreshed(ctx, stranger)) // it can use one of its own
				uses = append(uses, asStranger(client, stranger, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
					return stranger.Refresh(ctx, grant, deviations...)
				})...)
			}
			RefusesUsesOfRefreshToken(ctx, client, uses...)
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				first := client.RefreshableOf(ctx, everywhere.PlainScope(client))
				if Needs(first).RefreshToken() == "" {
					return // there may be none without openid
				}
				RefusesUsesOfRefreshTokenFrom(ctx, client, RefreshesLike{
					First: func() *flow.Outcome { return first }, Fresh: func() *flow.Outcome { return client.Obtain(ctx, plain) },
				}, uses...)
			})
		})
	})
}

// asStranger uses what belongs to the client as a stranger would who has found it; with a DPoP proof by the client's own key as well, where both
// make proofs: what is refused for the key alone belongs to nobody in particular.
func asStranger(client, stranger *flow.Client, use func(thing *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome) []Use {
	uses := []Use{func(thing *flow.Outcome) *flow.Outcome {
		return use(thing, flow.Words("what belongs to client "+client.ID()))
	}}
	if client.ProofKey() != nil && stranger.ProofKey() != nil {
		uses = append(uses, func(thing *flow.Outcome) *flow.Outcome {
			return use(thing, flow.With(flow.ProofKey, client.ProofKey()).As("what belongs to client "+client.ID()+", with a DPoP proof by its key"))
		})
	}
	return uses
}

// strangers are two other clients of the target file: one that authenticates and binds its tokens as the client does, and one that does not, or
// what of them there is. A server may know clients by their kind, and not by who they are. Where there are none the spec ends.
func strangers(client *flow.Client) []*flow.Client {
	self := client.Self()
	var chosen []*target.Client
	choose := func(fits func(other *target.Client) bool) {
		all := client.Target().Clients
		if i := slices.IndexFunc(all, func(other *target.Client) bool { return other.ID != self.ID && fits(other) }); i >= 0 {
			chosen = append(chosen, all[i])
		}
	}
	choose(func(other *target.Client) bool { return other.Auth == self.Auth && other.Binding == self.Binding })
	choose(func(other *target.Client) bool { return other.Auth != self.Auth })
	if len(chosen) == 0 {
		choose(func(*target.Client) bool { return true })
	}
	if len(chosen) == 0 {
		Unknown("the target file has no other client that could try it")
	}
	var all []*flow.Client
	for _, other := range chosen {
		stranger, err := client.Beside(other)
		if err != nil {
			Unknown("client %s can't be played: %s", other.ID, err)
		}
		all = append(all, stranger)
	}
	return all
}
