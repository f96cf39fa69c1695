package oauth2

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func refreshSpecs(client *flow.Client) {
	Describe("a refresh token", func() {
		It("gives no more scope than was granted", RefreshedScope, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			granted, beyond := narrower(client.Target())
			if beyond == "" || client.Push(ctx, flow.With(flow.Scope, granted)).ErrorCode() == "invalid_scope" { // a server may have no use for it alone
				granted, beyond = client.Target().Scope, unheardOf
			}
			var narrowed []flow.Deviation
			if granted != client.Target().Scope {
				narrowed = append(narrowed, flow.With(flow.Scope, granted))
			}
			grant := everywhere.NeedsRefreshToken(client.Obtain(ctx, narrowed...))
			if slices.Contains(grant.Scopes(), beyond) {
				NotApplicable("the target grants %q whatever is asked for: that is no more than was granted", beyond)
			}
			wider := client.Refresh(ctx, grant, flow.With(flow.Scope, strings.TrimSpace(granted+" "+beyond)).As("with a scope that was not granted"))
			if decision, _ := Decide(wider); decision == wire.Accepted {
				isNoWider(ctx, client, grant, wider, beyond)
				Needs(client.Refresh(ctx, flow.Newest(grant, wider)))
				return
			}
			Expect(wider).To(BeRefused())
			after := client.Refresh(ctx, grant)
			if decision, _ := Decide(after); decision != wire.Accepted {
				// The failed try may have ended it.
				Needs(client.Refresh(ctx, everywhere.NeedsRefreshToken(client.Obtain(ctx))))
				return
			}
			// Who compares with the scope of the token that came before may have none to compare with the second time.
			newest := flow.Newest(grant, after)
			again := client.Refresh(ctx, newest, flow.With(flow.Scope, strings.TrimSpace(granted+" "+beyond)).As("with a scope that was not granted, after a proper refresh"))
			if Accepts(again) {
				isNoWider(ctx, client, grant, again, beyond)
				return
			}
			Expect(again).To(BeRefused())
		})
		It("gives no openid that was not granted", RefreshedScope, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			plain := strings.Join(slices.DeleteFunc(strings.Fields(client.Target().Scope), func(word string) bool { return word == "openid" }), " ")
			if plain == "" || plain == client.Target().Scope {
				NotApplicable("the scope of the target file does not ask for openid and for something else")
			}
			grant := client.RefreshableOf(ctx, plain)
			if decision, because := Decide(grant); decision == wire.Refused {
				NotApplicable("requests without openid are refused: %s", because)
			}
			if Needs(grant).RefreshToken() == "" || slices.Contains(grant.Scopes(), "openid") {
				NotApplicable("no refresh token comes where openid is not granted, or it is granted unasked")
			}
			wider := client.Refresh(ctx, grant, flow.With(flow.Scope, plain+" openid").As("with openid, which was not granted"))
			if !Accepts(wider) {
				Expect(wider).To(BeRefused())
				return
			}
			if slices.Contains(wider.Scopes(), "openid") || wider.IDToken() != "" {
				Broken("the response to the refresh token names the scope openid, which was not granted, or has an id_token")
			}
			if has, by := hasScope(ctx, client, wider, "openid"); has {
				Broken("the refreshed token has the scope openid, as %s says, which was not granted", by)
			}
		})

		// Who compares scopes as texts finds one in another: accounts in accounts:names.
		It("gives no scope whose name is a part of one that was granted", RefreshedScope, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant, after := NeedsRefreshed(ctx, client)
			granted := grant.Scopes()
			if len(granted) == 0 {
				granted = strings.Fields(client.Target().Scope)
			}
			part := partOfWord(granted)
			if part == "" {
				NotApplicable("no name of a scope is long enough to be cut: %q", wire.Printable(strings.Join(granted, " ")))
			}
			newest := flow.Newest(grant, after)
			wider := client.Refresh(ctx, newest, flow.With(flow.Scope, part).As("with a part of a scope that was granted for the scope"))
			if Accepts(wider) {
				isNoWider(ctx, client, grant, wider, part)
				return
			}
			Expect(wider).To(BeRefused())
			NeedsRefreshed(ctx, client)
		})

		It("is nothing else that the client was given", RefreshedToken, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant, _ := NeedsRefreshed(ctx, client)
			as := func(says string, value func(landed *flow.Outcome) string) Use {
				return func(landed *flow.Outcome) *flow.Outcome {
					return client.Refresh(ctx, grant, flow.With(flow.Parameter("refresh_token"), value(landed)).As("with "+says+" as refresh token"))
				}
			}
			uses := []Use{
				as("an access token", func(*flow.Outcome) string { return grant.AccessToken() }),
				as("a code", func(landed *flow.Outcome) string { return landed.Code() }),
			}
			if grant.IDToken() != "" {
				uses = append(uses, as("an id_token", func(*flow.Outcome) string { return grant.IDToken() }))
			}
			RefusesUsesOfCode(ctx, client, uses...) // which is good for what it is
			NeedsRefreshed(ctx, client)
		})
		It("is refused where it is damaged or was never issued", RefreshedToken, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			var uses []Use
			for _, made := range damages {
				uses = append(uses, func(grant *flow.Outcome) *flow.Outcome {
					says, value := made.done("refresh token", grant.RefreshToken())
					return client.Refresh(ctx, grant, flow.With(flow.Parameter("refresh_token"), value).As("with "+says))
				})
			}
			RefusesUsesOfRefreshToken(ctx, client, uses...)
		})
		It("gives an access token that is good for the resource", RefreshedToken, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.RefreshToken)
			everywhere.NeedsRefreshToken(NeedsService(ctx, client, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
				return client.Call(ctx, grant, deviations...)
			}))
			fresh := refreshed(ctx, client)
			Expect(fresh).To(BeAccepted())
			Expect(client.Call(ctx, fresh)).To(BeAccepted())
		})
		It("gives an access token that is bound to the key of the proof that came with it", RefreshedToken, func(ctx SpecContext) {
			if client.ProofKey() == nil {
				NotApplicable("client %s binds its tokens by certificate", client.ID())
			}
			everywhere.NeedsRefresh(ctx, client)
			another := flow.With(flow.ProofKey, client.NewProofKey()).As("with a DPoP proof by another key")
			grant := everywhere.NeedsRefreshToken(client.Obtain(ctx))
			Needs(client.Call(ctx, grant))
			fresh := client.Refresh(ctx, grant, another)
			if decision, because := Decide(fresh); decision == wire.Refused {
				Note("the refresh token is good with the key of the first proof alone: %s", because)
				return
			}
			Expect(fresh).To(BeAccepted())
			Expect(client.Call(ctx, fresh, another)).To(BeAccepted(), "the refreshed token is not good with the key that was shown when it was issued")
		})
	})
}

