package jose_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"testing"

	gojose "github.com/go-jose/go-jose/v4"

	"github.com/fapitest/fapitest/harness/jose"
)

func TestDecrypt(t *testing.T) {
	onCurve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modulus, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	set := gojose.JSONWebKeySet{Keys: []gojose.JSONWebKey{
		{Key: onCurve, KeyID: "curve", Use: "enc"}, {Key: modulus, KeyID: "rsa", Use: "enc"},
		{Key: onCurve, KeyID: "signs", Use: "sig"}, {Key: onCurve.Public(), KeyID: "public", Use: "enc"},
	}}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	keys := jose.ParseDecryptionKeys(data)
	if len(keys) != 2 {
		t.Fatalf("%d keys are for decryption, want 2", len(keys))
	}
	for algorithm, public := range map[gojose.KeyAlgorithm]any{gojose.ECDH_ES: onCurve.Public(), gojose.RSA_OAEP_256: modulus.Public()} {
		encrypter, err := gojose.NewEncrypter(gojose.A256GCM, gojose.Recipient{Algorithm: algorithm, Key: public}, nil)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := encrypter.Encrypt([]byte("a.b.c"))
		if err != nil {
			t.Fatal(err)
		}
		token, err := sealed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		if !jose.Encrypted(token) || jose.Encrypted("a.b.c") {
			t.Error("the form of a JWE is not known")
		}
		if got, err := jose.Decrypt(token, keys); got != "a.b.c" || err != nil {
			t.Errorf("%s: %q, %v", algorithm, got, err)
		}
		if got, err := jose.Decrypt(token, nil); got != "" || err == nil {
			t.Errorf("%s without a key: %q", algorithm, got)
		}
	}
	if _, err := jose.Decrypt("a.b.c.d.e", keys); err == nil {
		t.Error("garbage is decrypted")
	}
	if got := jose.ParseDecryptionKeys([]byte("no JWKS")); got != nil {
		t.Errorf("no JWKS: %v", got)
	}
}
