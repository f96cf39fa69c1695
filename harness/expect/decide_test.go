package expect_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
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
	challenged := func(o *flow.Outcome, challenge string) *flow.Outcome {
		o.Header.Set("WWW-Authenticate", challenge)
		return o
	}
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
		"403 with a page":                     {answer(flow.StepPush, 403, `<html>`), wire.Undecided},
		"401 with a page":                     {answer(flow.StepPush, 401, `<html>`), wire.Undecided},
		"401 with a page and a challenge":     {challenged(answer(flow.StepPush, 401, `<html>`), `Basic realm="x"`), wire.Refused},
		"403 with a challenge":                {challenged(answer(flow.StepCall, 403, `<html>`), `Bearer error="insufficient_scope"`), wire.Refused},
		"403 without a body":                  {answer(flow.StepPush, 403, ``), wire.Undecided},
		"400 with a word":                     {answer(flow.StepExchange, 400, `hello`), wire.Undecided},
		"400 in the framework's words":        {answer(flow.StepExchange, 400, `{"error":"Bad Request","path":"/token"}`), wire.Undecided},
		"400 with a reason phrase as a code":  {answer(flow.StepExchange, 400, `{"error":"bad_request"}`), wire.Undecided},
		"400 with a code of its own":          {answer(flow.StepExchange, 400, `{"error":"invalid_client_assertion"}`), wire.Refused},
		"403 with a registered code":          {answer(flow.StepExchange, 403, `{"error":"access_denied"}`), wire.Refused},
		"404 with a reason phrase":            {answer(flow.StepPush, 404, `{"error":"Not Found"}`), wire.Undecided},
		"404 with a code of its own":          {answer(flow.StepPush, 404, `{"error":"not_found_here"}`), wire.Undecided},
		"404 with a registered code":          {answer(flow.StepPush, 404, `{"error":"invalid_request_uri"}`), wire.Refused},
		"422 with a registered code":          {answer(flow.StepPush, 422, `{"error":"invalid_request"}`), wire.Refused},
		"401 in a gateway's words":            {answer(flow.StepPush, 401, `{"message":"Unauthorized"}`), wire.Undecided},
		"403 in a firewall's words":           {answer(flow.StepExchange, 403, `{"error":"request_blocked"}`), wire.Undecided},
		"403 by a gateway's policy":           {answer(flow.StepExchange, 403, `{"error":"policy_denied"}`), wire.Undecided},
		"400 with a code that is coined":      {answer(flow.StepPush, 400, `{"error":"bad_code_challenge"}`), wire.Refused},
		"400 with a missing thing's name":     {answer(flow.StepExchange, 400, `{"error":"missing_dpop_proof"}`), wire.Refused},
		"401 at the resource":                 {answer(flow.StepCall, 401, `<html>`), wire.Refused},
		"403 at the resource":                 {answer(flow.StepCall, 403, ``), wire.Refused},
		"403 in the API's words":              {answer(flow.StepCall, 403, `{"code":"UK.OBIE.Forbidden"}`), wire.Refused},
		"403 with a page at the resource":     {answer(flow.StepCall, 403, `<html>`), wire.Undecided},
		"400 with a word at the resource":     {answer(flow.StepCall, 400, `hello`), wire.Undecided},
		"a gateway's 400":                     {answer(flow.StepPush, 400, `<html>`), wire.Undecided},
		"404":                                 {answer(flow.StepPush, 404, `<html>`), wire.Undecided},
		"405":                                 {answer(flow.StepPush, 405, `{"error":"invalid_request"}`), wire.Confused},
		"415":                                 {answer(flow.StepPush, 415, ``), wire.Confused},
		"429":                                 {answer(flow.StepPush, 429, `{"error":"slow_down"}`), wire.Undecided},
		"500":                                 {answer(flow.StepPush, 500, `{"error":"invalid_request"}`), wire.Undecided},
		"503":                                 {answer(flow.StepPush, 503, ``), wire.Undecided},
		"400 server_error":                    {answer(flow.StepPush, 400, `{"error":"server_error"}`), wire.Undecided},
		"400 slow_down":                       {answer(flow.StepExchange, 400, `{"error":"slow_down"}`), wire.Undecided},
		"400 authorization_pending":           {answer(flow.StepExchange, 400, `{"error":"authorization_pending"}`), wire.Undecided},
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
		"a reset, no certificate being asked": {failed(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), wire.Undecided},
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

// A server that wants to be asked later is not called broken.
func TestWhatIsOnlyForNow(t *testing.T) {
	for code, want := range map[string]string{
		"slow_down": "400 slow_down: the target wants to be asked less often", "authorization_pending": "the end user has not decided yet",
		"temporarily_unavailable": "the target is busy", "server_error": "the target is broken, as it says",
	} {
		_, because := Decide(&flow.Outcome{Step: flow.StepExchange, Status: 400, Body: []byte(`{"error":"` + code + `"}`), Header: http.Header{}, Exchange: &wire.Exchange{}})
		if !strings.Contains(because, want) || code != "server_error" && strings.Contains(because, "broken") {
			t.Errorf("%s: %s", code, because)
		}
	}
}

