package transport

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
)

// Host is a host of the target, with the port on which it speaks TLS.
type Host struct {
	Address  string // with the port
	Name     string // without it
	Browsers bool   // browsers are sent there
	Machines bool   // others than browsers are
}

// Loopback says whether the host is this machine.
func (h Host) Loopback() bool { return target.OnLoopback("https://" + h.Address) }

// Literal says whether the host is an address, and no name.
func (h Host) Literal() bool { return net.ParseIP(h.Name) != nil }

// mostHosts is how many are looked at: more than any bank has, and no metadata can have us knock at half the world.
const mostHosts = 24

// forBrowsers are the endpoints at which browsers arrive.
var forBrowsers = []string{"authorization_endpoint", "end_session_endpoint", "check_session_iframe"}

// Hosts are all that the metadata and the target file name, those first at which a client begins.
func Hosts(client *flow.Client) []Host {
	t := client.Target()
	var hosts []Host
	add := func(address string, browsers bool) {
		parsed, err := url.Parse(address)
		if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" {
			return
		}
		port := parsed.Port()
		if port == "" {
			port = "443"
		}
		host := Host{Address: net.JoinHostPort(parsed.Hostname(), port), Name: parsed.Hostname(), Browsers: browsers, Machines: !browsers}
		at := slices.IndexFunc(hosts, func(known Host) bool { return known.Address == host.Address })
		if at < 0 {
			hosts = append(hosts, host)
			return
		}
		hosts[at].Browsers, hosts[at].Machines = hosts[at].Browsers || browsers, hosts[at].Machines || !browsers
	}
	for _, address := range Addresses(client) {
		add(address.URL, slices.Contains(forBrowsers, address.Member))
	}
	for _, host := range t.PageHosts() {
		add("https://"+host, true)
	}
	return hosts[:min(len(hosts), mostHosts)]
}

// Address is a URL of the target, and what names it.
type Address struct{ Member, URL string }

// AtAlias begins the member of an address that clients with certificates are sent to.
const AtAlias = "mtls_endpoint_aliases: "

// Addresses are the issuer, every endpoint that the metadata name, the aliases among them, where the keys are, and the resource.
func Addresses(client *flow.Client) []Address {
	t := client.Target()
	all := []Address{{"issuer", t.Issuer}}
	if t.Metadata == nil {
		return all
	}
	named := func(in map[string]any, where string) {
		for _, member := range slices.Sorted(maps.Keys(in)) {
			if text, ok := in[member].(string); ok && (strings.HasSuffix(member, "_endpoint") || member == "jwks_uri" || member == "check_session_iframe") {
				all = append(all, Address{where + member, text})
			}
		}
	}
	named(t.Metadata.Values, "")
	if aliases, ok := t.Metadata.Values["mtls_endpoint_aliases"].(map[string]any); ok {
		named(aliases, AtAlias)
	}
	all = append(all, Address{"resource", t.Resource.URL})
	if signed := t.Signed(); signed != nil {
		for _, address := range []string{signed.URL, signed.Post, signed.KeysURI} {
			if address != "" && address != t.Resource.URL {
				all = append(all, Address{"resource.signatures", address})
			}
		}
	}
	return all
}

// ForBrowsers are the hosts to which browsers are sent.
func ForBrowsers(client *flow.Client) []Host {
	return slices.DeleteFunc(Hosts(client), func(h Host) bool { return !h.Browsers })
}

// ForMachines are those to which others than browsers are.
func ForMachines(client *flow.Client) []Host {
	return slices.DeleteFunc(Hosts(client), func(h Host) bool { return !h.Machines })
}
