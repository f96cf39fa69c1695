package target

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/wire"
)

// Load reads a target file. What is wrong with it comes as a *FileError, one sentence that says what to do; of several things the
// first. ${NAME} in a value is read with env, and so is one variable for each key, which replaces it: FAPITEST_ and the path of the
// key, in capitals, joined by underscores, items of lists counted from 0: FAPITEST_ISSUER, FAPITEST_USER_PASSWORD,
// FAPITEST_WAITS_LONGEST, FAPITEST_CLIENTS_0_ID.
func Load(path string, env func(string) string) (*Target, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &FileError{File: path, Says: "there is no such file; fapitest init writes a first one"}
		}
		return nil, &FileError{File: path, Says: "can't be read: " + err.Error()}
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil && len(bytes.TrimSpace(data)) > 0 {
		return nil, notYAML(path, err)
	}
	l := &loader{path: path, env: env, target: &Target{File: path, Digest: wire.Digest(data)}}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil, &FileError{File: path, Says: "holds no keys: it needs issuer, clients, redirects, scope, resource and consent; fapitest init writes a first one"}
	}
	l.insert(root.Content[0])
	l.read(root.Content[0])
	l.declares(root.Content[0])
	if l.err == nil {
		l.check(root.Content[0])
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.target, nil
}

// shortestSecret is how long a value has to be for the redactor to know it again.
const shortestSecret = 6

func (l *loader) read(node *yaml.Node) {
	t := l.target
	t.Resource.Method, t.Waits.Longest, t.Propagation = "GET", LongestWait, 5*time.Second
	l.members(node, "", func(key string, value *yaml.Node) {
		switch key {
		case "issuer":
			l.issuerAt = value
			t.Issuer = l.text(key, value)
		case "trust":
			l.trust(value)
		case "clients":
			l.clients(value)
		case "redirects":
			l.redirects = l.list(key, value)
			l.checkRedirects(value, key, l.redirects)
		case "user":
			l.user(value)
		case "users":
			l.users(value)
		case "propagation":
			l.propagation(value)
		case "max_logins":
			l.maxLogins(value)
		case "scope":
			t.Scope = l.text(key, value)
		case "requests":
			t.Requests = l.text(key, value)
			l.oneOf(value, key, t.Requests, Pushed, ByValue)
		case "response_type":
			t.ResponseType = l.text(key, value)
			l.oneOf(value, key, t.ResponseType, Code, CodeIDToken)
		case "request":
			t.Request = l.texts(key, value)
		case "authorization_details":
			l.details(value)
		case "resource":
			l.resource(value)
		case "intents":
			l.intents(value)
		case "payments":
			l.payments(value)
		case "consent":
			l.consent(value)
		case "offers":
			l.offers(value)
		case "requires":
			l.requires(value)
		case "attested":
			l.attested(value)
		case "declarations":
			l.declarations(value)
		case "waits":
			l.waits(value)
		case "hosts":
			l.hosts(value)
		case "permission":
			t.Permission = l.text(key, value)
		}
	})
}

func (l *loader) trust(node *yaml.Node) {
	data := l.file("trust", node)
	if l.err != nil {
		return
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		l.fail(node, "trust: %s holds no certificate in PEM (-----BEGIN CERTIFICATE-----)", node.Value)
	}
	l.target.Trust = pool
}

// check looks at what can only be judged when everything has been read.
func (l *loader) check(root *yaml.Node) {
	t := l.target
	missing := func(key, what string) { l.fail(root, "%s is missing: %s", key, what) }
	switch {
	case t.Issuer == "":
		missing("issuer", "the issuer identifier of the server, an https URL")
	case len(t.Clients) == 0:
		missing("clients", "two or more clients that are registered at the server")
	case t.Scope == "":
		missing("scope", "what the clients ask for: openid accounts")
	case t.Resource.URL == "":
		missing("resource.url", "a protected resource of the server")
	}
	if l.err != nil {
		return
	}
	parsed, err := url.Parse(t.Issuer)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		l.fail(nodeOr(l.issuerAt, root), "issuer: %q is not a valid issuer identifier: write an https URL without query and fragment", t.Issuer)
		return
	}
	if !OnLoopback(t.Issuer) && t.Permission == "" {
		l.fail(nodeOr(l.issuerAt, root), "permission is missing: %s is not on loopback; write down who allowed this test, such as permission: \"Example Bank, change 4711\"", parsed.Hostname())
		return
	}
	if t.Offered("openid") && !t.OpenID() {
		l.fail(root, "offers claims openid, and scope does not ask for it: write scope: %q, or leave openid out of offers", strings.TrimSpace("openid "+t.Scope))
		return
	}
	if lesser := strings.Fields(t.Resource.Lesser); len(lesser) > 0 && (t.Resource.Scope == "" || slices.Contains(lesser, t.Resource.Scope)) {
		l.fail(nodeOr(l.lesserAt, root), "resource.lesser: these are scopes that do not open the resource, beside resource.scope, which does: write both, and no word in both")
		return
	}
	if l.checkUsers(); l.err != nil {
		return
	}
	if t.Required(RequiresJAR) {
		for i, client := range t.Clients {
			if client.Key == nil {
				l.fail(nodeOr(l.requiresAt, root), "requires: jar: clients[%d] (%s) has no jwks, and so can't sign its authorization requests: add the key that is registered for it", i, client.ID)
				return
			}
		}
		if !t.Offered("jar") {
			t.Offers = append(t.Offers, "jar")
		}
	}
	if t.Hybrid() && !t.OpenID() {
		l.fail(root, "response_type: %s is OpenID Connect's, and scope does not ask for openid: write scope: %q", CodeIDToken, "openid "+t.Scope)
		return
	}
	if t.Required(RequiresJARM) && !t.Offered("jarm") {
		t.Offers = append(t.Offers, "jarm")
	}
	if l.checkSignatures(root); l.err != nil {
		return
	}
	for i, client := range t.Clients {
		if client.Redirects == nil {
			client.Redirects = l.redirects
		}
		if len(client.Redirects) == 0 {
			l.fail(root, "redirects is missing: the redirect URIs that are registered for clients[%d] (%s)", i, client.ID)
			return
		}
	}
	l.readScript(root)
}

// OnLoopback says whether a URL is of this machine.
func OnLoopback(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	return parsed.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
