package flow_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// What the evidence says of the client's certificate is what the handshake says: not what was ready to be shown.
func TestEvidenceOfCertificates(t *testing.T) {
	for name, test := range map[string]struct {
		asks     tls.ClientAuthType
		with     []flow.Deviation
		want     string
		notAsked bool
	}{
		"asked for and shown":     {asks: tls.RequestClientCert, want: "CN=shown"},
		"not asked for":           {asks: tls.NoClientCert, want: "none: the server did not ask for one", notAsked: true},
		"asked for and not shown": {asks: tls.RequestClientCert, with: []flow.Deviation{flow.Without(flow.Certificate)}, want: "none, though the server asked for one"},
		"neither":                 {asks: tls.NoClientCert, with: []flow.Deviation{flow.Without(flow.Certificate)}, want: "none"},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(strings.Join([]string{name, tls.VersionName(version)}, ", "), func(t *testing.T) {
				t.Parallel()
				seen := make(chan bool, 2)
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seen <- len(r.TLS.PeerCertificates) > 0
					w.WriteHeader(http.StatusUnauthorized)
				}))
				server.TLS = &tls.Config{ClientAuth: test.asks, MaxVersion: version}
				server.StartTLS()
				defer server.Close()
				certificate := selfSigned(t, "shown")
				bank := &target.Target{
					Issuer: server.URL, Trust: x509.NewCertPool(),
					Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": server.URL + "/par"}},
				}
				bank.Trust.AddCert(server.Certificate())
				client, err := flow.New(flow.Options{
					Target: bank, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: bank.HTTPClient,
					Self: &target.Client{ID: "one", Auth: "tls_client_auth", Binding: target.MTLS, Certificate: certificate, Redirects: []string{"https://client.example/cb"}},
				})
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // the second goes over the connection of the first, where that was kept
					outcome := client.Push(t.Context(), test.with...)
					if got := outcome.Exchange.Request.Certificate; got != test.want || outcome.NotAsked != test.notAsked {
						t.Errorf("%q, not asked: %t; want %q, %t (%v)", got, outcome.NotAsked, test.want, test.notAsked, outcome.Err)
					}
					if shown := <-seen; shown != strings.HasPrefix(test.want, "CN=") {
						t.Errorf("the server has seen a certificate: %t, and the evidence says %q", shown, test.want)
					}
				}
			})
		}
	}
}

func selfSigned(t *testing.T, name string) *tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
