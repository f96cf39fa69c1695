package dpop

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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

// proofSpecs are about proofs at the authorization server.
func proofSpecs(client *flow.Client) {
	Describe("the token endpoint", func() {
		for _, fault := range faults() {
			It("refuses a DPoP proof "+fault.what, fault.atAS, func(ctx SpecContext) {
				refusesToken(ctx, client, fault.attempts(client, atToken(client))...)
				if client.Target().Offered(string(requirement.RefreshToken)) {
					fault.doubts(client, func(odd flow.Deviation) *flow.Outcome { return Refreshed(ctx, client, odd) })
					fault.getsLost(func(lost flow.Deviation) *flow.Outcome { return Refreshed(ctx, client, lost) })
				}
				if fault.atAS == ProofAge && client.NonceDemanded(client.Endpoint("token_endpoint")) {
					NotApplicable("the authorization server wants DPoP nonces, which stand in for the clock")
				}
			})
		}
		It("tells the method in small letters from that in capitals", Method, func(ctx SpecContext) {
			// They are another method (RFC 9110 section 9.1), but one that nobody serves: a proof for it is good for nothing else.
			if answer := asksForToken(ctx, client, flow.With(flow.ProofClaim("htm"), "post")); Accepts(answer) {
				Warn("a DPoP proof for the method in small letters is taken, which is another method (RFC 9110 section 9.1)")
			}
		})
		It("tells what a request is from what its header fields say that it is, for every grant", Address, func(ctx SpecContext) {
			refusesRerouted(forwardedElsewhere(), askers(ctx, client)...)
		})
		It("tells the method by which a request is sent from one that a header field names", Method, func(ctx SpecContext) {
			refusesRerouted(byNamedMethod(), askers(ctx, client)...)
		})
		// Whoever looks at proofs where a refresh token is used may not where a code is.
		It("refuses a DPoP proof that is wrong in any way where a code is redeemed", ProofSignature, func(ctx SpecContext) {
			if !client.Target().Offered(string(requirement.RefreshToken)) {
				NotApplicable("no refresh tokens are offered, and so all that can be wrong with a proof was tried with codes")
			}
			refusesWithCode(ctx, client, wrongInAnyWay(client, atToken(client)))
		})

		It("refuses a DPoP proof that is wrong in any way where a client asks for itself", ProofSignature, func(ctx SpecContext) {
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				for i, wrong := range wrongInAnyWay(client, atToken(client)) {
					KeepKnown(ctx, client, i)
					try := client.ForItself(ctx, grant, wrong)
					if Accepts(try) && client.Target().Offered(string(requirement.RefreshToken)) && Accepts(Refreshed(ctx, client, wrong)) {
						Note("a DPoP proof is taken %s, with a refresh token too: that is judged there", wrong)
						continue
					}
					Expect(try).To(BeRefused())
				}
				Needs(client.ForItself(ctx, grant))
			})
		})

		It("takes a DPoP proof with more in it than it has to have", MoreMembers, func(ctx SpecContext) {
			Expect(asksForToken(ctx, client, withMore())).To(BeAccepted())
		})
		It("takes a DPoP proof whose htu has a query and a fragment", AddressQuery, func(ctx SpecContext) {
			Expect(asksForToken(ctx, client, withQuery())).To(BeAccepted())
		})
		It("takes a DPoP proof whose htu is spelt otherwise", AddressSpelling, func(ctx SpecContext) {
			for _, spelt := range inOtherWords(client.Endpoint("token_endpoint")) {
				Expect(asksForToken(ctx, client, spelt)).To(BeAccepted())
			}
		})

		It("says invalid_dpop_proof", ErrorCode, func(ctx SpecContext) {
			grant, fresh := needsToken(ctx, client)
			var others []string
			refused := 0
			for _, wrong := range []flow.Deviation{
				flow.With(flow.ProofHeader("typ"), "JWT"), flow.Without(flow.ProofClaim("jti")), flow.With(flow.ProofClaim("htm"), http.MethodPut),
				flow.With(flow.ProofClaim("htu"), flow.ForeignOrigin+"/token"), flow.With(flow.ProofSigner, client.NewProofKey()).As("with a DPoP proof that another key has signed than the one in it"),
			} {
				answer := askAgain(ctx, client, grant, fresh, wrong)
				if decision, _ := Decide(answer); decision != wire.Refused {
					continue // which is judged where it is refused
				}
				refused++
				if code := answer.ErrorCode(); code != "invalid_dpop_proof" && code != "use_dpop_nonce" {
					others = append(others, wire.Printable(code)+" "+answer.Exchange.Deviation)
				}
			}
			if refused == 0 {
				Unknown("no DPoP proof was refused that does not hold")
			}
			if len(others) > 0 {
				Broken("other errors than invalid_dpop_proof are answered: %s", strings.Join(others, "; "))
			}
		})

		It("refuses a DPoP proof that it has seen", NoReplay, func(ctx SpecContext) {
			if !client.Target().Offered(string(requirement.RefreshToken)) {
				same := oneProof()
				Needs(client.Exchange(ctx, Needs(client.Login(ctx)), same))
				Expect(client.Exchange(ctx, Needs(client.Login(ctx)), same)).To(BeRefused())
				return
			}
			everywhere.NeedsRefresh(ctx, client)
			grant, fresh := NeedsRefreshed(ctx, client)
			newest := flow.Newest(grant, fresh)
			same, once := taken(func(proof flow.Deviation) *flow.Outcome { return client.Refresh(ctx, newest, proof) })
			newest = flow.Newest(newest, once)
			twice := client.Refresh(ctx, newest, same)
			Needs(client.Refresh(ctx, flow.Newest(newest, twice)))
			Expect(twice).To(BeRefused())
		})
		It("refuses with a code a DPoP proof that it has seen with a refresh token", NoReplay, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			same, _ := taken(func(proof flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, proof) })
			RefusesToRedeem(ctx, client, same)
		})
		It("refuses a DPoP proof that it has seen where a client asks for itself", NoReplay, func(ctx SpecContext) {
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				same, _ := taken(func(proof flow.Deviation) *flow.Outcome { return client.ForItself(ctx, grant, proof) })
				Expect(client.ForItself(ctx, grant, same)).To(BeRefused())
				Needs(client.ForItself(ctx, grant))
			})
		})
		It("refuses a DPoP proof that it has seen in other letters", NoReplay, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			const words = "with one DPoP proof for several requests"
			kept := &keptProof{}
			first := client.Refresh(ctx, grant, kept.same(words))
			if first.DemandsNonce() {
				kept = &keptProof{}
				first = client.Refresh(ctx, grant, kept.same(words))
			}
			grant = flow.Newest(grant, Needs(first))
			var tries []*flow.Outcome
			for i, again := range kept.rewritings(client.ProofKey().Algorithm) {
				KeepKnown(ctx, client, i)
				try := client.Refresh(ctx, grant, again)
				tries = append(tries, try)
				grant = flow.Newest(grant, try)
			}
			Needs(client.Refresh(ctx, grant))
			for _, try := range tries {
				Expect(try).To(BeRefused())
			}
		})
		It("refuses a DPoP proof that it has seen, whatever stands in its jti", NoReplay, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			for _, odd := range oddlyNamed() {
				once := client.Refresh(ctx, grant, odd)
				if !Accepts(once) {
					continue // it need not be taken
				}
				grant = flow.Newest(grant, once)
				Expect(client.Refresh(ctx, grant, odd)).To(BeRefused())
			}
			Needs(client.Refresh(ctx, grant))
		})
		It("takes a DPoP proof once alone of ten times at one moment", NoReplay, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			takenOnceAtOnce(func(proof flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, proof) })
			NeedsRefreshed(ctx, client) // where refresh tokens are replaced the race may have ended that one
		})
		for _, late := range []time.Duration{10 * time.Second, 50 * time.Second, 80 * time.Second} {
			Aged(late, fmt.Sprintf("refuses a DPoP proof %.0f seconds after it has seen it", late.Seconds()), NoReplay,
				func(ctx SpecContext) replay {
					everywhere.NeedsRefresh(ctx, client)
					grant := flow.Newest(NeedsRefreshed(ctx, client))
					same, after := taken(func(proof flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, proof) })
					return replay{same, flow.Newest(grant, after)}
				},
				func(ctx context.Context, first replay) [2]*flow.Outcome {
					again := client.Refresh(ctx, first.grant, first.proof)
					return [2]*flow.Outcome{again, client.Refresh(ctx, flow.Newest(first.grant, again))}
				},
				refusedAgain)
		}
		Aged(10*time.Second, "refuses a DPoP proof 10 seconds after it has seen it where a client asks for itself", NoReplay,
			func(ctx SpecContext) ownReplay {
				for _, grant := range everywhere.AnnouncedForItself(client) {
					if Accepts(client.ForItself(ctx, grant)) {
						same, _ := taken(func(proof flow.Deviation) *flow.Outcome { return client.ForItself(ctx, grant, proof) })
						return ownReplay{same, grant}
					}
				}
				NotApplicable("the target gives client %s no token for itself", client.ID())
				return ownReplay{}
			},
			func(ctx context.Context, first ownReplay) [2]*flow.Outcome {
				return [2]*flow.Outcome{client.ForItself(ctx, first.grant, first.proof), client.ForItself(ctx, first.grant)}
			},
			refusedAgain)
	})

	Describe("the pushed authorization request endpoint", func() {
		It("takes a DPoP proof", ProofAtPAR, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			Expect(client.Push(ctx, properlyProven(client))).To(BeAccepted())
		})
		It("refuses a DPoP proof that does not hold", PushedProof, func(ctx SpecContext) {
			Needs(client.Push(ctx, properlyProven(client)))
			for i, wrong := range wrongWithPushed(client) {
				KeepKnown(ctx, client, i)
				Expect(client.Push(ctx, proven(client, wrong))).To(BeRefused())
			}
			push := asker(func(wrong flow.Deviation) *flow.Outcome { return client.Push(ctx, proven(client, wrong)) })
			refusesRerouted(forwardedElsewhere(), push)
			refusesRerouted(byNamedMethod(), push)
			Needs(client.Push(ctx, properlyProven(client)))
			// A proof may be left out here: who passes over what he can't read for one has taken no false one, and has bound the code to no key either.
			for i, unread := range notOneProof(client) {
				KeepKnown(ctx, client, i)
				if answer := client.Push(ctx, proven(client, unread)); Accepts(answer) {
					Warn("a pushed request is taken %s: what is meant to bind the code may be passed over", unread)
				}
			}
		})
		It("refuses a DPoP proof that it has seen", NoReplay, func(ctx SpecContext) {
			push := func(proof flow.Deviation) *flow.Outcome { return client.Push(ctx, proven(client, proof)) }
			same, _ := taken(push)
			again := push(same)
			takenOnceAtOnce(push)
			Needs(client.Push(ctx, properlyProven(client)))
			Expect(again).To(BeRefused())
		})
		Aged(10*time.Second, "refuses a DPoP proof 10 seconds after it has seen it", NoReplay,
			func(ctx SpecContext) flow.Deviation {
				same, _ := taken(func(proof flow.Deviation) *flow.Outcome { return client.Push(ctx, proven(client, proof)) })
				return same
			},
			func(ctx context.Context, same flow.Deviation) [2]*flow.Outcome {
				return [2]*flow.Outcome{client.Push(ctx, proven(client, same)), client.Push(ctx, properlyProven(client))}
			},
			refusedAgain)
		It("refuses a DPoP proof by another key than that of dpop_jkt", KeysAgree, func(ctx SpecContext) {
			Needs(client.Push(ctx, properlyProven(client)))
			other := flow.With(flow.DPoPKeyThumbprint, client.NewProofKey().Thumbprint()).As("with a DPoP proof and dpop_jkt of another key")
			// What is wrong with a pushed request may be found when the user comes (RFC 9126 section 2.1).
			Expect(client.Login(ctx, proven(client, other))).To(BeRefused())
			own := flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()+"=").As("with a DPoP proof and dpop_jkt of its key, padded")
			if answer := client.Push(ctx, proven(client, own)); Accepts(answer) {
				Note("a dpop_jkt with padding is taken for the thumbprint that it spells")
			}
			Needs(client.Push(ctx, properlyProven(client)))
		})
	})
}