// refreshed is the answer to a proper refresh request. What experiments share may have been ended by one of them: then it is made once more, with a
// refresh token of its own.
func refreshed(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant := everywhere.NeedsRefreshToken(client.ToRefresh(ctx))
	answer := client.Refresh(ctx, grant)
	if decision, _ := Decide(answer); decision != wire.Refused {
		return answer
	}
	client.Spoil(grant)
	return client.Refresh(ctx, everywhere.NeedsRefreshToken(client.Obtain(ctx)))
}

// partOfWord is the longest of some words without its last letter; "" where that is nothing, or one of them.
func partOfWord(words []string) string {
	longest := ""
	for _, word := range words {
		if len(word) > len(longest) {
			longest = word
		}
	}
	if len(longest) < 3 || slices.Contains(words, longest[:len(longest)-1]) {
		return ""
	}
	return longest[:len(longest)-1]
}

// narrower is the scope of the target without a word, and that word: the resource's own, where there is the choice, so that the resource can tell
// whether it was granted. It is empty where none can be left out: without openid a flow is another one, and without offline_access
// there may be no refresh token.
func narrower(t *target.Target) (rest, word string) {
	words := strings.Fields(t.Scope)
	spare := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "openid" || word == "offline_access" })
	if len(spare) == 0 || len(words) < 2 {
		return "", ""
	}
	if word = spare[len(spare)-1]; slices.Contains(spare, t.Resource.Scope) {
		word = t.Resource.Scope
	}
	return strings.Join(slices.DeleteFunc(words, func(other string) bool { return other == word }), " "), word
}

// isNoWider wants a refreshed token to lack a scope for which it was asked and which was not granted, by everything that tells.
func isNoWider(ctx SpecContext, client *flow.Client, grant, wider *flow.Outcome, beyond string) {
	_, told := wider.Members()["scope"]
	if slices.Contains(wider.Scopes(), beyond) {
		Broken("the response to the refresh token names the scope %q, which was not granted", beyond)
	}
	if client.Target().Offered(string(requirement.Introspection)) {
		if answer := client.Introspect(ctx, wider); answer.Members()["active"] == true {
			told = told || len(answer.Scopes()) > 0
			if slices.Contains(answer.Scopes(), beyond) {
				Broken("introspection names the scope %q, which was not granted", beyond)
			}
		}
	}
	if beyond == client.Target().Resource.Scope {
		if before, _ := Decide(client.Call(ctx, grant)); before == wire.Refused {
			told = true
			Expect(client.Call(ctx, wider)).To(BeRefused(), "the resource serves the refreshed token for the scope %q, which was not granted", beyond)
		}
	}
	if !told {
		Unknown("the refresh request is accepted, and neither its response nor introspection nor the resource tells what scope was granted")
	}
}
