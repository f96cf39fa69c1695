package target

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Features are what offers may claim, in the catalogue's words.
var features = []string{
	"openid", "refresh_token", "introspection", "introspection_jwt", "revocation", "jar", "jarm", "rar", "dcr", "ciba", "ciba_ping",
	"http_signatures", "grant_management",
	"dcr_ssa", "dcm", "native", "browser", "ida", "ida_evidence", "ida_attachments", "ida_distributed",
	"obuk_payments", "obuk_signing", "obuk_ciba", "brazil_by_value", "brazil_payments", "brazil_ciba",
}

// FileError says what is wrong with a target file, and where.
type FileError struct {
	File string
	Line int // 0: the whole file
	Says string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Says
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Says)
}

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
	l := &loader{path: path, env: env, target: &Target{File: path}}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil, &FileError{File: path, Says: "holds no keys: it needs issuer, clients, redirects, scope, resource and consent; fapitest init writes a first one"}
	}
	l.insert(root.Content[0])
	l.read(root.Content[0])
	if l.err == nil {
		l.check(root.Content[0])
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.target, nil
}

// place is how the YAML library says where it stopped.
var place = regexp.MustCompile(`L(\d+)\.C\d+(?:-L\d+\.C\d+)?:?\s*`)

// notYAML says in our words, and with the line, what the YAML library says.
func notYAML(path string, err error) *FileError {
	text, _, _ := strings.Cut(err.Error(), "\n")
	line := 0
	if match := place.FindStringSubmatchIndex(text); match != nil {
		line, _ = strconv.Atoi(text[match[2]:match[3]])
		text = text[match[1]:]
	}
	return &FileError{File: path, Line: line, Says: "not YAML: " + wire.Printable(text)}
}

// shortestSecret is how long a value has to be for the redactor to know it again.
const shortestSecret = 6

// loader reads the nodes of a target file and keeps the first thing that is wrong.
type loader struct {
	path      string
	env       func(string) string
	target    *Target
	redirects []string
	script    string
	scriptAt  *yaml.Node
	issuerAt  *yaml.Node
	// requiresAt is where requires stands; nil: nowhere.
	requiresAt *yaml.Node
	usersAt    *yaml.Node
	err        error
}

func (l *loader) fail(node *yaml.Node, format string, args ...any) {
	if l.err == nil {
		l.err = &FileError{File: l.path, Line: node.Line, Says: fmt.Sprintf(format, args...)}
	}
}

// members calls visit for every member of a mapping in the order of the file. Unknown keys are errors that name the nearest, and so
// are keys that stand twice.
func (l *loader) members(node *yaml.Node, where string, visit func(key string, value *yaml.Node)) {
	known := keysOf(where)
	if node.Kind != yaml.MappingNode {
		if known == nil {
			l.fail(node, "%s: expected names with a text each: {name: text}", strings.TrimSuffix(where, "."))
			return
		}
		l.fail(node, "%s: expected the keys %s", strings.TrimSuffix(where, "."), strings.Join(known, ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content) && l.err == nil; i += 2 {
		key := node.Content[i]
		switch {
		case known != nil && !slices.Contains(known, key.Value):
			l.fail(key, "unknown key %q: the keys here are %s", where+key.Value, strings.Join(known, ", "))
		case seen[key.Value]:
			l.fail(key, "%s%s stands twice", where, key.Value)
		default:
			seen[key.Value] = true
			visit(key.Value, node.Content[i+1])
		}
	}
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// text reads a value, with ${NAME} replaced, or the environment's instead of it.
func (l *loader) text(key string, node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode {
		l.fail(node, "%s: expected text", key)
		return ""
	}
	if override := l.env(overrideName(key)); override != "" {
		return override
	}
	return variable.ReplaceAllStringFunc(node.Value, func(match string) string {
		name := match[2 : len(match)-1]
		value := l.env(name)
		if value == "" {
			l.fail(node, "%s: the environment variable %s is not set", key, name)
		}
		return value
	})
}

// insert adds the keys that the environment has and the file has not.
func (l *loader) insert(root *yaml.Node) {
	for _, path := range single() {
		value := l.env(overrideName(path))
		if value == "" {
			continue
		}
		node := root
		for _, key := range strings.Split(path, ".") {
			node = memberOf(node, key, root.Line)
		}
		node.Kind, node.Value = yaml.ScalarNode, value
	}
}

// memberOf returns the member of a mapping, made new where it is missing.
func memberOf(node *yaml.Node, key string, line int) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	node.Kind = yaml.MappingNode
	value := &yaml.Node{Line: line}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key, Line: line}, value)
	return value
}

var notName = regexp.MustCompile(`[^A-Za-z0-9]+`)

func overrideName(key string) string {
	return "FAPITEST_" + strings.ToUpper(strings.Trim(notName.ReplaceAllString(key, "_"), "_"))
}

