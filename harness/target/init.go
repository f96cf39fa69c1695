package target

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// InitOptions say what a first target file is made for.
type InitOptions struct {
	Issuer     string
	Dir        string
	Trust      string // file with roots beside the system's; empty: none
	Permission string // needed where the issuer is not on loopback
}

// Init reads a server's metadata, makes keys and certificates for two clients of every combination that it announces, and writes a
// first target file with them. It returns what has to be registered at the bank. Nothing that is there is overwritten, and where
// anything goes wrong nothing is left.
func Init(ctx context.Context, options InitOptions) (string, error) {
	parsed, err := url.Parse(options.Issuer)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return "", fmt.Errorf("--issuer: %q is no issuer identifier: write an https URL without query and fragment", options.Issuer)
	}
	if !loopback(parsed.Hostname()) && options.Permission == "" {
		return "", fmt.Errorf("--permission is missing: %s is not on loopback; say who allowed this test", parsed.Hostname())
	}
	t := &Target{Issuer: options.Issuer}
	files := map[string][]byte{}
	if options.Trust != "" {
		data, err := os.ReadFile(options.Trust)
		if err != nil {
			return "", fmt.Errorf("--trust: %w", err)
		}
		t.Trust = x509.NewCertPool()
		if !t.Trust.AppendCertsFromPEM(data) {
			return "", fmt.Errorf("--trust: %s holds no certificate in PEM", options.Trust)
		}
		files["ca.pem"] = data
	}
	if err := t.Discover(ctx, &wire.Redactor{}); err != nil {
		return "", err
	}
	w := &initializer{target: t, files: files}
	if err := w.clients(); err != nil {
		return "", err
	}
	files["consent.yaml"] = append([]byte("# What to do on which page, until the browser is sent back. Open the pages once and correct the selectors.\n"), scriptYAML(consent.Script{
		Accept: []consent.Page{
			{When: consent.When{Selector: "form#login"}, Do: []consent.Step{
				{Fill: &consent.Fill{Selector: "#username", Value: "${user}"}}, {Fill: &consent.Fill{Selector: "#password", Value: "${password}"}},
				{Click: "button[type=submit]"},
			}},
			{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=allow]"}}},
		},
		Deny: []consent.Page{{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=deny]"}}}},
	})...)
	files["target.yaml"] = w.file(options)
	if err := writeAll(options.Dir, files, false); err != nil {
		return "", err
	}
	return w.instructions(filepath.Join(options.Dir, "target.yaml")), nil
}

// initializer gathers what Init writes.
type initializer struct {
	target  *Target
	files   map[string][]byte
	entries []string // of the list of clients
	tell    []string // what to register
}

const redirectURI = "https://client.example/cb"

// clients makes two of every combination that the metadata announces.
func (w *initializer) clients() error {
	m := w.target.Metadata
	methods := m.List("token_endpoint_auth_methods_supported")
	var bindings []string
	if len(m.List("dpop_signing_alg_values_supported")) > 0 {
		bindings = append(bindings, DPoP)
	}
	if bound, _ := m.Values["tls_client_certificate_bound_access_tokens"].(bool); bound {
		bindings = append(bindings, MTLS)
	}
	for _, auth := range []string{PrivateKeyJWT, TLSClientAuth, SelfSignedAuth} {
		if !slices.Contains(methods, auth) {
			continue
		}
		for _, binding := range bindings {
			for _, number := range []string{"one", "two"} {
				if err := w.client(auth, binding, number); err != nil {
					return err
				}
			}
		}
	}
	if len(w.entries) == 0 {
		return fmt.Errorf("%s announces no combination that this profile allows: token_endpoint_auth_methods_supported needs %s, %s or %s, and dpop_signing_alg_values_supported or tls_client_certificate_bound_access_tokens has to be there",
			w.target.Issuer, PrivateKeyJWT, TLSClientAuth, SelfSignedAuth)
	}
	return nil
}

