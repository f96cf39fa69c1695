package openbankinguk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// refreshEnds is the claim that says when a refresh token ends.
const refreshEnds = "http://openbanking.org.uk/refresh_token_expires_at"

func tokenSpecs(client *flow.Client) {
	Describe("the metadata", func() {
		It("offers the hybrid flow", HybridOffered, func(SpecContext) {
			if types := client.Target().Metadata.List("response_types_supported"); !slices.ContainsFunc(types, isHybrid) {
				Broken("response_types_supported is %s, without %q", strings.Join(types, ", "), target.CodeIDToken)
			}
		})
		It("says that the consent can be asked for as a claim", ClaimsAnnounced, func(SpecContext) {
			metadata := client.Target().Metadata
			if metadata.Values["claims_parameter_supported"] != true {
				Warn("claims_parameter_supported is not true")
			}
			for _, name := range []string{client.IntentClaim(), "acr"} {
				if !slices.Contains(metadata.List("claims_supported"), name) {
					Warn("claims_supported lacks %s", name)
				}
			}
		})
		It("names the grants and the scopes", GrantsAnnounced, func(SpecContext) {
			metadata := client.Target().Metadata
			for _, grant := range []string{"authorization_code", flow.GrantClientCredentials} {
				if !slices.Contains(metadata.List("grant_types_supported"), grant) {
					Warn("grant_types_supported lacks %s", grant)
				}
			}
			scopes := metadata.List("scopes_supported")
			if !slices.Contains(scopes, "openid") {
				Warn("scopes_supported lacks openid")
			}
			if !slices.ContainsFunc([]string{"accounts", "payments", "fundsconfirmations"}, func(scope string) bool { return slices.Contains(scopes, scope) }) {
				Warn("scopes_supported has none of accounts, payments and fundsconfirmations")
			}
		})
	})
	It("the class of strong authentication is announced, and told in the id_token", ClassOfSCA, func(ctx SpecContext) {
		const strong = "urn:openbanking:psd2:sca"
		if !slices.Contains(client.Target().Metadata.List("acr_values_supported"), strong) {
			Warn("acr_values_supported lacks %s", strong)
		}
		asked := fmt.Sprintf(`claims={"id_token": {"acr": {"essential": true, "values": [%q, %q]}}}`, strong, "urn:openbanking:psd2:ca")
		_, tokens := client.GrantAsked(ctx, asked)
		claims := jose.Claims(everywhere.Opened(client, Needs(tokens).IDToken()))
		if claims == nil {
			NotApplicable("the token response has no id_token that can be read")
		}
		if acr, _ := claims["acr"].(string); acr != strong && acr != "urn:openbanking:psd2:ca" {
			Warn("acr is %q, and one of the two classes of the ecosystem was asked for as essential", wire.Printable(acr))
		}
	})

	Describe("a token response", func() {
		It("to a code tells how long the access token lives", LifeTold, func(ctx SpecContext) { tellsLife(Needs(client.Grant(ctx)), "the answer to a code") })
		It("to the client itself tells how long the access token lives", LifeTold, func(ctx SpecContext) {
			tellsLife(Needs(client.IntentToken(ctx)), "the answer to client_credentials")
		})
		It("to a refresh token tells how long the access token lives", LifeTold, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			anew := client.Anew(ctx)
			if anew == nil {
				Unknown("a refresh gives no token")
			}
			tellsLife(anew, "the answer to a refresh token")
		})
		It("without a refresh token has nothing say when that ends", NoEndWithout, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			if grant.RefreshToken() != "" {
				NotApplicable("it has a refresh token")
			}
			for _, told := range ends(ctx, client, grant) {
				Broken("%s has %s, and there is no refresh token", told.where, refreshEnds)
			}
		})
		It("tells the end of its refresh token in seconds", EndAsNumber, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			told := ends(ctx, client, grant)
			if grant.RefreshToken() == "" || len(told) == 0 {
				NotApplicable("nothing is said of a refresh token that ends")
			}
			now := client.Now()
			for _, one := range told {
				seconds, isNumber := one.value.(float64)
				at := time.Unix(int64(seconds), 0)
				switch {
				case !isNumber:
					Broken("%s in %s is %s, and no number of seconds", refreshEnds, one.where, wire.Printable(fmt.Sprint(one.value)))
				case !at.After(now):
					Broken("%s in %s is in the past", refreshEnds, one.where)
				case at.After(now.AddDate(1000, 0, 0)) && seconds > 1e12:
					Broken("%s in %s is %.0f, which are milliseconds, and not seconds", refreshEnds, one.where, seconds)
				}
			}
		})
		It("tells no end of a refresh token that has none", NoEndWhereIsNone, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			if grant.RefreshToken() == "" {
				NotApplicable("there is no refresh token")
			}
			for _, one := range ends(ctx, client, grant) {
				if seconds, isNumber := one.value.(float64); isNumber && seconds < 1e12 && time.Unix(int64(seconds), 0).After(client.Now().AddDate(100, 0, 0)) {
					Broken("%s in %s is more than a hundred years ahead: a refresh token that does not end is announced with an end", refreshEnds, one.where)
				}
			}
		})
	})
}

func isHybrid(kind string) bool {
	words := strings.Fields(kind)
	slices.Sort(words)
	return slices.Equal(words, []string{"code", "id_token"})
}

// tellsLife wants expires_in: a positive number of seconds.
func tellsLife(tokens *flow.Outcome, what string) {
	told, there := tokens.Members()["expires_in"]
	if !there {
		Broken("%s has no expires_in", what)
	}
	if seconds, ok := tokens.ExpiresIn(); !ok || seconds <= 0 {
		text, _ := json.Marshal(told)
		Broken("expires_in in %s is %s, and no positive number of seconds", what, wire.Printable(string(text)))
	}
}

// told is what is said of the end of a refresh token, and where.
type told struct {
	where string
	value any
}

// ends is what the id_token of a token response and userinfo say of the end of its refresh token.
func ends(ctx SpecContext, client *flow.Client, grant *flow.Outcome) []told {
	var all []told
	if claims := jose.Claims(everywhere.Opened(client, grant.IDToken())); claims[refreshEnds] != nil {
		all = append(all, told{"the id_token", claims[refreshEnds]})
	}
	if client.Endpoint("userinfo_endpoint") != "" {
		if value := client.Userinfo(ctx, grant).Members()[refreshEnds]; value != nil {
			all = append(all, told{"userinfo", value})
		}
	}
	return all
}
