package flow

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/jose"
)

// Shape is how the authorization requests of a client reach the target, and how they are answered, all of them: every experiment is made in it.
type Shape struct {
	// ResponseMode is the response_mode that every request asks for; empty: none is named.
	ResponseMode string
	Signed       bool // the parameters stand in a request object that the client signs (RFC 9101); for clients that have a key
	Encrypted    bool // such objects are encrypted to the target when they have been signed
	ByValue      bool // the browser brings them, and nothing is pushed
	// ResponseType is the response_type that every request asks for; empty: code.
	ResponseType string
}

// Shape is the client's.
func (c *Client) Shape() Shape { return c.shape }

// ObjectForm says how a request object is secured.
type ObjectForm string

// The forms.
const (
	Signed   ObjectForm = "signed"
	Unsigned ObjectForm = "unsigned" // alg none
)

// String is the form as it stands behind the part's name.
func (f ObjectForm) String() string { return "that is " + string(f) }

// RequestObject is the object in which the parameters of an authorization request travel. With an ObjectForm they travel in one.
var RequestObject = Part{
	name:   "a request object",
	remove: func(d *draft) { d.object = nil },
	set: func(d *draft, value any) {
		form, ok := value.(ObjectForm)
		if !ok {
			return
		}
		if d.object == nil {
			d.object = d.client.newObject()
		}
		if d.object.Algorithm = ""; form == Unsigned {
			d.object.Algorithm = "none"
		}
	},
}

// RequestObjectClaim is a claim of the request object: of the JWT itself, or a parameter as the object has it.
func RequestObjectClaim(claim string) Part {
	return Part{
		name:   "the request object's " + claim,
		remove: late(func(d *draft) { delete(d.object.Claims, claim) }, (*draft).hasObject),
		set: func(d *draft, value any) {
			late(func(d *draft) { d.object.Claims[claim] = d.resolve(value) }, (*draft).hasObject)(d)
		},
	}
}

// RequestObjectAlgorithm is the algorithm of the request object's signature: one that its key can do, or "none".
var RequestObjectAlgorithm = Part{
	name: "a request object by",
	set: func(d *draft, value any) {
		if d.object != nil {
			d.object.Algorithm = fmt.Sprint(value)
		}
	},
}

// RequestObjectHeader is a member of the request object's JOSE header: RequestObjectHeader("typ").
func RequestObjectHeader(name string) Part {
	return Part{
		name:   "the request object's " + name + " header",
		remove: late(func(d *draft) { delete(d.object.Header, name) }, (*draft).hasObject),
		set: func(d *draft, value any) {
			late(func(d *draft) { d.object.Header[name] = value }, (*draft).hasObject)(d)
		},
	}
}

// RequestObjectKey is the key that the request object is signed by. Its header goes on to name the client's own.
var RequestObjectKey = Part{
	name: "a request object signed by a key",
	set: func(d *draft, value any) {
		if key, ok := value.(*jose.Key); ok {
			late(func(d *draft) { d.object.Key = key }, (*draft).hasObject)(d)
		}
	},
}

// RequestObjectMACed has a secret make a message authentication code (HS256) in the place of the request object's signature.
func RequestObjectMACed(says, secret string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.object != nil {
			d.object.Algorithm, d.object.Secret = jose.HS256, secret
		}
	}}}
}

// RequestObjectMade changes the request object when it has been signed. Of several, each changes what the one before it has made.
func RequestObjectMade(says string, edit func(compact string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.object != nil {
			d.object.Change(edit)
		}
	}}}
}

// AlsoOutside repeats parameters beside the request object that they stand in.
func AlsoOutside(says string, names ...string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.object != nil {
			d.outside = append(slices.Clone(d.outside), names...)
		}
	}}}
}

// AllOutside repeats every parameter of the request beside the request object.
func AllOutside(says string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.object == nil {
			return
		}
		d.outside = append(slices.Clone(d.outside), slices.Sorted(maps.Keys(d.params))...)
	}}}
}