// rerouted is a request whose header fields say that it is another one, and a proof that fits what they say: wrong is the proof alone.
type rerouted struct{ request, wrong flow.Deviation }

// forwardedElsewhere is a proof for another host, which the header fields of a proxy name too. Those that go by the Host header field are judged where it may get lost.
func forwardedElsewhere() rerouted {
	for _, lost := range atNamedHost() {
		if !lost.says {
			return rerouted{request: lost.Deviation, wrong: flow.ProofFor("with a DPoP proof for another host", atForeignHost)}
		}
	}
	panic("there is one")
}

// byNamedMethod is a proof for another method, which X-HTTP-Method-Override names too.
func byNamedMethod() rerouted {
	const other = http.MethodPut
	overriding, wrong := flow.Overriding(other), flow.With(flow.ProofClaim("htm"), other)
	return rerouted{request: flow.All(wrong.String()+", and "+overriding.String(), wrong, overriding), wrong: wrong}
}

// asker makes one request of a kind with a deviation of its proof.
type asker func(flow.Deviation) *flow.Outcome

// askers are the ways to ask for a token: with a refresh token, for the client itself, and with a code of its own for each try.
func askers(ctx SpecContext, client *flow.Client) (all []asker) {
	if client.Target().Offered(string(requirement.RefreshToken)) && Needs(client.Grant(ctx)).RefreshToken() != "" {
		all = append(all, asker(func(odd flow.Deviation) *flow.Outcome { return Refreshed(ctx, client, odd) }))
	}
	for _, grant := range everywhere.AnnouncedForItself(client) {
		if Accepts(client.ForItself(ctx, grant)) {
			all = append(all, asker(func(odd flow.Deviation) *flow.Outcome { return client.ForItself(ctx, grant, odd) }))
		}
	}
	return append(all, func(odd flow.Deviation) *flow.Outcome {
		landed := Needs(client.Login(ctx))
		answer := client.Exchange(ctx, landed, odd)
		if !Accepts(answer) {
			if proper := client.Exchange(ctx, landed); Accepts(proper) {
				client.LeaveOver(landed, proper)
			}
		}
		return answer
	})
}

