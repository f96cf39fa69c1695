package flow

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
)

// requestTag says what a signature of a request is for (FAPI 2.0 HTTP Signatures section 5.3.1.1).
const requestTag = "fapi-2-request"

// messageSignature is how a request is signed, last of all that is made of it. Edits leave it as it is and put a changed copy in its place.
type messageSignature struct {
	wanted   []string // header fields that are covered as well, where they are there
	absent   bool     // there is a digest of the body, and no signature
	without  []string // components that are left out
	also     []string // components beside those that a request needs
	changed  []httpsig.Parameter
	key      *jose.Key
	named    bool   // alg says the algorithm, one of RFC 9421's registry
	secret   string // of a message authentication code; empty: it is a signature
	over     []func(*httpsig.Message)
	made     []func(fields *SignatureFields)
	beside   []besideSignature
	label    string                                    // of the signature; empty: that of RFC 9421's examples
	turned   bool                                      // components and parameters stand the other way round
	digests  []string                                  // algorithms of Content-Digest; none: there is no such field
	digestOf *string                                   // another body, of which the digest is
	digest   func(algorithm string, sum []byte) string // writes a digest; nil: as it should be
}

// besideSignature is a second signature of a request.
type besideSignature struct {
	key   *jose.Key
	tag   string
	first bool
	label string
}

// SignatureFields are the fields of a signature, as they are sent. An empty one is not sent.
type SignatureFields struct{ Input, Signature string }

// change puts a changed copy in the place of how a request is signed, where it is signed at all.
func (d *draft) change(edit func(m *messageSignature)) {
	if d.message == nil {
		return
	}
	changed := *d.message
	changed.without, changed.also, changed.changed = slices.Clone(changed.without), slices.Clone(changed.also), slices.Clone(changed.changed)
	changed.over, changed.made, changed.beside = slices.Clone(changed.over), slices.Clone(changed.made), slices.Clone(changed.beside)
	edit(&changed)
	d.message = &changed
}

// signs has a request to the resource signed, where the client has a key and requests are signed there.
func (d *draft) signs() {
	signed := d.client.target.Signed()
	switch {
	case signed == nil:
		return
	case !signed.Requests && d.content != "":
		// The digest of a request is covered by an answer all the same.
		d.message = &messageSignature{absent: true, digests: []string{signed.Digest}}
		return
	case !signed.Requests, d.client.self.Key == nil:
		return
	}
	d.message = &messageSignature{key: d.client.self.Key, named: signed.Registry, wanted: signed.Covers}
	if d.content != "" {
		d.message.digests = []string{signed.Digest}
	}
}

// MessageSignature is the signature of a request.
var MessageSignature = Part{
	name:   "an HTTP message signature",
	remove: func(d *draft) { d.change(func(m *messageSignature) { m.absent = true }) },
}

// SignatureComponent is something that the signature of a request covers: SignatureComponent("@method").
func SignatureComponent(name string) Part {
	return Part{
		name:   name + " in the signature",
		remove: func(d *draft) { d.change(func(m *messageSignature) { m.without = append(m.without, name) }) },
	}
}

// AlsoCovering has the signature of a request cover something more, whether it is there or not. What is not there counts as empty. A parameter of the component may stand behind
// its name, "@method;req": where it makes no sense, it counts for nothing.
func AlsoCovering(says, name string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) { d.change(func(m *messageSignature) { m.also = append(m.also, name) }) }}}
}

// SignatureParameter is a parameter of the signature of a request: SignatureParameter("created").
func SignatureParameter(name string) Part {
	return Part{
		name:   "the signature's " + name,
		remove: func(d *draft) { d.parameter(name, nil) },
		set:    func(d *draft, value any) { d.parameter(name, value) },
	}
}

func (d *draft) parameter(name string, value any) {
	d.change(func(m *messageSignature) { m.changed = append(m.changed, httpsig.Parameter{Name: name, Value: value}) })
}

// SignatureKey is the key that a request is signed by. Its keyid goes on to name the client's own.
var SignatureKey = Part{
	name: "an HTTP message signature by a key",
	set: func(d *draft, value any) {
		if key, ok := value.(*jose.Key); ok {
			d.change(func(m *messageSignature) { m.key = key })
		}
	},
}

// SignatureMACed has a secret make a message authentication code in the place of the signature of a request.
func SignatureMACed(says, secret string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		d.change(func(m *messageSignature) { m.secret = secret })
		d.parameter("alg", jose.HMACSHA256)
	}}}
}

// SignatureOver has the signature made over another request than is sent, as where somebody has changed it under way.
func SignatureOver(says string, edit func(*httpsig.Message)) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		d.change(func(m *messageSignature) { m.over = append(m.over, edit) })
	}}}
}

// SignatureMade changes the fields of the signature when it has been made.
func SignatureMade(says string, edit func(fields *SignatureFields)) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		d.change(func(m *messageSignature) { m.made = append(m.made, edit) })
	}}}
}

