package target_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/target"
)

// issued is a certificate of some name and time, and its key, in PEM.
func issued(t *testing.T, name string, from, until time.Time) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

// Each of the other certificates is what its key says, or the file is refused: an experiment with another would show something else.
func TestOtherCertificates(t *testing.T) {
	now := time.Now()
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	both := func(name string, from, until int) []byte {
		certificate, key := issued(t, name, hour(from), hour(until))
		return slices.Concat(certificate, key)
	}
	files := map[string][]byte{"expired": both("one", -2, -1), "not_yet_valid": both("one", 1, 2), "renewed": both("one", -1, 1), "similar": both("one more", -1, 1)}
	path := filepath.Join(t.TempDir(), "bank.yaml")
	spec := scaffold.FileSpec{
		Issuer: "https://localhost:1", UserName: "alice", UserPassword: "a password of a test", Scope: "accounts",
		Resource: target.Resource{URL: "https://localhost:2/accounts", Method: "GET", Scope: "accounts"},
		Script:   consent.Script{Accept: []consent.Page{{When: consent.When{Selector: "form"}, Do: []consent.Step{{Click: "button"}}}}},
	}
	for _, id := range []string{"one", "two"} {
		certificate, key := issued(t, id, hour(-1), hour(1))
		client := scaffold.FileClient{ID: id, Auth: target.TLSClientAuth, Binding: target.MTLS, Certificate: certificate, Key: key, Redirects: []string{"https://client.example/cb"}}
		if id == "one" {
			for name, content := range files {
				client.Others = append(client.Others, scaffold.OtherCertificate{Key: name, Both: content})
			}
		}
		spec.Clients = append(spec.Clients, client)
	}
	if err := scaffold.WriteFile(path, spec); err != nil {
		t.Fatal(err)
	}
	loaded, err := target.Load(path, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if others := loaded.Clients[0].Others; others.Expired == nil || others.NotYetValid == nil || others.Renewed == nil || others.Respelt != nil || len(others.Similar) != 1 {
		t.Errorf("%+v", others)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"not expired":        {"bank.one.expired.pem", "bank.one.renewed.pem", "expired: bank.one.renewed.pem is not a certificate of the client's subject and another key that has expired"},
		"expired":            {"bank.one.renewed.pem", "bank.one.expired.pem", "renewed: bank.one.expired.pem is not a valid certificate"},
		"in force":           {"bank.one.not_yet_valid.pem", "bank.one.renewed.pem", "whose time has not come"},
		"the same subject":   {"bank.one.similar-1.pem", "bank.one.renewed.pem", "similar[0]: bank.one.renewed.pem is not a valid certificate of another key and another subject"},
		"without a key":      {"bank.one.renewed.pem", "bank.one.pem", "the file has the certificate and, behind it, its private key"},
		"unknown":            {"renewed:", "renewd:", `unknown key "clients[0].other_certificates.renewd"`},
		"similar as one":     {`["bank.one.similar-1.pem"]`, "bank.one.similar-1.pem", "similar: expected a list of files"},
		"the same certified": {"bank.one.renewed.pem", "same.pem", "of the client's subject and another key"},
	} {
		t.Run(name, func(t *testing.T) {
			same := slices.Concat(spec.Clients[0].Certificate, spec.Clients[0].Key)
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), "same.pem"), same, 0o600); err != nil {
				t.Fatal(err)
			}
			wrong := filepath.Join(filepath.Dir(path), "wrong.yaml")
			if err := os.WriteFile(wrong, bytes.Replace(written, []byte(test.old), []byte(test.new), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := target.Load(wrong, nothing); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}
