package introspection

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

const endpoint = "introspection_endpoint"

func introspectionSpecs(client *flow.Client) {
	Describe("the introspection endpoint", func() {
		It("is reached by https", EndpointSecure, SendsNothing, func(SpecContext) {
			for _, certified := range []bool{false, true} {
				address := client.Target().Metadata.Endpoint(endpoint, certified)
				if parsed, err := url.Parse(address); address != "" && (err != nil || !strings.EqualFold(parsed.Scheme, "https")) {
					Broken("%s is %q, and no https URL", endpoint, wire.Printable(address))
				}
			}
		})
		It("refuses who shows no credentials", Authorized, func(ctx SpecContext) {
			everywhere.RefusedAtIntrospection(ctx, client, func(client *flow.Client, endpoint string) []flow.Deviation {
				return everywhere.AtBothURLs(client, endpoint, flow.Without(flow.ClientAuthentication))
			})
		})
		It("tells nothing to who shows a bearer token that nobody has issued, or asks by GET", Authorized, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Introspection)
			var denied string // an endpoint for resource servers alone must not tell everybody either
			everywhere.AsEach(client, func(client *flow.Client) {
				grant, proper := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
				why := everywhere.IntrospectionDenied(ctx, client, grant, proper)
				if why == "" {
					Needs(proper)
				}
				about := []func(...flow.Deviation) *flow.Outcome{
					func(deviations ...flow.Deviation) *flow.Outcome { return client.Introspect(ctx, grant, deviations...) },
					func(deviations ...flow.Deviation) *flow.Outcome {
						return client.IntrospectRefreshToken(ctx, grant, deviations...)
					},
				}
				if grant.RefreshToken() == "" {
					about = about[:1]
				}
				tried := 0
				for _, deviation := range everywhere.AtBothURLs(client, endpoint, everywhere.Unauthorized(grant)...) {
					for _, ask := range about {
						KeepKnown(ctx, client, tried)
						tried++
						// What else an endpoint may answer to what it does not know is no business of this.
						if answer := ask(deviation); Accepts(answer) && answer.Members()["active"] == true {
							Expect(answer).To(BeRefused())
						}
					}
				}
				if denied = why; why == "" {
					needsIntrospection(ctx, client)
				}
			})
			if denied != "" {
				mayNotIntrospect(denied)
			}
		})
		It("says by a boolean whether a token is active", ActiveIsBoolean, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			good := answered(mayIntrospect(ctx, client, grant, client.Introspect(ctx, grant)))
			active, isBoolean := good.Members()["active"].(bool)
			if !isBoolean {
				Broken("introspection of a good token has %s", ofActive(good))
			}
			if !active {
				needsIntrospection(ctx, client) // it may have been ended by another experiment
			}
			unknown := answered(client.Introspect(ctx, grant, everywhere.NeverIssued(grant)[0]))
			if _, isBoolean := unknown.Members()["active"].(bool); !isBoolean {
				Broken("introspection of a token that was never issued has %s", ofActive(unknown))
			}
		})
		It("finds a good token whatever the hint says, and without one", ActiveIsBoolean, func(ctx SpecContext) {
			grant := needsIntrospection(ctx, client)
			finds("access_token", "refresh_token", func(deviations ...flow.Deviation) *flow.Outcome { return client.Introspect(ctx, grant, deviations...) })
			if grant.RefreshToken() != "" && client.IntrospectRefreshToken(ctx, grant).Members()["active"] == true {
				finds("refresh_token", "access_token", func(deviations ...flow.Deviation) *flow.Outcome {
					return client.IntrospectRefreshToken(ctx, grant, deviations...)
				})
			}
		})
		It("says nothing but that it is not active of a token that was never issued", NothingElse, func(ctx SpecContext) {
			grant := needsIntrospection(ctx, client)
			for _, unknown := range everywhere.NeverIssued(grant) {
				tellsNothing(answered(client.Introspect(ctx, grant, unknown)), unknown.String())
			}
			if grant.IDToken() == "" {
				return
			}
			const what = "with the id_token in the place of the token"
			if answer := client.Introspect(ctx, grant, flow.With(flow.Parameter("token"), grant.IDToken()).As(what)); Accepts(answer) {
				saysNothingOf(answer, what)
			}
		})
		It("says nothing but that it is not active of a token that was revoked", NothingElse, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Revocation)
			needsIntrospection(ctx, client)
			grant := Needs(client.Own(ctx))
			tried := false
			if revoked := client.Revoke(ctx, grant); Accepts(revoked) {
				tried = saysNothingOf(answered(client.Introspect(ctx, grant, flow.Words("after the token was revoked"))), "that was revoked")
			} else if revoked.ErrorCode() != everywhere.UnsupportedTokenType {
				Needs(revoked)
			}
			if grant.RefreshToken() != "" {
				Needs(client.RevokeRefreshToken(ctx, grant))
				tried = saysNothingOf(answered(client.IntrospectRefreshToken(ctx, grant, flow.Words("after the refresh token was revoked"))), "that was revoked, a refresh token") || tried
			}
			if !tried {
				NotApplicable("what was revoked is called active, or can't be revoked, which is judged at %s", InactiveTokens.ID)
			}
		})
		It("says nothing but that it is not active of another client's token", NothingElse, func(ctx SpecContext) {
			for _, guest := range everywhere.Guests(client) {
				grant := needsIntrospection(ctx, client)
				by := flow.Words("by client " + guest.ID())
				asked := []*flow.Outcome{guest.Introspect(ctx, grant, by)}
				if grant.RefreshToken() != "" {
					asked = append(asked, guest.IntrospectRefreshToken(ctx, grant, by))
				}
				for _, answer := range asked {
					if Accepts(answer) { // whom it is refused to is told nothing
						saysNothingOf(answer, "of another client")
					}
				}
			}
		})
		It("calls nothing active that is another thing than an access or refresh token", InactiveTokens, func(ctx SpecContext) {
			grant := needsIntrospection(ctx, client)
			hint := flow.Parameter("token_type_hint")
			isInactiveThing := func(what, value string) {
				if value == "" {
					return
				}
				as := flow.With(flow.Parameter("token"), value).As("with " + what + " in the place of the token")
				hinted := flow.All(as.String()+", without token_type_hint", as, flow.Without(hint))
				for _, answer := range []*flow.Outcome{client.Introspect(ctx, grant, as), client.Introspect(ctx, grant, hinted)} {
					if answer.Members()["active"] != true {
						continue // refused is as good as inactive here
					}
					if what == ownAssertion {
						Broken("%s, which this server has not issued, is called active", what)
					}
					// RFC 7662 section 2.1 leaves other types of tokens out.
					Warn("%s is called active, and a resource server that asks takes it for an access token", what)
				}
			}
			isInactiveThing("an id_token", grant.IDToken())
			isInactiveThing(ownAssertion, client.Assertion())
			pushed := Needs(client.Push(ctx))
			isInactiveThing("a request_uri", pushed.RequestURI())
			landed := Needs(client.Login(ctx))
			isInactiveThing("an authorization code", landed.Code())
			if proper := client.Exchange(ctx, landed); Accepts(proper) {
				client.LeaveOver(landed, proper)
			}
		})
		It("does not call a token active that was never issued", InactiveTokens, func(ctx SpecContext) {
			grant := needsIntrospection(ctx, client)
			for _, unknown := range everywhere.NeverIssued(grant) {
				isInactive(answered(client.Introspect(ctx, grant, unknown)), "a token "+unknown.String())
			}
			needsIntrospection(ctx, client)
		})
		It("does not call a token active that was revoked", InactiveTokens, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Revocation)
			needsIntrospection(ctx, client)
			grant := Needs(client.Own(ctx))
			// Whoever keeps an answer has one now.
			client.Introspect(ctx, grant)
			if grant.RefreshToken() != "" {
				client.IntrospectRefreshToken(ctx, grant)
			}
			revoked := client.Revoke(ctx, grant)
			if decision, because := Decide(revoked); decision == wire.Accepted {
				answered(client.Introspect(ctx, grant, flow.Words("after the token was revoked")))
				outlives(ctx, client, "an access token", grant)
				// There may be a table for each way to have one.
				for _, alone := range everywhere.AnnouncedForItself(client) {
					revokedOutlives(ctx, client, "an access token that the client has for itself", client.ForItself(ctx, alone))
				}
			} else if revoked.ErrorCode() != everywhere.UnsupportedTokenType {
				Needs(revoked)
			} else {
				Note("access tokens can't be revoked: %s", because)
			}
			if grant.RefreshToken() == "" {
				return
			}
			// Whether refresh tokens are known here at all shows in another one, since that of this grant may have gone with its access token.
			if known := client.IntrospectRefreshToken(ctx, needsIntrospection(ctx, client)); known.Members()["active"] != true {
				Note("refresh tokens are not known to the introspection endpoint")
				return
			}
			if again := client.Refresh(ctx, grant); Accepts(again) {
				grant = flow.Newest(grant, again)
				revokedOutlives(ctx, client, "a refreshed access token", again)
			}
			// An access token that was not revoked itself goes with its grant. The revocation above may have ended all of it.
			fresh := client.Refresh(ctx, grant)
			newest, live := grant, false
			if Accepts(fresh) {
				newest, live = flow.Newest(grant, fresh), client.Introspect(ctx, fresh).Members()["active"] == true
			}
			Needs(client.RevokeRefreshToken(ctx, newest))
			isInactive(answered(client.IntrospectRefreshToken(ctx, newest, flow.Words("after the refresh token was revoked"))), "a refresh token that was revoked")
			for _, odd := range everywhere.OddHints("access_token") {
				isInactive(client.IntrospectRefreshToken(ctx, newest, odd), "a refresh token that was revoked, asked about "+odd.String()+",")
			}
			if live && answered(client.Introspect(ctx, fresh, flow.Words("after the refresh token of its grant was revoked"))).Members()["active"] == true {
				Warn("an access token is called active after the refresh token of its grant was revoked")
			}
		})
		It("does not call a refresh token active whose grant has ended", InactiveTokens, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.RefreshToken)
			needsIntrospection(ctx, client)
			landed := Needs(client.Login(ctx))
			grant := everywhere.NeedsRefreshToken(client.Exchange(ctx, landed))
			if client.IntrospectRefreshToken(ctx, grant).Members()["active"] != true {
				NotApplicable("refresh tokens are not known to the introspection endpoint")
			}
			client.Exchange(ctx, landed) // by which a grant should end (RFC 6749 section 4.1.2)
			if decision, _ := Decide(client.Refresh(ctx, grant)); decision != wire.Refused {
				NotApplicable("a grant does not end where its code is shown again, which is judged at RFC 6749")
			}
			if answered(client.IntrospectRefreshToken(ctx, grant, flow.Words("after its code was shown again"))).Members()["active"] == true {
				Warn("a refresh token is called active that is refused since its code was shown again")
			}
			needsIntrospection(ctx, client)
		})
		It("tells another client nothing of a token", TokensOfOthers, func(ctx SpecContext) {
			for _, guest := range everywhere.Guests(client) {
				grant := needsIntrospection(ctx, client)
				by := flow.Words("by client " + guest.ID())
				tellsNobody(guest.Introspect(ctx, grant, by), client, guest)
				if grant.RefreshToken() != "" {
					tellsNobody(guest.IntrospectRefreshToken(ctx, grant, by), client, guest)
				}
				for _, odd := range everywhere.OddHints("refresh_token") {
					if answer := guest.Introspect(ctx, grant, odd, by); Accepts(answer) {
						tellsNobody(answer, client, guest)
					}
				}
				for _, odd := range everywhere.OddHints("access_token") {
					if answer := guest.IntrospectRefreshToken(ctx, grant, odd, by); Accepts(answer) && grant.RefreshToken() != "" {
						tellsNobody(answer, client, guest)
					}
				}
				// What a client has for itself stands behind no user, and some keep it elsewhere.
				for _, alone := range everywhere.AnnouncedForItself(client) {
					if own := client.ForItself(ctx, alone); Accepts(own) {
						tellsNobody(guest.Introspect(ctx, own, by), client, guest)
					}
				}
				// Who looks whose the one is may tell of the other.
				if own := everywhere.OwnToken(ctx, guest); own != "" {
					for _, twice := range []flow.Deviation{flow.TwiceBefore("token", own), flow.TwiceAfter("token", own)} {
						if answer := guest.Introspect(ctx, grant, twice, by); answer.Text("client_id") == client.ID() {
							tellsNobody(answer, client, guest)
						}
					}
				}
			}
			needsIntrospection(ctx, client)
		})
	})

	// Whoever keeps what was revoked for a while alone, as caches do, calls it active again.
	const longRevoked = 25 * time.Second
	Aged(longRevoked, fmt.Sprintf("the introspection endpoint does not call a token active %s after it was revoked", longRevoked), InactiveTokens,
		func(ctx SpecContext) *flow.Outcome {
			everywhere.NeedsOffer(client, requirement.Revocation)
			everywhere.NeedsOffer(client, requirement.RefreshToken)
			needsIntrospection(ctx, client)
			grant := everywhere.NeedsRefreshToken(client.Own(ctx))
			if client.IntrospectRefreshToken(ctx, grant).Members()["active"] != true {
				NotApplicable("refresh tokens are not known to the introspection endpoint")
			}
			Needs(client.RevokeRefreshToken(ctx, grant))
			return grant
		},
		func(ctx context.Context, grant *flow.Outcome) *flow.Outcome {
			return client.IntrospectRefreshToken(ctx, grant, flow.Words(fmt.Sprintf("%s after the refresh token was revoked", longRevoked)))
		},
		func(ctx SpecContext, late *flow.Outcome) {
			isInactive(answered(late), fmt.Sprintf("a refresh token that was revoked %s before", longRevoked))
			needsIntrospection(ctx, client)
		})

	AgedBy(Age[*flow.Outcome]{
		Of:      func(grant *flow.Outcome) time.Duration { return lifetime(grant) + soonAfterExpiry },
		About:   2 * time.Minute, // later than those who wait for less than a token may live
		Says:    fmt.Sprintf("as long as an access token lives and %ds more", int(soonAfterExpiry.Seconds())),
		Shorten: "have the target give this client access tokens that live shorter",
	},
		"the introspection endpoint says nothing but that it is not active of a token that has expired", NothingElse,
		func(ctx SpecContext) *flow.Outcome {
			grant := Needs(client.Own(ctx))
			if lifetime(grant) == 0 {
				LeaveToAttestation("the token response does not say how long the token lives")
			}
			Needs(mayIntrospect(ctx, client, grant, client.Introspect(ctx, grant)))
			return grant
		},
		func(ctx context.Context, grant *flow.Outcome) *flow.Outcome {
			return client.Introspect(ctx, grant, flow.Words(fmt.Sprintf("%s after the token has expired", soonAfterExpiry)))
		},
		func(ctx SpecContext, late *flow.Outcome) {
			if !saysNothingOf(answered(late), "that has expired") {
				NotApplicable("a token that has expired is called active, which is judged at %s", InactiveTokens.ID)
			}
			needsIntrospection(ctx, client)
		})

	AgedBy(Age[[]ageing]{
		Of:      func(all []ageing) time.Duration { return longestLife(all) + soonAfterExpiry },
		Most:    func(all []ageing) time.Duration { return longestLife(all) + longAfterExpiry },
		About:   2 * time.Minute, // later than those who wait for less than a token may live
		Says:    fmt.Sprintf("as long as an access token lives and %ds more or %ds where it is still active then", int(soonAfterExpiry.Seconds()), int(longAfterExpiry.Seconds())),
		Shorten: "have the target give this client access tokens that live shorter",
	},
		"the introspection endpoint does not call a token active that has expired", InactiveTokens,
		func(ctx SpecContext) []ageing {
			grant := Needs(client.Own(ctx))
			if lifetime(grant) == 0 {
				LeaveToAttestation("the token response does not say how long the token lives")
			}
			Needs(mayIntrospect(ctx, client, grant, client.Introspect(ctx, grant)))
			return append([]ageing{{"a token", grant}}, ageingBeside(ctx, client, grant)...)
		},
		func(ctx context.Context, all []ageing) []expired {
			var found []expired
			for _, token := range all {
				found = append(found, expired{what: token.what, soon: client.Introspect(ctx, token.tokens, flow.Words(fmt.Sprintf("%s after the token has expired", soonAfterExpiry)))})
			}
			for i, e := range found {
				if e.soon.Members()["active"] == true && WaitOn(ctx, longestLife(all)+longAfterExpiry) {
					found[i].late = client.Introspect(ctx, all[i].tokens, flow.Words(fmt.Sprintf("%s after the token has expired", longAfterExpiry)))
				}
			}
			return found
		},
		func(ctx SpecContext, all []expired) {
			for _, e := range all {
				switch active := answered(e.soon).Members()["active"] == true; {
				case active && e.late == nil:
					Unknown("%s is still called active %s after it expired, and whether it still is %s after could not be waited for", e.what, soonAfterExpiry, longAfterExpiry)
				case active:
					isInactive(answered(e.late), e.what+" that has expired")
					Warn("%s is still called active %s after it expired, and not any more %s after", e.what, soonAfterExpiry, longAfterExpiry)
				}
			}
			needsIntrospection(ctx, client)
		})
}

