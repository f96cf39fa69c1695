package flow

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/jose"
)

// Part is a named piece of a request. Without and With make deviations of it.
type Part struct {
	name   string
	remove func(*draft)
	set    func(*draft, any)
	// secret parts have values that are not to be printed.
	secret bool
	// point is what every deviation of the part is about. Where it depends on the request, the edits say so themselves.
	point point
}

// String is the part as an English phrase: "client authentication".
func (p Part) String() string { return p.name }

type point uint8

const (
	pointCertificate point = 1 << iota
	pointProof
	pointMethod
	pointLength
	pointPlace
	pointTwice
)

// Deviation is one edit to a request that would otherwise be as it should be. It carries its own English.
type Deviation struct {
	says  string
	point point
	// edits are what is changed, each of which has to change something; nil: what the part can't have done to it. None at all where
	// the words are the point.
	edits []func(*draft)
}

// String is the deviation in English: "without client authentication".
func (d Deviation) String() string { return d.says }

// As gives the deviation other words, for where the value says less than its meaning.
func (d Deviation) As(says string) Deviation {
	d.says = says
	return d
}

// Without leaves a part out.
func Without(part Part) Deviation {
	return Deviation{says: "without " + part.name, point: part.point, edits: []func(*draft){part.remove}}
}

// With gives a part another value. What depends on the part is made anew.
func With(part Part, value any) Deviation {
	words := fmt.Sprintf("with %s %s", part.name, phrase(value))
	if part.secret {
		words = "with another " + part.name
	}
	var edit func(*draft)
	if part.set != nil {
		edit = func(d *draft) { part.set(d, value) }
	}
	return Deviation{says: words, point: part.point, edits: []func(*draft){edit}}
}

// Long gives a part a random value of n characters. That the request is too long answers it (RFC 9126 section 2.3).
func Long(part Part, n int) Deviation {
	deviation := With(part, Alphabetical(n)).As(fmt.Sprintf("with a %s of %d characters", part.name, n))
	deviation.point |= pointLength
	return deviation
}

// Words is a deviation that changes nothing in the request itself: when, how often or in what place it is sent is the point.
func Words(says string) Deviation {
	return Deviation{says: says}
}

// ByPost has the browser bring what it brings in a form instead of in the URL. A server may take authorization requests that way (RFC 6749
// section 3.1), and OpenID Connect Core section 3.1.2.1 has it do so, as section 5.3.1 has it for userinfo, where nobody has to find the method served.
// Other requests stay as they are.
func ByPost() Deviation {
	return Deviation{says: "by POST", edits: []func(*draft){func(d *draft) {
		switch {
		case d.endpoint == "userinfo_endpoint":
			d.point |= pointMethod
			d.method = http.MethodPost
		case d.step == StepAuthorize || d.step == StepLogout:
			d.method = http.MethodPost
		}
	}}}
}

// ByGet sends in the query of a GET what belongs into the form of a POST. That the method is not served answers it.
func ByGet() Deviation {
	return Deviation{says: "by GET, with everything in the query", point: pointMethod, edits: []func(*draft){func(d *draft) {
		if !d.step.TakesToken() {
			d.method = http.MethodGet
		}
	}}}
}

// AssertionInQuery puts the client assertion, and what says of which type it is, into the query of a POST instead of into its form.
func AssertionInQuery() Deviation {
	return Deviation{says: "by POST, with the client assertion in the query", edits: []func(*draft){func(d *draft) {
		for _, name := range []string{"client_assertion", "client_assertion_type"} {
			if d.method == http.MethodPost && d.authenticatesBy(name) {
				d.inQuery = append(slices.Clone(d.inQuery), name)
			}
		}
	}}}
}

// Bearing shows a token of somebody's in the Authorization header field, by a scheme such as Bearer, as who asks about tokens may (RFC 7662 section 2.1). The token is not printed.
func Bearing(says, scheme, token string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if !d.step.TakesToken() {
			d.client.redactor.Learn("access_token", token)
			d.header.Set("Authorization", strings.TrimSpace(scheme+" "+token))
		}
	}}}
}

// FromPage has the request come as a script makes it on a page of an origin: the browser names that.
func FromPage(origin string) Deviation {
	return Deviation{says: "from a page of " + origin, edits: []func(*draft){func(d *draft) { d.header.Set("Origin", origin) }}}
}

