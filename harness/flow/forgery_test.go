package flow_test

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// An impostor's certificate says what the client's own says, and only the key, and what follows from it, tells them apart.
func TestImpostor(t *testing.T) {
	own := selfSigned(t, "own")
	client, err := flow.New(flow.Options{
		Target: &target.Target{}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
		Self: &target.Client{ID: "one", Auth: target.SelfSignedAuth, Binding: target.MTLS, Certificate: own},
	})
	if err != nil {
		t.Fatal(err)
	}
	impostor, ok := client.Impostor()
	again, _ := client.Impostor()
	if !ok || impostor != again {
		t.Fatalf("ok is %v; the second time it is %v and not %v", ok, again, impostor)
	}
	made := impostor.Shown()
	if !bytes.Equal(made.Leaf.RawSubject, own.Leaf.RawSubject) || !bytes.Equal(made.Leaf.RawIssuer, own.Leaf.RawIssuer) ||
		made.Leaf.SerialNumber.Cmp(own.Leaf.SerialNumber) != 0 || !made.Leaf.NotAfter.Equal(own.Leaf.NotAfter) {
		t.Errorf("the impostor's certificate differs in more than its key: %v, %v", made.Leaf.Subject, made.Leaf.SerialNumber)
	}
	if bytes.Equal(made.Leaf.RawSubjectPublicKeyInfo, own.Leaf.RawSubjectPublicKeyInfo) {
		t.Error("the impostor has the client's key")
	}
	roots := x509.NewCertPool()
	roots.AddCert(own.Leaf)
	if _, err := made.Leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
		t.Error("who trusts the client's certificate trusts the impostor's")
	}
}

func TestForgedTokens(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := (&jose.Token{Header: map[string]any{"typ": "at+jwt", "kid": "theirs"}, Claims: map[string]any{"sub": "s"}, Key: key}).Sign()
	if err != nil {
		t.Fatal(err)
	}
	forged := flow.Forgeries(signed)
	if len(forged) != 7 {
		t.Fatalf("%d forgeries", len(forged))
	}
	for _, forgery := range forged {
		header := jose.Header(forgery.Token)
		_, own := header["jwk"].(map[string]any)
		_, certified := header["x5c"].([]any)
		unsigned, emptied := strings.HasPrefix(forgery.How, "unsigned"), strings.HasPrefix(forgery.How, "with a signature")
		if forgery.Token == signed || header["typ"] != "at+jwt" || (header["kid"] != nil) != emptied || (own || certified) == (unsigned || emptied) || jose.Claims(forgery.Token)["sub"] != "s" {
			t.Errorf("%s: header %v, claims %v", forgery.How, header, jose.Claims(forgery.Token))
		}
	}
	if flow.Forgeries("opaque") != nil {
		t.Error("an opaque token has forgeries")
	}
}
