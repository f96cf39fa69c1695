package fapi2sp

import (
	"fmt"
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
)

func clientAuthenticationSpecs(client *flow.Client) {
	Describe("client authentication", func() {
		It("by the registered method takes the client through a whole flow", ClientsAuthenticate, func(ctx SpecContext) {
			Expect(known(client.Grant(ctx))).To(BeAccepted())
		})
	})

	Describe("a client without authentication", func() {
		It("is refused at the introspection endpoint", ClientsAuthenticate, func(ctx SpecContext) {
			refusesToIntrospect(ctx, client, unauthenticated(client))
		})
		It("is refused at the revocation endpoint", ClientsAuthenticate, func(ctx SpecContext) {
			refusesToRevoke(ctx, client, unauthenticated(client))
		})
	})

	// Who is let in by the names in a certificate is not authenticated.
	wherever(client, "a certificate of the client's names and another key", clauses{
		atPAR: PARClientAuthentication, atToken: ConfidentialOnly, elsewhere: ClientsAuthenticate,
	}, impostors(client), nothingMore)

	everywhere(client, "a client secret", OtherMethodsRefused, secrets(client), func(SpecContext) {
		needsAnotherCertificate(client)
		if client.Self().Secret.Empty() {
			Note("the target file has no secret of client %s: made-up ones were tried alone, and whether the target takes the right one, if it knows one, is not seen", client.ID())
		}
	})

	Describe("a client assertion for the issuer", func() {
		It("is accepted at the pushed authorization request endpoint", AssertionForIssuer, func(ctx SpecContext) {
			Expect(known(client.Push(ctx))).To(BeAccepted())
		})
		It("is accepted at the token endpoint", AssertionForIssuer, func(ctx SpecContext) {
			Needs(client.Landing(ctx))
			Expect(known(client.Grant(ctx))).To(BeAccepted())
		})
		It("is accepted at the introspection endpoint", AssertionForIssuer, func(ctx SpecContext) {
			needsOffer(client, requirement.Introspection)
			Expect(mayIntrospect(client.Introspect(ctx, Needs(client.Grant(ctx))))).To(BeAccepted())
		})
		It("is accepted at the revocation endpoint", AssertionForIssuer, func(ctx SpecContext) {
			needsOffer(client, requirement.Revocation)
			Expect(revoking(ctx, client, func(token revocation) *flow.Outcome { return token.revoke() })).To(BeAccepted())
		})
	})

	asOthers(client, "a client secret is refused at the pushed authorization request endpoint", OtherMethodsRefused, func(ctx SpecContext, other *flow.Client) {
		pushedAndRefused(ctx, other, secrets(other))
	})

	endpoints := func(client *flow.Client, endpoint string) []flow.Deviation {
		var all []flow.Deviation
		for _, audience := range endpointAudiences(client, endpoint) {
			all = append(all, flow.With(flow.AssertionClaim("aud"), audience))
		}
		return all
	}
	everywhere(client, "a client assertion addressed to an endpoint or to almost the issuer", AssertionForEndpoint, func(endpoint string) []flow.Deviation {
		return endpoints(client, endpoint)
	}, nothingMore)
	asOthers(client, "a client assertion addressed to an endpoint or to almost the issuer is refused", AssertionForEndpoint, func(ctx SpecContext, other *flow.Client) {
		pushedAndRefused(ctx, other, func(endpoint string) []flow.Deviation { return endpoints(other, endpoint) })
	})

	issuer := client.Issuer()
	everywhere(client, "a client assertion addressed to the issuer and somebody else", AssertionForSeveral, always(
		flow.With(flow.AssertionClaim("aud"), []string{issuer, client.Target().Metadata.Text("token_endpoint")}),
		flow.With(flow.AssertionClaim("aud"), []string{issuer, flow.ForeignOrigin}),
		flow.With(flow.AssertionClaim("aud"), []string{flow.ForeignOrigin, issuer})), nothingMore)

	everywhere(client, "a client assertion addressed to an array of the issuer alone", AssertionForArray, always(
		flow.With(flow.AssertionClaim("aud"), []string{issuer})), nothingMore)

	Describe("a client assertion made by a clock that is 8 seconds fast", func() {
		for _, claim := range []string{"iat", "nbf"} {
			ahead := flow.With(flow.AssertionClaim(claim), flow.Ahead(8*time.Second))
			It("is accepted at the pushed authorization request endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				Needs(client.Push(ctx))
				Expect(client.Push(ctx, ahead)).To(BeAccepted())
			})
			It("is accepted at the token endpoint with a code, "+claim, AssertionAhead, func(ctx SpecContext) {
				Needs(client.Grant(ctx))
				Expect(client.Exchange(ctx, Needs(client.Login(ctx)), ahead)).To(BeAccepted())
			})
			It("is accepted at the token endpoint with a refresh token, "+claim, AssertionAhead, func(ctx SpecContext) {
				needsRefresh(ctx, client)
				Expect(Refreshed(ctx, client, ahead)).To(BeAccepted())
			})
			It("is accepted at the introspection endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				needsOffer(client, requirement.Introspection)
				grant := Needs(client.Grant(ctx))
				Needs(mayIntrospect(client.Introspect(ctx, grant)))
				Expect(client.Introspect(ctx, grant, ahead)).To(BeAccepted())
			})
			It("is accepted at the revocation endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				needsOffer(client, requirement.Revocation)
				var try *flow.Outcome
				// What is revoked already can be revoked again (RFC 7009 section 2.2), and so the control comes last.
				Needs(revoking(ctx, client, func(token revocation) *flow.Outcome {
					try = token.revoke(ahead)
					return token.revoke()
				}))
				Expect(try).To(BeAccepted())
			})
		}
	})

	// Iat and nbf lie ahead one at a time, once with a lifetime that is stretched, so that nothing but the future can be wrong with the
	// assertion, and with ever shorter ones, for servers that refuse long-lived assertions before they look at anything else. The shortest has
	// expired before it was made: a server that takes no longer ones can take none from so far ahead.
	lives := func(d time.Duration) flow.Deviation { return flow.With(flow.AssertionClaim("exp"), flow.Ahead(d)) }
	var ahead []flow.Deviation
	for _, claim := range []string{"iat", "nbf"} {
		for _, try := range []struct{ lies, expires int }{{90, 150}, {90, 50}, {65, 90}, {65, 70}, {65, 35}} {
			words := fmt.Sprintf("with %s %ds ahead in the client assertion", claim, try.lies)
			if try.expires < 150 {
				words = fmt.Sprintf("with %s %ds ahead and exp %ds ahead in the client assertion", claim, try.lies, try.expires)
			}
			ahead = append(ahead, flow.All(words, lives(time.Duration(try.expires)*time.Second), flow.With(flow.AssertionClaim(claim), flow.Ahead(time.Duration(try.lies)*time.Second))))
		}
	}
	everywhere(client, "a client assertion from more than 60 seconds ahead", AssertionFarAhead, always(ahead...), func(ctx SpecContext) {
		learnHowLongLived(func(d time.Duration) *flow.Outcome { return client.Push(ctx, lives(d)) })
	})
	asOthers(client, "a client assertion from more than 60 seconds ahead is refused", AssertionFarAhead, func(ctx SpecContext, other *flow.Client) {
		pushedAndRefused(ctx, other, always(ahead...))
		learnHowLongLived(func(d time.Duration) *flow.Outcome { return other.Push(ctx, lives(d)) })
	})
}

