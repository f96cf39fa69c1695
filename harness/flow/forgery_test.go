package flow_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
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

// A certificate of the client's names that signs itself is made for clients whose own is by an authority, and for no others.
func TestSelfMade(t *testing.T) {
	own := selfSigned(t, "own")
	of := func(certificate *tls.Certificate) *flow.Client {
		client, err := flow.New(flow.Options{
			Target: &target.Target{}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{},
			Self: &target.Client{ID: "one", Auth: target.TLSClientAuth, Binding: target.MTLS, Certificate: certificate},
		})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	if _, ok := of(own).SelfMade(); ok {
		t.Error("there is one for a client whose own certificate signs itself")
	}
	leaf := *own.Leaf
	leaf.RawIssuer = []byte("somebody else")
	made, ok := of(&tls.Certificate{Certificate: own.Certificate, PrivateKey: own.PrivateKey, Leaf: &leaf}).SelfMade()
	if !ok {
		t.Fatal("there is none for a client whose certificate is by an authority")
	}
	shown := made.Shown().Leaf
	if !bytes.Equal(shown.RawSubject, own.Leaf.RawSubject) || !bytes.Equal(shown.RawIssuer, shown.RawSubject) || bytes.Equal(shown.RawSubjectPublicKeyInfo, own.Leaf.RawSubjectPublicKeyInfo) {
		t.Errorf("subject %v, issuer %v", shown.Subject, shown.Issuer)
	}
	if err := shown.CheckSignature(shown.SignatureAlgorithm, shown.RawTBSCertificate, shown.Signature); err != nil {
		t.Errorf("it is not signed by its own key: %v", err)
	}
}

// named is a JWK with a name and a use.
func named(jwk map[string]any, id, use string) map[string]any {
	jwk["kid"], jwk["use"] = id, use
	return jwk
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
	set, err := json.Marshal(map[string]any{"keys": []any{
		map[string]any{"kty": "oct", "k": "AAAA", "kid": "secret"}, named(key.Public(), "other", "sig"), named(key.Public(), "theirs", "sig"), named(key.Public(), "enc", "enc"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var maced []flow.Forgery
	for _, forgery := range flow.Forgeries(signed, jose.ReadKeySet(set)...)[9:] {
		if header := jose.Header(forgery.Token); header["alg"] != "HS256" || header["typ"] != "at+jwt" || header["kid"] != map[bool]string{true: "theirs", false: "other"}[len(maced) < 5] {
			t.Errorf("%s: header %v", forgery.How, header)
		}
		maced = append(maced, forgery)
	}
	if len(maced) != 10 {
		t.Errorf("%d forgeries by public keys: %v", len(maced), maced)
	}
	forged := flow.Forgeries(signed)
	if len(forged) != 9 {
		t.Fatalf("%d forgeries", len(forged))
	}
	for i, unknown := range []any{nil, "fapitest"} {
		if header := jose.Header(forged[7+i].Token); header["alg"] != "HS256" || header["kid"] != unknown {
			t.Errorf("%s: header %v", forged[7+i].How, header)
		}
	}
	for _, forgery := range forged[:7] {
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