// outlives warns of an access token that is called active, by whatever hint, after it was revoked.
func outlives(ctx SpecContext, client *flow.Client, what string, grant *flow.Outcome) {
	if client.Introspect(ctx, grant).Members()["active"] == true {
		Warn("%s is called active after its revocation was answered with 200", what)
		return
	}
	for _, odd := range everywhere.OddHints("refresh_token") {
		if client.Introspect(ctx, grant, odd).Members()["active"] == true {
			Warn("%s is called active %s after its revocation was answered with 200", what, odd)
			return
		}
	}
}

// revokedOutlives is outlives for an access token that is revoked first, if it is active and can be.
func revokedOutlives(ctx SpecContext, client *flow.Client, what string, grant *flow.Outcome) {
	if Accepts(grant) && client.Introspect(ctx, grant).Members()["active"] == true && Accepts(client.Revoke(ctx, grant)) {
		outlives(ctx, client, what, grant)
	}
}

// finds wants a token of a kind to be called active by every hint: whoever does not find it by the hint has to look among all kinds (section 2.1). It may have been ended by another
// experiment meanwhile.
func finds(kind, wrong string, ask func(...flow.Deviation) *flow.Outcome) {
	for _, hinted := range everywhere.OddHints(wrong) {
		answer := ask(hinted)
		switch decision, because := Decide(answer); {
		case decision == wire.Accepted && answer.Members()["active"] == true:
		case decision == wire.Undecided || decision == wire.Confused:
			LeaveUndecided(answer.Exchange, because)
			Unknown("introspection %s was neither answered nor refused: %s", hinted, because)
		case ask().Members()["active"] != true:
			Unknown("the %s is not called active any more: it may have been ended by another experiment", kind)
		case decision == wire.Refused:
			// What is no hint at all may be called an invalid request.
			Note("introspection of a good %s %s is refused: %s", kind, hinted, because)
		default:
			Broken("a good %s is called inactive %s: whoever does not find a token by the hint has to look among the other kinds (RFC 7662 section 2.1)", kind, hinted)
		}
	}
}