// learnHowLongLived is the control of the assertions from ahead: the same lifetimes, made now. To refuse long ones is the target's right; then
// the refusals of those say nothing, and the less long-lived ones have to tell.
func learnHowLongLived(push func(lives time.Duration) *flow.Outcome) {
	because := ""
	for _, lives := range []time.Duration{150 * time.Second, 90 * time.Second, 70 * time.Second, 50 * time.Second} {
		pushed := push(lives)
		decision, words := Decide(pushed)
		switch decision {
		case wire.Accepted:
			if because != "" {
				Note("the target takes client assertions that live %s and none that live much longer, wherever they lie: %s", seconds(lives), because)
			}
			return
		case wire.Refused:
			because = words
		case wire.Undecided, wire.Confused:
			LeaveUndecided(pushed.Exchange, words)
			Unknown("whether the target takes client assertions that live %s could not be learnt: %s", seconds(lives), words)
		}
	}
	// The proper ones live shorter than all of these, and are taken.
	Note("the target takes no client assertion that lives 50 seconds, wherever it lies (%s): the one with the shortest life has to tell", because)
}

// deviationsAt are the deviations to try at an endpoint, by its metadata name.
type deviationsAt func(endpoint string) []flow.Deviation

// always tries the same at every endpoint.
func always(deviations ...flow.Deviation) deviationsAt {
	return func(string) []flow.Deviation { return deviations }
}

