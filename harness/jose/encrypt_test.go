package jose

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// What is sealed is opened by the key that it was sealed to, and by no other; compression shows in the header.
func TestSeal(t *testing.T) {
	for algorithm, signs := range map[string]string{"ECDH-ES": ES256, "ECDH-ES+A128KW": ES256, "RSA-OAEP-256": PS256} {
		key, err := NewKey(signs)
		if err != nil {
			t.Fatal(err)
		}
		private, err := json.Marshal(map[string]any{"keys": []any{jose.JSONWebKey{Key: key.private, KeyID: "k", Use: "enc"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, compressed := range []bool{false, true} {
			sealed, err := Sealing{Key: key.Public(), Algorithm: algorithm, Encryption: "A256GCM", Compressed: compressed}.Seal(strings.Repeat("a.b.c", 20))
			if err != nil {
				t.Fatal(err)
			}
			if opened, err := Decrypt(sealed, ParseDecryptionKeys(private)); err != nil || opened != strings.Repeat("a.b.c", 20) || !Encrypted(sealed) {
				t.Errorf("%s: %q %v", algorithm, opened, err)
			}
			if _, zip := headerOf(sealed)["zip"]; zip != compressed {
				t.Errorf("%s: zip is %v", algorithm, zip)
			}
		}
	}
	for name, broken := range map[string]Sealing{
		"no key": {Algorithm: "ECDH-ES", Encryption: "A256GCM"}, "no algorithm": {Key: map[string]any{"kty": "EC"}, Encryption: "A256GCM"},
	} {
		if sealed, err := broken.Seal("x"); err == nil {
			t.Errorf("%s: %q", name, sealed)
		}
	}
}

func headerOf(sealed string) map[string]any {
	encoded, _, _ := strings.Cut(sealed, ".")
	return Header(encoded + "..")
}

func TestOddKeys(t *testing.T) {
	for algorithm, alg := range map[string]string{"ES384": "ES384", "ES512": "ES512", PS256: PS256} {
		key, err := NewOddKey(algorithm, 1024)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := (&Token{Header: map[string]any{}, Claims: map[string]any{}, Key: key}).Sign()
		if err != nil || Header(signed)["alg"] != alg || key.ID == "" {
			t.Errorf("%s: %v %v", algorithm, Header(signed), err)
		}
	}
	if _, err := NewOddKey("HS256", 0); err == nil {
		t.Error("a key for HS256")
	}
}
