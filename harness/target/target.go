// Package target is the server under test: as its operator describes it in the target file, and as its own metadata does.
package target

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// The ways in which a client authenticates and in which its tokens are bound, as they are spelt in the target file.
const (
	PrivateKeyJWT  = "private_key_jwt"
	TLSClientAuth  = "tls_client_auth"
	SelfSignedAuth = "self_signed_tls_client_auth"
	DPoP           = "dpop"
	MTLS           = "mtls"
)

// Target is a server under test.
type Target struct {
	File    string // the target file's path; empty where there is none
	Digest  string // of that file: "sha256:" and hexadecimal digits
	Issuer  string
	Trust   *x509.CertPool // nil: the system's roots
	Clients []*Client
	Scope   string
	Details []map[string]any  // authorization details that are granted (RFC 9396); nil: none are known
	Request map[string]string // further parameters of every authorization request
	// Requests is how authorization requests reach the server: Pushed or ByValue. Empty: Pushed.
	Requests string
	// ResponseType is what they ask for: Code or CodeIDToken. Empty: Code.
	ResponseType string
	User         User   // the first test user
	More         []User // others
	MaxLogins    int    // how often a run may offer a password; 0: as often as it needs
	Resource     Resource
	Intents      *Intents  // nil: nothing is created before an end user is sent to the server
	Payments     *Payments // nil: none are made
	Consent      Consent
	Offers       []string          // optional features that are claimed, and so tested
	Requires     []string          // what every request needs here, so that the client does it: RequiresJAR, RequiresJARM, RequiresDPoPAtPAR, RequiresDPoPJKT, HTTPSignatures
	Attested     map[string]string // requirement id → the operator's words
	// Declarations is the file in which some of them stand.
	Declarations Declarations
	Waits        Waits
	// Propagation is how long a revocation may take to reach the resource servers.
	Propagation time.Duration
	Permission  string
	// Hosts are those that the metadata may name beside the issuer's and the resource's, as host or host:port.
	Hosts []string

	// Exposed are the files with private keys in them that others may read.
	Exposed []string

	Metadata *Metadata // what Discover found; nil before

	reaching sync.Once
	far      *wire.Reach
}

// Client is a registered client.
type Client struct {
	ID          string
	Auth        string               // PrivateKeyJWT, TLSClientAuth or SelfSignedAuth
	Binding     string               // DPoP or MTLS
	Key         *jose.Key            // signs client assertions and request objects; nil where there is none
	Short       *jose.Key            // an RSA key of fewer than 2048 bits that it is registered with as well; nil: none
	OtherKeys   []*jose.Key          // it is registered with as well
	Decrypts    []jose.DecryptionKey // opens what the target encrypts to the client; none: it does not, or can't be read
	Certificate *tls.Certificate     // nil where neither authentication nor binding needs one
	Others      OtherCertificates    // for tests alone
	Redirects   []string             // registered redirect URIs, at least one
	Secret      wire.Secret          // a client_secret that the target knows of the client and must not take; empty: none is known
}

// OtherCertificates are what only the client's authority can issue, beside the client's certificate, so that experiments can show it. Each is nil, and Similar empty, where the
// target file does not name it.
type OtherCertificates struct {
	Expired, NotYetValid *tls.Certificate
	Renewed              *tls.Certificate // of the same subject and another key
	Respelt              *tls.Certificate // of the same subject, its strings of another type
	Similar              []*tls.Certificate
}

// Namesakes are keys for its assertions that have the same kid as Key: whoever looks for the key of a signature has to tell them apart by something else.
func (c *Client) Namesakes() []*jose.Key {
	var all []*jose.Key
	for _, other := range c.OtherKeys {
		if c.Auth == PrivateKeyJWT && c.Key != nil && other.ID != "" && other.ID == c.Key.ID {
			all = append(all, other)
		}
	}
	return all
}

// User is a test user.
type User struct {
	Name     string
	Password wire.Secret
	Denies   bool   // always denies; other users accept, and also deny where no user is marked with this
	Key      string // where the user stands in the target file: user, users[0]
}

// Users are all test users, the first one first.
func (t *Target) Users() []User { return append([]User{t.User}, t.More...) }

// Values are what ${user} and ${password} stand for in a consent script.
func (u User) Values() map[string]wire.Secret {
	return map[string]wire.Secret{"user": wire.NewSecret(u.Name), "password": u.Password}
}

// Resource is the protected resource.
type Resource struct {
	URL    string
	Method string
	Scope  string // the scope without which it must refuse; empty: none is known
	// Lesser are scopes that the clients may be granted and that do not open it; empty: none are known beside those of the target's own scope.
	Lesser string
	// Headers are what it wants in every request beside the token.
	Headers []Header
	// Signatures is how requests and answers are signed there; nil: they are not.
	Signatures *Signatures
}

// Header is a header field of requests.
type Header struct {
	Name   string
	Value  wire.Secret
	Hidden bool // the value came from the environment, and is kept out of reports
}

