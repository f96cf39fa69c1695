// Package everywhere tries a rule wherever it holds. What is said of client authentication holds at the pushed authorization request endpoint, at
// the token endpoint for each grant, at introspection and at revocation, and for every client; a bank that keeps it at one of them may break
// it at another.
package everywhere

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
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

// RefusedAtIntrospection tries the deviations at the introspection endpoint, between two proper requests.
func RefusedAtIntrospection(ctx SpecContext, client *flow.Client, deviations Deviations) {
	NeedsOffer(client, requirement.Introspection)
	asEachThat(client, "introspection_endpoint", deviations, func(client *flow.Client, deviations []flow.Deviation) {
		grant := NeedsIntrospection(ctx, client)
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
	})
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
		grant := NeedsRefreshToken(client.Obtain(ctx))
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
	grant := Needs(client.Obtain(ctx))
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
	_, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	return MayIntrospect(answer)
}

// NeedsIntrospection is a grant that experiments share, of whose token a proper introspection request has just been told that it is good.
func NeedsIntrospection(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	Needs(MayIntrospect(answer))
	return grant
}

// MayIntrospect ends a spec where the target knows who asks and does not let that client introspect, as a server may that has the
// endpoint for resource servers. Any error but invalid_client says that the authentication was in order, or was never looked at.
func MayIntrospect(answer *flow.Outcome) *flow.Outcome {
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

// NeedsRefreshToken ends a spec where refresh tokens are offered and none came.
func NeedsRefreshToken(grant *flow.Outcome) *flow.Outcome {
	Needs(grant)
	if grant.RefreshToken() == "" {
		Unknown("the target file offers refresh_token, but the token response has none")
	}
	return grant
}
