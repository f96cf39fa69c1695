package fapi2sp

import (
	"context"
	"fmt"
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func codeSpecs(client *flow.Client) {
	Describe("an authorization code", func() {
		Control("is redeemed when it is fresh", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		Aged(62*time.Second, "is refused when it is 62 seconds old", CodeLifetime,
			func(ctx SpecContext) *ageing { return newAgeing(ctx, client) },
			func(ctx context.Context, codes *ageing) []*flow.Outcome {
				const words = "62 seconds after the code was issued"
				late := []*flow.Outcome{client.Exchange(ctx, codes.landed, flow.Words(words))}
				for _, other := range codes.others {
					late = append(late, other.client.Exchange(ctx, other.landed, flow.Words(words+", "+other.says)))
				}
				return late
			},
			func(ctx SpecContext, late []*flow.Outcome) {
				for _, redeemed := range late {
					Expect(redeemed).To(BeRefused())
				}
				if !client.NewestCodeOnly(ctx) {
					return
				}
				// Others have logged in meanwhile, and that alone has ended the code. Now nobody does.
				landed := Needs(client.Login(ctx))
				if client.Wait(ctx, 62*time.Second, CodeLifetime.ID) != nil {
					Unknown("interrupted while waiting")
				}
				Expect(client.Exchange(ctx, landed, flow.Words("62 seconds after the code was issued, and no other since"))).To(BeRefused())
			})

		It("is refused at once after it was redeemed", CodeOnce, func(ctx SpecContext) {
			landed := Needs(client.Login(ctx))
			Needs(client.Exchange(ctx, landed))
			Expect(client.Exchange(ctx, landed, flow.Words("a second time"))).To(BeRefused())
			// Where the endpoint is at two hosts each may remember its own. What comes of it there without the certificate that the client should show, or
			// with another one, may be no answer at all: only to give tokens is wrong.
			for _, elsewhere := range atTheOtherHost(client) {
				if again := client.Exchange(ctx, landed, elsewhere); Accepts(again) {
					Expect(again).To(BeRefused())
				}
			}
			// Who decodes codes, trims them, or looks them up without regard to case may know one that was redeemed by its letters alone.
			for _, spelt := range []struct{ says, code string }{
				{"with an equals sign behind the code", landed.Code() + "="}, {"with a blank behind the code", landed.Code() + " "},
				{"with capital and small letters of the code exchanged", flow.InOtherCase(landed.Code())},
			} {
				if spelt.code == landed.Code() {
					continue // it has no letters
				}
				Expect(client.Exchange(ctx, landed, flow.With(flow.Parameter("code"), spelt.code).As("a second time, "+spelt.says))).To(BeRefused())
			}
			for _, other := range everywhere.InOtherWays(ctx, client) {
				landed := Needs(other.Login(ctx))
				Needs(other.Exchange(ctx, landed))
				Expect(other.Exchange(ctx, landed, flow.Words("a second time"))).To(BeRefused())
			}
		})
		It("is refused after it was redeemed, whatever came in between", CodeOnce, func(ctx SpecContext) {
			// Who puts a code back when a try fails may not look whether it was spent before; and who binds codes to a key may leave it at that.
			var asked []flow.Deviation
			if client.Self().Binding == target.DPoP {
				asked = append(asked, boundRequest(client))
			}
			landed := Needs(client.Login(ctx, asked...))
			Needs(client.Exchange(ctx, landed))
			Expect(client.Exchange(ctx, landed, flow.With(flow.CodeVerifier, jose.Random(32)))).To(BeRefused())
			Expect(client.Exchange(ctx, landed, flow.Words("a second time, after a try with another code_verifier"))).To(BeRefused())
			// Who asks the tokens whether their code was redeemed may find none where new ones have come for them.
			if client.Target().Offered(string(requirement.RefreshToken)) {
				landed = Needs(client.Login(ctx))
				if grant := Needs(client.Exchange(ctx, landed)); grant.RefreshToken() != "" && Accepts(client.Refresh(ctx, grant)) {
					Expect(client.Exchange(ctx, landed, flow.Words("a second time, after what it gave was refreshed"))).To(BeRefused())
				}
			}
			if !client.Target().Offered(string(requirement.Revocation)) {
				return
			}
			// Who knows of a redemption by the tokens that it gave knows nothing more when those are gone.
			landed = Needs(client.Login(ctx))
			grant := Needs(client.Exchange(ctx, landed))
			if !Accepts(client.Revoke(ctx, grant)) {
				return // judged elsewhere
			}
			Expect(client.Exchange(ctx, landed, flow.Words("a second time, after the token that it gave was revoked"))).To(BeRefused())
		})
		// A cache that forgets what was redeemed shows only later, and a replay may end what it finds: each moment has a code of its own. The
		// last one comes before a code may have died of its age.
		for _, ago := range []time.Duration{4 * time.Second, 8 * time.Second, 12 * time.Second, 30 * time.Second, 50 * time.Second} {
			Aged(ago, fmt.Sprintf("is refused %s after it was redeemed", seconds(ago)), CodeOnce,
				func(ctx SpecContext) *flow.Outcome {
					landed := Needs(client.Login(ctx))
					Needs(client.Exchange(ctx, landed))
					return landed
				},
				func(ctx context.Context, landed *flow.Outcome) *flow.Outcome {
					return client.Exchange(ctx, landed, flow.Words(fmt.Sprintf("a second time, %s after the first", seconds(ago))))
				},
				func(_ SpecContext, again *flow.Outcome) { Expect(again).To(BeRefused()) })
		}

		It("is redeemed only once by ten requests at the same moment", CodeOnceAtOnce, func(ctx SpecContext) {
			codes := racedCodes(client)
			// A race that a busy target spoils says nothing, and is made up for by another; one that keeps saying so ends the spec.
			for spoilt, raced := 0, 0; raced < codes; {
				if raceForOneCode(ctx, client, spoilt < codes) {
					raced++
				} else {
					spoilt++
				}
			}
			late := codes * (racers - 1)
			Note("%d redemptions at once of each of %d codes: a store that lets 2 in 100 of the redemptions through which come too late would have been seen with a probability of %.0f %%",
				racers, codes, 100*(1-math.Pow(0.98, float64(late))))
		})
	})
}

// ageing are codes that wait to become old: one of a usual request, and others for which a server may have another clock.
type ageing struct {
	landed *flow.Outcome
	others []ageingCode
}

type ageingCode struct {
	client *flow.Client
	landed *flow.Outcome
	says   string // what is another way with it
}

// newAgeing has a code of a usual request issued, one where openid is not asked for, to another client of the kind if there is one, one that is for the client's key alone, one that
// somebody has tried to redeem, and one to a client that binds its tokens otherwise, as far as they are to be had.
func newAgeing(ctx SpecContext, client *flow.Client) *ageing {
	codes := &ageing{landed: Needs(client.Login(ctx))}
	add := func(says string, client *flow.Client, landed *flow.Outcome) {
		if Accepts(landed) {
			codes.others = append(codes.others, ageingCode{client, landed, says})
		}
	}
	for _, other := range everywhere.InOtherWays(ctx, client) {
		add("had in another way, for client "+other.ID(), other.Client, other.Login(ctx))
	}
	if client.Self().Binding == target.DPoP {
		add("bound to the key of DPoP proofs", client, client.Login(ctx, boundRequest(client)))
	}
	tried := client.Login(ctx)
	if Accepts(tried) && !Accepts(client.Exchange(ctx, tried, flow.With(flow.CodeVerifier, jose.Random(32)))) {
		add("tried with another verifier before", client, tried)
	}
	self := client.Self()
	for _, other := range client.Target().Clients {
		if other.Auth != self.Auth || other.Binding == self.Binding {
			continue
		}
		if guest, err := client.Beside(other); err == nil {
			add("bound otherwise", guest, guest.Login(ctx))
		}
		break
	}
	return codes
}

// atTheOtherHost is what has a token request go to the other URL of the token endpoint, where it has two: as it is, and with another client's certificate
// where the client has none to show there.
func atTheOtherHost(client *flow.Client) []flow.Deviation {
	if client.HasAlias("token_endpoint") {
		return []flow.Deviation{flow.Words("a third time").AtPlainEndpoint()}
	}
	alias := client.Target().Metadata.Endpoint("token_endpoint", true)
	if alias == "" || alias == client.Endpoint("token_endpoint") {
		return nil
	}
	elsewhere := []flow.Deviation{flow.Words("a third time, at the endpoint's URL for clients with a certificate").AtCertificateEndpoint()}
	if other, ok := client.Another(); ok {
		elsewhere = append(elsewhere, flow.With(flow.Certificate, other).As("a third time, at the endpoint's URL for clients with a certificate, and over one of another client").AtCertificateEndpoint())
	}
	return elsewhere
}

// seconds is a duration in words.
func seconds(d time.Duration) string {
	if d == time.Second {
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", int(d/time.Second))
}

// racers is how many redeem a code at the same moment.
const racers = 10

// racedCodes is how many codes are raced for as one client. Every code costs a login, and all clients stand before the same store: together
// they race for 17 or more, which leaves a store that lets 2 in 100 of the late redemptions through a chance of 0.98^153, 5 in 100. Three
// each are the least, for stores that know one kind of client from another.
func racedCodes(client *flow.Client) int {
	const together, least = 17, 3
	clients := max(1, len(client.Target().Combinations()))
	return max(least, (together+clients-1)/clients)
}

// raceForOneCode ends the spec where more than one redemption succeeds, or where one was not answered. It returns false where that is
// forgiven, because the target said that it was busy.
func raceForOneCode(ctx SpecContext, client *flow.Client, forgiving bool) bool {
	successes := 0
	var void *flow.Outcome
	for _, outcome := range client.Race(ctx, Needs(client.Login(ctx)), racers) {
		switch decision, _ := Decide(outcome); decision {
		case wire.Accepted:
			successes++
		case wire.Refused:
		case wire.Undecided, wire.Confused:
			void = outcome
		}
	}
	switch {
	case successes > 1:
		// Two are too many, whatever became of the others.
		Broken("%d of ten redemptions of one code succeeded", successes)
	case void != nil && void.Exchange.Busy && forgiving:
		return false
	case void != nil:
		_, because := Decide(void)
		LeaveUndecided(void.Exchange, because)
		Unknown("one of the ten requests was neither accepted nor refused: %s", because)
	case successes == 0:
		Note("none of the ten requests succeeded")
	}
	return true
}
