package fapi2sp

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/tlsprobe"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/transport"
)

func transportSpecs(client *flow.Client) {
	Describe("every address of the target", func() {
		It("is one of https", TLSAlone, SendsNothing, func(SpecContext) {
			var clear []string
			for _, address := range transport.Addresses(client) {
				if parsed, err := url.Parse(address.URL); address.URL != "" && (err != nil || parsed.Scheme != "https") {
					clear = append(clear, address.Member+" ("+wire.Printable(address.URL)+")")
				}
			}
			if len(clear) > 0 {
				Broken("not https: %s", strings.Join(clear, ", "))
			}
		})
		It("serves nothing without TLS", TLSAlone, func(ctx SpecContext) {
			served := servedInClear(ctx, client, Needs(client.Push(ctx)))
			if len(served) > 0 {
				Broken("%s", strings.Join(served, "; "))
			}
		})
	})

	It("URLs for mutual TLS stand in the metadata", AliasesPublished, SendsNothing, func(SpecContext) {
		if aliases, ok := client.Target().Metadata.Values["mtls_endpoint_aliases"].(map[string]any); ok {
			Note("mtls_endpoint_aliases names %d endpoints: clients that show a certificate are sent there", len(aliases))
		} else {
			Note("there are no mtls_endpoint_aliases: clients that show a certificate are sent to the endpoints of all")
		}
	})

	Describe("every host of the target", func() {
		for _, version := range []uint16{tlsprobe.SSL2, tlsprobe.SSL3, tlsprobe.TLS10, tlsprobe.TLS11} {
			It("refuses "+tlsprobe.VersionName(version), OldVersionsRefused, func(ctx SpecContext) {
				transport.EachHost(ctx, client, transport.Hosts(client), func(l *transport.Look) {
					l.Control()
					if h, accepted := l.Refused(tlsprobe.Alone(l.Name, version)); accepted {
						l.Breaks("speaks %s", h.Says)
						return
					}
					for _, h := range l.OldVersions(version) {
						l.Odd(h)
						l.Breaks("speaks %s with clients that say less (%s)", h.Says, h.Exchange.Deviation)
					}
				})
			})
		}
		It("does not choose an old version where the client has a newer one as well", OldVersionsRefused, func(ctx SpecContext) {
			transport.EachHost(ctx, client, transport.Hosts(client), func(l *transport.Look) {
				l.Control()
				for _, newest := range []uint16{tlsprobe.TLS13, tlsprobe.TLS12} {
					h := l.Older(transport.Lack{}, tlsprobe.DownTo(l.Name, newest, tlsprobe.TLS10))
					if h != nil && h.Version < tlsprobe.TLS12 {
						l.Odd(h)
						l.Breaks("chooses %s where the client has %s as well", tlsprobe.VersionName(h.Version), tlsprobe.VersionName(newest))
					}
				}
			})
		})
		It("has a certificate that can be validated", ValidCertificates, func(ctx SpecContext) {
			transport.EachHost(ctx, client, transport.Hosts(client), func(l *transport.Look) {
				if !l.Proper() {
					return
				}
				for _, chain := range l.Chains() {
					if chain.Unstapled {
						l.Notes("staples no answer of the OCSP responder that its certificate names: browsers do without, or ask it who is talking to the host")
					}
					switch invalid := l.Invalid(chain); {
					case invalid == "":
					case l.Loopback() && client.Target().Trust == nil && selfMade(chain):
						l.Notes("%s; on loopback nobody else has to trust it", invalid)
					default:
						l.Breaks("%s", invalid)
					}
				}
			})
		})
		It("has a name that is signed by DNSSEC", SignedNames, func(SpecContext) {
			var named []string
			for _, host := range transport.Hosts(client) {
				if !host.Loopback() && !host.Literal() && strings.Contains(host.Name, ".") && !strings.HasSuffix(host.Name, ".internal") && !strings.HasSuffix(host.Name, ".local") {
					named = append(named, host.Name)
				}
			}
			if len(named) == 0 {
				NotApplicable("the hosts of the target have no names in the public DNS")
			}
			slices.Sort(named)
			// It is the business of a resolver that validates, and fapitest talks to the hosts of the target alone.
			LeaveToAttestation("whether these names are signed was not looked up (dig +dnssec tells): %s", strings.Join(slices.Compact(named), ", "))
		})
	})

	Describe("every host that browsers are not sent to, in TLS 1.2,", func() {
		It("has no suites but those that BCP 195 recommends", RecommendedSuites, func(ctx SpecContext) {
			transport.EachHost(ctx, client, transport.ForMachines(client), func(l *transport.Look) {
				l.Control()
				if l.TLS12() == nil {
					return
				}
				for _, h := range l.Unwanted() {
					suite := tlsprobe.SuiteOf(h.Suite)
					if strings.HasPrefix(suite.Name, "TLS_DHE_RSA_") && suite.AEAD() {
						// The registry recommended it for years, and some builds of the text point to the registry.
						l.Warns("takes %s, which was recommended once", suite.Name)
						continue
					}
					l.Odd(h)
					l.Breaks("takes %s", suite.Name)
				}
			})
		})
	})

	Describe("every host that browsers are sent to", func() {
		It("has no suites in TLS 1.2 that BCP 195 does not allow", SuitesForBrowsers, func(ctx SpecContext) {
			transport.EachHost(ctx, client, transport.ForBrowsers(client), func(l *transport.Look) {
				l.Control()
				if l.TLS12() == nil {
					return
				}
				for _, h := range l.Unwanted() {
					switch suite := tlsprobe.SuiteOf(h.Suite); {
					case suite.NoEncryption(), suite.RC4(), suite.Below112(), suite.Anonymous():
						l.Odd(h)
						l.Breaks("takes %s", suite.Name)
					case suite.Below128(), suite.StaticRSA(), suite.StaticDH(), suite.CBC(), suite.FiniteField():
						// BCP 195 says should not; and browsers of those who have no newer ones are some bank's customers.
						l.Warns("takes %s, which BCP 195 discourages", suite.Name)
					}
				}
			})
		})
		It("has the browser come back by https alone", StrictTransport, func(ctx SpecContext) {
			answers := []*flow.Outcome{client.AskBare(ctx, nil), client.AskBare(ctx, Needs(client.Push(ctx)))}
			for _, answer := range answers {
				if answer.Err != nil || answer.Status >= 500 || answer.Status == http.StatusTooManyRequests {
					_, because := Decide(answer)
					LeaveUndecided(answer.Exchange, because)
					Unknown("what the authorization endpoint says in Strict-Transport-Security was not learnt: %s", because)
				}
			}
			said := ""
			for _, answer := range answers {
				if said = strings.Join(answer.Header.Values("Strict-Transport-Security"), ", "); strictFor(said) > 0 {
					if !strings.Contains(strings.ToLower(said), "preload") {
						Note("Strict-Transport-Security has no preload: the first visit of a browser is not protected")
					}
					return
				}
			}
			if words := client.Target().Attested[StrictTransport.ID]; words != "" {
				Note("there is no Strict-Transport-Security with a max-age; the operator attests another means: %s", words)
				return
			}
			// The text leaves the means open.
			if said == "" {
				said = "nothing"
			}
			Warn("the authorization endpoint says %s in Strict-Transport-Security: attest %s where something else keeps browsers from being led to it without TLS, such as a preloaded domain", wire.Printable(said), StrictTransport.ID)
		})
	})
}

