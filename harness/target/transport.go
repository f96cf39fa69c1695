package target

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
)

// AnswerLimit is the longest that one request may take, connection and answer together, where the target file says nothing.
const AnswerLimit = 30 * time.Second

// HTTPClient returns a client for the target that shows the given certificate, none if it is nil. It validates the target's
// certificate, follows no redirects and uses no proxy, and sends nothing to what is not https, to a host for which nobody vouches, or again and again to who
// does not answer: the error is a *wire.NotSent then. Keep one for each certificate: its connections carry no other.
func (t *Target) HTTPClient(certificate *tls.Certificate) *http.Client {
	config := &tls.Config{RootCAs: t.Trust, MinVersion: tls.VersionTLS12}
	reach := t.reach()
	dial := (&net.Dialer{Timeout: min(10*time.Second, reach.Limit)}).DialContext
	transport := &http.Transport{
		// Many servers close connections that were idle for 5 seconds: better we do it first.
		MaxIdleConns: 32, MaxIdleConnsPerHost: 16, IdleConnTimeout: 4 * time.Second,
		DialContext: dial,
		DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return wire.DialTLS(ctx, dial, address, config, certificate)
		},
		MaxResponseHeaderBytes: 256 << 10,
	}
	return &http.Client{
		Timeout:       reach.Limit + 5*time.Second, // reach says it first
		Transport:     reach.Over(transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// reach is how far the requests go that are sent to the target, in this process: one for all its HTTP clients.
func (t *Target) reach() *wire.Reach {
	t.reaching.Do(func() {
		limit := t.Waits.Answer
		if limit == 0 {
			limit = AnswerLimit
		}
		t.far = &wire.Reach{Limit: limit, Vouched: t.sendable}
	})
	return t.far
}

// PageHosts returns the hosts, with port, that consent.hosts and the script name: pages may stand on hosts of their own.
func (t *Target) PageHosts() []string {
	named := slices.Clone(t.Consent.Hosts)
	for _, page := range slices.Concat(t.Consent.Script.Accept, t.Consent.Script.Deny) {
		if rest, found := strings.CutPrefix(page.When.URL, "https://"); found {
			host, _, _ := strings.Cut(rest, "/")
			named = append(named, host)
		}
	}
	origins := t.PageOrigins()
	var hosts []string
	for _, host := range named {
		if strings.ContainsAny(host, "*?") || host == "" {
			continue // a pattern is no host
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(host, "443")
		}
		if !slices.Contains(origins, host) && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// PageOrigins returns the hosts, with port, whose pages a browser will open as far as the metadata tells.
func (t *Target) PageOrigins() []string {
	var hosts []string
	for _, address := range []string{t.Issuer, t.Metadata.Text("authorization_endpoint"), t.Metadata.Text("end_session_endpoint")} {
		parsed, err := url.Parse(address)
		if err != nil || parsed.Scheme != "https" {
			continue
		}
		host := parsed.Host
		if parsed.Port() == "" {
			host += ":443"
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// PagesMayContact returns the hosts, as host or host:port, to which pages may have the browser go: those of the issuer and of the endpoints that a browser opens, as far as
// somebody vouches for them, and what hosts, consent.hosts and the consent script name; "*" among them is any host.
func (t *Target) PagesMayContact() []string {
	origins := slices.DeleteFunc(t.PageOrigins(), func(host string) bool { return !t.Vouches(host) })
	hosts := slices.Concat(origins, t.Hosts, t.Consent.Hosts, t.PageHosts())
	for i, host := range hosts {
		hosts[i] = strings.ToLower(host) // as browsers write it
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// Leaf connects to a host, validates its certificate as every request of ours does, and returns it.
func (t *Target) Leaf(ctx context.Context, host string) (*x509.Certificate, error) {
	if !t.Vouches(host) {
		return nil, &Unreachable{URL: "https://" + host, Says: "neither the issuer nor the target file vouches for it; where it is the bank's, name it with hosts: in the target file"}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: t.Trust, MinVersion: tls.VersionTLS12}}
	connection, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, &Unreachable{URL: "https://" + host, Says: t.explain(err)}
	}
	defer func() { _ = connection.Close() }()
	chain := connection.(*tls.Conn).ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return nil, &Unreachable{URL: "https://" + host, Says: "the server showed no certificate"}
	}
	wire.LedgerFrom(ctx).Shown(host, chain)
	return chain[0], nil
}

// SPKI is the base64 SHA-256 of a certificate's public key, by which Chromium is told to trust it.
func SPKI(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Unreachable says that a server can't be talked to, and what to do about it.
type Unreachable struct{ URL, Says string }

func (e *Unreachable) Error() string { return fmt.Sprintf("%s can't be reached: %s", e.URL, e.Says) }