// refusesRerouted wants such a request not to be accepted. It may get lost on the way, which is no answer; and who takes the proof without those fields is judged for that.
func refusesRerouted(r rerouted, all ...asker) {
	GinkgoHelper()
	for _, way := range all {
		if answer := way(r.request); Accepts(answer) && !Accepts(way(r.wrong)) {
			Expect(answer).To(BeRefused())
		}
	}
}

func atToken(client *flow.Client) place {
	return place{method: http.MethodPost, address: client.Endpoint("token_endpoint"), token: true}
}

func atPushed(client *flow.Client) place {
	return place{method: http.MethodPost, address: client.Endpoint("pushed_authorization_request_endpoint")}
}

// doubts warns of what is doubtful, and taken.
func (f fault) doubts(client *flow.Client, try func(odd flow.Deviation) *flow.Outcome) {
	if f.doubtful == nil {
		return
	}
	for _, odd := range f.doubtful(client) {
		if Accepts(try(odd)) {
			Warn("a DPoP proof is taken %s, which is no value that it may have", odd)
		}
	}
}

// getsLost wants that not accepted which may get lost on the way.
func (f fault) getsLost(try func(lost flow.Deviation) *flow.Outcome) {
	if f.misrouted == nil {
		return
	}
	for _, lost := range f.misrouted() {
		switch answer := try(lost.Deviation); {
		case !Accepts(answer):
		case lost.says:
			Warn("a request %s is accepted: the proof fits what the request says, which the server goes by instead of by its own name, and so a proof for somebody else's server is good here", lost)
		default:
			Expect(answer).To(BeRefused())
		}
	}
}

