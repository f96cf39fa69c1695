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
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func resourceSpecs(client *flow.Client) {
	Describe("the resource", func() {
		It("takes the token from the Authorization header", TokenInHeader, func(ctx SpecContext) {
			Expect(served(ctx, client)).To(BeAccepted())
		})
	})

	for _, at := range placesOfTokens(client) {
		Describe(at.name, func() {
			guardSpecs(client, at)
			tokenUseSpecs(client, at)
			tokenStateSpecs(client, at)
			possessionSpecs(client, at)
			possessionElsewhereSpecs(client, at)
			refreshedScopeSpecs(client, at)
		})
	}

	Describe("the userinfo endpoint", func() {
		It("refuses a token without openid", SufficientToken, func(ctx SpecContext) {
			place := placesOfTokens(client)[1]
			place.needs()
			at := place.on(ctx)
			posts := place.posts(ctx, NeedsService(ctx, client, at))
			grant := Needs(client.Exchange(ctx, Needs(takesPlainRequests(client.Login(ctx, plainRequest(client))))))
			if slices.Contains(grant.Scopes(), "openid") {
				Unknown("the target grants openid although it was not asked for it")
			}
			Expect(at(grant)).To(BeRefused())
			if posts {
				Expect(at(grant, flow.ByPost())).To(BeRefused())
			}
			NeedsService(ctx, client, at)
		})
	})

	Describe("the resource", func() {
		It("refuses a token of a lesser scope", SufficientToken, func(ctx SpecContext) {
			NeedsService(ctx, client, atResource(ctx, client))
			Expect(client.Call(ctx, lesserGrant(ctx, client))).To(BeRefused())
			NeedsService(ctx, client, atResource(ctx, client))
		})
		It("refuses a token of the client's own that is of a lesser scope", SufficientToken, func(ctx SpecContext) {
			lesser := strings.Join(slices.DeleteFunc(strings.Fields(lesserScope(client)), func(word string) bool { return word == "openid" || word == "offline_access" }), " ")
			if lesser == "" {
				NotApplicable("there is no lesser scope to ask for that makes sense without a person")
			}
			tried := false
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, proper *flow.Outcome) {
				if !Accepts(client.Call(ctx, proper)) {
					return // it need not be good where there has to be a person
				}
				token := client.ForItself(ctx, grant, flow.With(flow.Scope, lesser))
				if decision, _ := Decide(token); decision == wire.Refused {
					return // what users may grant a client need not have for itself
				}
				needsLesser(ctx, client, Needs(token), client.Target().Resource.Scope)
				tried = true
				Expect(client.Call(ctx, token)).To(BeRefused())
			})
			if !tried {
				NotApplicable("no client has a token for itself that is good here, or none of a lesser scope")
			}
		})
		It("refuses a token without any scope", SufficientToken, func(ctx SpecContext) {
			NeedsService(ctx, client, atResource(ctx, client))
			needed := client.Target().Resource.Scope
			if needed == "" {
				NotApplicable("the target file names no resource.scope without which the resource has to refuse")
			}
			landed := client.Login(ctx, flow.Without(flow.Scope))
			switch decision, because := Decide(landed); decision {
			case wire.Refused:
				NotApplicable("requests without scope are refused: %s", because)
			case wire.Confused:
				// A page that asks for nothing in particular is another one than the script was written for.
				NotApplicable("requests without scope lead to a page that the script does not know: %s", because)
			case wire.Accepted, wire.Undecided:
			}
			grant := Needs(client.Exchange(ctx, Needs(landed)))
			needsLesser(ctx, client, grant, needed)
			Expect(client.Call(ctx, grant)).To(BeRefused())
			NeedsService(ctx, client, atResource(ctx, client))
		})
		It("says insufficient_scope to a token of a lesser scope", InsufficientScope, func(ctx SpecContext) {
			NeedsService(ctx, client, atResource(ctx, client))
			answer := client.Call(ctx, lesserGrant(ctx, client))
			switch decision, because := Decide(answer); decision {
			case wire.Refused:
			case wire.Accepted:
				Unknown("the token of a lesser scope was not refused: %s", because)
			case wire.Undecided, wire.Confused:
				LeaveUndecided(answer.Exchange, because)
				Unknown("the token of a lesser scope was neither accepted nor refused: %s", because)
			}
			scheme := "Bearer"
			if client.Self().Binding == target.DPoP {
				scheme = "DPoP"
			}
			insufficient := func(c flow.Challenge) bool { return c.Params["error"] == "insufficient_scope" }
			switch {
			case slices.ContainsFunc(answer.Challenged(scheme), insufficient):
			case slices.ContainsFunc(answer.Challenged("Bearer"), insufficient):
				// RFC 6750 section 3.1 has the error, and RFC 9449 section 7.1 only says that a server can put it into a challenge of its own.
				Note("the challenge that has error insufficient_scope is of scheme Bearer, although the token was sent with scheme %s", scheme)
			case answer.Status == http.StatusNotFound:
				// Who does not admit that there is something refuses nothing, and whoever is told what scope is missing has learnt that there is.
				NotApplicable("the resource hides from tokens that do not suffice (404), as RFC 9110 section 15.5.5 lets it, and so there is no refusal that could say why")
			default:
				Broken("no challenge of scheme %s has error insufficient_scope: the answer is %d with %s", scheme, answer.Status, answer.ChallengeWords())
			}
			if answer.Status != http.StatusForbidden {
				Warn("the status is %d and not 403, with %s", answer.Status, answer.ChallengeWords())
			}
		})
	})
}

