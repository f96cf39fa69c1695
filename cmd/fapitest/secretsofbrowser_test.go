package main

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites"
	"github.com/fapitest/fapitest/suites/profiles"
)

// before has the eavesdropper stand before the bank, where it hears what a browser sends as well. Every page repeats what was posted to it.
func (e *eavesdropper) before(bank http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, proof := range r.Header.Values("DPoP") {
			e.note("DPoP proof", proof)
		}
		sent, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		e.form(r.URL.Query())
		posted, _ := url.ParseQuery(string(sent))
		e.form(posted)
		answer := httptest.NewRecorder()
		bank.ServeHTTP(answer, r)
		for _, cookie := range answer.Result().Cookies() {
			e.note("cookie", cookie.Value)
		}
		if to, err := answer.Result().Location(); err == nil {
			e.form(to.Query())
		}
		var members map[string]any
		if json.Unmarshal(answer.Body.Bytes(), &members) == nil {
			for _, name := range []string{"access_token", "refresh_token", "id_token"} {
				if value, isText := members[name].(string); isText {
					e.note(name, value)
				}
			}
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		if strings.HasPrefix(answer.Header().Get("Content-Type"), "text/html") {
			_, _ = io.WriteString(w, "<p title=\""+html.EscapeString(posted.Get("password"))+"\">"+html.EscapeString(string(sent))+" "+html.EscapeString(posted.Get("password"))+"</p>")
		}
	})
}

// No secret is left behind by a run through Chromium either: neither in page texts nor in the pages that are kept, nor in a report. (What a screenshot shows is not searched. Pages
// that repeat a password where it can be read are the bank's fault, and have a requirement of their own.)
func TestNoSecretIsLeftBehindByABrowser(t *testing.T) {
	if underRace {
		t.Skip("make long plays this without the race detector")
	}
	heard := &eavesdropper{secrets: map[string]string{authserver.UserPassword: "password"}, open: map[string]bool{}}
	bank, err := bench.Start(bench.Options{Setup: func(options *authserver.Options) { options.Gateway = heard.before }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bank.Close() }()
	redactor := &wire.Redactor{}
	if err := bank.Target.Discover(t.Context(), redactor); err != nil {
		t.Fatal(err)
	}
	leaf, err := bank.Target.Leaf(t.Context(), bank.Target.PageOrigins()[0])
	if err != nil {
		t.Fatal(err)
	}
	browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(leaf)}, Hosts: bank.Target.PagesMayContact(), Screenshots: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = browser.Close() }()
	catalogue, err := suites.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	tested, err := profiles.Tested(catalogue)
	if err != nil {
		t.Fatal(err)
	}
	output := t.TempDir()
	report, err := run.Run(t.Context(), run.Options{
		Target: bank.Target, Profile: tested, Suites: suites.All(), Catalogue: catalogue, Clock: bank.Clock, HTTP: bank.HTTP, Redactor: redactor, Driver: browser, Evidence: newEvidence(output).keep,
		Plan: run.Plan{Clients: []string{bank.Target.Combinations()[0].ID}, Seed: 1, Clauses: []string{"FAPI2-SP-5.3.2.1-7", "FAPI2-SP-5.3.2.2-1a", "FAPI2-SP-5.3.2.2-7", "FAPI2-SP-5.3.2.1-9"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	searched := heard.search(t, output, report)
	if report.Counts[verdict.Pass] < 3 || report.Time.Flows < 3 || len(heard.secrets) < 20 || searched < 1<<18 {
		t.Errorf("%d requirements passed in %d flows, %d secrets were heard, %d bytes were searched: this shows nothing", report.Counts[verdict.Pass], report.Time.Flows, len(heard.secrets), searched)
	}
}
