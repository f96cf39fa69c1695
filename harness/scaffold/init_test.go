package scaffold_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/scaffold"
	"github.com/fapitest/fapitest/harness/target"
)

// begin runs Init at a server with such metadata, and returns what it says and the directory that it wrote to.
func begin(t *testing.T, metadata map[string]any, options scaffold.InitOptions) (says, dir string, err error) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(metadata)
	}))
	defer server.Close()
	if metadata["issuer"] == nil {
		metadata["issuer"] = server.URL
	}
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if options.Trust == "" {
		options.Trust = roots
	}
	options.Issuer, options.Dir = server.URL, filepath.Join(t.TempDir(), "first")
	says, err = scaffold.Init(t.Context(), options)
	return says, options.Dir, err
}

func announced(more map[string]any) map[string]any {
	metadata := map[string]any{
		"token_endpoint_auth_methods_supported": []string{"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"},
		"dpop_signing_alg_values_supported":     []string{"ES256"}, "tls_client_certificate_bound_access_tokens": true,
		"scopes_supported": []string{"openid", "offline_access", "profile"}, "grant_types_supported": []string{"authorization_code", "refresh_token"},
		"userinfo_endpoint":                     "https://plain.example/userinfo",
		"mtls_endpoint_aliases":                 map[string]any{"userinfo_endpoint": "https://mtls.example/userinfo"},
		"id_token_signing_alg_values_supported": []string{"RS256", "PS256"}, "token_endpoint_auth_signing_alg_values_supported": []string{"ES256"},
	}
	for name, value := range more {
		metadata[name] = value
	}
	return metadata
}