// strictFor is the max-age of Strict-Transport-Security, in seconds (RFC 6797 section 6.1.1).
func strictFor(said string) int {
	for directive := range strings.SplitSeq(said, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		if strings.EqualFold(strings.TrimSpace(name), "max-age") {
			seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
			if err != nil {
				return 0
			}
			return seconds
		}
	}
	return 0
}

// selfMade says whether a chain ends with nobody whom anybody but its maker has to know: what is started for a test has one.
func selfMade(chain transport.Chain) bool {
	last := chain.All[len(chain.All)-1]
	return bytes.Equal(last.RawSubject, last.RawIssuer) || len(chain.All) == 1
}

// clearly is an address without TLS, and what came of it.
type clearly struct {
	member, url string
	within      string // the address with TLS that it was made of
	answer      *flow.Outcome
	nonsense    *flow.Outcome // what came of a request that means nothing, at an endpoint that decides about clients; nil: none was made
}

// servedInClear asks for every address of the target by http, at its own port and at that of http, all ports side by side, and says what was delivered
// there. Nothing secret is sent.
func servedInClear(ctx SpecContext, client *flow.Client, pushed *flow.Outcome) (served []string) {
	var ports []string
	at := map[string][]*clearly{}
	for _, address := range inClear(client) {
		parsed, err := url.Parse(address.url)
		if err != nil {
			continue
		}
		if at[parsed.Host] == nil {
			ports = append(ports, parsed.Host)
		}
		at[parsed.Host] = append(at[parsed.Host], address)
	}
	var all sync.WaitGroup
	for _, port := range ports {
		all.Go(func() {
			defer GinkgoRecover()
			for _, one := range at[port] {
				if one.member == "authorization_endpoint" {
					one.answer = client.VisitInClear(ctx, one.url, pushed)
				} else {
					one.answer = client.InClear(ctx, one.url)
				}
				// A port of its own may close one connection and serve another address; where nobody listens, and where somebody says nothing, that is all.
				if one.answer.Err != nil && (strings.HasSuffix(port, ":80") || errors.Is(one.answer.Err, context.DeadlineExceeded)) {
					return
				}
				if one.answer.Err == nil && one.answer.Status/100 != 3 && decides(one.member) {
					one.nonsense = client.Nonsense(ctx, one.url)
				}
			}
		})
	}
	all.Wait()
	for _, port := range ports {
		for _, one := range at[port] {
			if one.answer == nil || one.answer.Err != nil {
				continue
			}
			if says, exchange := decidesInClear(ctx, client, one); says != "" {
				exchange.Role, exchange.Expected, exchange.Judged, exchange.Because = wire.RoleClaim, wire.Refused, wire.Accepted, says
				served = append(served, one.url+" decides about who asks, and says what it says with TLS: "+says)
				continue
			}
			if what := delivered(client, one.member, one.answer); what != "" {
				exchange := one.answer.Exchange
				exchange.Role, exchange.Expected, exchange.Judged, exchange.Because = wire.RoleClaim, wire.Refused, wire.Accepted, what
				served = append(served, one.url+" delivers "+what)
			}
		}
	}
	return served
}

