// Package everywhere tries a rule wherever it holds. What is said of client authentication holds at the pushed authorization request endpoint, at
// the token endpoint for each grant, at introspection and at revocation, and for every client; a bank that keeps it at one of them may break
// it at another.
package everywhere

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Deviations are the deviations to try as a client at an endpoint, by its metadata name. It may be another client than the one of the
// experiment: what holds of a client has to hold of every other one of its kind.
type Deviations func(client *flow.Client, endpoint string) []flow.Deviation

// Always tries the same at every endpoint, as every client.
func Always(deviations ...flow.Deviation) Deviations {
	return func(*flow.Client, string) []flow.Deviation { return deviations }
}

// AtBothURLs are the deviations at the URL of the endpoint that the client is sent to and, where clients without certificate have another,
// there too. There is not always a proper request that would be accepted at that one, a client known by its certificate having nothing to
// show; but an acceptance breaks the clause wherever it happens, and a refusal is a refusal.
func AtBothURLs(client *flow.Client, endpoint string, deviations ...flow.Deviation) []flow.Deviation {
	all := slices.Clone(deviations)
	if client.HasAlias(endpoint) {
		for _, deviation := range deviations {
			all = append(all, deviation.AtPlainEndpoint())
		}
	}
	return all
}

// StrangersCertificate is in the words of every deviation that has another client authenticate.
const StrangersCertificate = "another client's certificate"

// asStranger says whether a deviation has another client authenticate. Who goes by the certificate alone, and not by the client_id beside it,
// has authenticated that one well.
func asStranger(deviation flow.Deviation) bool {
	return strings.Contains(deviation.String(), StrangersCertificate)
}

// Refused tries the deviations of how the client authenticates wherever clients do: at the pushed authorization request endpoint, at
// the token endpoint for each grant, and at introspection and revocation where they are offered. Each list of refusals ends with the
// proper request: who refuses everything for a while after a failed try has shown nothing. What is said in the end may end the spec.
func Refused(client *flow.Client, what string, r *requirement.Requirement, deviations Deviations, inTheEnd ...func(SpecContext)) {
	RefusedBy(client, what, Clauses{AtPAR: r, AtToken: r, Elsewhere: r}, deviations, inTheEnd...)
}

// Clauses are the requirements that one and the same deviation breaks, by where it is accepted.
type Clauses struct{ AtPAR, AtToken, Elsewhere *requirement.Requirement }

// RefusedBy is Refused for what breaks one clause here and another one there.
func RefusedBy(client *flow.Client, what string, r Clauses, deviations Deviations, inTheEnd ...func(SpecContext)) {
	end := func(ctx SpecContext) {
		for _, say := range inTheEnd {
			say(ctx)
		}
	}
	Describe(what, func() {
		It("is refused at the pushed authorization request endpoint", r.AtPAR, func(ctx SpecContext) {
			RefusedAtPAR(ctx, client, deviations)
			end(ctx)
		})
		It("is refused at the token endpoint with a code", r.AtToken, func(ctx SpecContext) {
			RefusedWithCode(ctx, client, deviations)
			end(ctx)
		})
		It("is refused at the token endpoint with a refresh token", r.AtToken, func(ctx SpecContext) {
			RefusedWithRefreshToken(ctx, client, deviations)
			end(ctx)
		})
		It("is refused at the token endpoint where the client asks for itself", r.AtToken, func(ctx SpecContext) {
			RefusedForItself(ctx, client, deviations)
			end(ctx)
		})
		It("is refused at the introspection endpoint", r.Elsewhere, func(ctx SpecContext) {
			RefusedAtIntrospection(ctx, client, deviations)
			end(ctx)
		})
		It("is refused at the revocation endpoint", r.Elsewhere, func(ctx SpecContext) {
			RefusedAtRevocation(ctx, client, deviations)
			end(ctx)
		})
	})
}

// AsEach carries an experiment out as the client, and then as every other client of the target file that authenticates and binds its tokens
// as this one does: a rule may be set for each client, and experiments run as the first of each kind.
func AsEach(client *flow.Client, experiment func(client *flow.Client)) {
	experiment(client)
	for _, other := range OthersOfItsKind(client) {
		guest, err := client.Beside(other)
		if err != nil {
			Unknown("client %s can't be played: %s", other.ID, err)
		}
		experiment(guest)
	}
}