// placeOfTokens is somewhere that takes access tokens.
type placeOfTokens struct {
	name     string // as a report says it: "the resource"
	endpoint string // its metadata name, where it has one
	call     func(ctx context.Context, grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome
	needs    func() // ends a spec where the target has no such place, or it is another one of the list
	method   func() string
	address  func() string
	// isUserinfo says whether it is the userinfo endpoint, under whatever name.
	isUserinfo func() bool
}

// on is the place for one spec.
func (p placeOfTokens) on(ctx SpecContext) Served {
	return func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		return p.call(ctx, grant, deviations...)
	}
}

// posts says whether the place serves a proper request by POST, as userinfo has to (OpenID Connect Core section 5.3.1). Where it does not, or what stands
// before it does not let that through, there is nothing to try by it.
func (p placeOfTokens) posts(ctx context.Context, grant *flow.Outcome) bool {
	if !p.isUserinfo() {
		return false
	}
	decision, _ := Decide(p.call(ctx, grant, flow.ByPost()))
	return decision == wire.Accepted
}

// byBothMethods are the deviations and, where the place serves that, the same by POST.
func (p placeOfTokens) byBothMethods(ctx context.Context, grant *flow.Outcome, deviations []flow.Deviation) []flow.Deviation {
	if !p.posts(ctx, grant) {
		return deviations
	}
	return alsoByPost(deviations)
}

// atOtherURL are the deviations at the URL of userinfo that the client is not sent to: the one for clients with a certificate, or the one for those without
// (RFC 8705 section 5). Nil where there is none, or where a proper request of the client is not served there.
func (p placeOfTokens) atOtherURL(ctx context.Context, client *flow.Client, grant *flow.Outcome, deviations []flow.Deviation) []flow.Deviation {
	plain, alias := client.Target().Metadata.Endpoint("userinfo_endpoint", false), client.Target().Metadata.Endpoint("userinfo_endpoint", true)
	// A certificate can't be shown where none is asked for: what is bound to one is tried without it at both URLs, and with another one at its own.
	if !p.isUserinfo() || plain == "" || alias == "" || plain == alias || client.Self().Binding == target.MTLS {
		return nil
	}
	elsewhere := func(deviation flow.Deviation) flow.Deviation {
		return deviation.As(deviation.String() + ", at the endpoint's URL for mutual TLS").AtCertificateEndpoint()
	}
	if client.HasAlias("userinfo_endpoint") {
		elsewhere = flow.Deviation.AtPlainEndpoint
	}
	if decision, _ := Decide(p.call(ctx, grant, elsewhere(flow.Words("as it should be")))); decision != wire.Accepted {
		return nil
	}
	var all []flow.Deviation
	for _, deviation := range deviations {
		all = append(all, elsewhere(deviation))
	}
	return all
}

func alsoByPost(deviations []flow.Deviation) []flow.Deviation {
	all := slices.Clone(deviations)
	for _, deviation := range deviations {
		all = append(all, flow.All(deviation.String()+", by POST", deviation, flow.ByPost()))
	}
	return all
}

// placesOfTokens are where what is said of access tokens holds: the resource, and userinfo, which is a resource server too.
func placesOfTokens(client *flow.Client) []placeOfTokens {
	return []placeOfTokens{
		{
			name: "the resource", call: client.Call, needs: func() {}, isUserinfo: client.ResourceIsUserinfo,
			method: func() string { return client.Target().Resource.Method }, address: func() string { return client.Target().Resource.URL },
		},
		{
			name: "the userinfo endpoint", endpoint: "userinfo_endpoint", call: client.Userinfo, needs: func() { everywhere.NeedsUserinfo(client) },
			isUserinfo: func() bool { return true },
			method:     func() string { return http.MethodGet }, address: func() string { return client.Endpoint("userinfo_endpoint") },
		},
	}
}

// atResource is the resource for one spec.
func atResource(ctx SpecContext, client *flow.Client) Served {
	return placesOfTokens(client)[0].on(ctx)
}

// served is the answer of the resource to a proper request.
func served(ctx SpecContext, client *flow.Client) *flow.Outcome {
	_, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Call(ctx, Needs(grant)) })
	return answer
}

