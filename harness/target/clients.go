package target

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

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
	var others []otherFile
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
		case "short_jwk":
			l.shortKey(c, full, value)
		case "cert":
			certificate = l.file(full, value)
		case "key":
			key = l.file(full, value)
			l.guarded(value)
		case "other_certificates":
			others = l.others(full, value)
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
	l.enter(c, node, others)
	return c
}

// otherFile is a file of clients[].other_certificates.
type otherFile struct {
	name, full string
	node       *yaml.Node
	pair       tls.Certificate
}

// others reads clients[].other_certificates.
func (l *loader) others(where string, node *yaml.Node) []otherFile {
	var files []otherFile
	read := func(name, full string, node *yaml.Node) {
		both := l.file(full, node)
		if l.err != nil {
			return
		}
		pair, err := tls.X509KeyPair(both, both)
		if err != nil {
			l.fail(node, "%s: %s: %s: the file has the certificate and, behind it, its private key, both in PEM", full, node.Value, strings.TrimPrefix(err.Error(), "tls: "))
		}
		l.guarded(node)
		files = append(files, otherFile{name, full, node, pair})
	}
	l.members(node, where+".", func(name string, value *yaml.Node) {
		full := where + "." + name
		switch {
		case name != "similar":
			read(name, full, value)
		case value.Kind != yaml.SequenceNode:
			l.fail(value, "%s: expected a list of files", full)
		default:
			for i, item := range value.Content {
				read(name, fmt.Sprintf("%s[%d]", full, i), item)
			}
		}
	})
	return files
}

// enter enters the other certificates of a client, of which each has to be what its key says: a renewed one that has expired would be refused for that alone.
func (l *loader) enter(c *Client, node *yaml.Node, files []otherFile) {
	if len(files) == 0 {
		return
	}
	if c.Certificate == nil || c.Certificate.Leaf == nil {
		l.fail(node, "%s: is for clients that have cert and key", files[0].full)
		return
	}
	own, now := c.Certificate.Leaf, time.Now()
	for _, file := range files {
		pair, leaf := &file.pair, file.pair.Leaf
		same, valid := bytes.Equal(leaf.RawSubject, own.RawSubject), now.After(leaf.NotBefore) && now.Before(leaf.NotAfter)
		right, means := false, ""
		switch file.name {
		case "expired":
			right, means, c.Others.Expired = same && now.After(leaf.NotAfter), "a certificate of the client's subject and another key that has expired", pair
		case "not_yet_valid":
			right, means, c.Others.NotYetValid = same && now.Before(leaf.NotBefore), "a certificate of the client's subject and another key whose time has not come", pair
		case "renewed":
			right, means, c.Others.Renewed = same && valid, "a valid certificate of the client's subject and another key", pair
		case "respelt":
			right, means = !same && valid && leaf.Subject.String() == own.Subject.String(), "a valid certificate of another key, and of the client's subject in strings of another type"
			c.Others.Respelt = pair
		case "similar":
			right, means = !same && valid, "a valid certificate of another key and another subject"
			c.Others.Similar = append(c.Others.Similar, pair)
		}
		if !right || bytes.Equal(leaf.RawSubjectPublicKeyInfo, own.RawSubjectPublicKeyInfo) {
			l.fail(file.node, "%s: %s is not %s", file.full, file.node.Value, means)
		}
	}
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
	l.guarded(node)
	c.Key, c.OtherKeys, c.Decrypts = found[0], found[1:], jose.ParseDecryptionKeys(data)
}

func (l *loader) shortKey(c *Client, where string, node *yaml.Node) {
	data := l.file(where, node)
	if l.err != nil {
		return
	}
	key, err := jose.ParseShortKey(data)
	if err != nil {
		l.fail(node, "%s: %s %s", where, node.Value, err)
		return
	}
	l.guarded(node)
	c.Short = key
}

func (l *loader) checkRedirects(node *yaml.Node, key string, uris []string) {
	for _, uri := range uris {
		parsed, err := url.Parse(uri)
		if err != nil || parsed.Scheme == "" || parsed.Scheme == "https" && parsed.Host == "" || parsed.Fragment != "" {
			l.fail(node, "%s: %q is not a valid redirect URI: write an absolute URI without fragment", key, uri)
		}
	}
}
