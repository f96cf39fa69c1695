package fapi1adv

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// elsewhere is the issuer of another server.
const elsewhere = "https://another.example"

// Requests travel as the target file says: by value, or pushed. Whoever refuses one does so before anybody logs in.
func requestSpecs(client *flow.Client) {
	claim := flow.RequestObjectClaim

	It("a signed request leads to a token", ObjectsTaken, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		Expect(client.Grant(ctx)).To(BeAccepted())
	})
	It("a request without a signed request object is refused", SignedOnly, func(ctx SpecContext) {
		refuses(ctx, client, plain(), flow.With(flow.RequestObject, flow.Unsigned).As("in a request object with alg none"))
	})
	It("a request without a signed request object of other clients of this kind is refused", SignedOnly, func(ctx SpecContext) {
		others := everywhere.Guests(client)
		if len(others) == 0 {
			NotApplicable("the target file has no other client of this kind")
		}
		for _, other := range others {
			refuses(ctx, other, plain())
		}
	})

	It("a pushed request without a PKCE challenge of the method S256 is refused", PushedWithPKCE, func(ctx SpecContext) {
		needsPushing(client)
		everywhere.AsEach(client, func(client *flow.Client) {
			Needs(client.Push(ctx))
			for _, deviation := range []flow.Deviation{
				flow.Without(flow.PKCE), flow.With(flow.CodeChallenge, "").As("with an empty code_challenge"), flow.VerifierAsChallenge("plain"),
			} {
				Expect(client.Login(ctx, deviation)).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
	})
	It("the code of a pushed request is not redeemed without the verifier, or with another one", PushedWithPKCE, func(ctx SpecContext) {
		needsPushing(client)
		RefusesToRedeem(ctx, client, flow.Without(flow.CodeVerifier), flow.With(flow.CodeVerifier, jose.Random(32)))
	})

	It("nothing beside the request object counts", InsideOnly, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		less, _ := everywhere.LessScope(client.Target())
		deviations := []flow.Deviation{flow.Beside("nonce", flow.Alphabetical(16)), flow.Beside("state", flow.Alphabetical(16))}
		if less != "" {
			deviations = append(deviations, flow.Beside("scope", less))
		}
		Needs(client.Login(ctx))
		for _, deviation := range deviations {
			countsForNothing(ctx, client, deviation)
		}
	})
	It("a redirect_uri beside the request object counts for nothing", InsideOnly, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		landed := client.Login(ctx, flow.Beside("redirect_uri", flow.ForeignOrigin+"/cb"))
		Expect(landed).NotTo(BeSentAstray())
		Needs(client.Login(ctx))
	})
	It("a request that is not inside the request object is not made whole by what stands beside it", InsideOnly, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		redirect := client.Self().Redirects[0]
		refuses(ctx, client, flow.All("with redirect_uri beside the request object, and not in it",
			flow.Without(claim("redirect_uri")), flow.Beside("redirect_uri", redirect)))
		if client.Target().OpenID() {
			refuses(ctx, client, flow.All("with nonce beside the request object, and not in it",
				flow.Without(claim("nonce")), flow.Beside("nonce", flow.Alphabetical(16))))
		}
	})

	It("a request object that does not say when it ends is refused", EndGiven, func(ctx SpecContext) {
		refuses(ctx, client, flow.Without(claim("exp")), flow.With(claim("exp"), "never"))
	})
	It("a request object that has ended is refused", EndGiven, func(ctx SpecContext) {
		refuses(ctx, client, flow.All("with nbf and iat 15 minutes ago, and exp 10 minutes ago in the request object",
			flow.With(claim("nbf"), flow.Ago(15*time.Minute)), flow.With(claim("iat"), flow.Ago(15*time.Minute)), flow.With(claim("exp"), flow.Ago(10*time.Minute))))
	})
	It("a request object that holds for more than an hour is refused", EndGiven, func(ctx SpecContext) {
		refuses(ctx, client, flow.With(claim("exp"), flow.Ahead(70*time.Minute)), flow.With(claim("exp"), flow.Ahead(30*24*time.Hour)),
			flow.All("with nbf 50 minutes ago and exp 20 minutes ahead in the request object",
				flow.With(claim("nbf"), flow.Ago(50*time.Minute)), flow.With(claim("exp"), flow.Ahead(20*time.Minute))))
	})
	It("a request object that does not say when it begins is refused", BegunLately, func(ctx SpecContext) {
		refuses(ctx, client, flow.Without(claim("nbf")), flow.With(claim("nbf"), "now"))
	})
	It("a request object that began more than an hour ago is refused", BegunLately, func(ctx SpecContext) {
		refuses(ctx, client, flow.All("with nbf 70 minutes ago, and exp 5 minutes ahead in the request object",
			flow.With(claim("nbf"), flow.Ago(70*time.Minute)), flow.With(claim("iat"), flow.Ago(70*time.Minute))))
	})

	It("a request object that is meant for somebody else, or for nobody, is refused", AudienceCompared, func(ctx SpecContext) {
		refuses(ctx, client, flow.Without(claim("aud")), flow.With(claim("aud"), elsewhere), flow.With(claim("aud"), []string{elsewhere}))
	})
	It("a request object whose aud is a list with the issuer in it is accepted", AudienceAccepted, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		issuer := client.Issuer()
		Needs(client.Login(ctx))
		Expect(client.Login(ctx, flow.With(claim("aud"), []string{issuer}))).To(BeAccepted())
		if among := client.Login(ctx, flow.With(claim("aud"), []string{issuer, elsewhere})); !Accepts(among) {
			Expect(among).To(BeRefused())
			Warn("a request object that is meant for the issuer and for somebody else is refused")
		}
	})
}

