package openbankinguk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func authorizationSpecs(client *flow.Client) {
	It("a token of the client's own opens no accounts", UserNeeded, func(ctx SpecContext) {
		Needs(client.Call(ctx, Needs(client.Grant(ctx))))
		own := Needs(client.IntentToken(ctx))
		shut(client.Call(ctx, own, flow.Words("with the token with which consents are created")))
		Needs(client.Call(ctx, Needs(client.Grant(ctx))))
	})
	Describe("a token", func() {
		It("opens what its consent permits, and nothing of a wider one", BoundToOne, func(ctx SpecContext) {
			narrow := Needs(client.CreateIntent(ctx, permitting("to see accounts", client, "ReadAccountsBasic")))
			wide := Needs(client.CreateIntent(ctx, permitting("to see accounts and balances", client, "ReadAccountsBasic", "ReadBalances")))
			narrowly := Needs(client.Exchange(ctx, Needs(client.LoginFor(ctx, client.IntentOf(narrow), flow.Words("for the narrow consent")))))
			widely := Needs(client.Exchange(ctx, Needs(client.LoginFor(ctx, client.IntentOf(wide), flow.Words("for the wide consent")))))
			balances := balancesOf(ctx, client, widely)
			Needs(client.CallAt(ctx, widely, balances, flow.Words("with the token of the wide consent")))
			shut(client.CallAt(ctx, narrowly, balances, flow.Words("with the token of the narrow consent")))
			if narrowly.RefreshToken() == "" {
				return
			}
			if anew := client.Refresh(ctx, narrowly); Accepts(anew) {
				shut(client.CallAt(ctx, anew, balances, flow.Words("with a refreshed token of the narrow consent")))
			}
		})
		It("of a consent without balances is refused them with 403", ReachRefused, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			balances := balancesOf(ctx, client, grant)
			narrow := Needs(client.CreateIntent(ctx, permitting("to see accounts", client, "ReadAccountsBasic")))
			tokens := Needs(client.Exchange(ctx, Needs(client.LoginFor(ctx, client.IntentOf(narrow), flow.Words("for a narrow consent")))))
			Needs(client.Call(ctx, tokens, flow.Words("with the token of the narrow consent")))
			answer := client.CallAt(ctx, tokens, balances, flow.Words("with the token of the narrow consent"))
			if Accepts(answer) {
				NotApplicable("they are shown, which is judged at %s", BoundToOne.ID)
			}
			answeredWith(answer, 403, "balances that the consent does not permit")
		})
	})

	Describe("the id_token", func() {
		It("names the consent that was authorised", ConsentNamed, func(ctx SpecContext) {
			Needs(client.Grant(ctx)) // another consent, before
			landed := Needs(client.Login(ctx))
			tokens := Needs(client.Exchange(ctx, landed))
			for _, one := range []struct{ where, token string }{{"beside the code", landed.Params().Get("id_token")}, {"of the token response", tokens.IDToken()}} {
				if one.token == "" {
					continue // what there is not is judged elsewhere
				}
				claims := jose.Claims(everywhere.Opened(client, one.token))
				if claims == nil {
					continue
				}
				if named, _ := claims[client.IntentClaim()].(string); named != landed.Intent() {
					// The published text names the mechanism, and not the claim.
					Warn("the id_token %s has %q as %s, and consent %s was authorised", one.where, wire.Printable(named), client.IntentClaim(), landed.Intent())
				}
			}
			client.LeaveOver(landed, tokens)
		})
	})

	Describe("an authorization request", func() {
		It("for the consent of another client is refused", OwnConsents, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				others := everywhere.Guests(client)
				if len(others) == 0 {
					NotApplicable("the target file has no other client")
				}
				for _, other := range others {
					theirs := client.PushFor
					created := Needs(other.CreateIntent(ctx))
					id, whose := other.IntentOf(created), flow.Words("of client "+other.ID())
					refusesConsent(ctx, client, client.Authorize(ctx, theirs(ctx, id, flow.Words("for a consent of client "+other.ID()))), true)
					if Accepts(client.ReadIntent(ctx, id, whose)) {
						Warn("a consent is shown to another client")
					}
					if Accepts(client.DeleteIntent(ctx, id, whose)) {
						Warn("a consent is deleted by another client")
					}
				}
				Needs(client.Login(ctx))
			})
		})
		It("for a consent that there is not is refused", KnownConsents, func(ctx SpecContext) {
			id := client.IntentOf(Needs(client.CreateIntent(ctx)))
			for _, deviation := range []struct{ says, id string }{{"for a consent that was never created", altered(id)}, {"for a consent without a name", "-"}} {
				refusesConsent(ctx, client, client.LoginFor(ctx, deviation.id, flow.Words(deviation.says)), true)
			}
			refusesConsent(ctx, client, client.Login(ctx, flow.Without(flow.Intent)), true)
			Needs(client.LoginFor(ctx, id, flow.Words("for one that was")))
		})
		It("for a consent that the user has refused is refused", NotRejected, func(ctx SpecContext) {
			refused := declined(ctx, client)
			refusesConsent(ctx, client, client.LoginFor(ctx, refused.Intent(), flow.Words("for a consent that the user has refused")), false)
			Needs(client.Login(ctx))
		})
		It("for a consent that is authorised is served", Again, func(ctx SpecContext) {
			own := Needs(client.Own(ctx))
			landed := client.LoginFor(ctx, own.Intent(), flow.Words("for a consent that is authorised"))
			Expect(landed).To(BeAccepted())
			tokens := client.Exchange(ctx, landed)
			Expect(tokens).To(BeAccepted())
			Expect(client.Call(ctx, tokens)).To(BeAccepted())
		})
	})

	Describe("a refusal by the user", func() {
		It("has the consent shown as rejected", RefusalRejects, func(ctx SpecContext) {
			becomes(ctx, client, declined(ctx, client).Intent(), rejected, RefusalRejects, "the user has refused it")
		})
		It("is answered to the client, with an error and its state", RefusalAnswered, func(ctx SpecContext) {
			refused := client.DeclinedAsked(ctx)
			if refused.Trip == nil || refused.Trip.Ending == consent.Stuck || refused.Disturbed {
				Unknown("the end user could not be led to say no")
			}
			switch refused.Trip.Ending {
			case consent.Arrived:
			case consent.ErrorPage:
				Broken("the way ends on a page of the server, and the client hears nothing")
			case consent.Busy, consent.Broken, consent.TimedOut, consent.Left, consent.Confused, consent.Withheld, consent.Stuck:
				Unknown("%s", refused.Trip.Says)
			}
			params := refused.Params()
			switch {
			case refused.Code() != "":
				Broken("the user has said no, and the client is given a code")
			case params.Get("error") == "":
				Broken("the client is told no error")
			case params.Get("state") != refused.State():
				Broken("the answer has another state than the request")
			}
		})
	})
	It("an authorised consent is shown as that", ShownAuthorised, func(ctx SpecContext) {
		landed := Needs(client.Login(ctx))
		tokens := Needs(client.Exchange(ctx, landed))
		becomes(ctx, client, landed.Intent(), authorised, ShownAuthorised, "the user has authorised it")
		client.LeaveOver(landed, tokens)
	})
}

