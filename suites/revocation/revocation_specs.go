package revocation

import (
	"context"
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// longAfter is when a revoked refresh token is tried again.
const longAfter = 50 * time.Second

func revocationSpecs(client *flow.Client) {
	Describe("a refresh token", func() {
		It("is good no more once it was revoked", RefreshTokens, func(ctx SpecContext) {
			grant, newest := refreshed(ctx, client)
			Needs(client.RevokeRefreshToken(ctx, newest))
			Expect(client.Refresh(ctx, newest, flow.Words("after the refresh token was revoked"))).To(BeRefused())
			if flow.Replaced(grant, newest) {
				if decision, because := Decide(client.Refresh(ctx, grant, flow.Words("that another one has replaced, after that was revoked"))); decision == wire.Accepted {
					Warn("the refresh token that was replaced by the revoked one still gets tokens: %s", because)
				}
			}
		})
		// What was revoked may stand in a cache, which forgets.
		Aged(longAfter, "is good no more 50 seconds after it was revoked", RefreshTokens,
			func(ctx SpecContext) *flow.Outcome {
				_, newest := refreshed(ctx, client)
				Needs(client.RevokeRefreshToken(ctx, newest))
				return newest
			},
			func(ctx context.Context, newest *flow.Outcome) *flow.Outcome {
				return client.Refresh(ctx, newest, flow.Words("50 seconds after the refresh token was revoked"))
			},
			func(_ SpecContext, late *flow.Outcome) { Expect(late).To(BeRefused()) })
		It("is good no more once it was revoked without a hint", RefreshTokens, func(ctx SpecContext) {
			_, newest := refreshed(ctx, client)
			Needs(client.RevokeRefreshToken(ctx, newest, flow.Without(flow.Parameter("token_type_hint"))))
			Expect(client.Refresh(ctx, newest, flow.Words("after the refresh token was revoked without token_type_hint"))).To(BeRefused())
		})
		It("is found although the hint says that it is an access token", WrongHint, func(ctx SpecContext) {
			isFoundBy(ctx, client, "access_token")
		})
		It("is found although nobody knows the hint", WrongHint, func(ctx SpecContext) {
			isFoundBy(ctx, client, "fapitest")
		})
		It("takes the access tokens of its grant along", WholeGrant, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.RefreshToken)
			grant := everywhere.NeedsRefreshToken(client.Own(ctx))
			Needs(client.Call(ctx, grant))
			fresh := Needs(client.Refresh(ctx, grant))
			// What was good until then: the first token may have ended with the refresh, and userinfo need not be there.
			good := goodUses(ctx, client, grant, fresh)
			if len(good) == 0 {
				Needs(client.Call(ctx, fresh))
			}
			Needs(client.RevokeRefreshToken(ctx, flow.Newest(grant, fresh)))
			for _, use := range good {
				if decision, because := Decide(afterwards(ctx, client, use.call, "the refresh token of its grant was revoked")); decision == wire.Accepted {
					Broken("%s is still good at %s after the refresh token of its grant was revoked: %s", use.token, use.place, because)
				}
			}
		})
	})

	// Whoever tells resource servers of a revocation by a message that lives for a while alone has told them nothing in the end.
	const longRevoked = 25 * time.Second
	Aged(longRevoked, fmt.Sprintf("an access token is good no more %s after the refresh token of its grant was revoked", longRevoked), WholeGrant,
		func(ctx SpecContext) *flow.Outcome {
			everywhere.NeedsOffer(client, requirement.RefreshToken)
			if client.Target().Propagation >= longRevoked {
				NotApplicable("the news of a revocation takes %s here, as the target file says", client.Target().Propagation)
			}
			grant := everywhere.NeedsRefreshToken(client.Own(ctx))
			Needs(client.Call(ctx, grant))
			Needs(client.RevokeRefreshToken(ctx, grant))
			return grant
		},
		func(ctx context.Context, grant *flow.Outcome) *flow.Outcome {
			return client.Call(ctx, grant, flow.Words(fmt.Sprintf("%s after the refresh token of its grant was revoked", longRevoked)))
		},
		func(_ SpecContext, late *flow.Outcome) {
			if decision, because := Decide(late); decision == wire.Accepted {
				Broken("an access token is good %s after the refresh token of its grant was revoked: %s", longRevoked, because)
			}
		})

	Describe("an access token", func() {
		It("is good no more once it was revoked", AccessTokens, func(ctx SpecContext) {
			grant, revoked := revokedAccessToken(ctx, client)
			if revoked.ErrorCode() == everywhere.UnsupportedTokenType {
				// Section 2.2.1 has that answer for who does not follow the recommendation, and nobody is misled by it.
				NotApplicable("access tokens can't be revoked: the revocation endpoint answers %s (RFC 7009 section 2.2.1)", everywhere.UnsupportedTokenType)
			}
			Needs(revoked)
			Expect(afterwards(ctx, client, atResource(ctx, client, grant), "it was revoked")).To(BeRefused())
		})
		It("does not live on after its revocation was answered with 200", UnsupportedType, func(ctx SpecContext) {
			grant, revoked := revokedAccessToken(ctx, client)
			if revoked.ErrorCode() == everywhere.UnsupportedTokenType {
				return
			}
			Needs(revoked)
			if decision, because := Decide(afterwards(ctx, client, atResource(ctx, client, grant), "its revocation was answered with 200")); decision == wire.Accepted {
				Broken("the revocation of an access token is answered with %d, and it is as good as before (%s): %s would have said so", revoked.Status, because, everywhere.UnsupportedTokenType)
			}
		})
	})

	Describe("a revocation", func() {
		It("without client authentication is refused", ClientsAuthenticate, func(ctx SpecContext) {
			grant := Needs(client.Own(ctx))
			for _, wrong := range everywhere.AtBothURLs(client, "revocation_endpoint", flow.Without(flow.ClientAuthentication)) {
				answer := client.Revoke(ctx, grant, wrong)
				if decision, because := Decide(answer); decision == wire.Accepted {
					if works, _ := Decide(client.Call(ctx, grant)); works == wire.Accepted {
						Warn("a revocation %s is answered as if it had been one (%s), and has no effect", wrong, because)
						continue
					}
				}
				Expect(answer).To(BeRefused())
			}
			for i, wrong := range everywhere.AtBothURLs(client, "revocation_endpoint", everywhere.Unauthorized(grant)...) {
				KeepKnown(ctx, client, i+2)
				// A page for whoever comes by GET is as good as a refusal, if nothing comes of it.
				if answer := client.Revoke(ctx, grant, wrong); Accepts(answer) && !Accepts(client.Call(ctx, grant)) {
					Expect(answer).To(BeRefused())
				}
			}
			if grant.RefreshToken() != "" {
				newest := flow.Newest(grant, Needs(client.Refresh(ctx, grant)))
				for i, wrong := range everywhere.AtBothURLs(client, "revocation_endpoint", everywhere.Unauthorized(grant)...) {
					KeepKnown(ctx, client, i)
					if answer := client.RevokeRefreshToken(ctx, newest, wrong); Accepts(answer) {
						fresh := client.Refresh(ctx, newest)
						if !Accepts(fresh) {
							Expect(answer).To(BeRefused())
						}
						newest = flow.Newest(newest, fresh)
					}
				}
			}
			if proper := client.Revoke(ctx, grant); proper.ErrorCode() != everywhere.UnsupportedTokenType {
				Needs(proper)
			}
		})
		It("by another client has no effect", OwnTokens, func(ctx SpecContext) {
			guests := everywhere.Guests(client)
			grant := Needs(client.Own(ctx))
			Needs(client.Call(ctx, grant))
			for _, guest := range guests {
				answeredSomehow(guest.Revoke(ctx, grant, flow.Words("by client "+guest.ID())))
				for _, odd := range everywhere.OddHints("refresh_token") {
					guest.Revoke(ctx, grant, odd, flow.Words("by client "+guest.ID())) // however it is answered: it shows below
				}
				// Who looks whose the one is may revoke the other.
				for _, twice := range []func(name, value string) flow.Deviation{flow.TwiceBefore, flow.TwiceAfter} {
					if own := everywhere.OwnToken(ctx, guest); own != "" {
						guest.Revoke(ctx, grant, twice("token", own), flow.Words("by client "+guest.ID()))
					}
				}
			}
			Expect(client.Call(ctx, grant, flow.Words("after another client has asked for the token's revocation"))).To(BeAccepted())
			staysItsOwn(ctx, client, guests)
			if grant.RefreshToken() == "" {
				return
			}
			newest := flow.Newest(grant, Needs(client.Refresh(ctx, grant)))
			for _, guest := range guests {
				answeredSomehow(guest.RevokeRefreshToken(ctx, newest, flow.Words("by client "+guest.ID())))
				for _, odd := range everywhere.OddHints("access_token") {
					guest.RevokeRefreshToken(ctx, newest, odd, flow.Words("by client "+guest.ID()))
				}
			}
			Expect(client.Refresh(ctx, newest, flow.Words("after another client has asked for the refresh token's revocation"))).To(BeAccepted())
		})
		It("of a token that was never issued is answered with 200", UnknownTokens, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			unknown := flow.With(flow.Parameter("token"), flow.Lookalike(grant.AccessToken())).As("of a token that was never issued")
			isFine(client.Revoke(ctx, grant, unknown), unknown.String())
			isFine(client.Revoke(ctx, grant, unknown, flow.With(flow.Parameter("token_type_hint"), "refresh_token")), unknown.String()+", as a refresh token")
		})
		It("of a token that was revoked before is answered with 200", UnknownTokens, func(ctx SpecContext) {
			grant, revoked := revokedAccessToken(ctx, client)
			if revoked.ErrorCode() == everywhere.UnsupportedTokenType {
				NotApplicable("access tokens can't be revoked: the revocation endpoint answers %s", everywhere.UnsupportedTokenType)
			}
			Needs(revoked)
			isFine(client.Revoke(ctx, grant, flow.Words("a second time")), "of a token that was revoked before")
		})
	})
}