// tokenUseSpecs are about how a token is shown, and what is shown as one.
func tokenUseSpecs(client *flow.Client, at placeOfTokens) {
	refuses := func(text string, r *requirement.Requirement, tries Tries) {
		It(text, r, func(ctx SpecContext) {
			at.needs()
			RefusesToServe(ctx, client, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation {
				return at.byBothMethods(ctx, grant, tries(grant))
			})
		})
	}
	// Who looks at the proof or the certificate first, where there is one, has another way for those who show none.
	bothWays := func(deviations ...flow.Deviation) []flow.Deviation {
		return append(deviations, asBearer(client, deviations)...)
	}
	refuses("refuses the token in the query", TokenNotInQuery, func(*flow.Outcome) []flow.Deviation { return bothWays(flow.With(flow.TokenPlace, "query")) })
	refuses("refuses a random string of the token's length", ForgedToken, func(grant *flow.Outcome) []flow.Deviation {
		tries := []flow.Deviation{flow.With(flow.AccessToken, flow.Lookalike(grant.AccessToken())).As("with a random string of the token's form")}
		// What clients send that have none, of which some filter may think that it stands for nothing to look at.
		for _, word := range []string{"null", "undefined", "0"} {
			tries = append(tries, flow.With(flow.AccessToken, word).As("with the word "+word+" as access token"))
		}
		return bothWays(tries...)
	})
	refuses("refuses an altered token", ForgedToken, func(grant *flow.Outcome) []flow.Deviation {
		var tries []flow.Deviation
		if spelt := flow.InOtherCase(grant.AccessToken()); spelt != grant.AccessToken() { // which may have no letters
			tries = append(tries, flow.With(flow.AccessToken, spelt).As("with capital and small letters of the token exchanged"))
		}
		for where, altered := range flow.Altered(grant.AccessToken()) {
			tries = append(tries, flow.With(flow.AccessToken, altered).As("with one character changed in the middle of "+where))
		}
		return tries
	})
	// The resource server gets the keys where everybody does. For one that knows them otherwise there is nothing to try.
	keysOf := func(ctx SpecContext) []jose.PublicKey {
		set := client.KeySet(ctx)
		if set == nil {
			return nil
		}
		if decision, because := Decide(set); decision != wire.Accepted {
			Note("the keys of the target could not be had from jwks_uri (%s): codes by them, in the place of the token's signature, were not tried", because)
			return nil
		}
		return jose.ReadKeySet(set.Body)
	}
	forgeries := func(grant *flow.Outcome, keys []jose.PublicKey) []flow.Deviation {
		forged := flow.Forgeries(grant.AccessToken(), keys...)
		if forged == nil {
			NotApplicable("access tokens are no signed JWTs")
		}
		var all []flow.Deviation
		for _, forgery := range forged {
			all = append(all, flow.With(flow.AccessToken, forgery.Token).As("with the token's claims, "+forgery.How))
		}
		if key := client.Self().Key; key != nil {
			if byClient, err := (&jose.Token{Header: map[string]any{"typ": jose.Header(grant.AccessToken())["typ"], "kid": key.ID}, Claims: jose.Claims(grant.AccessToken()), Key: key}).Sign(); err == nil {
				all = append(all, flow.With(flow.AccessToken, byClient).As("with the token's claims, signed by the client's own key"))
			}
		}
		return bothWays(all...)
	}
	It("refuses a token that anybody could have made", ForgedToken, func(ctx SpecContext) {
		at.needs()
		keys := keysOf(ctx)
		RefusesToServe(ctx, client, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation {
			return at.byBothMethods(ctx, grant, forgeries(grant, keys))
		})
	})
	refusesOf(client, at, "refuses an id_token", unexpiredIDToken, func(grant *flow.Outcome) []flow.Deviation {
		if grant.IDToken() == "" {
			NotApplicable("the token response has no id_token")
		}
		return bothWays(flow.With(flow.AccessToken, grant.IDToken()).As("with the id_token as access token"))
	})
	refusesOf(client, at, "refuses a refresh token", goodRefreshToken, func(grant *flow.Outcome) []flow.Deviation {
		if grant.RefreshToken() == "" {
			NotApplicable("the token response has no refresh token")
		}
		return bothWays(flow.With(flow.AccessToken, grant.RefreshToken()).As("with the refresh token as access token"))
	})
	refuses("refuses what the client has signed for other purposes", OtherTokens, func(*flow.Outcome) []flow.Deviation {
		var all []flow.Deviation
		if assertion := client.AssertionToShow(); assertion != "" {
			all = append(all, flow.With(flow.AccessToken, assertion).As("with a client assertion as access token"))
		}
		if proof := client.ProofToShow(); proof != "" {
			all = append(all, flow.With(flow.AccessToken, proof).As("with a DPoP proof as access token"))
		}
		if all == nil {
			NotApplicable("client %s signs neither assertions nor proofs", client.ID())
		}
		return bothWays(all...)
	})
	It("refuses a signed authorization response", OtherTokens, func(ctx SpecContext) {
		at.needs()
		if !slices.Contains(client.Target().Metadata.List("response_modes_supported"), everywhere.PlainSignedMode) {
			NotApplicable("response_modes_supported has no %s", everywhere.PlainSignedMode)
		}
		signed, ok, because := everywhere.SignedSuccess(ctx, client, everywhere.PlainSignedMode)
		if !ok || !signed.Read() {
			NotApplicable("no signed response came: %s", because)
		}
		compact := signed.Response.Token
		if expires, told := signed.Response.Object["exp"].(float64); told && expires < float64(client.Now().Add(time.Minute).Unix()) {
			// The one that experiments share would be refused for its age.
			compact = Needs(client.Login(ctx, flow.With(flow.Parameter("response_mode"), everywhere.PlainSignedMode))).Response().Token
		}
		RefusesToServe(ctx, client, at.on(ctx), Try(bothWays(flow.With(flow.AccessToken, compact).As("with a signed authorization response as access token"))...))
	})
	It("refuses an authorization code", OtherTokens, func(ctx SpecContext) {
		at.needs()
		landed := Needs(client.Login(ctx))
		RefusesToServe(ctx, client, at.on(ctx), Try(bothWays(flow.With(flow.AccessToken, landed.Code()).As("with a fresh code as access token"))...))
		if tokens := client.Exchange(ctx, landed); Accepts(tokens) {
			client.LeaveOver(landed, tokens)
			return
		}
		// It may have ended by something else before it was tried, and what is dead is refused for that.
		landed = Needs(client.Login(ctx))
		RefusesToServe(ctx, client, at.on(ctx), Try(bothWays(flow.With(flow.AccessToken, landed.Code()).As("with another fresh code as access token"))...))
	})
}

