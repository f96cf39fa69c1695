package wire_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/wire"
)

// What a host shows is entered once, whoever made the connection, and however often.
func TestShownCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	address := server.Listener.Addr().String()
	config := server.Client().Transport.(*http.Transport).TLSClientConfig
	ledgers := []*wire.Ledger{{}, {}}
	for _, ledger := range append(ledgers, ledgers[0], nil) {
		secured, err := wire.DialTLS(wire.WithLedger(context.Background(), ledger), (&net.Dialer{}).DialContext, address, config, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = secured.Close()
	}
	ledgers[1].Shown("another.example:443", []*x509.Certificate{server.Certificate()})
	sum := ledgers[0].Account().Add(ledgers[1].Account())
	if len(sum.Shown) != 2 || sum.Shown[0].Host != address || sum.Shown[1].Host != "another.example:443" || !slices.Equal(sum.Shown[0].Chain, sum.Shown[1].Chain) {
		t.Errorf("%+v", sum.Shown)
	}
	if chain := sum.Shown[0].Chain; len(chain) != 1 || len(chain[0]) != 64 || sum.Shown[0].Until != server.Certificate().NotAfter.UTC() {
		t.Errorf("%+v", sum.Shown[0])
	}
}
