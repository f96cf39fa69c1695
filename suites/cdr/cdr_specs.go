package cdr

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

const (
	arrangementID = "cdr_arrangement_id"
	sharing       = "sharing_duration"
	revocationAt  = "cdr_arrangement_revocation_endpoint"
	year          = 31_536_000
	quarter       = 7_776_000
	slack         = 300 // seconds between what a server and a client take for the moment of an authorization
)

func specs(client *flow.Client) {
	requestSpecs(client)
	sharingSpecs(client)
	arrangementSpecs(client)
	revocationSpecs(client)
	introspectionSpecs(client)
	clientSpecs(client)
	claimSpecs(client)
	metadataSpecs(client)
	resourceSpecs(client)
	transportSpecs(client)
}

func requestSpecs(client *flow.Client) {
	Describe("an authorization request of a data recipient", func() {
		It("for another response type than code is refused", CodeAlone, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			for _, kind := range []string{"code id_token", "code token"} {
				refused(ctx, client, flow.With(flow.ResponseType, kind))
			}
			Needs(client.Push(ctx))
		})
		It("is answered with a signed response, and so is one that the user refuses", SignedResponses, func(ctx SpecContext) {
			for _, landed := range []*flow.Outcome{Needs(client.Landing(ctx)), client.Decline(ctx, Needs(client.Push(ctx)))} {
				back := landed.Params().Get("code") != "" || landed.ErrorCode() != ""
				switch response := landed.Response(); {
				case !back && !response.Signed():
					Note("a refusal by the user does not lead back to the client")
				case !response.Signed():
					Broken("an authorization response is not a JWT")
				case len(landed.Beside()) > 0:
					Warn("an authorization response has parameters beside its JWT")
				}
			}
		})
		It("of a client that has not registered for encryption is not answered with an encrypted response", NotEncryptedUnasked, func(ctx SpecContext) {
			switch response := client.Landing(ctx).Response(); {
			case response.Encrypted && response.Token == "":
				Broken("the authorization response is encrypted to a key that the client does not have")
			case response.Encrypted:
				NotApplicable("client %s has a key to decrypt with, and so may have registered for encrypted responses", client.ID())
			case !response.Signed():
				Unknown("the authorization response is no JWT, which is judged at %s", SignedResponses.ID)
			}
		})
		It("in a request object that the browser brings is refused", NoObjectInBrowser, func(ctx SpecContext) {
			Needs(client.Landing(ctx))
			Expect(client.AuthorizeUnpushed(ctx, flow.AlsoOutside("with response_type, scope and redirect_uri beside the request object", "response_type", "scope", "redirect_uri"))).To(BeRefused())
		})
		It("that is not pushed is refused", PushedOnly, func(ctx SpecContext) {
			Needs(client.Landing(ctx))
			Expect(client.AuthorizeUnpushed(ctx, plainly())).To(BeRefused())
		})
		It("with a request_uri that PAR has not issued is refused", IssuedOnly, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			Needs(client.Landing(ctx))
			uri := pushed.RequestURI()
			with := func(says, uri string) *flow.Outcome {
				return client.AuthorizeWith(ctx, "with "+says, url.Values{"client_id": {client.ID()}, "request_uri": {uri}})
			}
			Expect(with("a request_uri of another server", flow.ForeignOrigin+"/request.jwt")).To(BeRefused())
			Expect(with("another request_uri than was issued", flow.Lookalike(uri))).To(BeRefused())
			if last := strings.LastIndexAny(uri, ":/") + 1; flow.InOtherCase(uri[last:]) != uri[last:] {
				Expect(with("a request_uri that was issued, in other letters", uri[:last]+flow.InOtherCase(uri[last:]))).To(BeRefused())
			}
		})
		It("has a request_uri that lives from 10 to 90 seconds", RequestURILife, func(ctx SpecContext) {
			if seconds, ok := Needs(client.Push(ctx)).ExpiresIn(); !ok || seconds < 10 || seconds > 90 {
				Broken("expires_in of a pushed request is %d, and not from 10 to 90", seconds)
			}
		})
		AgedBy(Age[*flow.Outcome]{About: 95 * time.Second, Of: func(pushed *flow.Outcome) time.Duration {
			seconds, _ := pushed.ExpiresIn()
			return time.Duration(seconds+5) * time.Second
		}}, "has a request_uri that is good no more when its time is over", RequestURIEnds,
			func(ctx SpecContext) *flow.Outcome {
				Needs(client.Landing(ctx))
				return Needs(client.Push(ctx))
			},
			func(ctx context.Context, pushed *flow.Outcome) *flow.Outcome {
				return client.Authorize(ctx, pushed, flow.Words("5 seconds after the request_uri has ended"))
			},
			func(_ SpecContext, late *flow.Outcome) { Expect(late).To(BeRefused()) })
		It("has a request_uri that works once", RequestURIOnce, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			Needs(client.Authorize(ctx, pushed))
			Expect(client.Authorize(ctx, pushed, flow.Words("a second time, after it was completed"))).To(BeRefused())
		})
		It("that is not signed is refused where it is pushed", SignedOnly, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			for _, wrong := range []flow.Deviation{plainly(), flow.With(flow.RequestObject, flow.Unsigned).As("in a request object with alg none")} {
				Expect(client.Push(ctx, wrong)).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
	})
}

