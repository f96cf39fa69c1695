package flow

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Outcome is what came of a step: the exchange, as it may be shown, and the answer, as it was. A chain of steps that can't go on
// ends early: what it returns is the outcome of the last step that was possible, and Step says which that was.
type Outcome struct {
	Step     Step
	Exchange *wire.Exchange
	Status   int
	Header   http.Header
	Body     []byte        // up to 1 MiB
	Err      error         // why there is no answer: a TLS alert, a reset, a timeout
	Trip     *consent.Trip // of an authorization request
	Arrived  time.Time     // when the answer had come, by the run's clock

	// Excess says what is too much of the body to be read, which is then cut off; empty: nothing is.
	Excess string

	// Disturbed says that another journey of the same user may have ended this one: nothing follows from how it ended.
	Disturbed bool

	// User is where the test user who was on the journey stands in the target file; empty for other steps.
	User string

	// Secured says whether the connection was there, TLS handshake included, before it broke. With TLS 1.3 a client is through before the
	// server has looked at its certificate: Unasked says whether the target also ends such a connection when it is asked nothing.
	Secured, Unasked bool

	// NotAsked says that the client had its own certificate to show, without which it is nobody here, and the server did not ask for one: it
	// can't have seen it.
	NotAsked bool

	// Unrouted says that the request went to the URL of an endpoint that clients without certificate use, was not found there, and that the
	// same request without a deviation was not found there either: nobody is served at that URL.
	Unrouted bool

	served    func() bool // whether a proper request was served at this URL
	certified bool        // the client has a certificate of its own
	passed    func() bool // whether a proper request was let through at this host
	of        *Outcome    // what experiments share, where this is one experiment's copy of it
	attempt   *attempt
	asked     *httpsig.Message // the request as it was sent, for whoever verifies a signature of the answer
	point     point
	members   map[string]any // of a JSON object
	params    url.Values     // of an authorization response, wherever they stood

	response Response

	kept       *draft // an authorization request that is not pushed, and has been sent nowhere yet
	deviations []Deviation
}

// attempt is what a client remembers between the pushed request and the token request.
type attempt struct {
	state       string
	nonce       string
	verifier    string
	redirectURI string
	scope       string
	intent      string    // the consent that the request names; empty: it names none
	key         *jose.Key // of the DPoP proofs; nil with mutual TLS
}

// AboutCertificate says whether the deviation took the client's certificate away or another in its place, so that a refusal by the TLS layer answers it.
func (o *Outcome) AboutCertificate() bool { return o.point&pointCertificate != 0 }

// LetThrough says whether a proper request of the same client was answered with success at the same host, so far: whoever stands before
// the server there lets the client's requests pass.
func (o *Outcome) LetThrough() bool { return o.passed != nil && o.passed() }

// Certified says whether the client has a certificate of its own. Who has none was never let through for one.
func (o *Outcome) Certified() bool { return o.certified }

// Served says whether a proper request of the same client was served at the same URL, the query aside, so far.
func (o *Outcome) Served() bool { return o.served != nil && o.served() }

// AboutProof says whether the deviation is about the DPoP proof, so that a demand for a nonce answers it.
func (o *Outcome) AboutProof() bool { return o.point&pointProof != 0 }

// AboutLength says whether the deviation makes the request long, so that 413, 414 and 431 answer it.
func (o *Outcome) AboutLength() bool { return o.point&pointLength != 0 }

// AboutMethod says whether the deviation is the method of the request.
func (o *Outcome) AboutMethod() bool { return o.point&pointMethod != 0 }

// AboutTwice says whether the deviation is that a header field comes twice, so that a bare 400 answers it: a field that may come once makes a request malformed
// where it comes more often (RFC 9110 section 5.3), and whoever reads requests first says so.
func (o *Outcome) AboutTwice() bool { return o.point&pointTwice != 0 }

// Members returns the members of the JSON object that was answered; nil for other answers.
func (o *Outcome) Members() map[string]any {
	if o.members == nil && len(o.Body) > 0 && o.Excess == "" {
		var members map[string]any
		if utf8.Valid(o.Body) && json.Unmarshal(o.Body, &members) == nil { // what is not UTF-8 is no JSON (RFC 8259 section 8.1)
			o.members = members
		} else if o.Step.Introspects() {
			o.members = introspectionIn(o.Body)
		}
	}
	return o.members
}