// plain is a request whose parameters are sent as they are.
func plain() flow.Deviation { return flow.Without(flow.RequestObject).As("in a form, and not signed") }

// needsPushing ends a spec about pushed requests where they come by value.
func needsPushing(client *flow.Client) {
	if client.Shape().ByValue {
		NotApplicable("requests are not pushed here")
	}
}

// refuses wants each request refused, wherever that happens, as every client of the kind, and proper ones not: one that experiments share, and one afterwards.
func refuses(ctx SpecContext, client *flow.Client, deviations ...flow.Deviation) {
	everywhere.NeedsSigning(client)
	everywhere.AsEach(client, func(client *flow.Client) {
		if client.Self().Key == nil {
			return // it signs nothing
		}
		Needs(client.Landing(ctx))
		for _, deviation := range deviations {
			Expect(client.Login(ctx, deviation)).To(BeRefused())
		}
	})
	Needs(client.Login(ctx))
}

// countsForNothing wants a request with something beside its object answered by what stands in the object, or refused.
func countsForNothing(ctx SpecContext, client *flow.Client, deviation flow.Deviation) {
	landed := client.Login(ctx, deviation)
	if !Accepts(landed) {
		Expect(landed).To(BeRefused())
		return
	}
	if got := landed.Params().Get("state"); got != landed.State() {
		Broken("the response has another state than the request object")
	}
	tokens := Needs(client.Exchange(ctx, landed))
	// Who grants more or less than was asked for, as the user or a policy has it, does so without anything beside the object too.
	usual := Needs(client.Grant(ctx)).Scopes()
	if granted := tokens.Scopes(); granted != nil && usual != nil && !sameWords(granted, strings.Join(usual, " ")) {
		Broken("scope %v was granted, and %v where nothing stands beside the request object", granted, usual)
	}
	if tokens.IDToken() == "" {
		return
	}
	claims, err := client.IDClaims(tokens)
	if err != nil || claims == nil {
		Unknown("the id_token can't be read")
	}
	if nonce, _ := claims["nonce"].(string); nonce != landed.SentNonce() {
		Broken("the id_token has another nonce than the request object")
	}
}
