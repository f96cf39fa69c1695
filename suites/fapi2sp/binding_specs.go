package fapi2sp

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func bindingSpecs(client *flow.Client) {
	Describe("an access token", func() {
		It("works over the certificate over which it was asked for", CertificateBinding, func(ctx SpecContext) {
			Expect(served(ctx, client)).To(BeAccepted())
		})
		It("works with proofs of the key with whose proof it was asked for", DPoPBinding, func(ctx SpecContext) {
			Expect(served(ctx, client)).To(BeAccepted())
		})
	})

	Describe("the authorization server", func() {
		It("may want nonces in DPoP proofs", DPoPNonces, func(ctx SpecContext) {
			Needs(served(ctx, client))
			authorizationServer, resourceServer := client.Nonces()
			switch {
			case authorizationServer && resourceServer:
				Note("nonces are in use at the authorization server and at the resource server")
			case authorizationServer:
				Note("nonces are in use at the authorization server")
			case resourceServer:
				Note("nonces are in use at the resource server")
			default:
				Note("no nonces are in use")
			}
		})

		It("takes the thumbprint of a key in the pushed request", DPoPThumbprint, func(ctx SpecContext) {
			Needs(client.Grant(ctx))
			named := flow.With(flow.DPoPKeyThumbprint, thumbprint(client)).As("with dpop_jkt of the client's own key")
			if client.Target().Required(target.RequiresDPoPJKT) {
				named = flow.Words(named.String()) // as every one here
			}
			grant := client.Obtain(ctx, named)
			Expect(grant).To(BeAccepted())
		})

		// Of a proof that is taken both times are taken, and one that is refused is refused for the one or the other: a login tells.
		It("takes a proof whose times are 8 seconds ahead with a code", ProofAhead, func(ctx SpecContext) {
			Needs(client.Grant(ctx))
			Expect(client.Exchange(ctx, Needs(client.Login(ctx)), flow.All("with iat and nbf 8s ahead in the DPoP proof",
				flow.With(flow.ProofClaim("iat"), flow.Ahead(8*time.Second)), flow.With(flow.ProofClaim("nbf"), flow.Ahead(8*time.Second))))).To(BeAccepted())
		})
		It("takes a proof that was made 8 seconds ahead with a refresh token", ProofAhead, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			Expect(Refreshed(ctx, client, flow.With(flow.ProofClaim("iat"), flow.Ahead(8*time.Second)))).To(BeAccepted())
		})
		It("takes a proof that is good from 8 seconds ahead on with a refresh token", ProofAhead, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			Expect(Refreshed(ctx, client, flow.With(flow.ProofClaim("nbf"), flow.Ahead(8*time.Second)))).To(BeAccepted())
		})
		It("takes a proof that is good from 8 seconds ahead on in the pushed request", ProofAhead, func(ctx SpecContext) {
			Needs(client.Push(ctx, proven(client, "")))
			Expect(client.Push(ctx, proven(client, " whose nbf is 8s ahead", flow.With(flow.ProofClaim("nbf"), flow.Ahead(8*time.Second))))).To(BeAccepted())
		})
		It("takes a proof that was made 8 seconds ahead in the pushed request", ProofAhead, func(ctx SpecContext) {
			Needs(client.Push(ctx, proven(client, "")))
			Expect(client.Push(ctx, proven(client, " whose iat is 8s ahead", flow.With(flow.ProofClaim("iat"), flow.Ahead(8*time.Second))))).To(BeAccepted())
		})
		It("takes a proof that was made 10 seconds ago in the token request", ProofAhead, func(ctx SpecContext) {
			Needs(client.Grant(ctx))
			late := client.Exchange(ctx, Needs(client.Login(ctx)), flow.With(flow.ProofClaim("iat"), flow.Ago(10*time.Second)))
			if decision, because := Decide(late); decision == wire.Refused {
				Warn("a DPoP proof that was made 10 seconds ago is refused: %s", because)
				return
			}
			Expect(late).To(BeAccepted())
		})

		It("takes a proof whose times are 8 seconds ahead where a client asks for itself", ProofAhead, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				for _, claim := range []string{"iat", "nbf"} {
					Expect(client.ForItself(ctx, grant, flow.With(flow.ProofClaim(claim), flow.Ahead(8*time.Second)))).To(BeAccepted())
				}
				late := client.ForItself(ctx, grant, flow.With(flow.ProofClaim("iat"), flow.Ago(10*time.Second)))
				if decision, because := Decide(late); decision == wire.Refused {
					Warn("a DPoP proof that was made 10 seconds ago is refused where a client asks for itself: %s", because)
					return
				}
				Expect(late).To(BeAccepted())
			})
		})

		// The profile speaks of iat or nbf of JWTs, of whatever kind, and sets the bound so that nobody leaves out the look at them: that DPoP has no use
		// for nbf is no reason to take a proof that says of itself that it is not good yet.
		for _, claim := range []struct{ name, says string }{{"iat", "was made 90 seconds ahead"}, {"nbf", "is good from 90 seconds ahead on"}} {
			It("refuses a proof that "+claim.says+" in the pushed request", ProofFarAhead, func(ctx SpecContext) {
				Needs(client.Push(ctx, proven(client, "")))
				try := client.Push(ctx, proven(client, " whose "+claim.name+" is 90s ahead and that has no nonce",
					flow.With(flow.ProofClaim(claim.name), flow.Ahead(90*time.Second)), flow.Without(flow.ProofNonce)))
				if decision, _ := Decide(try); decision == wire.Accepted && looksAtNoProof(ctx, client) {
					Unknown("the authorization server does not look at DPoP proofs in pushed requests at all, as RFC 9449 section 10.1 wants it to: what it makes of their clocks can't be seen")
				}
				Expect(try).To(BeRefused())
				Needs(client.Push(ctx, proven(client, "")))
				if try.ErrorCode() == "use_dpop_nonce" {
					NotApplicable("the authorization server wants DPoP nonces, which stand in for the clock")
				}
			})
		}
		// Without a nonce: one that the server gave may stand in for the clock, one that it only hands out may not. What lies just beyond the minute is
		// tried as well as what lies beyond a minute and a half, and what is so far away that a check may take it for nonsense, and pass over it.
		var farAhead []flow.Deviation
		for _, claim := range []string{"iat", "nbf"} {
			for _, seconds := range []int{65, 90, 4000} {
				farAhead = append(farAhead, flow.All(fmt.Sprintf("with %s %ds ahead and no nonce in the DPoP proof", claim, seconds),
					flow.With(flow.ProofClaim(claim), flow.Ahead(time.Duration(seconds)*time.Second)), flow.Without(flow.ProofNonce)))
			}
		}
		byTheClock := func(tries []*flow.Outcome) {
			if tries[0].ErrorCode() == "use_dpop_nonce" {
				NotApplicable("the authorization server wants DPoP nonces, which stand in for the clock")
			}
		}
		It("refuses a proof from more than 60 seconds ahead with a code", ProofFarAhead, func(ctx SpecContext) {
			byTheClock(RefusesToRedeem(ctx, client, farAhead...))
		})
		It("refuses a proof from more than 60 seconds ahead with a refresh token", ProofFarAhead, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			byTheClock(RefusesToRefresh(ctx, client, farAhead...))
		})
		It("refuses a proof from more than 60 seconds ahead where a client asks for itself", ProofFarAhead, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				var tries []*flow.Outcome
				for i, ahead := range farAhead {
					KeepKnown(ctx, client, i)
					try := client.ForItself(ctx, grant, ahead)
					Expect(try).To(BeRefused())
					tries = append(tries, try)
				}
				Needs(client.ForItself(ctx, grant))
				byTheClock(tries)
			})
		})
	})
}

// proven is a pushed request with a DPoP proof, and what is to be different about that. Where the target wants one in every pushed request it is
// there already.
func proven(client *flow.Client, words string, deviations ...flow.Deviation) flow.Deviation {
	words = "with a DPoP proof" + words
	if !client.Target().Required(target.RequiresDPoPAtPAR) {
		deviations = append([]flow.Deviation{flow.With(flow.Proof, client.ProofKey())}, deviations...)
	}
	if len(deviations) == 0 {
		return flow.Words(words)
	}
	return flow.All(words, deviations...)
}

// looksAtNoProof says whether a DPoP proof that is none goes through the pushed authorization request endpoint: then it is not the
// clock that is at fault.
func looksAtNoProof(ctx SpecContext, client *flow.Client) bool {
	decision, _ := Decide(client.Push(ctx, proven(client, " for another URL", flow.With(flow.ProofClaim("htu"), flow.ForeignOrigin))))
	return decision == wire.Accepted
}

// thumbprint is that of the client's proof key; empty for clients without, for which no spec that asks runs.
func thumbprint(client *flow.Client) string {
	if client.Self().Binding != target.DPoP {
		return ""
	}
	return client.ProofKey().Thumbprint()
}
