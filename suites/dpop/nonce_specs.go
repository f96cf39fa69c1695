package dpop

import (
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// nonceSpecs are about the nonces of a server that wants them in proofs.
func nonceSpecs(client *flow.Client) {
	Describe("the authorization server", func() {
		It("asks for a nonce so that it can be given one", NonceDemand, func(ctx SpecContext) {
			asked := needsDemand(ctx, client)
			if asked.Status != http.StatusBadRequest || asked.ErrorCode() != "use_dpop_nonce" {
				Broken("a nonce is asked for with %d %s, and not with 400 use_dpop_nonce", asked.Status, wire.Printable(asked.ErrorCode()))
			}
			oneGoodNonce(asked)
			Expect(asksForToken(ctx, client, flow.Words("with the nonce that was asked for"))).To(BeAccepted())
		})
		It("refuses a nonce that it has not given", OwnNonces, func(ctx SpecContext) {
			needsDemand(ctx, client)
			refusesToken(ctx, client, madeUpNonces()...)
		})
		It("refuses a nonce that it has not given, in a request with a code", OwnNonces, func(ctx SpecContext) {
			if !client.Target().Offered(string(requirement.RefreshToken)) {
				NotApplicable("that is how it is tried at all where there are no refresh tokens")
			}
			needsDemand(ctx, client)
			RefusesToRedeem(ctx, client, madeUpNonces()[:2]...)
		})
		It("refuses a nonce that it has not given, where the client asks for itself", OwnNonces, func(ctx SpecContext) {
			needsDemand(ctx, client)
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				for i, wrong := range madeUpNonces()[:2] {
					KeepKnown(ctx, client, i)
					Expect(client.ForItself(ctx, grant, wrong)).To(BeRefused())
				}
				Needs(client.ForItself(ctx, grant))
			})
		})
		It("refuses a nonce that it has not given, in a pushed request", OwnNonces, func(ctx SpecContext) {
			proof := flow.With(flow.Proof, client.ProofKey())
			needsDemandWherePushed(ctx, client, proof)
			for i, wrong := range madeUpNonces() {
				KeepKnown(ctx, client, i)
				Expect(client.Push(ctx, flow.All("with a DPoP proof, "+wrong.String(), proof, wrong))).To(BeRefused())
			}
			Needs(client.Push(ctx, proof))
		})
		It("asks for a nonce in a pushed request so that it can be given one", NonceDemand, func(ctx SpecContext) {
			proof := flow.With(flow.Proof, client.ProofKey())
			asked := needsDemandWherePushed(ctx, client, proof)
			if asked.Status != http.StatusBadRequest || asked.ErrorCode() != "use_dpop_nonce" {
				Broken("a nonce is asked for with %d %s, and not with 400 use_dpop_nonce", asked.Status, wire.Printable(asked.ErrorCode()))
			}
			oneGoodNonce(asked)
			Expect(client.Push(ctx, proof)).To(BeAccepted())
		})
		It("refuses a proof without a nonce once it has asked for one", NonceStays, func(ctx SpecContext) {
			grant, fresh := needsToken(ctx, client)
			if given, _ := client.Nonces(); !given {
				NotApplicable("the authorization server has given no DPoP nonce")
			}
			demanded := client.NonceDemanded(client.Endpoint("token_endpoint"))
			answer := askAgain(ctx, client, grant, fresh, flow.Without(flow.ProofNonce))
			if !demanded && Accepts(answer) {
				Note("the authorization server gives DPoP nonces, and wants none")
				NotApplicable("the authorization server has asked for no DPoP nonce")
			}
			Expect(answer).To(BeRefused())
			Needs(asksForToken(ctx, client, flow.Words("with the nonce that was asked for")))
		})
	})

	for _, at := range placesOfTokens(client) {
		Describe(at.name, func() {
			It("asks for a nonce so that it can be given one", NonceDemandAtRS, func(ctx SpecContext) {
				asked := needsDemandAt(ctx, client, at)
				found := false
				for _, challenge := range asked.Challenged("DPoP") {
					found = found || challenge.Params["error"] == "use_dpop_nonce"
				}
				if asked.Status != http.StatusUnauthorized || !found {
					Broken("a nonce is asked for with %d and %s, and not with 401 and a challenge of scheme DPoP whose error is use_dpop_nonce", asked.Status, asked.ChallengeWords())
				}
				oneGoodNonce(asked)
				NeedsService(ctx, client, at.on(ctx))
			})
			It("refuses a nonce that it has not given", OwnNoncesAtRS, func(ctx SpecContext) {
				needsDemandAt(ctx, client, at)
				RefusesToServe(ctx, client, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation {
					tries := madeUpNonces()
					if at.about().address != client.Endpoint("userinfo_endpoint") || !Accepts(at.call(ctx, grant, flow.ByPost())) {
						return tries
					}
					// By POST there may be another way.
					for _, wrong := range madeUpNonces()[:2] {
						tries = append(tries, flow.All(wrong.String()+", by POST", wrong, flow.ByPost()))
					}
					return tries
				})
			})
			It("refuses a proof without a nonce once it has asked for one", NonceStays, func(ctx SpecContext) {
				at.needs()
				grant := NeedsService(ctx, client, at.on(ctx))
				if _, given := client.Nonces(); !given {
					NotApplicable("the resource server has given no DPoP nonce")
				}
				demanded := client.NonceDemanded(at.about().address)
				answer := at.call(ctx, grant, flow.Without(flow.ProofNonce))
				if !demanded && Accepts(answer) {
					NotApplicable("the resource server has asked for no DPoP nonce")
				}
				Expect(answer).To(BeRefused())
				NeedsService(ctx, client, at.on(ctx))
			})
			It("has no cache keep a nonce", NoncesNotCached, func(ctx SpecContext) {
				at.needs()
				if at.about().method != http.MethodGet {
					NotApplicable("the resource is not asked by GET")
				}
				grant := NeedsService(ctx, client, at.on(ctx))
				answers := []*flow.Outcome{Needs(at.call(ctx, grant))}
				if _, given := client.Nonces(); given {
					answers = append(answers, at.call(ctx, grant, flow.Without(flow.ProofNonce)))
				}
				seen := false
				for _, answer := range answers {
					if answer.Header.Get("DPoP-Nonce") == "" {
						continue
					}
					seen = true
					cache := strings.ToLower(strings.Join(answer.Header.Values("Cache-Control"), ","))
					if !strings.Contains(cache, "no-store") && !strings.Contains(cache, "private") && !strings.Contains(cache, "no-cache") {
						Broken("an answer with %d to a GET has a DPoP-Nonce, and no Cache-Control that keeps it out of caches", answer.Status)
					}
				}
				if !seen {
					NotApplicable("no answer to a GET had a DPoP-Nonce")
				}
			})
		})
	}
}