// What another journey may have ended, and what was not tried because the run has had its logins, decides nothing, however it ended.
func TestDecideAboutTestUsers(t *testing.T) {
	refused := &consent.Trip{Ending: consent.ErrorPage, Status: 400}
	if decision, _ := Decide(&flow.Outcome{Step: flow.StepAuthorize, Trip: refused}); decision != wire.Refused {
		t.Error(decision)
	}
	for name, test := range map[string]struct {
		outcome *flow.Outcome
		want    wire.Decision
	}{
		"a login that was ended from outside": {&flow.Outcome{Step: flow.StepAuthorize, Trip: refused, Disturbed: true}, wire.Undecided},
		"a journey that was not made":         {&flow.Outcome{Step: flow.StepAuthorize, Trip: &consent.Trip{Ending: consent.Withheld, Says: "no more logins"}}, wire.Confused},
		"a password that was not sent":        {&flow.Outcome{Step: flow.StepPassword, Err: &flow.WithheldError{Says: "no more logins"}}, wire.Confused},
	} {
		decision, because := Decide(test.outcome)
		if decision != test.want {
			t.Errorf("%s: %s, %s", name, decision, because)
		}
		if test.outcome.Trip == nil {
			continue
		}
		if astray, err := BeSentAstray().Match(test.outcome); !astray || err != nil {
			t.Errorf("%s: nobody has seen where it would have led: %v", name, err)
		}
	}
}

// A matcher that is handed what it is not about is a mistake of ours: by an error of its own the target would be accused.
func TestMatchersAreHandedWhatTheyAreAbout(t *testing.T) {
	for name, match := range map[string]func() (bool, error){
		"a journey that was not made": func() (bool, error) { return BeSentAstray().Match(&flow.Outcome{Step: flow.StepPush}) },
		"no outcome, of a refusal":    func() (bool, error) { return BeRefused().Match("400") },
		"nothing, of an acceptance":   func() (bool, error) { return BeAccepted().Match(nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is taken for something about the target", name)
				}
			}()
			_, _ = match()
		}()
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
			for _, passes := range []bool{true, false} {
				self := kinds[test.client]
				answer := transport(func() (*http.Response, error) { return page(201, `{"request_uri":"urn:x"}`, nil), nil })
				client, err := flow.New(flow.Options{
					Target: &target.Target{Issuer: "https://bank.example", Clients: []*target.Client{&self}, Metadata: &target.Metadata{}},
					Self:   &self, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
					HTTP: func(*tls.Certificate) *http.Client { return &http.Client{Transport: answer} },
				})
				if err != nil {
					t.Fatal(err)
				}
				self.Redirects = []string{"https://client.example/cb"}
				if passes {
					client.Push(context.Background())
				}
				answer = respond
				got, because := Decide(client.Push(context.Background(), test.deviation))
				want := wire.Undecided
				// An alert is a word of the TLS layer. The rest may come from one who lets nobody through.
				if name == "401 without a body" || slices.Contains(test.refused, name) && (passes || name == "an alert") {
					want = wire.Refused
				}
				if got != want {
					t.Errorf("%s, %s: %s: %s (%s), want %s", test.client, test.deviation, name, got, because, want)
				}
			}
		}
	}
}

// What is no answer to a missing certificate: a server that takes the connection, reads the request and hangs up.
func TestDecideAboutClosedConnections(t *testing.T) {
	ours := &tls.Certificate{Certificate: [][]byte{{1}}}
	for name, test := range map[string]struct {
		// Of a server that lets the first connection pass, what it does with the others.
		config func(*tls.Config)
		refuse bool // the connection itself, when the handshake is done
		want   wire.Decision
	}{
		"an alert in the handshake":    {func(c *tls.Config) { c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert }, false, wire.Refused},
		"an alert after it":            {func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, false, wire.Refused},
		"closed after the handshake":   {func(c *tls.Config) {}, true, wire.Refused},
		"closed in place of an answer": {func(c *tls.Config) {}, false, wire.Undecided},
		"the same with TLS 1.2":        {func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, false, wire.Undecided},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fine := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"request_uri":"urn:x"}`)
			}))
			defer fine.Close()
			rough, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rough.Close() }()
			config := fine.TLS.Clone()
			config.NextProtos = nil
			test.config(config)
			go func() {
				for {
					raw, err := rough.Accept()
					if err != nil {
						return
					}
					go func() {
						connection := tls.Server(raw, config)
						if connection.Handshake() == nil && !test.refuse {
							_, _ = connection.Read(make([]byte, 1))
						}
						_ = connection.Close()
					}()
				}
			}()
			self := &target.Client{ID: "one", Auth: "tls_client_auth", Binding: target.MTLS, Certificate: ours, Redirects: []string{"https://client.example/cb"}}
			through := ""
			dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, through)
			}
			client, err := flow.New(flow.Options{
				Target: &target.Target{Issuer: fine.URL, Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": "https://example.com/par"}}},
				Self:   self, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
				HTTP: func(*tls.Certificate) *http.Client {
					trust := fine.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
					return &http.Client{Transport: &http.Transport{DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
						return wire.DialTLS(ctx, dial, address, trust, nil)
					}}}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			through = fine.Listener.Addr().String()
			if got, because := Decide(client.Push(t.Context())); got != wire.Accepted {
				t.Fatalf("the proper request: %s", because)
			}
			through = rough.Addr().String()
			outcome := client.Push(t.Context(), flow.Without(flow.Certificate))
			if got, because := Decide(outcome); got != test.want {
				t.Errorf("%s (%s: %v), want %s", got, because, outcome.Err, test.want)
			}
		})
	}
}

// A deviation that changes nothing is neither accepted nor refused, and its name is said.
func TestDecideAboutNothing(t *testing.T) {
	fault := &flow.NoChangeError{Deviation: "without a nonce"}
	for _, outcome := range []*flow.Outcome{
		{Step: flow.StepPush, Err: fault, Exchange: &wire.Exchange{}},
		{Step: flow.StepAuthorize, Err: fault, Trip: &consent.Trip{Ending: consent.Broken}},
	} {
		if got, because := Decide(outcome); got != wire.Undecided || !strings.Contains(because, "without a nonce") {
			t.Errorf("%s: %s", got, because)
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