func sharingSpecs(client *flow.Client) {
	Describe("a sharing", func() {
		It("has a refresh token that lasts as long", AsLongAsShared, func(ctx SpecContext) {
			grant := usual(ctx, client)
			asked, _ := wishes(client)[sharing].(float64)
			if until := endOf(ctx, client, grant); until < asked-slack || until > asked+slack {
				Broken("the refresh token of a sharing of %.0f seconds ends %.0f seconds after the token response", asked, until)
			}
		})
		It("without a duration, or of no seconds, has no refresh token", OnceOff, func(ctx SpecContext) {
			usual(ctx, client)
			for _, once := range []flow.Deviation{
				wishing(client, "without sharing_duration", func(claims map[string]any) { delete(claims, sharing) }), wishing(client, "with sharing_duration 0", lasting(0)),
			} {
				if Needs(client.Obtain(ctx, once)).RefreshToken() != "" {
					Broken("a request %s is given a refresh token", once)
				}
			}
		})
		It("of more than a year is one of a year", YearAtMost, func(ctx SpecContext) {
			usual(ctx, client)
			two := client.Obtain(ctx, wishing(client, "with sharing_duration of two years", lasting(2*year)))
			Expect(two).To(BeAccepted())
			if until := endOf(ctx, client, two); until > year+slack {
				Broken("the refresh token of a sharing of two years ends %.0f seconds after the token response", until)
			}
		})
		It("of an hour has a refresh token that ends with it", OneTime, func(ctx SpecContext) {
			hour := Needs(client.Obtain(ctx, wishing(client, "with sharing_duration of an hour", lasting(3600))))
			if hour.RefreshToken() == "" {
				Broken("a sharing of an hour has no refresh token")
			}
			if until := endOf(ctx, client, hour); until > 86400+slack {
				Broken("the refresh token of a sharing of an hour ends %.0f seconds after the token response", until)
			}
		})
		It("of less than no seconds is refused", NotNegative, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			refused(ctx, client, wishing(client, "with sharing_duration -1", lasting(-1)))
			Needs(client.Push(ctx))
		})
	})
}

func arrangementSpecs(client *flow.Client) {
	Describe("an arrangement", func() {
		It("is named in token responses", ArrangementTold, func(ctx SpecContext) {
			grant := usual(ctx, client)
			for _, answer := range []*flow.Outcome{grant, Needs(client.Refresh(ctx, refreshable(grant)))} {
				if answer.Text(arrangementID) == "" {
					Broken("the answer to a %s has no %s", answer.Step, arrangementID)
				}
			}
		})
		It("keeps its name over refresh, introspection and amendment", ArrangementKept, func(ctx SpecContext) {
			journeys, end := flow.OneBrowser(ctx, 2) // of one and the same user, where there are several
			defer end()
			grant := own(journeys, client)
			id := named(grant)
			for _, answer := range []*flow.Outcome{
				Needs(client.Refresh(ctx, refreshable(grant))), Needs(client.IntrospectRefreshToken(ctx, grant)), Needs(client.Obtain(journeys, amending(client, id))),
			} {
				if other := answer.Text(arrangementID); other != "" && other != id {
					Broken("the answer to a %s names another arrangement than the first token response", answer.Step)
				}
			}
		})
		It("has a name that can't be guessed and does not name the consumer", ArrangementUnguessable, func(ctx SpecContext) {
			grants := []*flow.Outcome{usual(ctx, client)}
			for range 3 {
				grants = append(grants, own(ctx, client))
			}
			claims, err := client.IDClaims(grants[0])
			if err != nil {
				claims = nil
			}
			subject, _ := claims["sub"].(string)
			for i, grant := range grants {
				id := named(grant)
				for _, other := range grants[:i] {
					const wanted, fewest = 96, 64 // bits: UUIDs that begin with the time have 74
					switch bits := everywhere.RoomForChance(id, named(other)); {
					case id == named(other):
						Broken("two arrangements have the same name")
					case bits < fewest:
						Broken("the name of an arrangement can be guessed: in what differs between two of them there is no room for more than %d bits of chance", bits)
					case bits < wanted:
						Warn("in what differs between the names of two arrangements there is no room for more than %d bits of chance", bits)
					}
				}
				for _, user := range client.Target().Users() {
					if len(user.Name) > 3 && strings.Contains(id, user.Name) || len(subject) > 3 && strings.Contains(id, subject) {
						Broken("the name of an arrangement names the consumer")
					}
				}
			}
		})
		It("can be amended", Amended, func(ctx SpecContext) {
			journeys, end := flow.OneBrowser(ctx, 2)
			defer end()
			grant := own(journeys, client)
			amended := client.Obtain(journeys, amending(client, named(grant)))
			Expect(amended).To(BeAccepted())
		})
		It("that nobody knows is refused", KnownOnly, func(ctx SpecContext) {
			id := named(usual(ctx, client))
			Needs(client.Push(ctx, amending(client, id)))
			refused(ctx, client, amending(client, flow.Lookalike(id)).As("about an arrangement that nobody knows"))
			Needs(client.Push(ctx))
		})
		It("of another client is refused", OwnOnly, func(ctx SpecContext) {
			id := named(usual(ctx, client))
			guest := everywhere.Guests(client)[0]
			Needs(guest.Push(ctx))
			refused(ctx, guest, amending(client, id).As("about an arrangement of another client"))
			Needs(guest.Push(ctx))
			if len(client.Target().Users()) > 1 {
				landed := Needs(client.Login(ctx, forSharing(client)...))
				if other, ok := everywhere.AsAnotherUser(ctx, client, landed, amending(client, named(Needs(client.Exchange(ctx, landed))))); ok {
					Expect(other).To(BeRefused())
				}
			}
		})
		It("has no good tokens of before once it was amended", OldTokensEnd, func(ctx SpecContext) {
			journeys, end := flow.OneBrowser(ctx, 2)
			defer end()
			old := own(journeys, client)
			good := Needs(client.Refresh(ctx, refreshable(old)))
			Needs(client.Call(ctx, good))
			fresh := Needs(client.Obtain(journeys, amending(client, named(old))))
			Needs(client.Call(ctx, fresh))
			ended(ctx, client, old, good, "its arrangement was amended")
			Needs(client.Refresh(ctx, refreshable(fresh)))
		})
		It("keeps its tokens while an amendment has not succeeded", OldTokensLive, func(ctx SpecContext) {
			old := own(ctx, client)
			good := Needs(client.Refresh(ctx, refreshable(old)))
			Needs(client.Call(ctx, good))
			lives := func(when string) {
				Expect(client.Call(ctx, good, flow.Words(when))).To(BeAccepted())
				again := client.Refresh(ctx, old, flow.Words(when))
				Expect(again).To(BeAccepted())
				good = again // which may have ended the one of before
			}
			pushed := Needs(client.Push(ctx, amending(client, named(old))))
			lives("when an amendment was pushed")
			client.Decline(ctx, pushed) // however it is answered: that the user said no is what counts
			lives("when the user has refused an amendment")
		})
	})
}

