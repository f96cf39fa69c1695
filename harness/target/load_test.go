package target_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// good writes a target file that is in order, and returns its path.
func good(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bank.yaml")
	spec := scaffold.FileSpec{
		Issuer: "https://localhost:1", UserName: "alice", UserPassword: "a password of a test", Scope: "openid accounts",
		Resource: target.Resource{URL: "https://localhost:2/accounts", Method: "GET", Scope: "accounts"}, Offers: []string{"openid"},
		Attested: map[string]string{"FAPI2-SP-5.3.2.2-13": "somebody, today"},
		Script:   consent.Script{Accept: []consent.Page{{When: consent.When{Selector: "form"}, Do: []consent.Step{{Click: "button"}}}}},
	}
	for _, id := range []string{"one", "two"} {
		key, err := jose.NewKey(jose.ES256)
		if err != nil {
			t.Fatal(err)
		}
		private, err := key.Private()
		if err != nil {
			t.Fatal(err)
		}
		spec.Clients = append(spec.Clients, scaffold.FileClient{
			ID: id, Auth: target.PrivateKeyJWT, Binding: target.DPoP, JWKS: []byte(`{"keys":[` + string(private) + `]}`), Redirects: []string{"https://client.example/cb"}, Secret: "a secret of a test",
		})
	}
	if err := scaffold.WriteFile(path, spec); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(written, "waits: {longest: 1m10s}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func nothing(string) string { return "" }

func TestWhatWasWrittenIsRead(t *testing.T) {
	loaded, err := target.Load(good(t), nothing)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Issuer != "https://localhost:1" || len(loaded.Clients) != 2 || loaded.Clients[0].Key == nil || loaded.Waits.Longest != 70*time.Second ||
		loaded.User.Password.Reveal() != "a password of a test" || loaded.Attested["FAPI2-SP-5.3.2.2-13"] == "" || len(loaded.Combinations()) != 1 {
		t.Errorf("%+v", loaded)
	}
	shown, err := json.Marshal(loaded.Effective())
	if err != nil {
		t.Fatal(err)
	}
	private, err := loaded.Clients[0].Key.Private()
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]string
	if err := json.Unmarshal(private, &members); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"a password of a test", "a secret of a test", members["d"]} {
		if strings.Contains(string(shown), secret) {
			t.Error("the effective configuration shows a secret")
		}
	}
}

