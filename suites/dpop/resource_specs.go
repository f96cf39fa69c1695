package dpop

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// placeOfTokens is somewhere that takes access tokens, and proofs with them.
type placeOfTokens struct {
	name  string
	call  func(ctx context.Context, grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome
	needs func() // ends a spec where the target has no such place, or it is the other one
	about func() place
	of    func(client *flow.Client) placeOfTokens // the same for another client
	// ofUsers says whether it serves what is about a person alone.
	ofUsers bool
}

func (p placeOfTokens) on(ctx SpecContext) Served {
	return func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		return p.call(ctx, grant, deviations...)
	}
}

// placesOfTokens are where what is said of a resource server holds: the resource, and userinfo, which is one too.
func placesOfTokens(client *flow.Client) []placeOfTokens {
	return []placeOfTokens{resource(client), userinfo(client)}
}

func resource(client *flow.Client) placeOfTokens {
	return placeOfTokens{
		name: "the resource", call: client.Call, needs: func() {}, of: resource,
		about: func() place {
			return place{method: client.Target().Resource.Method, address: client.Target().Resource.URL, withToken: true}
		},
	}
}

func userinfo(client *flow.Client) placeOfTokens {
	return placeOfTokens{
		name: "the userinfo endpoint", call: client.Userinfo, needs: func() { everywhere.NeedsUserinfo(client) }, of: userinfo, ofUsers: true,
		about: func() place {
			return place{method: http.MethodGet, address: client.Endpoint("userinfo_endpoint"), withToken: true}
		},
	}
}

// bothMethods are the ways to show a token there: by the usual method and, at userinfo where that serves it, by POST.
func (p placeOfTokens) bothMethods(ctx context.Context, client *flow.Client, grant *flow.Outcome) []asker {
	all := []asker{func(odd flow.Deviation) *flow.Outcome { return p.call(ctx, grant, odd) }}
	if p.about().address != client.Endpoint("userinfo_endpoint") || !Accepts(p.call(ctx, grant, flow.ByPost())) {
		return all
	}
	return append(all, func(odd flow.Deviation) *flow.Outcome {
		return p.call(ctx, grant, flow.All(odd.String()+", by POST", odd, flow.ByPost()))
	})
}

// resourceSpecs are about proofs where tokens are shown.
func resourceSpecs(client *flow.Client) {
	for _, at := range placesOfTokens(client) {
		Describe(at.name, func() {
			proofAtResourceSpecs(client, at)
			schemeSpecs(client, at)
			challengeSpecs(client, at)
		})
	}
	Describe("the userinfo endpoint", func() {
		// OpenID Connect Core section 5.3.1 has it serve both methods, and each may have a filter of its own before it.
		It("refuses a DPoP proof that is wrong in any way in a request by POST", SignatureAtRS, func(ctx SpecContext) {
			at := userinfo(client)
			if client.ResourceIsUserinfo() {
				at = resource(client)
			} else {
				at.needs()
			}
			grant := NeedsService(ctx, client, at.on(ctx))
			if !Accepts(at.call(ctx, grant, flow.ByPost())) {
				NotApplicable("the userinfo endpoint serves no request by POST")
			}
			posted := place{method: http.MethodPost, address: at.about().address, withToken: true}
			asked := flow.With(flow.ProofClaim("htm"), http.MethodGet).String()
			for _, wrong := range append(wrongInAnyWay(client, posted), forOtherTokens(grant)...) {
				if wrong.String() == asked {
					continue // is wrong by POST alone: what is made of htm by either method is seen with another one
				}
				try := at.call(ctx, grant, flow.All(wrong.String()+", by POST", wrong, flow.ByPost()))
				if Accepts(try) && Accepts(at.call(ctx, grant, wrong)) {
					Note("a DPoP proof is taken %s, by GET too: that is judged there", wrong)
					continue
				}
				Expect(try).To(BeRefused())
			}
			Needs(at.call(ctx, grant, flow.ByPost()))
		})
	})
}

