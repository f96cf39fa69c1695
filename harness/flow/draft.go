package flow

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

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
	params   url.Values // the form of a POST, the query of a GET
	header   http.Header
	basic    [2]string // user and password of HTTP basic authentication; empty: none

	certificate certificateChoice
	assertion   *jose.Token
	proof       *jose.Token

	token        string // the access token to show
	scheme       string
	tokenInQuery bool

	late  []func(*draft) // edits of assertion and proof, applied when what they depend on is known
	point point          // what the deviations are about
}

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

// OtherCertificate is a certificate that belongs to another client of the target file.
type OtherCertificate struct{ client *target.Client }

func (o OtherCertificate) String() string { return "of another client (" + o.client.ID + ")" }

// deviate applies the deviations.
func (d *draft) deviate(deviations []Deviation) {
	for _, deviation := range deviations {
		d.point |= deviation.point
		if deviation.edit != nil {
			deviation.edit(d)
		}
	}
}

// request finishes the draft: signs what is signed, and returns the request with the certificate to show. nonce is the server
// nonce to put in the proof, if one is known.
func (d *draft) request(nonce string) (*http.Request, string, error) {
	interaction := uuid.NewString()
	finished := *d
	finished.assertion, finished.proof = d.assertion.Clone(), d.proof.Clone()
	now := d.client.Now().Unix()
	if finished.assertion != nil {
		finished.assertion.Claims["jti"] = jose.Random(16)
		finished.assertion.Claims["iat"] = now
		finished.assertion.Claims["exp"] = now + 60
	}
	if finished.proof != nil {
		finished.proof.Claims["jti"] = jose.Random(16)
		finished.proof.Claims["iat"] = now
		finished.proof.Claims["htm"] = d.method
		finished.proof.Claims["htu"] = htu(d.url)
		if d.token != "" {
			finished.proof.Claims["ath"] = jose.Hash(d.token)
		}
		if nonce != "" {
			finished.proof.Claims["nonce"] = nonce
		}
	}
	for _, edit := range d.late {
		edit(&finished)
	}

	params := url.Values{}
	for name, values := range d.params {
		params[name] = append([]string(nil), values...)
	}
	if finished.assertion != nil {
		signed, err := finished.assertion.Sign()
		if err != nil {
			return nil, "", err
		}
		params.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		params.Set("client_assertion", signed)
	}
	if d.tokenInQuery {
		params.Set("access_token", d.token)
	}
	address, body := d.url, ""
	if d.method == http.MethodPost && d.step != StepCall {
		body = params.Encode()
	} else if len(params) > 0 {
		address = withQuery(address, params)
	}
	request, err := http.NewRequest(d.method, address, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	for name, values := range d.header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", d.client.userAgent)
	request.Header.Set("X-Fapi-Interaction-Id", interaction)
	if body != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if d.basic[0] != "" {
		request.SetBasicAuth(url.QueryEscape(d.basic[0]), url.QueryEscape(d.basic[1]))
	}
	if d.token != "" && !d.tokenInQuery {
		request.Header.Set("Authorization", d.scheme+" "+d.token)
	}
	if finished.proof != nil {
		signed, err := finished.proof.Sign()
		if err != nil {
			return nil, "", err
		}
		request.Header.Set("DPoP", signed)
	}
	return request, interaction, nil
}

// htu is the URL of the request without query and fragment (RFC 9449 section 4.2).
func htu(address string) string {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	return address
}

func withQuery(address string, params url.Values) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + params.Encode()
}
