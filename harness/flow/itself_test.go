package flow

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// told is what a server was sent.
type told struct {
	method, authorization, query string
	form                         url.Values
	proof                        map[string]any
}

// toldBy is a client of a server that notes what it is sent, and answers with what is given it.
func toldBy(t *testing.T, answer func(told) (status int, body string)) (client *Client, all *[]told) {
	t.Helper()
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	all = &[]told{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		got := told{method: r.Method, authorization: r.Header.Get("Authorization"), query: r.URL.RawQuery, form: form, proof: jose.Claims(r.Header.Get("DPoP"))}
		*all = append(*all, got)
		status, text := answer(got)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	client, err = New(Options{
		Target: &target.Target{Issuer: server.URL, Scope: "openid accounts offline_access", Metadata: &target.Metadata{Values: map[string]any{
			"token_endpoint": server.URL + "/token", "userinfo_endpoint": server.URL + "/userinfo", "jwks_uri": server.URL + "/jwks",
		}}},
		Self:  &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}},
		Clock: wire.SystemClock{}, Redactor: &wire.Redactor{}, HTTP: func(*tls.Certificate) *http.Client { return server.Client() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, all
}

// Userinfo is asked by POST as by GET: the token in its header, and the proof for that method. In a form it goes alone.
func TestUserinfoByPost(t *testing.T) {
	client, all := toldBy(t, func(told) (int, string) { return http.StatusOK, "{}" })
	grant := &Outcome{Step: StepExchange, Body: []byte(`{"access_token": "t"}`)}
	client.Userinfo(t.Context(), grant, ByPost())
	client.Userinfo(t.Context(), grant, All("in the form", ByPost(), With(TokenPlace, "body")))
	client.Userinfo(t.Context(), grant, With(TokenScheme, ""))
	if len(*all) != 3 {
		t.Fatalf("%d requests", len(*all))
	}
	posted, formed, bare := (*all)[0], (*all)[1], (*all)[2]
	if posted.method != http.MethodPost || posted.authorization != "DPoP t" || posted.proof["htm"] != "POST" || len(posted.form) > 0 {
		t.Errorf("by POST: %+v", posted)
	}
	if formed.method != http.MethodPost || formed.authorization != "" || formed.form.Get("access_token") != "t" || formed.query != "" || formed.proof["ath"] != jose.Hash("t") {
		t.Errorf("in the form: %+v", formed)
	}
	if bare.method != http.MethodGet || bare.authorization != "t" {
		t.Errorf("without a scheme: %+v", bare)
	}
}

// A client that asks for itself asks for nothing that takes a person, and for no scope where the target does not know the others for clients.
func TestForItself(t *testing.T) {
	client, all := toldBy(t, func(got told) (int, string) {
		if got.form.Has("scope") {
			return http.StatusBadRequest, `{"error": "invalid_scope"}`
		}
		return http.StatusOK, `{"access_token": "t"}`
	})
	for range 2 {
		if ok, words := client.ForItself(t.Context(), GrantClientCredentials).Succeeded(); !ok {
			t.Fatal(words)
		}
	}
	client.ForItself(t.Context(), GrantJWTBearer)
	var scopes []string
	for _, got := range *all {
		scopes = append(scopes, got.form.Get("scope"))
		if claims := jose.Claims(got.form.Get("assertion")); (claims["iss"] == "one") != (got.form.Get("grant_type") == GrantJWTBearer) {
			t.Errorf("%s: %v", got.form.Get("grant_type"), claims)
		}
	}
	if got := strings.Join(scopes, ","); got != "accounts,,," {
		t.Errorf("asked for %q", got)
	}
	if keys := client.KeySet(t.Context()); keys.Status != http.StatusOK || (*all)[len(*all)-1].method != http.MethodGet {
		t.Errorf("%+v", keys)
	}
}