// TwiceAfter sends a parameter a second time, with another value behind the right one. The value is not printed.
func TwiceAfter(name, value string) Deviation {
	return Deviation{says: "with " + name + " twice, another value behind the right one", edits: []func(*draft){func(d *draft) {
		if d.params.Has(name) {
			d.params[name] = append(slices.Clone(d.params[name]), value)
		} else if d.authenticatesBy(name) {
			d.repeated = append(slices.Clone(d.repeated), repetition{name, value, false})
		}
	}}}
}

// TwiceBefore is TwiceAfter with the other value before the right one.
func TwiceBefore(name, value string) Deviation {
	return Deviation{says: "with " + name + " twice, another value before the right one", edits: []func(*draft){func(d *draft) {
		if d.params.Has(name) {
			d.params[name] = append([]string{value}, d.params[name]...)
		} else if d.authenticatesBy(name) {
			d.repeated = append(slices.Clone(d.repeated), repetition{name, value, true})
		}
	}}}
}

// AtPlainEndpoint is the deviation, made at the URL of the endpoint that clients without certificate use (RFC 8705 section 5). Who takes
// care at the one may have forgotten the other.
func (d Deviation) AtPlainEndpoint() Deviation {
	d.says += " at the endpoint's URL for clients without certificate"
	d.point |= pointPlace
	d.edits = append(slices.Clone(d.edits), func(draft *draft) {
		if plain := draft.client.target.Metadata.Endpoint(draft.endpoint, false); plain != "" {
			draft.url = plain
		}
	})
	return d
}

// AtCertificateEndpoint is the deviation, made at the URL of the endpoint that clients with a certificate use (RFC 8705 section 5). Where there is
// no other one than the plain one it is made there.
func (d Deviation) AtCertificateEndpoint() Deviation {
	d.point |= pointPlace
	d.edits = append(slices.Clone(d.edits), func(draft *draft) {
		if alias := draft.client.target.Metadata.Endpoint(draft.endpoint, true); alias != "" {
			draft.url = alias
		}
	})
	return All(d.says, d)
}

// All joins edits that make one deviation only together, such as an assertion whose three times all lie ahead. It has to be said
// in words what they come to, and that as a whole has to change something.
func All(says string, deviations ...Deviation) Deviation {
	joined := Deviation{says: says}
	for _, deviation := range deviations {
		joined.point |= deviation.point
	}
	joined.edits = []func(*draft){func(d *draft) {
		for _, deviation := range deviations {
			for _, edit := range deviation.edits {
				if edit != nil {
					edit(d)
				}
			}
		}
	}}
	return joined
}

// Moment is a time that is worked out when the request is made, by the clock of the target.
type Moment struct {
	offset time.Duration
}

// Ahead is a moment in the target's future.
func Ahead(d time.Duration) Moment { return Moment{offset: d} }

// Ago is a moment in the target's past.
func Ago(d time.Duration) Moment { return Moment{offset: -d} }

func (m Moment) String() string {
	switch {
	case m.offset > 0:
		return fmt.Sprintf("%s ahead", m.offset)
	case m.offset < 0:
		return fmt.Sprintf("%s ago", -m.offset)
	}
	return "now"
}

func phrase(value any) string {
	switch v := value.(type) {
	case Moment:
		return v.String()
	case string:
		if len(v) > 80 {
			return fmt.Sprintf("of %d characters", len(v))
		}
		return v
	case *jose.Key:
		return "of another key"
	case fmt.Stringer:
		return v.String()
	}
	if data, err := json.Marshal(value); err == nil {
		return string(data)
	}
	return fmt.Sprint(value)
}

// Parameter is a parameter of the request: in the form where there is one, else in the query.
func Parameter(name string) Part {
	return Part{
		name:   name,
		remove: func(d *draft) { d.params.Del(name) },
		set:    func(d *draft, value any) { d.params.Set(name, fmt.Sprint(value)) },
	}
}

// The parts of requests. Functions, not variables, where they need an argument; everything is a value and none is changed.
var (
	ResponseType        = Parameter("response_type")
	RedirectURI         = Parameter("redirect_uri")
	Scope               = Parameter("scope")
	State               = Parameter("state")
	Nonce               = Parameter("nonce")
	CodeChallenge       = Parameter("code_challenge")
	CodeChallengeMethod = Parameter("code_challenge_method")
	CodeVerifier        = secret(Parameter("code_verifier"))
	DPoPKeyThumbprint   = Parameter("dpop_jkt")
	RequestURI          = Parameter("request_uri")
	ClientID            = Parameter("client_id")
)

