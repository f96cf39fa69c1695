package target

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/wire"
)

// Vouches says whether somebody answers for a host with its port: the issuer, as its own, or whoever wrote the target file, who has named it in resource,
// hosts, consent.hosts or the consent script. On loopback the port counts as well, for others listen there; elsewhere it does not. What the
// metadata name beside that is the server's word alone, and it is the server that is not trusted.
func (t *Target) Vouches(host string) bool {
	return slices.ContainsFunc(t.vouched(), func(known string) bool { return sameHost(known, host) })
}

// Unvouched are the hosts that the metadata name and for which nobody vouches, in order, and what is no https URL among the endpoints, each with a member that
// names it. Nothing is sent there.
func (t *Target) Unvouched() (hosts []string, notHTTPS []string) {
	const most = 20
	if t.Metadata == nil {
		return nil, nil
	}
	look := func(in map[string]any) {
		for _, member := range slices.Sorted(maps.Keys(in)) {
			text, ok := in[member].(string)
			if !ok || member != "jwks_uri" && !strings.HasSuffix(member, "_endpoint") {
				continue
			}
			parsed, err := url.Parse(text)
			switch {
			case err != nil || parsed.Scheme != "https" || parsed.Host == "":
				if len(notHTTPS) < most {
					notHTTPS = append(notHTTPS, member)
				}
			case !t.Vouches(withPort(parsed)) && !slices.Contains(hosts, parsed.Host) && len(hosts) < most:
				hosts = append(hosts, parsed.Host)
			}
		}
	}
	look(t.Metadata.Values)
	aliases, _ := t.Metadata.Values["mtls_endpoint_aliases"].(map[string]any)
	look(aliases)
	slices.Sort(hosts)
	return hosts, notHTTPS
}

// vouched are the hosts for which somebody answers, with their ports where they have one of their own.
func (t *Target) vouched() []string {
	all := slices.Concat(t.Hosts, t.Consent.Hosts, t.PageHosts())
	addresses := []string{t.Issuer, t.Resource.URL}
	if t.Intents != nil {
		addresses = append(addresses, t.Intents.URL)
	}
	if t.Payments != nil {
		addresses = append(addresses, t.Payments.URL)
	}
	if signed := t.Signed(); signed != nil {
		addresses = append(addresses, signed.URL, signed.Post, signed.KeysURI)
	}
	for _, address := range addresses {
		if parsed, err := url.Parse(address); err == nil && parsed.Host != "" {
			all = append(all, withPort(parsed))
		}
	}
	return slices.DeleteFunc(all, func(host string) bool { return host == "" || host == "*" })
}

// withPort is the host of a URL with its port, that of its scheme where it names none.
func withPort(address *url.URL) string {
	port := address.Port()
	if port == "" {
		port = map[string]string{"http": "80"}[address.Scheme]
	}
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(address.Hostname(), port)
}

func sameHost(known, host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, "443"
	}
	knownName, knownPort, err := net.SplitHostPort(known)
	if err != nil {
		knownName, knownPort = strings.Trim(known, "[]"), ""
	}
	if !strings.EqualFold(name, knownName) {
		return false
	}
	return knownPort == "" || knownPort == port || !OnLoopback("https://"+net.JoinHostPort(name, port))
}

// sendable says why nothing may be sent to an address; nil: it may. What asks for an address by http on purpose says so in its context.
func (t *Target) sendable(ctx context.Context, address *url.URL) error {
	shown := wire.Printable(wire.RedactURL(address.Scheme + "://" + address.Host + address.Path))
	if len(shown) > 200 {
		shown = strings.ToValidUTF8(shown[:200], "") + "…"
	}
	switch {
	case address.Scheme == "http" && wire.IsInClear(ctx):
		// The ports of http are others.
		if t.Vouches(net.JoinHostPort(address.Hostname(), "443")) || t.Vouches(withPort(address)) || slices.ContainsFunc(t.vouched(), func(known string) bool {
			name, _, err := net.SplitHostPort(known)
			return err == nil && strings.EqualFold(name, address.Hostname()) && address.Port() == ""
		}) {
			return nil
		}
	case address.Scheme != "https":
		return &wire.NotSent{Says: fmt.Sprintf("not sent: %s is no https URL, and nothing goes there in the clear", shown)}
	case t.Vouches(withPort(address)), slices.Contains(t.Consent.Hosts, "*") && forPages(ctx):
		return nil
	}
	key := "hosts"
	if forPages(ctx) {
		key = "consent.hosts"
	}
	return &wire.NotSent{Says: fmt.Sprintf("not sent: neither the issuer nor the target file vouches for the host of %s; where it is the bank's, name it with %s: [%q] in the target file", shown, key, address.Host)}
}

type pagesKey struct{}

func forPages(ctx context.Context) bool { return ctx.Value(pagesKey{}) != nil }

// ForPages is an HTTP client like the given one, for what an end user's browser would ask: consent.hosts says where that may go as well.
func ForPages(like *http.Client) *http.Client {
	copied := *like
	copied.Transport = paging{like.Transport}
	return &copied
}

// paging has requests say that they are for pages.
type paging struct{ http.RoundTripper }

// RoundTrip is that of the transport.
func (p paging) RoundTrip(request *http.Request) (*http.Response, error) {
	return p.RoundTripper.RoundTrip(request.WithContext(context.WithValue(request.Context(), pagesKey{}, true)))
}

// CloseIdleConnections is that of the transport.
func (p paging) CloseIdleConnections() {
	if closer, ok := p.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
