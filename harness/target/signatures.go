package target

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
)

// Signatures is how requests to the resource, and its answers, are signed (FAPI 2.0 HTTP Signatures).
type Signatures struct {
	Requests, Responses bool             // what is signed there
	URL                 string           // of the resource, by its method; empty: its own
	Post, Body          string           // a URL that takes a body by POST, and that body, JSON; Post is empty where none is known
	Digest              string           // the algorithm of the digest of that body
	Covers              []string         // header fields that the bank wants covered beside those of the draft, where they are there
	Registry            bool             // signatures name their algorithm, one of RFC 9421's registry; else it is that of the key, and not named (section 3.3.7)
	Keys                []map[string]any // that verify its answers, JWKs; nil: they are at KeysURI
	KeysURI             string
}

// The words of resource.signatures.messages.
const (
	signsRequests  = "requests"
	signsResponses = "responses"
	signsBoth      = "both"
)

// The words of resource.signatures.alg.
const (
	algJOSE     = "jose"
	algRegistry = "registry"
)

// Signed is how requests to the resource and its answers are signed; nil where the target file does not claim that.
func (t *Target) Signed() *Signatures {
	if !t.Offered(HTTPSignatures) {
		return nil
	}
	return t.Resource.Signatures
}

// SignedURL is the resource that wants signed requests or signs its answers; empty where there is none.
func (t *Target) SignedURL() string {
	signed := t.Signed()
	switch {
	case signed == nil:
		return ""
	case signed.URL != "":
		return signed.URL
	}
	return t.Resource.URL
}

// signatures reads resource.signatures.
func (l *loader) signatures(node *yaml.Node) {
	s := &Signatures{Requests: true, Responses: true, Body: "{}", Digest: httpsig.SHA256}
	l.target.Resource.Signatures, l.signaturesAt = s, node
	l.members(node, "resource.signatures.", func(key string, value *yaml.Node) {
		full := "resource.signatures." + key
		switch key {
		case "jwks":
			l.resourceKeys(full, value)
			return
		case "covers":
			l.covers(full, value)
			return
		}
		switch text := l.text(full, value); key {
		case "messages":
			s.Requests, s.Responses = text != signsResponses, text != signsRequests
			l.oneOf(value, full, text, signsRequests, signsResponses, signsBoth)
		case "url":
			s.URL = text
			l.https(value, full, text)
		case "post":
			s.Post = text
			l.https(value, full, text)
		case "body":
			if s.Body = text; !json.Valid([]byte(text)) {
				l.fail(value, "%s: %q is no JSON", full, text)
			}
		case "digest":
			s.Digest = text
			l.oneOf(value, full, text, httpsig.SHA256, httpsig.SHA512)
		case "alg":
			s.Registry = text == algRegistry
			l.oneOf(value, full, text, algJOSE, algRegistry)
		case "jwks_uri":
			s.KeysURI = text
			l.https(value, full, text)
		}
	})
}

// covers reads which header fields are covered as well.
func (l *loader) covers(key string, node *yaml.Node) {
	for _, name := range l.list(key, node) {
		if !fieldName.MatchString(name) {
			l.fail(node, "%s: %q is not a valid header field name", key, name)
		}
		l.target.Resource.Signatures.Covers = append(l.target.Resource.Signatures.Covers, strings.ToLower(name))
	}
}

func (l *loader) oneOf(node *yaml.Node, key, text string, words ...string) {
	if !slices.Contains(words, text) {
		l.fail(node, "%s: %q is not a valid value: the values are %s", key, text, strings.Join(words, ", "))
	}
}

// resourceKeys reads the keys that verify what the resource has signed.
func (l *loader) resourceKeys(key string, node *yaml.Node) {
	data := l.file(key, node)
	if l.err != nil {
		return
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	var single map[string]any
	if json.Unmarshal(data, &set) == nil && len(set.Keys) == 0 && json.Unmarshal(data, &single) == nil && single["kty"] != nil {
		set.Keys = append(set.Keys, single)
	}
	for _, member := range set.Keys {
		if len(jose.Fitting(member)) > 0 {
			l.target.Resource.Signatures.Keys = append(l.target.Resource.Signatures.Keys, member)
		}
	}
	if len(l.target.Resource.Signatures.Keys) == 0 {
		l.fail(node, "%s: %s is no JWKS with a public key that signatures can be verified by", key, node.Value)
	}
}

// checkSignatures looks at whether what is said of signatures fits together.
func (l *loader) checkSignatures(root *yaml.Node) {
	t := l.target
	if t.Required(HTTPSignatures) {
		for i, client := range t.Clients {
			if client.Key == nil {
				l.fail(nodeOr(l.requiresAt, root), "requires: %s: clients[%d] (%s) has no jwks, and so can't sign its requests: add the key that is registered for it", HTTPSignatures, i, client.ID)
				return
			}
		}
		if !t.Offered(HTTPSignatures) {
			t.Offers = append(t.Offers, HTTPSignatures)
		}
	}
	signed := t.Resource.Signatures
	switch {
	case t.Offered(HTTPSignatures) && signed == nil:
		l.fail(root, "resource.signatures is missing: offers claims %s, and that says what is signed at the resource, and by which keys its answers are verified", HTTPSignatures)
	case !t.Offered(HTTPSignatures) && signed != nil:
		l.fail(nodeOr(l.signaturesAt, root), "resource.signatures: claim %s in offers, or leave this out", HTTPSignatures)
	case signed == nil:
	case t.Required(HTTPSignatures) && !signed.Requests:
		l.fail(nodeOr(l.requiresAt, root), "requires: %s: resource.signatures.messages says that requests are not signed", HTTPSignatures)
	case signed.Responses && signed.Keys == nil && signed.KeysURI == "":
		l.fail(nodeOr(l.signaturesAt, root), "resource.signatures: jwks or jwks_uri is missing: the keys that verify the resource's answers; where it does not sign those, write messages: %s", signsRequests)
	}
}

// effective is what a report says of it.
func (s *Signatures) effective() map[string]any {
	said := map[string]any{"messages": map[[2]bool]string{{true, true}: signsBoth, {true, false}: signsRequests, {false, true}: signsResponses}[[2]bool{s.Requests, s.Responses}]}
	for name, value := range map[string]string{"url": s.URL, "post": s.Post, "jwks_uri": s.KeysURI} {
		if value != "" {
			said[name] = value
		}
	}
	if s.Post != "" {
		said["body"], said["digest"] = s.Body, s.Digest
	}
	if len(s.Covers) > 0 {
		said["covers"] = s.Covers
	}
	if s.Registry {
		said["alg"] = algRegistry
	}
	if len(s.Keys) > 0 {
		said["jwks"] = fmt.Sprintf("%d keys", len(s.Keys))
	}
	return said
}