// needsIntrospection is a grant that experiments share, of whose token a proper request has just been told that it is good.
func needsIntrospection(ctx SpecContext, client *flow.Client) *flow.Outcome {
	grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	Needs(mayIntrospect(ctx, client, grant, answer))
	return grant
}

// mayIntrospect ends a spec where the target does not let the client introspect. Introspection is claimed, and what nobody may do nobody has seen.
func mayIntrospect(ctx SpecContext, client *flow.Client, grant, answer *flow.Outcome) *flow.Outcome {
	if why := everywhere.IntrospectionDenied(ctx, client, grant, answer); why != "" {
		mayNotIntrospect(why)
	}
	return answer
}

func mayNotIntrospect(why string) {
	LeaveToAttestation("introspection was refused to a client that is known (%s): if it is for resource servers here, attest what they are told, take introspection out of offers, or let the client introspect", why)
}

// ownAssertion is the one thing of those that are no tokens which the server has not made itself.
const ownAssertion = "the client's own assertion"

// saysNothingOf wants the answer about a token that is not active to have no other members; notActive is false where it is called that.
func saysNothingOf(answer *flow.Outcome, what string) (notActive bool) {
	if answer.Members()["active"] == true {
		return false
	}
	tellsNothing(answer, what)
	return true
}