func (w *initializer) client(auth, binding, number string) error {
	id := strings.ReplaceAll(auth, "_", "-") + "-" + binding + "-" + number
	entry := fmt.Sprintf("  - {id: %s, auth: %s, binding: %s", id, auth, binding)
	register := fmt.Sprintf("  %s: %s, %s, redirect_uris %s", id, auth, binding, redirectURI)
	if auth == PrivateKeyJWT {
		key, err := jose.NewKey(w.algorithm())
		if err != nil {
			return err
		}
		private, err := key.Private()
		if err != nil {
			return err
		}
		public := key.Public()
		public["kid"], public["use"], public["alg"] = key.ID, "sig", key.Algorithm
		published, err := json.MarshalIndent(map[string]any{"keys": []any{public}}, "", "  ")
		if err != nil {
			return err
		}
		w.files[id+".jwks.json"] = append(append([]byte(`{"keys":[`), private...), []byte("]}\n")...)
		w.files[id+".public.jwks.json"] = append(published, '\n')
		entry += ", jwks: " + id + ".jwks.json"
		register += ", jwks: the content of " + id + ".public.jwks.json"
	}
	if auth != PrivateKeyJWT || binding == MTLS {
		certificate, key, err := selfSigned(id)
		if err != nil {
			return err
		}
		w.files[id+".pem"], w.files[id+".key"] = certificate, key
		entry += ", cert: " + id + ".pem, key: " + id + ".key"
		register += ", certificate: " + id + ".pem"
		if auth == TLSClientAuth {
			register += " (self-signed: have the bank's authority issue one for subject CN=" + id + ", and replace the file)"
		}
	}
	w.entries, w.tell = append(w.entries, entry+"}"), append(w.tell, register)
	return nil
}

// algorithm is one that the server takes for assertions; PS256 where it does not say.
func (w *initializer) algorithm() string {
	announced := w.target.Metadata.List("token_endpoint_auth_signing_alg_values_supported")
	for _, algorithm := range []string{jose.ES256, jose.PS256, jose.EdDSA} {
		if slices.Contains(announced, algorithm) {
			return algorithm
		}
	}
	return jose.PS256
}

func selfSigned(name string) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), nil
}

// file is the target file, with a word on everything that a person has to look at.
func (w *initializer) file(options InitOptions) []byte {
	m := w.target.Metadata
	var b bytes.Buffer
	b.WriteString("# Written by fapitest init. Register the clients at the bank, look at what is marked with LOOK, then: fapitest check -t target.yaml\n")
	fmt.Fprintf(&b, "issuer: %s\n", quoted(options.Issuer))
	if options.Trust != "" {
		b.WriteString("trust: ca.pem\n")
	}
	fmt.Fprintf(&b, "clients:                       # LOOK: the ids, if the bank gives out its own\n%s\n", strings.Join(w.entries, "\n"))
	fmt.Fprintf(&b, "redirects: [%s]   # registered for every client; nobody listens there\n", quoted(redirectURI))
	b.WriteString("user: {name: \"${BANK_USER}\", password: \"${BANK_PASSWORD}\"}   # a test user, from the environment\n")
	scope := "openid accounts"
	if !slices.Contains(m.List("scopes_supported"), "openid") {
		scope = "accounts"
	}
	if announced := m.List("scopes_supported"); slices.Contains(announced, "offline_access") && slices.Contains(m.List("grant_types_supported"), "refresh_token") {
		scope += " offline_access"
	}
	resource := m.Endpoint("userinfo_endpoint", strings.Contains(strings.Join(w.entries, "\n"), "binding: "+MTLS))
	needs := "openid"
	if resource == "" {
		resource, needs = strings.TrimSuffix(options.Issuer, "/")+"/accounts", "accounts"
	}
	fmt.Fprintf(&b, "scope: %s                # LOOK: what clients ask for\n", scope)
	fmt.Fprintf(&b, "resource: {url: %s, method: GET, scope: %s}   # LOOK: a protected resource, and the scope without which it must refuse\n", quoted(resource), needs)
	b.WriteString("consent: {driver: browser, script: consent.yaml}\n")
	var offers []string
	for feature, is := range map[string]bool{
		"introspection": m.Text("introspection_endpoint") != "", "revocation": m.Text("revocation_endpoint") != "",
		"refresh_token": slices.Contains(m.List("grant_types_supported"), "refresh_token"), "openid": strings.HasPrefix(scope, "openid"),
	} {
		if is {
			offers = append(offers, feature)
		}
	}
	slices.Sort(offers)
	fmt.Fprintf(&b, "offers: [%s]   # optional features that you claim: claimed means tested\n", strings.Join(offers, ", "))
	b.WriteString("# attested: {FAPI2-SP-5.3.2.2-13: \"who, when, what was seen\"}   # what can't be seen from outside\n" +
		"# waits: {longest: 2m}   # no single wait longer than this (default 15m); `fapitest check` says what a run waits for\n")
	if options.Permission != "" {
		fmt.Fprintf(&b, "permission: %s\n", quoted(options.Permission))
	}
	return b.Bytes()
}

func (w *initializer) instructions(file string) string {
	return fmt.Sprintf("written: %s\n\nregister at the bank:\n\n%s\n\nthen look through the file, correct the script in consent.yaml, and see how it is understood:\n\n  fapitest check -t %s\n",
		file, strings.Join(w.tell, "\n"), file)
}