func written(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func registered(t *testing.T, dir, id string) map[string]any {
	t.Helper()
	var metadata map[string]any
	if err := json.Unmarshal([]byte(written(t, dir, id+".client.json")), &metadata); err != nil {
		t.Fatal(err)
	}
	return metadata
}

// Two clients are enough, and what is not tested with them is said; what has to be registered stands there as RFC 7591 has it.
func TestInitMakesAsManyClientsAsAreNeeded(t *testing.T) {
	says, dir, err := begin(t, announced(nil), scaffold.InitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 clients", "private-key-jwt-dpop-one.jwks.json ", "the server also announces these", "tls_client_auth+mtls", `"token_endpoint_auth_method": "private_key_jwt"`,
		"--login",
	} {
		if !strings.Contains(says, want) {
			t.Errorf("%q is not said:\n%s", want, says)
		}
	}
	file := written(t, dir, "target.yaml")
	if !strings.Contains(file, "scope: openid offline_access ") || !strings.Contains(file, `{url: "https://plain.example/userinfo"`) {
		t.Error(file)
	}
	metadata := registered(t, dir, "private-key-jwt-dpop-two")
	if metadata["scope"] != "openid offline_access" || metadata["dpop_bound_access_tokens"] != true || metadata["tls_client_certificate_bound_access_tokens"] != nil ||
		metadata["token_endpoint_auth_signing_alg"] != "ES256" || metadata["id_token_signed_response_alg"] != "PS256" || len(metadata["grant_types"].([]any)) != 2 ||
		metadata["client_id"] != "private-key-jwt-dpop-two" {
		t.Errorf("%v", metadata)
	}
	if keys := metadata["jwks"].(map[string]any)["keys"].([]any); len(keys) != 1 || keys[0].(map[string]any)["d"] != nil {
		t.Errorf("%v", keys)
	}
	env := func(name string) string {
		return map[string]string{"BANK_USER": "alice", "BANK_PASSWORD": "a password"}[name]
	}
	if loaded, err := target.Load(filepath.Join(dir, "target.yaml"), env); err != nil || len(loaded.Clients) != 2 {
		t.Error(err)
	}
}

// An RSA key can sign by what the profile does not have, and an EC key can't: with that alone nobody would see what the server makes of it.
func TestInitMakesRSAKeysWhereItCan(t *testing.T) {
	for want, announces := range map[string]any{"ES256": []string{"ES256", "EdDSA"}, "EdDSA": []string{"EdDSA", "RS256"}, "PS256": []string{"ES256", "RS256", "PS256"}} {
		_, dir, err := begin(t, announced(map[string]any{"token_endpoint_auth_signing_alg_values_supported": announces}), scaffold.InitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"private-key-jwt-dpop-one", "private-key-jwt-dpop-two"} {
			if metadata := registered(t, dir, id); metadata["token_endpoint_auth_signing_alg"] != want {
				t.Errorf("%v: %s signs with %v", announces, id, metadata["token_endpoint_auth_signing_alg"])
			}
		}
	}
}

// A token that is bound to a certificate can only be shown where one is asked for.
func TestInitTakesTheAliasForCertificateBoundTokens(t *testing.T) {
	for clients, want := range map[string]string{
		"private_key_jwt+mtls": "https://mtls.example/userinfo",
		"tls_client_auth+dpop": "https://plain.example/userinfo",
		"all":                  "https://mtls.example/userinfo",
		"private_key_jwt+dpop, private_key_jwt+mtls": "https://mtls.example/userinfo",
	} {
		_, dir, err := begin(t, announced(nil), scaffold.InitOptions{Clients: clients})
		if err != nil {
			t.Fatal(err)
		}
		if file := written(t, dir, "target.yaml"); !strings.Contains(file, `resource: {url: "`+want+`", method: GET, scope: openid}`) {
			t.Errorf("%s: %s", clients, file)
		}
	}
	_, dir, err := begin(t, announced(map[string]any{"mtls_endpoint_aliases": nil}), scaffold.InitOptions{Clients: "private_key_jwt+mtls"})
	if err != nil || !strings.Contains(written(t, dir, "target.yaml"), "https://plain.example/userinfo") {
		t.Error(err)
	}
}

// Clients are registered with what the server knows them by: a subject of the bank's authority, or a certificate in a key set.
func TestInitMakesCertificates(t *testing.T) {
	says, dir, err := begin(t, announced(nil), scaffold.InitOptions{Clients: "tls_client_auth+mtls,self_signed_tls_client_auth+mtls"})
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(written(t, dir, "tls-client-auth-mtls-one.csr")))
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil || request.CheckSignature() != nil {
		t.Fatal(err)
	}
	if metadata := registered(t, dir, "tls-client-auth-mtls-one"); metadata["tls_client_auth_subject_dn"] != request.Subject.String() || metadata["jwks"] != nil {
		t.Errorf("%v, %s", metadata, request.Subject)
	}
	if !strings.Contains(says, "sign tls-client-auth-mtls-two.csr (subject CN=tls-client-auth-mtls-two), and save the certificate as tls-client-auth-mtls-two.pem") {
		t.Error(says)
	}
	key := registered(t, dir, "self-signed-tls-client-auth-mtls-one")["jwks"].(map[string]any)["keys"].([]any)[0].(map[string]any)
	block, _ = pem.Decode([]byte(written(t, dir, "self-signed-tls-client-auth-mtls-one.pem")))
	if key["x5c"].([]any)[0] != base64.StdEncoding.EncodeToString(block.Bytes) || key["d"] != nil {
		t.Errorf("%v", key)
	}
	env := func(name string) string {
		return map[string]string{"BANK_USER": "alice", "BANK_PASSWORD": "a password"}[name]
	}
	if _, err := target.Load(filepath.Join(dir, "target.yaml"), env); err == nil || !strings.Contains(err.Error(), "clients[0].cert: there is no file tls-client-auth-mtls-one.pem") {
		t.Error(err)
	}
}

// Nothing is asked for that the server does not announce, and what it demands is done.
func TestInitAsksForWhatIsAnnounced(t *testing.T) {
	for name, test := range map[string]struct {
		more map[string]any
		want []string
	}{
		"no openid":       {map[string]any{"scopes_supported": []string{"payments", "accounts"}}, []string{"scope: accounts ", "scope: accounts}", "/accounts\"", "offers: [refresh_token]"}},
		"no accounts":     {map[string]any{"scopes_supported": []string{"payments"}}, []string{"scope: payments ", "scope: payments}"}},
		"nothing said":    {map[string]any{"scopes_supported": nil, "grant_types_supported": nil}, []string{"scope: openid accounts ", "offers: [openid]"}},
		"signed requests": {map[string]any{"require_signed_request_object": true}, []string{"requires: [jar]", "offers: [jar, openid, refresh_token]"}},
	} {
		_, dir, err := begin(t, announced(test.more), scaffold.InitOptions{Clients: "self_signed_tls_client_auth+dpop"})
		if err != nil {
			t.Fatal(err)
		}
		file := written(t, dir, "target.yaml")
		for _, want := range test.want {
			if !strings.Contains(file, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, file)
			}
		}
		if keys := registered(t, dir, "self-signed-tls-client-auth-dpop-one")["jwks"].(map[string]any)["keys"].([]any); (len(keys) == 2) != (name == "signed requests") {
			t.Errorf("%s: %d keys", name, len(keys))
		}
	}
}