// expired are the answers about a token that had expired, and what it was in words.
type expired struct {
	what       string
	soon, late *flow.Outcome
}

// ageing is a token that is to expire, and what it is in words.
type ageing struct {
	what   string
	tokens *flow.Outcome
}

// longestLife is how long the last of some tokens lives.
func longestLife(all []ageing) time.Duration {
	longest := time.Duration(0)
	for _, token := range all {
		longest = max(longest, lifetime(token.tokens))
	}
	return longest
}

// ageingBeside are tokens that come another way than that of a grant: with a refresh, and for the client itself. Those are among them that are called active now, and that do
// not live longer than that of the grant.
func ageingBeside(ctx SpecContext, client *flow.Client, grant *flow.Outcome) []ageing {
	var all []ageing
	add := func(what string, tokens *flow.Outcome) {
		if Accepts(tokens) && lifetime(tokens) > 0 && lifetime(tokens) <= lifetime(grant) && client.Introspect(ctx, tokens).Members()["active"] == true {
			all = append(all, ageing{what, tokens})
		}
	}
	if grant.RefreshToken() != "" {
		add("a token that came with a refresh", client.Refresh(ctx, grant))
	}
	for _, alone := range everywhere.AnnouncedForItself(client) {
		add("a token that the client has for itself", client.ForItself(ctx, alone))
	}
	return all
}