func proofAtResourceSpecs(client *flow.Client, at placeOfTokens) {
	for _, fault := range faults() {
		It("refuses a DPoP proof "+fault.what, fault.atRS, func(ctx SpecContext) {
			at.needs()
			RefusesToServe(ctx, client, at.on(ctx), func(*flow.Outcome) []flow.Deviation { return fault.attempts(client, at.about()) })
			fault.doubts(client, func(odd flow.Deviation) *flow.Outcome {
				return at.call(ctx, NeedsService(ctx, client, at.on(ctx)), odd)
			})
			fault.getsLost(func(lost flow.Deviation) *flow.Outcome {
				return at.call(ctx, NeedsService(ctx, client, at.on(ctx)), lost)
			})
			if fault.atRS == AddressAtRS {
				refusesRerouted(forwardedElsewhere(), at.bothMethods(ctx, client, NeedsService(ctx, client, at.on(ctx)))...)
			}
			if fault.atRS == AgeAtRS && client.NonceDemanded(at.about().address) {
				NotApplicable("the resource server wants DPoP nonces, which stand in for the clock")
			}
		})
	}
	It("tells the method in small letters from that in capitals", MethodAtRS, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		if answer := at.call(ctx, grant, flow.With(flow.ProofClaim("htm"), strings.ToLower(at.about().method))); Accepts(answer) {
			Warn("a DPoP proof for the method in small letters is taken, which is another method (RFC 9110 section 9.1)")
		}
	})
	It("tells the method by which a request is sent from one that a header field names", MethodAtRS, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		// Who goes by such a field may have nothing for that method, which is no answer about the proof.
		refusesRerouted(byNamedMethod(), at.bothMethods(ctx, client, grant)...)
		NeedsService(ctx, client, at.on(ctx))
	})
	It("refuses a DPoP proof for another token", TokenHash, func(ctx SpecContext) {
		at.needs()
		RefusesToServe(ctx, client, at.on(ctx), forOtherTokens)
		grant := NeedsService(ctx, client, at.on(ctx))
		for _, spelt := range otherSpellings(grant) {
			if answer := at.call(ctx, grant, spelt); Accepts(answer) {
				Warn("a DPoP proof is taken %s: RFC 9449 section 4.2 has one way to write it", spelt)
			}
		}
	})

	takes := func(ctx SpecContext, deviations ...flow.Deviation) {
		at.needs()
		for _, deviation := range deviations {
			grant := NeedsService(ctx, client, at.on(ctx))
			answer := at.call(ctx, grant, deviation)
			if !Accepts(answer) {
				Needs(at.call(ctx, grant)) // the token is as good as it was
			}
			Expect(answer).To(BeAccepted())
		}
	}
	It("takes a DPoP proof with more in it than it has to have", MoreMembers, func(ctx SpecContext) { takes(ctx, withMore()) })
	It("takes a DPoP proof whose htu has a query and a fragment", AddressQueryAtRS, func(ctx SpecContext) { takes(ctx, withQuery()) })
	It("takes a DPoP proof whose htu is spelt otherwise", AddressSpellingAtRS, func(ctx SpecContext) {
		at.needs()
		takes(ctx, inOtherWords(at.about().address)...)
	})

	It("refuses a DPoP proof that it has seen", NoReplayAtRS, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		same, _ := taken(func(proof flow.Deviation) *flow.Outcome { return at.call(ctx, grant, proof) })
		twice := at.call(ctx, grant, same)
		Needs(at.call(ctx, grant))
		Expect(twice).To(BeRefused())
		if at.about().address != client.Endpoint("userinfo_endpoint") || !Accepts(at.call(ctx, grant, flow.ByPost())) {
			return
		}
		// By POST there may be another way.
		post := func(proof flow.Deviation) *flow.Outcome {
			return at.call(ctx, grant, flow.All(proof.String()+", by POST", flow.ByPost(), proof))
		}
		same, _ = taken(post)
		twice = post(same)
		Needs(at.call(ctx, grant, flow.ByPost()))
		Expect(twice).To(BeRefused())
	})
	It("refuses a DPoP proof that it has seen, whatever stands in its jti", NoReplayAtRS, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		for _, odd := range oddlyNamed() {
			if Accepts(at.call(ctx, grant, odd)) { // it need not be
				Expect(at.call(ctx, grant, odd)).To(BeRefused())
			}
		}
		Needs(at.call(ctx, grant))
	})
	It("refuses a DPoP proof that it has seen in other letters", NoReplayAtRS, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		const words = "with one DPoP proof for several requests"
		kept := &keptProof{}
		first := at.call(ctx, grant, kept.same(words))
		if first.DemandsNonce() {
			kept = &keptProof{}
			first = at.call(ctx, grant, kept.same(words))
		}
		Needs(first)
		for _, again := range kept.rewritings(client.ProofKey().Algorithm) {
			Expect(at.call(ctx, grant, again)).To(BeRefused())
		}
		Needs(at.call(ctx, grant))
	})
	// The token has to live as long. Who takes proofs that are older than they are remembered takes them twice.
	for _, late := range []time.Duration{10 * time.Second, 40 * time.Second, 80 * time.Second} {
		Aged(late, fmt.Sprintf("refuses a DPoP proof %.0f seconds after it has seen it", late.Seconds()), NoReplayAtRS,
			func(ctx SpecContext) replay {
				at.needs()
				grant := freshToken(ctx, client)
				same, _ := taken(func(proof flow.Deviation) *flow.Outcome { return at.call(ctx, grant, proof) })
				return replay{same, grant}
			},
			func(ctx context.Context, first replay) [2]*flow.Outcome {
				return [2]*flow.Outcome{at.call(ctx, first.grant, first.proof), at.call(ctx, first.grant)}
			},
			refusedAgain)
	}
	It("takes a DPoP proof once alone of ten times at one moment", NoReplayAtRS, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		const times = 10
		same, answers := oneProof(), make([]*flow.Outcome, times)
		var away sync.WaitGroup
		for i := range answers {
			away.Go(func() { answers[i] = at.call(ctx, grant, same) })
		}
		away.Wait()
		taken := 0
		for _, answer := range answers {
			if Accepts(answer) {
				taken++
			}
		}
		Needs(at.call(ctx, grant))
		switch taken {
		case 1:
		case 0:
			Unknown("none of %d requests with one good DPoP proof was served", times)
		default:
			Broken("%d of %d requests with one DPoP proof were served: who takes proofs again has to do something else against their replay (FAPI 2.0 Security Profile section 6.2)", taken, times)
		}
	})
}

