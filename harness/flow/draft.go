package flow

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
)

// draft is a request before anything in it is signed: what deviations edit. It is finished once for every time that it is sent, so
// that each sending has a fresh assertion and a fresh proof.
type draft struct {
	client *Client
	step   Step
	method string
	url    string
	// endpoint is the metadata name of what url is, where it has one.
	endpoint string
	host     string     // that the Host header field names; empty: that of url
	params   url.Values // the form of a POST, the query of a GET
	header   http.Header
	basic    [2]string // user and password of HTTP basic authentication; empty: none

	// object is the request object in which the parameters travel (RFC 9101); nil: they travel as they are. What of them stands outside as well
	// is named in outside.
	object  *jose.Token
	outside []string
	beside  url.Values // what stands there with another value than inside

	certificate certificateChoice
	assertion   *jose.Token
	// assertionType is the client_assertion_type; nil: as it should be.
	assertionType *string
	untyped       bool         // there is no client_assertion_type beside the client assertion
	repeated      []repetition // of what comes with the client assertion
	inQuery       []string     // names of parameters of a form that stand in the query instead
	proof         *jose.Token
	proofBeside   besideKind

	content string            // a body that is no form, JSON; empty: there is none
	media   string            // the media type of content; empty: JSON's
	intent  string            // the consent that an authorization request names; empty: none
	untold  []string          // header fields that are left out although the client writes them by itself
	message *messageSignature // of the request; nil: it is not signed

	withoutID bool // the request has no x-fapi-interaction-id

	token        string // the access token to show
	scheme       string
	besideScheme string // of a second Authorization field; empty: there is none
	tokenInQuery bool
	tokenInBody  bool
	tokenBeside  bool   // it stands in the form as well as in the header
	tokenField   string // the header field in which it stands instead of Authorization; empty: it does not

	tempt  consent.Temptation // on the pages of a journey
	framed bool               // the journey is made in a frame
	trick  consent.Trick      // that is played on the journey

	nonce    string // of the server, for the proof; empty: the newest that it gave
	verifier string // of PKCE, for edits that want it in the challenge

	late  []func(*draft) // edits of assertion and proof, applied when what they depend on is known
	now   time.Time      // the target's time when the draft was finished: what moments are worked out from
	point point          // what the deviations are about
}

// clone returns a copy that edits of the draft leave as it is.
func (d *draft) clone() *draft {
	copied := *d
	copied.params, copied.header = url.Values(http.Header(d.params).Clone()), d.header.Clone()
	copied.assertion, copied.proof, copied.object = d.assertion.Clone(), d.proof.Clone(), d.object.Clone()
	copied.outside = slices.Clone(d.outside)
	copied.late = slices.Clone(d.late)
	return &copied
}

// repetition is a parameter that stands in a request a second time, with another value.
type repetition struct {
	Name, Value string
	Before      bool // the right one
}

// authenticatesBy says whether a parameter will be there because of the client assertion, which is made when the request is sent.
func (d *draft) authenticatesBy(name string) bool {
	return d.assertion != nil && (name == "client_assertion" || name == "client_assertion_type" && !d.untyped)
}

// besideKind says where a second DPoP proof stands.
type besideKind uint8

const (
	noneBeside besideKind = iota
	ownField
	oneField
)

type certificateKind uint8

const (
	ownCertificate certificateKind = iota
	absentCertificate
	otherCertificate
)

type certificateChoice struct {
	kind  certificateKind
	other *target.Client
}

var noCertificate = certificateChoice{kind: absentCertificate}

// OtherCertificate is a certificate that belongs to another client of the target file, or to an impostor.
type OtherCertificate struct {
	client *target.Client
	says   string // whose it is; empty: the client's
}

func (o OtherCertificate) String() string {
	if o.says != "" {
		return o.says
	}
	return "of another client (" + o.client.ID + ")"
}

// Shown is the certificate itself.
func (o OtherCertificate) Shown() *tls.Certificate { return o.client.Certificate }

// NoChangeError says that a deviation leaves the request as it is: what would be sent is not what the label says. It is a fault of the
// suite, and nothing was sent.
type NoChangeError struct{ Deviation string }