// isFoundBy revokes a refresh token with a hint that does not say what it is, and wants it to be good no more.
func isFoundBy(ctx SpecContext, client *flow.Client, hint string) {
	_, newest := refreshed(ctx, client)
	revoked := client.RevokeRefreshToken(ctx, newest, flow.With(flow.Parameter("token_type_hint"), hint))
	if decision, because := Decide(revoked); decision == wire.Refused && (hint == "access_token" || revoked.ErrorCode() != everywhere.UnsupportedTokenType) {
		Broken("the revocation of a refresh token with token_type_hint=%s is refused: %s", hint, because)
	} else if decision == wire.Refused {
		// Section 2.2.1 has that for tokens of a kind that can't be revoked, and says nothing of kinds that there are not.
		Note("the revocation of a refresh token with token_type_hint=%s is refused: %s", hint, because)
		return
	}
	Needs(revoked)
	Expect(client.Refresh(ctx, newest, flow.Words("after the refresh token was revoked with token_type_hint="+hint))).To(BeRefused())
}

// staysItsOwn wants tokens that the client has for itself to outlive that another client asks for their revocation, where it gets any that the resource takes.
func staysItsOwn(ctx SpecContext, client *flow.Client, guests []*flow.Client) {
	for _, grant := range everywhere.AnnouncedForItself(client) {
		own := client.ForItself(ctx, grant)
		if !Accepts(own) || !Accepts(client.Call(ctx, own)) {
			continue
		}
		for _, guest := range guests {
			answeredSomehow(guest.Revoke(ctx, own, flow.Words("by client "+guest.ID())))
		}
		Expect(client.Call(ctx, own, flow.Words("after another client has asked for the revocation of a token that this one has for itself"))).To(BeAccepted())
	}
}