func secret(part Part) Part {
	part.secret = true
	return part
}

// PKCE is the challenge and its method together.
var PKCE = Part{
	name: "PKCE challenge",
	remove: func(d *draft) {
		d.params.Del("code_challenge")
		d.params.Del("code_challenge_method")
	},
	set: func(d *draft, value any) { d.params.Set("code_challenge", fmt.Sprint(value)) },
}

// Verifier is the PKCE verifier of the whole authorization: the challenge is made from it, and it redeems the code.
var Verifier = Part{
	name:   "a PKCE verifier",
	secret: true,
	set: func(d *draft, value any) {
		if d.verifier != "" {
			d.verifier = fmt.Sprint(value)
			d.params.Set("code_challenge", jose.Hash(d.verifier))
		}
	},
}

// ClientAuthentication is what proves which client asks: the assertion for private_key_jwt, the certificate for mutual TLS. With
// it, a Secret is sent instead.
var ClientAuthentication = Part{
	name: "client authentication",
	remove: func(d *draft) {
		if d.assertion != nil {
			d.assertion = nil
		} else {
			d.withhold()
		}
		d.params.Set("client_id", d.client.self.ID)
	},
	set: func(d *draft, value any) {
		secret, ok := value.(Secret)
		if !ok {
			return
		}
		if d.assertion != nil {
			d.assertion = nil
		} else {
			// Left in place it would authenticate the client by itself.
			d.withhold()
		}
		secret.put(d)
	},
}

// Secret is a client secret, made up or the client's own: client_secret_basic, client_secret_post, or client_secret_jwt, which makes the
// client assertion with it.
type Secret struct {
	Method string
	Value  string
}

func (s Secret) String() string { return s.Method }

func (s Secret) put(d *draft) {
	if s.Method == "client_secret_basic" {
		d.params.Del("client_id")
		d.basic = [2]string{d.client.self.ID, s.Value}
		return
	}
	d.params.Set("client_id", d.client.self.ID)
	if s.Method == "client_secret_jwt" {
		d.assertion = d.client.newAssertion()
		delete(d.assertion.Header, "kid")
		d.assertion.Key, d.assertion.Algorithm, d.assertion.Secret = nil, jose.HS256, s.Value
		return
	}
	d.params.Set("client_secret", s.Value)
}

// SenderConstraint is what binds the token that is asked for, or shown: the DPoP proof, or the certificate.
var SenderConstraint = Part{
	name: "proof of possession",
	remove: func(d *draft) {
		if d.client.self.Binding == "dpop" {
			d.dropProof()
		} else {
			d.withhold()
		}
	},
}

// Certificate is the client certificate of the TLS connection. With it, another client's is shown.
var Certificate = Part{
	name:   "client certificate",
	remove: (*draft).withhold,
	set: func(d *draft, value any) {
		if other, ok := value.(OtherCertificate); ok {
			d.certificate = certificateChoice{kind: otherCertificate, other: other.client}
			d.point |= pointCertificate
		}
	},
}

// Proof is the DPoP proof.
var Proof = Part{
	name:   "DPoP proof",
	point:  pointProof,
	remove: (*draft).dropProof,
	set: func(d *draft, value any) {
		if key, ok := value.(*jose.Key); ok {
			if d.proof == nil {
				d.proof = d.client.newProof(key)
				return
			}
			d.proof.Key = key
			d.proof.Header["jwk"] = key.Public()
		}
	},
}

// ProofKey is the key that the DPoP proof is made with.
var ProofKey = Part{name: "a DPoP proof", set: Proof.set}

// AssertionClaim is a claim of the client assertion: AssertionClaim("aud").
func AssertionClaim(claim string) Part {
	return Part{
		name:   "the client assertion's " + claim,
		remove: late(func(d *draft) { delete(d.assertion.Claims, claim) }, (*draft).hasAssertion),
		set: func(d *draft, value any) {
			late(func(d *draft) { d.assertion.Claims[claim] = d.resolve(value) }, (*draft).hasAssertion)(d)
		},
	}
}

