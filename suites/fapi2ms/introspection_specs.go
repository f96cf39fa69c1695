package fapi2ms

import (
	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
)

// The clauses about introspection.
var (
	IntrospectionSigned = Document.Clause("5.5.1-1")
	ClientsApart        = Document.Clause("6.2-p1")
)

func introspectionSpecs(client *flow.Client) {
	Describe("the introspection endpoint", func() {
		It("answers with a JWT where that is asked for", IntrospectionSigned, func(ctx SpecContext) {
			eachAnswer(ctx, client, func(*flow.Client, string, everywhere.Told) {})
		})
		It("signs that JWT by a key of its key set", IntrospectionSigned, func(ctx SpecContext) {
			keys := everywhere.KeySet(ctx, client, func(words string) {
				Unknown("jwks_uri leads to no key set, and so the signature can't be checked: %s", words)
			})
			eachAnswer(ctx, client, func(_ *flow.Client, what string, told everywhere.Told) {
				if told.Unsigned() {
					NotApplicable("it is not signed by anybody, which is judged at %s", introspectionjwt.Algorithm.ID)
				}
				everywhere.HeldByKeySet(keys, told.Compact, "where "+what)
			})
		})
		It("answers with a JWT where that is asked for in other spellings", IntrospectionSigned, func(ctx SpecContext) {
			grant := needsJWT(ctx, client)
			for _, deviation := range []flow.Deviation{
				flow.With(flow.Accept, flow.IntrospectionJWT+", application/json;q=0.5"),
				flow.With(flow.Accept, "application/json;q=0.5, "+flow.IntrospectionJWT),
				flow.With(flow.Accept, "Application/Token-Introspection+JWT"),
			} {
				answer := client.IntrospectSigned(ctx, grant, deviation)
				switch decision, because := Decide(answer); decision {
				case wire.Accepted:
				case wire.Refused:
					// Who does not know quality values has not understood what was asked for.
					Note("%s is refused: %s", deviation, because)
					continue
				case wire.Undecided, wire.Confused:
					LeaveUndecided(answer.Exchange, because)
					Unknown("introspection %s was neither answered nor refused: %s", deviation, because)
				}
				if _, isJWT := everywhere.ToldIn(client, answer); !isJWT {
					Warn("introspection %s is answered with no JWT, which that likes best (RFC 9110 section 12.5.1)", deviation)
				}
			}
			answer := client.IntrospectSigned(ctx, grant, flow.With(flow.Accept, "*/*"))
			if _, isJWT := everywhere.ToldIn(client, answer); isJWT {
				Note("who takes any form is answered with a JWT")
			}
		})
		It("tells a client nothing of a token that is another one's", ClientsApart, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Introspection)
			grant := needsActive(ctx, client)
			for _, guest := range everywhere.Guests(client) {
				by := flow.Words("by client " + guest.ID())
				asked := []*flow.Outcome{guest.Introspect(ctx, grant, by)}
				if grant.RefreshToken() != "" {
					asked = append(asked, guest.IntrospectRefreshToken(ctx, grant, by))
				}
				if client.Target().Offered("introspection_jwt") {
					asked = append(asked, guest.IntrospectSigned(ctx, grant, by))
					if grant.RefreshToken() != "" {
						asked = append(asked, guest.IntrospectRefreshTokenSigned(ctx, grant, by))
					}
				}
				for _, answer := range asked {
					tellsNobody(answer, client, guest)
				}
			}
			needsActive(ctx, client)
		})
	})
}

// tellsNobody wants the answer to another client not to be about the token.
func tellsNobody(answer *flow.Outcome, owner, asker *flow.Client) {
	decision, because := Decide(answer)
	if decision == wire.Undecided || decision == wire.Confused {
		LeaveUndecided(answer.Exchange, because)
		Unknown("introspection by client %s was neither answered nor refused: %s", asker.ID(), because)
	}
	if decision == wire.Refused {
		return
	}
	members := answer.Members()
	if told, isJWT := everywhere.ToldIn(asker, answer); isJWT {
		members = told.Inside()
	}
	if members["active"] == true {
		Broken("client %s, which is no resource server, is told about a token of client %s: %s", asker.ID(), owner.ID(), everywhere.BesidesActive(members))
	}
}

// needsActive is a grant that experiments share, of whose token its own client was just told that it is good, in JSON or in a JWT.
func needsActive(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	if why := everywhere.IntrospectionDenied(ctx, client, grant, answer); why != "" {
		// Its own tokens are kept from it: what others are told shows all the same.
		Note("client %s may introspect nothing: %s", client.ID(), why)
		return grant
	}
	Needs(answer)
	return grant
}

// needsJWT is a grant of whose token the client was just told in a JWT. It ends a spec where none came.
func needsJWT(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, answer, why := everywhere.Asked(ctx, client)
	if why != "" {
		mayNotAsk(why)
	}
	if _, isJWT := everywhere.ToldIn(client, everywhere.WasAnswered(answer)); !isJWT {
		NotApplicable("no JWT comes where that alone is asked for")
	}
	return grant
}

// eachAnswer looks at the JWTs about a token that is good, about one that is none and about a refresh token, to each client that may ask. One that is not there
// breaks the clause.
func eachAnswer(ctx SpecContext, client *flow.Client, look func(client *flow.Client, what string, told everywhere.Told)) {
	everywhere.AsEachAsking(ctx, client, mayNotAsk, func(client *flow.Client, grant, answer *flow.Outcome) {
		look(client, good, needsTold(client, answer, good))
		const none = "the token was never issued"
		look(client, none, needsTold(client, client.IntrospectSigned(ctx, grant, everywhere.NeverIssued(grant)[0]), none))
		if grant.RefreshToken() != "" {
			const refresh = "the token is a refresh token"
			look(client, refresh, needsTold(client, client.IntrospectRefreshTokenSigned(ctx, grant), refresh))
		}
	})
}

const good = "the token is good"

// mayNotAsk ends a spec where the target does not let the client introspect. Signed introspection is claimed, and what nobody may do nobody has seen.
func mayNotAsk(why string) {
	LeaveToAttestation("introspection for a JWT was refused to a client that is known (%s): if it is for resource servers here, attest how they are answered, take introspection_jwt out of offers, or let the client introspect", why)
}

// needsTold is what an answer says in its JWT, which has to be there.
func needsTold(client *flow.Client, answer *flow.Outcome, what string) everywhere.Told {
	told, isJWT := everywhere.ToldIn(client, everywhere.WasAnswered(answer))
	if !isJWT {
		Broken("what comes is no JWT where %s, but %q", what, wire.Printable(answer.Header.Get("Content-Type")))
	}
	return told
}