// asEachThat is AsEach as those clients with which there is something to try; what there is not to be tried as one of them may be as another.
func asEachThat(client *flow.Client, endpoint string, deviations Deviations, experiment func(client *flow.Client, deviations []flow.Deviation)) {
	tried := false
	AsEach(client, func(client *flow.Client) {
		if all := deviations(client, endpoint); len(all) > 0 {
			tried = true
			experiment(client, all)
		}
	})
	if !tried {
		NotApplicable("there is nothing of the kind to try as client %s, or as another one of its kind", client.ID())
	}
}

// RefusedWithCode tries the deviations where a code is redeemed.
func RefusedWithCode(ctx SpecContext, client *flow.Client, deviations Deviations) {
	asEachThat(client, "token_endpoint", deviations, func(client *flow.Client, deviations []flow.Deviation) {
		RefusesToRedeem(ctx, client, deviations...)
	})
}

// RefusedWithRefreshToken tries the deviations where a refresh token is used.
func RefusedWithRefreshToken(ctx SpecContext, client *flow.Client, deviations Deviations) {
	asEachThat(client, "token_endpoint", deviations, func(client *flow.Client, deviations []flow.Deviation) {
		NeedsRefresh(ctx, client)
		RefusesToRefresh(ctx, client, deviations...)
	})
}

// ForItself are the grants with which a client can ask for tokens without a person: client credentials, and an assertion of its own making.
func ForItself(client *flow.Client) []string {
	if client.Self().Key == nil {
		return []string{flow.GrantClientCredentials}
	}
	return []string{flow.GrantClientCredentials, flow.GrantJWTBearer}
}

// AnnouncedForItself are those of them that the target announces.
func AnnouncedForItself(client *flow.Client) []string {
	announced := client.Target().Metadata.List("grant_types_supported")
	return slices.DeleteFunc(ForItself(client), func(grant string) bool { return !slices.Contains(announced, grant) })
}

// AsksForItself carries an experiment out with each of the grants with which the client is given a token without a person. It ends the spec where
// there is none: what is announced may be for other clients.
func AsksForItself(
	ctx SpecContext, client *flow.Client, grants func(*flow.Client) []string, experiment func(client *flow.Client, grant string, proper *flow.Outcome),
) {
	var refused []string
	served := false
	AsEach(client, func(client *flow.Client) {
		for _, grant := range grants(client) {
			proper := client.ForItself(ctx, grant)
			if decision, because := Decide(proper); decision == wire.Refused {
				refused = append(refused, fmt.Sprintf("the target gives client %s nothing for grant_type=%s: %s", client.ID(), grant, because))
				continue
			}
			experiment(client, grant, Needs(proper))
			served = true
		}
	})
	switch {
	case served:
	case len(refused) > 0:
		NotApplicable("%s", strings.Join(refused, "; "))
	default:
		NotApplicable("grant_types_supported lists no grant by which client %s could ask for a token without a person", client.ID())
	}
}

// RefusedForItself tries the deviations where the client asks for a token without a person.
func RefusedForItself(ctx SpecContext, client *flow.Client, deviations Deviations) {
	tried := false
	AsksForItself(ctx, client, AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
		for i, deviation := range deviations(client, "token_endpoint") {
			tried = true
			KeepKnown(ctx, client, i)
			answer := client.ForItself(ctx, grant, deviation)
			if decision, _ := Decide(answer); decision == wire.Accepted && asStranger(deviation) && !issuedTo(ctx, client, answer) {
				Note("whoever shows another client's certificate is that client here, whatever client_id says, and is given a token of its own")
				continue
			}
			Expect(answer).To(BeRefused())
		}
		Needs(client.ForItself(ctx, grant))
	})
	if !tried {
		NotApplicable("there is nothing of the kind to try as client %s, or as another one of its kind", client.ID())
	}
}

// issuedTo says whether a token was issued to the client, as it says itself, or introspection does.
func issuedTo(ctx SpecContext, client *flow.Client, issued *flow.Outcome) bool {
	if id, told := jose.Claims(issued.AccessToken())["client_id"].(string); told {
		return id == client.ID()
	}
	return client.Target().Offered(string(requirement.Introspection)) && client.Introspect(ctx, issued).Text("client_id") == client.ID()
}

