package openbankinguk

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func deletionSpecs(client *flow.Client) {
	Describe("a deleted consent", func() {
		It("is what its client makes of it", Deletes, func(ctx SpecContext) {
			id := client.IntentOf(Needs(client.CreateIntent(ctx)))
			switch answer := client.DeleteIntent(ctx, id); {
			case answer.Status == http.StatusNoContent:
			case answer.Status >= 200 && answer.Status < 300:
				Warn("the deletion is answered with %d, and not with 204", answer.Status)
			default:
				answeredWith(answer, http.StatusNoContent, "the deletion of a consent by its client")
			}
		})
		It("is answered with 400", DeletedGone, func(ctx SpecContext) {
			id := client.IntentOf(Needs(client.CreateIntent(ctx)))
			Needs(client.ReadIntent(ctx, id))
			needsDeletion(client.DeleteIntent(ctx, id))
			answeredWith(client.ReadIntent(ctx, id, flow.Words("of a consent that was deleted")), http.StatusBadRequest, "a consent that was deleted")
		})
		It("leads to no authorization", NotDeleted, func(ctx SpecContext) {
			id := client.IntentOf(Needs(client.CreateIntent(ctx)))
			needsDeletion(client.DeleteIntent(ctx, id))
			refusesConsent(ctx, client, client.LoginFor(ctx, id, flow.Words("for a consent that was deleted")), false)
			Needs(client.Login(ctx))
		})
		It("leads to no authorization that was asked for before", NotDeleted, func(ctx SpecContext) {
			if client.Target().TakesByValue() {
				NotApplicable("requests are not pushed here: there is none before the user comes")
			}
			id := client.IntentOf(Needs(client.CreateIntent(ctx)))
			pushed := Needs(client.PushFor(ctx, id))
			needsDeletion(client.DeleteIntent(ctx, id))
			refusesConsent(ctx, client, client.Authorize(ctx, pushed, flow.Words("for a consent that was deleted meanwhile")), false)
			Needs(client.Login(ctx))
		})
		It("leaves tokens that open nothing", DeletedOpens, func(ctx SpecContext) {
			own := Needs(client.Own(ctx))
			Needs(client.Call(ctx, own))
			needsDeletion(client.DeleteIntent(ctx, own.Intent()))
			answer := client.Call(ctx, own, flow.Words("with the token of a consent that was deleted"))
			for waited := time.Duration(0); Accepts(answer) && waited < 30*time.Second; waited += 10 * time.Second {
				if err := client.Wait(ctx, 10*time.Second, DeletedOpens.ID); err != nil {
					Unknown("%s", err)
				}
				answer = client.Call(ctx, own, flow.Words("with the token of a consent that was deleted"))
			}
			if Accepts(answer) {
				Warn("30 seconds after its consent was deleted a token opens the resource")
				return
			}
			shut(answer)
			if own.RefreshToken() == "" {
				return
			}
			if anew := client.Refresh(ctx, own, flow.Words("with the refresh token of a consent that was deleted")); Accepts(anew) && Accepts(client.Call(ctx, anew)) {
				Warn("the refresh token of a consent that was deleted gives a token that opens the resource")
			}
		})
	})
	It("a consent stays as it is when a token of it ends", OutlivesTokens, func(ctx SpecContext) {
		everywhere.NeedsOffer(client, requirement.Revocation)
		own := Needs(client.Own(ctx))
		before := stateOf(Needs(client.ReadIntent(ctx, own.Intent())))
		if own.RefreshToken() != "" {
			Needs(client.RevokeRefreshToken(ctx, own))
		}
		Needs(client.Revoke(ctx, own))
		if after := stateOf(Needs(client.ReadIntent(ctx, own.Intent()))); after != before {
			Broken("it was %q, and is %q when its tokens were revoked", wire.Printable(before), wire.Printable(after))
		}
	})
}

// needsDeletion ends a spec where a consent can't be deleted, which is judged elsewhere.
func needsDeletion(answer *flow.Outcome) {
	if answer.Err != nil || answer.Status < 200 || answer.Status > 299 {
		NotApplicable("a consent can't be deleted here, which is judged at %s", Deletes.ID)
	}
}
