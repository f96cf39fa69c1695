package main

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// eavesdropper notes every secret that goes over the wire, by what it is: it knows nothing of what was told to the redactor.
type eavesdropper struct {
	mu      sync.Mutex
	secrets map[string]string
	open    map[string]bool // challenges: an experiment that sends one for its verifier has no secret in it
}

func (e *eavesdropper) note(what, value string) {
	const shortest = 12 // what is shorter could stand there for another reason
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(value) >= shortest {
		e.secrets[value] = what
	}
	// A signature of nothing but zeros is none.
	if parts := strings.Split(value, "."); len(parts) == 3 && len(parts[2]) >= 40 && strings.Trim(parts[2], "A") != "" {
		e.secrets[parts[2]] = "the signature of a " + what
	}
}

func (e *eavesdropper) form(values url.Values) {
	e.mu.Lock()
	e.open[values.Get("code_challenge")] = true
	e.mu.Unlock()
	for _, name := range []string{"client_assertion", "code", "code_verifier", "refresh_token", "password", "response"} {
		for _, value := range values[name] {
			e.note(name, value)
		}
	}
}

type overheard struct {
	by        *eavesdropper
	transport http.RoundTripper
}

func (o overheard) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, proof := range r.Header.Values("DPoP") {
		o.by.note("DPoP proof", proof)
	}
	o.by.form(r.URL.Query())
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			content, _ := io.ReadAll(body)
			values, _ := url.ParseQuery(string(content))
			o.by.form(values)
		}
	}
	answer, err := o.transport.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	for _, cookie := range answer.Cookies() {
		o.by.note("cookie", cookie.Value)
	}
	if to, err := answer.Location(); err == nil {
		o.by.form(to.Query())
	}
	content, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(content), failing{err}))
	if len(content) < 8<<10 {
		answer.Header.Set("X-Echo", strings.ReplaceAll(string(content), "\n", " "))
	}
	for _, posted := range postedResponse.FindAllSubmatch(content, -1) {
		o.by.note("posted response", html.UnescapeString(string(posted[1])))
	}
	var members map[string]any
	if json.Unmarshal(content, &members) == nil {
		for _, name := range []string{"access_token", "refresh_token", "id_token"} {
			if value, isText := members[name].(string); isText {
				o.by.note(name, value)
			}
		}
	}
	return answer, nil
}

// postedResponse is a signed response in a page that posts it.
var postedResponse = regexp.MustCompile(`name="response" value="([^"]+)"`)

// failing ends as a body did.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// encodings are the ways in which a secret could stand in a report.
func encodings(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

// No secret that a run has used stands in anything that it leaves behind, in any encoding, also where the target repeats
// the body of every answer in a header field.
func TestNoSecretIsLeftBehind(t *testing.T) {
	if underRace {
		t.Skip("make long plays this without the race detector")
	}
	bank, err := bench.Start(bench.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bank.Close() }()
	heard := &eavesdropper{secrets: map[string]string{authserver.UserPassword: "password"}, open: map[string]bool{}}
	for _, enrolment := range bank.Material().Enrolments() {
		var set struct{ Keys []struct{ D string } }
		if json.Unmarshal(enrolment.JWKS, &set) == nil {
			for _, key := range set.Keys {
				heard.note("private key", key.D)
			}
		}
	}
	listening := func(certificate *tls.Certificate) *http.Client {
		client := *bank.HTTP(certificate)
		client.Transport = overheard{heard, client.Transport}
		return &client
	}
	redactor := &wire.Redactor{}
	if err := bank.Target.Discover(t.Context(), redactor); err != nil {
		t.Fatal(err)
	}
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	tested, err := profiles.Tested(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	output := t.TempDir()
	var told strings.Builder // what --json-lines says
	report, err := run.Run(t.Context(), run.Options{
		Target: bank.Target, Profile: tested, Suites: suites.All(), Catalogue: catalogue, Clock: bank.Clock, HTTP: listening, Redactor: redactor,
		Plan: run.Plan{Clients: []string{bank.Target.Combinations()[0].ID}, Seed: 1}, Evidence: newEvidence(output).keep,
		Entered: newLines(&told).experiment,
		Driver:  consent.NewForm(consent.FormOptions{Client: listening(nil)}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(output, "json-lines"), []byte(told.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	searched := heard.search(t, output, report)
	if report.Counts[verdict.Pass] < 200 || len(heard.secrets) < 1000 || searched < 1<<20 {
		t.Errorf("%d requirements passed, %d secrets were heard, %d bytes were searched: this shows nothing", report.Counts[verdict.Pass], len(heard.secrets), searched)
	}
}

// search looks for what was heard in all that a run has left behind, and says how much that is.
func (e *eavesdropper) search(t *testing.T, output string, report *verdict.Report) (searched int) {
	t.Helper()
	look := func(name, content string, first map[[8]byte][]string) {
		searched += len(content)
		for i := range max(0, len(content)-8) {
			for _, secret := range first[[8]byte([]byte(content[i:i+8]))] {
				if strings.HasPrefix(content[i:], secret) {
					t.Errorf("%s has a %s in it: …%q", name, e.what(secret), content[max(0, i-60):min(len(content), i+70)])
					return
				}
			}
		}
	}
	if err := reports.WriteAll(output, report); err != nil {
		t.Fatal(err)
	}
	first := map[[8]byte][]string{}
	for secret := range e.secrets {
		if e.open[secret] {
			continue
		}
		for _, encoded := range encodings(secret) {
			key := [8]byte([]byte(encoded[:8]))
			first[key] = append(first[key], encoded)
		}
	}
	for _, format := range reports.Formats(output) {
		var written strings.Builder
		if err := format.Write(&written, report); err != nil {
			t.Fatal(err)
		}
		look(format.Name, written.String(), first)
	}
	if err := filepath.WalkDir(output, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		look(filepath.Base(path), string(content), first)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return searched
}

// what an encoded secret is.
func (e *eavesdropper) what(encoded string) string {
	for secret, what := range e.secrets {
		for _, candidate := range encodings(secret) {
			if candidate == encoded {
				return what
			}
		}
	}
	return "secret"
}
