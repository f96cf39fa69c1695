package oauth2

import (
	"mime"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func tokenSpecs(client *flow.Client) {
	Describe("the token response", func() {
		for _, response := range []struct {
			to    string
			given func(ctx SpecContext, judge func(*flow.Outcome))
		}{
			{"to a code", func(ctx SpecContext, judge func(*flow.Outcome)) { judge(Needs(client.Grant(ctx))) }},
			{"to a refresh token", func(ctx SpecContext, judge func(*flow.Outcome)) {
				everywhere.NeedsRefresh(ctx, client)
				judge(Needs(refreshed(ctx, client)))
			}},
			{"to a client that asks for itself", func(ctx SpecContext, judge func(*flow.Outcome)) {
				everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(_ *flow.Client, _ string, given *flow.Outcome) { judge(given) })
			}},
		} {
			It(response.to+" is JSON, and is not to be stored", TokenResponseHeader, func(ctx SpecContext) {
				response.given(ctx, func(given *flow.Outcome) {
					header := given.Header
					if media, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || media != "application/json" {
						Broken("its Content-Type is %q and not application/json", wire.Printable(header.Get("Content-Type")))
					}
					control := strings.Join(header.Values("Cache-Control"), ",")
					if !slices.ContainsFunc(strings.Split(control, ","), func(word string) bool { return strings.EqualFold(strings.TrimSpace(word), "no-store") }) {
						Broken("its Cache-Control is %q, and lacks no-store", wire.Printable(control))
					}
				})
			})
			It(response.to+" says what kind of token it holds, and for how long it lives", TokenResponseBody, func(ctx SpecContext) {
				response.given(ctx, func(given *flow.Outcome) {
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
		It("names the scope that a refreshed token has, where less is asked for than was granted", GrantedScopeTold, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			less, word := narrower(client.Target())
			if word == "" {
				NotApplicable("the scope of the target file has nothing to leave out")
			}
			grant, fresh := NeedsRefreshed(ctx, client)
			newest := flow.Newest(grant, fresh)
			lesser := client.Refresh(ctx, newest, flow.With(flow.Scope, less).As("with a part of the scope that was granted"))
			// That a refresh takes away of the grant for good would be a mistake of its own; others must not trip over it.
			if whole := client.Refresh(ctx, flow.Newest(newest, lesser)); !Accepts(whole) || len(whole.Scopes()) > 0 && !slices.Contains(whole.Scopes(), word) {
				client.Spoil(grant)
			}
			if decision, because := Decide(lesser); decision == wire.Refused {
				NotApplicable("the target gives no token of a lesser scope for a refresh token: %s", because)
			}
			if _, named := Needs(lesser).Members()["scope"]; named && slices.Contains(lesser.Scopes(), word) {
				return // it says that it gives more
			}
			if has, by := hasScope(ctx, client, lesser, word); has {
				Broken("the refresh asks for no more than %q, and its response does not say that the token has %q, which %s says", less, word, by)
			}
		})
		It("has no scope for which the token request alone asks", GrantedScopeTold, func(ctx SpecContext) {
			less, word := narrower(client.Target())
			if word == "" {
				NotApplicable("the scope of the target file has nothing to leave out")
			}
			if client.Push(ctx, flow.With(flow.Scope, less)).ErrorCode() == "invalid_scope" {
				NotApplicable("requests for no more than %q are refused", less)
			}
			landed := Needs(client.Login(ctx, flow.With(flow.Scope, less)))
			// The parameter is none of this request (RFC 6749 section 4.1.3), and so ignored (section 3.2), or refused.
			grant := client.Exchange(ctx, landed, flow.With(flow.Parameter("scope"), client.Target().Scope).As("with the whole scope of the target file in the token request"))
			if !Accepts(grant) {
				Expect(grant).To(BeRefused())
				return
			}
			has, by := slices.Contains(grant.Scopes(), word), "the response"
			if !has {
				has, by = hasScope(ctx, client, grant, word)
			}
			if !has {
				return
			}
			alone := Needs(client.Obtain(ctx, flow.With(flow.Scope, less)))
			if unasked, _ := hasScope(ctx, client, alone, word); unasked || slices.Contains(alone.Scopes(), word) {
				NotApplicable("the target grants %s although it was not asked for it", word)
			}
			Warn("a code that was issued for %q gives a token that has %q as well, as %s says, where the token request asks for it: nobody has asked the user about that", less, word, by)
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

// hasScope says whether a token has a scope, by what it says itself or introspection does.
func hasScope(ctx SpecContext, client *flow.Client, grant *flow.Outcome, word string) (has bool, by string) {
	if scope, isText := jose.Claims(grant.AccessToken())["scope"].(string); isText {
		return slices.Contains(strings.Fields(scope), word), "the token itself"
	}
	if !client.Target().Offered(string(requirement.Introspection)) {
		return false, ""
	}
	answer := client.Introspect(ctx, grant)
	return answer.Members()["active"] == true && slices.Contains(answer.Scopes(), word), "introspection"
}