// atBothURLs tries the deviations at the URL that the client is sent to and, where clients without certificate have another, there too.
// There is not always a proper request that would be accepted at that one, a client known by its certificate having nothing to show;
// but an acceptance breaks the clause wherever it happens, and a refusal is a refusal.
func atBothURLs(client *flow.Client, deviations ...flow.Deviation) deviationsAt {
	return func(endpoint string) []flow.Deviation {
		all := slices.Clone(deviations)
		if client.HasAlias(endpoint) {
			for _, deviation := range deviations {
				all = append(all, deviation.AtPlainEndpoint())
			}
		}
		return all
	}
}

// unauthenticated leaves the client's authentication out and, where that is a certificate, shows another client's: who only looks whether
// there is one takes it. (And where the certificate that authenticates the client also binds its tokens, leaving it out is two deviations
// in one.)
func unauthenticated(client *flow.Client) deviationsAt {
	return func(endpoint string) []flow.Deviation {
		all := atBothURLs(client, flow.Without(flow.ClientAuthentication))(endpoint)
		if other, ok := client.Stranger(); ok && client.Self().Auth != target.PrivateKeyJWT {
			all = append(all, flow.With(flow.Certificate, other).As("with "+strangersCertificate))
		}
		return all
	}
}

// strangersCertificate is in the words of every deviation that has another client authenticate.
const strangersCertificate = "another client's certificate"

// asStranger says whether a deviation has another client authenticate. Who goes by the certificate alone, and not by the client_id beside it,
// has authenticated that one well.
func asStranger(deviation flow.Deviation) bool {
	return strings.Contains(deviation.String(), strangersCertificate)
}

// secrets authenticates by a client secret: by the right one, where the target file has it, and by one that is made up. Where clients with certificates have URLs of their own, who takes secrets takes them at the
// others.
func secrets(client *flow.Client) deviationsAt {
	var all, beside []flow.Deviation
	add := func(secret flow.Deviation) {
		all = append(all, secret)
		if other, ok := client.Stranger(); ok && bindsByAuthentication(client) {
			beside = append(beside, flow.All(secret.String()+" and "+strangersCertificate, secret, flow.With(flow.Certificate, other)))
		}
	}
	right := client.Self().Secret
	if !right.Empty() {
		// One that is made up proves nothing here: its code can't hold.
		add(flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_jwt", Value: right.Reveal()}).As("with client_secret_jwt by the secret that the target knows"))
	}
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		if !right.Empty() {
			add(flow.With(flow.ClientAuthentication, flow.Secret{Method: method, Value: right.Reveal()}).As("with " + method + " and the secret that the target knows"))
		}
		add(flow.With(flow.ClientAuthentication, flow.Secret{Method: method}).As("with " + method + " and an empty secret"))
		add(flow.With(flow.ClientAuthentication, flow.Secret{Method: method, Value: jose.Random(24)}).As("with " + method + " and a made-up secret"))
	}
	return func(endpoint string) []flow.Deviation { return append(atBothURLs(client, all...)(endpoint), beside...) }
}

// impostors shows a certificate that says what the client's own says, and is of another key: to know a client by its subject is not enough,
// its authority has to have said so (RFC 8705 section 2.1), or the certificate has to be the registered one (section 2.2).
func impostors(client *flow.Client) deviationsAt {
	return func(string) []flow.Deviation {
		if client.Self().Auth == target.PrivateKeyJWT {
			NotApplicable("client %s does not authenticate by a certificate", client.ID())
		}
		impostor, ok := client.Impostor()
		if !ok {
			Unknown("the certificate of client %s can't be read, and so not be imitated", client.ID())
		}
		return []flow.Deviation{flow.With(flow.Certificate, impostor)}
	}
}

// bindsByAuthentication says whether one certificate both authenticates the client and binds its tokens.
func bindsByAuthentication(client *flow.Client) bool {
	return client.Self().Binding == target.MTLS && client.Self().Auth != target.PrivateKeyJWT
}

// known ends a spec about authentication as Blocked where a proper request was refused for something else: at the authorization endpoint
// nobody authenticates, and these errors speak of what is asked, not of who asks.
func known(o *flow.Outcome) *flow.Outcome {
	switch code := o.ErrorCode(); {
	case o.Step == flow.StepAuthorize:
		return Needs(o)
	case slices.Contains([]string{"invalid_grant", "invalid_scope", "unsupported_response_type", "unsupported_grant_type", "invalid_redirect_uri"}, code):
		return Needs(o)
	}
	return o
}

