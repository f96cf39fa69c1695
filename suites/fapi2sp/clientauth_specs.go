package fapi2sp

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
)

func clientAuthenticationSpecs(client *flow.Client) {
	Describe("client authentication", func() {
		It("by the registered method takes the client through a whole flow", ClientsAuthenticate, func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})
	})

	everywhere(client, "a client secret", OtherMethodsRefused,
		flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_basic", Value: jose.Random(24)}),
		flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_post", Value: jose.Random(24)}))

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
			Expect(client.Introspect(ctx, Needs(client.Grant(ctx)))).To(BeAccepted())
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
	everywhere(client, "a client assertion addressed to an endpoint or to almost the issuer", AssertionForEndpoint, endpoints...)

	issuer := client.Issuer()
	onPushAndToken(client, "a client assertion addressed to the issuer and somebody else", AssertionForSeveral,
		flow.With(flow.AssertionClaim("aud"), []string{issuer, client.Target().Metadata.Text("token_endpoint")}),
		flow.With(flow.AssertionClaim("aud"), []string{issuer, flow.ForeignOrigin}))

	onPushAndToken(client, "a client assertion addressed to an array of the issuer alone", AssertionForArray,
		flow.With(flow.AssertionClaim("aud"), []string{issuer}))

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

	// The lifetime is stretched with the deviation, so that nothing but the future can be wrong with the assertion; a server that
	// refuses long-lived assertions is only asked with a short-lived one.
	Describe("a client assertion from 90 seconds ahead", func() {
		long := flow.With(flow.AssertionClaim("exp"), flow.Ahead(150*time.Second))
		short := flow.With(flow.AssertionClaim("exp"), flow.Ahead(50*time.Second))
		issued := flow.With(flow.AssertionClaim("iat"), flow.Ahead(90*time.Second))
		valid := flow.With(flow.AssertionClaim("nbf"), flow.Ahead(90*time.Second))

		It("is refused at the pushed authorization request endpoint", AssertionFarAhead, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			if takesLongLived(client.Push(ctx, long)) {
				Expect(client.Push(ctx, flow.All("with iat 90s ahead in the client assertion", long, issued))).To(BeRefused())
				Expect(client.Push(ctx, flow.All("with nbf 90s ahead in the client assertion", long, valid))).To(BeRefused())
			}
			Expect(client.Push(ctx, flow.All("with iat 90s ahead and exp 50s ahead in the client assertion", short, issued))).To(BeRefused())
		})
		It("is refused at the token endpoint", AssertionFarAhead, func(ctx SpecContext) {
			deviations := []flow.Deviation{flow.All("with iat 90s ahead and exp 50s ahead in the client assertion", short, issued)}
			if takesLongLived(client.Push(ctx, long)) {
				deviations = append(deviations,
					flow.All("with iat 90s ahead in the client assertion", long, issued),
					flow.All("with nbf 90s ahead in the client assertion", long, valid))
			}
			RefusesAtTokenEndpoint(ctx, client, deviations...)
		})
	})
}

// takesLongLived says whether the target takes an assertion that lives 150 seconds. Not to take it is its right.
func takesLongLived(o *flow.Outcome) bool {
	if o.RequestURI() != "" {
		return true
	}
	Note("the target does not take client assertions that live 150 seconds")
	return false
}

// onPushAndToken registers one spec for each of the two endpoints where every client authenticates.
func onPushAndToken(client *flow.Client, what string, r *requirement.Requirement, deviations ...flow.Deviation) {
	Describe(what, func() {
		It("is refused at the pushed authorization request endpoint", r, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			for _, deviation := range deviations {
				Expect(client.Push(ctx, deviation)).To(BeRefused())
			}
		})
		It("is refused at the token endpoint", r, func(ctx SpecContext) {
			RefusesAtTokenEndpoint(ctx, client, deviations...)
		})
	})
}

// everywhere is onPushAndToken, and introspection and revocation where they are offered.
func everywhere(client *flow.Client, what string, r *requirement.Requirement, deviations ...flow.Deviation) {
	onPushAndToken(client, what, r, deviations...)
	Describe(what, func() {
		It("is refused at the introspection endpoint", r, func(ctx SpecContext) {
			needsOffer(client, requirement.Introspection)
			grant := Needs(client.Grant(ctx))
			Needs(client.Introspect(ctx, grant))
			for _, deviation := range deviations {
				Expect(client.Introspect(ctx, grant, deviation)).To(BeRefused())
			}
		})
		It("is refused at the revocation endpoint", r, func(ctx SpecContext) {
			needsOffer(client, requirement.Revocation)
			grant := Needs(client.Obtain(ctx))
			for _, deviation := range deviations {
				Expect(client.Revoke(ctx, grant, deviation)).To(BeRefused())
			}
			Needs(client.Revoke(ctx, grant))
		})
	})
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
