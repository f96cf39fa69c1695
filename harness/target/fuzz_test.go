package target

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Whatever stands in a target file, it is read or refused.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"issuer: https://localhost:1\nclients:\n  - {id: a, jwks: a.json, auth: private_key_jwt, binding: dpop}\nredirects: [\"https://client.example/cb\"]\nuser: {name: a, password: b}\nscope: a\nresource: {url: https://localhost:2/a, method: GET}\nconsent: {driver: person}\noffers: [openid]\nwaits: {longest: 10m}\n",
		"issuer: &a [*a]", "issuer: ${A}\nclients: {}", "? [a]\n: b", "clients: [{id: !!int 1}]", "request: {a: {b: c}}\ndetails: [{type: a}]", "\xff\xfe", "consent: {hosts: [\"*\"], logins: 9}", "hosts: [a, \"[::1]:1\"]",
	} {
		f.Add([]byte(seed), "x")
	}
	f.Fuzz(func(t *testing.T, content []byte, variable string) {
		path := filepath.Join(t.TempDir(), "target.yaml")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := Load(path, func(name string) string {
			if name == "A" || name == "FAPITEST_SCOPE" {
				return variable
			}
			return ""
		})
		if err != nil {
			return
		}
		if _, err := json.Marshal(read.Effective()); err != nil {
			t.Error(err)
		}
		_, _ = read.PagesMayContact(), read.Users()
	})
}

// Whatever a server says of itself, it is read to its end.
func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		`{"issuer":"https://as.example","authorization_endpoint":"https://as.example/a","token_endpoint":1,"mtls_endpoint_aliases":{"token_endpoint":"file:///x"},"scopes_supported":[1,null,{}]}`,
		`{"issuer":"https://as.example","issuer":"https://evil.example"}`, `[]`, `"x"`, `null`, `{"issuer":"https://as.example","end_session_endpoint":"https://[::1","jwks_uri":"http://169.254.169.254/"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		values, problem := judge(&http.Response{StatusCode: http.StatusOK}, body, "https://as.example")
		if problem == "" && values["issuer"] != "https://as.example" {
			t.Errorf("%q was taken for the issuer's", body)
		}
		read := &Target{Issuer: "https://as.example", Metadata: &Metadata{Values: values}}
		_, _ = read.Contradictions(), read.Effective()
		for _, host := range read.PagesMayContact() {
			if !read.Vouches(host) {
				t.Errorf("nobody vouches for %s, and pages may contact it", host)
			}
		}
	})
}