// Beside puts a parameter beside the request object, with another value than the one inside.
func Beside(name, value string) Deviation {
	return Deviation{says: "with another " + name + " beside the request object", edits: []func(*draft){func(d *draft) {
		if d.object == nil {
			return
		}
		beside := url.Values{name: {value}}
		for other, values := range d.beside {
			beside[other] = values
		}
		d.beside = beside
	}}}
}

func (d *draft) hasObject() bool { return d.object != nil }

func (c *Client) newObject() *jose.Token {
	return &jose.Token{Header: map[string]any{"typ": "oauth-authz-req+jwt"}}
}

// fill makes the request object that holds the parameters, with the key of the client that they name.
func (d *draft) fill(object *jose.Token, now time.Time, chance func() string) *jose.Token {
	signer := d.client.self
	for _, other := range d.client.target.Clients {
		if other.ID == d.params.Get("client_id") {
			signer = other
		}
	}
	object.Key = signer.Key
	if object.Key != nil && object.Key.ID != "" && !strings.EqualFold(object.Algorithm, "none") {
		object.Header["kid"] = object.Key.ID
	}
	at := now.Unix()
	object.Claims = map[string]any{"iss": signer.ID, "aud": d.client.target.Issuer, "nbf": at, "exp": at + 300, "iat": at, "jti": chance()}
	for name, values := range d.params {
		if name == "client_secret" {
			continue // it authenticates, and is no part of what is asked for
		}
		if object.Claims[name] = values[0]; len(values) > 1 {
			object.Claims[name] = values
		}
		if name == "authorization_details" || name == "claims" {
			// It is JSON in a request object, and not a text with JSON in it (RFC 9396 section 3, OpenID Connect Core section 5.5); what is none stays as it is.
			var details any
			if json.Unmarshal([]byte(values[0]), &details) == nil {
				object.Claims[name] = details
			}
		}
		if seconds, err := strconv.Atoi(values[0]); err == nil && name == "max_age" {
			object.Claims[name] = seconds // numbers are JSON numbers in it (RFC 9101 section 4)
		}
	}
	return object
}

// travelling are the parameters of a draft that is finished as they are sent: as they are, or in a request object.
func (d *draft) travelling() (url.Values, error) {
	params := url.Values{}
	for name, values := range d.params {
		params[name] = slices.Clone(values)
	}
	if d.object == nil || d.params.Has("request") {
		return params, nil
	}
	outside := append([]string{"client_id", "client_secret"}, d.outside...) // client_id for who has not opened the object yet
	if d.step == StepAuthorize && d.client.shape.ByValue && d.client.target.OpenID() {
		outside = append(outside, "response_type", "scope") // OpenID Connect Core section 6.1 wants a request that is valid by itself
	}
	for name := range params {
		if !slices.Contains(outside, name) {
			params.Del(name)
		}
	}
	for name, values := range d.beside {
		params[name] = values
	}
	object, err := d.object.Sign()
	if err == nil {
		object, err = d.client.sealed(object)
	}
	params.Set("request", object)
	return params, err
}

// RequestObject makes a request object of a whole authorization request, to be had elsewhere. It is empty where a client without a key is to sign.
func (c *Client) RequestObject(form ObjectForm) string {
	if c.self.Key == nil && form == Signed {
		return ""
	}
	d := c.draft(StepAuthorize, "GET", "")
	at := c.newAttempt()
	at.intent = c.lastIntent()
	at.request(d)
	d.params.Set("client_id", c.self.ID)
	d.object = nil
	RequestObject.set(d, form)
	object, err := d.finish("", c.Now(), func() string { return jose.Random(16) }).object.Sign()
	if err != nil {
		return ""
	}
	if object, err = c.sealed(object); err != nil {
		return ""
	}
	return object
}
