package flow

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

func TestWhatAnIntrospectionJWTSays(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(claims map[string]any) string {
		compact, err := (&jose.Token{Key: key, Claims: claims}).Sign()
		if err != nil {
			t.Fatal(err)
		}
		return compact
	}
	good := sign(map[string]any{"token_introspection": map[string]any{"active": true}})
	for words, line := range map[string]struct {
		body          string
		isJWT, active bool
	}{
		"a JWT":                        {good, true, true},
		"a JWT and the end of a line":  {good + "\n", true, true},
		"a JWT that tells of no token": {sign(map[string]any{"iss": "x"}), true, false},
		"a JWT with a text inside":     {sign(map[string]any{"token_introspection": "active"}), true, false},
		"JSON":                         {`{"active":true}`, false, false},
		"three words with dots":        {"a.b.c", false, false},
		"five words with dots":         {"a.b.c.d.e", false, false},
		"something that was encrypted": {"eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9.b.c.d.e", true, false},
		"nothing":                      {"", false, false},
	} {
		if got := jwtLike([]byte(line.body)); got != line.isJWT {
			t.Errorf("%s: it is one: %t", words, got)
		}
		if got := introspectionIn([]byte(line.body))["active"] == true; got != line.active {
			t.Errorf("%s: the token is active: %t", words, got)
		}
	}
}

func TestIntrospectionIsAskedForAJWT(t *testing.T) {
	var form url.Values
	var accept []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form, accept = r.PostForm, r.Header.Values("Accept")
	}))
	defer server.Close()
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{
		Target: &target.Target{Issuer: server.URL, Metadata: &target.Metadata{Values: map[string]any{"introspection_endpoint": server.URL}}},
		Self:   &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
		Clock:  wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return server.Client() },
	})
	if err != nil {
		t.Fatal(err)
	}
	grant := &Outcome{Step: StepExchange, members: map[string]any{"access_token": "t", "refresh_token": "r"}, Body: []byte("{}")}
	for words, line := range map[string]struct {
		ask           func()
		token, accept string
	}{
		"the access token":  {func() { client.IntrospectSigned(t.Context(), grant) }, "t", IntrospectionJWT},
		"the refresh token": {func() { client.IntrospectRefreshTokenSigned(t.Context(), grant) }, "r", IntrospectionJWT},
		"in JSON":           {func() { client.Introspect(t.Context(), grant) }, "t", "application/json"},
		"in any form":       {func() { client.IntrospectSigned(t.Context(), grant, Without(Accept)) }, "t", "*/*"},
		"in another form":   {func() { client.IntrospectSigned(t.Context(), grant, With(Accept, "text/plain")) }, "t", "text/plain"},
	} {
		if line.ask(); form.Get("token") != line.token || len(accept) != 1 || accept[0] != line.accept || form.Get("client_assertion") == "" {
			t.Errorf("%s: Accept is %q, and the form has %v", words, accept, form)
		}
	}
}
