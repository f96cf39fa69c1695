package expect

import (
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// Excuse says why an answer that looks like an acceptance breaks nothing; empty: it does.
type Excuse func(*flow.Outcome) string

func noExcuse(*flow.Outcome) string { return "" }

// RefusesToRedeem tries each deviation on one code and then redeems that code properly, so that one consent proves them all and
// nothing else can be the reason of a refusal. A try may legally use the code up; then each deviation gets a code of its own,
// beside a sibling code that is redeemed properly. It returns what the deviations were answered.
func RefusesToRedeem(ctx ginkgo.SpecContext, client *flow.Client, deviations ...flow.Deviation) []*flow.Outcome {
	tries := redemption(ctx, client)
	return tries.refuses(noExcuse, tries.deviating(deviations))
}

// Use uses a code or a refresh token as it must not be used: as somebody else, or not quite that one.
type Use func(thing *flow.Outcome) *flow.Outcome

// RefusesUsesOfCode is RefusesToRedeem for what is no deviation of the client's own request.
func RefusesUsesOfCode(ctx ginkgo.SpecContext, client *flow.Client, uses ...Use) []*flow.Outcome {
	return redemption(ctx, client).refuses(noExcuse, uses)
}

// RefusesUsesOfCodeFrom is RefusesUsesOfCode with codes that are had in a particular way.
func RefusesUsesOfCodeFrom(ctx ginkgo.SpecContext, client *flow.Client, login func() *flow.Outcome, uses ...Use) []*flow.Outcome {
	return redemptionFrom(ctx, client, login).refuses(noExcuse, uses)
}

// RefusesUsesOfRefreshTokenFrom is RefusesUsesOfRefreshToken with refresh tokens that are had in a particular way.
func RefusesUsesOfRefreshTokenFrom(ctx ginkgo.SpecContext, client *flow.Client, had RefreshesLike, uses ...Use) []*flow.Outcome {
	tries := renewal(ctx, client)
	tries.first, tries.fresh = had.First, had.Fresh
	return tries.refuses(noExcuse, uses)
}

// RefusesUsesOfRefreshToken is RefusesToRefresh for what is no deviation of the client's own request.
func RefusesUsesOfRefreshToken(ctx ginkgo.SpecContext, client *flow.Client, uses ...Use) []*flow.Outcome {
	return renewal(ctx, client).refuses(noExcuse, uses)
}

// RefusesToRedeemUnless is RefusesToRedeem, except that an acceptance with an excuse ends the spec with that as a note.
func RefusesToRedeemUnless(ctx ginkgo.SpecContext, client *flow.Client, excuse Excuse, deviations ...flow.Deviation) {
	tries := redemption(ctx, client)
	tries.refuses(excuse, tries.deviating(deviations))
}

// RefusesToRedeemFrom is RefusesToRedeem with codes that are had in a particular way.
func RefusesToRedeemFrom(ctx ginkgo.SpecContext, client *flow.Client, login func() *flow.Outcome, deviations ...flow.Deviation) {
	tries := redemptionFrom(ctx, client, login)
	tries.refuses(noExcuse, tries.deviating(deviations))
}

// RefusesToRedeemFromUnless is RefusesToRedeemFrom with excuses. It returns what came of a proper redemption; nil where an excuse ended the spec's
// interest in it.
func RefusesToRedeemFromUnless(ctx ginkgo.SpecContext, client *flow.Client, login func() *flow.Outcome, excuse Excuse, deviations ...flow.Deviation) (proper *flow.Outcome) {
	tries := redemptionFrom(ctx, client, login)
	tries.use = func(landed *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		answer := client.Exchange(ctx, landed, deviations...)
		if len(deviations) == 0 {
			proper = answer
		}
		return answer
	}
	tries.refuses(excuse, tries.deviating(deviations))
	return proper
}

// RefusesToRefreshUnless tries each deviation with a refresh token, and then uses that token properly. An acceptance with an excuse ends
// the spec with that as a note.
func RefusesToRefreshUnless(ctx ginkgo.SpecContext, client *flow.Client, excuse Excuse, deviations ...flow.Deviation) {
	tries := renewal(ctx, client)
	tries.refuses(excuse, tries.deviating(deviations))
}

// RefusesToRefresh is RefusesToRefreshUnless without excuses. It returns what the deviations were answered.
func RefusesToRefresh(ctx ginkgo.SpecContext, client *flow.Client, deviations ...flow.Deviation) []*flow.Outcome {
	tries := renewal(ctx, client)
	return tries.refuses(noExcuse, tries.deviating(deviations))
}

// Refreshed asks for new tokens with a request of which a deviation is the point, beside a proper one that has to be accepted.
func Refreshed(ctx ginkgo.SpecContext, client *flow.Client, deviation flow.Deviation) *flow.Outcome {
	grant, after := NeedsRefreshed(ctx, client)
	// Where the refresh token was replaced, the new one is the good one.
	return client.Refresh(ctx, flow.Newest(grant, after), deviation)
}

// NeedsRefreshed is a grant, and what a proper refresh made of it. A grant that experiments share may have been ended by one of them, or by a newer
// one: then another is had, and refreshed at once. Where that is refused as well the spec is Blocked.
func NeedsRefreshed(ctx ginkgo.SpecContext, client *flow.Client) (grant, after *flow.Outcome) {
	grant = Needs(client.ToRefresh(ctx))
	after = client.Refresh(ctx, grant)
	if decision, _ := Decide(after); decision == wire.Refused {
		client.Spoil(grant)
		grant = Needs(client.Obtain(ctx))
		after = client.Refresh(ctx, grant)
	}
	return grant, Needs(after)
}

// KeepKnown makes a proper request before every second deviation of a list after the first two: a server may lock a client that fails to authenticate five times in a
// row, and then refuses the rest for that alone; and another experiment may fail as often at the same time. Tried is how many deviations there were before.
func KeepKnown(ctx ginkgo.SpecContext, client *flow.Client, tried int) {
	if tried > 0 && tried%2 == 0 {
		Needs(client.Push(ctx))
	}
}

// trial is how deviations are tried on something of which a proper use proves that it was good: a code, a refresh token.
type trial struct {
	first  func() *flow.Outcome // what to try them on
	fresh  func() *flow.Outcome // another one, that nothing was tried on
	use    func(*flow.Outcome, ...flow.Deviation) *flow.Outcome
	spoilt func(*flow.Outcome)               // told where a proper use was refused after the tries
	leave  func(thing, proper *flow.Outcome) // takes what the proper use gave, of which the experiment has no more need
	// keepKnown comes before each deviation, with how many there were before.
	keepKnown func(int)
}

func redemption(ctx ginkgo.SpecContext, client *flow.Client) trial {
	login := func() *flow.Outcome { return client.Login(ctx) }
	return trial{
		first: login, fresh: login, spoilt: func(*flow.Outcome) {}, leave: client.LeaveOver,
		keepKnown: func(i int) { KeepKnown(ctx, client, i) },
		use: func(landed *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.Exchange(ctx, landed, deviations...)
		},
	}
}

// redemptionFrom is redemption with codes that are had in a particular way. What such a code gives is no grant that others could want.
func redemptionFrom(ctx ginkgo.SpecContext, client *flow.Client, login func() *flow.Outcome) trial {
	tries := redemption(ctx, client)
	tries.first, tries.fresh, tries.leave = login, login, func(_, _ *flow.Outcome) {}
	return tries
}

func renewal(ctx ginkgo.SpecContext, client *flow.Client) trial {
	return trial{
		first: func() *flow.Outcome { return client.ToRefresh(ctx) }, fresh: func() *flow.Outcome { return client.Obtain(ctx) }, spoilt: client.Spoil,
		leave:     func(_, _ *flow.Outcome) {},
		keepKnown: func(i int) { KeepKnown(ctx, client, i) },
		use: func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.Refresh(ctx, grant, deviations...)
		},
	}
}