// RefusedAtPAR tries the deviations at the pushed authorization request endpoint, between two proper requests.
func RefusedAtPAR(ctx SpecContext, client *flow.Client, deviations Deviations) {
	asEachThat(client, "pushed_authorization_request_endpoint", deviations, func(client *flow.Client, deviations []flow.Deviation) {
		Needs(client.Push(ctx))
		for i, deviation := range deviations {
			KeepKnown(ctx, client, i)
			Expect(client.Push(ctx, deviation)).To(BeRefused())
		}
		Needs(client.Push(ctx))
	})
}

// RefusedAtIntrospection tries the deviations at the introspection endpoint, between two proper requests; where the target answers with JWTs, once more with the requests that ask for one.
func RefusedAtIntrospection(ctx SpecContext, client *flow.Client, deviations Deviations) {
	NeedsOffer(client, requirement.Introspection)
	asEachThat(client, "introspection_endpoint", deviations, func(client *flow.Client, deviations []flow.Deviation) {
		grant, proper := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
		if IntrospectionDenied(ctx, client, grant, proper) != "" {
			// Who is told nothing by a proper request must not be told something by another one either.
			for i, deviation := range deviations {
				KeepKnown(ctx, client, i)
				if answer := client.Introspect(ctx, grant, deviation); Accepts(answer) && !asStranger(deviation) {
					Expect(answer).To(BeRefused())
				}
			}
		}
		Needs(MayIntrospect(ctx, client, grant, proper))
		for i, deviation := range deviations {
			KeepKnown(ctx, client, i)
			answer := client.Introspect(ctx, grant, deviation)
			if active, told := answer.Members()["active"].(bool); told && !active && asStranger(deviation) {
				Note("whoever shows another client's certificate is that client here, whatever client_id says, and is not told anything about this client's token")
				continue
			}
			Expect(answer).To(BeRefused())
		}
		Needs(client.Introspect(ctx, grant))
		refusedForJWT(ctx, client, deviations)
	})
}

// refusedForJWT tries the deviations where the client asks for a JWT about its token, if it is given one: what answers with those may have an authentication of its own. It says nothing
// where none comes, which is judged elsewhere.
func refusedForJWT(ctx SpecContext, client *flow.Client, deviations []flow.Deviation) {
	if !client.Target().Offered("introspection_jwt") {
		return
	}
	grant, answer, _ := Asked(ctx, client)
	if _, isJWT := ToldIn(client, answer); !isJWT || !Accepts(answer) {
		return
	}
	for i, deviation := range deviations {
		KeepKnown(ctx, client, i)
		if !asStranger(deviation) {
			Expect(client.IntrospectSigned(ctx, grant, deviation)).To(BeRefused())
		}
	}
	Needs(client.IntrospectSigned(ctx, grant))
}

// authenticatedOtherwise is how the client could be authenticated at introspection where the target takes assertions there that it takes nowhere else, or certificates at
// one of its addresses alone.
func authenticatedOtherwise(client *flow.Client) []flow.Deviation {
	var all []flow.Deviation
	if client.Self().Auth == target.PrivateKeyJWT {
		for _, name := range []string{"introspection_endpoint", "token_endpoint"} {
			if address := client.Target().Metadata.Text(name); address != "" && address != client.Issuer() {
				all = append(all, flow.With(flow.AssertionClaim("aud"), address))
			}
		}
	}
	if client.HasAlias("introspection_endpoint") {
		all = append(all, flow.Words("").AtPlainEndpoint().As("at the endpoint's URL for clients without certificate"))
	}
	return all
}

// RefusedAtRevocation tries the deviations on a token that is there, and revokes it properly in the end.
func RefusedAtRevocation(ctx SpecContext, client *flow.Client, deviations Deviations) {
	NeedsOffer(client, requirement.Revocation)
	asEachThat(client, "revocation_endpoint", deviations, func(client *flow.Client, deviations []flow.Deviation) {
		Needs(Revoking(ctx, client, func(token Revocation) *flow.Outcome {
			for i, deviation := range deviations {
				KeepKnown(ctx, client, i)
				answer := token.Revoke(deviation)
				if decision, _ := Decide(answer); decision == wire.Accepted && asStranger(deviation) {
					if works, _ := Decide(token.Use()); works == wire.Accepted {
						Note("whoever shows another client's certificate is that client here, whatever client_id says, and has not revoked this client's token (RFC 7009 section 2.2 has the same answer for tokens that are not there)")
						continue
					}
				}
				Expect(answer).To(BeRefused())
			}
			return token.Revoke()
		}))
	})
}

