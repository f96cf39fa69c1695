package jose_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
)

// Whatever is said to be a JWT, it is read to its end, and none verifies by a key that is not there.
func FuzzJWT(f *testing.F) {
	for _, seed := range []string{
		"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.AA", "a.b.c", "....", "", "eyJhbGciOiJub25lIn0.e30.", strings.Repeat("x", 5000) + ".e30.e30", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.AA.AA.AA.AA",
		"eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il19.e30.AA", "eyJ6aXAiOiJERUYifQ.e30.AA",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, _ = jose.Claims(token), jose.Header(token)
		if jose.CanVerify(token) && jose.Verifies(token, map[string]any{}) {
			t.Errorf("%q verifies by nothing", token)
		}
		if jose.Encrypted(token) {
			if plain, err := jose.Decrypt(token, nil); err == nil {
				t.Errorf("%q was opened by nothing: %q", token, plain)
			}
		}
		_ = jose.WithHeader(token, "alg", "none")
		_ = jose.WithSignature(token, func(old []byte) []byte { return old })
	})
}

// Whatever is said to be a key set, it is read to its end.
func FuzzKeySet(f *testing.F) {
	for _, seed := range []string{
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"a"}]}`, `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQ"}]}`, `{"keys":[{"kty":"RSA","n":"","e":""},{"kty":"oct","k":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}`,
		`{"keys":{}}`, `{"keys":[null,1,"x"]}`, `{"kty":"EC"}`, `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","x5c":["AA"],"x5t":"AA"}]}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, set []byte) {
		for _, key := range jose.ReadKeySet(set) {
			if _, err := json.Marshal(key); err != nil {
				t.Error(err)
			}
		}
		keys, err := jose.ParseKeys(set)
		if err == nil && len(keys) == 0 {
			t.Error("neither keys nor an error")
		}
		_ = jose.ParseDecryptionKeys(set)
		var members struct{ Keys []map[string]any }
		if json.Unmarshal(set, &members) == nil {
			for _, key := range members.Keys {
				if jose.Verifies("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.AA", key) {
					t.Errorf("%v verifies what it has not signed", key)
				}
			}
		}
		_, _ = jose.CertificateJWK(set)
	})
}