// needsAnotherCertificate ends a spec in which nothing but a missing certificate could be tried, and a token could not have been bound
// without one.
func needsAnotherCertificate(client *flow.Client) {
	if _, ok := client.Stranger(); !ok && bindsByAuthentication(client) {
		Unknown("client %s authenticates and binds its tokens by the same certificate, and no other client of the target file has one of another name to show instead", client.ID())
	}
}

// everywhere tries the deviations of how the client authenticates wherever clients do: at the pushed authorization request endpoint, at
// the token endpoint for each grant, and at introspection and revocation where they are offered. Each list of refusals ends with the
// proper request: who refuses everything for a while after a failed try has shown nothing. What is said in the end may end the spec.
func everywhere(client *flow.Client, what string, r *requirement.Requirement, deviations deviationsAt, inTheEnd func(SpecContext)) {
	wherever(client, what, clauses{atPAR: r, atToken: r, elsewhere: r}, deviations, inTheEnd)
}

// clauses are the requirements that one and the same deviation breaks, by where it is accepted.
type clauses struct{ atPAR, atToken, elsewhere *requirement.Requirement }

// wherever is everywhere for what breaks one clause here and another one there.
func wherever(client *flow.Client, what string, r clauses, deviations deviationsAt, inTheEnd func(SpecContext)) {
	Describe(what, func() {
		It("is refused at the pushed authorization request endpoint", r.atPAR, func(ctx SpecContext) {
			pushedAndRefused(ctx, client, deviations)
			inTheEnd(ctx)
		})
		It("is refused at the token endpoint with a code", r.atToken, func(ctx SpecContext) {
			RefusesToRedeem(ctx, client, deviations("token_endpoint")...)
			inTheEnd(ctx)
		})
		It("is refused at the token endpoint with a refresh token", r.atToken, func(ctx SpecContext) {
			needsRefresh(ctx, client)
			RefusesToRefresh(ctx, client, deviations("token_endpoint")...)
			inTheEnd(ctx)
		})
		It("is refused at the introspection endpoint", r.elsewhere, func(ctx SpecContext) {
			refusesToIntrospect(ctx, client, deviations)
			inTheEnd(ctx)
		})
		It("is refused at the revocation endpoint", r.elsewhere, func(ctx SpecContext) {
			refusesToRevoke(ctx, client, deviations)
			inTheEnd(ctx)
		})
	})
}

func nothingMore(SpecContext) {}

// asOthers is for what a server may do right for the first client of a kind and not for the others, because it is set for each client: the
// experiment is made as every other client of the target file that authenticates and binds its tokens as this one does.
func asOthers(client *flow.Client, text string, r *requirement.Requirement, experiment func(SpecContext, *flow.Client)) {
	It(text+", as the other clients of this kind", r, func(ctx SpecContext) {
		others := othersOfItsKind(client)
		if len(others) == 0 {
			NotApplicable("the target file has no other client with %s and %s", client.Self().Auth, client.Self().Binding)
		}
		for _, other := range others {
			guest, err := client.Beside(other)
			if err != nil {
				Unknown("client %s can't be played: %s", other.ID, err)
			}
			experiment(ctx, guest)
		}
	})
}

// pushedAndRefused tries the deviations at the pushed authorization request endpoint, between two proper requests.
func pushedAndRefused(ctx SpecContext, client *flow.Client, deviations deviationsAt) {
	Needs(client.Push(ctx))
	for _, deviation := range deviations("pushed_authorization_request_endpoint") {
		Expect(client.Push(ctx, deviation)).To(BeRefused())
	}
	Needs(client.Push(ctx))
}

func refusesToIntrospect(ctx SpecContext, client *flow.Client, deviations deviationsAt) {
	needsOffer(client, requirement.Introspection)
	grant := Needs(client.Grant(ctx))
	Needs(mayIntrospect(client.Introspect(ctx, grant)))
	for _, deviation := range deviations("introspection_endpoint") {
		answer := client.Introspect(ctx, grant, deviation)
		if active, told := answer.Members()["active"].(bool); told && !active && asStranger(deviation) {
			Note("whoever shows another client's certificate is that client here, whatever client_id says, and is not told anything about this client's token")
			continue
		}
		Expect(answer).To(BeRefused())
	}
	Needs(client.Introspect(ctx, grant))
}

