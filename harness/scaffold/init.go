// Package scaffold writes target files, with everything beside them that they name: a first one for a server that is not known yet (what
// `fapitest init` does), and that of a bank in this process (`fapitest serve -o`).
package scaffold

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
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// InitOptions say what a first target file is made for.
type InitOptions struct {
	Issuer     string
	Dir        string
	Trust      string // file with roots beside the system's; empty: none
	Permission string // needed where the issuer is not on loopback
	Asked      []Asked
	Pages      []string // files with the server's pages as a browser has saved them, from which the consent script is guessed
	Clients    string   // combinations of authentication and binding, "private_key_jwt+dpop,tls_client_auth+mtls", or "all"; empty: the first that is announced
}

// Init reads a server's metadata, makes keys for as many clients as are needed, and writes a first target file with them. It returns what
// has to be registered at the bank. Nothing that is there is overwritten, and where anything goes wrong nothing is left.
func Init(ctx context.Context, options InitOptions) (string, error) {
	parsed, err := url.Parse(options.Issuer)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return "", fmt.Errorf("--issuer: %q is not a valid issuer identifier: write an https URL without query and fragment", options.Issuer)
	}
	if !target.OnLoopback(options.Issuer) && options.Permission == "" {
		return "", fmt.Errorf("--permission is missing: %s is not on loopback; say who allowed this test", parsed.Hostname())
	}
	t := &target.Target{Issuer: options.Issuer}
	w := &initializer{target: t, files: map[string][]byte{}, about: map[string]string{}}
	if options.Trust != "" {
		data, err := os.ReadFile(options.Trust)
		if err != nil {
			return "", fmt.Errorf("--trust: %w", err)
		}
		t.Trust = x509.NewCertPool()
		if !t.Trust.AppendCertsFromPEM(data) {
			return "", fmt.Errorf("--trust: %s holds no certificate in PEM", options.Trust)
		}
		w.add("ca.pem", "the roots that --trust named", data)
	}
	if err := t.Discover(ctx, &wire.Redactor{}); err != nil {
		return "", err
	}
	if err := w.choose(options.Clients); err != nil {
		return "", err
	}
	w.decide()
	for i, combination := range w.chosen {
		if err := w.client(combination, "one"); err != nil {
			return "", err
		}
		// One more, so that each can be tried with what belongs to another.
		if i == 0 {
			if err := w.client(combination, "two"); err != nil {
				return "", err
			}
		}
	}
	script, says, err := firstScript(options.Pages)
	if err != nil {
		return "", err
	}
	w.add("consent.yaml", "what to do on the server's pages", append([]byte("# What to do on which page, until the browser is sent back. "+says+"\n"), ScriptYAML(script)...))
	w.add(declarationsFile, "what nobody can see from outside, to be answered by you", Skeleton(options.Asked))
	w.add("target.yaml", "the target file", w.file(options))
	if err := writeAll(options.Dir, w.files, false); err != nil {
		return "", err
	}
	return w.instructions(options.Dir)
}

// firstScript is a consent script for pages that somebody has saved, in files of HTML, or for those of the reference bank where there are none; and what to do with it.
func firstScript(files []string) (script consent.Script, says string, err error) {
	if len(files) == 0 {
		return consent.Script{
			Accept: []consent.Page{
				{When: consent.When{Selector: "form#login"}, Do: []consent.Step{
					{Fill: &consent.Fill{Selector: "#username", Value: "${user}"}}, {Fill: &consent.Fill{Selector: "#password", Value: "${password}"}},
					{Click: "button[type=submit]"},
				}},
				{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=allow]"}}},
			},
			Deny: []consent.Page{{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=deny]"}}}},
		}, "These selectors are an example: fapitest check -t target.yaml --login says what your pages have, and proposes others.", nil
	}
	var pages [][]byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return script, "", fmt.Errorf("--page: %w", err)
		}
		pages = append(pages, content)
	}
	for i, page := range pages {
		accept, deny := consent.Propose(page, slices.Concat(pages[:i], pages[i+1:])...)
		if accept == nil {
			return script, "", fmt.Errorf("--page: %s has nothing that looks like a login, or a button to go on: save the page as the browser shows it, when it is complete", files[i])
		}
		script.Accept = append(script.Accept, *accept)
		if deny != nil {
			script.Deny = append(script.Deny, *deny)
		}
	}
	return script, "These selectors are guessed from your pages: look at them, then see fapitest check -t target.yaml --login.", nil
}

// combination is a way to authenticate and a way to bind tokens.
type combination struct{ auth, binding string }

func (c combination) String() string { return c.auth + "+" + c.binding }