func (e *NoChangeError) Error() string {
	return fmt.Sprintf("internal error: nothing was sent, because the request %s is the same as without that", e.Deviation)
}

// deviate applies the deviations, of which each has to change what would be sent. Nonce is the server's for the proof, if one is known.
func (d *draft) deviate(deviations []Deviation, nonce string) error {
	now := d.client.Now()
	for _, deviation := range deviations {
		d.point |= deviation.point
		for _, edit := range deviation.edits {
			before := d.appearance(nonce, now)
			if edit != nil {
				edit(d)
			}
			if deviation.says != "" && before == d.appearance(nonce, now) {
				return &NoChangeError{Deviation: deviation.says}
			}
		}
	}
	return nil
}

// appearance is all that a server could tell drafts apart by, save what is random in each sending.
func (d *draft) appearance(nonce string, now time.Time) string {
	finished := d.finish(nonce, now, func() string { return "" })
	look := struct {
		Method, URL, Host, Token, Scheme, Certificate string
		Params                                        url.Values
		Header                                        http.Header
		Basic                                         [2]string
		TokenInQuery, TokenInBody, TokenBeside        bool
		Assertion, Proof, Object                      any
		Outside                                       []string
		Beside                                        url.Values
		AssertionType                                 *string
		Untyped                                       bool
		Repeated                                      []repetition
		InQuery                                       []string
		ProofBeside                                   besideKind
		BesideScheme                                  string
		Tempt                                         consent.Temptation
		Framed                                        bool
		Trick                                         consent.Trick
		Content                                       string
		Message                                       http.Header
		WithoutID                                     bool
		Media                                         string
		Untold                                        []string
	}{
		d.method, d.url, d.host, d.token, d.scheme, fingerprint(d.certificateToShow()), finished.params, d.header, d.basic, d.tokenInQuery, d.tokenInBody, d.tokenBeside,
		finished.assertion.Appearance(), finished.proof.Appearance(), finished.object.Appearance(), d.outside, d.beside, d.assertionType, d.untyped,
		d.repeated, d.inQuery, d.proofBeside, d.besideScheme, d.tempt, d.framed, d.trick, d.content, finished.messageAppearance(), d.withoutID, d.media, d.untold,
	}
	text, err := json.Marshal(look)
	if err != nil {
		return err.Error() // what can't be written can't be sent: the request itself will say so
	}
	return string(text)
}

func fingerprint(certificate *tls.Certificate) string {
	switch {
	case certificate == nil:
		return "none"
	case len(certificate.Certificate) == 0:
		return fmt.Sprintf("%p", certificate)
	}
	return jose.Hash(string(certificate.Certificate[0]))
}

// finish fills in what assertion, proof and request object hold of the moment, of the rest of the request and of chance, and applies the edits that
// have waited for it.
func (d *draft) finish(nonce string, now time.Time, chance func() string) *draft {
	finished := *d
	finished.now, finished.params = now, d.named()
	finished.assertion, finished.proof = d.assertion.Clone(), d.proof.Clone()
	if finished.assertion != nil {
		finished.assertion.Claims["jti"] = chance()
		finished.assertion.Claims["iat"] = now.Unix()
		// Some servers take none that live for a minute.
		finished.assertion.Claims["exp"] = now.Unix() + 40
	}
	if finished.proof != nil {
		finished.proof.Claims["jti"] = chance()
		finished.proof.Claims["iat"] = now.Unix()
		finished.proof.Claims["htm"] = d.method
		finished.proof.Claims["htu"] = htu(d.url)
		if d.token != "" {
			finished.proof.Claims["ath"] = jose.Hash(d.token)
		}
		if nonce != "" {
			finished.proof.Claims["nonce"] = nonce
		}
	}
	if d.object != nil {
		finished.object = finished.fill(d.object.Clone(), now, chance)
	}
	for _, edit := range d.late {
		edit(&finished)
	}
	return &finished
}