// refreshed is a grant of the experiment's own, and what a refresh made of it, which shows that its refresh token is good: the second one holds
// the newest refresh token.
func refreshed(ctx SpecContext, client *flow.Client) (grant, newest *flow.Outcome) {
	everywhere.NeedsOffer(client, requirement.RefreshToken)
	grant = everywhere.NeedsRefreshToken(client.Own(ctx))
	return grant, flow.Newest(grant, Needs(client.Refresh(ctx, grant)))
}

// revokedAccessToken is a grant of the experiment's own whose access token was good until it was to be revoked, and the answer to that.
func revokedAccessToken(ctx SpecContext, client *flow.Client) (grant, revoked *flow.Outcome) {
	grant = Needs(client.Own(ctx))
	Needs(client.Call(ctx, grant))
	return grant, client.Revoke(ctx, grant)
}

// goodUse is a use of an access token that was accepted.
type goodUse struct {
	token, place string
	call         func(...flow.Deviation) *flow.Outcome
}

// goodUses are those of the access tokens of a grant and of a refresh with it: at the resource, and at userinfo where that is another place.
func goodUses(ctx SpecContext, client *flow.Client, grant, fresh *flow.Outcome) []goodUse {
	var all []goodUse
	for _, of := range []struct {
		name  string
		token *flow.Outcome
	}{{"the refreshed access token", fresh}, {"the first access token", grant}} {
		uses := []goodUse{{of.name, "the resource", atResource(ctx, client, of.token)}}
		if client.Target().OpenID() && client.Endpoint("userinfo_endpoint") != "" && !client.ResourceIsUserinfo() {
			uses = append(uses, goodUse{of.name, "the userinfo endpoint", func(deviations ...flow.Deviation) *flow.Outcome {
				return client.Userinfo(ctx, of.token, deviations...)
			}})
		}
		for _, use := range uses {
			if Accepts(use.call()) {
				all = append(all, use)
			}
		}
	}
	return all
}