// initializer gathers what Init writes.
type initializer struct {
	target    *target.Target
	announced []combination
	chosen    []combination
	scope     string
	refreshes bool
	asks      bool // for tokens of its own, without a person
	signs     bool // every authorization request has to be signed
	files     map[string][]byte
	names     []string // of files, in the order in which they are listed
	about     map[string]string
	entries   []string         // of the list of clients
	register  []map[string]any // client metadata, as RFC 7591 has it
	tell      []string         // what else has to be done
}

const redirectURI = "https://client.example/cb"

func (w *initializer) add(name, about string, content []byte) {
	w.files[name], w.about[name] = content, about
	w.names = append(w.names, name)
}

// choose finds out which combinations the server announces, and takes those that are wanted.
func (w *initializer) choose(wanted string) error {
	m := w.target.Metadata
	methods := m.List("token_endpoint_auth_methods_supported")
	for _, auth := range []string{target.PrivateKeyJWT, target.TLSClientAuth, target.SelfSignedAuth} {
		if !slices.Contains(methods, auth) {
			continue
		}
		if len(m.List("dpop_signing_alg_values_supported")) > 0 {
			w.announced = append(w.announced, combination{auth, target.DPoP})
		}
		if bound, _ := m.Values["tls_client_certificate_bound_access_tokens"].(bool); bound {
			w.announced = append(w.announced, combination{auth, target.MTLS})
		}
	}
	if len(w.announced) == 0 {
		return fmt.Errorf("%s announces no combination that this profile allows: token_endpoint_auth_methods_supported needs %s, %s or %s, and dpop_signing_alg_values_supported or tls_client_certificate_bound_access_tokens has to be there",
			w.target.Issuer, target.PrivateKeyJWT, target.TLSClientAuth, target.SelfSignedAuth)
	}
	switch wanted {
	case "":
		w.chosen = w.announced[:1]
		return nil
	case "all":
		w.chosen = w.announced
		return nil
	}
	for word := range strings.SplitSeq(wanted, ",") {
		at := slices.IndexFunc(w.announced, func(c combination) bool { return c.String() == strings.TrimSpace(word) })
		if at < 0 {
			return fmt.Errorf("--clients: %q is not announced by the server: choose from %s, or all", word, join(w.announced))
		}
		if !slices.Contains(w.chosen, w.announced[at]) {
			w.chosen = append(w.chosen, w.announced[at])
		}
	}
	return nil
}

func join(combinations []combination) string {
	var words []string
	for _, c := range combinations {
		words = append(words, c.String())
	}
	return strings.Join(words, ", ")
}

// decide reads from the metadata what clients ask for: nothing that is not announced.
func (w *initializer) decide() {
	m := w.target.Metadata
	announced := m.List("scopes_supported")
	w.refreshes = slices.Contains(m.List("grant_types_supported"), "refresh_token")
	w.asks = slices.Contains(m.List("grant_types_supported"), clientCredentials)
	w.signs, _ = m.Values["require_signed_request_object"].(bool)
	var words []string
	if slices.Contains(announced, "openid") || announced == nil && m.Text("userinfo_endpoint") != "" {
		words = append(words, "openid")
	}
	if slices.Contains(announced, "accounts") || announced == nil {
		words = append(words, "accounts")
	}
	if w.refreshes && slices.Contains(announced, "offline_access") {
		words = append(words, "offline_access")
	}
	if len(words) == 0 {
		words = announced[:1]
	}
	w.scope = strings.Join(words, " ")
}

const clientCredentials = "client_credentials"

// grants are what a client is to be registered for: what the run can try of what is announced.
func (w *initializer) grants() []string {
	grants := []string{"authorization_code"}
	if w.refreshes {
		grants = append(grants, "refresh_token")
	}
	if w.asks {
		grants = append(grants, clientCredentials)
	}
	return grants
}