// Text returns a string member of the JSON answer, or a parameter of the authorization response.
func (o *Outcome) Text(name string) string {
	if o.Trip != nil {
		return o.params.Get(name)
	}
	text, _ := o.Members()[name].(string)
	return text
}

// Params returns the parameters with which the browser was sent back, wherever they stood: query, fragment, form, or the JWT of a signed response.
func (o *Outcome) Params() url.Values { return o.params }

// Response returns the same by where it stood.
func (o *Outcome) Response() Response { return o.response }

// RequestURI of a pushed authorization response.
func (o *Outcome) RequestURI() string { return o.Text("request_uri") }

// Code of an authorization response.
func (o *Outcome) Code() string { return o.params.Get("code") }

// AccessToken of a token response or, where it must not be, of an authorization response.
func (o *Outcome) AccessToken() string { return o.Text("access_token") }

// RefreshToken of a token response.
func (o *Outcome) RefreshToken() string { return o.Text("refresh_token") }

// IDToken of a token response.
func (o *Outcome) IDToken() string { return o.Text("id_token") }

// IDClaims returns the claims of the id_token of a token response: nil where there is none, or where it is no JWT. One that is encrypted is
// opened with the client's keys; the error says that none of them does.
func (c *Client) IDClaims(o *Outcome) (map[string]any, error) {
	token := o.IDToken()
	if jose.Encrypted(token) {
		content, err := jose.Decrypt(token, c.self.Decrypts)
		if err != nil {
			return nil, err
		}
		token = content
	}
	return jose.Claims(token), nil
}

// ErrorCode is the OAuth error of a refusal, wherever it stands; empty where there is none.
func (o *Outcome) ErrorCode() string { return o.Text("error") }

// ExpiresIn is the lifetime that a response names, in seconds; ok is false where it is missing or no whole number.
func (o *Outcome) ExpiresIn() (seconds int, ok bool) {
	number, isNumber := o.Members()["expires_in"].(float64)
	if !isNumber || number != float64(int(number)) {
		return 0, false
	}
	return int(number), true
}

// Scopes are the words of the scope that a token response names, without that of the consent; nil where it names none.
func (o *Outcome) Scopes() []string { return o.withoutIntent(strings.Fields(o.Text("scope"))) }

// State that was sent with the request.
func (o *Outcome) State() string {
	if o.attempt == nil {
		return ""
	}
	return o.attempt.state
}

// SentNonce is the OpenID nonce that was sent with the request.
func (o *Outcome) SentNonce() string {
	if o.attempt == nil {
		return ""
	}
	return o.attempt.nonce
}

// Verifier is the PKCE verifier of the attempt.
func (o *Outcome) Verifier() string {
	if o.attempt == nil {
		return ""
	}
	return o.attempt.verifier
}

// Challenges returns the values of WWW-Authenticate.
func (o *Outcome) Challenges() []string { return o.Header.Values("Www-Authenticate") }

// ChallengeWords says in a phrase what WWW-Authenticate holds.
func (o *Outcome) ChallengeWords() string {
	const longest = 300
	challenges := wire.Printable(strings.Join(o.Challenges(), ", "))
	switch {
	case challenges == "":
		return "no WWW-Authenticate"
	case len(challenges) > longest:
		challenges = strings.ToValidUTF8(challenges[:longest], "") + "…"
	}
	return "WWW-Authenticate: " + challenges
}

// Challenged returns the challenges of a scheme.
func (o *Outcome) Challenged(scheme string) []Challenge {
	var own []Challenge
	for _, challenge := range ParseChallenges(o.Challenges()) {
		if challenge.Is(scheme) {
			own = append(own, challenge)
		}
	}
	return own
}

// Replaced says whether a refresh brought another refresh token.
func Replaced(before, after *Outcome) bool {
	return after.RefreshToken() != "" && after.RefreshToken() != before.RefreshToken()
}

// Newest is the one of two token responses, the second a refresh with the first, that holds the newest refresh token.
func Newest(before, after *Outcome) *Outcome {
	if after.RefreshToken() == "" {
		return before
	}
	return after
}

// parts are the query and the fragment of an address.
func parts(address string) (query, fragment string) {
	front, fragment, _ := strings.Cut(address, "#")
	_, query, _ = strings.Cut(front, "?")
	return query, fragment
}