// How authorization requests reach the server, and what they ask for.
const (
	Pushed      = "pushed"        // RFC 9126
	ByValue     = "by_value"      // the browser brings them
	Code        = "code"          // RFC 6749 section 4.1
	CodeIDToken = "code id_token" // OpenID Connect Core section 3.3
)

// The words of requires: what every request needs at some banks.
const (
	RequiresJAR = "jar" // authorization requests are signed (RFC 9101)
	// RequiresEncryptedJAR is RequiresJAR with request objects that are encrypted to the target as well (RFC 9101 section 6.1).
	RequiresEncryptedJAR = "jar_encrypted"
	RequiresJARM         = "jarm"        // authorization responses are signed (JARM): every request asks for that
	RequiresDPoPAtPAR    = "dpop_at_par" // a pushed request comes with a DPoP proof (RFC 9449 section 10.1)
	RequiresDPoPJKT      = "dpop_jkt"    // an authorization request names the key of its tokens (RFC 9449 section 10)
	// HTTPSignatures is also the claim that requests to the resource and its answers are signed, or one of the two; here that every such request is.
	HTTPSignatures = "http_signatures"
)

// Consent says how the end user's part is played.
type Consent struct {
	Driver string // "browser", "form" or "person"
	Script consent.Script
	Hosts  []string // if any: the only hosts that pages may contact
	Logins int      // how often the bank asks for the password on one journey; 0: once
}

// Waits bound what experiments may wait for.
type Waits struct {
	Longest time.Duration
	Answer  time.Duration // for the answer to one request; 0: AnswerLimit
}

// LongestWait is how long experiments may wait where the target file says nothing. It is more than anything needs whose length the profile
// bounds (a request_uri lives for less than 600 seconds); how long access tokens live it leaves to the target.
const LongestWait = 15 * time.Minute

// Metadata is the server's metadata, as discovered.
type Metadata struct {
	// Documents are the answers at the well-known places that were asked, in order.
	Documents []Document
	// Values is the content of the first document that was good.
	Values map[string]any
	// Ahead is how far the target's clock was ahead of ours when it was asked, by its Date and Age; nil where it did not say.
	Ahead *time.Duration
}

// Document is the answer at one well-known place.
type Document struct {
	URL      string
	Exchange *wire.Exchange
	Status   int
	Values   map[string]any // nil where the answer was no JSON object
	Problem  string         // why it can't be used: status, media type, another issuer's; empty where it can
}

// Certified says whether the client shows a certificate: to authenticate, or because its tokens are bound to it.
func (c *Client) Certified() bool { return c.Auth != PrivateKeyJWT || c.Binding == MTLS }

// Offered says whether the target file claims the feature, in the catalogue's words.
func (t *Target) Offered(feature string) bool { return slices.Contains(t.Offers, feature) }

// Required says whether every request needs that here.
func (t *Target) Required(what string) bool { return slices.Contains(t.Requires, what) }

// TakesByValue says whether the browser brings authorization requests, and nothing is pushed.
func (t *Target) TakesByValue() bool { return t.Requests == ByValue }

// Hybrid says whether requests ask for an id_token beside the code, in the authorization response.
func (t *Target) Hybrid() bool { return t.ResponseType == CodeIDToken }

// OpenID says whether the target is used as an OpenID Provider: its scope asks for openid.
func (t *Target) OpenID() bool { return slices.Contains(strings.Fields(t.Scope), "openid") }

// Combinations returns one client for every combination of authentication and binding that the file declares: the first of each.
// Experiments run as these; the others lend their keys and certificates.
func (t *Target) Combinations() []*Client {
	var firsts []*Client
	seen := map[string]bool{}
	for _, client := range t.Clients {
		combination := client.Auth + "+" + client.Binding
		if !seen[combination] {
			seen[combination] = true
			firsts = append(firsts, client)
		}
	}
	return firsts
}

// Text returns a metadata member that is a string, "" where it is missing or something else.
func (m *Metadata) Text(name string) string {
	if m == nil {
		return ""
	}
	text, _ := m.Values[name].(string)
	return text
}

// List returns a metadata member that is an array of strings; members of other types are left out.
func (m *Metadata) List(name string) []string {
	if m == nil {
		return nil
	}
	items, _ := m.Values[name].([]any)
	var list []string
	for _, item := range items {
		if text, ok := item.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

// Endpoint returns the URL of an endpoint by its metadata name ("token_endpoint"); for a client that shows a certificate the
// alias of RFC 8705 section 5 where one is announced.
func (m *Metadata) Endpoint(name string, certified bool) string {
	if m == nil {
		return ""
	}
	if certified {
		if aliases, ok := m.Values["mtls_endpoint_aliases"].(map[string]any); ok {
			if alias, ok := aliases[name].(string); ok && alias != "" {
				return alias
			}
		}
	}
	return m.Text(name)
}
