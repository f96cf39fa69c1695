package fapi2sp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func authorizationSpecs(client *flow.Client) {
	Describe("the response type code", func() {
		It("leads to a code", ResponseTypeCode, func(ctx SpecContext) {
			landed := client.Landing(ctx)
			// Only this error is about response types: who is not authenticated, or not let in, learns nothing about them.
			if landed.ErrorCode() != "unsupported_response_type" {
				Needs(landed)
			}
			Expect(landed).To(BeAccepted())
			if landed.Code() == "" {
				Broken("the response has no code")
			}
		})
	})

	Describe("the authorization endpoint", func() {
		Control("answers a pushed request with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		for _, responseType := range []string{"token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "id_token code", "token code", "none"} {
			It("refuses response_type="+responseType, OtherResponseTypes, func(ctx SpecContext) {
				notItsOwn(client, responseType)
				landed := client.Login(ctx, flow.With(flow.ResponseType, responseType))
				if responseType == "none" && sentBackWithNothing(landed) {
					// Honoured as OAuth 2.0 Multiple Response Types section 4 has it: nothing was handed out, and nothing refused.
					Warn("response_type=none is honoured: the browser comes back with neither an error nor anything else")
					return
				}
				Expect(landed).To(BeRefused())
			})
		}
		It("goes by the response_type that was pushed", OtherResponseTypes, func(ctx SpecContext) {
			notItsOwn(client, "code id_token")
			landed := client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.ResponseType, "code id_token").As("with response_type=code id_token beside a good request_uri"))
			if decision, _ := Decide(landed); decision != wire.Accepted {
				Expect(landed).To(BeRefused())
				return
			}
			for _, handedOut := range []string{"id_token", "access_token"} {
				if landed.Params().Has(handedOut) {
					Broken("the response has an %s, for which the response_type beside request_uri asks, and not the one that was pushed", handedOut)
				}
			}
		})
		It("refuses a request without response_type", OtherResponseTypes, func(ctx SpecContext) {
			Expect(client.Login(ctx, flow.Without(flow.ResponseType))).To(BeRefused())
		})
		It("refuses a request whose response_type is empty", OtherResponseTypes, func(ctx SpecContext) {
			Expect(client.Login(ctx, flow.With(flow.ResponseType, "").As("with an empty response_type"))).To(BeRefused())
		})
		It("refuses the hybrid and the implicit flow, as every client of this kind", OtherResponseTypes, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Push(ctx))
				for _, responseType := range []string{"code id_token", "token"} {
					if itsOwn(client, responseType) {
						continue
					}
					Expect(client.Login(ctx, flow.With(flow.ResponseType, responseType))).To(BeRefused())
				}
			})
		})

		It("refuses the hybrid and the implicit flow however else it is asked", OtherResponseTypes, func(ctx SpecContext) {
			for _, way := range everywhere.AskingOtherwise(ctx, client) {
				for _, responseType := range []string{"code id_token", "code token", "token"} {
					Expect(client.Login(ctx, everywhere.Also(way, flow.With(flow.ResponseType, responseType)))).To(BeRefused())
				}
			}
			Needs(client.Push(ctx))
		})

		It("refuses a request that was not pushed", PushedOnly, func(ctx SpecContext) {
			Expect(client.AuthorizeUnpushed(ctx, flow.Words("with the whole request in the URL instead of pushed"))).To(BeRefused())
			Expect(client.AuthorizeUnpushed(ctx, flow.With(flow.RequestURI, "").As("with the whole request in the URL instead of pushed, and an empty request_uri beside it"))).To(BeRefused())
		})
		It("refuses a request beside a request_uri that is not known, or is used up", PushedOnly, func(ctx SpecContext) {
			Expect(client.AuthorizeUnpushed(ctx, flow.With(flow.RequestURI, "urn:ietf:params:oauth:request_uri:"+jose.Random(32)).
				As("with the whole request in the URL, and a made-up request_uri beside it"))).To(BeRefused())
			pushed := Needs(client.Push(ctx))
			Needs(client.Authorize(ctx, pushed))
			spent := client.AuthorizeUnpushed(ctx, flow.With(flow.RequestURI, pushed.RequestURI()).
				As("with the whole request in the URL, and the request_uri of an authorization that was completed beside it"))
			if granted(spent) {
				if decision, because := Decide(client.Authorize(ctx, pushed, flow.Words("with the request_uri of an authorization that was completed"))); decision == wire.Accepted {
					Note("a request_uri is good again (%s), which is judged at %s: what stands beside it is not needed", because, RequestURIUsedAtEnd.ID)
					return
				}
			}
			Expect(spent).To(BeRefused())
			Needs(client.Push(ctx))
		})
		It("refuses a request that was not pushed of other clients of this kind", PushedOnly, func(ctx SpecContext) {
			others := everywhere.OthersOfItsKind(client)
			if len(others) == 0 {
				NotApplicable("the target file has no other client with %s and %s", client.Self().Auth, client.Self().Binding)
			}
			for _, other := range others {
				Expect(client.AuthorizeUnpushed(ctx, flow.All("with the whole request in the URL instead of pushed, as client "+other.ID,
					flow.With(flow.ClientID, other.ID), flow.With(flow.RedirectURI, other.Redirects[0])))).To(BeRefused())
			}
		})

		It("refuses a request that was not pushed and does not ask for openid", PushedOnly, func(ctx SpecContext) {
			plain := withoutOpenID(ctx, client)
			Expect(client.AuthorizeUnpushed(ctx, flow.All(plain.String()+" and the whole request in the URL instead of pushed", plain))).To(BeRefused())
			Needs(client.Push(ctx, plain))
		})
		It("refuses a request that was not pushed, whatever else it asks for", PushedOnly, func(ctx SpecContext) {
			for _, way := range everywhere.AskingOutsideObjects(ctx, client) {
				Expect(client.AuthorizeUnpushed(ctx, way.As(way.String()+" and the whole request in the URL instead of pushed"))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
		It("refuses a request that was not pushed before it looks whether somebody is signed in", PushedOnly, func(ctx SpecContext) {
			silent := unasked(client)
			Needs(client.Push(ctx))
			answer := client.AuthorizeUnpushed(ctx, silent.As("with prompt=none and the whole request in the URL instead of pushed"))
			Expect(answer).To(BeRefused())
			if code := answer.ErrorCode(); slices.Contains([]string{"login_required", "interaction_required", "consent_required", "account_selection_required"}, code) {
				Warn("a request with prompt=none that was not pushed is answered with %s, as if nothing else were wrong with it: whether it is granted where somebody is signed in was not seen", code)
			}
		})

		It("refuses a request that was not pushed and comes by POST", PushedOnly, func(ctx SpecContext) {
			tries := []*flow.Outcome{client.AuthorizeUnpushed(ctx, flow.Words("with the whole request in a form instead of pushed"), flow.ByPost())}
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				tries = append(tries, client.AuthorizeUnpushed(ctx, plain.As(plain.String()+" and the whole request in a form instead of pushed"), flow.ByPost()))
			})
			everywhere.RefusedByPost(ctx, client, tries...)
		})

		byValue := func(ctx SpecContext, kind string, form flow.ObjectForm, how ...flow.Deviation) (tries []*flow.Outcome) {
			object, words := flow.With(flow.RequestObject, form), "with "+kind+" request object by value"
			if form == flow.Signed && client.Shape().Signed {
				object = flow.Words("") // as every request of this client
			}
			alone := flow.Words(words + " instead of pushed")
			// OpenID Connect Core section 6.1 wants these beside the object too: who follows it refuses the first try for that alone.
			beside := flow.AlsoOutside(words+" and response_type, scope and redirect_uri beside it", "response_type", "scope", "redirect_uri")
			for _, words := range []flow.Deviation{alone, beside} {
				tries = append(tries, client.AuthorizeUnpushed(ctx, slices.Concat([]flow.Deviation{object.As(""), words}, how)...))
			}
			return tries
		}
		It("refuses a signed request object in the URL", NoRequestByValue, func(ctx SpecContext) {
			if client.Self().Key == nil {
				NotApplicable("client %s has no signing key", client.ID())
			}
			for _, try := range byValue(ctx, "a signed", flow.Signed) {
				Expect(try).To(BeRefused())
			}
		})
		It("refuses an unsigned request object in the URL", NoRequestByValue, func(ctx SpecContext) {
			for _, try := range byValue(ctx, "an unsigned", flow.Unsigned) {
				Expect(try).To(BeRefused())
			}
		})
		It("does not go by a request object beside a good request_uri", NoRequestByValue, func(ctx SpecContext) {
			object := client.RequestObject(flow.Unsigned)
			if client.Self().Key != nil {
				object = client.RequestObject(flow.Signed)
			}
			pushed := Needs(client.Push(ctx))
			landed := client.Authorize(ctx, pushed, flow.With(flow.Parameter("request"), object).As("with another request by value beside a good request_uri"))
			if decision, _ := Decide(landed); decision != wire.Accepted {
				Expect(landed).To(BeRefused())
				return
			}
			// The two have states of their own.
			if state := landed.Params().Get("state"); !strings.EqualFold(state, pushed.State()) {
				Broken("the response is to the request object in the URL, and not to the request that was pushed: its state is another one")
			}
		})
		It("refuses a request object that comes by POST", NoRequestByValue, func(ctx SpecContext) {
			tries := byValue(ctx, "an unsigned", flow.Unsigned, flow.ByPost())
			if client.Self().Key != nil {
				tries = append(tries, byValue(ctx, "a signed", flow.Signed, flow.ByPost())...)
			}
			everywhere.RefusedByPost(ctx, client, tries...)
		})

		madeUp := func(ctx SpecContext, how ...flow.Deviation) *flow.Outcome {
			return client.AuthorizeWith(ctx, "with a made-up request_uri", url.Values{
				"client_id": {client.ID()}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
			}, how...)
		}
		It("refuses a request_uri that was never issued", NoForeignRequestURI, func(ctx SpecContext) {
			Expect(madeUp(ctx)).To(BeRefused())
		})
		It("refuses a request_uri that was never issued and comes by POST", NoForeignRequestURI, func(ctx SpecContext) {
			everywhere.RefusedByPost(ctx, client, madeUp(ctx, flow.ByPost()))
		})
		It("refuses a request_uri that is almost one that was issued", NoForeignRequestURI, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			for _, near := range nearMisses(pushed.RequestURI()) {
				landed := client.Authorize(ctx, pushed, flow.With(flow.RequestURI, near.uri).As(near.says))
				if decision, because := Decide(landed); decision == wire.Accepted && near.harmless {
					Warn("a request_uri is taken %s: %s", near.says, because)
					return
				}
				Expect(landed).To(BeRefused())
			}
			Needs(client.Authorize(ctx, pushed))
		})
		for _, by := range []string{"https", "http", "https, which comes by POST", "http, which comes by POST"} {
			It("refuses a request_uri that leads to a request object elsewhere by "+by, NoForeignRequestURI, func(ctx SpecContext) {
				object := client.RequestObject(flow.Signed)
				signed := object != ""
				if !signed {
					if slices.ContainsFunc(client.Target().Combinations(), func(other *target.Client) bool { return other.Key != nil }) {
						NotApplicable("client %s has no signing key; other clients of the target file have", client.ID())
					}
					object = client.RequestObject(flow.Unsigned)
				}
				if !client.OnLoopback() {
					LeaveToAttestation("the target is not on loopback and so can't reach a request object of ours: a refusal would prove nothing")
				}
				by, _, posted := strings.Cut(by, ", ")
				hosted := flow.Host(object, by == "https")
				defer hosted.Close()
				words, leads := "with a request_uri that leads to a signed request object of ours by "+by, url.Values{
					"client_id": {client.ID()}, "request_uri": {hosted.URL},
				}
				if posted {
					everywhere.RefusedByPost(ctx, client, client.AuthorizeWith(ctx, words, leads, flow.ByPost()))
				} else {
					Expect(client.AuthorizeWith(ctx, words, leads)).To(BeRefused())
				}
				switch {
				case hosted.Fetched() && !signed:
					LeaveToAttestation("the target refused the request_uri only after it had fetched the address: no client of the target file has a key to sign " +
						"request objects with, and whether it would have taken a signed one was not seen")
				case hosted.Fetched():
					Note("the target fetched the address before it refused it")
				case hosted.Tried():
					LeaveToAttestation("the target refused the request_uri only after it had connected to the address: it does not trust the certificate " +
						"there, and whether it would have taken the request object from a server that it trusts was not seen")
				}
			})
		}

		for _, where := range []string{"bare", "with a good request_uri"} {
			It("allows no script of another origin to read it, "+where, NoCrossOrigin, func(ctx SpecContext) {
				for _, origin := range append(strangers(client), origins(client)...) {
					var pushed *flow.Outcome
					if where != "bare" {
						pushed = Needs(client.Push(ctx))
					}
					for _, method := range []string{http.MethodOptions, http.MethodGet, http.MethodPost} {
						readableBy(client.AskAcross(ctx, method, origin, pushed), origin)
					}
				}
			})
		}

		namesTheIssuer := func(landed *flow.Outcome, where string) {
			issued := landed.Params()["iss"]
			if len(issued) != 1 {
				Broken("iss stands %d times in the %s", len(issued), where)
			}
			if issued[0] != client.Issuer() {
				Broken("iss is %q and not the issuer, %q", issued[0], client.Issuer())
			}
		}
		It("names the issuer in the response, once", IssuerInResponse, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) { namesTheIssuer(Needs(client.Landing(ctx)), "response") })
			everywhere.Plainly(ctx, client, func(_ flow.Deviation, landed *flow.Outcome) {
				namesTheIssuer(landed, "response to a request without openid")
			})
		})
		It("names the issuer in the response to a request without state", IssuerInResponse, func(ctx SpecContext) {
			namesTheIssuer(Needs(client.Login(ctx, flow.Without(flow.State))), "response")
		})
		It("names the issuer in the response to a request that came by POST", IssuerInResponse, func(ctx SpecContext) {
			everywhere.NeedsPosting(ctx, client)
			namesTheIssuer(Needs(client.LandingByPost(ctx)), "response")
		})
		It("names the issuer in an error redirect", IssuerInError, func(ctx SpecContext) {
			denied := client.DeclinedAsked(ctx)
			if denied.Step == flow.StepPush {
				Needs(denied)
			}
			if granted(denied) {
				if len(client.Target().Consent.Script.Deny) == 0 {
					Unknown("the consent script does not say how the user says no: add deny to it")
				}
				Unknown("the page on which the user says no never came: none was shown that deny in the consent script fits, and the request was granted. " +
					"Where such a page was shown, its entry under deny fits another one. Where none was: if the target remembers what its users have allowed, withdraw that, or add " +
					"a user with for: deny under users, who has allowed nothing; if it asks nobody on behalf of this client, have consent asked for in the client's settings there")
			}
			Expect(denied).To(BeRefused())
			if denied.Trip.Ending != consent.Arrived {
				NotApplicable("the target shows the refusal as a page")
			}
			namesTheIssuer(denied, "error redirect")
		})
		It("names the issuer in the error redirect where nobody may be asked", IssuerInError, func(ctx SpecContext) {
			refused := client.Login(ctx, unasked(client))
			if granted(refused) {
				NotApplicable("a request with prompt=none is granted: the user is signed in, or prompt is ignored")
			}
			Expect(refused).To(BeRefused())
			if refused.Trip == nil || refused.Trip.Ending != consent.Arrived {
				NotApplicable("no error redirect answers a request with prompt=none: it is refused when it is pushed, or on a page")
			}
			namesTheIssuer(refused, "error redirect")
		})
		It("names the issuer in the error redirect that answers a request without state", IssuerInError, func(ctx SpecContext) {
			refused := client.Login(ctx, unasked(client), flow.Without(flow.State))
			if granted(refused) {
				NotApplicable("a request with prompt=none is granted: the user is signed in, or prompt is ignored")
			}
			Expect(refused).To(BeRefused())
			if refused.Trip == nil || refused.Trip.Ending != consent.Arrived {
				NotApplicable("no error redirect answers a request with prompt=none and without state: it is refused when it is pushed, or on a page")
			}
			namesTheIssuer(refused, "error redirect")
		})
		for _, wrong := range []flow.Deviation{
			flow.With(flow.Scope, "fapitest-"+jose.Random(8)).As("with an unknown scope"),
			flow.With(flow.ResponseType, "fapitest").As("with an unknown response_type"),
			flow.Without(flow.PKCE),
		} {
			It("names the issuer in the error redirect that answers a request "+wrong.String(), IssuerInError, func(ctx SpecContext) {
				Needs(client.Push(ctx))
				answered := client.Login(ctx, wrong)
				if granted(answered) {
					NotApplicable("a request %s is granted: whether it may be is judged elsewhere", wrong)
				}
				Expect(answered).To(BeRefused())
				if answered.Trip == nil || answered.Trip.Ending != consent.Arrived {
					NotApplicable("no error redirect answers a request %s: it is refused when it is pushed, or on a page", wrong)
				}
				namesTheIssuer(answered, "error redirect")
			})
		}

		carriesNonce := func(grant *flow.Outcome) {
			if grant.IDToken() == "" {
				Broken("the token response has no id_token, and so no nonce")
			}
			switch nonce, there := idClaims(client, grant)["nonce"]; {
			case !there:
				Broken("the id_token has no nonce")
			case nonce != grant.SentNonce():
				Broken("the nonce in the id_token is another one than was sent")
			}
		}
		It("carries a nonce of 64 characters into the id_token", NonceCarried, func(ctx SpecContext) {
			Needs(client.Grant(ctx))
			grant := client.Obtain(ctx, flow.Long(flow.Nonce, 64))
			Expect(grant).To(BeAccepted())
			carriesNonce(grant)
		})
		for _, kind := range []struct{ words, beginning, end string }{
			{"the letters of base64", "a+b/c", "=="},
			{"signs that forms and pages escape", "a%2Bb%20c d&e", ";~"},
		} {
			It("carries a nonce with "+kind.words+" into the id_token", NonceCarried, func(ctx SpecContext) {
				Needs(client.Grant(ctx))
				grant := client.Obtain(ctx, flow.With(flow.Nonce, kind.beginning+jose.Random(12)+kind.end).As("with a nonce that has "+kind.words))
				if decision, because := Decide(grant); decision == wire.Refused {
					// A nonce is any text (OpenID Connect Core section 2), and the clause is about lengths.
					Warn("a nonce with %s is not accepted: %s", kind.words, because)
					return
				}
				Expect(grant).To(BeAccepted())
				carriesNonce(grant)
			})
		}
		It("refuses a nonce of 384 characters or carries it whole", LongNonce, func(ctx SpecContext) {
			grant := client.Obtain(ctx, flow.Long(flow.Nonce, 384))
			if decision, because := Decide(grant); decision == wire.Refused {
				Note("not carried: %s", because)
				return
			}
			Expect(grant).To(BeAccepted())
			if idClaims(client, grant)["nonce"] != grant.SentNonce() {
				Note("accepted, and altered on its way into the id_token")
				return
			}
			Note("carried whole")
		})

		It("accepts a request without state and returns none", NoStateNeeded, func(ctx SpecContext) {
			landed := client.Login(ctx, flow.Without(flow.State))
			Expect(landed).To(BeAccepted())
			if landed.Params().Has("state") {
				Broken("the response has a state that nobody sent")
			}
		})
		It("accepts an OpenID request without nonce", NoStateNeeded, func(ctx SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope of the target file does not ask for openid")
			}
			Expect(client.Login(ctx, flow.Without(flow.Nonce))).To(BeAccepted())
		})

		It("lets the page be loaded twice before the login", RequestURIUsedAtEnd, func(ctx SpecContext) {
			Expect(client.AuthorizeAgain(ctx, Needs(client.Push(ctx)), consent.BeforeLogin)).To(BeAccepted())
		})
		It("lets the page be loaded a second time after the login", RequestURIUsedAtEnd, func(ctx SpecContext) {
			landed := client.AuthorizeAgain(ctx, Needs(client.Push(ctx)), consent.AfterLogin)
			if granted(landed) && !landed.Trip.Again {
				NotApplicable("no page follows the login, so that it is the end of the authorization")
			}
			Expect(landed).To(BeAccepted())
		})
		It("refuses a request_uri with which an authorization was completed", RequestURIUsedAtEnd, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			Needs(client.Authorize(ctx, pushed))
			Expect(client.Authorize(ctx, pushed, flow.Words("with the request_uri of an authorization that was completed"))).To(BeRefused())
			Needs(client.Login(ctx))
		})

		It("returns a state of 1100 characters whole", LongState, func(ctx SpecContext) {
			landed := client.Login(ctx, flow.Long(flow.State, 1100))
			if decision, because := Decide(landed); decision == wire.Refused {
				Warn("a state of 1100 characters is not accepted: %s", because)
				return
			}
			Expect(landed).To(BeAccepted())
			if landed.Params().Get("state") != landed.State() {
				Note("the state came back altered")
			}
		})
	})
}