// asBearer are the deviations by somebody who holds nothing but what he shows: no key for a proof, and no certificate.
func asBearer(client *flow.Client, deviations []flow.Deviation) []flow.Deviation {
	var bare []flow.Deviation
	for _, deviation := range deviations {
		if client.Self().Binding == target.MTLS {
			bare = append(bare, flow.All(deviation.String()+" and without client certificate", deviation, flow.Without(flow.Certificate)))
			continue
		}
		bare = append(bare, flow.All(deviation.String()+" in the scheme Bearer and without a DPoP proof", deviation, flow.With(flow.TokenScheme, "Bearer"), flow.Without(flow.Proof)))
	}
	return bare
}

// tokenStateSpecs are about tokens that are good no more.
func tokenStateSpecs(client *flow.Client, at placeOfTokens) {
	It("refuses a token that was revoked", RevokedToken, func(ctx SpecContext) {
		at.needs()
		NeedsService(ctx, client, at.on(ctx))
		grant := Needs(client.Obtain(ctx))
		Needs(at.call(ctx, grant))
		posts := at.posts(ctx, grant)
		revoked := client.Revoke(ctx, grant)
		if revoked.ErrorCode() == everywhere.UnsupportedTokenType {
			NotApplicable("the target can't revoke access tokens: the revocation endpoint answers %s (RFC 7009 section 2.2.1)", everywhere.UnsupportedTokenType)
		}
		Needs(revoked)
		// That revocation is offered is the operator's word, and 200 to the revocation the server's: who can't revoke access tokens says
		// unsupported_token_type (RFC 7009 section 2.2.1).
		Expect(afterRevocation(ctx, client, at, grant, "the token was revoked")).To(BeRefused())
		if posts {
			Expect(at.call(ctx, grant, flow.ByPost().As("by POST after the token was revoked"))).To(BeRefused())
		}
		// Where the grant lives on (RFC 7009 section 2.1 leaves that to the server), what comes of it later can be revoked as well.
		if grant.RefreshToken() != "" {
			fresh := client.Refresh(ctx, grant)
			if anyAccepted(fresh) {
				Expect(at.call(ctx, grant, flow.Words("after the token was revoked, and its grant refreshed"))).To(BeRefused())
			}
			if anyAccepted(fresh) && anyAccepted(at.call(ctx, fresh)) {
				Needs(client.Revoke(ctx, fresh))
				Expect(afterRevocation(ctx, client, at, fresh, "the refreshed token was revoked")).To(BeRefused())
				if posts {
					Expect(at.call(ctx, fresh, flow.ByPost().As("by POST after the refreshed token was revoked"))).To(BeRefused())
				}
			}
		}
		NeedsService(ctx, client, at.on(ctx))
	})
	if at.endpoint == "" { // what a client has for itself is about nobody, and never good at userinfo
		It("refuses a token of the client's own that was revoked", RevokedToken, func(ctx SpecContext) {
			at.needs()
			tried := false
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, _ string, token *flow.Outcome) {
				show := func(deviations ...flow.Deviation) *flow.Outcome {
					return placeLike(at, client).call(ctx, token, deviations...)
				}
				if !Accepts(show()) {
					return // it need not be good where there has to be a person
				}
				revoked := client.Revoke(ctx, token)
				if revoked.ErrorCode() == everywhere.UnsupportedTokenType {
					return
				}
				Needs(revoked)
				tried = true
				Expect(afterRevocation(ctx, client, placeLike(at, client), token, "the token, which the client has for itself, was revoked")).To(BeRefused())
			})
			if !tried {
				NotApplicable("no token that a client has for itself is good here, or none can be revoked")
			}
		})
	}
	// The hint only says where to look first (RFC 7009 section 2.1): a server that finds nothing there goes on.
	for _, hint := range []flow.Deviation{
		flow.Without(flow.Parameter("token_type_hint")),
		flow.With(flow.Parameter("token_type_hint"), "refresh_token"),
		flow.With(flow.Parameter("token_type_hint"), "fapitest").As("with a token_type_hint that nobody knows"),
	} {
		It("refuses a token that was revoked "+hint.String(), RevokedToken, func(ctx SpecContext) {
			at.needs()
			grant := Needs(client.Obtain(ctx))
			Needs(at.call(ctx, grant))
			revoked := client.Revoke(ctx, grant, hint)
			if decision, because := Decide(revoked); decision == wire.Refused {
				NotApplicable("the target refuses the revocation %s: %s", hint, because)
			}
			Needs(revoked)
			Expect(afterRevocation(ctx, client, at, grant, "the token was revoked "+hint.String())).To(BeRefused())
			NeedsService(ctx, client, at.on(ctx))
		})
	}

	AgedBy(Age[*flow.Outcome]{
		Of: func(grant *flow.Outcome) time.Duration {
			if lives := lifetime(grant); lives > 0 {
				return min(longAfterRevocation, lives-10*time.Second)
			}
			return longAfterRevocation
		},
		About: 40 * time.Second, // before those that wait longer, which tokens that live no longer than they have to would not live to see
		Says:  "or as long as an access token lives where that is less",
	},
		"refuses a token long after it was revoked", RevokedToken,
		func(ctx SpecContext) *flow.Outcome {
			at.needs()
			grant := Needs(client.Obtain(ctx))
			if lives := lifetime(grant); lives > 0 && lives < 25*time.Second {
				NotApplicable("the token lives %s, and is good no more for that alone", seconds(lives))
			}
			Needs(at.call(ctx, grant))
			revoked := client.Revoke(ctx, grant)
			if revoked.ErrorCode() == everywhere.UnsupportedTokenType {
				NotApplicable("the target can't revoke access tokens: the revocation endpoint answers %s (RFC 7009 section 2.2.1)", everywhere.UnsupportedTokenType)
			}
			Needs(revoked)
			return grant
		},
		func(ctx context.Context, grant *flow.Outcome) *flow.Outcome {
			return at.call(ctx, grant, flow.Words("long after the token was revoked"))
		},
		func(ctx SpecContext, late *flow.Outcome) {
			Expect(late).To(BeRefused())
			NeedsService(ctx, client, at.on(ctx))
		})

	expirySpecs(client, at, "refuses a token that has expired", func(ctx SpecContext) *flow.Outcome { return Needs(client.Obtain(ctx)) })
	// Who gives refreshed tokens another life than the first one may have forgotten to end it.
	expirySpecs(client, at, "refuses a refreshed token that has expired", func(ctx SpecContext) *flow.Outcome {
		everywhere.NeedsOffer(client, requirement.RefreshToken)
		everywhere.NeedsRefreshToken(client.Grant(ctx))
		_, fresh := NeedsRefreshed(ctx, client)
		return fresh
	})
	if at.endpoint == "" {
		expirySpecs(client, at, "refuses a token of the client's own that has expired", func(ctx SpecContext) *flow.Outcome {
			for _, grant := range everywhere.AnnouncedForItself(client) {
				if token := client.ForItself(ctx, grant); Accepts(token) && Accepts(at.call(ctx, token)) {
					return token
				}
			}
			NotApplicable("the target gives client %s no token for itself that is good here", client.ID())
			return nil
		})
		expirySpecs(client, at, "refuses a token without openid that has expired", func(ctx SpecContext) *flow.Outcome {
			token := everywhere.PlainToken(ctx, client)
			if decision, because := Decide(at.call(ctx, token)); decision == wire.Refused {
				NotApplicable("a token without openid is refused here: %s", because)
			}
			return token
		})
	}
}