// declined is an authorization that the user has refused.
func declined(ctx SpecContext, client *flow.Client) *flow.Outcome {
	refused := client.DeclinedAsked(ctx)
	if decision, because := Decide(refused); decision != wire.Refused {
		Unknown("the end user could not be led to say no: %s", because)
	}
	return refused
}

// becomes wants a consent to be shown in a state, within a minute.
func becomes(ctx SpecContext, client *flow.Client, id string, states []string, r *requirement.Requirement, why string) {
	state := ""
	for waited := time.Duration(0); waited <= time.Minute; waited += 15 * time.Second {
		if waited > 0 {
			if err := client.Wait(ctx, 15*time.Second, r.ID); err != nil {
				Unknown("%s", err)
			}
		}
		if state = stateOf(Needs(client.ReadIntent(ctx, id))); slices.Contains(states, state) {
			return
		}
	}
	Broken("the consent is shown as %q, and %s a minute ago", wire.Printable(state), why)
}

// refusesConsent wants an authorization refused. Of what no published text says more is warned.
func refusesConsent(ctx SpecContext, client *flow.Client, landed *flow.Outcome, warns bool) {
	if warns && Accepts(landed) {
		Warn("a code came for it")
		if tokens := client.Exchange(ctx, landed); Accepts(tokens) && Accepts(client.Call(ctx, tokens)) {
			Warn("its token opens the resource")
		}
		return
	}
	Expect(landed).To(BeRefused())
}

// shut wants the API to refuse what it has just served in another case. A 403 or 401 with nothing else is enough: errors-1 lets both be without a body.
func shut(answer *flow.Outcome) {
	if answer.Err == nil && (answer.Status == http.StatusForbidden || answer.Status == http.StatusUnauthorized) {
		return
	}
	Expect(answer).To(BeRefused())
}

// altered is an id of the same form with other characters in its middle.
func altered(id string) string {
	middle := len(id) / 2
	other := id[:middle] + strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '8', c >= 'a' && c <= 'e', c >= 'A' && c <= 'E':
			return c + 1
		case c == '9':
			return '0'
		case c == 'f':
			return 'a'
		}
		return c
	}, id[middle:])
	if other == id { // nothing of a hexadecimal number is in it
		return flow.Lookalike(id)
	}
	return other
}

// balancesOf is the URL of the balances of an account that a grant opens, where it shows them.
func balancesOf(ctx SpecContext, client *flow.Client, grant *flow.Outcome) string {
	listed := Needs(client.CallAt(ctx, grant, client.BesideIntents("accounts"), flow.Words("to list accounts")))
	return client.BesideIntents("accounts/" + accountIn(listed) + "/balances")
}

// accountIn is the id of the first account that is listed.
func accountIn(listed *flow.Outcome) string {
	accounts, _ := listed.Member("Data.Account").([]any)
	for _, one := range accounts {
		account, _ := one.(map[string]any)
		if id, _ := account["AccountId"].(string); id != "" {
			return id
		}
	}
	Unknown("Data.Account lists no account with an AccountId: the test user needs one")
	return ""
}