// nearMiss is a text that a careless comparison takes for a request_uri that was issued.
type nearMiss struct {
	uri, says string
	harmless  bool // nobody is helped by it who does not know the right one
}

// nearMisses are some of a request_uri. Scheme and namespace of a URN are the same in capitals (RFC 8141 section 3.1), and so they stay as they are; of a
// reference whose letters are all small, or all capital, the case holds no chance.
func nearMisses(uri string) []nearMiss {
	start := strings.LastIndexAny(uri, ":/") + 1
	prefix, reference := uri[:start], uri[start:]
	lower, upper := strings.ToLower(reference), strings.ToUpper(reference)
	var all []nearMiss
	if len(reference) > 2 {
		all = append(all, nearMiss{prefix + reference[:len(reference)-2], "without its last two characters", false})
	}
	all = append(all, nearMiss{uri + "fapitest", "with more characters behind it", false})
	if mixed := lower != reference && upper != reference; mixed || lower != upper {
		other := lower
		if lower == reference {
			other = upper
		}
		all = append(all, nearMiss{prefix + other, "with letters of its reference in another case", !mixed})
	}
	if other := "urn:fapitest:"; prefix != other && reference != "" {
		all = append(all, nearMiss{other + reference, "with another namespace before its reference", true})
	}
	all = append(all, nearMiss{uri + "#fapitest", "with a fragment behind it", true})
	if twice := url.QueryEscape(uri); twice != uri {
		all = append(all, nearMiss{twice, "that is percent-encoded twice", true})
	}
	return all
}