// placeLike is the same place for another client.
func placeLike(at placeOfTokens, client *flow.Client) placeOfTokens {
	for _, place := range placesOfTokens(client) {
		if place.name == at.name {
			return place
		}
	}
	return at
}

// afterRevocation is what becomes of a token when what the words say has happened. The news may take a moment from the authorization server to the resource
// server.
func afterRevocation(ctx SpecContext, client *flow.Client, at placeOfTokens, grant *flow.Outcome, words string) *flow.Outcome {
	answer := at.call(ctx, grant, flow.Words("after "+words))
	if decision, _ := Decide(answer); decision != wire.Accepted {
		return answer
	}
	propagation := client.Target().Propagation
	if client.Wait(ctx, propagation, RevokedToken.ID) != nil {
		Unknown("interrupted while waiting")
	}
	return at.call(ctx, grant, flow.Words(fmt.Sprintf("%s after %s", propagation, words)))
}

// expirySpecs are about a token that was had in a particular way, and has expired.
func expirySpecs(client *flow.Client, at placeOfTokens, sentence string, obtained func(SpecContext) *flow.Outcome) {
	AgedBy(Age[aging]{
		Of:      func(token aging) time.Duration { return lifetime(token.grant) + soonAfterExpiry },
		Most:    func(token aging) time.Duration { return lifetime(token.grant) + longAfterExpiry },
		About:   2 * time.Minute, // later than those who wait for less than a token may live
		Says:    fmt.Sprintf("as long as an access token lives and %s more or %s where it is still accepted then", seconds(soonAfterExpiry), seconds(longAfterExpiry)),
		Shorten: "have the target give this client access tokens that live shorter",
	},
		sentence, ExpiredToken,
		func(ctx SpecContext) aging {
			at.needs()
			grant := obtained(ctx)
			if lifetime(grant) == 0 {
				LeaveToAttestation("the token response does not say how long the token lives")
			}
			Needs(at.call(ctx, grant))
			return aging{grant, at.posts(ctx, grant)}
		},
		func(ctx context.Context, token aging) expired {
			e := expired{lives: lifetime(token.grant), soon: token.used(ctx, at, seconds(soonAfterExpiry)+" after the token expired")}
			if anyAccepted(e.soon...) && WaitOn(ctx, e.lives+longAfterExpiry) {
				e.late = token.used(ctx, at, seconds(longAfterExpiry)+" after the token expired")
			}
			return e
		},
		func(ctx SpecContext, e expired) {
			decisive := e.soon
			if accepted := anyAccepted(e.soon...); accepted && e.late == nil {
				// That it is not refused at once was seen: nobody's word stands against that.
				Unknown("a token is still accepted %s after it expired, and whether it still is %s after could not be waited for, which no attestation makes up for: "+
					"set waits.longest to %s, or have the target give this client access tokens that live shorter",
					seconds(soonAfterExpiry), seconds(longAfterExpiry), e.lives+longAfterExpiry)
			} else if accepted {
				decisive = e.late
			}
			for _, use := range decisive {
				Expect(use).To(BeRefused())
			}
			if e.late != nil {
				Warn("a token is still accepted %s after it expired, and refused %s after", seconds(soonAfterExpiry), seconds(longAfterExpiry))
			}
			NeedsService(ctx, client, at.on(ctx))
		})
}

