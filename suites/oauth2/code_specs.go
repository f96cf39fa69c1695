package oauth2

import (
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func codeSpecs(client *flow.Client) {
	Describe("an authorization code", func() {
		Control("is redeemed", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		It("is refused with another redirect_uri than that of the request", SameRedirectURI, func(ctx SpecContext) {
			everywhere.RefusedWithCode(ctx, client, otherRedirectURIs)
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, plain) }, otherRedirectURIs(client, "")[0])
			})
		})
		It("is refused without redirect_uri", RedirectURIPresent, func(ctx SpecContext) {
			refusesWithoutRedirectURI(ctx, client, func() *flow.Outcome { return client.Login(ctx) })
			everywhere.Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) {
				refusesWithoutRedirectURI(ctx, client, func() *flow.Outcome { return client.Login(ctx, plain) })
			})
		})
		It("is refused where it is damaged or was never issued", CodesKnown, func(ctx SpecContext) {
			var uses []Use
			for _, made := range damages {
				uses = append(uses, func(landed *flow.Outcome) *flow.Outcome {
					says, value := made.done("code", landed.Code())
					return client.Exchange(ctx, landed, flow.With(flow.Parameter("code"), value).As("with "+says))
				})
			}
			for _, other := range otherThanCodes(client.Grant(ctx)) {
				uses = append(uses, func(landed *flow.Outcome) *flow.Outcome { return client.Exchange(ctx, landed, other) })
			}
			RefusesUsesOfCode(ctx, client, uses...)
		})
	})
}

// refusesWithoutRedirectURI tries to redeem a code without redirect_uri, and with an empty one, which is the same (RFC 6749 section 3.2).
func refusesWithoutRedirectURI(ctx SpecContext, client *flow.Client, login func() *flow.Outcome) {
	without := []flow.Deviation{flow.Without(flow.RedirectURI), flow.With(flow.RedirectURI, "").As("with an empty redirect_uri")}
	takes := func(landed *flow.Outcome, deviation flow.Deviation) bool {
		try := client.Exchange(ctx, landed, deviation)
		if decision, because := Decide(try); decision == wire.Accepted {
			Warn("a code is redeemed %s (%s), and the request had one: OAuth 2.1 does without it, and leaves it to PKCE to bind the code", deviation, because)
			return true
		}
		Expect(try).To(BeRefused())
		return false
	}
	landed := Needs(login())
	for _, deviation := range without {
		if takes(landed, deviation) {
			return
		}
	}
	if decision, _ := Decide(client.Exchange(ctx, landed)); decision == wire.Accepted {
		return
	}
	// The first try may have used the code up: then each has one of its own.
	Needs(client.Obtain(ctx))
	for _, deviation := range without {
		if takes(Needs(login()), deviation) {
			return
		}
	}
}

// otherRedirectURIs are others than the one that the client's requests name. None of them means the same address: whoever reads addresses as
// RFC 3986 does, and not letter by letter, takes none of them either.
func otherRedirectURIs(client *flow.Client, _ string) []flow.Deviation {
	own := client.Self().Redirects[0]
	below, queried, sibling := own+"/other", own+"?other=1", "/other"
	var almost []flow.Deviation // what is the same to who reads addresses less closely than that
	if parsed, err := url.Parse(own); err == nil {
		inPath, inQuery := *parsed, *parsed
		inPath.Path, inPath.RawPath = strings.TrimSuffix(parsed.Path, "/")+"/other", ""
		inQuery.RawQuery = strings.TrimPrefix(parsed.RawQuery+"&other=1", "&")
		if spelt := strings.ToUpper(parsed.Path); spelt != parsed.Path && parsed.RawPath == "" {
			inCapitals := *parsed
			inCapitals.Path = spelt
			almost = append(almost, flow.With(flow.RedirectURI, inCapitals.String()).As("with the path of the redirect_uri in capital letters"))
		}
		if parsed.Path != "" && parsed.RawQuery == "" && !strings.HasSuffix(own, "/") {
			almost = append(almost, flow.With(flow.RedirectURI, own+"/").As("with a slash behind the redirect_uri"))
		}
		if rest, secure := strings.CutPrefix(own, "https://"); secure {
			almost = append(almost, flow.With(flow.RedirectURI, "http://"+rest).As("with http for https in the redirect_uri"))
		}
		below, queried, sibling = inPath.String(), inQuery.String(), parsed.Scheme+"://"+parsed.Host+"/other-than-before"
	}
	deviations := []flow.Deviation{
		flow.With(flow.RedirectURI, flow.ForeignOrigin+"/cb").As("with a redirect_uri at a foreign host"),
		flow.With(flow.RedirectURI, sibling).As("with a redirect_uri at the same host"),
		flow.With(flow.RedirectURI, below).As("with a redirect_uri below that of the request"),
		flow.With(flow.RedirectURI, queried).As("with something added to the query of the redirect_uri"),
		flow.With(flow.RedirectURI, own+"#other").As("with a fragment behind the redirect_uri"),
	}
	deviations = append(deviations, almost...)
	if all := client.Self().Redirects; len(all) > 1 {
		deviations = append(deviations, flow.With(flow.RedirectURI, all[1]).As("with another redirect_uri that is registered"))
	}
	return deviations
}

// otherThanCodes puts something that a grant has brought in the place of a code.
func otherThanCodes(grant *flow.Outcome) (all []flow.Deviation) {
	for _, thing := range []struct{ says, value string }{
		{"an access token", grant.AccessToken()}, {"a refresh token", grant.RefreshToken()}, {"an id_token", grant.IDToken()},
	} {
		if thing.value != "" {
			all = append(all, flow.With(flow.Parameter("code"), thing.value).As("with "+thing.says+" as code"))
		}
	}
	return all
}

// damage is what can become of a code or a refresh token, or can be taken for one.
type damage struct {
	says string // %s is what it is done to
	to   func(text string) string
}

// done is a text with the damage, in words too. Where the damage changes nothing there is one that was never issued instead.
func (d damage) done(kind, text string) (says, value string) {
	if value = d.to(text); value == text {
		return "a " + kind + " that was never issued", neverIssued(text)
	}
	return strings.ReplaceAll(d.says, "%s", kind), value
}

var damages = []damage{
	{"a %s that was never issued", neverIssued},
	{"a %s that is altered in the middle", func(text string) string {
		middle := len(text) / 2
		instead := "A"
		if text[middle] == 'A' {
			instead = "B"
		}
		return text[:middle] + instead + text[middle+1:]
	}},
	{"a %s with more behind it", func(text string) string { return text + "x" }},
	{"the first half of a %s", func(text string) string { return text[:len(text)/2] }},
	{"a %s whose capital and small letters are exchanged", flow.InOtherCase}, // it may have none
}

func neverIssued(text string) string { return flow.Alphabetical(max(1, len(text))) }