// strangers are origins of pages that have nothing to do with the target: of anybody's, of who does not want to be named, of who develops, and of those whose
// names a careless comparison takes for the target's own.
func strangers(client *flow.Client) []string {
	all := []string{flow.ForeignOrigin, "http" + strings.TrimPrefix(flow.ForeignOrigin, "https"), "null", "http://localhost", "http://localhost:3000", "https://localhost:8443", "http://127.0.0.1:8080"}
	if own, err := url.Parse(client.Issuer()); err == nil && own.Hostname() != "" {
		all = append(all, "https://"+own.Hostname()+"."+strings.TrimPrefix(flow.ForeignOrigin, "https://"))
		if alike, ok := flow.EndingAlike(own.Host); ok {
			all = append(all, "https://"+alike)
		}
		all = slices.DeleteFunc(all, func(origin string) bool { return origin == own.Scheme+"://"+own.Host })
	}
	return all
}

// origins are those of the client's redirect URIs, as browsers name them: the ones that a server is most likely to let in.
func origins(client *flow.Client) []string {
	var all []string
	for _, uri := range client.Self().Redirects {
		if parsed, err := url.Parse(uri); err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") {
			all = append(all, parsed.Scheme+"://"+parsed.Host)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// readableBy wants the answer to a script to say nothing of who may read it. Which status it has is all the same; but it has to be an answer.
func readableBy(answer *flow.Outcome, origin string) {
	if answer.Exchange.Request.Method != http.MethodGet && flow.EndedByTarget(answer.Err) {
		Note("a %s by a script is not answered: the connection is closed", answer.Exchange.Request.Method)
		return
	}
	if answer.Err != nil || answer.Status >= 500 && answer.Status != http.StatusNotImplemented || answer.Status == http.StatusTooManyRequests {
		_, because := Decide(answer)
		LeaveUndecided(answer.Exchange, because)
		Unknown("whether the authorization endpoint allows scripts of other origins to read it was not learnt: %s", because)
	}
	if allowed, there := answer.Header["Access-Control-Allow-Origin"]; there {
		Broken("a %s by a script of %s is answered with Access-Control-Allow-Origin: %s", answer.Exchange.Request.Method, origin, wire.Printable(strings.Join(allowed, ", ")))
	}
}

// unasked has the target answer at once, without a page: nobody is signed in whom it would not have to ask (OpenID Connect Core section
// 3.1.2.1). It ends a spec where the request is none of OpenID's.
func unasked(client *flow.Client) flow.Deviation {
	if !client.Target().OpenID() {
		NotApplicable("the scope of the target file does not ask for openid, without which there is no prompt")
	}
	return flow.With(flow.Parameter("prompt"), "none")
}

// granted says whether a journey led to what was asked for.
func granted(landed *flow.Outcome) bool {
	decision, _ := Decide(landed)
	return decision == wire.Accepted
}

// sentBackWithNothing says whether the browser came back to the client with neither an error nor anything of use.
func sentBackWithNothing(landed *flow.Outcome) bool {
	return landed.Trip != nil && landed.Trip.Ending == consent.Arrived && landed.ErrorCode() == "" && !granted(landed)
}

// idClaims are the claims of a grant's id_token. What is encrypted to a key that we don't have can't be judged.
func idClaims(client *flow.Client, grant *flow.Outcome) map[string]any {
	claims, err := client.IDClaims(grant)
	if err != nil {
		Unknown("the id_token is encrypted, and can't be read (%s): put the client's private key, with use enc, into the file that its jwks names", err)
	}
	return claims
}

// itsOwn says whether a response_type is that of every request here, as it is where FAPI 1.0 is spoken: the order of its words says nothing (RFC 6749 section 3.1.1).
func itsOwn(client *flow.Client, responseType string) bool {
	return slices.Equal(slices.Sorted(slices.Values(strings.Fields(responseType))), slices.Sorted(slices.Values(strings.Fields(client.Shape().ResponseType))))
}

// notItsOwn ends a spec about the response_type of every request.
func notItsOwn(client *flow.Client, responseType string) {
	if itsOwn(client, responseType) {
		NotApplicable("that is the response_type of every request here")
	}
}