// A grant without a person is asked for where it is announced, and that it is the bank's to give is said.
func TestInitAsksForClientCredentials(t *testing.T) {
	for _, grants := range [][]string{{"authorization_code", "refresh_token"}, {"authorization_code", "client_credentials"}} {
		says, dir, err := begin(t, announced(map[string]any{"grant_types_supported": grants}), scaffold.InitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wanted := slices.Contains(grants, "client_credentials")
		if asked := registered(t, dir, "private-key-jwt-dpop-one")["grant_types"].([]any); len(asked) != 2 || slices.Contains(asked, any("client_credentials")) != wanted {
			t.Errorf("%v", asked)
		}
		if strings.Contains(says, "leave it out of grant_types") != wanted {
			t.Error(says)
		}
	}
}

// Before there is a target file it is the flags that are to be mended.
func TestInitNamesItsFlags(t *testing.T) {
	if _, _, err := begin(t, announced(nil), scaffold.InitOptions{Clients: "client_secret_basic+dpop"}); err == nil || !strings.Contains(err.Error(), `--clients: "client_secret_basic+dpop" is not announced`) {
		t.Error(err)
	}
	var other *target.OtherIssuer
	if _, _, err := begin(t, announced(map[string]any{"issuer": "https://other.example"}), scaffold.InitOptions{}); !errors.As(err, &other) || !strings.Contains(err.Error(), "write --issuer exactly") {
		t.Error(err)
	}
	unrelated := filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(unrelated, []byte("-----BEGIN NOTHING-----"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := begin(t, announced(nil), scaffold.InitOptions{Trust: unrelated}); err == nil || !strings.Contains(err.Error(), "--trust: ") {
		t.Error(err)
	}
	if _, _, err := begin(t, announced(map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}}), scaffold.InitOptions{}); err == nil ||
		!strings.Contains(err.Error(), "no combination that this profile allows") {
		t.Error(err)
	}
}

// From pages that a browser has saved the script is guessed; from none it is an example that says so.
func TestInitGuessesTheScriptFromPages(t *testing.T) {
	dir := t.TempDir()
	var pages []string
	for name, content := range map[string]string{
		"1.html": `<form id="main"><input name="user"><input type="password" name="pass"><button>Log in</button></form>`,
		"2.html": `<form id="main"><button name="answer" value="yes">Allow</button><button name="answer" value="no">Cancel</button></form>`,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, path)
	}
	slices.Sort(pages)
	_, made, err := begin(t, announced(nil), scaffold.InitOptions{Pages: pages})
	if err != nil {
		t.Fatal(err)
	}
	script, err := consent.LoadScript(filepath.Join(made, "consent.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(script.Accept) != 2 || len(script.Deny) != 1 || script.Accept[0].When.Selector != "input[type=password]" || script.Accept[1].When != script.Deny[0].When ||
		script.Deny[0].Do[0].Click != "button[name=answer][value=no]" {
		t.Errorf("%+v", script)
	}
	if _, _, err := begin(t, announced(nil), scaffold.InitOptions{Pages: []string{filepath.Join(dir, "none.html")}}); err == nil || !strings.Contains(err.Error(), "--page: open ") {
		t.Error(err)
	}
	if err := os.WriteFile(pages[0], []byte("<p>Loading"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := begin(t, announced(nil), scaffold.InitOptions{Pages: pages}); err == nil || !strings.Contains(err.Error(), "1.html has nothing that looks like a login") {
		t.Error(err)
	}
	_, made, err = begin(t, announced(nil), scaffold.InitOptions{})
	if err != nil || !strings.Contains(written(t, made, "consent.yaml"), "an example") {
		t.Error(err)
	}
}
