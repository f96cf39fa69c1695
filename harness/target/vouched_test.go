package target_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Who vouches for a host is the issuer for its own, and the target file for those that it names; on loopback a port is a host of its own.
func TestVouches(t *testing.T) {
	far := &target.Target{Issuer: "https://as.bank.example/x", Resource: target.Resource{URL: "https://rs.bank.example:8443/accounts"}, Hosts: []string{"mtls.bank.example"},
		Consent: target.Consent{Hosts: []string{"login.bank.example", "*"}, Script: consent.Script{Accept: []consent.Page{{When: consent.When{URL: "https://sso.bank.example/*"}}}}}}
	near := &target.Target{Issuer: "https://localhost:9001", Resource: target.Resource{URL: "https://localhost:9002/x"}, Hosts: []string{"localhost:9003"}}
	for _, test := range []struct {
		who  *target.Target
		host string
		want bool
	}{
		{far, "as.bank.example:443", true}, {far, "AS.bank.example:8443", true}, {far, "rs.bank.example:443", true}, {far, "mtls.bank.example:444", true}, {far, "login.bank.example:443", true},
		{far, "sso.bank.example:443", true}, {far, "bank.example:443", false}, {far, "evil.as.bank.example:443", false}, {far, "169.254.169.254:443", false}, {far, "localhost:443", false},
		{near, "localhost:9001", true}, {near, "localhost:9002", true}, {near, "localhost:9003", true}, {near, "localhost:9004", false}, {near, "127.0.0.1:9001", false}, {near, "localhost:443", false},
	} {
		if got := test.who.Vouches(test.host); got != test.want {
			t.Errorf("%s vouches for %s: %v", test.who.Issuer, test.host, got)
		}
	}
	near.Metadata = &target.Metadata{Values: map[string]any{"token_endpoint": "https://localhost:9004/t", "jwks_uri": "http://localhost:9001/jwks", "issuer": "https://localhost:9001", "par_endpoint": "https://localhost:9002/par"}}
	hosts, notHTTPS := near.Unvouched()
	if strings.Join(hosts, " ") != "localhost:9004" || strings.Join(notHTTPS, " ") != "jwks_uri" {
		t.Errorf("%v, %v", hosts, notHTTPS)
	}
}

// Nothing is sent to what is not https, or to a host for which nobody vouches, whatever for.
func TestNothingIsSentElsewhere(t *testing.T) {
	bank := &target.Target{Issuer: "https://127.0.0.1:1", Resource: target.Resource{URL: "https://127.0.0.1:1/x"}}
	client := bank.HTTPClient(nil)
	defer client.CloseIdleConnections()
	for address, want := range map[string]string{
		"http://127.0.0.1:1/token":               "is no https URL",
		"https://127.0.0.1:2/token":              "hosts: [\"127.0.0.1:2\"]",
		"https://169.254.169.254/latest":         "neither the issuer nor the target file",
		"https://127.0.0.1:1@elsewhere.example/": "elsewhere.example",
		"https://127.0.0.1:1/token":              "connection refused",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			t.Fatalf("%s answers", address)
		}
		var unsent *wire.NotSent
		if errors.As(err, &unsent) == strings.Contains(want, "refused") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	// What asks without TLS on purpose may do so, at the hosts of the bank.
	for address, want := range map[string]bool{"http://127.0.0.1:1/": false, "http://127.0.0.1/": false, "http://elsewhere.example/": true} {
		request, err := http.NewRequestWithContext(wire.InClear(context.Background()), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		var unsent *wire.NotSent
		if errors.As(err, &unsent) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	// Pages may go where consent.hosts says.
	bank.Consent.Hosts = []string{"*"}
	for _, test := range []struct {
		client *http.Client
		goes   bool
	}{{target.ForPages(client), true}, {client, false}} {
		answer, err := test.client.Get("https://127.0.0.1:2/")
		if err == nil {
			_ = answer.Body.Close()
			t.Fatal("somebody answers")
		}
		if strings.Contains(err.Error(), "not sent") == test.goes {
			t.Error(err)
		}
	}
}