func revocationSpecs(client *flow.Client) {
	Describe("the revocation of an arrangement", func() {
		It("is served", RevocationServed, func(ctx SpecContext) {
			needsEndpoint(client)
			answer := client.EndArrangement(ctx, named(own(ctx, client)))
			Expect(answer).To(BeAccepted())
			if answer.Status != http.StatusNoContent {
				Warn("the revocation of an arrangement is answered with %d and not 204", answer.Status)
			}
		})
		It("ends its tokens", RevocationEnds, func(ctx SpecContext) {
			needsEndpoint(client)
			grant := own(ctx, client)
			good := Needs(client.Refresh(ctx, refreshable(grant)))
			Needs(client.Call(ctx, good))
			Needs(client.EndArrangement(ctx, named(grant)))
			ended(ctx, client, grant, good, "its arrangement was revoked")
			if told := client.IntrospectRefreshToken(ctx, grant, flow.Words("after its arrangement was revoked")); told.Members()["active"] == true {
				Broken("introspection calls the refresh token of a revoked arrangement active")
			}
		})
		It("by another client is refused", RevocationOfOwn, func(ctx SpecContext) {
			needsEndpoint(client)
			grant := own(ctx, client)
			guest := everywhere.Guests(client)[0]
			if answer := guest.EndArrangement(ctx, named(grant), flow.Words("by another client")); decided(answer) < 400 {
				Broken("the revocation of another client's arrangement is answered with %d", answer.Status)
			}
			Expect(client.Refresh(ctx, refreshable(grant), flow.Words("after another client has asked for the arrangement's revocation"))).To(BeAccepted())
		})
		It("is answered with 422 where there is no such arrangement", RevocationOfNothing, func(ctx SpecContext) {
			needsEndpoint(client)
			id := named(own(ctx, client))
			tries := []*flow.Outcome{client.EndArrangement(ctx, flow.Lookalike(id), flow.Words("of an arrangement that nobody knows"))}
			Needs(client.EndArrangement(ctx, id))
			tries = append(tries, client.EndArrangement(ctx, id, flow.Words("of an arrangement that was revoked before")))
			for _, answer := range tries {
				if status := decided(answer); status != http.StatusUnprocessableEntity {
					Broken("the revocation of what is no arrangement, or none any more, is answered with %d and not 422", status)
				}
				if !strings.Contains(errorCode(answer), "InvalidArrangement") {
					Warn("the revocation of what is no arrangement is refused without the code InvalidArrangement")
				}
			}
		})
		It("is refused without client authentication", RevocationAuthenticated, func(ctx SpecContext) {
			needsEndpoint(client)
			grant := own(ctx, client)
			stranger, err := jose.NewKey(jose.ES256)
			if err != nil {
				Unknown("a key can't be made: %s", err)
			}
			for _, wrong := range []flow.Deviation{flow.Without(flow.ClientAuthentication), flow.With(flow.AssertionKey, stranger)} {
				// The standards write errors of this endpoint in their own way: what counts is the status.
				if answer := client.EndArrangement(ctx, named(grant), wrong); decided(answer) < 400 {
					Broken("the revocation of an arrangement %s is answered with %d", wrong, answer.Status)
				}
			}
			Needs(client.Refresh(ctx, refreshable(grant)))
		})
		It("is refused where a JWT alone names it", RevocationByForm, func(ctx SpecContext) {
			needsEndpoint(client)
			grant := own(ctx, client)
			id, now := named(grant), client.Now().Unix()
			compact, err := (&jose.Token{Key: client.Self().Key, Header: map[string]any{"kid": client.Self().Key.ID}, Claims: map[string]any{
				arrangementID: id, "iss": client.ID(), "sub": client.ID(), "aud": client.Endpoint(revocationAt), "iat": now, "exp": now + 60, "jti": jose.Random(16),
			}}).Sign()
			if err != nil {
				Unknown("a JWT can't be signed: %s", err)
			}
			byJWT := flow.All("in a JWT", flow.Without(flow.Parameter(arrangementID)), flow.With(flow.Parameter("cdr_arrangement_jwt"), compact))
			if answer := client.EndArrangement(ctx, id, byJWT); decided(answer) < 400 || !Accepts(client.Refresh(ctx, refreshable(grant))) {
				Broken("a JWT that names an arrangement has it revoked: it is answered with %d", answer.Status)
			}
			Needs(client.EndArrangement(ctx, id))
		})
	})
	Describe("the tokens of a sharing", func() {
		It("can be revoked one by one", TokensRevoked, func(ctx SpecContext) {
			grant := own(ctx, client)
			Needs(client.Call(ctx, grant))
			Expect(client.Revoke(ctx, grant)).To(BeAccepted())
			Expect(afterwards(ctx, client, func(d flow.Deviation) *flow.Outcome { return client.Call(ctx, grant, d) }, "the access token was revoked")).To(BeRefused())
			if !Accepts(client.Refresh(ctx, refreshable(grant), flow.Words("after the access token was revoked"))) {
				// RFC 7009 section 2.1 lets a server take the refresh token along.
				Warn("the refresh token is not good any more when the access token was revoked")
			}
			Expect(client.RevokeRefreshToken(ctx, grant)).To(BeAccepted())
			Expect(client.Refresh(ctx, grant, flow.Words("after the refresh token was revoked"))).To(BeRefused())
		})
	})
}

