package fapi2sp

import (
	"fmt"
	"html"
	"maps"
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
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func redirectSpecs(client *flow.Client) {
	foreign := flow.ForeignOrigin + "/landing"

	Describe("the browser", func() {
		Control("is sent back to the client with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("is not sent astray for an unknown client", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.AuthorizeWith(ctx, "with an unknown client_id and a foreign redirect_uri", url.Values{
				"client_id": {jose.Random(12)}, "redirect_uri": {foreign}, "response_type": {"code"}, "scope": {client.Target().Scope}, "state": {jose.Random(8)},
			})).NotTo(BeSentAstray())
		})
		It("is not sent astray for a made-up request_uri", NoOpenRedirector, func(ctx SpecContext) {
			staysWhere(ctx, client, client.ID(), "with a made-up request_uri", madeUpRequestURI)
		})
		It("is not sent astray by a redirect_uri beside a good request_uri", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
		})
		It("is not sent astray where nothing was pushed", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
			Expect(client.AuthorizeWith(ctx, "with client_id and a foreign redirect_uri alone", url.Values{
				"client_id": {client.ID()}, "redirect_uri": {foreign},
			})).NotTo(BeSentAstray())
		})
		It("is not sent astray when the user says no, by a redirect_uri beside a good request_uri", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.Decline(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
		})
		It("is not sent astray where nobody may be asked, by a redirect_uri beside a good request_uri", NoOpenRedirector, func(ctx SpecContext) {
			pushed := client.Push(ctx, unasked(client))
			if decision, because := Decide(pushed); decision == wire.Refused {
				NotApplicable("a request with prompt=none is refused when it is pushed: %s", because)
			}
			Expect(client.Authorize(ctx, Needs(pushed), flow.With(flow.RedirectURI, foreign))).NotTo(BeSentAstray())
			staysByPost(client.Authorize(ctx, Needs(client.Push(ctx, unasked(client))), flow.With(flow.RedirectURI, foreign), flow.ByPost()))
		})
		It("is not sent astray by a redirect_uri beside a request_uri of another client", NoOpenRedirector, func(ctx SpecContext) {
			index := slices.IndexFunc(client.Target().Clients, func(other *target.Client) bool { return other.ID != client.ID() })
			if index < 0 {
				Unknown("the target file has no other client")
			}
			staysWhere(ctx, client, client.Target().Clients[index].ID, "with a request_uri of another client", func() string {
				return Needs(client.Push(ctx)).RequestURI()
			})
		})
		It("is not sent astray by a request object in the URL", NoOpenRedirector, func(ctx SpecContext) {
			for _, form := range []flow.ObjectForm{flow.Unsigned, flow.Signed} {
				if form == flow.Signed && client.Self().Key == nil {
					continue
				}
				kind := "an " + string(form)
				if form == flow.Signed {
					kind = "a signed"
				}
				in := flow.With(flow.RequestObject, form)
				if form == flow.Signed && client.Shape().Signed {
					in = flow.Words("") // as every request of this client
				}
				astray := []flow.Deviation{in.As(""), flow.With(flow.RedirectURI, foreign).As("with a foreign redirect_uri in " + kind + " request object in the URL")}
				Expect(client.AuthorizeUnpushed(ctx, astray...)).NotTo(BeSentAstray())
				// OpenID Connect Core section 6.1 wants these beside the object too, and what stands in it goes before what stands beside it.
				beside := append(slices.Clone(astray), flow.AlsoOutside("and response_type and scope beside it", "response_type", "scope"),
					flow.Beside("redirect_uri", client.Self().Redirects[0]).As("and a registered redirect_uri beside it"))
				Expect(client.AuthorizeUnpushed(ctx, beside...)).NotTo(BeSentAstray())
				staysByPost(client.AuthorizeUnpushed(ctx, append(astray, flow.ByPost())...), client.AuthorizeUnpushed(ctx, append(beside, flow.ByPost())...))
			}
		})
		It("is not sent astray by a redirect_uri beside a request_uri that was used", NoOpenRedirector, func(ctx SpecContext) {
			pushed := Needs(client.Push(ctx))
			Needs(client.Authorize(ctx, pushed))
			staysWhere(ctx, client, client.ID(), "with the request_uri of an authorization that was completed", pushed.RequestURI)
		})
		It("is not sent astray for other clients", NoOpenRedirector, func(ctx SpecContext) {
			// A rule may be set for each client, and routes differ by how clients authenticate. What is refused needs no login.
			others := slices.DeleteFunc(slices.Clone(client.Target().Clients), func(other *target.Client) bool { return other.ID == client.ID() })
			if len(others) == 0 {
				NotApplicable("the target file has no other client")
			}
			for _, other := range others {
				for _, uri := range []struct{ words, uri string }{{"with nothing pushed", ""}, {"with a made-up request_uri", madeUpRequestURI()}} {
					words := uri.words + " and a foreign redirect_uri, as client " + other.ID
					Expect(client.AuthorizeWith(ctx, words, misdirecting(client, other.ID, uri.uri, true))).NotTo(BeSentAstray())
					staysByPost(client.AuthorizeWith(ctx, words, misdirecting(client, other.ID, uri.uri, false), flow.ByPost()))
				}
				if client.Target().Metadata.Text("end_session_endpoint") != "" {
					loggedOut(client.Logout(ctx, "with a foreign post_logout_redirect_uri, as client "+other.ID, url.Values{
						"client_id": {other.ID}, "post_logout_redirect_uri": {foreign},
					}))
				}
			}
		})
		It("is not sent astray where the request is faulty in itself", NoOpenRedirector, func(ctx SpecContext) {
			astray := flow.With(flow.RedirectURI, foreign)
			for _, fault := range []flow.Deviation{
				flow.All("with an unknown response_type and a foreign redirect_uri", astray, flow.With(flow.ResponseType, "fapitest")),
				flow.All("with an unknown scope and a foreign redirect_uri", astray, flow.With(flow.Scope, "fapitest-"+jose.Random(8))),
				flow.All("without client_id and with a foreign redirect_uri", astray, flow.Without(flow.ClientID)),
				flow.All("without state and with a foreign redirect_uri", astray, flow.Without(flow.State)),
			} {
				Expect(client.AuthorizeUnpushed(ctx, fault)).NotTo(BeSentAstray())
			}
		})
		It("is not sent astray to an address that resembles a registered one", NoOpenRedirector, func(ctx SpecContext) {
			for _, alike := range resembling(client) {
				Expect(client.AuthorizeWith(ctx, "with a made-up request_uri and a redirect_uri "+alike.how, url.Values{
					"client_id": {client.ID()}, "redirect_uri": {alike.address}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
				})).NotTo(BeSentAstray())
				Expect(client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, alike.address))).NotTo(BeSentAstray())
				if alike.rare { // it would cost a login
					continue
				}
				Expect(client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, alike.address))).NotTo(BeSentAstray())
			}
		})
		// Where a browser is to go on after the login is often said in an address, by a server to itself; and what is in an address anybody can write.
		addresses := []string{foreign, strings.TrimPrefix(foreign, "https:"), strings.Replace(strings.TrimPrefix(foreign, "https:"), "//", `/\`, 1)}
		It("is not sent astray by parameters beside a good request_uri that say where to go on", NoOpenRedirector, func(ctx SpecContext) {
			for _, address := range addresses {
				notLedOn(flow.LeadingOn(), func(names []string) *flow.Outcome {
					return client.Authorize(ctx, Needs(client.Push(ctx)), flow.LeadingTo("with "+address+" in "+some(names), address, names...))
				})
			}
		})
		It("is not sent astray when the user says no, by parameters beside a good request_uri that say where to go on", NoOpenRedirector, func(ctx SpecContext) {
			Expect(client.Decline(ctx, Needs(client.Push(ctx)), flow.LeadingTo("with "+foreign+" in "+some(flow.LeadingOn()), foreign, flow.LeadingOn()...))).NotTo(BeSentAstray())
		})
		It("is not sent astray after a logout by parameters that say where to go on", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			// A browser waits at the end of a logout, because something on the page may still lead on: no more of them than it takes.
			tries := []farewell{{"of the client", addresses[0], url.Values{"client_id": {client.ID()}}, nil}, {"of nobody in particular", addresses[1], url.Values{}, nil}}
			// Who shows an id_token is known, and may be believed more than others.
			if idToken := client.Grant(ctx).IDToken(); idToken != "" {
				known := url.Values{"client_id": {client.ID()}, "id_token_hint": {idToken}}
				tries = append(tries, farewell{"with an id_token_hint", addresses[0], known, nil}, farewell{"with an id_token_hint", addresses[0], known, []flow.Deviation{flow.ByPost()}})
			}
			for _, logout := range tries {
				notLedOn(append(flow.LeadingOut(), flow.LeadingOn()...), func(names []string) *flow.Outcome {
					how := append([]flow.Deviation{flow.LeadingTo("with "+logout.address+" in "+some(names), logout.address, names...)}, logout.how...)
					outcome := client.Logout(ctx, logout.words, maps.Clone(logout.params), how...)
					if logout.how != nil && notTaken(outcome) {
						return nil
					}
					loggedOut(outcome)
					return outcome
				})
			}
		})
		It("is not sent astray by the addresses of the pages on its way", NoOpenRedirector, func(ctx SpecContext) {
			on := func(says, address string, own bool, names ...string) *flow.Outcome {
				return client.Authorize(ctx, Needs(client.Push(ctx)), flow.OnPagesLeadingTo("with "+address+" in the addresses of the pages, "+says, address, own, names...))
			}
			for _, address := range addresses {
				landed := on("where one stands already and in "+some(flow.LeadingOn()), address, true, flow.LeadingOn()...)
				Expect(landed).NotTo(BeSentAstray())
				switch trip := landed.Trip; {
				case len(trip.Pages) == 0:
					LeaveToAttestation("the consent driver does not open pages by addresses of their own")
				case trip.Tempted == 0:
					Note("no page has an address of its own by which it could be opened once more")
					return
				case trip.Ending != consent.ErrorPage:
				case on("in a parameter that means nothing", address, false, "fapitest").Trip.Ending == consent.ErrorPage:
					Note("a page that is opened once more by its own address does not lead on: %s", trip.Says)
					return
				default:
					// What was refused were all of them together.
					Expect(on("where one stands already", address, true)).NotTo(BeSentAstray())
					notLedOn(flow.LeadingOn(), func(names []string) *flow.Outcome { return on("in "+some(names), address, false, names...) })
				}
			}
		})
		It("is not sent to an address below a registered one", NoOpenRedirector, func(ctx SpecContext) {
			below, err := url.Parse(client.Self().Redirects[0])
			if err != nil || below.Hostname() == "" {
				NotApplicable("the redirect URI of client %s has no host", client.ID())
			}
			below = below.JoinPath("fapitest")
			for _, try := range []*flow.Outcome{
				client.AuthorizeWith(ctx, "with a made-up request_uri and a redirect_uri below a registered one", url.Values{
					"client_id": {client.ID()}, "redirect_uri": {below.String()}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
				}),
				client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, below.String()).As("with a redirect_uri below a registered one")),
			} {
				Expect(try).NotTo(BeSentAstray())
				if arrival, err := url.Parse(try.Trip.Arrival); err == nil && arrival.Host == below.Host && arrival.Path == below.Path {
					// The place is the client's own, and more may be registered than the target file says.
					Warn("the browser was sent to %s, which the target file does not know as a redirect URI of the client: unless it is registered, "+
						"RFC 6749 section 4.1.2.1 forbids that, and whatever at the client's host sends browsers on does so for everybody", wire.Printable(below.String()))
					return
				}
			}
		})
		It("is not sent astray for a request that comes by POST", NoOpenRedirector, func(ctx SpecContext) {
			params := func(more url.Values) url.Values {
				more.Set("redirect_uri", foreign)
				return more
			}
			staysByPost(
				client.AuthorizeWith(ctx, "with an unknown client_id and a foreign redirect_uri", params(url.Values{
					"client_id": {jose.Random(12)}, "response_type": {"code"}, "scope": {client.Target().Scope}, "state": {jose.Random(8)},
				}), flow.ByPost()),
				client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, foreign), flow.ByPost()),
				client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, foreign), flow.ByPost()),
			)
		})
		It("is not sent astray after a logout", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			loggedOut(client.Logout(ctx, "with a foreign post_logout_redirect_uri", url.Values{
				"client_id": {client.ID()}, "post_logout_redirect_uri": {foreign},
			}))
		})
		It("is not sent astray after a logout that names no client", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			loggedOut(client.Logout(ctx, "with a foreign post_logout_redirect_uri alone", url.Values{"post_logout_redirect_uri": {foreign}}))
		})
		It("is not sent astray after a logout to an address that resembles a registered one", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			for _, alike := range resembling(client) {
				loggedOut(client.Logout(ctx, "with a post_logout_redirect_uri "+alike.how, url.Values{
					"client_id": {client.ID()}, "post_logout_redirect_uri": {alike.address},
				}))
			}
		})
		It("is not sent astray after a logout that comes by POST", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			tries := []*flow.Outcome{
				client.Logout(ctx, "with a foreign post_logout_redirect_uri", url.Values{"client_id": {client.ID()}, "post_logout_redirect_uri": {foreign}}, flow.ByPost()),
				client.Logout(ctx, "with a foreign post_logout_redirect_uri alone", url.Values{"post_logout_redirect_uri": {foreign}}, flow.ByPost()),
			}
			for _, alike := range usually(resembling(client)) {
				tries = append(tries, client.Logout(ctx, "with a post_logout_redirect_uri "+alike.how, url.Values{
					"client_id": {client.ID()}, "post_logout_redirect_uri": {alike.address},
				}, flow.ByPost()))
			}
			if idToken := client.Grant(ctx).IDToken(); idToken != "" {
				tries = append(tries, hinted(ctx, client, idToken, flow.ByPost())...)
			}
			for _, try := range tries {
				if notTaken(try) {
					continue
				}
				loggedOut(try)
			}
		})
		It("is not sent astray after a logout with an id_token", NoOpenRedirector, func(ctx SpecContext) {
			if client.Target().Metadata.Text("end_session_endpoint") == "" {
				NotApplicable("the metadata has no end_session_endpoint")
			}
			idToken := client.Grant(ctx).IDToken()
			if idToken == "" {
				NotApplicable("there is no id_token to send along")
			}
			for _, try := range hinted(ctx, client, idToken) {
				loggedOut(try)
			}
		})

		It("is not redirected with 307 by the answer to the page with the password", No307, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			if len(landed.Trip.Pages) == 0 {
				Unknown("the consent driver does not see the pages")
			}
			if !landed.Trip.Credentials {
				LeaveToAttestation("no request was seen that carries the password: either the bank's pages asked for none, or they send it in a form in which it is not recognised")
			}
			for _, hop := range landed.Trip.Hops {
				if hop.Credentials {
					Expect(hop.Status).NotTo(Equal(http.StatusTemporaryRedirect), "the answer to the request that carried the password")
				}
				if hop.Credentials && hop.Status == http.StatusPermanentRedirect {
					// The clause forbids 307 by its number. The reason that it gives goes for 308 as well (RFC 9110 section 15.4.9).
					Note("%s answers the request that carried the password with 308, which has the browser post the password again as 307 does: that is judged at %s", path(hop.URL), attacks.CredentialsStay.ID)
				}
			}
		})
		It("is not sent with a code to a registered address whose scheme is HTTP in capitals", RedirectURINotCleartext, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				secure, isSecure := strings.CutPrefix(client.Self().Redirects[0], "https://")
				if !isSecure {
					NotApplicable("the first redirect URI of client %s does not begin with https://", client.ID())
				}
				Needs(client.Push(ctx))
				for _, scheme := range []string{"HTTP", "Http"} {
					Expect(client.Login(ctx, flow.With(flow.RedirectURI, scheme+"://"+secure))).To(BeRefused())
				}
				Needs(client.Push(ctx))
			})
		})
		It("is redirected with 303", Prefer303, func(ctx SpecContext) {
			landed := Needs(client.Landing(ctx))
			if len(landed.Trip.Pages) == 0 {
				Unknown("the consent driver does not see the pages")
			}
			var others []string
			for _, hop := range landed.Trip.Hops {
				if hop.Status != 0 && hop.Status != http.StatusSeeOther {
					others = append(others, fmt.Sprintf("%d by %s", hop.Status, path(hop.URL)))
				}
			}
			slices.Sort(others)
			if others = slices.Compact(others); len(others) > 0 {
				Broken("redirects with another status: %s", strings.Join(others, ", "))
			}
		})
	})
}

// madeUpRequestURI is a request_uri that nobody has issued.
func madeUpRequestURI() string { return "urn:ietf:params:oauth:request_uri:" + jose.Random(32) }

// misdirecting is a link to the authorization endpoint with a foreign redirect_uri and, where there is one, a request_uri: by themselves, or with the rest of a
// whole request, to which a server may fall back that can't use the request_uri.
func misdirecting(client *flow.Client, as, requestURI string, whole bool) url.Values {
	params := url.Values{"client_id": {as}, "redirect_uri": {flow.ForeignOrigin + "/landing"}}
	if requestURI != "" {
		params.Set("request_uri", requestURI)
	}
	if whole {
		params.Set("response_type", "code")
		params.Set("scope", client.Target().Scope)
		params.Set("state", jose.Random(8))
		params.Set("code_challenge", jose.Hash(jose.Random(32)))
		params.Set("code_challenge_method", "S256")
	}
	return params
}

// staysWhere wants the browser not to be sent astray by a link with a request_uri that is no good for the client, whatever stands beside it and however it comes.
func staysWhere(ctx SpecContext, client *flow.Client, as, words string, requestURI func() string) {
	GinkgoHelper()
	for _, whole := range []bool{false, true} {
		says := words + " and a foreign redirect_uri"
		if whole {
			says += ", and the rest of a request beside it"
		}
		Expect(client.AuthorizeWith(ctx, says, misdirecting(client, as, requestURI(), whole))).NotTo(BeSentAstray())
		staysByPost(client.AuthorizeWith(ctx, says, misdirecting(client, as, requestURI(), whole), flow.ByPost()))
	}
}

// farewell is a logout, and the address to which it is to be led on.
type farewell struct {
	words, address string
	params         url.Values
	how            []flow.Deviation
}

// hinted are logouts with an id_token of the client's: to a foreign address, and to such as resemble a registered one.
func hinted(ctx SpecContext, client *flow.Client, idToken string, how ...flow.Deviation) []*flow.Outcome {
	to := func(words, address string, params url.Values) *flow.Outcome {
		params.Set("id_token_hint", idToken)
		params.Set("post_logout_redirect_uri", address)
		return client.Logout(ctx, "with an id_token_hint and a "+words, params, how...)
	}
	self := func() url.Values { return url.Values{"client_id": {client.ID()}} }
	tries := []*flow.Outcome{
		to("foreign post_logout_redirect_uri", flow.ForeignOrigin+"/landing", self()), to("foreign post_logout_redirect_uri, without client_id", flow.ForeignOrigin+"/landing", url.Values{}),
	}
	for _, alike := range usually(resembling(client)) {
		tries = append(tries, to("post_logout_redirect_uri "+alike.how, alike.address, self()))
	}
	return tries
}

// staysByPost wants the browser not to be sent astray from where it came by POST. Who takes none there sends nobody anywhere.
func staysByPost(outcomes ...*flow.Outcome) {
	GinkgoHelper()
	for _, outcome := range outcomes {
		if !notTaken(outcome) {
			Expect(outcome).NotTo(BeSentAstray())
		}
	}
}

// notTaken says whether a page takes nothing that comes by POST.
func notTaken(outcome *flow.Outcome) bool {
	trip := outcome.Trip
	return trip != nil && trip.Ending == consent.Confused && wire.AboutShape(trip.Status) || everywhere.Unimplemented(outcome)
}

// notLedOn wants the browser not to be sent astray by any of the parameters. Who refuses many together, by a filter for instance, has not refused each:
// then each half is tried by itself. A try that comes to nothing, because the page does not take it, is nil.
func notLedOn(names []string, try func(names []string) *flow.Outcome) {
	GinkgoHelper()
	landed := try(names)
	if landed == nil {
		return
	}
	Expect(landed).NotTo(BeSentAstray())
	if half := len(names) / 2; landed.Trip.Ending == consent.ErrorPage && half > 0 {
		notLedOn(names[:half], try)
		notLedOn(names[half:], try)
	}
}

// some names the first of the parameters.
func some(names []string) string {
	if len(names) <= 3 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:3], ", "), len(names)-3)
}

// lookalike is a foreign address that a careless comparison takes for a registered one.
type lookalike struct {
	address, how string
	rare         bool // it is tried where that costs little alone
}

// usually are those that are tried everywhere.
func usually(all []lookalike) []lookalike {
	return slices.DeleteFunc(all, func(alike lookalike) bool { return alike.rare })
}

// resembling are foreign addresses that resemble a redirect URI of the client.
func resembling(client *flow.Client) []lookalike {
	for _, uri := range client.Self().Redirects {
		registered, err := url.Parse(uri)
		if err != nil || registered.Hostname() == "" || strings.Contains(registered.Hostname(), ":") {
			continue // a scheme of an app's own, or an address that is no name
		}
		evil, path := strings.TrimPrefix(flow.ForeignOrigin, "https://"), registered.EscapedPath()
		var all []lookalike
		add := func(address, how string) { all = append(all, lookalike{address: address, how: how}) }
		if ending, ok := flow.EndingAlike(registered.Host); ok {
			add("https://"+ending+path, "at a host whose name ends in that of a registered one")
		}
		add("https://"+registered.Hostname()+"."+evil+path, "that begins like a registered one")
		// What stands before an @ is a name to log in with, and no host (RFC 3986 section 3.2.1).
		add("https://"+registered.Host+"@"+evil+path, "that has the host of a registered one before an @")
		// Browsers take a backslash for a slash, so that the host ends before it (URL standard, section 4.4).
		add("https://"+evil+`\@`+registered.Host+path, "that has the host of a registered one behind a backslash and an @")
		add(flow.ForeignOrigin+path+"?"+url.Values{"to": {uri}}.Encode(), "that leads elsewhere by the path of a registered one")
		add(flow.ForeignOrigin+"/"+uri, "that ends in a registered one")
		// Without a scheme it is one of the page's own, and no path (RFC 3986 section 4.2).
		add("//"+evil+path, "that begins with two slashes")
		usual := len(all)
		add("https://"+registered.Host+"@"+registered.Host+"@"+evil+path, "that has the host of a registered one before each of two @")
		// Browsers take tabs and the ends of lines out of addresses before they read them (URL standard, section 4.4).
		add("https://"+registered.Host+"\t."+evil+path, "that has a tab behind the host of a registered one")
		add(flow.ForeignScheme+":"+path, "that has a scheme of an app's own")
		if alike, ok := flow.LookingAlike(registered.Host); ok {
			add("https://"+alike+path, "at a host whose name looks like that of a registered one")
		}
		for i := range all[usual:] {
			all[usual+i].rare = true
		}
		return all
	}
	NotApplicable("no redirect URI of client %s has the name of a host in it", client.ID())
	return nil
}

// loggedOut wants a logout that has come to its end not to have sent the browser astray.
func loggedOut(outcome *flow.Outcome) {
	GinkgoHelper()
	Expect(outcome).NotTo(BeSentAstray())
	if outcome.Trip.Ending == consent.Stuck && !isTheEnd(outcome.Trip.Pages) {
		Unknown("the logout ended on a page that the consent script does not know, so nobody has seen where it leads: where the page asks "+
			"whether to log out, give it an entry under accept; where it is the end, a selector under error (%s)", outcome.Trip.Says)
	}
}

// isTheEnd says whether the last of the pages of a logout is the end of it, which no script has to know: there is nothing on it by which it could
// lead on, save links to elsewhere, or it is another page than the one before, on which the user has confirmed. That it leads on by itself was waited for.
func isTheEnd(pages []consent.Shot) bool {
	if len(pages) == 0 {
		return false
	}
	last := pages[len(pages)-1]
	if len(pages) > 1 && last.Did == "" {
		if before := pages[len(pages)-2]; before.Did != "" && before.Title != last.Title {
			return true
		}
	}
	content := strings.ToLower(string(last.HTML))
	if slices.ContainsFunc([]string{"<form", "<button", "<input", "<script", "<iframe", "<frame", "<object", "<embed", "onclick"}, func(tag string) bool {
		return strings.Contains(content, tag)
	}) {
		return false
	}
	return !slices.ContainsFunc(linked.FindAllStringSubmatch(string(last.HTML), -1), func(link []string) bool { return mayLeadOn(last.URL, link[1]) })
}

// linked finds the beginnings of links, and where they say it where they lead.
var linked = regexp.MustCompile(`(?i)<a\b([^>]*)>`)

var href = regexp.MustCompile(`(?i)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)

// mayLeadOn says whether a link on a page after a logout may be the answer to a question, and lead on from there, or may lead to an address that somebody wrote into
// the request. One to the home page, to help or to terms of use does neither.
func mayLeadOn(page, attributes string) bool {
	said := href.FindStringSubmatch(attributes)
	if said == nil {
		return strings.Contains(strings.ToLower(attributes), "href")
	}
	page, _, _ = strings.Cut(page, "?") // behind that stands what we have written into the request
	base, err := url.Parse(page)
	if err != nil {
		return true
	}
	link, err := base.Parse(html.UnescapeString(said[1] + said[2] + said[3]))
	switch {
	case err != nil:
		return true
	case link.Scheme == "mailto" || link.Scheme == "tel":
		return false
	case link.Scheme != "http" && link.Scheme != "https", link.RawQuery != "", flow.Foreign(link.String()):
		return true
	case link.Host != base.Host:
		return false
	case link.Path == base.Path:
		return link.Fragment == ""
	}
	path := strings.ToLower(link.Path)
	return slices.ContainsFunc([]string{"logout", "logoff", "signout", "sign-out", "log-out", "endsession", "end_session", "end-session", "confirm", "continue"}, func(word string) bool {
		return strings.Contains(path, word)
	})
}

// path is the path of a URL: which page it was, without what makes every visit's URL another one.
func path(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "an address that can't be read"
	}
	return parsed.Path
}
