package everywhere

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// HadOtherwise is a way to have an access token other than as the first one of a grant with openid: who guards that one may have forgotten the others.
type HadOtherwise struct {
	What string // "a refreshed token"
	// OfUser says whether userinfo may serve it: it is about a person, and has openid.
	OfUser bool
	// Each carries an experiment out for every token that can be had in this way, by whose client it is, and as often as the experiment wants one. It ends a spec where there is none.
	Each func(ctx SpecContext, experiment func(client *flow.Client, another func() *flow.Outcome))
}

// TokensHadOtherwise are all those ways. A rule about access tokens goes through them with RefusesHadOtherwise. None of them takes a journey that is not shared.
func TokensHadOtherwise(client *flow.Client) []HadOtherwise {
	return []HadOtherwise{
		{"a refreshed token", true, func(ctx SpecContext, experiment func(*flow.Client, func() *flow.Outcome)) {
			NeedsRefresh(ctx, client)
			experiment(client, func() *flow.Outcome {
				_, fresh := NeedsRefreshed(ctx, client)
				return fresh
			})
		}},
		{"a token of the client's own", false, func(ctx SpecContext, experiment func(*flow.Client, func() *flow.Outcome)) {
			AsksForItself(ctx, client, AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				experiment(client, func() *flow.Outcome { return client.ForItself(ctx, grant) })
			})
		}},
		{"a token without openid", false, func(ctx SpecContext, experiment func(*flow.Client, func() *flow.Outcome)) {
			plain := PlainToken(ctx, client)
			experiment(client, func() *flow.Outcome { return plain })
		}},
		// Another client of the kind of this one may be on a list of exceptions.
		{"another client's token", true, func(ctx SpecContext, experiment func(*flow.Client, func() *flow.Outcome)) {
			if len(OthersOfItsKind(client)) == 0 {
				NotApplicable("the target file has no other client that authenticates and binds its tokens as client %s does", client.ID())
			}
			AsEach(client, func(other *flow.Client) {
				if other.ID() != client.ID() {
					experiment(other, func() *flow.Outcome {
						return NeedsService(ctx, other, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
							return other.Call(ctx, grant, deviations...)
						})
					})
				}
			})
		}},
	}
}

// PlainToken is a token without openid, which experiments share. It ends a spec where there is none.
func PlainToken(ctx SpecContext, client *flow.Client) *flow.Outcome {
	if !client.Target().OpenID() {
		NotApplicable("the scope of the target file does not ask for openid, so that no other request does")
	}
	scope := PlainScope(client)
	if scope == "" {
		Unknown("the scope of the target file has nothing beside openid to ask for")
	}
	if shared := client.RefreshableOf(ctx, scope); Accepts(shared) && Accepts(client.Call(ctx, shared)) && !slices.Contains(shared.Scopes(), "openid") {
		return shared
	}
	landed := client.Login(ctx, PlainRequest(scope))
	if decision, because := Decide(landed); decision == wire.Refused {
		NotApplicable("requests without openid are refused: %s", because)
	}
	grant := Needs(client.Exchange(ctx, Needs(landed)))
	if slices.Contains(grant.Scopes(), "openid") {
		NotApplicable("the target grants openid although it was not asked for it")
	}
	return grant
}

// RefusesHadOtherwise makes each try with a token that was had in a way, and was just good at the place: a server may withdraw one that was misused. What is accepted with an excuse
// ends the spec: something else is at fault. It ends the spec, too, where no such token is good there.
func RefusesHadOtherwise(
	ctx SpecContext, had HadOtherwise, at func(*flow.Client) Served, excuse func(client *flow.Client, token *flow.Outcome) string, tries func(*flow.Client) []flow.Deviation,
) {
	GinkgoHelper()
	tried := false
	had.Each(ctx, func(client *flow.Client, another func() *flow.Outcome) {
		place := at(client)
		for _, try := range tries(client) {
			token := another()
			if !Accepts(token) || !Accepts(place(token)) {
				continue // it need not be good here
			}
			tried = true
			answer := place(token, try.As("with "+had.What+", "+try.String()))
			if Accepts(answer) {
				if words := excuse(client, token); words != "" {
					Unknown("%s", words)
				}
			}
			Expect(answer).To(BeRefused())
		}
	})
	if !tried {
		NotApplicable("no such token is good here")
	}
}
