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