func TestTheEnvironmentReplacesKeys(t *testing.T) {
	environment := map[string]string{
		"FAPITEST_ISSUER": "https://127.0.0.1:3", "FAPITEST_WAITS_LONGEST": "5m", "FAPITEST_CLIENTS_1_ID": "three", "FAPITEST_CONSENT_DRIVER": "form",
		"FAPITEST_USER_PASSWORD": "another", "FAPITEST_OFFERS": "openid,revocation",
	}
	loaded, err := target.Load(good(t), func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Issuer != "https://127.0.0.1:3" || loaded.Waits.Longest != 5*time.Minute || loaded.Clients[1].ID != "three" || loaded.Consent.Driver != "form" ||
		loaded.User.Password.Reveal() != "another" || len(loaded.Offers) != 2 {
		t.Errorf("%+v", loaded)
	}
}

// Every mistake is answered by one sentence that names the file, the line or the key, and what to do.
func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct{ old, new, want string }{
		"unknown key":         {"scope:", "scpoe:", `unknown key "scpoe": the keys here are issuer`},
		"key of a client":     {"binding: dpop", "binds: dpop", `unknown key "clients[0].binds": the keys here are id`},
		"missing key file":    {"bank.one.jwks.json", "gone.json", "clients[0].jwks: there is no file gone.json"},
		"a public key":        {"bank.one.jwks.json", "public.json", "clients[0].jwks: public.json holds public keys only"},
		"a key for RS256":     {"bank.one.jwks.json", "rs256.json", "the profile allows PS256, ES256 and EdDSA"},
		"not a key":           {"bank.one.jwks.json", "bank.consent.yaml", "not a JWKS"},
		"unknown auth":        {"auth: private_key_jwt", "auth: client_secret_basic", `clients[0].auth: "client_secret_basic": write private_key_jwt`},
		"unknown binding":     {"binding: dpop", "binding: bearer", `clients[0].binding: "bearer": write dpop or mtls`},
		"no certificate":      {"binding: dpop", "binding: mtls", "clients[0]: cert and key are missing"},
		"no short key":        {"binding: dpop", "binding: dpop\n    short_jwk: rs256.json", "clients[0].short_jwk: rs256.json holds no private RSA key of fewer than 2048 bits"},
		"short secret":        {"a secret of a test", "abc", "clients[0].secret: has fewer than 6 characters"},
		"same id":             {`id: "two"`, `id: "one"`, "clients[1].id: one stands twice"},
		"redirect":            {"https://client.example/cb", "/cb", `clients[0].redirects: "/cb" is not a valid redirect URI`},
		"http issuer":         {"https://localhost:1", "http://localhost:1", "is not a valid issuer identifier"},
		"far issuer":          {"https://localhost:1", "https://bank.example", "permission is missing: bank.example is not on loopback"},
		"unset variable":      {"a password of a test", "${NOBODY_SET_THIS}", "user.password: the environment variable NOBODY_SET_THIS is not set"},
		"duration":            {"1m10s", "soon", `waits.longest: "soon" is not a valid duration`},
		"offer":               {"[openid]", "[open-id]", `offers: "open-id" is not a feature`},
		"no script":           {"bank.consent.yaml", "gone.yaml", "consent.script: there is no file gone.yaml"},
		"driver":              {"consent: {", "consent: {driver: firefox, ", `there is no driver "firefox"`},
		"resource":            {"https://localhost:2/accounts", "accounts", `resource.url: "accounts" is not an https URL`},
		"no scope":            {"scope: \"openid accounts\"", "", "scope is missing"},
		"empty attestation":   {"somebody, today", " ", "say who saw what"},
		"trust that is none":  {"scope:", "trust: bank.consent.yaml\nscope:", "holds no certificate"},
		"not YAML":            {"offers: [openid]", "offers: [openid", "not YAML"},
		"a key twice":         {"scope:", "issuer: \"https://localhost:1\"\nscope:", "stands twice"},
		"lesser and equal":    {"scope: \"accounts\"}", "scope: \"accounts\", lesser: \"balances accounts\"}", "resource.lesser: these are scopes that do not open the resource"},
		"lesser than what":    {"scope: \"accounts\"}", "lesser: balances}", "resource.lesser: these are scopes that do not open the resource"},
		"no signatures":       {"[openid]", "[openid, http_signatures]", "resource.signatures is missing"},
		"signatures alone":    {"scope: \"accounts\"}", "scope: \"accounts\", signatures: {messages: requests}}", "resource.signatures: claim http_signatures in offers"},
		"what is signed":      {"scope: \"accounts\"}", "scope: \"accounts\", signatures: {messages: all}}", `resource.signatures.messages: "all" is not a valid value: the values are requests, responses, both`},
		"a body that is none": {"scope: \"accounts\"}", "scope: \"accounts\", signatures: {body: \"{\"}}", `resource.signatures.body: "{" is no JSON`},
		"no such keys":        {"scope: \"accounts\"}", "scope: \"accounts\", signatures: {jwks: gone.json}}", "resource.signatures.jwks: there is no file gone.json"},
		"no keys":             {"scope: \"accounts\"}", "scope: \"accounts\", signatures: {jwks: bank.consent.yaml}}", "is no JWKS with a public key"},
		"our own header":      {"scope: \"accounts\"}", "scope: \"accounts\", headers: {authorization: \"Bearer x\"}}", "resource.headers.authorization: the client writes this header field itself"},
		"no header":           {"scope: \"accounts\"}", "scope: \"accounts\", headers: {\"x v\": \"1\"}}", `resource.headers.x v: "x v" is not a valid header field name`},
		"two lines":           {"scope: \"accounts\"}", "scope: \"accounts\", headers: {x-v: \"1\\n2\"}}", "resource.headers.x-v: the value of a header field is one line"},
		"a header twice":      {"scope: \"accounts\"}", "scope: \"accounts\", headers: {x-v: \"1\", X-V: \"2\"}}", "resource.headers.X-V: stands twice"},
		"headers as a list":   {"scope: \"accounts\"}", "scope: \"accounts\", headers: [x-v]}", "resource.headers: expected names with a text each"},
		"unknown requirement": {"offers:", "requires: [ciba]\noffers:", `requires: "ciba" is not a valid value: the values are jar, jar_encrypted, jarm, dpop_at_par, dpop_jkt, http_signatures`},
		"details no array":    {"offers:", "authorization_details: '{\"type\": \"a\"}'\noffers:", `is no JSON array of objects`},
		"details untyped":     {"offers:", "authorization_details: '[{\"kind\": \"a\"}]'\noffers:", "authorization_details: each element has a type"},
		"no number":           {"offers:", "max_logins: many\noffers:", `max_logins: "many" is not a valid number of logins`},
		"no logins":           {"offers:", "max_logins: 0\noffers:", `max_logins: "0" is not a valid number of logins`},
		"a user twice":        {"offers:", "users: [{name: alice}]\noffers:", "users: alice stands twice"},
		"a nameless user":     {"offers:", "users: [{password: secret-of-a-test}]\noffers:", "users[0]: name is missing"},
		"for what":            {"offers:", "users: [{name: bob, for: accept}]\noffers:", `users[0].for: "accept": write deny, or leave it out`},
		"nobody to say yes":   {"user: {name: \"alice\", password: \"a password of a test\"}", "users: [{name: bob, for: deny}]", "users[0]: says no: the first user"},
		"permission as a map": {"scope:", "permission: {who: me}\nscope:", "permission: expected text"},
	} {
		path := good(t)
		dir := filepath.Dir(path)
		for file, content := range map[string]string{
			"public.json": `{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`,
			"rs256.json":  rs256(t),
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), test.old) {
			t.Fatalf("%s: the file does not hold %q:\n%s", name, test.old, data)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = target.Load(path, nothing)
		var fileError *target.FileError
		if !errors.As(err, &fileError) || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if _, err := target.Load("no/such/bank.yaml", nothing); err == nil || !strings.Contains(err.Error(), "fapitest init") {
		t.Error(err)
	}
}

// What the consent script types is wanted of every user for whom it does, and of nobody else.
func TestWhatTheScriptTypes(t *testing.T) {
	const (
		alice    = `user: {name: "alice", password: "a password of a test"}`
		login    = `- {when: "#login", do: [{fill: {selector: "#u", value: "${user}"}}, {fill: {selector: "#p", value: "${password}"}}, {click: "button"}]}`
		fixed    = `- {when: "#login", do: [{fill: {selector: "#p", value: "of somebody who denies"}}, {click: "button"}]}`
		silent   = `- {when: "#login", do: [{click: "button"}]}`
		declines = `- {when: "#consent", do: [{click: "#no"}]}`
	)
	for name, test := range map[string]struct{ users, script, want string }{
		"everything":         {alice, "accept:\n" + login, ""},
		"nobody":             {"", "accept:\n" + login, "user.name is missing: bank.consent.yaml types ${user}"},
		"nobody wanted":      {"", "accept:\n" + silent, ""},
		"no password":        {`user: {name: "alice"}`, "accept:\n" + login, "user.password is missing: bank.consent.yaml types ${password}"},
		"no password wanted": {`user: {name: "alice"}`, "accept:\n" + silent, ""},
		"first of users":     {`users: [{name: "alice"}]`, "accept:\n" + login, "users[0].password is missing"},
		"second of users":    {alice + "\n" + `users: [{name: bob, password: "another of a test"}, {name: carol}]`, "accept:\n" + login, "users[1].password is missing"},
		"who denies":         {alice + "\n" + `users: [{name: bob, for: deny}]`, "accept:\n" + login + "\ndeny:\n" + declines, "users[0].password is missing"},
		"has one of its own": {alice + "\n" + `users: [{name: bob, for: deny}]`, "accept:\n" + login + "\ndeny:\n" + fixed + "\n" + declines, ""},
		"only in deny":       {`user: {name: "alice"}`, "accept:\n" + silent + "\ndeny:\n" + login, "user.password is missing"},
		"not whoever allows": {"user: {name: \"alice\"}\nusers: [{name: bob, password: \"another of a test\", for: deny}]", "accept:\n" + silent + "\ndeny:\n" + login, ""},
		"a person types":     {"user: {name: \"alice\"}", "accept:\n" + login + "\n# person", ""},
	} {
		path := good(t)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(data), alice, test.users, 1)
		if name == "a person types" {
			text = strings.Replace(text, "consent: {", "consent: {driver: person, ", 1)
		}
		if text == string(data) && name != "everything" {
			t.Fatalf("%s: the file holds no %s:\n%s", name, alice, data)
		}
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.WriteFile(filepath.Join(filepath.Dir(path), "bank.consent.yaml"), []byte(test.script+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		_, err = target.Load(path, nothing)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// What a bank wants of every request is claimed with that.
func TestRequires(t *testing.T) {
	path := good(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(string(data), "offers: [openid]", "offers: [openid]\nrequires: [jar, dpop_at_par]", 1))
	loaded, err := target.Load(path, nothing)
	if err != nil || !loaded.Required("jar") || !loaded.Required("dpop_at_par") || !loaded.Offered("jar") {
		t.Errorf("%+v, %v", loaded, err)
	}
	write(strings.Replace(string(data), "offers: [openid]", "offers: [openid]\nrequires: [jar_encrypted]", 1))
	if loaded, err = target.Load(path, nothing); err != nil || !loaded.Required("jar") || !loaded.Offered("jar") {
		t.Errorf("%+v, %v", loaded, err)
	}
	path = good(t)
	if data, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	write(strings.Replace(string(data), "resource: {", "resource: {headers: {x-v: \"1\", x-api-key: \"${KEY}\"}, ", 1))
	loaded, err = target.Load(path, func(name string) string { return map[string]string{"KEY": "a key of the environment"}[name] })
	if err != nil || len(loaded.Resource.Headers) != 2 || loaded.Resource.Headers[1].Value.Reveal() != "a key of the environment" {
		t.Fatalf("%+v, %v", loaded, err)
	}
	shown, err := json.Marshal(loaded.Effective())
	if err != nil || strings.Contains(string(shown), "a key of") || !strings.Contains(string(shown), `"x-v":"1"`) {
		t.Errorf("%s, %v", shown, err)
	}
	if _, err := target.Load(path, func(name string) string { return map[string]string{"KEY": "abc"}[name] }); err == nil || !strings.Contains(err.Error(), "fewer than 6 characters") {
		t.Error(err)
	}
}

// How the resource signs, and is asked.
func TestSignatures(t *testing.T) {
	path := good(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := jose.NewKey(jose.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "public.json"), written, 0o600); err != nil {
		t.Fatal(err)
	}
	load := func(signatures, requires string) (*target.Target, error) {
		text := strings.Replace(strings.Replace(string(data), "resource: {", "resource: {signatures: {"+signatures+"}, ", 1), "offers: [openid]", "offers: [openid, http_signatures]"+requires, 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return target.Load(path, nothing)
	}
	loaded, err := load("jwks: public.json, post: \"https://localhost:2/payments\", body: \"{\\\"a\\\": 1}\"", "\nrequires: [http_signatures]")
	if err != nil {
		t.Fatal(err)
	}
	signed := loaded.Signed()
	if signed == nil || !signed.Requests || !signed.Responses || len(signed.Keys) != 1 || signed.Body != `{"a": 1}` || signed.Digest != "sha-256" || loaded.SignedURL() != loaded.Resource.URL {
		t.Errorf("%+v", signed)
	}
	if shown, err := json.Marshal(loaded.Effective()); err != nil || !strings.Contains(string(shown), `"messages":"both"`) {
		t.Errorf("%s, %v", shown, err)
	}
	if loaded, err = load("messages: requests, url: \"https://localhost:2/signed\"", ""); err != nil || loaded.Signed().Responses || loaded.SignedURL() != "https://localhost:2/signed" {
		t.Errorf("%+v, %v", loaded, err)
	}
	for signatures, want := range map[string]string{
		"messages: responses": "jwks or jwks_uri is missing", "": "jwks or jwks_uri is missing", "messages: responses, jwks: public.json": "",
	} {
		if _, err := load(signatures, ""); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", signatures, err)
		}
	}
	if _, err := load("messages: responses, jwks: public.json", "\nrequires: [http_signatures]"); err == nil || !strings.Contains(err.Error(), "says that requests are not signed") {
		t.Error(err)
	}
}

// Pages on hosts of their own are trusted as the issuer is.
func TestPageHosts(t *testing.T) {
	found := &target.Target{
		Issuer: "https://as.example", Metadata: &target.Metadata{Values: map[string]any{"authorization_endpoint": "https://login.example:8443/authorize"}},
		Consent: target.Consent{Hosts: []string{"as.example", "login.example:8443", "pages.example", "::1", "*"}, Script: consent.Script{
			Accept: []consent.Page{{When: consent.When{URL: "https://sign-in.example:444/start*"}}, {When: consent.When{URL: "https://*.example/*"}}},
			Deny:   []consent.Page{{When: consent.When{URL: "https://sign-in.example:444/consent"}}, {When: consent.When{URL: "*/consent"}}},
		}},
	}
	if got := strings.Join(found.PageOrigins(), " "); got != "as.example:443 login.example:8443" {
		t.Error(got)
	}
	if got := strings.Join(found.PagesMayContact(), " "); got != "* ::1 [::1]:443 as.example as.example:443 login.example:8443 pages.example pages.example:443 sign-in.example:444" {
		t.Error(got)
	}
	if got := strings.Join(found.PageHosts(), " "); got != "pages.example:443 [::1]:443 sign-in.example:444" {
		t.Error(got)
	}
}

// rs256 is a private key whose alg is not allowed.
func rs256(t *testing.T) string {
	t.Helper()
	key, err := jose.NewKey(jose.PS256)
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Private()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(private), `"PS256"`, `"RS256"`, 1)
}

func TestDiscover(t *testing.T) {
	var serve http.HandlerFunc
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r) }))
	defer server.Close()
	discover := func() (*target.Target, error) {
		pool := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		found := &target.Target{Issuer: server.URL, Trust: pool}
		return found, found.Discover(context.Background(), &wire.Redactor{})
	}
	document := func(issuer string) string {
		return fmt.Sprintf(`{"issuer":%q,"token_endpoint":"https://x/token"}`, issuer)
	}

	serve = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(document(server.URL))) }
	if found, err := discover(); err != nil || found.Metadata.Text("token_endpoint") != "https://x/token" || len(found.Metadata.Documents) != 2 {
		t.Errorf("%v", err)
	}
	serve = func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "oauth-authorization-server") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(document(server.URL)))
	}
	if found, err := discover(); err != nil || found.Metadata.Documents[0].Problem != "status 404" {
		t.Errorf("%v", err)
	}
	var other *target.OtherIssuer
	serve = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(document("https://other.example")))
	}
	if _, err := discover(); !errors.As(err, &other) || other.Got != "https://other.example" {
		t.Errorf("%v", err)
	}
	var none *target.NoMetadata
	for name, answer := range map[string]http.HandlerFunc{
		"not JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"500":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat(" ", 2<<20) + document(server.URL)))
		},
	} {
		serve = answer
		if _, err := discover(); !errors.As(err, &none) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var unreachable *target.Unreachable
	stranger := &target.Target{File: "bank.yaml", Issuer: server.URL}
	if err := stranger.Discover(context.Background(), &wire.Redactor{}); !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "trust:") {
		t.Errorf("%v", err)
	}
	// The certificate of httptest is for 127.0.0.1 and example.com.
	renamed := &target.Target{
		Issuer: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), Trust: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
	}
	if err := renamed.Discover(context.Background(), &wire.Redactor{}); !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "and not for localhost") {
		t.Errorf("%v", err)
	}
}