// RefreshesLike are refresh tokens that are had in a particular way: one to try things on, and others on which nothing was tried.
type RefreshesLike struct{ First, Fresh func() *flow.Outcome }

// RefusesToRefreshFromUnless is RefusesToRefreshUnless with refresh tokens that are had in a particular way. It returns what came of the proper use; nil
// where an excuse ended the spec's interest in it.
func RefusesToRefreshFromUnless(ctx ginkgo.SpecContext, client *flow.Client, had RefreshesLike, excuse Excuse, deviations ...flow.Deviation) (proper *flow.Outcome) {
	tries := renewal(ctx, client)
	tries.first, tries.fresh = had.First, had.Fresh
	tries.use = func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		answer := client.Refresh(ctx, grant, deviations...)
		if len(deviations) == 0 {
			proper = answer
		}
		return answer
	}
	tries.refuses(excuse, tries.deviating(deviations))
	return proper
}

// deviating uses what the deviations are tried on with each of them.
func (t trial) deviating(deviations []flow.Deviation) []Use {
	var uses []Use
	for _, deviation := range deviations {
		uses = append(uses, func(thing *flow.Outcome) *flow.Outcome { return t.use(thing, deviation) })
	}
	return uses
}

// refuses makes the deviations first and the proper use last: had it been the other way round, what is used up by the proper use would be
// refused for that alone.
func (t trial) refuses(excuse Excuse, uses []Use) []*flow.Outcome {
	thing := Needs(t.first())
	var tries []*flow.Outcome
	for i, use := range uses {
		t.keepKnown(i)
		try := use(thing)
		tries = append(tries, try)
		decision, because := Decide(try)
		if decision != wire.Accepted {
			continue
		}
		if words := excuse(try); words != "" {
			Note("%s", words)
			return tries
		}
		enter(try, wire.RoleClaim, wire.Refused, decision, because)
		ginkgo.Fail("expected a refusal; the answer was: "+because, 2)
	}
	proper := t.use(thing)
	if decision, because := Decide(proper); decision == wire.Accepted {
		enter(proper, wire.RoleControl, wire.Accepted, decision, because)
		for _, try := range tries {
			gomega.ExpectWithOffset(2, try).To(BeRefused())
		}
		t.leave(thing, proper)
		return tries
	}
	t.spoilt(thing)
	tries = nil
	for _, use := range uses {
		Needs(t.use(Needs(t.fresh())))
		try := use(Needs(t.fresh()))
		tries = append(tries, try)
		if decision, _ := Decide(try); decision == wire.Accepted {
			if words := excuse(try); words != "" {
				Note("%s", words)
				return tries
			}
		}
		gomega.ExpectWithOffset(2, try).To(BeRefused())
	}
	return tries
}
