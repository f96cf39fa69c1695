package openid

import (
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

func requestSpecs(client *flow.Client) {
	Describe("the id_token of a request with max_age", func() {
		It("says when the user signed in", AuthTime, func(ctx SpecContext) {
			landed, tokens := needsAsked(ctx, client)
			token := needsIdentity(client, tokens)
			said, there := token.claims["auth_time"]
			signedIn, isTime := token.moment("auth_time")
			switch {
			case !there:
				Broken("it has no auth_time")
			case !isTime:
				Broken("auth_time is no number of seconds: %s", wire.Printable(fmt.Sprint(said)))
			}
			apart := func(by time.Duration, words string) {
				switch {
				case by > farApart:
					Broken("auth_time is %s %s", by.Round(time.Second), words)
				case by > littleApart:
					Warn("auth_time is %s %s, by the target's own clock", by.Round(time.Second), words)
				}
			}
			apart(signedIn.Sub(token.came), "ahead when the id_token comes")
			if landed.Trip.Logins > 0 {
				// The browser was fresh, and the user signed in on this journey.
				took := token.with.Arrived.Sub(landed.Exchange.Started)
				apart(token.came.Add(-took).Sub(signedIn), "before the journey began on which the user signed in")
			} else {
				apart(token.came.Sub(signedIn)-time.Hour, "older than max_age lets it be")
			}
		})
	})

	Describe("the id_token of a user who is signed in already", func() {
		It("says when that was, and not when it was gone by", AuthTime, WaitsByItself, func(ctx SpecContext) {
			browser, end := flow.OneBrowser(ctx, 2)
			defer end()
			name, most, _ := strings.Cut(askedAge, "=")
			began := client.Login(browser, asking(client, name, most)...)
			if decision, because := Decide(began); decision == wire.Refused {
				NotApplicable("a request with max_age is not taken: %s", because)
			}
			first := needsIdentity(client, Needs(client.Exchange(ctx, Needs(began))))
			if client.Wait(ctx, 2*tick, AuthTime.ID) != nil {
				Unknown("waiting was interrupted")
			}
			landed := client.Login(browser, asking(client, name, most)...)
			if decision, because := Decide(landed); decision == wire.Refused {
				NotApplicable("the second request in the same browser is answered with an error: %s", because)
			}
			second := needsIdentity(client, Needs(client.Exchange(ctx, Needs(landed))))
			before, told := first.moment("auth_time")
			after, alsoTold := second.moment("auth_time")
			switch {
			case !told || !alsoTold:
				NotApplicable("there is no auth_time, which is judged above")
			case began.Trip.Logins == 0 || landed.Trip.Logins > 0:
				Note("the user signs in for every request")
			case after.After(before):
				Warn("auth_time is new in the second request of one browser, although the script did not offer the password again: %s", unseenLogin)
			}
		})
	})

	Describe("the id_token of a request that wants acr as an essential claim", func() {
		It("has acr", EssentialACR, func(ctx SpecContext) {
			if essentialClaims(client) == "" {
				NotApplicable("the metadata do not announce the claims parameter (claims_parameter_supported), or the target file needs it for something else: nothing can be essential")
			}
			_, tokens := needsAsked(ctx, client)
			if acr, _ := needsIdentity(client, tokens).claims["acr"].(string); acr == "" {
				Broken("it has no acr, or one that is no text")
			}
		})
		It("has another claim that was asked for", ClaimsParameter, func(ctx SpecContext) {
			name := unusualClaim(client)
			if essentialClaims(client) == "" || name == "" {
				NotApplicable("the metadata do not announce the claims parameter (claims_parameter_supported), or the target file needs it for something else, or there is nothing to ask for")
			}
			_, tokens := needsAsked(ctx, client)
			if _, there := needsIdentity(client, tokens).claims[name]; !there {
				Note("%s was asked for in the id_token, and is not there", name)
			}
		})
	})

	Describe("a request with prompt=none", func() {
		It("is answered without a page where nobody is signed in", NoPageAtNone, func(ctx SpecContext) {
			Needs(client.Grant(ctx))
			answer := client.Login(ctx, prompting(client, "none")...)
			if page := actedOn(answer); page != "" {
				Broken("a page was shown that wants something of the user: %s", page)
			}
			Expect(answer).To(BeRefused())
			signed := flow.With(flow.RequestObject, flow.Signed).As("in a request object")
			if client.Target().Offered(string(requirement.JAR)) && client.Self().Key != nil && !client.Shape().Signed && Accepts(client.Push(ctx, signed)) {
				inObject := client.Login(ctx, append(prompting(client, "none"), signed)...)
				if page := actedOn(inObject); page != "" {
					Broken("a page was shown that wants something of the user, where the request is in a request object: %s", page)
				}
				if Accepts(inObject) {
					Expect(inObject).To(BeRefused())
				}
			}
			switch code := answer.ErrorCode(); {
			case answer.Step == flow.StepPush:
				Warn("it is refused when it is pushed (%s): whether somebody is signed in can't be known there", wire.Printable(code))
			case answer.Trip.Ending != consent.Arrived:
				Warn("it is answered on a page, and not with an error redirect: who asked in a hidden frame waits in vain")
			case slices.Contains([]string{"login_required", "interaction_required", "consent_required", "account_selection_required"}, code):
			case code == "invalid_request":
				Note("the error is invalid_request, as a server may say that wants id_token_hint beside prompt=none (OpenID Connect Core section 3.1.2.1)")
			default:
				Warn("the error is %s, and not login_required or interaction_required", wire.Printable(code))
			}
		})
		It("is an error where prompt has another value too", NoneAlone, func(ctx SpecContext) {
			Needs(client.Push(ctx))
			for _, values := range []string{"none login", "login none", "none consent"} {
				pushed := client.Push(ctx, prompting(client, values)...)
				if decision, _ := Decide(pushed); decision == wire.Refused {
					continue
				}
				// One of those that are not refused here is enough to see what becomes of them: each is a journey.
				Expect(client.Authorize(ctx, Needs(pushed))).To(BeRefused())
				break
			}
			Needs(client.Push(ctx))
		})
	})

	Describe("a user who is signed in", func() {
		It("has to sign in again at prompt=login", LoginAtPrompt, WaitsByItself, func(ctx SpecContext) {
			signsInAgain(ctx, client, LoginAtPrompt.ID, prompting(client, "login"), prompting(client, "login consent"))
		})
		It("has to sign in again where the login is older than max_age", LoginAtMaxAge, WaitsByItself, func(ctx SpecContext) {
			signsInAgain(ctx, client, LoginAtMaxAge.ID, asking(client, "max_age", "1"))
		})
		It("has to sign in again at max_age=0", LoginAtMaxAge, WaitsByItself, func(ctx SpecContext) {
			zero := asking(client, "max_age", "0") // which many languages take for nothing
			wants := [][]flow.Deviation{zero}
			if _, everywhere := client.Target().Request["prompt"]; !everywhere {
				wants = append(wants, append(slices.Clone(zero), prompting(client, "consent")...))
			}
			signsInAgain(ctx, client, LoginAtMaxAge.ID, wants...)
		})
	})
}

// prompting asks for values of prompt.
func prompting(client *flow.Client, values string) []flow.Deviation {
	return asking(client, "prompt", values)
}

// asking adds a parameter to a request, unless every request to the target has it so.
func asking(client *flow.Client, name, value string) []flow.Deviation {
	if client.Target().Request[name] == value {
		return nil
	}
	return []flow.Deviation{flow.With(flow.Parameter(name), value)}
}

// actedOn is the title of the first page of a journey on which the script did something; empty where there was none.
func actedOn(answer *flow.Outcome) string {
	if answer.Trip == nil {
		return ""
	}
	for _, page := range answer.Trip.Pages {
		if page.Did != "" {
			return fmt.Sprintf("%q, on which the script %s", page.Title, page.Did)
		}
	}
	return ""
}

// unseenLogin is what to make of an auth_time that is new without a password.
const unseenLogin = "unless the user was authenticated by something that no page shows, it is not the time of a login"

// signsInAgain has one user make requests in one browser, each of which but the first wants a new login. A target that asks for a login every time, or answers
// with an error, is right as well.
func signsInAgain(ctx SpecContext, client *flow.Client, clause string, wants ...[]flow.Deviation) {
	browser, end := flow.OneBrowser(ctx, 1+len(wants))
	defer end()
	began := Needs(client.Login(browser))
	first := needsIdentity(client, Needs(client.Exchange(ctx, began)))
	for _, want := range wants {
		if client.Wait(ctx, 2*tick, clause) != nil {
			Unknown("waiting was interrupted")
		}
		landed := client.Login(browser, want...)
		if decision, because := Decide(landed); decision == wire.Refused {
			Note("another request in the same browser is answered with an error: %s", because)
			continue
		}
		second := needsIdentity(client, Needs(client.Exchange(ctx, Needs(landed))))
		before, told := first.moment("auth_time")
		after, alsoTold := second.moment("auth_time")
		switch {
		case told && alsoTold && !after.After(before) && landed.Trip.Logins > 0:
			Broken("the user signed in again, and auth_time is still that of the login before")
		case told && alsoTold && !after.After(before):
			Broken("the user did not sign in again: auth_time is that of the login before")
		case landed.Trip.Logins > 0:
		case told && alsoTold && began.Trip.Logins > 0:
			Warn("auth_time is new, although the script did not offer the password again: %s", unseenLogin)
		case told && alsoTold:
			Note("auth_time is new, although the script did not offer the password again")
		case clause == LoginAtPrompt.ID && began.Trip.Logins > 0:
			Broken("the user did not sign in again, as far as the pages show")
		default:
			Unknown("the script did not offer the password another time, and id_tokens without auth_time do not say whether the user was known again by something else")
		}
		first = second
	}
}
