package attacks

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

func redirectSpecs(client *flow.Client) {
	Describe("the browser", func() {
		Control("is sent back to the client with a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		// What a client pushes that has authenticated may name other redirect URIs than the registered ones (RFC 9126 section 2.4). What anybody writes
		// into a link may not.
		It("is not sent to an address that differs a little from a registered one, where nothing was pushed", ExactRedirectURI, func(ctx SpecContext) {
			for _, other := range differing(client) {
				notSentTo(client, other, client.AuthorizeUnpushed(ctx, flow.With(flow.RedirectURI, other.address).As("with a redirect_uri "+other.how)))
			}
		})
		It("is not sent to an address that differs a little from a registered one, for a made-up request_uri", ExactRedirectURI, func(ctx SpecContext) {
			for _, other := range differing(client) {
				notSentTo(client, other, client.AuthorizeWith(ctx, "with a made-up request_uri and a redirect_uri "+other.how, url.Values{
					"client_id": {client.ID()}, "redirect_uri": {other.address}, "request_uri": {"urn:ietf:params:oauth:request_uri:" + jose.Random(32)},
				}))
			}
		})

		It("is not sent with a code to an address that differs a little from the one that was pushed, beside a good request_uri", ExactRedirectURI, func(ctx SpecContext) {
			for _, other := range differing(client) {
				if other.good { // each costs a login
					notSentTo(client, other, client.Authorize(ctx, Needs(client.Push(ctx)), flow.With(flow.RedirectURI, other.address).As("with a redirect_uri "+other.how)))
				}
			}
		})

		It("carries the password nowhere but to where the login form was sent", CredentialsStay, func(ctx SpecContext) {
			trip := Needs(client.Landing(ctx)).Trip
			if len(trip.Pages) == 0 {
				Unknown("the consent driver does not see the pages")
			}
			if !trip.Credentials {
				LeaveToAttestation("no request was seen that carries the password: either the bank's pages asked for none, or they send it in a form in which it is not recognised")
			}
			for _, hop := range trip.Hops {
				if hop.CarriedOn {
					Broken("%s sends the browser on to %s with %d, and the browser carries the password there", place(hop.URL), place(hop.Location), hop.Status)
				}
			}
			for _, hop := range trip.PostedOn {
				if host(hop.URL) != host(hop.Location) {
					Broken("the page %s posts the password on to %s", place(hop.URL), place(hop.Location))
				}
				Warn("the page %s holds the password that was written into another one, and posts it to %s", place(hop.URL), place(hop.Location))
			}
		})
	})
}

// variant is an address that is none of the client's, by a difference that somebody who compares carelessly passes over.
type variant struct {
	address, how string
	// good says that it is also tried beside a good request_uri.
	good bool
	// perhaps says that it might well be registered beside the other, without the target file's knowing.
	perhaps bool
}

// differing are addresses at the place of a redirect URI of the client, or near it.
func differing(client *flow.Client) []variant {
	var registered *url.URL
	for _, uri := range client.Self().Redirects {
		if parsed, err := url.Parse(uri); err == nil && parsed.Scheme == "https" && parsed.Hostname() != "" && !flow.OnLoopback(uri) {
			registered = parsed
			break
		}
	}
	if registered == nil {
		NotApplicable("no redirect URI of client %s is at an https host: native apps may choose the port on loopback", client.ID())
		return nil
	}
	with := func(edit func(*url.URL)) string {
		other := *registered
		edit(&other)
		return other.String()
	}
	path := strings.TrimSuffix(registered.EscapedPath(), "/")
	all := []variant{
		{address: with(func(u *url.URL) { u.RawQuery = strings.TrimPrefix(u.RawQuery+"&fapitest=1", "&") }), how: "that has more in its query"},
		{address: with(func(u *url.URL) { *u = *u.JoinPath("fapitest") }), how: "below a registered one", good: true},
		{address: "https://" + registered.Host + path + "/../fapitest", how: "that leads down and up again to a neighbour of a registered one"},
		{address: "https://" + registered.Host + path + "/%2e%2e/fapitest", how: "that leads to a neighbour of a registered one by dots that are escaped"},
		// Some servers take what stands behind a semicolon out of a segment before they resolve its dots, and others afterwards.
		{address: "https://" + registered.Host + path + "/..;/fapitest", how: "that leads to a neighbour of a registered one by dots with a semicolon behind them"},
		{address: with(func(u *url.URL) { u.Path, u.RawPath = path+"-fapitest", "" }), how: "that begins as a registered one and goes on"},
		{address: with(func(u *url.URL) { u.Fragment = "fapitest" }), how: "with a fragment"},
		{address: with(func(u *url.URL) { u.User = url.User("fapitest") }), how: "with a name to log in with"},
		{address: with(func(u *url.URL) { u.Host = net.JoinHostPort(u.Hostname(), "41993") }), how: "at another port"},
		{address: with(func(u *url.URL) { u.Scheme = "http" }), how: "with http in the place of https"},
		{address: with(func(u *url.URL) { u.Scheme = "HTTP" }), how: "with HTTP, in capitals, in the place of https"},
		{address: with(func(u *url.URL) { u.Path, u.RawPath = path+"/", "" }), how: "with a slash at its end", perhaps: true},
	}
	if last := len(path) - 1; last > 0 && (path[last] >= 'a' && path[last] <= 'z' || path[last] >= 'A' && path[last] <= 'Z') {
		// The same to who normalises (RFC 3986 section 6.2.2.2), and no copy of what is registered.
		all = append(all, variant{address: "https://" + registered.Host + path[:last] + fmt.Sprintf("%%%02x", path[last]), how: "with an escaped letter in its path"})
	}
	if net.ParseIP(registered.Hostname()) == nil {
		all = append(all, variant{address: with(func(u *url.URL) {
			if u.Host = u.Hostname() + "."; registered.Port() != "" {
				u.Host += ":" + registered.Port()
			}
		}), how: "with a dot behind the name of its host"})
		all = append(all, variant{address: with(func(u *url.URL) { u.Host = "fapitest." + u.Host }), how: "at a host below a registered one's", good: true})
	}
	if net.ParseIP(registered.Hostname()) == nil && registered.Port() == "" && !strings.HasSuffix(registered.Host, ".") {
		all = append(all, variant{address: with(func(u *url.URL) { u.Host += "." }), how: "with a dot behind its host"})
	}
	if upper := strings.ToUpper(registered.Path); upper != registered.Path {
		all = append(all, variant{address: with(func(u *url.URL) { u.Path, u.RawPath = upper, "" }), how: "with its path in capitals"})
	}
	return slices.DeleteFunc(all, func(v variant) bool { return slices.Contains(client.Self().Redirects, v.address) })
}

// notSentTo wants the browser not to be sent to an address that is not registered.
func notSentTo(client *flow.Client, other variant, landed *flow.Outcome) {
	GinkgoHelper()
	Expect(landed).NotTo(BeSentAstray())
	if landed.Trip.Ending != consent.Arrived || leadsToRegistered(client, landed.Trip.Arrival) {
		return
	}
	if other.perhaps {
		Warn("the browser was sent to an address %s (%s): the target file does not know it as a redirect URI of the client, and unless it is registered as well, addresses are not compared to the letter",
			other.how, wire.Printable(other.address))
		return
	}
	Broken("the browser was sent to an address %s, which is not registered: %s", other.how, wire.Printable(other.address))
}

// leadsToRegistered says whether a browser arrived at a redirect URI of the client, whatever the response put into query and fragment.
func leadsToRegistered(client *flow.Client, arrival string) bool {
	came, err := url.Parse(arrival)
	if err != nil {
		return false
	}
	if came.User != nil || came.Query().Has("fapitest") || strings.HasPrefix(came.Fragment, "fapitest") {
		return false
	}
	for _, uri := range client.Self().Redirects {
		// Hosts are the same in capitals (RFC 3986 section 3.2.2).
		if registered, err := url.Parse(uri); err == nil && registered.Scheme == came.Scheme && strings.EqualFold(registered.Host, came.Host) && registered.EscapedPath() == came.EscapedPath() {
			return true
		}
	}
	return false
}

// place is host and path of an address: which page it was, without what makes every visit's address another one.
func place(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "an address that can't be read"
	}
	return wire.Printable(parsed.Host + parsed.Path)
}

// host is that of an address.
func host(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Host
}