func madeUpNonces() []flow.Deviation {
	return []flow.Deviation{
		flow.With(flow.ProofNonce, jose.Random(24)).As("with a made-up nonce in the DPoP proof"),
		flow.With(flow.ProofNonce, "").As("with an empty nonce in the DPoP proof"),
		flow.ProofNonceMade("with the right nonce and something behind it in the DPoP proof", func(nonce string) any { return nonce + "x" }),
		flow.ProofNonceMade("with the first half of the right nonce in the DPoP proof", func(nonce string) any { return nonce[:len(nonce)/2] }),
		flow.ProofNonceMade("with a list of a made-up nonce in the DPoP proof", func(string) any { return []string{jose.Random(24)} }),
		flow.ProofNonceMade("with true as nonce in the DPoP proof", func(string) any { return true }),
		flow.ProofNonceMade("with 0 as nonce in the DPoP proof", func(string) any { return 0 }),
		flow.ProofNonceMade("with null as nonce in the DPoP proof", func(string) any { return nil }),
	}
}

// needsToken is a grant and, where refresh tokens are offered, what a proper refresh made of it.
func needsToken(ctx SpecContext, client *flow.Client) (grant, fresh *flow.Outcome) {
	if !client.Target().Offered(string(requirement.RefreshToken)) {
		// A code, of which the redemption is the request to make: who has not seen the server ask for a nonce sees it there.
		Needs(client.Exchange(ctx, Needs(client.Login(ctx))))
		return nil, nil
	}
	return NeedsRefreshed(ctx, client)
}

// askAgain asks for a token once more, with deviations.
func askAgain(ctx SpecContext, client *flow.Client, grant, fresh *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
	if grant == nil {
		return client.Exchange(ctx, Needs(client.Login(ctx)), deviations...)
	}
	return client.Refresh(ctx, flow.Newest(grant, fresh), deviations...)
}

// needsDemand is how the authorization server asks for a nonce. It ends a spec where it wants none.
func needsDemand(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, fresh := needsToken(ctx, client)
	if given, _ := client.Nonces(); !given {
		NotApplicable("the authorization server has given no DPoP nonce")
	}
	asked := askAgain(ctx, client, grant, fresh, flow.Without(flow.ProofNonce))
	if !client.NonceDemanded(client.Endpoint("token_endpoint")) || Accepts(asked) {
		NotApplicable("the authorization server has asked for no DPoP nonce")
	}
	return asked
}

// needsDemandWherePushed is how the authorization server asks for a nonce in a pushed request with a proof. It ends a spec where it wants none there.
func needsDemandWherePushed(ctx SpecContext, client *flow.Client, proof flow.Deviation) *flow.Outcome {
	if pushed := client.Push(ctx, proof); !Accepts(pushed) {
		NotApplicable("the target takes no DPoP proof where requests are pushed")
	}
	if given, _ := client.Nonces(); !given {
		NotApplicable("the authorization server has given no DPoP nonce")
	}
	asked := client.Push(ctx, flow.All("with a DPoP proof that has no nonce", proof, flow.Without(flow.ProofNonce)))
	if !client.NonceDemanded(client.Endpoint("pushed_authorization_request_endpoint")) || Accepts(asked) {
		NotApplicable("the authorization server has asked for no DPoP nonce where requests are pushed")
	}
	return asked
}

func needsDemandAt(ctx SpecContext, client *flow.Client, at placeOfTokens) *flow.Outcome {
	at.needs()
	grant := NeedsService(ctx, client, at.on(ctx))
	if _, given := client.Nonces(); !given {
		NotApplicable("the resource server has given no DPoP nonce")
	}
	asked := at.call(ctx, grant, flow.Without(flow.ProofNonce))
	if !client.NonceDemanded(at.about().address) || Accepts(asked) {
		NotApplicable("the resource server has asked for no DPoP nonce")
	}
	return asked
}

// oneGoodNonce wants an answer to have exactly one nonce, of the characters that one may have (RFC 9449 section 8.1).
func oneGoodNonce(asked *flow.Outcome) {
	nonces := asked.Header.Values("DPoP-Nonce")
	if len(nonces) != 1 {
		Broken("a nonce is asked for with %d header fields DPoP-Nonce, and not with one", len(nonces))
	}
	if strings.ContainsFunc(nonces[0], func(c rune) bool { return c < 0x21 || c > 0x7e || c == '"' || c == '\\' }) {
		Broken("the nonce has characters that none may have: %s", wire.Printable(nonces[0]))
	}
}