// aging is a token that is to expire, and whether it was good by POST too.
type aging struct {
	grant *flow.Outcome
	posts bool
}

// used shows the token as it should be shown, in each way in which it was good.
func (a aging) used(ctx context.Context, at placeOfTokens, when string) []*flow.Outcome {
	ways := []flow.Deviation{flow.Words(when)}
	if a.posts {
		ways = alsoByPost(ways)
	}
	var answers []*flow.Outcome
	for _, way := range ways {
		answers = append(answers, at.call(ctx, a.grant, way))
	}
	return answers
}

func anyAccepted(answers ...*flow.Outcome) bool {
	return slices.ContainsFunc(answers, func(answer *flow.Outcome) bool {
		decision, _ := Decide(answer)
		return decision == wire.Accepted
	})
}

// longAfterRevocation is when a revoked token is tried again, if it lives as long: lists of what was revoked are kept in caches, which forget after half a minute or a whole one.
const longAfterRevocation = 70 * time.Second

// When an expired token is tried. Clocks differ, and a minute's leeway is common; after that nobody can mean it well.
const (
	soonAfterExpiry = 10 * time.Second
	longAfterExpiry = 70 * time.Second
)

// expired is what became of a token that had expired, by each method.
type expired struct {
	lives time.Duration
	soon  []*flow.Outcome
	late  []*flow.Outcome // nil: not tried
}

// possessionSpecs are about what a token is bound to.
func possessionSpecs(client *flow.Client, at placeOfTokens) {
	refuses := func(ctx SpecContext, byPost []flow.Deviation, deviations ...flow.Deviation) {
		RefusesToServeUnless(ctx, client, at.on(ctx), func(grant *flow.Outcome) string {
			return everywhere.BoundToNothing(ctx, client, grant, BoundTokensOnly.ID)
		}, func(grant *flow.Outcome) []flow.Deviation {
			all := append(slices.Clone(deviations), at.atOtherURL(ctx, client, grant, deviations)...)
			if !at.posts(ctx, grant) {
				return all
			}
			return append(append(all, alsoByPost(deviations)[len(deviations):]...), byPost...)
		})
	}
	// That a token may come in the form of a request (RFC 6750 section 2.2) is no breach; what it is bound to has to come with it there too.
	inForm := func(words string, bare flow.Deviation) []flow.Deviation {
		return []flow.Deviation{flow.All("with the access token in the form, "+words, bare, flow.ByPost(), flow.With(flow.TokenPlace, "body"))}
	}
	// Neither is a token in a cookie or in a field of somebody's own a breach, but then nobody may look for what it is bound to.
	elsewhere := func(words string, bare flow.Deviation) []flow.Deviation {
		cookie := flow.TokenInField("with the access token in a cookie", "Cookie", func(token string) string { return "access_token=" + token })
		field := flow.TokenInField("with the access token in the header field X-Access-Token", "X-Access-Token", func(token string) string { return token })
		return []flow.Deviation{flow.All(cookie.String()+" and "+words, cookie, bare), flow.All(field.String()+" and "+words, field, bare)}
	}
	It("refuses a DPoP-bound token without a proof", ProofRequired, func(ctx SpecContext) {
		at.needs()
		tries := withoutPossession(client)
		// Schemes are compared without regard to case (RFC 9110 section 11.1): who asks for a proof where it reads Bearer has to mean all of them.
		for _, scheme := range []string{"bearer", "BEARER", "dpop"} {
			tries = append(tries, flow.All("as a "+scheme+" token and without a DPoP proof", flow.With(flow.TokenScheme, scheme), flow.Without(flow.Proof)))
		}
		tries = append(tries, flow.All("with the access token in a scheme that nobody knows (Token) and without a DPoP proof", flow.With(flow.TokenScheme, "Token"), flow.Without(flow.Proof)))
		tries = append(tries, flow.All("with the access token in no scheme and without a DPoP proof", flow.With(flow.TokenScheme, ""), flow.Without(flow.Proof)))
		for _, spoilt := range []struct{ how, text string }{{"an empty DPoP proof", ""}, {"something in the place of the DPoP proof that is none", "not-a-proof"}} {
			tries = append(tries, flow.ProofMade("with "+spoilt.how, func(string) string { return spoilt.text }))
		}
		if other, ok := client.Another(); ok {
			tries = append(tries, flow.All("as a Bearer token over a certificate of another client and without a DPoP proof",
				flow.With(flow.TokenScheme, "Bearer"), flow.Without(flow.Proof), flow.With(flow.Certificate, other)))
		}
		tries = append(tries, elsewhere("without a DPoP proof", flow.Without(flow.Proof))...)
		refuses(ctx, inForm("without a DPoP proof", flow.Without(flow.Proof)), tries...)
	})
	It("refuses a DPoP-bound token with a proof of another key", ProofOfOtherKey, func(ctx SpecContext) {
		at.needs()
		refuses(ctx, nil, ofOtherKey(client)...)
	})
	It("refuses a certificate-bound token without a certificate", CertificateRequired, func(ctx SpecContext) {
		at.needs()
		// The other way of proving possession is none, by a key that the token knows nothing of.
		bare := []flow.Deviation{flow.Without(flow.Certificate), flow.All("without client certificate, as a DPoP token with a proof of any key",
			flow.Without(flow.Certificate), flow.With(flow.TokenScheme, "DPoP"), flow.With(flow.Proof, client.NewProofKey())),
			flow.All("without client certificate, with a DPoP proof of any key", flow.Without(flow.Certificate), flow.With(flow.Proof, client.NewProofKey())),
			flow.All("without client certificate, with the access token in a scheme that nobody knows (Token)", flow.Without(flow.Certificate), flow.With(flow.TokenScheme, "Token")),
			flow.All("without client certificate, with the access token in no scheme", flow.Without(flow.Certificate), flow.With(flow.TokenScheme, "")),
			flow.All("with the client's certificate in header fields instead of the TLS handshake", flow.Without(flow.Certificate), flow.CertificateInHeaders())}
		if at.endpoint != "" || client.Target().Resource.URL == client.Endpoint("userinfo_endpoint") {
			bare = everywhere.AtBothURLs(client, "userinfo_endpoint", bare...)
		}
		bare = append(bare, elsewhere("without client certificate", flow.Without(flow.Certificate))...)
		refuses(ctx, inForm("without client certificate", flow.Without(flow.Certificate)), bare...)
	})
	It("refuses a certificate-bound token over another certificate", OtherCertificate, func(ctx SpecContext) {
		at.needs()
		other, ok := client.Another()
		if ok && !other.SameKind(client.Self()) {
			Note("no other client of the target file has a certificate of the same kind (self-signed or by an authority): a refusal may be for that alone")
		}
		refuses(ctx, nil, overOtherCertificates(client)...)
		if !ok {
			Unknown("the target file has no second client with a certificate of its own")
		}
	})
}

