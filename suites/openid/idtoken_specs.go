package openid

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// What clocks may be apart. Beyond the first it is a warning, beyond the second a breach.
const (
	littleApart = time.Minute
	farApart    = 5 * time.Minute
)

// identity is an id_token as its client reads it.
type identity struct {
	signed string // without the encryption around it
	claims map[string]any
	with   *flow.Outcome // the token response
	came   time.Time     // by the target's clock
	when   string        // how it came, as words behind a sentence; empty: with a code
}

// needsIdentity is the id_token of a token response. Where there is none, or where it is no JWT, another clause says so.
func needsIdentity(client *flow.Client, with *flow.Outcome) identity {
	if with.IDToken() == "" {
		NotApplicable("the token response has no id_token, which is judged at %s", IDTokenComes.ID)
	}
	read := identity{signed: everywhere.Opened(client, with.IDToken()), with: with, came: with.Arrived.Add(client.Now().Sub(client.Clock().Now()))}
	if read.claims = jose.Claims(read.signed); read.claims == nil {
		NotApplicable("the id_token is no JWT that can be read, which is judged at %s", SignedFirst.ID)
	}
	return read
}

// needsIdentities are the id_token that comes with a code, and that of a refresh, where one comes and can be read.
func needsIdentities(ctx SpecContext, client *flow.Client) []identity {
	all := []identity{needsIdentity(client, Needs(client.Grant(ctx)))}
	for _, token := range everywhere.IDTokens(ctx, client) {
		if token.When == "" || jose.Claims(token.Compact) == nil {
			continue
		}
		read := needsIdentity(client, token.With)
		read.when = token.When
		all = append(all, read)
	}
	return all
}

// text is a claim that has to be a text, and is not empty.
func (i identity) text(name string) string {
	text, _ := i.claims[name].(string)
	return text
}

// moment is a claim that has to be a time; ok is false where it is none.
func (i identity) moment(name string) (at time.Time, ok bool) {
	seconds, ok := i.claims[name].(float64)
	const endOfTime = 1e13 // what is later, or as long ago, is taken for that; milliseconds that were meant for seconds are less
	seconds = max(-endOfTime, min(endOfTime, seconds))
	return time.UnixMilli(int64(seconds * 1000)), ok
}

// audience are the members of aud; ok is false where it is neither a text nor an array of texts.
func (i identity) audience() (all []string, ok bool) {
	all = everywhere.Names(i.claims["aud"])
	return all, len(all) > 0 && !slices.Contains(all, "")
}