// request finishes the draft: signs what is signed, and returns the request with the certificate to show. nonce is the server
// nonce to put in the proof, if one is known.
func (d *draft) request(nonce string) (*http.Request, string, error) {
	interaction := uuid.NewString()
	finished := d.finish(nonce, d.client.Now(), func() string { return jose.Random(16) }) // never one jti twice: servers may keep one store for all

	params, err := finished.travelling()
	if err != nil {
		return nil, "", err
	}
	if finished.assertion != nil {
		signed, err := finished.assertion.Sign()
		if err != nil {
			return nil, "", err
		}
		switch {
		case d.untyped:
		case d.assertionType == nil:
			params.Set("client_assertion_type", assertionType)
		default:
			params.Set("client_assertion_type", *d.assertionType)
		}
		params.Set("client_assertion", signed)
	}
	for _, again := range d.repeated {
		if again.Before {
			params[again.Name] = append([]string{again.Value}, params[again.Name]...)
		} else {
			params[again.Name] = append(params[again.Name], again.Value)
		}
	}
	if d.tokenInQuery {
		params.Set("access_token", d.token)
	}
	address, body := d.url, ""
	if d.method == http.MethodPost && !d.step.TakesToken() {
		if moved := take(params, d.inQuery); len(moved) > 0 {
			address = withQuery(address, moved)
		}
		body = params.Encode()
	} else if len(params) > 0 {
		address = withQuery(address, params)
	}
	media := "application/x-www-form-urlencoded"
	if d.content != "" {
		body, media = d.content, cmp.Or(d.media, "application/json")
	}
	if d.tokenInBody || d.tokenBeside {
		body = url.Values{"access_token": {d.token}}.Encode()
	}
	request, err := http.NewRequest(d.method, address, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	request.Host = cmp.Or(d.host, request.Host)
	request.Header.Set("Accept", "application/json")
	for name, values := range d.header {
		request.Header[name] = values
	}
	request.Header.Set("User-Agent", d.client.userAgent)
	if !d.withoutID {
		request.Header.Set("X-Fapi-Interaction-Id", interaction)
	}
	if body != "" {
		request.Header.Set("Content-Type", media)
	}
	for _, name := range d.untold {
		request.Header.Del(name)
	}
	if d.basic[0] != "" {
		request.SetBasicAuth(url.QueryEscape(d.basic[0]), url.QueryEscape(d.basic[1]))
	}
	if d.token != "" && !d.tokenInQuery && !d.tokenInBody && d.tokenField == "" {
		request.Header.Set("Authorization", strings.TrimPrefix(d.scheme+" "+d.token, " "))
		if d.besideScheme != "" {
			request.Header.Add("Authorization", d.besideScheme+" "+d.token)
		}
	}
	if finished.proof != nil {
		if err := finished.putProof(request.Header); err != nil {
			return nil, "", err
		}
	}
	err = finished.signature(httpsig.Message{Method: request.Method, TargetURI: targetURI(request.URL), Header: request.Header}, d.content, signReally)
	return request, interaction, err
}

// take takes parameters out of others, by their names.
func take(params url.Values, names []string) url.Values {
	taken := url.Values{}
	for _, name := range names {
		if params.Has(name) {
			taken[name] = params[name]
			params.Del(name)
		}
	}
	return taken
}

// putProof signs the DPoP proof, and a second one where there is one, and puts them into the header.
func (d *draft) putProof(header http.Header) error {
	signed, err := d.proof.Sign()
	if err != nil {
		return err
	}
	all := []string{signed}
	if d.proofBeside != noneBeside {
		second := d.proof.Clone()
		second.Claims["jti"] = jose.Random(16)
		if signed, err = second.Sign(); err != nil {
			return err
		}
		all = append(all, signed)
	}
	if d.proofBeside == oneField {
		all = []string{strings.Join(all, ", ")}
	}
	// Over HTTP/1.1 the name of the field goes out as net/http spells it, Dpop: a server that knows it by RFC 9449's spelling alone takes no proof at all (RFC 9110 section 5.1).
	header[http.CanonicalHeaderKey("DPoP")] = all
	return nil
}

// assertionType says that a client assertion is a JWT (RFC 7523 section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// htu is the URL of the request without query and fragment (RFC 9449 section 4.2).
func htu(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	return address
}

func withQuery(address string, params url.Values) string {
	address, _, _ = strings.Cut(address, "#") // what stands behind it is never sent
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + params.Encode()
}