// wrongInAnyWay are all the faults of a proof. FAPI2-SP-5.3.2.1-13 has the clock, but for what is old.
func wrongInAnyWay(client *flow.Client, at place) []flow.Deviation {
	var all []flow.Deviation
	for _, fault := range faults() {
		if fault.atAS != ProofAge {
			all = append(all, fault.attempts(client, at)...)
		}
	}
	return append(all, ofAnotherHour(client, at)[0])
}

// wrongWithPushed are the faults of proofs that come with a pushed request.
func wrongWithPushed(client *flow.Client) []flow.Deviation {
	var all []flow.Deviation
	for _, fault := range faults() {
		if fault.atAS != OneField && fault.atAS != OneJWT {
			all = append(all, fault.attempts(client, atPushed(client))...)
		}
	}
	return append(all, flow.With(flow.ProofClaim("htu"), client.Endpoint("token_endpoint")).As("with the URL of the token endpoint as htu in the DPoP proof"))
}

// notOneProof are those where there is no proof, or more than one. An empty one is as good as none, which is no fault there.
func notOneProof(client *flow.Client) []flow.Deviation {
	var all []flow.Deviation
	for _, fault := range faults() {
		if fault.atAS == OneField || fault.atAS == OneJWT {
			all = append(all, fault.attempts(client, atPushed(client))...)
		}
	}
	return slices.DeleteFunc(all, func(d flow.Deviation) bool { return strings.Contains(d.String(), "empty") })
}