// client makes a client: its keys, its entry in the target file, and what to register.
func (w *initializer) client(c combination, number string) error {
	id := strings.ReplaceAll(c.auth, "_", "-") + "-" + c.binding + "-" + number
	entry := fmt.Sprintf("  - {id: %s, auth: %s, binding: %s", id, c.auth, c.binding)
	m := w.target.Metadata
	metadata := map[string]any{
		"client_id": id, "client_name": "fapitest " + id, "application_type": "web", "redirect_uris": []string{redirectURI}, "response_types": []string{"code"},
		"grant_types": w.grants(), "scope": w.scope, "token_endpoint_auth_method": c.auth, "require_pushed_authorization_requests": true,
	}
	if c.binding == target.DPoP {
		metadata["dpop_bound_access_tokens"] = true
	} else {
		metadata["tls_client_certificate_bound_access_tokens"] = true
	}
	if strings.Contains(" "+w.scope+" ", " openid ") {
		if algorithm := firstOf(m.List("id_token_signing_alg_values_supported")); algorithm != "" {
			metadata["id_token_signed_response_alg"] = algorithm
		}
	}
	var published []any
	if c.auth == target.PrivateKeyJWT || w.signs {
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
		published = append(published, public)
		w.add(id+".jwks.json", "its private key; a secret", append(append([]byte(`{"keys":[`), private...), []byte("]}\n")...))
		entry += ", jwks: " + id + ".jwks.json"
		if c.auth == target.PrivateKeyJWT {
			metadata["token_endpoint_auth_signing_alg"] = key.Algorithm
		}
		if w.signs {
			metadata["request_object_signing_alg"] = key.Algorithm
		}
	}
	if c.auth != target.PrivateKeyJWT || c.binding == target.MTLS {
		made, err := newPair(id)
		if err != nil {
			return err
		}
		entry += ", cert: " + id + ".pem, key: " + id + ".key"
		w.add(id+".key", "the private key of its certificate; a secret", made.key)
		if c.auth == target.TLSClientAuth {
			w.add(id+".csr", "the request for its certificate", made.request)
			w.tell = append(w.tell, fmt.Sprintf("have the bank's authority sign %s.csr (subject %s), and save the certificate as %s.pem", id, made.subject, id))
			w.tell = append(w.tell, fmt.Sprintf("where that authority issues certificates for tests, have an expired one, one of the future and a renewed one of that subject too, and name them in other_certificates of %s (docs/target.md): nothing else shows what the bank makes of those", id))
			metadata["tls_client_auth_subject_dn"] = made.subject
		} else {
			w.add(id+".pem", "its certificate, self-signed", made.certificate)
			if c.auth == target.SelfSignedAuth {
				public, err := jose.CertificateJWK(made.der)
				if err != nil {
					return err
				}
				published = append(published, public)
			}
		}
	}
	if published != nil {
		metadata["jwks"] = map[string]any{"keys": published}
	}
	encoded, err := json.MarshalIndent(metadata, "", "  ")
	if err != nil {
		return err
	}
	w.add(id+".client.json", "what to register", append(encoded, '\n'))
	w.entries, w.register = append(w.entries, entry+"}"), append(w.register, metadata)
	return nil
}

// firstOf is the first of the profile's algorithms that is announced; empty where none is.
func firstOf(announced []string) string {
	for _, algorithm := range []string{jose.ES256, jose.PS256, jose.EdDSA} {
		if slices.Contains(announced, algorithm) {
			return algorithm
		}
	}
	return ""
}

// algorithm is one that the server takes for assertions: PS256 where it takes that, or does not say. Only an RSA key can also sign by what the profile does
// not have (FAPI2-SP-5.4.1-1.2a). Both clients have the same, so that a key of the other one differs in nothing but that.
func (w *initializer) algorithm() string {
	announced := w.target.Metadata.List("token_endpoint_auth_signing_alg_values_supported")
	if algorithm := firstOf(announced); algorithm != "" && !slices.Contains(announced, jose.PS256) {
		return algorithm
	}
	return jose.PS256
}

// pair is a key, and a certificate for it or the request for one.
type pair struct {
	key, certificate, request []byte // PEM
	der                       []byte // of the certificate
	subject                   string // as RFC 4514 writes it
}

func newPair(name string) (pair, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return pair{}, err
	}
	subject := pkix.Name{CommonName: name}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return pair{}, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, private)
	if err != nil {
		return pair{}, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return pair{}, err
	}
	written := func(kind string, content []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	}
	return pair{
		key: written("PRIVATE KEY", encoded), certificate: written("CERTIFICATE", der), request: written("CERTIFICATE REQUEST", request),
		der: der, subject: subject.String(),
	}, nil
}