func (l *loader) list(key string, node *yaml.Node) []string {
	if override := l.env(overrideName(key)); override != "" {
		return strings.Split(override, ",")
	}
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "%s: expected a list: [one, two]", key)
		return nil
	}
	var items []string
	for i, item := range node.Content {
		items = append(items, l.text(fmt.Sprintf("%s[%d]", key, i), item))
	}
	return items
}

func (l *loader) texts(key string, node *yaml.Node) map[string]string {
	values := map[string]string{}
	l.members(node, key+".", func(name string, value *yaml.Node) { values[name] = l.text(key+"."+name, value) })
	return values
}

// file resolves a path against the target file's place and reads it.
func (l *loader) file(key string, node *yaml.Node) []byte {
	name := l.text(key, node)
	if l.err != nil {
		return nil
	}
	data, err := os.ReadFile(l.resolve(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(node, "%s: there is no file %s (paths are relative to the target file)", key, name)
	case err != nil:
		l.fail(node, "%s: %s can't be read: %s", key, name, err)
	}
	return data
}

func (l *loader) resolve(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(l.path), name)
}

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
			t.User.Key = key
			l.members(value, "user.", func(key string, value *yaml.Node) {
				if key == "name" {
					t.User.Name = l.text("user.name", value)
				} else {
					t.User.Password = wire.NewSecret(l.text("user.password", value))
				}
			})
		case "users":
			l.users(value)
		case "propagation":
			text := l.text(key, value)
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 || d > longestPropagation {
				l.fail(value, "propagation: %q is not how long a revocation may be on its way: write a duration such as 5s, up to %s", text, longestPropagation)
			}
			t.Propagation = d
		case "max_logins":
			text := l.text(key, value)
			if number, err := strconv.Atoi(text); err == nil && number > 0 {
				t.MaxLogins = number
			} else {
				l.fail(value, "max_logins: %q is no number of logins: write 1 or more, or leave it out", text)
			}
		case "scope":
			t.Scope = l.text(key, value)
		case "request":
			t.Request = l.texts(key, value)
		case "resource":
			l.members(value, "resource.", func(key string, value *yaml.Node) {
				if key == "headers" {
					l.headers(value)
					return
				}
				switch text := l.text("resource."+key, value); key {
				case "url":
					t.Resource.URL = text
					l.https(value, "resource.url", text)
				case "method":
					if t.Resource.Method = strings.ToUpper(text); !method.MatchString(t.Resource.Method) {
						l.fail(value, "resource.method: %q is no method: write GET or POST", text)
					}
				case "scope":
					t.Resource.Scope = text
				}
			})
		case "consent":
			l.consent(value)
		case "offers":
			t.Offers = l.list(key, value)
			for _, word := range t.Offers {
				if !slices.Contains(features, word) {
					l.fail(value, "offers: %q is no feature that can be claimed: there are %s", word, strings.Join(features, ", "))
				}
			}
		case "requires":
			l.requiresAt = value
			t.Requires = l.list(key, value)
			for _, word := range t.Requires {
				if known := []string{RequiresJAR, RequiresDPoPAtPAR}; !slices.Contains(known, word) {
					l.fail(value, "requires: %q is nothing that the client can always do: there are %s", word, strings.Join(known, " and "))
				}
			}
		case "attested":
			t.Attested = l.texts(key, value)
			for id, words := range t.Attested {
				if strings.TrimSpace(words) == "" {
					l.fail(value, "attested.%s: say who saw what, and when", id)
				}
			}
		case "waits":
			l.members(value, "waits.", func(_ string, value *yaml.Node) {
				longest, err := time.ParseDuration(l.text("waits.longest", value))
				if err != nil || longest < 0 {
					l.fail(value, "waits.longest: %q is no duration: write 70s or 5m", value.Value)
				}
				t.Waits.Longest = longest
			})
		case "permission":
			t.Permission = l.text(key, value)
		}
	})
}

// fieldName is the name of a header field (RFC 9110 section 5.1).
var fieldName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// ours are the header fields that the client writes itself.
var ours = []string{
	"Authorization", "Dpop", "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Cookie", "User-Agent", "X-Fapi-Interaction-Id",
}