// possessionElsewhereSpecs are about what tokens are bound to that were had otherwise: who looks at the first token of a grant may have forgotten the others.
func possessionElsewhereSpecs(client *flow.Client, at placeOfTokens) {
	for _, had := range everywhere.TokensHadOtherwise(client) {
		if at.endpoint != "" && !had.OfUser {
			continue
		}
		refuses := func(text string, r *requirement.Requirement, tries func(*flow.Client) []flow.Deviation) {
			It("refuses "+had.What+" that is bound to "+text, r, func(ctx SpecContext) {
				at.needs()
				everywhere.RefusesHadOtherwise(ctx, had,
					func(client *flow.Client) Served { return placeLike(at, client).on(ctx) },
					func(client *flow.Client, token *flow.Outcome) string {
						return everywhere.BoundToNothing(ctx, client, token, BoundTokensOnly.ID)
					},
					func(client *flow.Client) []flow.Deviation {
						place := placeLike(at, client)
						if !place.isUserinfo() {
							return tries(client)
						}
						return place.byBothMethods(ctx, NeedsService(ctx, client, place.on(ctx)), tries(client))
					})
			})
		}
		refuses("a key and comes without a proof", ProofRequired, withoutPossession)
		refuses("a key and comes with a proof of another one", ProofOfOtherKey, ofOtherKey)
		refuses("a certificate and comes without one", CertificateRequired, withoutPossession)
		refuses("a certificate and comes over another one", OtherCertificate, func(client *flow.Client) []flow.Deviation {
			others := overOtherCertificates(client)
			if len(others) == 0 {
				Unknown("the target file has no second client with a certificate of its own")
			}
			return others
		})
	}
}

// ofOtherKey shows a token with a proof by a key that it is not bound to.
func ofOtherKey(client *flow.Client) []flow.Deviation {
	other := flow.With(flow.ProofKey, client.NewProofKey())
	return []flow.Deviation{other, flow.All("as a Bearer token with a DPoP proof of another key", flow.With(flow.TokenScheme, "Bearer"), other)}
}

// overOtherCertificates shows a token over certificates that it is not bound to: another client's, one of the same names, and such as only the client's authority can issue. One that is
// made up may be refused because nobody trusts who issued it.
func overOtherCertificates(client *flow.Client) []flow.Deviation {
	var all []flow.Deviation
	if other, ok := client.Another(); ok {
		all = append(all, flow.With(flow.Certificate, other))
	}
	if impostor, made := client.Impostor(); made {
		all = append(all, flow.With(flow.Certificate, impostor))
	}
	for _, renewed := range client.Renewed() {
		all = append(all, flow.With(flow.Certificate, renewed))
	}
	return all
}