func introspectionSpecs(client *flow.Client) {
	Describe("introspection", func() {
		It("tells whether a refresh token is active, until when, its scope and its arrangement", IntrospectionTells, func(ctx SpecContext) {
			grant := usual(ctx, client)
			said := Needs(client.IntrospectRefreshToken(ctx, refreshable(grant))).Members()
			end, _ := said["exp"].(float64)
			scope, _ := said["scope"].(string)
			switch {
			case said["active"] != true:
				Broken("a refresh token that is good is not active")
			case end <= float64(client.Now().Unix()):
				Broken("exp is no number ahead")
			case scope == "":
				Broken("scope is no text")
			case said[arrangementID] != named(grant):
				Broken("%s is not that of the token response", arrangementID)
			}
			if wanted, _ := wishes(client)[sharing].(float64); wanted > 600+slack && end < float64(client.Now().Unix())+600 {
				Broken("exp is that of an access token, and not of the refresh token")
			}
		})
		It("tells no username", NoUsername, func(ctx SpecContext) {
			if said := Needs(client.IntrospectRefreshToken(ctx, refreshable(usual(ctx, client)))); said.Members()["username"] != nil {
				Broken("the answer has a username")
			}
		})
		It("tells nothing of access tokens and id_tokens", RefreshTokensAlone, func(ctx SpecContext) {
			grant := usual(ctx, client)
			if Needs(client.IntrospectRefreshToken(ctx, refreshable(grant))).Members()["active"] != true {
				Unknown("introspection does not call a good refresh token active")
			}
			Needs(client.Call(ctx, grant))
			tries := []*flow.Outcome{client.Introspect(ctx, grant), client.Introspect(ctx, grant, flow.Without(flow.Parameter("token_type_hint")))}
			if id := grant.IDToken(); id != "" {
				tries = append(tries, client.Introspect(ctx, grant, flow.With(flow.Parameter("token"), id).As("of an id_token")))
			}
			for _, answer := range tries {
				if answer.Members()["active"] == true {
					Broken("introspection calls an access token or an id_token active")
				}
			}
		})
	})
}

func clientSpecs(client *flow.Client) {
	Describe("a data recipient", func() {
		It("is not known by its certificate alone", KeysAlone, func(ctx SpecContext) {
			if methods := client.Target().Metadata.List("token_endpoint_auth_methods_supported"); !slices.Equal(methods, []string{"private_key_jwt"}) {
				Broken("token_endpoint_auth_methods_supported is not private_key_jwt alone")
			}
			grant := usual(ctx, client)
			Needs(client.Refresh(ctx, refreshable(grant)))
			Expect(client.Refresh(ctx, grant, flow.Without(flow.ClientAuthentication))).To(BeRefused())
			Needs(client.Refresh(ctx, grant))
		})
		It("is known by an assertion for the issuer, the token endpoint or the endpoint that is called", Audiences, func(ctx SpecContext) {
			grant := own(ctx, client)
			for _, one := range []struct {
				at  string
				ask func(flow.Deviation) *flow.Outcome
			}{
				{"pushed_authorization_request_endpoint", func(d flow.Deviation) *flow.Outcome { return client.Push(ctx, d) }},
				{"token_endpoint", func(d flow.Deviation) *flow.Outcome { return client.Refresh(ctx, refreshable(grant), d) }},
				{"introspection_endpoint", func(d flow.Deviation) *flow.Outcome { return client.IntrospectRefreshToken(ctx, grant, d) }},
				{"revocation_endpoint", func(d flow.Deviation) *flow.Outcome {
					// What is no token is answered as if it had been revoked (RFC 7009 section 2.2).
					return client.RevokeRefreshToken(ctx, grant, flow.With(flow.Parameter("token"), flow.Lookalike(grant.RefreshToken())).As("of what is no token"), d)
				}},
			} {
				for _, audience := range []string{"", client.Endpoint("token_endpoint"), client.Endpoint(one.at)} {
					deviation := flow.Words("")
					if audience != "" {
						deviation = flow.With(flow.AssertionClaim("aud"), audience)
					}
					Expect(one.ask(deviation)).To(BeAccepted())
				}
			}
			if client.Endpoint(revocationAt) == "" {
				return
			}
			for _, audience := range []string{client.Endpoint("token_endpoint"), client.Endpoint(revocationAt)} {
				// There is no such arrangement: that this is found out shows that the client was known.
				if answer := client.EndArrangement(ctx, flow.Lookalike(named(grant)), flow.With(flow.AssertionClaim("aud"), audience)); decided(answer) == http.StatusUnauthorized || answer.ErrorCode() == "invalid_client" {
					Broken("where arrangements are revoked an assertion for %s is refused", wire.Printable(audience))
				}
			}
		})
		It("can show an assertion once", AssertionOnce, func(ctx SpecContext) {
			grant := usual(ctx, client)
			again := func() flow.Deviation {
				return flow.With(flow.AssertionClaim("jti"), jose.Random(16)).As("with a jti of its own in the client assertion")
			}
			atPAR, atToken := again(), again()
			Needs(client.Push(ctx, atPAR))
			Expect(client.Push(ctx, atPAR.As("with a jti that was used before"))).To(BeRefused())
			Needs(client.Refresh(ctx, refreshable(grant), atToken))
			Expect(client.Refresh(ctx, grant, atToken.As("with a jti that was used before"))).To(BeRefused())
			elsewhere := atPAR.As("with a jti that was used where requests are pushed")
			Expect(client.Refresh(ctx, grant, elsewhere)).To(BeRefused())
			Needs(client.IntrospectRefreshToken(ctx, grant))
			Expect(client.IntrospectRefreshToken(ctx, grant, elsewhere)).To(BeRefused())
			nothing := flow.With(flow.Parameter("token"), flow.Lookalike(grant.RefreshToken())).As("of what is no token")
			Needs(client.RevokeRefreshToken(ctx, grant, nothing))
			Expect(client.RevokeRefreshToken(ctx, grant, nothing, elsewhere)).To(BeRefused())
			Needs(client.Refresh(ctx, grant))
		})
		It("has to show a whole assertion", AssertionWhole, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			if !Accepts(client.Push(ctx, flow.Without(flow.AssertionClaim("iat")))) {
				Note("an assertion without iat is not taken, which may be left out")
			}
			grant := usual(ctx, client)
			Needs(client.Refresh(ctx, refreshable(grant)))
			for _, claim := range []string{"jti", "exp", "aud", "sub"} {
				Expect(client.Push(ctx, flow.Without(flow.AssertionClaim(claim)))).To(BeRefused())
				Needs(client.Push(ctx))
				Expect(client.Refresh(ctx, grant, flow.Without(flow.AssertionClaim(claim)))).To(BeRefused())
			}
			Needs(client.Refresh(ctx, grant))
		})
		It("has access tokens that live from 2 to 10 minutes", AccessTokenLife, func(ctx SpecContext) {
			grant := usual(ctx, client)
			for _, answer := range []*flow.Outcome{grant, Needs(client.Refresh(ctx, refreshable(grant)))} {
				if seconds, ok := answer.ExpiresIn(); !ok || seconds < 120 || seconds > 600 {
					Broken("expires_in of a token response is %d, and not from 120 to 600", seconds)
				}
			}
		})
		It("keeps its refresh token", NoRotation, func(ctx SpecContext) {
			grant := own(ctx, client)
			if flow.Replaced(grant, Needs(client.Refresh(ctx, refreshable(grant)))) {
				Broken("a refresh gives another refresh token")
			}
			Expect(client.Refresh(ctx, grant, flow.Words("a second time"))).To(BeAccepted())
		})
	})
}