// atResource shows an access token to the resource.
func atResource(ctx SpecContext, client *flow.Client, grant *flow.Outcome) func(...flow.Deviation) *flow.Outcome {
	return func(deviations ...flow.Deviation) *flow.Outcome { return client.Call(ctx, grant, deviations...) }
}

// afterwards is what becomes of the use of a token when what the words say has happened. The news may take a moment from the authorization
// server to the resource server.
func afterwards(ctx SpecContext, client *flow.Client, use func(...flow.Deviation) *flow.Outcome, words string) *flow.Outcome {
	answer := use(flow.Words("after " + words))
	if decision, _ := Decide(answer); decision != wire.Accepted {
		return answer
	}
	propagation := client.Target().Propagation
	if client.Wait(ctx, propagation, AccessTokens.ID) != nil {
		Unknown("interrupted while waiting")
	}
	return use(flow.Words(fmt.Sprintf("%s after %s", propagation, words)))
}

// answeredSomehow ends a spec where a revocation was not answered at all: a refusal is as good as an acceptance without effect (sections 2.1 and 2.2).
func answeredSomehow(answer *flow.Outcome) {
	if decision, because := Decide(answer); decision == wire.Undecided || decision == wire.Confused {
		LeaveUndecided(answer.Exchange, because)
		Unknown("the revocation was neither accepted nor refused: %s", because)
	}
}

// isFine wants a revocation to be answered with 200.
func isFine(answer *flow.Outcome, what string) {
	switch decision, because := Decide(answer); decision {
	case wire.Accepted:
		if answer.Status != http.StatusOK {
			Broken("the revocation %s is answered with %d and not 200", what, answer.Status)
		}
	case wire.Refused:
		Broken("the revocation %s is refused: %s", what, because)
	case wire.Undecided, wire.Confused:
		LeaveUndecided(answer.Exchange, because)
		Unknown("the revocation %s was neither accepted nor refused: %s", what, because)
	}
}