// freshToken is a token that was issued just now where refresh tokens are offered, and the shared one elsewhere: to have one takes no login.
func freshToken(ctx SpecContext, client *flow.Client) *flow.Outcome {
	if !client.Target().Offered(string(requirement.RefreshToken)) {
		return Needs(client.Grant(ctx))
	}
	_, fresh := NeedsRefreshed(ctx, client)
	return fresh
}

// schemeSpecs are about the scheme in which a bound token is shown.
func schemeSpecs(client *flow.Client, at placeOfTokens) {
	It("takes the scheme DPoP in any case", SchemeCase, func(ctx SpecContext) {
		at.needs()
		for _, scheme := range []string{"dpop", "dPOp"} {
			grant := NeedsService(ctx, client, at.on(ctx))
			answer := at.call(ctx, grant, flow.With(flow.TokenScheme, scheme))
			if !Accepts(answer) {
				Needs(at.call(ctx, grant))
			}
			Expect(answer).To(BeAccepted())
		}
	})
	const boundTokensOnly = "FAPI2-SP-5.3.2.1-4" // judged by the profile's suite, which imports this one
	asBearer := []flow.Deviation{
		flow.With(flow.TokenScheme, "Bearer").As("as a Bearer token with a good DPoP proof"),
		flow.With(flow.TokenScheme, "bearer").As("as a bearer token, in lower case, with a good DPoP proof"),
	}
	It("refuses a bound token as Bearer with a good DPoP proof", NotAsBearer, func(ctx SpecContext) {
		at.needs()
		RefusesToServeUnless(ctx, client, at.on(ctx), func(grant *flow.Outcome) string {
			return everywhere.BoundToNothing(ctx, client, grant, boundTokensOnly)
		}, Try(asBearer...))
	})
	for _, had := range everywhere.TokensHadOtherwise(client) {
		if at.ofUsers && !had.OfUser {
			continue
		}
		It("refuses "+had.What+" as Bearer with a good DPoP proof", NotAsBearer, func(ctx SpecContext) {
			at.needs()
			everywhere.RefusesHadOtherwise(ctx, had,
				func(client *flow.Client) Served { return at.of(client).on(ctx) },
				func(client *flow.Client, token *flow.Outcome) string {
					return everywhere.BoundToNothing(ctx, client, token, boundTokensOnly)
				},
				func(*flow.Client) []flow.Deviation { return asBearer })
		})
	}
	It("refuses a token in both schemes", OneScheme, func(ctx SpecContext) {
		at.needs()
		RefusesToServe(ctx, client, at.on(ctx), Try(flow.TokenBeside("Bearer")))
	})
}

// challengeSpecs are about what a refusal says.
func challengeSpecs(client *flow.Client, at placeOfTokens) {
	refused := func(ctx SpecContext) []*flow.Outcome {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		all := []*flow.Outcome{at.call(ctx, grant, flow.Without(flow.Proof)), at.call(ctx, grant, flow.With(flow.ProofKey, client.NewProofKey()))}
		NeedsService(ctx, client, at.on(ctx))
		for _, answer := range all {
			switch decision, because := Decide(answer); {
			case decision != wire.Refused:
				Unknown("the request %s was not refused: %s", answer.Exchange.Deviation, because)
			case answer.Status == http.StatusNotFound:
				NotApplicable("the server hides what it does not show (404), as RFC 9110 section 15.5.5 lets it, and so has no challenge")
			}
		}
		return all
	}
	It("challenges with the scheme DPoP", Challenge, func(ctx SpecContext) {
		for _, answer := range refused(ctx) {
			if len(answer.Challenged("DPoP")) == 0 {
				Broken("the answer to a request %s is %d with %s", answer.Exchange.Deviation, answer.Status, answer.ChallengeWords())
			}
		}
	})
	It("says in its challenge what is wrong, and what algorithms it takes", ChallengeSays, func(ctx SpecContext) {
		var missing []string
		for _, answer := range refused(ctx) {
			for _, name := range []string{"error", "algs"} {
				found := false
				for _, challenge := range answer.Challenged("DPoP") {
					found = found || challenge.Params[name] != ""
				}
				if !found {
					missing = append(missing, fmt.Sprintf("%s %s", name, answer.Exchange.Deviation))
				}
			}
		}
		if len(missing) > 0 {
			Broken("the challenge of scheme DPoP lacks %s", strings.Join(missing, "; "))
		}
	})
}