// AssertionHeader is a member of the client assertion's JOSE header: AssertionHeader("kid").
func AssertionHeader(name string) Part {
	return Part{
		name: "the client assertion's " + name + " header",
		remove: func(d *draft) {
			if d.assertion != nil {
				delete(d.assertion.Header, name)
			}
		},
		set: func(d *draft, value any) {
			if d.assertion != nil {
				d.assertion.Header[name] = value
			}
		},
	}
}

// AssertionKey is the key that the client assertion is signed by. The header goes on to name the client's own.
var AssertionKey = Part{
	name: "a client assertion",
	set: func(d *draft, value any) {
		if key, ok := value.(*jose.Key); ok && d.assertion != nil {
			d.assertion.Key = key
		}
	},
}

// AssertionAlgorithm is the algorithm of the client assertion's signature: one that its key can do, or "none".
var AssertionAlgorithm = Part{
	name: "a client assertion by",
	set: func(d *draft, value any) {
		if d.assertion != nil {
			d.assertion.Algorithm = fmt.Sprint(value)
		}
	},
}

// AssertionMACed has a secret make a message authentication code (HS256) in the place of the client assertion's signature.
func AssertionMACed(says, secret string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.assertion != nil {
			d.assertion.Algorithm, d.assertion.Secret = jose.HS256, secret
		}
	}}}
}

// AssertionMade changes the client assertion when it has been signed, or has something else in its place.
func AssertionMade(says string, edit func(compact string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.assertion != nil {
			d.assertion.Edit = edit
		}
	}}}
}

// AssertionWritten changes the claims of the client assertion as they are written, before they are signed.
func AssertionWritten(says string, payload func(claims []byte) []byte) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.assertion != nil {
			d.assertion.Payload = payload
		}
	}}}
}

// AssertionType is the parameter client_assertion_type, which comes with the client assertion.
var AssertionType = Part{
	name: "client_assertion_type",
	remove: func(d *draft) {
		if d.assertion != nil {
			d.assertionType, d.untyped = nil, true
		}
	},
	set: func(d *draft, value any) {
		if kind := fmt.Sprint(value); d.assertion != nil && kind != assertionType {
			d.assertionType, d.untyped = &kind, false
		}
	},
}

// SecretBeside adds a client secret, by HTTP basic authentication or in the form, to whatever else authenticates the client.
func SecretBeside(says string, secret Secret) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if secret.Method == "client_secret_basic" {
			d.basic = [2]string{d.client.self.ID, secret.Value}
			return
		}
		d.params.Set("client_secret", secret.Value)
	}}}
}

// ProofClaim is a claim of the DPoP proof.
func ProofClaim(claim string) Part {
	return Part{
		name:   "the DPoP proof's " + claim,
		remove: late(func(d *draft) { delete(d.proof.Claims, claim) }, (*draft).hasProof),
		set: func(d *draft, value any) {
			late(func(d *draft) { d.proof.Claims[claim] = d.resolve(value) }, (*draft).hasProof)(d)
		},
	}
}

// ProofAlgorithm is the algorithm of the DPoP proof's signature: one that its key can do, or "none".
var ProofAlgorithm = Part{
	name: "a DPoP proof by",
	set: func(d *draft, value any) {
		if d.proof != nil {
			d.proof.Algorithm = fmt.Sprint(value)
		}
	},
}

// ProofMade changes the DPoP proof when it has been signed, or has something else in its place. That there is no proof to be seen answers it.
func ProofMade(says string, edit func(compact string) string) Deviation {
	return Deviation{says: says, point: pointProof, edits: []func(*draft){func(d *draft) {
		if d.proof != nil {
			d.proof.Edit = edit
		}
	}}}
}

// ProofNonce is the server's nonce in the DPoP proof. A demand for it answers a proof that has none, or another one.
var ProofNonce = Part{name: "the DPoP proof's nonce", point: pointProof, remove: ProofClaim("nonce").remove, set: ProofClaim("nonce").set}

// ProofHeader is a member of the DPoP proof's JOSE header: ProofHeader("typ").
func ProofHeader(name string) Part {
	return Part{
		name: "the DPoP proof's " + name + " header",
		remove: func(d *draft) {
			if d.proof != nil {
				delete(d.proof.Header, name)
			}
		},
		set: func(d *draft, value any) {
			if d.proof != nil {
				d.proof.Header[name] = value
			}
		},
	}
}