// refusesToken tries deviations where a token is asked for: with a refresh token, which takes no login and outlives refusals. Without one a code has to do.
func refusesToken(ctx SpecContext, client *flow.Client, deviations ...flow.Deviation) []*flow.Outcome {
	if !client.Target().Offered(string(requirement.RefreshToken)) {
		return RefusesToRedeem(ctx, client, deviations...)
	}
	everywhere.NeedsRefresh(ctx, client)
	return RefusesToRefresh(ctx, client, deviations...)
}

// asksForToken asks for a token with a request of which the deviation is the point, beside a proper one that has to be accepted.
func asksForToken(ctx SpecContext, client *flow.Client, deviation flow.Deviation) *flow.Outcome {
	if !client.Target().Offered(string(requirement.RefreshToken)) {
		Needs(client.Grant(ctx))
		return client.Exchange(ctx, Needs(client.Login(ctx)), deviation)
	}
	everywhere.NeedsRefresh(ctx, client)
	return Refreshed(ctx, client, deviation)
}

// refusesWithCode tries all on one code, and redeems that in the end. What is accepted with a refresh token as well is judged there, by its own clause, and is no
// more than noted. A target may use the code up; then a few of them, which stand for the others, get a code each.
func refusesWithCode(ctx SpecContext, client *flow.Client, deviations []flow.Deviation) {
	landed := Needs(client.Login(ctx))
	var tries []*flow.Outcome
	for i, deviation := range deviations {
		KeepKnown(ctx, client, i)
		try := client.Exchange(ctx, landed, deviation)
		if !Accepts(try) {
			tries = append(tries, try)
			continue
		}
		if !Accepts(Refreshed(ctx, client, deviation)) {
			Expect(try).To(BeRefused())
		}
		Note("a DPoP proof is taken %s, with a refresh token too: that is judged there", deviation)
		landed = Needs(client.Login(ctx))
	}
	if proper := client.Exchange(ctx, landed); Accepts(proper) {
		Needs(proper)
		for _, try := range tries {
			Expect(try).To(BeRefused())
		}
		client.LeaveOver(landed, proper)
		return
	}
	Note("a code is used up by a request that is refused: only a few faults of proofs were tried with a code each")
	for _, fault := range faults() {
		if slices.Contains([]*requirement.Requirement{ProofSignature, Address, ProofType}, fault.atAS) {
			Expect(client.Exchange(ctx, Needs(client.Login(ctx)), fault.attempts(client, atToken(client))[0])).To(BeRefused())
		}
	}
	Needs(client.Exchange(ctx, Needs(client.Login(ctx))))
}

