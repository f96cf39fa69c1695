package metadata

import (
	"encoding/base64"
	"maps"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
)

// A key is the one of its certificate whatever its type is, and however its numbers are written; another one is not.
func TestDiffers(t *testing.T) {
	for _, algorithm := range []string{"PS256", "ES256", "EdDSA"} {
		key, other := newKey(t, algorithm), newKey(t, algorithm)
		certificate, err := key.Certify("the server")
		if err != nil {
			t.Fatal(err)
		}
		der, err := base64.StdEncoding.DecodeString(certificate)
		if err != nil {
			t.Fatal(err)
		}
		certified, err := jose.CertificateJWK(der)
		if err != nil {
			t.Fatal(err)
		}
		if member := differs(key.Public(), certified); member != "" {
			t.Errorf("%s: a key differs in %s from its own certificate's", algorithm, member)
		}
		if differs(other.Public(), certified) == "" {
			t.Errorf("%s: another key is the same", algorithm)
		}
		if algorithm != "PS256" {
			continue
		}
		odd := maps.Clone(key.Public())
		odd["e"] = "AAEAAQ=="
		if member := differs(odd, certified); member != "" {
			t.Errorf("a number that begins with zero makes another key: %s", member)
		}
	}
}

func newKey(t *testing.T, algorithm string) *jose.Key {
	t.Helper()
	key, err := jose.NewKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
