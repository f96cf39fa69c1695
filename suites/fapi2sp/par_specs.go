package fapi2sp

import (
	"net"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func parSpecs(client *flow.Client) {
	foreignHost := strings.TrimPrefix(flow.ForeignOrigin, "https://") // belongs to nobody

	Describe("the pushed authorization request endpoint", func() {
		Control("accepts the request when the client authenticates", func(ctx SpecContext) {
			Expect(client.Push(ctx)).To(BeAccepted())
		})

		It("accepts a request that leads to a code", PushedRequests, func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("refuses the same request without client authentication", PARClientAuthentication, func(ctx SpecContext) {
			everywhere.RefusedAtPAR(ctx, client, unauthenticated)
		})

		It("gives the request_uri a lifetime that the profile allows", RequestURILifetime, func(ctx SpecContext) {
			seconds, whole := Needs(client.Push(ctx)).ExpiresIn()
			if !whole {
				Broken("expires_in is missing or no whole number")
			}
			Keeps(client, profile.RequestURILife, time.Duration(seconds)*time.Second, "expires_in is %d", seconds)
		})

		It("gives the user 30 seconds or more to open the link", RequestURIPatience, func(ctx SpecContext) {
			if seconds, whole := Needs(client.Push(ctx)).ExpiresIn(); whole && seconds < 30 {
				Note("the request_uri lives only %d seconds", seconds)
			}
		})
	})

	Describe("the redirect URI", func() {
		Control("of the registration leads to a code", func(ctx SpecContext) {
			Expect(client.Landing(ctx)).To(BeAccepted())
		})

		It("has to be part of the pushed request", RedirectURIRequired, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Push(ctx))
				Expect(client.Login(ctx, flow.Without(flow.RedirectURI))).To(BeRefused())
				Expect(client.Login(ctx, flow.With(flow.RedirectURI, "").As("with an empty redirect_uri"))).To(BeRefused())
			})
			needsOneRedirectURI(client)
		})

		It("has to be part of a pushed request that does not ask for openid", RedirectURIRequired, func(ctx SpecContext) {
			// OpenID Connect demands a redirect_uri of its own accord: who demands it only there has to be seen without.
			plain := withoutOpenID(ctx, client)
			Expect(client.Login(ctx, flow.All(plain.String()+" and without redirect_uri", plain, flow.Without(flow.RedirectURI)))).To(BeRefused())
			Needs(client.Push(ctx, plain))
			needsOneRedirectURI(client)
		})

		It("has to be part of the pushed request however else that asks, in a request object for instance", RedirectURIRequired, func(ctx SpecContext) {
			for _, way := range everywhere.AskingOtherwise(ctx, client) {
				Expect(client.Login(ctx, everywhere.Also(way, flow.Without(flow.RedirectURI)))).To(BeRefused())
				Expect(client.Login(ctx, everywhere.Also(way, flow.With(flow.RedirectURI, "").As("with an empty redirect_uri")))).To(BeRefused())
			}
			Needs(client.Push(ctx))
			needsOneRedirectURI(client)
		})

		It("is refused with the http scheme", RedirectURINotCleartext, func(ctx SpecContext) {
			tried := false
			for i, uri := range client.Self().Redirects {
				secure, isSecure := strings.CutPrefix(uri, "https://")
				switch {
				case flow.OnLoopback(uri):
					continue
				case isSecure:
					Expect(client.Login(ctx, flow.With(flow.RedirectURI, "http://"+secure))).To(BeRefused())
					for _, port := range []string{"80", "443", "8080"} {
						if elsewhere := atPort(uri, port); elsewhere != "" {
							Expect(client.Login(ctx, flow.With(flow.RedirectURI, elsewhere))).To(BeRefused())
						}
					}
				case strings.HasPrefix(uri, "http://") && i == 0:
					// A code must not go there, registered or not.
					Expect(client.Login(ctx, flow.Words("to a redirect URI with http, which is registered"))).To(BeRefused())
				case strings.HasPrefix(uri, "http://"):
					Expect(client.Login(ctx, flow.With(flow.RedirectURI, uri))).To(BeRefused())
				default:
					continue
				}
				tried = true
			}
			if !tried {
				NotApplicable("every redirect URI of client %s is on loopback or has a scheme of its own", client.ID())
			}
			Needs(client.Push(ctx))
		})
		It("is refused with the http scheme at a host that nobody has registered", RedirectURINotCleartext, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Push(ctx))
				for _, scheme := range []string{"http", "HTTP"} {
					Expect(client.Login(ctx, flow.With(flow.RedirectURI, scheme+"://"+foreignHost+"/landing"))).To(BeRefused())
				}
				Needs(client.Push(ctx))
			})
		})
		It("is refused with the http scheme at a host that nobody has registered, however else is asked", RedirectURINotCleartext, func(ctx SpecContext) {
			for _, way := range everywhere.AskingOtherwise(ctx, client) {
				Expect(client.Login(ctx, everywhere.Also(way, flow.With(flow.RedirectURI, "http://"+foreignHost+"/landing")))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
		It("is refused with the http scheme however browsers read it", RedirectURINotCleartext, func(ctx SpecContext) {
			// They pass over white space before it, take any number of slashes behind the scheme, and backslashes too (URL standard, section 4.4).
			for _, odd := range []struct{ uri, says string }{
				{" http://" + foreignHost + "/landing", "with a space before a redirect_uri with http"}, {"\thttp://" + foreignHost + "/landing", "with a tab before a redirect_uri with http"},
				{"http:/" + foreignHost + "/landing", "with a redirect_uri that has http and one slash"}, {"http:" + foreignHost + "/landing", "with a redirect_uri that has http and no slash"},
				{"http:\\\\" + foreignHost + "/landing", "with a redirect_uri that has http and backslashes"},
			} {
				Expect(client.Login(ctx, flow.With(flow.RedirectURI, odd.uri).As(odd.says))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		})
		atHosts := func(ctx SpecContext, hosts ...string) {
			like := client.Self().Redirects[0]
			for _, uri := range client.Self().Redirects {
				if flow.OnLoopback(uri) {
					like = uri
				}
			}
			for _, host := range hosts {
				Expect(client.Login(ctx, flow.With(flow.RedirectURI, "http://"+host+path(like)))).To(BeRefused())
			}
			Needs(client.Push(ctx))
		}
		It("is refused with the http scheme at a host whose name begins as if it were loopback", RedirectURINotCleartext, func(ctx SpecContext) {
			// What stands before an @ is a name to log in with, and no host (RFC 3986 section 3.2.1).
			atHosts(ctx, "localhost."+foreignHost, "127.0.0.1."+foreignHost, "localhost:80@"+foreignHost, "127.0.0.1@"+foreignHost)
		})
		It("is refused with the http scheme at a host whose name ends in localhost, or has it in the middle", RedirectURINotCleartext, func(ctx SpecContext) {
			// What ends in .localhost is loopback (RFC 6761 section 6.3); this is not, and neither is a host below another domain.
			atHosts(ctx, "evillocalhost", "evil-localhost", "client.localhost."+foreignHost)
		})
		It("is refused with the http scheme at an address of a private network, or of none", RedirectURINotCleartext, func(ctx SpecContext) {
			atHosts(ctx, "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.0.1", "[fd00::1]", "0.0.0.0", "[::]") // the last two are no loopback either (RFC 8252 section 7.3)
		})
	})
}

// atPort is an https address with http in its place, at a port that is named; empty where it can't be.
func atPort(address, port string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" {
		return ""
	}
	parsed.Scheme, parsed.Host = "http", net.JoinHostPort(parsed.Hostname(), port)
	return parsed.String()
}

// withoutOpenID is plainRequest, and ends a spec also where the target takes no such request.
func withoutOpenID(ctx SpecContext, client *flow.Client) flow.Deviation {
	scope, plain := plainScope(client), plainRequest(client)
	takesPlainRequests(client.LandingOf(ctx, scope))
	return plain
}

// takesPlainRequests ends a spec where a request without openid was refused.
func takesPlainRequests(landed *flow.Outcome) *flow.Outcome {
	if decision, because := Decide(landed); decision == wire.Refused {
		NotApplicable("requests without openid are refused: %s", because)
	}
	return landed
}

// plainRequest makes a request one of plain OAuth. It ends a spec where that is no news.
func plainRequest(client *flow.Client) flow.Deviation {
	return everywhere.PlainRequest(plainScope(client))
}

// plainScope is the scope of the target file without openid.
func plainScope(client *flow.Client) string {
	if !client.Target().OpenID() {
		NotApplicable("the scope of the target file does not ask for openid, so that no other request does")
	}
	scope := everywhere.PlainScope(client)
	if scope == "" {
		Unknown("the scope of the target file has nothing beside openid to ask for")
	}
	return scope
}

// needsOneRedirectURI ends a spec that refuses a request without redirect_uri where the client has several.
func needsOneRedirectURI(client *flow.Client) {
	if len(client.Self().Redirects) > 1 {
		Unknown("client %s has several redirect URIs, so that the refusal proves little: a target that falls back to the only one has none to fall back to. Let the first client of each kind have one alone", client.ID())
	}
}