// file is the target file, with a word on everything that a person has to look at.
func (w *initializer) file(options InitOptions) []byte {
	m := w.target.Metadata
	var b bytes.Buffer
	b.WriteString("# Written by fapitest init. Register the clients at the bank, look at what is marked with LOOK, put a test user into BANK_USER and BANK_PASSWORD, then: fapitest check -t target.yaml\n")
	fmt.Fprintf(&b, "issuer: %s\n", quoted(options.Issuer))
	if options.Trust != "" {
		b.WriteString("trust: ca.pem\n")
	}
	fmt.Fprintf(&b, "clients:                       # LOOK: the ids, if the bank gives out its own\n%s\n", strings.Join(w.entries, "\n"))
	fmt.Fprintf(&b, "redirects: [%s]   # registered for every client; nobody listens there\n", quoted(redirectURI))
	b.WriteString("user: {name: \"${BANK_USER}\", password: \"${BANK_PASSWORD}\"}   # a test user, from the environment\n")
	certified := slices.ContainsFunc(w.chosen, func(c combination) bool { return c.binding == target.MTLS })
	resource, needs := "", "openid"
	if strings.Contains(" "+w.scope+" ", " openid ") {
		// At the alias a certificate is asked for; elsewhere a token that is bound to one can't be shown to be.
		resource = m.Endpoint("userinfo_endpoint", certified)
	}
	if resource == "" {
		resource, needs = strings.TrimSuffix(w.target.Issuer, "/")+"/accounts", strings.Fields(strings.TrimPrefix(w.scope+" ", "openid "))[0]
	}
	fmt.Fprintf(&b, "scope: %s                # LOOK: what clients ask for\n", w.scope)
	fmt.Fprintf(&b, "resource: {url: %s, method: GET, scope: %s}   # LOOK: a protected resource, and the scope without which it must refuse\n", quoted(resource), needs)
	if hosts := w.unvouched(resource); len(hosts) > 0 {
		fmt.Fprintf(&b, "hosts: [%s]   # LOOK: the metadata name them; are they the bank's? Nothing is sent to others\n", strings.Join(hosts, ", "))
	}
	b.WriteString("consent: {driver: browser, script: consent.yaml}\n")
	var offers []string
	for feature, is := range map[string]bool{
		"introspection": m.Text("introspection_endpoint") != "", "revocation": m.Text("revocation_endpoint") != "",
		"refresh_token": w.refreshes, "openid": strings.Contains(" "+w.scope+" ", " openid "), "jar": w.signs,
	} {
		if is {
			offers = append(offers, feature)
		}
	}
	slices.Sort(offers)
	fmt.Fprintf(&b, "offers: [%s]   # optional features that you claim: claimed means tested\n", strings.Join(offers, ", "))
	if w.signs {
		b.WriteString("requires: [jar]   # the metadata says require_signed_request_object\n")
	}
	fmt.Fprintf(&b, "declarations: %s   # what can't be seen from outside, and who answers for it\n", declarationsFile)
	b.WriteString("# waits: {longest: 2m}   # no single wait longer than this (default 15m); `fapitest check` says what a run waits for\n")
	if options.Permission != "" {
		fmt.Fprintf(&b, "permission: %s\n", quoted(options.Permission))
	}
	return b.Bytes()
}

// unvouched are the hosts that the metadata name beside the issuer's and the resource's, as YAML has them.
func (w *initializer) unvouched(resource string) []string {
	seen := &target.Target{Issuer: w.target.Issuer, Resource: target.Resource{URL: resource}, Metadata: w.target.Metadata}
	hosts, _ := seen.Unvouched()
	for i := range hosts {
		hosts[i] = quoted(hosts[i])
	}
	return hosts
}

// instructions say what was written, what has to be registered, and what to do next.
func (w *initializer) instructions(dir string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "written to %s:\n\n", filepath.Clean(dir))
	widest := 0
	for _, name := range w.names {
		widest = max(widest, len(name))
	}
	for _, name := range w.names {
		fmt.Fprintf(&b, "  %-*s  %s\n", widest, name, w.about[name])
	}
	fmt.Fprintf(&b, "\n%d clients, which is as many as a run needs as:\n\n", len(w.entries))
	for _, c := range w.chosen {
		fmt.Fprintf(&b, "  %s\n", c)
	}
	if left := slices.DeleteFunc(slices.Clone(w.announced), func(c combination) bool { return slices.Contains(w.chosen, c) }); len(left) > 0 {
		b.WriteString("\nthe server also announces these, which will not be tested; choose with --clients, or --clients all:\n\n")
		for _, c := range left {
			fmt.Fprintf(&b, "  %s\n", c)
		}
	}
	b.WriteString("\nregister at the bank, as client metadata (RFC 7591); the client_id may be another one that the bank gives:\n\n")
	for _, metadata := range w.register {
		encoded, err := json.MarshalIndent(metadata, "", "  ")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s\n\n", encoded)
	}
	if w.asks {
		// With it a client has tokens that nobody has allowed: that is for the bank to decide.
		w.tell = append(w.tell, fmt.Sprintf("the server announces %s, and so the clients ask for it: where they are not to have it, leave it out of grant_types, and what is about it is not tested", clientCredentials))
	}
	for _, words := range w.tell {
		fmt.Fprintf(&b, "%s\n", words)
	}
	if len(w.tell) > 0 {
		b.WriteString("\n")
	}
	file := filepath.Join(dir, "target.yaml")
	fmt.Fprintf(&b, "then look through the file, put name and password of a test user into the environment, from which the file takes them, see how the file is\n"+
		"understood, and try one login of each client; where the script in consent.yaml does not fit a page, that lists what the page has and proposes lines for it:\n\n"+
		"  export BANK_USER='…' BANK_PASSWORD='…'\n  fapitest check -t %s\n  fapitest check -t %s --login\n", file, file)
	return b.String(), nil
}
