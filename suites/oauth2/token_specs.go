package oauth2

import (
	"mime"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func tokenSpecs(client *flow.Client) {
	Describe("the token response", func() {
		for _, response := range []struct {
			to    string
			given func(ctx SpecContext) *flow.Outcome
		}{
			{"to a code", func(ctx SpecContext) *flow.Outcome { return Needs(client.Grant(ctx)) }},
			{"to a refresh token", func(ctx SpecContext) *flow.Outcome {
				everywhere.NeedsRefresh(ctx, client)
				return Needs(refreshed(ctx, client))
			}},
		} {
			It(response.to+" is JSON, and is not to be stored", TokenResponseHeader, func(ctx SpecContext) {
				header := response.given(ctx).Header
				if media, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || media != "application/json" {
					Broken("its Content-Type is %q and not application/json", wire.Printable(header.Get("Content-Type")))
				}
				control := strings.Join(header.Values("Cache-Control"), ",")
				if !slices.ContainsFunc(strings.Split(control, ","), func(word string) bool { return strings.EqualFold(strings.TrimSpace(word), "no-store") }) {
					Broken("its Cache-Control is %q, and lacks no-store", wire.Printable(control))
				}
			})
			It(response.to+" says what kind of token it holds, and for how long it lives", TokenResponseBody, func(ctx SpecContext) {
				given := response.given(ctx)
				if given.Text("token_type") == "" {
					Broken("token_type is missing, or is no text")
				}
				lifetime, there := given.Members()["expires_in"]
				if !there {
					Warn("expires_in is missing: it is recommended")
					return
				}
				if seconds, isNumber := lifetime.(float64); !isNumber || seconds <= 0 {
					Broken("expires_in is no number above 0")
				}
			})
		}

		It("names the scope that was granted, where that is less than was asked for", GrantedScopeTold, func(ctx SpecContext) {
			tells(ctx, client, Needs(client.Grant(ctx)), client.Target().Scope)
			more := strings.TrimSpace(client.Target().Scope + " " + unheardOf)
			landed := client.Login(ctx, flow.With(flow.Scope, more).As("with a scope beside the others that nobody knows"))
			if decision, because := Decide(landed); decision == wire.Refused {
				Note("a scope that nobody knows is refused: %s", because)
				return
			}
			grant := client.Exchange(ctx, landed)
			if decision, because := Decide(grant); decision == wire.Refused {
				Note("a scope that nobody knows is refused when the code is redeemed: %s", because)
				return
			}
			Expect(grant).To(BeAccepted())
			tells(ctx, client, grant, more)
		})
	})
}

// unheardOf is a scope that no server has.
const unheardOf = "fapitest.unheard-of"

// tells wants a token response that names no scope to have granted all that was asked for, as that is what its silence means (section 5.1). What it
// names it may grant, be that less or more.
func tells(ctx SpecContext, client *flow.Client, grant *flow.Outcome, asked string) {
	if _, named := grant.Members()["scope"]; named {
		return
	}
	if !client.Target().Offered(string(requirement.Introspection)) {
		Unknown("the token response names no scope, and introspection is not offered: what was granted can't be seen")
	}
	answer := client.Introspect(ctx, grant)
	if why := everywhere.IntrospectionDenied(ctx, client, grant, answer); why != "" {
		Unknown("the token response names no scope, and introspection says none (%s): what was granted can't be seen", why)
	}
	Needs(answer)
	granted := answer.Scopes()
	if len(granted) == 0 {
		Unknown("neither the token response nor introspection names a scope: what was granted can't be seen")
	}
	for _, word := range strings.Fields(asked) {
		// These two are for the authorization server, and need not be told to resource servers.
		if word != "openid" && word != "offline_access" && !slices.Contains(granted, word) {
			Broken("the token response names no scope, as if all of %q had been granted, and introspection says that it was %q", asked, wire.Printable(strings.Join(granted, " ")))
		}
	}
}
