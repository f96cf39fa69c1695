package scaffold

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

// FileSpec is what WriteFile makes a target file of.
type FileSpec struct {
	Issuer       string
	Authority    []byte // root certificate, PEM; empty: the system's do
	Clients      []FileClient
	UserName     string
	UserPassword string
	Users        []target.User // more of them
	Scope        string
	Resource     target.Resource
	Script       consent.Script
	Offers       []string
	Details      []map[string]any // authorization details
	Requires     []string
	Requests     string // how requests reach the bank, where that is said; see target.Target
	ResponseType string
	Attested     map[string]string
	Hosts        []string // for which the file vouches
	Intents      *target.Intents
	Payments     *target.Payments
}

// FileClient is a client of a FileSpec.
type FileClient struct {
	ID, Auth, Binding string
	JWKS              []byte // private key; empty: none
	ShortJWK          []byte // short_jwk; empty: none
	Certificate, Key  []byte // PEM; empty: none
	Others            []OtherCertificate
	Redirects         []string
	Secret            string // that the bank knows and must not take; empty: none
}

// OtherCertificate is one of clients[].other_certificates, with its private key, in PEM.
type OtherCertificate struct {
	Key  string // of the target file: expired, not_yet_valid, renewed, respelt, similar
	Both []byte
}

// WriteFile writes a target file, and beside it the keys, certificates, roots and consent script that it names, their names
// beginning with the file's own. All of them are there afterwards, or none.
func WriteFile(path string, spec FileSpec) error {
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	dir := filepath.Dir(path)
	var b bytes.Buffer
	files := map[string][]byte{}
	fmt.Fprintf(&b, "# A reference bank on loopback, for tests only.\nissuer: %s\n", quoted(spec.Issuer))
	if len(spec.Authority) > 0 {
		files[stem+".ca.pem"] = spec.Authority
		fmt.Fprintf(&b, "trust: %s\n", quoted(stem+".ca.pem"))
	}
	b.WriteString("clients:\n")
	for _, c := range spec.Clients {
		name := stem + "." + c.ID
		fmt.Fprintf(&b, "  - id: %s\n    auth: %s\n    binding: %s\n", quoted(c.ID), c.Auth, c.Binding)
		if len(c.JWKS) > 0 {
			files[name+".jwks.json"] = c.JWKS
			fmt.Fprintf(&b, "    jwks: %s\n", quoted(name+".jwks.json"))
		}
		if len(c.ShortJWK) > 0 {
			files[name+".short.jwk.json"] = c.ShortJWK
			fmt.Fprintf(&b, "    short_jwk: %s\n", quoted(name+".short.jwk.json"))
		}
		if len(c.Certificate) > 0 {
			files[name+".pem"], files[name+".key"] = c.Certificate, c.Key
			fmt.Fprintf(&b, "    cert: %s\n    key: %s\n", quoted(name+".pem"), quoted(name+".key"))
		}
		b.WriteString(othersYAML(c, name, files))
		if c.Secret != "" {
			fmt.Fprintf(&b, "    secret: %s\n", quoted(c.Secret))
		}
		b.WriteString("    redirects:\n")
		for _, uri := range c.Redirects {
			fmt.Fprintf(&b, "      - %s\n", quoted(uri))
		}
	}
	fmt.Fprintf(&b, "user: {name: %s, password: %s}\n", quoted(spec.UserName), quoted(spec.UserPassword))
	if len(spec.Users) > 0 {
		b.WriteString("users:\n")
		for _, user := range spec.Users {
			fmt.Fprintf(&b, "  - {name: %s, password: %s%s}\n", quoted(user.Name), quoted(user.Password.Reveal()), map[bool]string{true: ", for: deny"}[user.Denies])
		}
	}
	fmt.Fprintf(&b, "scope: %s\nresource: {url: %s, method: %s, scope: %s", quoted(spec.Scope), quoted(spec.Resource.URL), spec.Resource.Method, quoted(spec.Resource.Scope))
	if spec.Resource.Lesser != "" {
		fmt.Fprintf(&b, ", lesser: %s", quoted(spec.Resource.Lesser))
	}
	for i, header := range spec.Resource.Headers {
		b.WriteString([]string{", headers: {", ", "}[min(i, 1)])
		fmt.Fprintf(&b, "%s: %s", quoted(header.Name), quoted(header.Value.Reveal()))
	}
	if len(spec.Resource.Headers) > 0 {
		b.WriteString("}")
	}
	if signed := spec.Resource.Signatures; signed != nil {
		said, keys := signaturesYAML(signed, stem+".resource.jwks.json")
		b.WriteString(said)
		if keys != nil {
			files[stem+".resource.jwks.json"] = keys
		}
	}
	b.WriteString("}\n")
	if spec.Requests != "" {
		fmt.Fprintf(&b, "requests: %s\n", spec.Requests)
	}
	if spec.ResponseType != "" {
		fmt.Fprintf(&b, "response_type: %s\n", spec.ResponseType)
	}
	if len(spec.Requires) > 0 {
		fmt.Fprintf(&b, "requires: [%s]\n", strings.Join(spec.Requires, ", "))
	}
	if len(spec.Hosts) > 0 {
		fmt.Fprintf(&b, "hosts: [%s]\n", strings.Join(quotedEach(spec.Hosts), ", "))
	}
	if spec.Intents != nil {
		fmt.Fprintf(&b, "intents: {url: %s", quoted(spec.Intents.URL))
		for _, pair := range [][2]string{{"body", spec.Intents.Body}, {"scope", spec.Intents.Scope}} {
			if pair[1] != "" {
				fmt.Fprintf(&b, ", %s: %s", pair[0], quoted(pair[1]))
			}
		}
		b.WriteString("}\n")
	}
	if spec.Payments != nil {
		fmt.Fprintf(&b, "payments: {url: %s, body: %s, issuer: %s}\n", quoted(spec.Payments.URL), quoted(spec.Payments.Body), quoted(spec.Payments.Issuer))
	}
	files[stem+".consent.yaml"] = ScriptYAML(spec.Script)
	fmt.Fprintf(&b, "consent: {script: %s}\noffers: [%s]\n", quoted(stem+".consent.yaml"), strings.Join(spec.Offers, ", "))
	if len(spec.Details) > 0 {
		details, err := json.Marshal(spec.Details)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "authorization_details: %s\n", quoted(string(details)))
	}
	if len(spec.Attested) > 0 {
		b.WriteString("attested:\n")
		var ids []string
		for id := range spec.Attested {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			fmt.Fprintf(&b, "  %s: %s\n", id, quoted(spec.Attested[id]))
		}
	}
	files[filepath.Base(path)] = b.Bytes()
	return writeAll(dir, files, true)
}