// SignatureLabelled has the signature of a request under another label.
func SignatureLabelled(says, label string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) { d.change(func(m *messageSignature) { m.label = label }) }}}
}

// SignatureTurned has the signature of a request cover the same the other way round, and so with its parameters.
func SignatureTurned(says string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) { d.change(func(m *messageSignature) { m.turned = true }) }}}
}

// SignatureBeside adds a second signature, by another key and for another purpose, before the first one or behind it. It covers what the first one does.
func SignatureBeside(says, label, tag string, key *jose.Key, first bool) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		d.change(func(m *messageSignature) {
			m.beside = append(m.beside, besideSignature{key: key, tag: tag, first: first, label: label})
		})
	}}}
}

// ContentDigest is the digest of a request's body. With it, it is by another algorithm.
var ContentDigest = Part{
	name:   "Content-Digest",
	remove: func(d *draft) { d.change(func(m *messageSignature) { m.digests = nil }) },
	set: func(d *draft, value any) {
		d.change(func(m *messageSignature) { m.digests = []string{fmt.Sprint(value)} })
	},
}

// DigestAlso adds a digest of the body by another algorithm, that does or does not fit.
func DigestAlso(says, algorithm string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		d.change(func(m *messageSignature) { m.digests = append(slices.Clone(m.digests), algorithm) })
	}}}
}

// DigestMade writes the digest of the body in another way. The signature covers it as it is sent.
func DigestMade(says string, write func(algorithm string, sum []byte) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) { d.change(func(m *messageSignature) { m.digest = write }) }}}
}

// BodyChanged sends another body than was signed: digest and signature are those of the first one.
func BodyChanged(says string, edit func(body string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.content != "" {
			before := d.content
			d.change(func(m *messageSignature) { m.digestOf = &before })
			d.content = edit(before)
		}
	}}}
}

// WithQuery sends a request to an address with a query that it does not have by itself.
func WithQuery(says, query string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		separator := "?"
		if strings.Contains(d.url, "?") {
			separator = "&"
		}
		d.url += separator + query
	}}}
}

// signer makes a signature by a key, or a code by a secret.
type signer func(key *jose.Key, algorithm, secret string, base []byte) ([]byte, error)

func signReally(key *jose.Key, algorithm, secret string, base []byte) ([]byte, error) {
	if secret != "" {
		return jose.MAC(secret, base), nil
	}
	return key.SignBytes(algorithm, base)
}

// signAlike makes something that differs where signatures would.
func signAlike(key *jose.Key, algorithm, secret string, base []byte) ([]byte, error) {
	return []byte(key.Thumbprint() + " " + algorithm + " " + jose.Hash(secret) + " " + jose.Hash(string(base))), nil
}

// signature puts digest and signature into the header of a message that is complete but for them. The draft is finished.
func (d *draft) signature(message httpsig.Message, body string, sign signer) error {
	m := d.message
	if m == nil {
		return nil
	}
	if m.digestOf != nil {
		body = *m.digestOf
	}
	var digests []string
	for _, algorithm := range m.digests {
		if m.digest != nil {
			digests = append(digests, m.digest(algorithm, httpsig.Sum(algorithm, []byte(body))))
			continue
		}
		digests = append(digests, httpsig.Digest(algorithm, []byte(body)))
	}
	if len(digests) > 0 {
		message.Header.Set(httpsig.DigestField, strings.Join(digests, ", "))
	}
	if m.absent {
		return nil
	}
	covered := []string{"@method", "@target-uri"}
	for _, field := range append([]string{"authorization", "dpop", "content-digest"}, m.wanted...) {
		if slices.Contains(covered, field) {
			continue
		}
		if len(message.Header.Values(field)) > 0 {
			covered = append(covered, field)
		}
	}
	covered = slices.DeleteFunc(covered, func(name string) bool { return slices.Contains(m.without, name) })
	parameters := []httpsig.Parameter{{Name: "created", Value: d.now.Unix()}, {Name: "keyid", Value: d.client.self.Key.ID}, {Name: "tag", Value: requestTag}}
	algorithm := m.key.Algorithm
	if m.named {
		algorithm = m.key.Registered()
		parameters = append(parameters, httpsig.Parameter{Name: "alg", Value: algorithm})
	}
	if d.client.self.Key.ID == "" {
		parameters = slices.Delete(parameters, 1, 2)
	}
	for _, changed := range m.changed {
		at := slices.IndexFunc(parameters, func(p httpsig.Parameter) bool { return p.Name == changed.Name })
		switch value := d.resolve(changed.Value); {
		case value == nil && at >= 0:
			parameters = slices.Delete(parameters, at, at+1)
		case value == nil:
		case at >= 0:
			parameters[at].Value = value
		default:
			parameters = append(parameters, httpsig.Parameter{Name: changed.Name, Value: value})
		}
	}
	signed := httpsig.Message{Method: message.Method, TargetURI: message.TargetURI, Header: message.Header.Clone()}
	for _, edit := range m.over {
		edit(&signed)
	}
	covers := append(slices.Clone(covered), m.also...)
	if m.turned {
		slices.Reverse(covers)
		slices.Reverse(parameters)
	}
	label := cmp.Or(m.label, "sig1")
	input := inputOf(label, covers, parameters)
	bytes, err := sign(m.key, algorithm, m.secret, []byte(signed.LooseBase(input)))
	if err != nil {
		return err
	}
	fields := SignatureFields{Input: label + "=" + input.String(), Signature: label + "=" + httpsig.Bytes(bytes)}
	for _, other := range m.beside {
		input := inputOf(other.label, covered, []httpsig.Parameter{{Name: "created", Value: d.now.Unix()}, {Name: "keyid", Value: other.key.ID}, {Name: "tag", Value: other.tag}})
		bytes, err := sign(other.key, other.key.Algorithm, "", []byte(message.LooseBase(input)))
		if err != nil {
			return err
		}
		inputs, signatures := []string{fields.Input, other.label + "=" + input.String()}, []string{fields.Signature, other.label + "=" + httpsig.Bytes(bytes)}
		if other.first {
			slices.Reverse(inputs)
			slices.Reverse(signatures)
		}
		fields = SignatureFields{Input: strings.Join(inputs, ", "), Signature: strings.Join(signatures, ", ")}
	}
	for _, edit := range m.made {
		edit(&fields)
	}
	if fields.Input != "" {
		message.Header.Set(httpsig.InputField, fields.Input)
	}
	if fields.Signature != "" {
		message.Header.Set(httpsig.SignatureField, fields.Signature)
	}
	return nil
}

