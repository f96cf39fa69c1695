package run_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// A server that does not trust a client's certificate will not do so an experiment later: that is said once, before all of them.
func TestACertificateThatIsNotTrustedStopsARunBeforeItBegins(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	bank := &target.Target{
		Issuer: server.URL, Trust: x509.NewCertPool(), Scope: "accounts",
		Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": server.URL + "/par"}},
		Clients: []*target.Client{{
			ID: "stranger", Auth: target.TLSClientAuth, Binding: target.MTLS, Certificate: &server.TLS.Certificates[0], Redirects: []string{"https://client.example/cb"},
		}},
	}
	bank.Trust.AddCert(server.Certificate())
	stumbles, took, err := run.Preflight(t.Context(), run.Options{Target: bank, Clock: wire.SystemClock{}, HTTP: bank.HTTPClient, Redactor: &wire.Redactor{}})
	if err != nil || len(stumbles) != 1 {
		t.Fatalf("%v, %v", stumbles, err)
	}
	if took.Account.Requests != 1 || took.Lived <= 0 {
		t.Errorf("what it took: %+v", took)
	}
	for _, want := range []string{"client stranger", "the server does not trust this client's certificate", "Compare the client's id, auth: tls_client_auth and its certificate"} {
		if !strings.Contains(stumbles[0].Sentence(), want) {
			t.Errorf("%q is not in %q", want, stumbles[0].Sentence())
		}
	}
}

// What a target says of a proper request that it refuses is shown, however it says it; what it repeats of ours is not.
func TestWhatTheTargetSaysIsShown(t *testing.T) {
	for name, test := range map[string]struct{ kind, body, want, not string }{
		"in OAuth's words":     {"application/json", `{"error":"invalid_scope","error_description":"there is no scope accounts"}`, "400 invalid_scope (it says: there is no scope accounts)", ""},
		"with another code":    {"application/json", `{"error":"Bad Request","error_description":"try again"}`, "(it says: try again)", ""},
		"in words of its own":  {"application/json", `{"message":"scope accounts is not allowed"}`, `(it says: { "message": "scope accounts is not allowed" })`, ""},
		"on a page":            {"text/html", "<html><head><style>b {}</style><title>Oops</title></head><body><b>No such\nclient</b></body></html>", "(it says: Oops No such client)", "b {}"},
		"in plain text":        {"text/plain", "no\x1b[31m such client", "no�[31m such client", "\x1b"},
		"in too many words":    {"text/plain", strings.Repeat("very ", 100) + "long", "very …)", "long)"},
		"with what we sent it": {"application/json", `{"error":"invalid_client","error_description":"is a-secret-of-a-test yours"}`, "(it says: is [", "a-secret-of-a-test"},
		"in no words":          {"text/plain", "", "400 without an OAuth error", "it says"},
	} {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", test.kind)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, test.body)
		}))
		bank := &target.Target{
			Issuer: server.URL, Trust: x509.NewCertPool(), Scope: "accounts",
			Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": server.URL + "/par"}},
			Clients: []*target.Client{{
				ID: "one", Auth: target.TLSClientAuth, Binding: target.MTLS, Certificate: &server.TLS.Certificates[0], Redirects: []string{"https://client.example/cb"},
			}},
		}
		bank.Trust.AddCert(server.Certificate())
		redactor := &wire.Redactor{}
		redactor.Learn("client_secret", "a-secret-of-a-test")
		trials, err := run.Trials(t.Context(), run.Options{Target: bank, Clock: wire.SystemClock{}, HTTP: bank.HTTPClient, Redactor: redactor})
		server.Close()
		if err != nil || len(trials) != 1 || len(trials[0].Steps) != 1 {
			t.Fatalf("%s: %+v, %v", name, trials, err)
		}
		said := trials[0].Steps[0].Because
		if !strings.Contains(said, test.want) || test.not != "" && strings.Contains(said, test.not) {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// What three clients in a row get no answer to, nobody does, and what goes nowhere is said at once: a run ends there, with one reason.
func TestThreeClientsWithoutAnAnswer(t *testing.T) {
	year := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "31536000")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	deep := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"request_uri":`+strings.Repeat("[", 10_000))
	}
	for name, test := range map[string]struct {
		answers  http.HandlerFunc
		endpoint string // empty: the server's
		trials   int
		want     string
	}{
		"never":     {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, "", 3, "3 times in a row, as client after client: no answer within 200ms"},
		"in a year": {year, "", 3, "asks to be left alone until "},
		"broken":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "", 3, "502"},
		"deep":      {deep, "", 3, "nested 10001 levels deep"},
		"in clear":  {nil, "http://as.example/par", 1, "http://as.example/par is no https URL"},
		"elsewhere": {nil, "https://as.example/par", 1, `hosts: ["as.example"]`},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewTLSServer(test.answers)
			defer server.Close()
			endpoint := test.endpoint
			if endpoint == "" {
				endpoint = server.URL + "/par"
			}
			bank := &target.Target{Issuer: server.URL, Trust: x509.NewCertPool(), Scope: "accounts", Waits: target.Waits{Answer: 200 * time.Millisecond},
				Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": endpoint}}}
			for i, way := range [][2]string{{target.TLSClientAuth, target.MTLS}, {target.TLSClientAuth, target.DPoP}, {target.SelfSignedAuth, target.MTLS}, {target.SelfSignedAuth, target.DPoP}} {
				bank.Clients = append(bank.Clients, &target.Client{ID: string(rune('a' + i)), Auth: way[0], Binding: way[1], Certificate: &server.TLS.Certificates[0], Redirects: []string{"https://client.example/cb"}})
			}
			bank.Trust.AddCert(server.Certificate())
			transports := map[*tls.Certificate]*http.Client{}
			via := func(c *tls.Certificate) *http.Client {
				if transports[c] == nil {
					transports[c] = bank.HTTPClient(c)
				}
				return transports[c]
			}
			trials, err := run.Trials(t.Context(), run.Options{Target: bank, Clock: wire.SystemClock{}, HTTP: via, Redactor: &wire.Redactor{}, Pace: wire.NewMetronome(0, wire.SystemClock{})})
			if err != nil || len(trials) != test.trials {
				t.Fatalf("%d trials, %v: %+v", len(trials), err, trials)
			}
			last := trials[len(trials)-1].Stumble
			if last == nil || !strings.Contains(last.Sentence(), test.want) {
				t.Fatalf("%+v", last)
			}
			for _, client := range transports {
				client.CloseIdleConnections()
			}
		})
	}
}
