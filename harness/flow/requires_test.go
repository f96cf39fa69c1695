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

// What a bank wants of every request, every request has; and what is changed for an experiment is changed within it.
func TestEveryRequestHasWhatTheBankRequires(t *testing.T) {
	var form url.Values
	var header http.Header
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form, header = r.PostForm, r.Header
	}))
	defer server.Close()
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	self := &target.Client{ID: "one", Auth: target.PrivateKeyJWT, Binding: target.DPoP, Key: key, Redirects: []string{"https://client.example/cb"}}
	redactor := &wire.Redactor{}
	client, err := New(Options{
		Target: &target.Target{
			Issuer: server.URL, Clients: []*target.Client{self}, Scope: "openid accounts", Requires: []string{target.RequiresJAR, target.RequiresDPoPAtPAR},
			Resource: target.Resource{URL: server.URL, Method: "GET", Headers: []target.Header{
				{Name: "x-v", Value: wire.NewSecret("1")}, {Name: "x-api-key", Value: wire.NewSecret("a key of the environment"), Hidden: true},
			}},
			Metadata: &target.Metadata{Values: map[string]any{"pushed_authorization_request_endpoint": server.URL}},
		},
		Self: self, Clock: wire.SystemClock{}, Redactor: redactor, HTTP: func(*tls.Certificate) *http.Client { return server.Client() },
	})
	if err != nil {
		t.Fatal(err)
	}

	client.Push(t.Context())
	for name := range form {
		if name != "client_id" && name != "request" && name != "client_assertion" && name != "client_assertion_type" {
			t.Errorf("%s stands beside the request object", name)
		}
	}
	said := jose.Claims(form.Get("request"))
	if said["client_id"] != "one" || said["iss"] != "one" || said["aud"] != server.URL || said["response_type"] != "code" || said["code_challenge"] == nil || said["exp"] == nil {
		t.Errorf("%v", said)
	}
	if header.Get("DPoP") == "" {
		t.Error("no proof with the pushed request")
	}
	client.Push(t.Context(), Without(PKCE))
	if said := jose.Claims(form.Get("request")); said["code_challenge"] != nil || said["response_type"] != "code" || form.Has("code_challenge") {
		t.Errorf("%v", said)
	}
	client.Push(t.Context(), With(ClientAuthentication, Secret{Method: "client_secret_post", Value: "a secret"}))
	if said := jose.Claims(form.Get("request")); form.Get("client_secret") != "a secret" || said["client_secret"] != nil {
		t.Errorf("%v", said)
	}
	outcome := client.Call(t.Context(), &Outcome{Step: StepExchange, members: map[string]any{"access_token": "t"}, Body: []byte("{}")})
	if header.Get("X-V") != "1" || header.Get("X-Api-Key") != "a key of the environment" {
		t.Errorf("%v", header)
	}
	for _, field := range outcome.Exchange.Request.Header {
		if field.Value == "a key of the environment" {
			t.Error("what came from the environment is in the report")
		}
	}
}
