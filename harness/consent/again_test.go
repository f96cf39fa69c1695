package consent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// An address is opened a second time when it is asked for, in the same session, and the journey ends as it should.
func TestAgain(t *testing.T) {
	var loads, consents atomic.Int32
	sessions := make(chan string, 10)
	show := func(w http.ResponseWriter, page string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, page)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		number := loads.Add(1)
		if cookie, err := r.Cookie("session"); err == nil {
			sessions <- cookie.Value
		} else {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: fmt.Sprint("load-", number), Path: "/", Secure: true, HttpOnly: true})
		}
		show(w, `<form id="login" method="post" action="/login"><input id="username" name="u"><input id="password" name="p" type="password"><button type="submit">sign in</button></form>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/consent")
		w.WriteHeader(http.StatusSeeOther)
	})
	mux.HandleFunc("GET /consent", func(w http.ResponseWriter, _ *http.Request) {
		consents.Add(1)
		show(w, `<form id="consent" method="post" action="/consent"><button value="allow">allow</button></form>`)
	})
	mux.HandleFunc("POST /consent", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", callback+"?code=x")
		w.WriteHeader(http.StatusSeeOther)
	})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	for name, driver := range map[string]func() (consent.Driver, error){
		"form": func() (consent.Driver, error) {
			return consent.NewForm(consent.FormOptions{Client: client}), nil
		},
		"browser": func() (consent.Driver, error) {
			return consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			driver, err := driver()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = driver.Close() }()
			for _, test := range []struct {
				again           consent.Again
				loads, consents int32
			}{{consent.Never, 1, 1}, {consent.BeforeLogin, 2, 1}, {consent.AfterLogin, 2, 2}} {
				loads.Store(0)
				consents.Store(0)
				trip, err := driver.Visit(context.Background(), consent.Visit{
					URL: server.URL + "/authorize", Until: []string{callback}, Choice: consent.Accept, Script: script(), Again: test.again,
					Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
				})
				if err != nil || trip.Ending != consent.Arrived || trip.Again != (test.again != consent.Never) {
					t.Errorf("again %q: %v %+v", test.again, err, trip)
				}
				if loads.Load() != test.loads || consents.Load() != test.consents {
					t.Errorf("again %q: the address was opened %d times, and %d times a consent was asked for", test.again, loads.Load(), consents.Load())
				}
				for range test.loads - 1 {
					select {
					case session := <-sessions:
						if session != "load-1" {
							t.Errorf("again %q: another session", test.again)
						}
					default:
						t.Errorf("again %q: no session", test.again)
					}
				}
			}
		})
	}
}