// inClear are the addresses of the target, each once, by http: at their own ports, then at that of http.
func inClear(client *flow.Client) []*clearly {
	addresses := transport.Addresses(client)[1:] // without the issuer, where nothing has to be
	for _, document := range client.Target().Metadata.Documents {
		addresses = append(addresses, transport.Address{Member: "metadata", URL: document.URL})
	}
	var all []*clearly
	for _, port := range []string{"", "80"} {
		for _, address := range addresses {
			parsed, err := url.Parse(address.URL)
			if err != nil || parsed.Scheme != "https" {
				continue
			}
			parsed.Scheme, parsed.Host = "http", net.JoinHostPort(parsed.Hostname(), cmp.Or(port, parsed.Port(), "443"))
			same := func(known *clearly) bool { return known.url == parsed.String() }
			if !slices.ContainsFunc(all, same) {
				all = append(all, &clearly{member: address.Member, url: parsed.String(), within: address.URL})
			}
		}
	}
	return all
}

// decides says whether an endpoint is one that looks at the credentials of clients before all else.
func decides(member string) bool {
	member = strings.TrimPrefix(member, transport.AtAlias)
	return slices.Contains([]string{"token_endpoint", "pushed_authorization_request_endpoint", "introspection_endpoint", "revocation_endpoint"}, member)
}

// decidesInClear is what an endpoint says without TLS about who asks there, where it says the same with TLS: whoever only tells that he does not serve in clear has no reason
// to say that. Empty: it says less.
func decidesInClear(ctx SpecContext, client *flow.Client, one *clearly) (says string, exchange *wire.Exchange) {
	if says = refusedAs(one.nonsense); says != "" && refusedAs(client.Nonsense(ctx, one.within)) == says {
		return says, one.nonsense.Exchange
	}
	if one.member != "userinfo_endpoint" && one.member != "resource" {
		return "", nil
	}
	if says = challengedAs(one.answer); says != "" && challengedAs(client.InClear(ctx, one.within)) == says {
		return says, one.answer.Exchange
	}
	return "", nil
}

// refusedAs is the status and the error with which a request that means nothing was refused where that is about the client or what it asks for; empty: it says less, as
// an answer may that is about nothing but TLS.
func refusedAs(answer *flow.Outcome) string {
	if answer == nil || answer.Err != nil {
		return ""
	}
	code := answer.ErrorCode()
	if !slices.Contains([]string{"invalid_client", "invalid_grant", "unsupported_grant_type", "unauthorized_client"}, code) {
		return ""
	}
	return fmt.Sprintf("%d %s", answer.Status, code)
}

// challengedAs is how an answer asks for a token; empty: it does not.
func challengedAs(answer *flow.Outcome) string {
	if answer.Err != nil || answer.Status != http.StatusUnauthorized || len(answer.Challenged("DPoP"))+len(answer.Challenged("Bearer")) == 0 {
		return ""
	}
	return answer.ChallengeWords()
}

// delivered is what an answer without TLS delivers that belongs to the target; empty: an error, or the way to https. What stands at another port may be
// somebody else's.
func delivered(client *flow.Client, member string, answer *flow.Outcome) string {
	location := answer.Header.Get("Location")
	switch {
	case answer.Status >= 300 && answer.Status < 400:
		for _, redirect := range client.Self().Redirects {
			if strings.HasPrefix(location, redirect) {
				return "an authorization response"
			}
		}
		if !strings.HasPrefix(location, "https://") {
			Note("%s sends on to %s, without TLS", answer.Exchange.Request.URL, wire.Printable(location))
		}
		return ""
	case answer.Status < 200 || answer.Status >= 300:
		return ""
	}
	members := answer.Members()
	switch {
	case members["issuer"] == client.Issuer():
		return "the metadata"
	case member == "jwks_uri" && members["keys"] != nil:
		return "the keys"
	case members["access_token"] != nil:
		return "a token"
	case member == "authorization_endpoint" && bytes.Contains(bytes.ToLower(answer.Body), []byte("<form")):
		return "a page of the authorization"
	}
	Note("%s answers %d: what it delivers is nothing that is known of the target", answer.Exchange.Request.URL, answer.Status)
	return ""
}
