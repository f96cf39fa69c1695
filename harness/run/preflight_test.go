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