// levels are the levels of assurance, the lowest one first.
var levels = []string{"urn:cds.au:cdr:2", "urn:cds.au:cdr:3", "urn:cds.au:cdr:4"}

func claimSpecs(client *flow.Client) {
	Describe("the id_token of a sharing", func() {
		It("names a level of assurance", LevelTold, func(ctx SpecContext) {
			level, _ := claimsOf(client, usual(ctx, client))["acr"].(string)
			switch {
			case !slices.Contains(levels, level):
				Broken("acr is none of the levels of assurance")
			case !slices.Contains(client.Target().Metadata.List("acr_values_supported"), level):
				Broken("acr_values_supported does not list the acr of the id_token")
			}
		})
		It("never names a lower level than was essential", LevelReached, func(ctx SpecContext) {
			usual(ctx, client)
			answer := client.Obtain(ctx, wishing(client, "with a higher level as essential", func(claims map[string]any) {
				claims["id_token"] = map[string]any{"acr": map[string]any{"essential": true, "values": levels[1:2]}}
			}))
			if Accepts(answer) {
				if level, _ := claimsOf(client, answer)["acr"].(string); slices.Index(levels, level) < 1 {
					Warn("acr of the id_token is below what was asked for as essential")
				}
				if listed := client.Target().Metadata.List("acr_values_supported"); !slices.Contains(listed, levels[1]) && !slices.Contains(listed, levels[2]) {
					Warn("acr of the id_token is a level that acr_values_supported does not list")
				}
			}
		})
		It("has auth_time where that was essential", AuthTimeTold, func(ctx SpecContext) {
			answer := client.Obtain(ctx, wishing(client, "with auth_time as essential", func(claims map[string]any) {
				asked, _ := claims["id_token"].(map[string]any)
				asked = maps.Clone(asked)
				if asked == nil {
					asked = map[string]any{}
				}
				asked["auth_time"] = map[string]any{"essential": true}
				claims["id_token"] = asked
			}))
			Expect(answer).To(BeAccepted())
			claims := claimsOf(client, answer)
			at, isNumber := claims["auth_time"].(float64)
			issued, _ := claims["iat"].(float64)
			if !isNumber || at > issued+1 {
				Broken("auth_time is no number, or is after iat")
			}
		})
		It("names the consumer by another subject to another client", PairwiseSubject, func(ctx SpecContext) {
			if !slices.Contains(client.Target().Metadata.List("subject_types_supported"), "pairwise") {
				Broken("subject_types_supported does not list pairwise")
			}
			first, again := claimsOf(client, usual(ctx, client))["sub"], claimsOf(client, own(ctx, client))["sub"]
			if len(client.Target().Users()) == 1 && first != again {
				Broken("the same consumer has two subjects to one client")
			}
			guest := everywhere.Guests(client)[0]
			if other := claimsOf(guest, Needs(guest.Obtain(ctx)))["sub"]; other == first {
				if oneSector(client, guest) {
					Note("the redirect URIs of both clients have one host: they may be of one sector, in which a subject is the same (OpenID Connect Core section 8.1)")
					return
				}
				Broken("the same consumer has the same subject to two clients")
			}
		})
	})
	Describe("userinfo of a sharing", func() {
		It("ignores claims that the standards do not list", OthersIgnored, func(ctx SpecContext) {
			others := []string{"birthdate", "gender", "picture"}
			answer := client.Obtain(ctx, wishing(client, "for birthdate, gender and picture", func(claims map[string]any) {
				asked := map[string]any{}
				for _, name := range others {
					asked[name] = nil
				}
				claims["userinfo"] = asked
				inToken, _ := claims["id_token"].(map[string]any)
				inToken = maps.Clone(inToken)
				if inToken == nil {
					inToken = map[string]any{}
				}
				maps.Copy(inToken, asked)
				claims["id_token"] = inToken
			}))
			Expect(answer).To(BeAccepted())
			if told, err := client.IDClaims(answer); err == nil {
				for _, name := range others {
					if told[name] != nil {
						Broken("the id_token has %s", name)
					}
				}
			}
			said := Needs(client.Userinfo(ctx, answer)).Members()
			for _, name := range others {
				if said[name] != nil {
					Broken("userinfo has %s", name)
				}
			}
		})
	})
}