// ProofSigner is the key that the DPoP proof is signed by. Its header goes on to have the client's own.
var ProofSigner = Part{
	name: "a DPoP proof signed by a key",
	set: func(d *draft, value any) {
		if key, ok := value.(*jose.Key); ok && d.proof != nil {
			d.proof.Key = key
		}
	},
}

// ProofMACed has a secret make a message authentication code (HS256) in the place of the DPoP proof's signature.
func ProofMACed(says, secret string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.proof != nil {
			d.proof.Algorithm, d.proof.Secret = jose.HS256, secret
		}
	}}}
}

// ProofFor has the DPoP proof made for another address, made from that of the request.
func ProofFor(says string, made func(address string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		late(func(d *draft) { d.proof.Claims["htu"] = made(htu(d.url)) }, (*draft).hasProof)(d)
	}}}
}

// ProofBeside sends a second DPoP proof, as good as the first, with a jti of its own: in a header field of its own or, with inOneField, behind the first and
// a comma.
func ProofBeside(says string, inOneField bool) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.proof != nil {
			if d.proofBeside = oneField; !inOneField {
				d.proofBeside = ownField
				d.point |= pointTwice
			}
		}
	}}}
}

// TokenBeside shows the access token a second time, in another scheme.
func TokenBeside(scheme string) Deviation {
	return Deviation{says: "with the access token in the scheme " + scheme + " too, in a second Authorization header field", edits: []func(*draft){func(d *draft) {
		if d.token != "" {
			d.besideScheme = scheme
			d.point |= pointTwice
		}
	}}}
}

// AccessToken is the token that is shown to the resource. What depends on it (ath) is made anew.
var AccessToken = Part{
	name:   "access token",
	secret: true,
	remove: func(d *draft) { d.token = "" },
	set:    func(d *draft, value any) { d.token = fmt.Sprint(value) },
}

// TokenScheme is the scheme with which the access token stands in the Authorization header: "DPoP", "Bearer"; "" for none.
var TokenScheme = Part{
	name: "the access token in the scheme",
	set:  func(d *draft, value any) { d.scheme = fmt.Sprint(value) },
}

// TokenPlace is where the access token stands. With "query" it moves out of the Authorization header into the URL, and with "body" into the form of a
// request by POST (RFC 6750 section 2.2).
var TokenPlace = Part{
	name:  "the access token in the",
	point: pointLength,
	set: func(d *draft, value any) {
		posted := d.step.TakesToken() && d.method == http.MethodPost
		d.tokenInQuery, d.tokenInBody, d.tokenBeside = value == "query", value == "body" && posted, value == "header and body" && posted
	},
}

// late postpones an edit of a JWT until everything that it depends on is known.
func late(edit func(*draft), possible func(*draft) bool) func(*draft) {
	return func(d *draft) {
		d.late = append(d.late, func(d *draft) {
			if possible(d) {
				edit(d)
			}
		})
	}
}

// withhold shows no certificate. Where there was one to show, a refusal by the TLS layer answers that; where there was none, what the
// TLS layer does has other reasons.
func (d *draft) withhold() {
	if d.certificate != noCertificate {
		d.certificate = noCertificate
		d.point |= pointCertificate
	}
}

// dropProof leaves the DPoP proof out. Where there was one, a demand for a nonce answers that.
func (d *draft) dropProof() {
	if d.proof != nil {
		d.proof = nil
		d.point |= pointProof
	}
}

func (d *draft) hasAssertion() bool { return d.assertion != nil }
func (d *draft) hasProof() bool     { return d.proof != nil }

// resolve turns a Moment into the number that stands for it in a JWT.
func (d *draft) resolve(value any) any {
	if moment, ok := value.(Moment); ok {
		return d.now.Add(moment.offset).Unix()
	}
	return value
}

func says(deviations []Deviation) string {
	var words []string
	for _, deviation := range deviations {
		if deviation.says != "" {
			words = append(words, deviation.says)
		}
	}
	return strings.Join(words, ", ")
}

// words say how a request deviates, and as whom it is made where that is not the client of the experiment.
func (c *Client) words(deviations []Deviation) string {
	if !c.guest {
		return says(deviations)
	}
	return join(says(deviations), "as client "+c.self.ID)
}