// headers reads what the resource wants in every request.
func (l *loader) headers(node *yaml.Node) {
	l.members(node, "resource.headers.", func(name string, value *yaml.Node) {
		key := "resource.headers." + name
		text := l.text(key, value)
		header := Header{Name: name, Value: wire.NewSecret(text), Hidden: variable.MatchString(value.Value) || l.env(overrideName(key)) != ""}
		switch {
		case l.err != nil:
			return
		case !fieldName.MatchString(name):
			l.fail(value, "%s: %q is no name of a header field", key, name)
		case slices.Contains(ours, http.CanonicalHeaderKey(name)):
			l.fail(value, "%s: the client writes this header field itself: leave it out", key)
		case slices.ContainsFunc(l.target.Resource.Headers, func(h Header) bool { return strings.EqualFold(h.Name, name) }):
			l.fail(value, "%s: stands twice, in another spelling", key)
		case strings.TrimSpace(text) == "" || strings.ContainsFunc(text, func(c rune) bool { return c < 0x20 && c != '\t' || c >= 0x7f }):
			l.fail(value, "%s: the value of a header field is one line of printable ASCII", key)
		case header.Hidden && len(text) < shortestSecret:
			l.fail(value, "%s: comes from the environment and has fewer than %d characters, and so could not be told from other text and kept out of the report: write it into the file", key, shortestSecret)
		}
		l.target.Resource.Headers = append(l.target.Resource.Headers, header)
	})
}

var method = regexp.MustCompile(`^[A-Z]+$`)

func (l *loader) https(node *yaml.Node, key, address string) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" {
		l.fail(node, "%s: %q is not an https URL", key, address)
	}
}

func (l *loader) checkRedirects(node *yaml.Node, key string, uris []string) {
	for _, uri := range uris {
		parsed, err := url.Parse(uri)
		if err != nil || parsed.Scheme == "" || parsed.Scheme == "https" && parsed.Host == "" || parsed.Fragment != "" {
			l.fail(node, "%s: %q is no redirect URI: write an absolute URI without fragment", key, uri)
		}
	}
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

func (l *loader) consent(node *yaml.Node) {
	l.members(node, "consent.", func(key string, value *yaml.Node) {
		switch key {
		case "driver":
			l.target.Consent.Driver = l.text("consent.driver", value)
			if driver := l.target.Consent.Driver; !slices.Contains([]string{"browser", "form", "person"}, driver) {
				l.fail(value, "consent.driver: there is no driver %q: the drivers are browser, form and person", driver)
			}
		case "script":
			l.script, l.scriptAt = l.text("consent.script", value), value
		case "hosts":
			l.target.Consent.Hosts = l.list("consent.hosts", value)
		case "logins":
			text := l.text("consent.logins", value)
			number, err := strconv.Atoi(text)
			if err != nil || number < 1 || number > mostLogins {
				l.fail(value, "consent.logins: %q is not how often a bank asks for a password: write a number from 1 to %d, or leave it out", text, mostLogins)
			}
			l.target.Consent.Logins = number
		}
	})
}

// mostLogins bounds consent.logins: a bank that asks more often is not understood.
const mostLogins = 3

// longestPropagation bounds propagation: what takes longer is no news on its way.
const longestPropagation = 5 * time.Minute

// users reads the test users beside the first.
func (l *loader) users(node *yaml.Node) {
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "users: expected a list of users, each with name and password")
		return
	}
	for i, item := range node.Content {
		where := fmt.Sprintf("users[%d]", i)
		user := User{Key: where}
		l.members(item, where+".", func(key string, value *yaml.Node) {
			switch text := l.text(where+"."+key, value); key {
			case "name":
				user.Name = text
			case "password":
				user.Password = wire.NewSecret(text)
			case "for":
				if user.Denies = text == "deny"; !user.Denies {
					l.fail(value, "%s.for: %q: write deny, or leave it out", where, text)
				}
			}
		})
		if user.Name == "" {
			l.fail(item, "%s: name is missing", where)
		}
		l.target.More = append(l.target.More, user)
	}
	l.usersAt = node
}

// checkUsers makes the first of users the test user where there is no other.
func (l *loader) checkUsers() {
	t := l.target
	if t.User.Name == "" && len(t.More) > 0 {
		if t.More[0].Denies {
			l.fail(l.usersAt, "users[0]: says no: the first user, or user beside users, has to say yes")
			return
		}
		t.User, t.More = t.More[0], t.More[1:]
	}
	names := map[string]bool{}
	for _, user := range t.Users() {
		if names[user.Name] {
			l.fail(nodeOr(l.usersAt, &yaml.Node{}), "users: %s stands twice", user.Name)
			return
		}
		names[user.Name] = true
	}
}

func (l *loader) clients(node *yaml.Node) {
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "clients: expected a list of clients, each with id, auth and binding")
		return
	}
	for i, item := range node.Content {
		client := l.client(fmt.Sprintf("clients[%d]", i), item)
		if l.err != nil {
			return
		}
		for _, other := range l.target.Clients {
			if other.ID == client.ID {
				l.fail(item, "clients[%d].id: %s stands twice", i, client.ID)
			}
		}
		l.target.Clients = append(l.target.Clients, client)
	}
	if len(l.target.Clients) < 2 {
		l.fail(node, "clients: two are needed, so that one can be tried with what belongs to the other")
	}
}