// RefusedAboutRefreshToken tries the deviations where a refresh token is asked about and revoked: who guards access tokens there may have
// forgotten those. An endpoint that knows nothing of refresh tokens can't be tried.
func RefusedAboutRefreshToken(ctx SpecContext, client *flow.Client, deviations Deviations) {
	NeedsOffer(client, requirement.RefreshToken)
	tried := false
	var grant *flow.Outcome // the revocation comes last
	for _, about := range []struct {
		feature requirement.Condition
		at      string
		ask     func(client *flow.Client, grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome
	}{
		{requirement.Introspection, "introspection_endpoint", func(client *flow.Client, grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.IntrospectRefreshToken(ctx, grant, deviations...)
		}},
		{requirement.Revocation, "revocation_endpoint", func(client *flow.Client, grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.RevokeRefreshToken(ctx, grant, deviations...)
		}},
	} {
		if !client.Target().Offered(string(about.feature)) {
			continue
		}
		if grant == nil {
			grant = NeedsRefreshToken(client.Own(ctx))
		}
		if about.feature == requirement.Introspection {
			if known, _ := Decide(about.ask(client, grant)); known != wire.Accepted {
				continue
			}
		}
		tried = true
		for i, deviation := range deviations(client, about.at) {
			KeepKnown(ctx, client, i)
			answer := about.ask(client, grant, deviation)
			if asStranger(deviation) {
				continue // is somebody else, and is told nothing about what is not his
			}
			Expect(answer).To(BeRefused())
		}
		Needs(about.ask(client, grant))
	}
	if !tried {
		NotApplicable("refresh tokens can be neither revoked nor asked about")
	}
}

// UnsupportedTokenType is what a revocation endpoint answers that can't revoke tokens of a kind (RFC 7009 section 2.2.1).
const UnsupportedTokenType = "unsupported_token_type"

// Revocation is the token that an experiment is about.
type Revocation struct {
	Revoke func(deviations ...flow.Deviation) *flow.Outcome
	Use    func() *flow.Outcome // as it should be used
}

// Revoking carries an experiment out on an access token and, where the target says that it can't revoke those (RFC 7009 section 2.2.1), on
// the refresh token of the same grant. The experiment ends with a proper revocation, which it returns.
func Revoking(ctx SpecContext, client *flow.Client, experiment func(Revocation) *flow.Outcome) *flow.Outcome {
	grant := Needs(client.Own(ctx))
	proper := experiment(Revocation{
		Revoke: func(deviations ...flow.Deviation) *flow.Outcome { return client.Revoke(ctx, grant, deviations...) },
		Use:    func() *flow.Outcome { return client.Call(ctx, grant) },
	})
	if proper.ErrorCode() != UnsupportedTokenType {
		return proper
	}
	if grant.RefreshToken() == "" {
		Unknown("the target can't revoke access tokens (%s), and there is no refresh token to try with", UnsupportedTokenType)
	}
	return experiment(Revocation{
		Revoke: func(deviations ...flow.Deviation) *flow.Outcome {
			return client.RevokeRefreshToken(ctx, grant, deviations...)
		},
		Use: func() *flow.Outcome { return client.Refresh(ctx, grant) },
	})
}

// NeedsRefresh ends a spec about the refresh grant where none is offered, or no refresh token comes.
func NeedsRefresh(ctx SpecContext, client *flow.Client) {
	NeedsOffer(client, requirement.RefreshToken)
	NeedsRefreshToken(client.Grant(ctx))
}

// Introspected is the answer to a proper introspection request, about a token that is good.
func Introspected(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	return MayIntrospect(ctx, client, grant, answer)
}

// NeedsIntrospection is a grant that experiments share, of whose token a proper introspection request has just been told that it is good.
func NeedsIntrospection(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	Needs(MayIntrospect(ctx, client, grant, answer))
	return grant
}

// MayIntrospect ends a spec that is not about introspection itself where the target does not let the client introspect: what such a client is told, and by what it
// authenticates there, concerns nobody. The requirements of RFC 7662 say what the operator can do about it.
func MayIntrospect(ctx SpecContext, client *flow.Client, grant, answer *flow.Outcome) *flow.Outcome {
	if why := IntrospectionDenied(ctx, client, grant, answer); why != "" {
		NotApplicable("the target lets this client introspect nothing (%s), which is judged at RFC 7662", why)
	}
	return answer
}

// IntrospectionDenied says how the target has not let the client introspect, as a server may that has the endpoint for resource servers (RFC 7662 section 2.1);
// "" where that is not so. Any error but invalid_client says that the authentication was in order, or was never looked at, and so does 403. With the others, the client
// is known where requests are pushed, and here by nothing that it could show.
func IntrospectionDenied(ctx SpecContext, client *flow.Client, grant, answer *flow.Outcome) string {
	code := answer.ErrorCode()
	if Accepts(answer) || answer.Err != nil || !answer.Step.Introspects() {
		return ""
	}
	switch {
	case answer.Status >= 500, answer.Status == http.StatusTooManyRequests, code == "" && answer.Status != http.StatusForbidden && answer.Status != http.StatusUnauthorized:
		return ""
	case answer.Status == http.StatusUnauthorized && code == "", code == "invalid_client":
		if !Accepts(client.Push(ctx)) {
			return ""
		}
		for _, otherwise := range authenticatedOtherwise(client) {
			if Accepts(client.Introspect(ctx, grant, otherwise)) {
				return ""
			}
		}
		return fmt.Sprintf("it answers %d %s to what is good at its other endpoints, and to the like", answer.Status, wire.Printable(code))
	case code == "":
		return fmt.Sprintf("it answers %d", answer.Status)
	}
	return fmt.Sprintf("it answers %d %s", answer.Status, wire.Printable(code))
}

// NeedsPAR ends a spec about what clients show where they push their requests, at a target where the browser brings them.
func NeedsPAR(client *flow.Client) {
	if client.Shape().ByValue {
		NotApplicable("the target file says requests: %s", target.ByValue)
	}
}

// NeedsOffer ends a spec that is about a feature which the target file does not claim.
func NeedsOffer(client *flow.Client, feature requirement.Condition) {
	if !client.Target().Offered(string(feature)) {
		NotApplicable("the target file does not claim %s in offers", feature)
	}
}

// OthersOfItsKind are the clients of the target file that authenticate and bind their tokens as this one does. Experiments run as the first
// of each kind; a server may have set a rule for that one alone.
func OthersOfItsKind(client *flow.Client) []*target.Client {
	self := client.Self()
	return slices.DeleteFunc(slices.Clone(client.Target().Clients), func(other *target.Client) bool {
		return other.ID == self.ID || other.Auth != self.Auth || other.Binding != self.Binding
	})
}

// Guests are other clients of the target file, played beside this one: one of its kind, where there is one, and one that authenticates otherwise.
func Guests(client *flow.Client) []*flow.Client {
	self := client.Self()
	clients := client.Target().Clients
	first := func(good func(*target.Client) bool) *target.Client {
		index := slices.IndexFunc(clients, func(other *target.Client) bool { return other.ID != self.ID && good(other) })
		if index < 0 {
			return nil
		}
		return clients[index]
	}
	byCertificate := func(other *target.Client) bool { return other.Auth != target.PrivateKeyJWT }
	chosen := []*target.Client{
		first(func(other *target.Client) bool { return other.Auth == self.Auth && other.Binding == self.Binding }),
		first(func(other *target.Client) bool { return byCertificate(other) != byCertificate(self) }),
		first(func(*target.Client) bool { return true }),
	}
	chosen = slices.DeleteFunc(chosen, func(other *target.Client) bool { return other == nil })
	if len(chosen) == 0 {
		Unknown("the target file has no other client")
	}
	chosen = slices.Compact(chosen)
	var guests []*flow.Client
	for _, other := range chosen[:min(2, len(chosen))] {
		guest, err := client.Beside(other)
		if err != nil {
			Unknown("client %s can't be played: %s", other.ID, err)
		}
		guests = append(guests, guest)
	}
	return guests
}

// NeedsRefreshToken ends a spec where refresh tokens are offered and none came.
func NeedsRefreshToken(grant *flow.Outcome) *flow.Outcome {
	Needs(grant)
	if grant.RefreshToken() == "" {
		Unknown("the target file offers refresh_token, but the token response has none")
	}
	return grant
}