// refusesToRevoke tries the deviations on a token that is there, and revokes it properly in the end.
func refusesToRevoke(ctx SpecContext, client *flow.Client, deviations deviationsAt) {
	needsOffer(client, requirement.Revocation)
	Needs(revoking(ctx, client, func(token revocation) *flow.Outcome {
		for _, deviation := range deviations("revocation_endpoint") {
			answer := token.revoke(deviation)
			if decision, _ := Decide(answer); decision == wire.Accepted && asStranger(deviation) {
				if works, _ := Decide(token.use()); works == wire.Accepted {
					Note("whoever shows another client's certificate is that client here, whatever client_id says, and has not revoked this client's token (RFC 7009 section 2.2 has the same answer for tokens that are not there)")
					continue
				}
			}
			Expect(answer).To(BeRefused())
		}
		return token.revoke()
	}))
}

// unsupportedTokenType is what a revocation endpoint answers that can't revoke tokens of a kind (RFC 7009 section 2.2.1).
const unsupportedTokenType = "unsupported_token_type"

// revocation is the token that an experiment is about.
type revocation struct {
	revoke func(deviations ...flow.Deviation) *flow.Outcome
	use    func() *flow.Outcome // as it should be used
}

// revoking carries an experiment out on an access token and, where the target says that it can't revoke those (RFC 7009 section 2.2.1), on
// the refresh token of the same grant. The experiment ends with a proper revocation, which it returns.
func revoking(ctx SpecContext, client *flow.Client, experiment func(revocation) *flow.Outcome) *flow.Outcome {
	grant := Needs(client.Obtain(ctx))
	proper := experiment(revocation{
		revoke: func(deviations ...flow.Deviation) *flow.Outcome { return client.Revoke(ctx, grant, deviations...) },
		use:    func() *flow.Outcome { return client.Call(ctx, grant) },
	})
	if proper.ErrorCode() != unsupportedTokenType {
		return proper
	}
	if grant.RefreshToken() == "" {
		Unknown("the target can't revoke access tokens (%s), and there is no refresh token to try with", unsupportedTokenType)
	}
	return experiment(revocation{
		revoke: func(deviations ...flow.Deviation) *flow.Outcome {
			return client.RevokeRefreshToken(ctx, grant, deviations...)
		},
		use: func() *flow.Outcome { return client.Refresh(ctx, grant) },
	})
}

// needsRefresh ends a spec about the refresh grant where none is offered, or no refresh token comes.
func needsRefresh(ctx SpecContext, client *flow.Client) {
	needsOffer(client, requirement.RefreshToken)
	needsRefreshToken(client.Grant(ctx))
}

// mayIntrospect ends a spec where the target knows who asks and does not let that client introspect, as a server may that has the
// endpoint for resource servers. Any error but invalid_client says that the authentication was in order, or was never looked at.
func mayIntrospect(answer *flow.Outcome) *flow.Outcome {
	if words := deniesIntrospection(answer); words != "" {
		Unknown("%s", words)
	}
	return answer
}

func deniesIntrospection(answer *flow.Outcome) string {
	code := answer.ErrorCode()
	if decision, _ := Decide(answer); decision != wire.Refused || code == "" || code == "invalid_client" {
		return ""
	}
	return fmt.Sprintf("introspection was refused for something else than the client's authentication (%d %s): if it is for resource servers here, take introspection out of offers, or let the client introspect",
		answer.Status, wire.Printable(code))
}

// needsOffer ends a spec that is about a feature which the target file does not claim.
func needsOffer(client *flow.Client, feature requirement.Condition) {
	if !client.Target().Offered(string(feature)) {
		NotApplicable("the target file does not claim %s in offers", feature)
	}
}

// endpointAudiences are the names under which a sloppy server knows itself: its main endpoints, the one that is called, and its issuer
// with the slash at the end changed.
func endpointAudiences(client *flow.Client, called string) []string {
	issuer := client.Issuer()
	almost := issuer + "/"
	if trimmed, found := strings.CutSuffix(issuer, "/"); found {
		almost = trimmed
	}
	audiences := []string{almost}
	metadata := client.Target().Metadata
	for _, name := range []string{"token_endpoint", "pushed_authorization_request_endpoint", called} {
		for _, certified := range []bool{false, true} {
			endpoint := metadata.Endpoint(name, certified)
			if endpoint != "" && endpoint != issuer && !slices.Contains(audiences, endpoint) {
				audiences = append(audiences, endpoint)
			}
		}
	}
	return audiences
}