func (l *loader) client(where string, node *yaml.Node) *Client {
	c := &Client{}
	var certificate, key []byte
	at := map[string]*yaml.Node{}
	l.members(node, where+".", func(name string, value *yaml.Node) {
		at[name] = value
		switch full := where + "." + name; name {
		case "id":
			c.ID = l.text(full, value)
		case "auth":
			c.Auth = l.text(full, value)
		case "binding":
			c.Binding = l.text(full, value)
		case "redirects":
			c.Redirects = l.list(full, value)
			l.checkRedirects(value, full, c.Redirects)
		case "secret":
			text := l.text(full, value)
			if c.Secret = wire.NewSecret(text); len(text) < shortestSecret {
				l.fail(value, "%s: has fewer than %d characters, and so could not be told from other text and kept out of the report", full, shortestSecret)
			}
		case "jwks":
			l.signingKey(c, full, value)
		case "cert":
			certificate = l.file(full, value)
		case "key":
			key = l.file(full, value)
		}
	})
	if l.err != nil {
		return c
	}
	switch {
	case c.ID == "":
		l.fail(node, "%s: id is missing", where)
	case !slices.Contains([]string{PrivateKeyJWT, TLSClientAuth, SelfSignedAuth}, c.Auth):
		l.fail(nodeOr(at["auth"], node), "%s.auth: %q: write %s, %s or %s", where, c.Auth, PrivateKeyJWT, TLSClientAuth, SelfSignedAuth)
	case c.Binding != DPoP && c.Binding != MTLS:
		l.fail(nodeOr(at["binding"], node), "%s.binding: %q: write %s or %s", where, c.Binding, DPoP, MTLS)
	case c.Auth == PrivateKeyJWT && c.Key == nil:
		l.fail(node, "%s: jwks is missing: private_key_jwt needs the file with the private key", where)
	case c.Certified() && (certificate == nil || key == nil):
		l.fail(node, "%s: cert and key are missing: a client with auth %s and binding %s shows a certificate", where, c.Auth, c.Binding)
	case (certificate == nil) != (key == nil):
		l.fail(node, "%s: cert and key belong together", where)
	case certificate != nil:
		if bytes.Contains(key, []byte("ENCRYPTED")) {
			l.fail(nodeOr(at["key"], node), "%s.key: %s is encrypted: write a decrypted copy for fapitest (openssl pkey -in … -out …)", where, at["key"].Value)
			return c
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			l.fail(nodeOr(at["cert"], node), "%s: cert and key: %s", where, strings.TrimPrefix(err.Error(), "tls: "))
			return c
		}
		if leaf := pair.Leaf; leaf != nil && time.Now().After(leaf.NotAfter) {
			l.fail(nodeOr(at["cert"], node), "%s.cert: %s expired on %s: have the client's certificate renewed", where, at["cert"].Value, leaf.NotAfter.UTC().Format("2 January 2006"))
			return c
		}
		c.Certificate = &pair
	}
	return c
}

func nodeOr(node, other *yaml.Node) *yaml.Node {
	if node == nil {
		return other
	}
	return node
}

func (l *loader) signingKey(c *Client, where string, node *yaml.Node) {
	data := l.file(where, node)
	if l.err != nil {
		return
	}
	found, err := jose.ParseKeys(data)
	if err != nil {
		l.fail(node, "%s: %s %s", where, node.Value, err)
		return
	}
	c.Key, c.Decrypts = found[0], jose.ParseDecryptionKeys(data)
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
		l.fail(nodeOr(l.issuerAt, root), "issuer: %q is no issuer identifier: write an https URL without query and fragment", t.Issuer)
		return
	}
	if !loopback(parsed.Hostname()) && t.Permission == "" {
		l.fail(nodeOr(l.issuerAt, root), "permission is missing: %s is not on loopback; write down who allowed this test, such as permission: \"Example Bank, change 4711\"", parsed.Hostname())
		return
	}
	if t.Offered("openid") && !t.OpenID() {
		l.fail(root, "offers claims openid, and scope does not ask for it: write scope: %q, or leave openid out of offers", strings.TrimSpace("openid "+t.Scope))
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

func (l *loader) readScript(root *yaml.Node) {
	if l.target.Consent.Driver == "person" && l.script == "" {
		return
	}
	if l.script == "" {
		l.fail(root, "consent.script is missing: what to do on the pages; fapitest init writes a first one")
		return
	}
	script, err := consent.LoadScript(l.resolve(l.script))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(l.scriptAt, "consent.script: there is no file %s (paths are relative to the target file)", l.script)
	case err != nil:
		l.err = &FileError{File: l.path, Line: l.scriptAt.Line, Says: "consent.script: " + err.Error()}
	}
	l.target.Consent.Script = script
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// quoted is a YAML scalar that means the text and nothing else.
func quoted(text string) string { return strconv.Quote(text) }