func lifetime(grant *flow.Outcome) time.Duration {
	seconds, _ := grant.ExpiresIn()
	return time.Duration(seconds) * time.Second
}

// refreshedScopeSpecs are about tokens that may less than the grant from which they come: what was granted is no measure for them.
func refreshedScopeSpecs(client *flow.Client, at placeOfTokens) {
	It("refuses a refreshed token of a lesser scope", SufficientToken, func(ctx SpecContext) {
		at.needs()
		needed := client.Target().Resource.Scope
		if at.isUserinfo() {
			needed = "openid"
		}
		rest := slices.DeleteFunc(strings.Fields(client.Target().Scope), func(word string) bool { return word == needed })
		if needed == "" || len(rest) == 0 {
			NotApplicable("the target file names no scope beside the one without which a token has to be refused here")
		}
		everywhere.NeedsRefresh(ctx, client)
		NeedsService(ctx, client, at.on(ctx))
		grant, fresh := NeedsRefreshed(ctx, client)
		Needs(at.call(ctx, fresh))
		newest := flow.Newest(grant, fresh)
		lesser := client.Refresh(ctx, newest, flow.With(flow.Scope, strings.Join(rest, " ")))
		if decision, because := Decide(lesser); decision == wire.Refused {
			NotApplicable("the target gives no token of a lesser scope for a refresh token: %s", because)
		}
		needsLesser(ctx, client, Needs(lesser), needed)
		answer := at.call(ctx, lesser)
		// That a refresh takes away of the grant for good would be a mistake of its own; others must not trip over it.
		if decision, _ := Decide(at.call(ctx, client.Refresh(ctx, flow.Newest(newest, lesser)))); decision != wire.Accepted {
			client.Spoil(grant)
		}
		Expect(answer).To(BeRefused())
		NeedsService(ctx, client, at.on(ctx))
	})
}

// needsLesser ends a spec about a token of a lesser scope where it is none, or where nobody says what it may: a server can grant more than was asked
// for, if it says so (RFC 6749 section 3.3).
func needsLesser(ctx SpecContext, client *flow.Client, grant *flow.Outcome, needed string) {
	scopes, told := grant.Scopes(), grant.Members()["scope"] != nil
	if own, seen := scopeOf(ctx, client, grant); seen {
		scopes, told = append(scopes, own...), true
	}
	switch {
	case slices.Contains(scopes, needed):
		NotApplicable("the target grants %s although it was not asked for it", needed)
	case !told:
		NotApplicable("nobody says what scope the token has: its response names none, it is opaque, and introspection does not show it or is not offered")
	}
}

// scopeOf is the scope of a token, as it says itself or introspection does. Seen is false where neither can be read.
func scopeOf(ctx context.Context, client *flow.Client, grant *flow.Outcome) (words []string, seen bool) {
	read := func(members map[string]any) bool {
		switch scope := members["scope"].(type) {
		case string:
			words = strings.Fields(scope)
			return true
		case []any:
			for _, word := range scope {
				words = append(words, fmt.Sprint(word))
			}
			return true
		}
		return false
	}
	if read(jose.Claims(grant.AccessToken())) {
		return words, true
	}
	seen = client.Target().Offered(string(requirement.Introspection)) && read(client.Introspect(ctx, grant).Members())
	return words, seen
}

// takesLesserScope ends a spec where a request for a part of the scope is refused for that: a server may have no use for it (RFC 6749 section 3.3), and issues
// no such token then.
func takesLesserScope(asked *flow.Outcome, scope string) *flow.Outcome {
	if decision, because := Decide(asked); decision == wire.Refused && asked.ErrorCode() == "invalid_scope" {
		NotApplicable("requests for no more than %q are refused: %s", scope, because)
	}
	return asked
}

// lesserGrant is a token without the scope that the resource needs.
func lesserGrant(ctx SpecContext, client *flow.Client) *flow.Outcome {
	// One of its own: a shared one may have been ended meanwhile, and would be refused for that.
	lesser := lesserScope(client)
	grant := Needs(takesLesserScope(client.Obtain(ctx, flow.With(flow.Scope, lesser)), lesser))
	if needed := client.Target().Resource.Scope; slices.Contains(grant.Scopes(), needed) {
		Unknown("the target grants %s although it was not asked for it", needed)
	}
	return grant
}

// lesserScope is what can be asked for but for the scope that the resource needs. It ends a spec where there is nothing.
func lesserScope(client *flow.Client) string {
	needed := client.Target().Resource.Scope
	if needed == "" {
		LeaveToAttestation("the target file names no resource.scope without which the resource has to refuse")
	}
	rest := slices.DeleteFunc(strings.Fields(client.Target().Scope), func(word string) bool { return word == needed })
	// Who compares scopes by their beginning, or is content with any of the API's, is caught by those alone that the operator names.
	if rest = append(rest, strings.Fields(client.Target().Resource.Lesser)...); len(rest) == 0 {
		LeaveToAttestation("the scope of the target file has nothing beside %s to ask for, and there is no resource.lesser", needed)
	}
	return strings.Join(rest, " ")
}
