package openid

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func assertionSpecs(client *flow.Client) {
	everywhere.Refused(client, "a client assertion without an identifier (jti)", AssertionHasID, func(_ *flow.Client, endpoint string) []flow.Deviation {
		wrong := []flow.Deviation{flow.Without(flow.AssertionClaim("jti"))}
		if endpoint != "token_endpoint" { // where each may cost a login
			wrong = append(wrong, flow.AssertionWritten("with an empty jti in the client assertion", withEmptyID))
		}
		return wrong
	})

	Describe("a client assertion that was taken before", func() {
		It("is refused at the pushed authorization request endpoint", AssertionOnce, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				taken := &assertion{}
				Needs(client.Push(ctx, taken.kept()))
				Expect(client.Push(ctx, taken.again("a second time"))).To(BeRefused())
				Needs(client.Push(ctx))
			})
		})
		It("is refused at the token endpoint with a refresh token", AssertionOnce, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			taken := &assertion{}
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			grant = flow.Newest(grant, Needs(client.Refresh(ctx, grant, taken.kept())))
			Expect(client.Refresh(ctx, grant, taken.again("a second time"))).To(BeRefused())
			Needs(client.Refresh(ctx, grant))
		})
		It("is refused at the token endpoint where the client asks for itself", AssertionOnce, func(ctx SpecContext) {
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				taken := &assertion{}
				Needs(client.ForItself(ctx, grant, taken.kept()))
				Expect(client.ForItself(ctx, grant, taken.again("a second time"))).To(BeRefused())
				Needs(client.ForItself(ctx, grant))
			})
		})
		It("is refused at the introspection endpoint", AssertionOnce, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Introspection)
			taken := &assertion{}
			grant := everywhere.NeedsIntrospection(ctx, client)
			Needs(client.Introspect(ctx, grant, taken.kept()))
			Expect(client.Introspect(ctx, grant, taken.again("a second time"))).To(BeRefused())
			Needs(client.Introspect(ctx, grant))
			if client.Target().Offered("introspection_jwt") {
				taken := &assertion{}
				Needs(client.IntrospectSigned(ctx, grant, taken.kept()))
				Expect(client.IntrospectSigned(ctx, grant, taken.again("a second time"))).To(BeRefused())
				Needs(client.IntrospectSigned(ctx, grant))
			}
		})
		It("is refused at the revocation endpoint", AssertionOnce, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Revocation)
			taken, grant, unknown := &assertion{}, Needs(client.Grant(ctx)), aboutNothing()
			first := client.Revoke(ctx, grant, unknown, taken.kept())
			if !Accepts(first) {
				NotApplicable("the revocation of a token that nobody has issued is not answered with success here (RFC 7009 section 2.2 has 200)")
			}
			Expect(client.Revoke(ctx, grant, unknown, taken.again("a second time"))).To(BeRefused())
			Needs(client.Revoke(ctx, grant, unknown))
		})
		It("is refused at the token endpoint with a code, taken where the request was pushed", AssertionOnce, func(ctx SpecContext) {
			everywhere.NeedsPAR(client)
			taken := &assertion{}
			Needs(client.Push(ctx, taken.kept()))
			RefusesToRedeem(ctx, client, taken.again("that was taken at another endpoint"))
		})
		It("is refused elsewhere, taken where the request was pushed", AssertionOnce, func(ctx SpecContext) {
			everywhere.NeedsPAR(client)
			elsewhere := takenElsewhere(ctx, client, requirement.RefreshToken, requirement.Introspection, requirement.Revocation)
			if len(elsewhere) == 0 {
				NotApplicable("the target file claims neither refresh_token nor introspection nor revocation")
			}
			for _, place := range elsewhere {
				taken := &assertion{}
				Needs(client.Push(ctx, taken.kept()))
				answer := place.ask(taken.again("that was taken at the pushed authorization request endpoint"))
				if Accepts(answer) {
					Warn("a client assertion that was taken at the pushed authorization request endpoint is taken at %s as well", place.name)
					continue
				}
				Expect(answer).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
	})

	// Whoever has the token endpoint ask for what the others have taken may not have them ask for what it has taken.
	It("a client assertion that was taken at the token endpoint is refused elsewhere", AssertionOnce, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		places := append([]elsewhere{{"the pushed authorization request endpoint", func(again flow.Deviation) *flow.Outcome { return client.Push(ctx, again) }}},
			takenElsewhere(ctx, client, requirement.Introspection, requirement.Revocation)...)
		taken := takenForTokens(ctx, client)
		for _, place := range places {
			answer := place.ask(taken.again("at the token endpoint"))
			if Accepts(answer) {
				Warn("a client assertion that was taken at the token endpoint is taken at %s as well", place.name)
				continue
			}
			Expect(answer).To(BeRefused())
		}
		Needs(client.Push(ctx))
	})

	It("of four requests at the same moment with one client assertion no more than one is taken", AssertionOnce, func(ctx SpecContext) {
		everywhere.NeedsPAR(client)
		Needs(client.Push(ctx))
		takenOnceAtOnce(func(one flow.Deviation) *flow.Outcome { return client.Push(ctx, one) })
		Needs(client.Push(ctx))
	})
	It("of four requests for tokens at the same moment with one client assertion no more than one is taken", AssertionOnce, func(ctx SpecContext) {
		everywhere.NeedsRefresh(ctx, client)
		grant := flow.Newest(NeedsRefreshed(ctx, client))
		takenOnceAtOnce(func(one flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, one) })
		NeedsRefreshed(ctx, client) // where refresh tokens are replaced the race may have ended that one
	})

	// Whoever forgets what was taken before it expires takes it again. 50 seconds are not too many for servers that refuse what lives for a minute, and a minute
	// is what is kept by many that take more.
	for _, late := range []struct{ age, lives time.Duration }{{10 * time.Second, 58 * time.Second}, {50 * time.Second, 58 * time.Second}, {65 * time.Second, 90 * time.Second}} {
		var longer []flow.Deviation
		if late.lives > 0 {
			longer = append(longer, flow.With(flow.AssertionClaim("exp"), flow.Ahead(late.lives)).As(""))
		}
		Aged(late.age, fmt.Sprintf("a client assertion is refused %.0f seconds after it was taken", late.age.Seconds()), AssertionOnce,
			func(ctx SpecContext) *assertion {
				taken := &assertion{}
				first := client.Push(ctx, append(longer, taken.kept())...)
				if late.lives > 0 && !Accepts(first) {
					Needs(client.Push(ctx))
					NotApplicable("the target takes no client assertion that lives for %s", late.lives)
				}
				Needs(first)
				return taken
			},
			func(ctx context.Context, taken *assertion) *flow.Outcome {
				return client.Push(ctx, taken.again(fmt.Sprintf("%.0f seconds after it was taken", late.age.Seconds())))
			},
			func(ctx SpecContext, again *flow.Outcome) {
				Expect(again).To(BeRefused())
				Needs(client.Push(ctx))
			})
	}
}

