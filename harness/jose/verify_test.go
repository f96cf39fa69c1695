package jose_test

import (
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
)

func TestVerifies(t *testing.T) {
	for _, algorithm := range []string{jose.ES256, jose.PS256, jose.EdDSA} {
		key, err := jose.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		other, err := jose.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		compact, err := (&jose.Token{Header: map[string]any{"alg": algorithm}, Claims: map[string]any{"a": 1}, Key: key}).Sign()
		if err != nil {
			t.Fatal(err)
		}
		if !jose.CanVerify(compact) || !jose.Verifies(compact, key.Public()) {
			t.Errorf("%s: the signature does not hold by its own key", algorithm)
		}
		if jose.Verifies(compact, other.Public()) || jose.Verifies(compact+"A", key.Public()) || jose.Verifies("a.b.c", key.Public()) || jose.Verifies(compact, nil) {
			t.Errorf("%s: a signature holds that does not", algorithm)
		}
	}
}