func metadataSpecs(client *flow.Client) {
	Describe("the metadata of a data holder", func() {
		It("say that PAR is required", PARAnnounced, SendsNothing, func(SpecContext) {
			metadata := client.Target().Metadata
			if metadata.Values["require_pushed_authorization_requests"] != true || !strings.HasPrefix(metadata.Text("pushed_authorization_request_endpoint"), "https://") {
				Broken("require_pushed_authorization_requests is not true, or pushed_authorization_request_endpoint is no https URL")
			}
		})
		It("have the members that the standards list", MetadataWhole, SendsNothing, func(SpecContext) {
			texts := []string{"authorization_endpoint", "issuer", "jwks_uri", "registration_endpoint", "token_endpoint", "userinfo_endpoint", "introspection_endpoint", "revocation_endpoint", revocationAt}
			lists := []string{
				"acr_values_supported", "claims_supported", "grant_types_supported", "id_token_signing_alg_values_supported", "request_object_signing_alg_values_supported", "response_modes_supported",
				"response_types_supported", "scopes_supported", "subject_types_supported", "token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported", "authorization_signing_alg_values_supported",
			}
			metadata := client.Target().Metadata
			var missing []string
			for _, name := range texts {
				if metadata.Text(name) == "" {
					missing = append(missing, name)
				}
			}
			for _, name := range lists {
				if len(metadata.List(name)) == 0 {
					missing = append(missing, name)
				}
			}
			if len(missing) > 0 {
				Broken("the metadata lack %s, or have it in another type", strings.Join(missing, ", "))
			}
		})
		It("say that access tokens are bound to certificates", BoundTokensAnnounced, SendsNothing, func(SpecContext) {
			if client.Target().Metadata.Values["tls_client_certificate_bound_access_tokens"] != true {
				Broken("tls_client_certificate_bound_access_tokens is not true")
			}
		})
		It("lead to keys of which each has a kid of its own", KeysToldApart, func(ctx SpecContext) {
			keys, _ := Needs(client.KeySet(ctx)).Members()["keys"].([]any)
			seen := map[any]bool{}
			for _, one := range keys {
				key, _ := one.(map[string]any)
				if kid := key["kid"]; kid != nil && seen[kid] {
					Broken("two keys of the key set have the same kid")
				} else if kid != nil {
					seen[kid] = true
				}
			}
		})
	})
}

func resourceSpecs(client *flow.Client) {
	version, least := flow.HeaderField("x-v"), flow.HeaderField("x-min-v")
	// The version that is served is named in the target file, with what else the resource wants.
	ask := func(ctx SpecContext, deviations ...flow.Deviation) *flow.Outcome {
		if !slices.ContainsFunc(client.Target().Resource.Headers, func(h target.Header) bool { return strings.EqualFold(h.Name, "x-v") }) {
			NotApplicable("the target file has no x-v among resource.headers")
		}
		return client.Call(ctx, usual(ctx, client), deviations...)
	}
	served := func(ctx SpecContext, deviations ...flow.Deviation) (answer *flow.Outcome, number int) {
		answer = Needs(ask(ctx, deviations...))
		number, err := strconv.Atoi(answer.Header.Get("X-V"))
		if err != nil || number < 1 {
			number = 0
		}
		return answer, number
	}
	any9 := func(says string) flow.Deviation { return flow.All(says, flow.With(version, 9999), flow.With(least, 1)) }
	unsupported := flow.All("with x-v 9999 and x-min-v 9998", flow.With(version, 9999), flow.With(least, 9998))
	Describe("a resource of a data holder", func() {
		It("says which version it is", VersionTold, func(ctx SpecContext) {
			for _, deviation := range []flow.Deviation{flow.Words(""), any9("of any version")} {
				if _, number := served(ctx, deviation); number == 0 || number == 9999 {
					Broken("x-v of the answer is no version: %q", wire.Printable(strconv.Itoa(number)))
				}
			}
		})
		It("refuses a call without a version", VersionWanted, func(ctx SpecContext) {
			Needs(ask(ctx))
			answer := ask(ctx, flow.Without(version))
			if status := decided(answer); status < 300 {
				Broken("a call without x-v is answered with data")
			} else if status != http.StatusBadRequest || !strings.Contains(errorCode(answer), "Header/Missing") {
				Warn("a call without x-v is refused with %d %s, and not 400 Header/Missing", status, wire.Printable(errorCode(answer)))
			}
		})
		It("answers 406 where there is no such version", VersionSupported, func(ctx SpecContext) {
			Needs(ask(ctx))
			answer := ask(ctx, unsupported)
			if status := decided(answer); status != http.StatusNotAcceptable {
				Broken("a call for a version that there is not is answered with %d and not 406", status)
			}
			if !strings.Contains(errorCode(answer), "UnsupportedVersion") {
				Warn("a version that there is not is refused without the code UnsupportedVersion")
			}
		})
		It("answers 400 where a version is no positive integer", VersionReadable, func(ctx SpecContext) {
			Needs(ask(ctx))
			for _, wrong := range []flow.Deviation{flow.With(version, "foo"), flow.With(version, "0"), flow.With(version, "-1"), flow.With(version, "1.5"), flow.With(least, "foo"), flow.With(least, "0")} {
				answer := ask(ctx, wrong)
				if status := decided(answer); status != http.StatusBadRequest {
					Broken("a call %s is answered with %d and not 400", wrong, status)
				}
				if !strings.Contains(errorCode(answer), "InvalidVersion") {
					Warn("a call %s is refused without the code InvalidVersion", wrong)
				}
			}
			Needs(ask(ctx))
		})
		It("serves the highest version that is asked for", VersionHighest, func(ctx SpecContext) {
			_, usually := served(ctx)
			_, highest := served(ctx, any9("of any version"))
			if highest < usually {
				Broken("a call for any version is served version %d, and there is %d", highest, usually)
			}
			exact := flow.All(fmt.Sprintf("with x-v and x-min-v %d", highest), flow.With(version, highest), flow.With(least, highest))
			if _, number := served(ctx, exact); number != highest {
				Broken("a call for version %d alone is served version %d", highest, number)
			}
			if highest > 1 {
				if _, number := served(ctx, flow.All("with x-v 9999 and x-min-v 1", flow.With(version, 9999), flow.With(least, 1))); number != highest {
					Broken("a call for any version is served version %d, and before %d", number, highest)
				}
			}
		})
		It("returns x-fapi-interaction-id, with errors too", InteractionReturned, func(ctx SpecContext) {
			for _, answer := range []*flow.Outcome{Needs(ask(ctx)), ask(ctx, unsupported)} {
				decided(answer)
				if !strings.EqualFold(answer.Header.Get("X-Fapi-Interaction-Id"), answer.Exchange.ID) { // a UUID is one in capitals too
					Broken("an answer with status %d has not the x-fapi-interaction-id of the request", answer.Status)
				}
			}
		})
		It("lists its errors", ErrorsListed, func(ctx SpecContext) {
			Needs(ask(ctx))
			answer := ask(ctx, unsupported)
			if decided(answer) < 400 || len(answer.Body) == 0 {
				Unknown("a call for a version that there is not is not refused with a body")
			}
			list, _ := answer.Members()["errors"].([]any)
			for _, one := range list {
				object, _ := one.(map[string]any)
				for _, name := range []string{"code", "title", "detail"} {
					if text, _ := object[name].(string); text == "" {
						list = nil
					}
				}
			}
			if len(list) == 0 {
				Warn("an error is no array errors of objects with code, title and detail")
			}
		})
	})
}