// takenOnceAtOnce makes a request four times at the same moment with one client assertion, of which one may be taken.
func takenOnceAtOnce(request func(one flow.Deviation) *flow.Outcome) {
	const racers = 4 // more that fail, and a server may lock the client
	one := &assertion{}
	outcomes := make([]*flow.Outcome, racers)
	var away sync.WaitGroup
	for i := range racers {
		away.Go(func() { outcomes[i] = request(one.shared()) })
	}
	away.Wait()
	taken := 0
	for _, outcome := range outcomes {
		decision, because := Decide(outcome)
		switch decision {
		case wire.Accepted:
			taken++
		case wire.Refused:
		case wire.Undecided, wire.Confused:
			Note("one of the requests was neither accepted nor refused: %s", because)
		}
	}
	switch {
	case taken > 1:
		Broken("%d of %d requests at the same moment with one client assertion were taken", taken, racers)
	case taken == 0:
		Unknown("none of the requests at the same moment was taken")
	}
}

// withEmptyID has the claims of a client assertion say nothing in the place of jti.
func withEmptyID(claims []byte) []byte {
	var members map[string]any
	if json.Unmarshal(claims, &members) != nil {
		return claims
	}
	members["jti"] = ""
	edited, err := json.Marshal(members)
	if err != nil {
		return claims
	}
	return edited
}

// assertion is the text of a client assertion that is sent more than once.
type assertion struct {
	once sync.Once
	text string
}

// kept sends an assertion as it is, and keeps it. It is no deviation.
func (a *assertion) kept() flow.Deviation {
	return flow.AssertionMade("", func(compact string) string {
		a.text = compact
		return compact
	})
}

// again sends what was kept.
func (a *assertion) again(when string) flow.Deviation {
	return flow.AssertionMade("with a client assertion that was taken before, "+when, func(string) string { return a.text })
}

// shared has all that send it send the same, the one that was made first.
func (a *assertion) shared() flow.Deviation {
	return flow.AssertionMade("with one client assertion for four requests at the same moment", func(compact string) string {
		a.once.Do(func() { a.text = compact })
		return a.text
	})
}

// takenForTokens is an assertion that the token endpoint has just taken: with a refresh token or where the client asks for itself, and only where neither
// is to be had with a code, which takes a login.
func takenForTokens(ctx SpecContext, client *flow.Client) *assertion {
	taken := &assertion{}
	if client.Target().Offered(string(requirement.RefreshToken)) {
		Needs(client.Refresh(ctx, flow.Newest(NeedsRefreshed(ctx, client)), taken.kept()))
		return taken
	}
	for _, grant := range everywhere.AnnouncedForItself(client) {
		if Accepts(client.ForItself(ctx, grant)) {
			Needs(client.ForItself(ctx, grant, taken.kept()))
			return taken
		}
	}
	Needs(client.Exchange(ctx, Needs(client.Login(ctx)), taken.kept()))
	return taken
}

// elsewhere is an endpoint at which clients authenticate, and a request there that does no harm.
type elsewhere struct {
	name string
	ask  func(flow.Deviation) *flow.Outcome
}

// takenElsewhere are those that come with the features, as far as they are offered.
func takenElsewhere(ctx SpecContext, client *flow.Client, features ...requirement.Condition) []elsewhere {
	var all []elsewhere
	offered := func(feature requirement.Condition) bool {
		return slices.Contains(features, feature) && client.Target().Offered(string(feature))
	}
	if offered(requirement.RefreshToken) {
		grant := flow.Newest(NeedsRefreshed(ctx, client))
		all = append(all, elsewhere{"the token endpoint", func(again flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, again) }})
	}
	if offered(requirement.Introspection) {
		grant := everywhere.NeedsIntrospection(ctx, client)
		all = append(all, elsewhere{"the introspection endpoint", func(again flow.Deviation) *flow.Outcome { return client.Introspect(ctx, grant, again) }})
	}
	if grant, unknown := Needs(client.Grant(ctx)), aboutNothing(); offered(requirement.Revocation) && Accepts(client.Revoke(ctx, grant, unknown)) {
		all = append(all, elsewhere{"the revocation endpoint", func(again flow.Deviation) *flow.Outcome { return client.Revoke(ctx, grant, unknown, again) }})
	}
	return all
}

// aboutNothing has a request be about a token that nobody has issued, so that nobody's token comes to harm.
func aboutNothing() flow.Deviation {
	return flow.With(flow.Parameter("token"), jose.Random(32)).As("about a token that nobody has issued")
}