func idTokenSpecs(client *flow.Client) {
	It("the token response has an id_token", IDTokenComes, func(ctx SpecContext) {
		grant := Needs(client.Grant(ctx))
		if scopes := grant.Scopes(); len(scopes) > 0 && !slices.Contains(scopes, "openid") {
			NotApplicable("openid was not granted: the token response says that the scope is %q", wire.Printable(strings.Join(scopes, " ")))
		}
		if grant.IDToken() == "" {
			Broken("the token response has no id_token, and openid was in the scope")
		}
	})

	Describe("the id_token", func() {
		It("has iss, sub, aud, exp and iat", ClaimsThere, func(ctx SpecContext) {
			for _, token := range needsIdentities(ctx, client) {
				for _, name := range []string{"iss", "sub"} {
					if token.text(name) == "" {
						Broken("%s is missing, or no text%s", name, token.when)
					}
				}
				if _, ok := token.audience(); !ok {
					Broken("aud is missing, or neither a text nor an array of texts%s", token.when)
				}
				for _, name := range []string{"exp", "iat"} {
					if _, isNumber := token.claims[name].(float64); !isNumber {
						Broken("%s is missing, or no number%s", name, token.when)
					}
				}
				sub := token.text("sub")
				if len(sub) > 255 || strings.ContainsFunc(sub, func(c rune) bool { return c > 0x7f }) {
					Broken("sub has %d bytes, or others than ASCII%s", len(sub), token.when)
				}
			}
		})
		It("has the same sub at the next login of the user, and another one for another user", ClaimsThere, func(ctx SpecContext) {
			first := needsIdentity(client, Needs(client.Grant(ctx)))
			began := client.Landing(ctx)
			if began.Trip == nil {
				Unknown("who signed in on the journey that other experiments share is not known")
			}
			firstUser := began.Trip.User
			landed, tokens := needsAsked(ctx, client)
			next := needsIdentity(client, tokens)
			switch same := first.text("sub") == next.text("sub"); {
			case firstUser == "" && !same:
				Note("sub is another one at the next login: whether the same user signed in is not known")
			case landed.Trip.User == firstUser && !same:
				Broken("sub is another one at the next login of the same user, so that clients can't know the user again")
			case landed.Trip.User != firstUser && same:
				Broken("two users have one sub")
			case landed.Trip.User != firstUser:
				Note("two users were looked at, and neither of them twice")
			}
		})
		It("returns the nonce", NonceReturned, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				returnsNonce(needsIdentity(client, Needs(client.Grant(ctx))), "")
			})
			// What else is asked for must not make the nonce be forgotten.
			if asked, ok := identityAsked(ctx, client); ok && asked.claims["nonce"] != asked.with.SentNonce() {
				Broken("its nonce is missing, or another one than was sent, where max_age was asked for")
			}
		})
		It("returns the nonce of a request that came in another way than usual", NonceReturned, func(ctx SpecContext) {
			// All ways at once: who forgets the nonce in one of them shows it, and that spares journeys.
			ways := []flow.Deviation{flow.Without(flow.State)}
			if client.Target().Offered(string(requirement.JAR)) && client.Self().Key != nil && !client.Shape().Signed {
				ways = append(ways, everywhere.Signing(client))
			}
			Needs(client.Grant(ctx))
			for ; len(ways) > 0; ways = ways[1:] { // state may be demanded
				words := ""
				for _, way := range ways {
					words = strings.TrimPrefix(words+", "+way.String(), ", ")
				}
				unusual := flow.All(words, ways...)
				if !Accepts(client.Push(ctx, unusual)) {
					continue
				}
				landed := client.Login(ctx, unusual)
				if decision, _ := Decide(landed); decision == wire.Refused {
					continue
				}
				returnsNonce(needsIdentity(client, Needs(client.Exchange(ctx, Needs(landed)))), ", where the request came "+words)
				return
			}
			NotApplicable("no request is taken in a request object, nor one without state")
		})
		It("names the client where it names an authorized party", AuthorizedParty, func(ctx SpecContext) {
			token := needsIdentity(client, Needs(client.Grant(ctx)))
			azp, there := token.claims["azp"]
			if !there {
				NotApplicable("it has no azp")
			}
			if azp != client.ID() {
				Broken("azp is another one than the client: %s", wire.Printable(fmt.Sprint(azp)))
			}
		})
		It("is for the client", PassesChecks, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) { isForClient(client, needsIdentity(client, Needs(client.Grant(ctx)))) })
		})
		It("is of now, and lives on", PassesChecks, func(ctx SpecContext) {
			isOfNow(needsIdentity(client, Needs(client.Grant(ctx))))
		})
		It("passes the same checks where more was asked for", PassesChecks, func(ctx SpecContext) {
			token, ok := identityAsked(ctx, client)
			if !ok {
				NotApplicable("it is tried as the first client of the target file, and where a request with max_age is taken")
			}
			if iss := token.text("iss"); iss != client.Issuer() {
				Broken("iss is %s, and not the issuer, where max_age was asked for", wire.Printable(iss))
			}
			isForClient(client, token)
			isOfNow(token)
			if !hashFits(token) {
				Broken("at_hash does not fit the access token beside it, where max_age was asked for")
			}
			if keys := everywhere.KeySet(ctx, client, noKeys); jose.CanVerify(token.signed) && !verifiedByAny(token.signed, keys) {
				Broken("its signature holds by no key of the key set, where max_age was asked for")
			}
		})
		It("has a hash of the access token beside it, where it has any", AccessTokenHash, func(ctx SpecContext) {
			token := needsIdentity(client, Needs(client.Grant(ctx)))
			if _, there := token.claims["at_hash"]; !there {
				NotApplicable("it has no at_hash")
			}
			if !hashFits(token) {
				Broken("at_hash is not the left half of the hash of the access token beside it")
			}
		})
		It("says the same when tokens were refreshed", PassesChecks, WaitsByItself, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant, after := NeedsRefreshed(ctx, client)
			before := needsIdentity(client, grant)
			if after.IDToken() == "" {
				NotApplicable("the response to a refresh has no id_token (OpenID Connect Core section 12.2 leaves that to the server)")
			}
			// In the second of the login nobody can tell the two times apart.
			if signedIn, ok := before.moment("auth_time"); ok && needsIdentity(client, after).came.Sub(signedIn) < 2*tick {
				if client.Wait(ctx, 2*tick, PassesChecks.ID) != nil {
					Unknown("waiting was interrupted")
				}
				after = Needs(client.Refresh(ctx, flow.Newest(grant, after)))
			}
			saysTheSame(client, before, needsIdentity(client, after))
			keys := everywhere.KeySet(ctx, client, noKeys)
			if token := needsIdentity(client, after); jose.CanVerify(token.signed) && !verifiedByAny(token.signed, keys) {
				Broken("the signature of the id_token of a refresh holds by no key of the key set")
			}
		})
	})
}

// tick is by what the times in tokens go on.
const tick = time.Second

// saysTheSame wants the id_token of a refresh to be about the same login (section 12.2), and to pass the checks by itself.
func saysTheSame(client *flow.Client, before, after identity) {
	for _, name := range []string{"iss", "sub"} {
		if before.claims[name] != after.claims[name] {
			Broken("%s in the id_token of a refresh is another one", name)
		}
	}
	audience, _ := before.audience()
	again, _ := after.audience()
	slices.Sort(audience)
	if slices.Sort(again); !slices.Equal(audience, again) {
		Broken("aud in the id_token of a refresh is another one: %s", wire.Printable(strings.Join(again, ", ")))
	}
	if azp, there := after.claims["azp"]; there && azp != before.claims["azp"] && azp != client.ID() {
		Broken("azp in the id_token of a refresh is another one, and not the client")
	}
	if nonce, there := after.claims["nonce"]; there && nonce != before.claims["nonce"] {
		Broken("the nonce in the id_token of a refresh is another one than before")
	}
	signedIn, told := before.claims["auth_time"]
	if later, there := after.claims["auth_time"]; told && there && later != signedIn {
		Broken("auth_time in the id_token of a refresh is not that of the login: nobody has signed in since")
	}
	isForClient(client, after)
	isOfNow(after)
	if hashFits(before) && !hashFits(after) {
		Broken("at_hash in the id_token of a refresh does not fit the access token beside it")
	}
}