// tellsNobody wants an answer to another client not to be about the token.
func tellsNobody(answer *flow.Outcome, owner, asker *flow.Client) {
	switch decision, because := Decide(answer); {
	case decision == wire.Accepted && answer.Members()["active"] == true:
		// Section 4 recommends that resource servers are authorized one by one, and section 2.2 speaks of those that are not allowed to introspect a
		// token: whom a server allows, it decides itself.
		Warn("client %s is told about a token of client %s, which it has no business with: %s", asker.ID(), owner.ID(), strings.Join(names(answer), ", "))
	case decision == wire.Undecided || decision == wire.Confused:
		LeaveUndecided(answer.Exchange, because)
		Unknown("introspection by client %s was neither answered nor refused: %s", asker.ID(), because)
	}
}

// When an expired token is asked about. A minute's leeway is common, although nobody needs it for what he has issued himself; after that nobody can mean
// it well.
const (
	soonAfterExpiry = 10 * time.Second
	longAfterExpiry = 70 * time.Second
)

func lifetime(grant *flow.Outcome) time.Duration {
	seconds, _ := grant.ExpiresIn()
	return time.Duration(seconds) * time.Second
}

// answered is an answer that the endpoint has given, whatever it says: 200, which is what RFC 7662 section 2.2 has for inactive tokens too.
func answered(answer *flow.Outcome) *flow.Outcome {
	decision, because := Decide(answer)
	switch {
	case answer.Err == nil && answer.Status == 200 && answer.Members() != nil:
		return answer
	case decision == wire.Refused:
		Needs(answer)
	}
	LeaveUndecided(answer.Exchange, because)
	Unknown("introspection was not answered: %s", because)
	return nil
}

// isInactive wants the answer not to call a token active.
func isInactive(answer *flow.Outcome, what string) {
	if answer.Members()["active"] == true {
		Broken("%s is called active", what)
	}
}

// tellsNothing wants the answer about an inactive token to have no other members.
func tellsNothing(answer *flow.Outcome, what string) {
	if answer.Members()["active"] == true {
		NotApplicable("a token %s is called active, which is judged at %s", what, InactiveTokens.ID)
	}
	if more := slices.DeleteFunc(names(answer), func(name string) bool { return name == "active" }); len(more) > 0 {
		Broken("the answer about a token %s has more than active: %s", what, strings.Join(more, ", "))
	}
}

// ofActive says what an answer has as active.
func ofActive(answer *flow.Outcome) string {
	switch value := answer.Members()["active"].(type) {
	case nil:
		return "no active"
	case string:
		return fmt.Sprintf("active as the text %q", wire.Printable(value))
	default:
		return "active that is no boolean"
	}
}

// names are those of the members of an answer.
func names(answer *flow.Outcome) []string {
	var all []string
	for name := range answer.Members() {
		all = append(all, wire.Printable(name))
	}
	slices.Sort(all)
	return all
}