// othersYAML writes the other certificates of a client, and adds their files.
func othersYAML(c FileClient, name string, files map[string][]byte) string {
	var pairs, similar []string
	for _, other := range c.Others {
		file := name + "." + other.Key + ".pem"
		if other.Key == "similar" {
			file = fmt.Sprintf("%s.similar-%d.pem", name, len(similar)+1)
			similar = append(similar, quoted(file))
		} else {
			pairs = append(pairs, other.Key+": "+quoted(file))
		}
		files[file] = other.Both
	}
	if len(similar) > 0 {
		pairs = append(pairs, "similar: ["+strings.Join(similar, ", ")+"]")
	}
	if len(pairs) == 0 {
		return ""
	}
	return "    other_certificates: {" + strings.Join(pairs, ", ") + "}\n"
}

// signaturesYAML writes resource.signatures, and the keys that it names in a file; nil where they are elsewhere.
func signaturesYAML(signed *target.Signatures, file string) (said string, keys []byte) {
	messages := map[[2]bool]string{{true, false}: "requests", {false, true}: "responses"}[[2]bool{signed.Requests, signed.Responses}]
	var pairs []string
	for _, pair := range [][2]string{
		{"messages", messages}, {"url", signed.URL}, {"post", signed.Post}, {"body", signed.Body}, {"digest", signed.Digest}, {"alg", map[bool]string{true: "registry"}[signed.Registry]},
		{"jwks_uri", signed.KeysURI},
	} {
		if pair[1] != "" {
			pairs = append(pairs, pair[0]+": "+quoted(pair[1]))
		}
	}
	if len(signed.Covers) > 0 {
		pairs = append(pairs, "covers: ["+strings.Join(signed.Covers, ", ")+"]")
	}
	if len(signed.Keys) > 0 {
		written, err := json.Marshal(map[string]any{"keys": signed.Keys})
		if err == nil {
			pairs, keys = append(pairs, "jwks: "+quoted(file)), written
		}
	}
	return ", signatures: {" + strings.Join(pairs, ", ") + "}", keys
}

// writeAll writes files below a directory: first all of them under other names, then, when nothing can go wrong any more but a
// rename, under their own. Without overwrite, files that are there are an error.
func writeAll(dir string, files map[string][]byte, overwrite bool) (err error) {
	var names []string
	for name := range files {
		names = append(names, name)
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil && !overwrite {
			return fmt.Errorf("%s is there already, and is not overwritten: name another directory with -o", filepath.Join(dir, name))
		}
	}
	slices.Sort(names)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(dir, ".fapitest-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	for _, name := range names {
		// Private keys and passwords are among them.
		if err := os.WriteFile(filepath.Join(staging, name), files[name], 0o600); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(staging, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// ScriptYAML writes a consent script as the file format has it.
func ScriptYAML(script consent.Script) []byte {
	var b bytes.Buffer
	section := func(name string, pages []consent.Page) {
		if len(pages) == 0 {
			return
		}
		fmt.Fprintf(&b, "%s:\n", name)
		for _, page := range pages {
			if page.When.URL == "" {
				fmt.Fprintf(&b, "  - when: %s\n    do:\n", quoted(page.When.Selector))
			} else {
				fmt.Fprintf(&b, "  - when: {selector: %s, url: %s}\n    do:\n", quoted(page.When.Selector), quoted(page.When.URL))
			}
			for _, step := range page.Do {
				switch {
				case step.Fill != nil:
					fmt.Fprintf(&b, "      - fill: {selector: %s, value: %s}\n", quoted(step.Fill.Selector), quoted(step.Fill.Value))
				case step.Click != "":
					fmt.Fprintf(&b, "      - click: %s\n", quoted(step.Click))
				case step.Wait != "":
					fmt.Fprintf(&b, "      - wait: %s\n", quoted(step.Wait))
				default:
					fmt.Fprintf(&b, "      - pause: %s\n", step.Pause)
				}
			}
		}
	}
	section("accept", script.Accept)
	section("deny", script.Deny)
	if len(script.Error) > 0 {
		b.WriteString("error:\n")
		for _, selector := range script.Error {
			fmt.Fprintf(&b, "  - %s\n", quoted(selector))
		}
	}
	return b.Bytes()
}

func quotedEach(texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, quoted(text))
	}
	return all
}

// quoted is a YAML scalar that means the text and nothing else.
func quoted(text string) string { return strconv.Quote(text) }