// returnsNonce wants the nonce of the request; where are words behind a sentence.
func returnsNonce(token identity, where string) {
	switch nonce, there := token.claims["nonce"]; {
	case !there:
		Broken("it has no nonce, and the request had one%s", where)
	case nonce != token.with.SentNonce():
		Broken("its nonce is another one than was sent%s", where)
	}
}

// isForClient wants the client in aud.
func isForClient(client *flow.Client, token identity) {
	audience, ok := token.audience()
	switch {
	case !ok:
		NotApplicable("aud is missing or unreadable, which is judged at %s", ClaimsThere.ID)
	case !slices.Contains(audience, client.ID()):
		Broken("aud does not have the client: %s", wire.Printable(strings.Join(audience, ", ")))
	case len(audience) > 1:
		Note("aud has others beside the client: %s", wire.Printable(strings.Join(audience, ", ")))
	}
}

// isOfNow wants exp ahead and iat near, as far as clocks may be apart.
func isOfNow(token identity) {
	expires, ok := token.moment("exp")
	issued, alsoOK := token.moment("iat")
	if !ok || !alsoOK {
		NotApplicable("exp or iat is missing, or no number, which is judged at %s", ClaimsThere.ID)
	}
	if !expires.After(issued) {
		Broken("exp is not later than iat: the id_token was good at no time")
	}
	apart := func(name string, by time.Duration, words string) {
		switch {
		case by > farApart:
			Broken("%s is %s %s", name, by.Round(time.Second), words)
		case by > littleApart:
			Warn("%s is %s %s, by the target's own clock", name, by.Round(time.Second), words)
		}
	}
	apart("exp", token.came.Sub(expires), "ago when the id_token comes")
	apart("iat", token.came.Sub(issued), "ago when the id_token comes")
	apart("iat", issued.Sub(token.came), "ahead when the id_token comes")
}

// identityAsked is the id_token of a flow whose request asked for more. It is had as the first client of the target file alone: as that one other experiments need it too, and
// as each of the others it would take a journey. ok is false where there is none.
func identityAsked(ctx context.Context, client *flow.Client) (token identity, ok bool) {
	if client.ID() != client.Target().Clients[0].ID {
		return identity{}, false
	}
	landed, tokens := client.GrantAsked(ctx, wanted(client)...)
	if !Accepts(landed) || !Accepts(tokens) || jose.Claims(everywhere.Opened(client, tokens.IDToken())) == nil {
		return identity{}, false
	}
	return needsIdentity(client, tokens), true
}

// wanted is what needsAsked asks for first.
func wanted(client *flow.Client) []string {
	asked := []string{askedAge}
	if more := essentialClaims(client); more != "" {
		asked = append(asked, more)
	}
	return asked
}

// needsAsked is a flow whose request asks for what is voluntary: that auth_time be there, and acr. What is announced and refused all the same is
// left out of it.
func needsAsked(ctx context.Context, client *flow.Client) (landed, tokens *flow.Outcome) {
	asked := wanted(client)
	for {
		landed, tokens = client.GrantAsked(ctx, asked...)
		if decision, _ := Decide(landed); decision == wire.Accepted {
			return landed, Needs(tokens)
		} else if decision != wire.Refused {
			Needs(landed)
		}
		if len(asked) == 1 {
			NotApplicable("a request with max_age is not taken")
		}
		asked = asked[:1]
	}
}

// askedAge is a max_age that no login of a run is older than.
const askedAge = "max_age=3600"

// announcesClaims says whether the target claims to read the claims parameter.
func announcesClaims(client *flow.Client) bool {
	return client.Target().Metadata.Values["claims_parameter_supported"] == true
}

// essentialClaims asks for acr as an essential claim, and for one that usually is not in an id_token; empty where the parameter is not announced, or is
// needed for something else.
func essentialClaims(client *flow.Client) string {
	if _, needed := client.Target().Request["claims"]; needed || !announcesClaims(client) {
		return ""
	}
	more := ""
	if name := unusualClaim(client); name != "" {
		more = fmt.Sprintf(`,%q:null`, name)
	}
	return `claims={"id_token":{"acr":{"essential":true}` + more + `}}`
}

// unusualClaim is one that the target has, and that is usually asked for at the userinfo endpoint; empty where it has none that we know.
func unusualClaim(client *flow.Client) string {
	for _, name := range []string{"name", "given_name", "family_name", "email"} {
		if slices.Contains(client.Target().Metadata.List("claims_supported"), name) {
			return name
		}
	}
	return ""
}
