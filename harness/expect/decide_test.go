package expect_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// TestDecide is the table of what counts as a decision. A row that moves from undecided to refused can turn silence into a pass.
func TestDecide(t *testing.T) {
	answer := func(step flow.Step, status int, body string) *flow.Outcome {
		return &flow.Outcome{Step: step, Status: status, Body: []byte(body), Header: http.Header{}, Exchange: &wire.Exchange{}}
	}
	challenge := answer(flow.StepCall, 401, "")
	challenge.Header.Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
	failed := func(err error) *flow.Outcome {
		return &flow.Outcome{Step: flow.StepExchange, Err: err, Exchange: &wire.Exchange{Failure: err.Error()}}
	}
	brokeOff := func(status int) *flow.Outcome {
		outcome := failed(io.ErrUnexpectedEOF)
		outcome.Status = status
		return outcome
	}
	for name, test := range map[string]struct {
		outcome *flow.Outcome
		want    wire.Decision
	}{
		"a request_uri":                       {answer(flow.StepPush, 201, `{"request_uri":"urn:x"}`), wire.Accepted},
		"a request_uri with 200":              {answer(flow.StepPush, 200, `{"request_uri":"urn:x"}`), wire.Accepted},
		"201 without request_uri":             {answer(flow.StepPush, 201, `{}`), wire.Undecided},
		"200 with an error in it":             {answer(flow.StepPush, 200, `{"error":"invalid_request"}`), wire.Undecided},
		"an OAuth error":                      {answer(flow.StepPush, 400, `{"error":"invalid_request"}`), wire.Refused},
		"401 without body":                    {answer(flow.StepPush, 401, ``), wire.Refused},
		"403 with a page":                     {answer(flow.StepPush, 403, `<html>`), wire.Refused},
		"a gateway's 400":                     {answer(flow.StepPush, 400, `<html>`), wire.Undecided},
		"404":                                 {answer(flow.StepPush, 404, `<html>`), wire.Undecided},
		"405":                                 {answer(flow.StepPush, 405, `{"error":"invalid_request"}`), wire.Confused},
		"415":                                 {answer(flow.StepPush, 415, ``), wire.Confused},
		"429":                                 {answer(flow.StepPush, 429, `{"error":"slow_down"}`), wire.Undecided},
		"500":                                 {answer(flow.StepPush, 500, `{"error":"invalid_request"}`), wire.Undecided},
		"503":                                 {answer(flow.StepPush, 503, ``), wire.Undecided},
		"400 server_error":                    {answer(flow.StepPush, 400, `{"error":"server_error"}`), wire.Undecided},
		"302":                                 {answer(flow.StepPush, 302, ``), wire.Undecided},
		"a token":                             {answer(flow.StepExchange, 200, `{"access_token":"t"}`), wire.Accepted},
		"200 without token":                   {answer(flow.StepExchange, 200, `{"token_type":"DPoP"}`), wire.Undecided},
		"a nonce wanted again":                {answer(flow.StepExchange, 400, `{"error":"use_dpop_nonce"}`), wire.Undecided},
		"a nonce wanted of a complete proof":  {challenge, wire.Undecided},
		"data":                                {answer(flow.StepCall, 200, `[]`), wire.Accepted},
		"no content":                          {answer(flow.StepCall, 204, ``), wire.Accepted},
		"400 at the resource":                 {answer(flow.StepCall, 400, ``), wire.Refused},
		"404 at the resource":                 {answer(flow.StepCall, 404, ``), wire.Undecided},
		"414 without a long URL":              {answer(flow.StepCall, 414, ``), wire.Undecided},
		"an error member at the resource":     {answer(flow.StepCall, 409, `{"error":"invalid_token"}`), wire.Undecided},
		"an inactive token":                   {answer(flow.StepIntrospect, 200, `{"active":false}`), wire.Accepted},
		"introspection that says nothing":     {answer(flow.StepIntrospect, 200, `{}`), wire.Undecided},
		"revoked":                             {answer(flow.StepRevoke, 200, ``), wire.Accepted},
		"a timeout":                           {failed(context.DeadlineExceeded), wire.Undecided},
		"an interruption":                     {failed(context.Canceled), wire.Undecided},
		"no connection":                       {failed(&net.OpError{Op: "dial", Err: errors.New("connection reset by peer")}), wire.Undecided},
		"a reset, no certificate being asked": {failed(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), wire.Undecided},
		"the end of the stream":               {failed(io.ErrUnexpectedEOF), wire.Undecided},
		"408":                                 {answer(flow.StepPush, 408, `{"error":"invalid_request"}`), wire.Undecided},
		"413":                                 {answer(flow.StepPush, 413, `{"error":"invalid_request"}`), wire.Undecided},
		"414":                                 {answer(flow.StepPush, 414, ``), wire.Undecided},
		"425":                                 {answer(flow.StepExchange, 425, `{"error":"invalid_request"}`), wire.Undecided},
		"431":                                 {answer(flow.StepExchange, 431, `<html>`), wire.Undecided},
		"409 with a page":                     {answer(flow.StepPush, 409, `<html>`), wire.Undecided},
		"500 that broke off":                  {brokeOff(500), wire.Undecided},
		"201 that broke off":                  {brokeOff(201), wire.Undecided},
		"401 that broke off":                  {brokeOff(401), wire.Undecided},
	} {
		if got, because := Decide(test.outcome); got != test.want {
			t.Errorf("%s: %s (%s), want %s", name, got, because, test.want)
		} else if because == "" {
			t.Errorf("%s: no reason", name)
		}
	}
}

