package openfinancebrasil

import (
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func tokenSpecs(client *flow.Client) {
	It("a refresh token comes, and gives an access token", Refreshes, func(ctx SpecContext) {
		grant := Needs(client.Grant(ctx))
		if grant.RefreshToken() == "" {
			Broken("the token response has no refresh_token")
		}
		if anew := client.Anew(ctx); anew == nil || anew.AccessToken() == "" {
			Broken("the refresh token gives no access token")
		}
	})
	Describe("an access token", func() {
		It("that comes with a code lives five to fifteen minutes", TokenLife, func(ctx SpecContext) { lives(Needs(client.Grant(ctx))) })
		It("that comes for a refresh token lives five to fifteen minutes", TokenLife, func(ctx SpecContext) {
			anew := client.Anew(ctx)
			if anew == nil {
				NotApplicable("a refresh gives no token, which is judged at %s", Refreshes.ID)
			}
			lives(anew)
		})
	})
	It("a request without x-fapi-interaction-id is denied", InteractionNeeded, func(ctx SpecContext) {
		const field = "X-Fapi-Interaction-Id"
		grant := Needs(client.Grant(ctx))
		proper := Needs(client.Call(ctx, grant))
		if got := proper.Header.Get(field); !strings.EqualFold(got, proper.Exchange.ID) {
			Broken("the answer does not repeat x-fapi-interaction-id")
		}
		denied := client.Call(ctx, grant, flow.Untold(field))
		if denied.Err != nil || denied.Status != http.StatusBadRequest && denied.Status != http.StatusForbidden { // whose bodies are the API's own, or none
			Expect(denied).To(BeRefused())
		}
		if denied.Header.Get(field) == "" {
			Warn("the answer that denies it has no x-fapi-interaction-id")
		}
		Needs(client.Call(ctx, grant))
	})
	Describe("when a consent was deleted", func() {
		It("its refresh token gives no token", RefreshNeeds, func(ctx SpecContext) {
			own := refreshable(ctx, client)
			ends(ctx, client, own)
			answer := untilRefused(ctx, client, RefreshNeeds, func() *flow.Outcome {
				return client.Refresh(ctx, own, flow.Words("when the consent was deleted"))
			})
			Expect(answer).To(BeRefused())
		})
		It("its refresh token is revoked", DeletionRevokes, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Introspection)
			own := refreshable(ctx, client)
			if Needs(client.IntrospectRefreshToken(ctx, own)).Members()["active"] != true {
				NotApplicable("introspection says nothing of refresh tokens")
			}
			ends(ctx, client, own)
			for waited := time.Duration(0); ; waited += wait {
				if Needs(client.IntrospectRefreshToken(ctx, own)).Members()["active"] == false {
					return
				}
				if waited >= patience {
					Broken("30 seconds after its consent was deleted a refresh token is active")
				}
				pause(ctx, client, DeletionRevokes)
			}
		})
		It("its access token opens nothing, which is answered with 401", ActiveOnly, func(ctx SpecContext) {
			own := Needs(client.Own(ctx))
			Needs(client.Call(ctx, own))
			tokens := []*flow.Outcome{own}
			if own.RefreshToken() != "" {
				if anew := client.Refresh(ctx, own); Accepts(anew) {
					tokens = append(tokens, anew)
				}
			}
			ends(ctx, client, own)
			for _, one := range tokens {
				answer := untilRefused(ctx, client, ActiveOnly, func() *flow.Outcome {
					return client.Call(ctx, one, flow.Words("when the consent was deleted"))
				})
				Expect(answer).To(BeRefused())
				if answer.Status != http.StatusUnauthorized {
					Warn("the answer is %d, and not 401", answer.Status)
				}
			}
		})
	})
}

// How long the end of a consent may take to reach everybody.
const (
	patience = 30 * time.Second
	wait     = 10 * time.Second
)

func pause(ctx SpecContext, client *flow.Client, r *requirement.Requirement) {
	if err := client.Wait(ctx, wait, r.ID); err != nil {
		Unknown("%s", err)
	}
}

// untilRefused tries something until it is accepted no more, or time is up.
func untilRefused(ctx SpecContext, client *flow.Client, r *requirement.Requirement, try func() *flow.Outcome) *flow.Outcome {
	answer := try()
	for waited := time.Duration(0); Accepts(answer) && waited < patience; waited += wait {
		pause(ctx, client, r)
		answer = try()
	}
	return answer
}

// refreshable is a grant of the experiment's own whose refresh token works. The newest refresh token is in it.
func refreshable(ctx SpecContext, client *flow.Client) *flow.Outcome {
	own := Needs(client.Own(ctx))
	if own.RefreshToken() == "" {
		NotApplicable("there is no refresh token, which is judged at %s", Refreshes.ID)
	}
	return flow.Newest(own, Needs(client.Refresh(ctx, own)))
}

// ends deletes the consent of a grant.
func ends(ctx SpecContext, client *flow.Client, own *flow.Outcome) {
	answer := client.DeleteIntent(ctx, own.Intent())
	if answer.Err != nil || answer.Status < 200 || answer.Status > 299 {
		Unknown("the consent can't be deleted: %d", answer.Status)
	}
}

// lives wants a life within the bounds of the profile.
func lives(tokens *flow.Outcome) {
	seconds, ok := tokens.ExpiresIn()
	if !ok {
		Broken("the token response has no expires_in that is a whole number")
	}
	// These are the clause's own numbers. The parameter is one that other profiles set too, for whose servers nothing here runs: who reads it has to try it for them.
	if seconds < 300 || seconds > 900 {
		Broken("expires_in is %d, and access tokens live 300 to 900 seconds", seconds)
	}
}