// properlyProven is a pushed request with a DPoP proof.
func properlyProven(client *flow.Client) flow.Deviation {
	return withProof(client, "with a DPoP proof")
}

// replay is a proof that was taken, and what it was taken with.
type replay struct {
	proof flow.Deviation
	grant *flow.Outcome
}

// refusedAgain wants the first of two requests refused, which has a proof that was taken before; the second one has a fresh proof.
// ownReplay is a proof that was taken where a client asks for itself, with the grant by which it did.
type ownReplay struct {
	proof flow.Deviation
	grant string
}

func refusedAgain(_ SpecContext, answers [2]*flow.Outcome) {
	again, proper := answers[0], answers[1]
	if decision, because := Decide(proper); !Accepts(again) && decision == wire.Refused {
		NotApplicable("a fresh proof is refused as well at that time: %s", because)
	}
	if !Accepts(again) {
		Needs(proper)
	}
	Expect(again).To(BeRefused())
}

// oddlyNamed are proofs with a jti that some may take for none, or may not be able to keep; each of them is one and the same, sent more than once. None has
// to be taken.
func oddlyNamed() []flow.Deviation {
	var all []flow.Deviation
	for _, odd := range []struct {
		words string
		id    any
	}{{"an empty jti", ""}, {"a number as jti", time.Now().UnixNano() % 1e9}, {"a jti of 3000 characters", flow.Alphabetical(3000)}} {
		all = append(all, flow.All("with "+odd.words+" in one DPoP proof for several requests", flow.With(flow.ProofClaim("jti"), odd.id), oneProof()))
	}
	return all
}

// oneProof has every request with it carry one and the same proof: the one that was made for the first.
func oneProof() flow.Deviation {
	var mu sync.Mutex
	kept := ""
	return flow.ProofMade("with one DPoP proof for several requests", func(compact string) string {
		mu.Lock()
		defer mu.Unlock()
		if kept == "" {
			kept = compact
		}
		return kept
	})
}

// takenOnceAtOnce makes a request ten times at one moment with one DPoP proof, which may be taken once. A server that has meanwhile gone on to another nonce
// takes none of them, and is asked once more.
func takenOnceAtOnce(request func(proof flow.Deviation) *flow.Outcome) {
	const times = 10
	taken, wantsNonce := 0, false
	for range 2 {
		same, answers := oneProof(), make([]*flow.Outcome, times)
		var away sync.WaitGroup
		for i := range answers {
			away.Go(func() { answers[i] = request(same) })
		}
		away.Wait()
		wantsNonce = false
		for _, answer := range answers {
			if Accepts(answer) {
				taken++
			}
			wantsNonce = wantsNonce || answer.DemandsNonce()
		}
		if taken > 0 || !wantsNonce {
			break
		}
	}
	switch taken {
	case 1:
	case 0:
		Unknown("none of %d requests with one good DPoP proof was taken", times)
	default:
		Broken("%d of %d requests at one moment with one DPoP proof were taken", taken, times)
	}
}

// taken is a proof that was accepted once. Where the server had meanwhile gone on to another nonce, it is one with that.
func taken(use func(flow.Deviation) *flow.Outcome) (flow.Deviation, *flow.Outcome) {
	same := oneProof()
	answer := use(same)
	if answer.DemandsNonce() {
		same = oneProof()
		answer = use(same)
	}
	return same, Needs(answer)
}