func transportSpecs(client *flow.Client) {
	Describe("the back channel of a data holder", func() {
		It("demands a certificate", CertificateDemanded, func(ctx SpecContext) {
			grant := usual(ctx, client)
			without := flow.Without(flow.Certificate)
			for _, ask := range backChannel(ctx, client, grant) {
				Needs(ask(flow.Words("")))
				Expect(ask(without)).To(BeRefused())
			}
			if client.Endpoint(revocationAt) == "" {
				return
			}
			shared := own(ctx, client)
			if answer := client.EndArrangement(ctx, named(shared), without); answer.Err == nil && decided(answer) < 300 {
				Broken("the revocation of an arrangement %s is answered with %d", without, answer.Status)
			}
			Needs(client.EndArrangement(ctx, named(shared)))
		})
		It("trusts no other authority", AuthorityTrusted, func(ctx SpecContext) {
			grant := usual(ctx, client)
			Needs(client.Push(ctx))
			Needs(client.Refresh(ctx, refreshable(grant)))
			tried := false
			for _, made := range []func() (flow.OtherCertificate, bool){client.Impostor, client.SelfMade} {
				if other, ok := made(); ok {
					tried = true
					Expect(client.Push(ctx, flow.With(flow.Certificate, other))).To(BeRefused())
					Expect(client.Refresh(ctx, grant, flow.With(flow.Certificate, other))).To(BeRefused())
				}
			}
			if !tried {
				NotApplicable("client %s shows no certificate", client.ID())
			}
			Needs(client.Push(ctx))
		})
		It("is none at public endpoints", PublicWithout, func(ctx SpecContext) {
			// The metadata were read without a certificate before anything else, and no browser shows one.
			Expect(client.KeySet(ctx)).To(BeAccepted())
			Expect(client.Landing(ctx)).To(BeAccepted())
		})
	})
}

// backChannel are requests that show a certificate, and no authentication by which they could be refused without it.
func backChannel(ctx SpecContext, client *flow.Client, grant *flow.Outcome) []func(flow.Deviation) *flow.Outcome {
	return []func(flow.Deviation) *flow.Outcome{
		func(d flow.Deviation) *flow.Outcome { return client.Push(ctx, d) },
		func(d flow.Deviation) *flow.Outcome { return client.Refresh(ctx, refreshable(grant), d) },
		func(d flow.Deviation) *flow.Outcome { return client.IntrospectRefreshToken(ctx, refreshable(grant), d) },
		func(d flow.Deviation) *flow.Outcome {
			return client.RevokeRefreshToken(ctx, grant, flow.With(flow.Parameter("token"), flow.Lookalike(grant.RefreshToken())).As("of what is no token"), d)
		},
		func(d flow.Deviation) *flow.Outcome { return client.Userinfo(ctx, grant, d) },
		func(d flow.Deviation) *flow.Outcome { return client.Call(ctx, grant, d) },
	}
}

// plainly is a request whose parameters are sent as they are.
func plainly() flow.Deviation {
	return flow.Without(flow.RequestObject).As("in parameters, and not signed")
}

// wishes are the claims of usual requests: those of the target file, with a sharing of 90 days where it has none.
func wishes(client *flow.Client) map[string]any {
	var claims map[string]any
	if json.Unmarshal([]byte(client.Target().Request["claims"]), &claims) != nil || claims == nil {
		claims = map[string]any{"id_token": map[string]any{"acr": map[string]any{"essential": true, "values": []string{"urn:cds.au:cdr:2"}}}}
	}
	if duration, _ := claims[sharing].(float64); duration <= 0 {
		claims[sharing] = float64(quarter)
	}
	return claims
}

// written are the claims of usual requests: as the target file spells them, where they have a sharing.
func written(client *flow.Client) string {
	var claims map[string]any
	text := client.Target().Request["claims"]
	if json.Unmarshal([]byte(text), &claims) == nil {
		if duration, _ := claims[sharing].(float64); duration > 0 {
			return text
		}
	}
	return asText(wishes(client))
}

func asText(claims map[string]any) string {
	text, err := json.Marshal(claims)
	if err != nil {
		return "{}" // it was read from JSON, and can be written as that
	}
	return string(text)
}