func inputOf(label string, covered []string, parameters []httpsig.Parameter) httpsig.Input {
	input := httpsig.Input{Label: label, Parameters: parameters}
	for _, name := range covered {
		name, parameter, _ := strings.Cut(name, ";")
		component := httpsig.Covered(name)
		if parameter != "" {
			component = httpsig.CoveredWith(name, parameter)
		}
		input.Components = append(input.Components, component)
	}
	return input
}

// messageAppearance are the fields of the signature as far as they can be told apart before it is made; nil where there is none. The draft is finished.
func (d *draft) messageAppearance() http.Header {
	if d.message == nil {
		return nil
	}
	header := http.Header{}
	if d.token != "" && !d.tokenInQuery && !d.tokenInBody {
		header.Set("Authorization", d.scheme+" "+d.token)
	}
	if d.proof != nil {
		header.Set("DPoP", "a proof")
	}
	if err := d.signature(httpsig.Message{Method: d.method, TargetURI: d.url, Header: header}, d.content, signAlike); err != nil {
		return http.Header{"Error": {err.Error()}}
	}
	return header
}

// targetURI is the address of a request as it goes over the wire (RFC 9421 section 2.2.2).
func targetURI(address *url.URL) string {
	return address.Scheme + "://" + address.Host + address.RequestURI()
}

// CallSigned requests the resource that wants signed requests, or signs its answers, with the token of a grant.
func (c *Client) CallSigned(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	return c.callSigned(ctx, c.draft(StepCallSigned, c.target.Resource.Method, c.target.SignedURL()), grant, deviations)
}

// PostSigned is CallSigned at the resource that takes a body.
func (c *Client) PostSigned(ctx context.Context, grant *Outcome, deviations ...Deviation) *Outcome {
	d := c.draft(StepCallSigned, http.MethodPost, c.target.Signed().Post)
	d.content = c.target.Signed().Body
	return c.callSigned(ctx, d, grant, deviations)
}

func (c *Client) callSigned(ctx context.Context, d *draft, grant *Outcome, deviations []Deviation) *Outcome {
	if grant.AccessToken() == "" {
		return grant
	}
	d.header.Set("Accept-Encoding", "identity") // what is compressed has another digest (RFC 9530 section 3)
	return c.show(ctx, d, grant, deviations)
}

// signsThis says whether a request with an access token is signed.
func (c *Client) signsThis(step Step) bool {
	return step == StepCallSigned || c.target.Required(target.HTTPSignatures)
}

// ResourceKeys fetches the keys by which the resource's answers are verified; nil where they stand in the target file.
func (c *Client) ResourceKeys(ctx context.Context) *Outcome {
	signed := c.target.Signed()
	if signed == nil || signed.KeysURI == "" || len(signed.Keys) > 0 {
		return nil
	}
	d := c.draft(StepKeySet, http.MethodGet, signed.KeysURI)
	d.certificate = noCertificate
	return c.send(ctx, d, c.newAttempt(), nil)
}

// Message is the answer as a signature covers it, with the request that it is to. What is in it is secret.
func (o *Outcome) Message() httpsig.Message {
	return httpsig.Message{Status: o.Status, Header: o.Header, Request: o.asked}
}
