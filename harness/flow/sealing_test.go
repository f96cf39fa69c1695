package flow

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Where the target wants its request objects encrypted they are, pushed or by value, and what an experiment has made of one stays as it made it.
func TestRequestObjectsAreEncrypted(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	sets := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sets++
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"keys":[{"kty":"EC","crv":"P-256","use":"sig","x":"3vhU2tjJJOqAJD_eAfXR2sQJ5sZ5kfZ3A3gFYGvHWDs","y":"AA"},` +
			`{"kty":"EC","crv":"P-256","use":"enc","kid":"e","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}`))
	}))
	defer server.Close()
	for _, byValue := range []bool{false, true} {
		sets = 0
		client, err := New(Options{
			Target: &target.Target{Issuer: server.URL, Requires: []string{target.RequiresEncryptedJAR}, Metadata: &target.Metadata{Values: map[string]any{
				"authorization_endpoint": server.URL + "/authorize", "jwks_uri": server.URL + "/jwks",
				"request_object_encryption_alg_values_supported": []any{"ECDH-ES"}, "request_object_encryption_enc_values_supported": []any{"A256GCM"},
			}}},
			Shape: Shape{ByValue: byValue}, Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return server.Client() },
			Self: &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		sent := func(deviations ...Deviation) string {
			d := client.toPush(client.newAttempt())
			if byValue {
				d = client.brought(client.newAttempt())
			}
			if err := d.deviate(deviations, ""); err != nil {
				t.Fatal(err)
			}
			params, err := d.finish("", client.Now(), func() string { return "x" }).travelling()
			if err != nil {
				return err.Error()
			}
			return params.Get("request")
		}
		if said := sent(); !strings.Contains(said, "use: enc") {
			t.Errorf("by value %t, without a key: %q", byValue, said)
		}
		client.findSealing(t.Context())
		client.findSealing(t.Context())
		if object := sent(); !jose.Encrypted(object) || jose.Header(object[:strings.IndexByte(object, '.')] + "..")["kid"] != "e" {
			t.Errorf("by value %t: %q", byValue, object)
		}
		if object := sent(RequestObjectMade("cut", func(string) string { return "x" })); object != "x" {
			t.Errorf("by value %t, made otherwise: %q", byValue, object)
		}
		if object := client.RequestObject(Signed); !jose.Encrypted(object) {
			t.Errorf("by value %t, to be had elsewhere: %q", byValue, object)
		}
		if sets != 1 {
			t.Errorf("by value %t: the key set was asked for %d times", byValue, sets)
		}
	}
}