func TestDecideJourneys(t *testing.T) {
	for name, test := range map[string]struct {
		trip consent.Trip
		want wire.Decision
	}{
		"an error page": {consent.Trip{Ending: consent.ErrorPage, Status: 400}, wire.Refused},
		"stuck":         {consent.Trip{Ending: consent.Stuck, Status: 200, Says: "no selector"}, wire.Confused},
		"left":          {consent.Trip{Ending: consent.Left}, wire.Confused},
		"confused":      {consent.Trip{Ending: consent.Confused}, wire.Confused},
		"busy":          {consent.Trip{Ending: consent.Busy}, wire.Undecided},
		"broken":        {consent.Trip{Ending: consent.Broken}, wire.Undecided},
		"timed out":     {consent.Trip{Ending: consent.TimedOut}, wire.Undecided},
		"nothing":       {consent.Trip{Ending: consent.Arrived}, wire.Undecided},
		"unheard of":    {consent.Trip{Ending: "?"}, wire.Undecided},
	} {
		if got, _ := Decide(&flow.Outcome{Step: flow.StepAuthorize, Trip: &test.trip}); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// What the TLS layer, or whoever stands in front of the server, does is an answer only to a deviation that took the certificate away.
func TestDecideAboutWhatWasLeftOut(t *testing.T) {
	kinds := map[string]target.Client{
		"private_key_jwt with DPoP": {ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key(t)},
		"private_key_jwt with mtls": {ID: "two", Auth: target.PrivateKeyJWT, Binding: "mtls", Key: key(t), Certificate: &tls.Certificate{}},
		"tls_client_auth with mtls": {ID: "three", Auth: "tls_client_auth", Binding: "mtls", Certificate: &tls.Certificate{}},
		"tls_client_auth with DPoP": {ID: "four", Auth: "tls_client_auth", Binding: target.DPoP, Certificate: &tls.Certificate{}},
	}
	alert := &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
	answers := map[string]transport{
		"an alert":           func() (*http.Response, error) { return nil, alert },
		"the end":            func() (*http.Response, error) { return nil, io.EOF },
		"404 with a page":    func() (*http.Response, error) { return page(404, "<html>", nil), nil },
		"400 with a page":    func() (*http.Response, error) { return page(400, "<html>", nil), nil },
		"413 with a page":    func() (*http.Response, error) { return page(413, "<html>", nil), nil },
		"500, broken off":    func() (*http.Response, error) { return page(500, "<html>", io.ErrUnexpectedEOF), nil },
		"201, broken off":    func() (*http.Response, error) { return page(201, `{"request_uri":`, io.ErrUnexpectedEOF), nil },
		"400, broken off":    func() (*http.Response, error) { return page(400, `{"error":`, io.ErrUnexpectedEOF), nil },
		"401 without a body": func() (*http.Response, error) { return page(401, "", nil), nil },
	}
	authentication, constraint := flow.Without(flow.ClientAuthentication), flow.Without(flow.SenderConstraint)
	for _, test := range []struct {
		client    string
		deviation flow.Deviation
		refused   []string // the answers that refuse, beside 401
	}{
		{"private_key_jwt with DPoP", authentication, nil},
		{"private_key_jwt with mtls", authentication, nil},
		{"tls_client_auth with mtls", authentication, []string{"an alert", "the end", "400 with a page"}},
		{"tls_client_auth with DPoP", authentication, []string{"an alert", "the end", "400 with a page"}},
		{"private_key_jwt with mtls", constraint, []string{"an alert", "the end", "400 with a page"}},
		{"tls_client_auth with mtls", constraint, []string{"an alert", "the end", "400 with a page"}},
		{"private_key_jwt with DPoP", flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_post", Value: "x"}), nil},
		{"tls_client_auth with mtls", flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_post", Value: "x"}), []string{"an alert", "the end", "400 with a page"}},
	} {
		for name, respond := range answers {
			self := kinds[test.client]
			client, err := flow.New(flow.Options{
				Target: &target.Target{Issuer: "https://bank.example", Clients: []*target.Client{&self}, Metadata: &target.Metadata{}},
				Self:   &self, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
				HTTP: func(*tls.Certificate) *http.Client { return &http.Client{Transport: respond} },
			})
			if err != nil {
				t.Fatal(err)
			}
			self.Redirects = []string{"https://client.example/cb"}
			got, because := Decide(client.Push(context.Background(), test.deviation))
			want := wire.Undecided
			if name == "401 without a body" || slices.Contains(test.refused, name) {
				want = wire.Refused
			}
			if got != want {
				t.Errorf("%s, %s: %s: %s (%s), want %s", test.client, test.deviation, name, got, because, want)
			}
		}
	}
}

// transport answers every request in one way.
type transport func() (*http.Response, error)

func (t transport) RoundTrip(*http.Request) (*http.Response, error) { return t() }

// page is an answer whose body ends in an error, if there is one.
func page(status int, body string, err error) *http.Response {
	reader := io.Reader(strings.NewReader(body))
	if err != nil {
		reader = io.MultiReader(reader, iotest.ErrReader(err))
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(reader)}
}

func key(t *testing.T) *jose.Key {
	made, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