// wishing is a request with other claims.
func wishing(client *flow.Client, says string, edit func(claims map[string]any)) flow.Deviation {
	claims := wishes(client)
	edit(claims)
	return flow.With(flow.Parameter("claims"), asText(claims)).As(says)
}

// lasting is a sharing of so many seconds.
func lasting(seconds float64) func(map[string]any) {
	return func(claims map[string]any) { claims[sharing] = seconds }
}

// amending is a request about an arrangement.
func amending(client *flow.Client, id string) flow.Deviation {
	return wishing(client, "to amend an arrangement", func(claims map[string]any) { claims[arrangementID] = id })
}

// usual is a token response that experiments share, of a sharing.
func usual(ctx SpecContext, client *flow.Client) *flow.Outcome {
	if client.Target().Request["claims"] == written(client) {
		return Needs(client.Grant(ctx))
	}
	_, tokens := client.GrantAsked(ctx, "claims="+written(client))
	return Needs(tokens)
}

// own is a token response of the experiment's own, of a sharing.
func own(ctx context.Context, client *flow.Client) *flow.Outcome {
	return Needs(client.Obtain(ctx, forSharing(client)...))
}

// forSharing is a request for a sharing: as the target file has it, where its requests are for one.
func forSharing(client *flow.Client) []flow.Deviation {
	if text := written(client); client.Target().Request["claims"] != text {
		return []flow.Deviation{flow.With(flow.Parameter("claims"), text).As("for a sharing")}
	}
	return nil
}

// refreshable ends a spec where there is no refresh token.
func refreshable(grant *flow.Outcome) *flow.Outcome {
	if grant.RefreshToken() == "" {
		Unknown("the token response of a sharing has no refresh token")
	}
	return grant
}

// named is the arrangement of a token response.
func named(grant *flow.Outcome) string {
	id := grant.Text(arrangementID)
	if id == "" {
		Unknown("the token response has no %s, which is judged at %s", arrangementID, ArrangementTold.ID)
	}
	return id
}

// endOf is how many seconds after the token response its refresh token ends, as introspection says.
func endOf(ctx SpecContext, client *flow.Client, grant *flow.Outcome) float64 {
	end, isNumber := Needs(client.IntrospectRefreshToken(ctx, refreshable(grant))).Members()["exp"].(float64)
	if !isNumber {
		Unknown("introspection does not say when the refresh token ends, which is judged at %s", IntrospectionTells.ID)
	}
	return end - float64(client.AtTarget(grant.Arrived).Unix())
}

// refused makes a request that is to be refused, when it is pushed or when the user arrives.
func refused(ctx SpecContext, client *flow.Client, wrong flow.Deviation) {
	answer := client.Push(ctx, wrong)
	if Accepts(answer) {
		answer = client.Authorize(ctx, answer)
	}
	Expect(answer).To(BeRefused())
}

// ended wants the refresh token of a grant, and the access token of what a refresh made of it, to be good no more.
func ended(ctx SpecContext, client *flow.Client, grant, good *flow.Outcome, since string) {
	Expect(afterwards(ctx, client, func(d flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, d) }, since)).To(BeRefused())
	for _, tokens := range []*flow.Outcome{good, grant} {
		Expect(afterwards(ctx, client, func(d flow.Deviation) *flow.Outcome { return client.Call(ctx, tokens, d) }, since)).To(BeRefused())
	}
	if client.Endpoint("userinfo_endpoint") != "" {
		Expect(afterwards(ctx, client, func(d flow.Deviation) *flow.Outcome { return client.Userinfo(ctx, good, d) }, since)).To(BeRefused())
	}
}

// afterwards is what becomes of the use of a token once the news has had the time that the target file grants it.
func afterwards(ctx SpecContext, client *flow.Client, use func(flow.Deviation) *flow.Outcome, since string) *flow.Outcome {
	answer := use(flow.Words("after " + since))
	if !Accepts(answer) {
		return answer
	}
	if client.Wait(ctx, client.Target().Propagation, OldTokensEnd.ID) != nil {
		Unknown("interrupted while waiting")
	}
	return use(flow.Words(fmt.Sprintf("%s after %s", client.Target().Propagation, since)))
}

// needsEndpoint ends a spec where there is nowhere to revoke arrangements.
func needsEndpoint(client *flow.Client) {
	if client.Endpoint(revocationAt) == "" {
		Broken("the metadata lack %s", revocationAt)
	}
}

// decided is the status of an answer that decides something. It ends the spec where there is none.
func decided(answer *flow.Outcome) int {
	if answer.Err != nil || answer.Status >= 500 || answer.Status == http.StatusTooManyRequests || wire.AboutShape(answer.Status) {
		_, because := Decide(answer)
		LeaveUndecided(answer.Exchange, because)
		Unknown("there is no decision about the request: %s", because)
	}
	return answer.Status
}

// errorCode is the code of the first error of a list, wherever the standards have it stand.
func errorCode(answer *flow.Outcome) string {
	list, _ := answer.Members()["errors"].([]any)
	if len(list) == 0 {
		return answer.ErrorCode()
	}
	first, _ := list[0].(map[string]any)
	code, _ := first["code"].(string)
	meta, _ := first["meta"].(map[string]any)
	urn, _ := meta["urn"].(string)
	return code + " " + urn
}

// claimsOf are the claims of the id_token of a token response.
func claimsOf(client *flow.Client, grant *flow.Outcome) map[string]any {
	claims, err := client.IDClaims(grant)
	if err != nil || claims == nil {
		Unknown("the token response has no id_token that can be read")
	}
	return claims
}

// oneSector says whether two clients may be of one sector: all that they are redirected to is on one host.
func oneSector(one, other *flow.Client) bool {
	hosts := map[string]bool{}
	for _, uri := range slices.Concat(one.Self().Redirects, other.Self().Redirects) {
		if parsed, err := url.Parse(uri); err == nil {
			hosts[parsed.Host] = true
		}
	}
	return len(hosts) < 2
}
