package attacks

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

func pageSpecs(client *flow.Client) {
	Describe("the pages of an authorization", func() {
		Control("lead back to the client with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("have nothing from other sites, and no links to them", NoThirdParties, func(ctx SpecContext) {
			if others := Needs(client.Landing(ctx)).Trip.Elsewhere; len(others) > 0 {
				Broken("the pages have contacted another site, which learns who is there: %s", wire.Printable(strings.Join(others, ", ")))
			}
			for _, page := range usedPages(ctx, client) {
				if len(page.Says.Referrer) == 0 {
					Note("%s has no Referrer-Policy: what is in its address may go out to where it leads", page.where())
				}
				if len(page.Says.Loads) > 0 {
					Broken("%s has something loaded from another site, which learns who is there and can change the page where it is a script: %s", page.where(), wire.Printable(strings.Join(page.Says.Loads, ", ")))
				}
				if len(page.Says.Links) > 0 {
					Broken("%s has links to another site: %s", page.where(), wire.Printable(strings.Join(page.Says.Links, ", ")))
				}
			}
		})

		It("can't be shown in a frame by another site", NotFramed, func(ctx SpecContext) {
			var bare []usedPage
			scripted := false
			for _, page := range usedPages(ctx, client) {
				if framable(page.Says) {
					bare, scripted = append(bare, page), scripted || page.Says.Scripted
				}
			}
			if len(bare) == 0 {
				for _, page := range framedByPost(ctx, client) {
					Warn("%s, where the request came by POST, has neither Content-Security-Policy with frame-ancestors nor X-Frame-Options: whether something else keeps other sites from using it in a frame was not seen", page.where())
				}
				return
			}
			// Old pages break out of frames by a script, servers are told by the browser what a request is for, and without the session's cookie a page
			// is of no use. None of that stands in the header of the page.
			framed := client.Authorize(ctx, Needs(client.Push(ctx)), flow.InFrame())
			if decision, _ := Decide(framed); decision == wire.Accepted && framed.Trip.Framed && !scripted {
				Broken("%s has neither Content-Security-Policy with frame-ancestors nor X-Frame-Options, and can be used in a frame on a page of another site: nothing that the browser says there, or leaves out, keeps the user from being led to a code",
					bare[0].where())
			}
			if framed.Trip.Framed && framed.Trip.Ending == consent.ErrorPage && !slices.ContainsFunc(framed.Trip.Pages, func(page consent.Shot) bool { return page.Did != "" }) {
				Note("%s has neither Content-Security-Policy with frame-ancestors nor X-Frame-Options, and is not sent to a browser that wants it for a frame on a page of another site", bare[0].where())
				return
			}
			for _, page := range bare {
				Warn("%s has neither Content-Security-Policy with frame-ancestors nor X-Frame-Options: whether something else keeps other sites from using it in a frame was not seen", page.where())
			}
		})
	})

	// RFC 6749 section 10.12 has the authorization endpoint protected against forged requests, and section 3.1 has it verify who the user is. The catalogue has no entry for
	// either: what is found stands beside the other misuse of the pages, as a warning.
	Describe("the pages of an authorization", func() {
		Control("lead back to the client with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		played := func(ctx SpecContext, trick consent.Trick) (trip *consent.Trip, worked bool) {
			landed := client.Authorize(ctx, Needs(client.Push(ctx)), flow.Played(trick))
			if landed.Step != flow.StepAuthorize || landed.Trip == nil {
				Needs(landed)
			}
			trip = landed.Trip
			undecided := []consent.Ending{consent.Broken, consent.TimedOut, consent.Busy, consent.Withheld}
			if slices.Contains(undecided, trip.Ending) && !trip.Tricked || trip.Ending == consent.TimedOut {
				Needs(landed) // whatever became of a trick: an error is no code
			}
			if !trip.Tricked && (trick != consent.OtherBrowser || len(trip.Lasting) == 0) {
				NotApplicable("it did not come to that %s: %s", trick, wire.Printable(cmp.Or(trip.Says, "there is no such page")))
			}
			return trip, trip.Tricked && landed.Code() != ""
		}

		It("are of no use in a browser in which nobody has signed in", NotFramed, func(ctx SpecContext) {
			trip, worked := played(ctx, consent.OtherBrowser)
			if worked {
				Warn("the address of the page after the login leads to a code in another browser, which has none of the session's cookies: whoever sees the address has the session")
			}
			if len(trip.Lasting) > 0 {
				Warn("the login sets no cookie, and what may name the session is the same before and after it (%s): whoever has brought the browser to hold a value that he knows is signed in with it", strings.Join(trip.Lasting, ", "))
			}
			for _, cookie := range trip.Cookies {
				var lacks []string
				if !cookie.Secure {
					lacks = append(lacks, "Secure")
				}
				if !cookie.HTTPOnly {
					lacks = append(lacks, "HttpOnly")
				}
				if cookie.SameSite == "" {
					lacks = append(lacks, "SameSite")
				}
				if len(lacks) > 0 {
					Note("the cookie %s is set without %s", cookie.Name, strings.Join(lacks, " and without "))
				}
			}
		})
		for _, trick := range []consent.Trick{consent.ForgedLogin, consent.ForgedConsent} {
			It("lead to no code where "+string(trick), NotFramed, func(ctx SpecContext) {
				if _, worked := played(ctx, trick); worked {
					Warn("%s, and leads to a code: with neither what stands in hidden fields nor cookies that browsers keep from other sites, and with the Origin of that site "+
						"(RFC 6749 section 10.12 has the endpoint protected against that: put a value into each form that only its session knows)", trick)
				}
			})
		}
		It("let nobody sign in with a wrong password", NotFramed, func(ctx SpecContext) {
			// Tried once in a run, and followed by the right one, which sets counters of failures back.
			if trip, worked := played(ctx, consent.WrongPassword); worked && trip.Logins == 1 {
				Warn("a user has signed in with a password that is not theirs: RFC 6749 section 3.1 has the server verify first who the user is")
			}
		})
	})

	Describe("a response that comes as a message to the client's window", func() {
		It("is sent to the origin of the redirect URI alone", MessageOrigins, func(ctx SpecContext) {
			if !slices.Contains(client.Target().Metadata.List("response_modes_supported"), "web_message") {
				NotApplicable("response_modes_supported does not list web_message")
			}
			pushed := client.Push(ctx, flow.With(flow.Parameter("response_mode"), "web_message"))
			if decision, because := Decide(pushed); decision == wire.Refused {
				NotApplicable("a request with response_mode=web_message is refused: %s", because)
			}
			trip := client.Authorize(ctx, Needs(pushed)).Trip
			if trip == nil || len(trip.Pages) == 0 {
				Unknown("the consent driver does not see the pages")
			}
			origin := ""
			if uri, err := url.Parse(client.Self().Redirects[0]); err == nil {
				origin = uri.Scheme + "://" + uri.Host
			}
			_, message, posts := strings.Cut(unescapedScript.Replace(string(trip.Pages[len(trip.Pages)-1].HTML)), "postMessage(")
			switch {
			case !posts:
				LeaveToAttestation("the last page has no script in it that posts a message, so that it was not seen where the response goes")
			case anyOrigin.MatchString(message):
				Broken("the response is posted to whatever page the window shows (\"*\")")
			case origin == "" || !strings.Contains(message, origin):
				LeaveToAttestation("the script that posts the message does not name the origin of the redirect URI where it could be read")
			}
		})
	})
}

