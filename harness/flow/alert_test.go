package flow_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// A server that does not trust the client's certificate says so with an alert whose words help nobody: what they mean is said.
func TestAlertsAboutCertificates(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool(), MaxVersion: version}
		server.StartTLS()
		defer server.Close()
		bank := &target.Target{
			Issuer: server.URL, Trust: x509.NewCertPool(),
			Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": server.URL + "/par"}},
		}
		bank.Trust.AddCert(server.Certificate())
		client, err := flow.New(flow.Options{
			Target: bank, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: bank.HTTPClient,
			Self: &target.Client{ID: "one", Auth: "tls_client_auth", Binding: target.MTLS, Certificate: selfSigned(t, "stranger"), Redirects: []string{"https://client.example/cb"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if words := client.Push(t.Context()).Exchange.Failure; !strings.Contains(words, ": the server does not trust this client's certificate") {
			t.Errorf("%s: %s", tls.VersionName(version), words)
		}
		// TLS 1.2 has no alert of its own for that.
		if words := client.Push(t.Context(), flow.Without(flow.Certificate)).Exchange.Failure; version == tls.VersionTLS13 && !strings.HasSuffix(words, "the server wants a client certificate, and none was shown") {
			t.Errorf("%s: %s", tls.VersionName(version), words)
		}
	}
}
