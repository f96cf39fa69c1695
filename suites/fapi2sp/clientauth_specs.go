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
	"github.com/fapitest/fapitest/harness/wire"
)

func clientAuthenticationSpecs(client *flow.Client) {
	Describe("client authentication", func() {
		It("by the registered method takes the client through a whole flow", ClientsAuthenticate, func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})
	})

	// Where clients with certificates have URLs of their own, who takes secrets takes them at the others.
	everywhere(client, "a client secret", OtherMethodsRefused, atBothURLs(client,
		flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_basic", Value: jose.Random(24)}),
		flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_post", Value: jose.Random(24)})))

	Describe("a client assertion for the issuer", func() {
		It("is accepted at the pushed authorization request endpoint", AssertionForIssuer, func(ctx SpecContext) {
			Expect(client.Push(ctx)).To(BeAccepted())
		})
		It("is accepted at the token endpoint", AssertionForIssuer, func(ctx SpecContext) {
			Needs(client.Landing(ctx))
			Expect(client.Grant(ctx)).To(BeAccepted())
		})
		It("is accepted at the introspection endpoint", AssertionForIssuer, func(ctx SpecContext) {
			needsOffer(client, requirement.Introspection)
			Expect(mayIntrospect(client.Introspect(ctx, Needs(client.Grant(ctx))))).To(BeAccepted())
		})
		It("is accepted at the revocation endpoint", AssertionForIssuer, func(ctx SpecContext) {
			needsOffer(client, requirement.Revocation)
			Expect(client.Revoke(ctx, Needs(client.Obtain(ctx)))).To(BeAccepted())
		})
	})

	var endpoints []flow.Deviation
	for _, audience := range endpointAudiences(client) {
		endpoints = append(endpoints, flow.With(flow.AssertionClaim("aud"), audience))
	}
	everywhere(client, "a client assertion addressed to an endpoint or to almost the issuer", AssertionForEndpoint, always(endpoints...))

	issuer := client.Issuer()
	onPushAndToken(client, "a client assertion addressed to the issuer and somebody else", AssertionForSeveral, always(
		flow.With(flow.AssertionClaim("aud"), []string{issuer, client.Target().Metadata.Text("token_endpoint")}),
		flow.With(flow.AssertionClaim("aud"), []string{issuer, flow.ForeignOrigin})))

	onPushAndToken(client, "a client assertion addressed to an array of the issuer alone", AssertionForArray, always(
		flow.With(flow.AssertionClaim("aud"), []string{issuer})))

	Describe("a client assertion made by a clock that is 8 seconds fast", func() {
		for _, claim := range []string{"iat", "nbf"} {
			ahead := flow.With(flow.AssertionClaim(claim), flow.Ahead(8*time.Second))
			It("is accepted at the pushed authorization request endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				Needs(client.Push(ctx))
				Expect(client.Push(ctx, ahead)).To(BeAccepted())
			})
			It("is accepted at the token endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				AcceptsAtTokenEndpoint(ctx, client, ahead)
			})
		}
	})

	// Iat and nbf lie ahead one at a time, once with a lifetime that is stretched, so that nothing but the future can be wrong with the
	// assertion, and once with a short one, for servers that refuse long-lived assertions before they look at anything else.
	Describe("a client assertion from 90 seconds ahead", func() {
		long := flow.With(flow.AssertionClaim("exp"), flow.Ahead(150*time.Second))
		short := flow.With(flow.AssertionClaim("exp"), flow.Ahead(50*time.Second))
		issued := flow.With(flow.AssertionClaim("iat"), flow.Ahead(90*time.Second))
		valid := flow.With(flow.AssertionClaim("nbf"), flow.Ahead(90*time.Second))
		deviations := []flow.Deviation{
			flow.All("with iat 90s ahead in the client assertion", long, issued),
			flow.All("with nbf 90s ahead in the client assertion", long, valid),
			flow.All("with iat 90s ahead and exp 50s ahead in the client assertion", short, issued),
			flow.All("with nbf 90s ahead and exp 50s ahead in the client assertion", short, valid),
		}

		It("is refused at the pushed authorization request endpoint", AssertionFarAhead, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			for _, deviation := range deviations {
				Expect(client.Push(ctx, deviation)).To(BeRefused())
			}
			learnWhetherLongLived(client.Push(ctx, long))
		})
		It("is refused at the token endpoint", AssertionFarAhead, func(ctx SpecContext) {
			RefusesAtTokenEndpoint(ctx, client, deviations...)
			learnWhetherLongLived(client.Push(ctx, long))
		})
	})
}

// learnWhetherLongLived is the control of the long-lived assertions. To refuse them is the target's right; then the refusals say nothing,
// and only an acceptance would have.
func learnWhetherLongLived(o *flow.Outcome) {
	switch decision, because := Decide(o); decision {
	case wire.Accepted:
	case wire.Refused:
		Note("the target does not take client assertions that live 150 seconds, wherever they lie: %s", because)
	case wire.Undecided, wire.Confused:
		LeaveUndecided(o.Exchange, because)
		Unknown("whether the target takes client assertions that live 150 seconds could not be learnt: %s", because)
	}
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

// onPushAndToken registers one spec for each of the two endpoints where every client authenticates.
func onPushAndToken(client *flow.Client, what string, r *requirement.Requirement, deviations deviationsAt) {
	Describe(what, func() {
		It("is refused at the pushed authorization request endpoint", r, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			for _, deviation := range deviations("pushed_authorization_request_endpoint") {
				Expect(client.Push(ctx, deviation)).To(BeRefused())
			}
		})
		It("is refused at the token endpoint", r, func(ctx SpecContext) {
			RefusesAtTokenEndpoint(ctx, client, deviations("token_endpoint")...)
		})
	})
}

// everywhere is onPushAndToken, and introspection and revocation where they are offered.
func everywhere(client *flow.Client, what string, r *requirement.Requirement, deviations deviationsAt) {
	onPushAndToken(client, what, r, deviations)
	Describe(what, func() {
		It("is refused at the introspection endpoint", r, func(ctx SpecContext) {
			needsOffer(client, requirement.Introspection)
			grant := Needs(client.Grant(ctx))
			Needs(mayIntrospect(client.Introspect(ctx, grant)))
			for _, deviation := range deviations("introspection_endpoint") {
				Expect(client.Introspect(ctx, grant, deviation)).To(BeRefused())
			}
		})
		It("is refused at the revocation endpoint", r, func(ctx SpecContext) {
			needsOffer(client, requirement.Revocation)
			grant := Needs(client.Obtain(ctx))
			for _, deviation := range deviations("revocation_endpoint") {
				Expect(client.Revoke(ctx, grant, deviation)).To(BeRefused())
			}
			Needs(client.Revoke(ctx, grant))
		})
	})
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

// endpointAudiences are the names under which a sloppy server knows itself: its endpoints, and its issuer with the slash at the
// end changed.
func endpointAudiences(client *flow.Client) []string {
	issuer := client.Issuer()
	almost := issuer + "/"
	if trimmed, found := strings.CutSuffix(issuer, "/"); found {
		almost = trimmed
	}
	audiences := []string{almost}
	metadata := client.Target().Metadata
	for _, name := range []string{"token_endpoint", "pushed_authorization_request_endpoint"} {
		for _, certified := range []bool{false, true} {
			endpoint := metadata.Endpoint(name, certified)
			if endpoint != "" && endpoint != issuer && endpoint != audiences[len(audiences)-1] {
				audiences = append(audiences, endpoint)
			}
		}
	}
	return audiences
}