var (
	// anyOrigin is how a script says that whatever page is shown may have a message.
	anyOrigin = regexp.MustCompile(`^[^;]*["']\*["']`)
	// unescapedScript undoes how addresses are spelt in scripts.
	unescapedScript = strings.NewReplacer(`\/`, "/", `\u002f`, "/", `\u003a`, ":", `\x2f`, "/")
)

// usedPage is a page on which the user had something to do.
type usedPage struct{ consent.Shot }

func (p usedPage) where() string { return place(p.URL) + " (" + p.Title + ")" }

// usedPages are those of the journey that experiments share.
func usedPages(ctx SpecContext, client *flow.Client) []usedPage {
	used := pagesUsed(Needs(client.Landing(ctx)).Trip)
	if len(used) == 0 {
		Unknown("the consent driver does not see the pages, or has had nothing to do on any")
	}
	return used
}

// pagesUsed are those of a journey.
func pagesUsed(trip *consent.Trip) (used []usedPage) {
	for _, page := range trip.Pages {
		if page.Did != "" && page.Status == http.StatusOK {
			used = append(used, usedPage{page})
		}
	}
	return used
}

// framedByPost are those of the journey of a request that came by POST, where that is taken, which nothing in their header keeps out of frames.
func framedByPost(ctx SpecContext, client *flow.Client) []usedPage {
	landed := client.LandingByPost(ctx)
	if !Accepts(landed) || landed.Trip == nil {
		return nil
	}
	return slices.DeleteFunc(pagesUsed(landed.Trip), func(page usedPage) bool { return !framable(page.Says) })
}

// framable says whether nothing in the header of a page keeps every site from showing it in a frame. Where there are frame-ancestors they count
// alone (Content Security Policy Level 3, section 6.4.2.2); a policy in the page itself can't have them.
func framable(p consent.Protection) bool {
	named := false
	for _, policies := range p.Policies {
		for policy := range strings.SplitSeq(policies, ",") {
			for directive := range strings.SplitSeq(policy, ";") {
				words := strings.Fields(strings.ToLower(directive))
				if len(words) == 0 || words[0] != "frame-ancestors" {
					continue
				}
				named = true
				if !slices.ContainsFunc(words[1:], func(source string) bool { return slices.Contains(everySite, source) }) {
					return false
				}
				break // of one name the first counts
			}
		}
	}
	if named {
		return true
	}
	for _, values := range p.Framing {
		for value := range strings.SplitSeq(values, ",") {
			if value = strings.ToLower(strings.TrimSpace(value)); value == "deny" || value == "sameorigin" {
				return false
			}
		}
	}
	return true
}

// everySite are the sources of a policy that let every site in.
var everySite = []string{"*", "https:", "http:", "https://*", "http://*"}
