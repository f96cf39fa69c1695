package bearer

import (
	"context"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

func bearerSpecs(client *flow.Client) {
	for _, at := range places(client) {
		Describe(at.name, func() { placeSpecs(client, at) })
	}
}

// place is somewhere that takes access tokens.
type place struct {
	name  string // as a report says it: "the resource"
	call  func(ctx context.Context, grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome
	needs func() // ends a spec where the target has no such place, or it is the other one
	posts bool   // has to serve requests by POST (OpenID Connect Core section 5.3.1)
}

func (p place) on(ctx SpecContext) Served {
	return func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		return p.call(ctx, grant, deviations...)
	}
}

func places(client *flow.Client) []place {
	return []place{
		{name: "the resource", call: client.Call, needs: func() {}},
		{name: "the userinfo endpoint", call: client.Userinfo, posts: true, needs: func() {
			switch {
			case client.Endpoint("userinfo_endpoint") == "":
				NotApplicable("the metadata name no userinfo_endpoint")
			case !client.Target().OpenID():
				NotApplicable("the scope of the target file has no openid, without which there is no userinfo")
			case client.ResourceIsUserinfo():
				NotApplicable("the resource of the target file is the userinfo endpoint, and is tried as that")
			}
		}},
	}
}

// without sends no token, and no proof for one, which would be half of the credentials.
func without(client *flow.Client) flow.Deviation {
	if client.Self().Binding == target.MTLS {
		return flow.Without(flow.AccessToken)
	}
	return flow.All("without access token and DPoP proof", flow.Without(flow.AccessToken), flow.Without(flow.Proof))
}

// garbage sends a token that nobody has issued.
func garbage(grant *flow.Outcome) flow.Deviation {
	return flow.With(flow.AccessToken, flow.Lookalike(grant.AccessToken())).As("with a random string of the token's form")
}

// refused is the answer to a request that is to be refused, as far as it is a refusal: whether it has to be one is judged elsewhere.
func refused(answer *flow.Outcome) *flow.Outcome {
	switch decision, because := Decide(answer); decision {
	case wire.Refused:
	case wire.Accepted:
		NotApplicable("the request is served (%s), which is judged by the profile", because)
	case wire.Undecided, wire.Confused:
		if answer.Err == nil && (answer.Status == http.StatusForbidden || answer.Status == http.StatusBadRequest) {
			return answer // it says nothing, which is the point here
		}
		LeaveUndecided(answer.Exchange, because)
		Unknown("the request was neither accepted nor refused: %s", because)
	}
	return answer
}

// hides says whether a refusal is one that does not admit that there is something to refuse (RFC 9110 section 15.5.5).
func hides(answer *flow.Outcome) bool { return answer.Status == http.StatusNotFound }

func placeSpecs(client *flow.Client, at place) {
	It("refuses a request that has the token in two places", TokenOnce, func(ctx SpecContext) {
		at.needs()
		RefusesToServe(ctx, client, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation {
			again := flow.With(flow.Parameter("access_token"), grant.AccessToken()).As("with the access token in the query as well as in the header")
			if !at.posts {
				return []flow.Deviation{again}
			}
			if decision, _ := Decide(at.call(ctx, grant, flow.ByPost())); decision != wire.Accepted {
				return []flow.Deviation{again}
			}
			return []flow.Deviation{
				again, flow.All(again.String()+", by POST", again, flow.ByPost()),
				flow.All("with the access token in the form as well as in the header, by POST", flow.ByPost(), flow.With(flow.TokenPlace, "header and body")),
			}
		})
	})
	It("takes the scheme Bearer in any case", SchemeInAnyCase, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		for _, scheme := range []string{"bEARER", "bearer", "BEARER"} {
			Expect(at.call(ctx, grant, flow.With(flow.TokenScheme, scheme))).To(BeAccepted())
		}
	})
	It("challenges who shows no token, or none that is good", Challenged, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		for _, wrong := range []flow.Deviation{without(client), garbage(grant)} {
			answer := refused(at.call(ctx, grant, wrong))
			challenged := len(flow.ParseChallenges(answer.Challenges())) > 0
			switch {
			case challenged || hides(answer):
			case answer.Status == http.StatusUnauthorized:
				Broken("a request %s is refused with 401 and %s that is a challenge", wrong, answer.ChallengeWords())
			default:
				Warn("a request %s is refused with %d and %s", wrong, answer.Status, answer.ChallengeWords())
			}
		}
		NeedsService(ctx, client, at.on(ctx))
	})
	It("names no error to who shows no token", NoErrorYet, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		answer := refused(at.call(ctx, grant, without(client)))
		if hides(answer) {
			NotApplicable("it hides what it does not show (404), as RFC 9110 section 15.5.5 lets it")
		}
		for _, challenge := range flow.ParseChallenges(answer.Challenges()) {
			if code, named := challenge.Params["error"]; named {
				Broken("a request without a token is answered with error %q in the challenge, as if it had one", wire.Printable(code))
			}
		}
		if answer.Status != http.StatusUnauthorized {
			Broken("a request without a token is answered with %d and not 401", answer.Status)
		}
	})
	It("sends its errors with the statuses that they have", StatusFits, func(ctx SpecContext) {
		at.needs()
		grant := NeedsService(ctx, client, at.on(ctx))
		tries := []flow.Deviation{
			without(client), garbage(grant),
			flow.With(flow.Parameter("access_token"), grant.AccessToken()).As("with the access token in the query as well as in the header"),
		}
		if grant.RefreshToken() != "" {
			tries = append(tries, flow.With(flow.AccessToken, grant.RefreshToken()).As("with the refresh token as access token"))
		}
		named := 0
		for _, wrong := range tries {
			answer := at.call(ctx, grant, wrong)
			if decision, _ := Decide(answer); decision != wire.Refused || hides(answer) || answer.Err != nil {
				continue // whether it has to be refused is judged elsewhere
			}
			for _, code := range codes(answer) {
				fits := statuses[code]
				if fits == 0 {
					continue
				}
				if named++; answer.Status != fits {
					Broken("a request %s is refused with %s and status %d, and not %d", wrong, code, answer.Status, fits)
				}
			}
		}
		if named == 0 {
			NotApplicable("no refusal names one of the errors of RFC 6750")
		}
	})
}

// statuses are those of the errors of RFC 6750 section 3.1.
var statuses = map[string]int{"invalid_request": http.StatusBadRequest, "invalid_token": http.StatusUnauthorized, "insufficient_scope": http.StatusForbidden}

// codes are the errors that a refusal names, in challenges of the scheme Bearer or DPoP, or where it has none of those in its body. What the body
// of a resource calls error may be an error of its own.
func codes(answer *flow.Outcome) []string {
	var all []string
	for _, scheme := range []string{"Bearer", "DPoP"} {
		for _, challenge := range answer.Challenged(scheme) {
			if code := challenge.Params["error"]; code != "" {
				all = append(all, code)
			}
		}
	}
	if len(all) == 0 && answer.ErrorCode() != "" {
		all = append(all, answer.ErrorCode())
	}
	return all
}
