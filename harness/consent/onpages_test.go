package consent_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// careless is a bank that tells its pages by their addresses where to go on, keeps its session in a cookie, and says what the test asks it to.
func careless() http.Handler {
	mux := http.NewServeMux()
	onward := func(w http.ResponseWriter, status int, to string) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		cookie := &http.Cookie{Name: "session", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteLaxMode}
		if r.URL.Query().Has("across") {
			cookie.SameSite = http.SameSiteNoneMode
		}
		http.SetCookie(w, cookie)
		onward(w, http.StatusSeeOther, "/login?then=%2Fconsent&how="+r.URL.Query().Get("how"))
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Add("Content-Security-Policy", "default-src * 'unsafe-inline'")
		w.Header().Add("Content-Security-Policy", "frame-ancestors 'none'")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>login</title><link rel="stylesheet" href="https://127.0.0.1:1/a.css"><style>@import "//fonts.example/b.css"; a{background:url(/own.png)}</style><a href="https://help.example/">help</a><a href="/own">own</a>
			<form id="login" method="post" action="/login?%s"><input id="username" name="username"><input id="password" name="password" type="password"><button type="submit">in</button></form>`,
			strings.ReplaceAll(r.URL.RawQuery, "&", "&amp;"))
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("session"); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		query := r.URL.Query()
		for _, name := range []string{"next", "then"} {
			if to := query.Get(name); to != "" && to != "/consent" && !strings.HasPrefix(to, "fapitest") {
				onward(w, http.StatusSeeOther, to)
				return
			}
		}
		switch query.Get("how") {
		case "repeat":
			onward(w, http.StatusSeeOther, "/consent?password="+password)
		case "308":
			onward(w, http.StatusPermanentRedirect, "/consent")
		case "hidden":
			onward(w, http.StatusSeeOther, "/consent?hidden=1")
		default:
			onward(w, http.StatusSeeOther, "/consent")
		}
	})
	mux.HandleFunc("/consent", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.FormValue("decision") != "" {
			onward(w, http.StatusSeeOther, callback+"?code=0123456789abcdef")
			return
		}
		kept := ""
		if r.URL.Query().Has("hidden") {
			kept = `<input type="hidden" name="kept" value="` + password + `">`
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>consent</title><meta name="referrer" content="no-referrer"><form id="consent" method="post" action="/consent">%s<button name="decision" value="allow">go</button></form>`, kept)
	})
	return mux
}

// What is tried on the pages themselves, and what is seen of them, is the same with both drivers, except what only one of them can.
func TestOnPages(t *testing.T) {
	server := httptest.NewTLSServer(careless())
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, name := range []string{"form", "browser"} {
		t.Run(name, func(t *testing.T) {
			driver := consent.NewForm(consent.FormOptions{Client: client})
			if name == "browser" {
				var err error
				if driver, err = consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}}); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { _ = driver.Close() })
			visit := func(query string, edit func(*consent.Visit)) *consent.Trip {
				t.Helper()
				v := consent.Visit{
					URL: server.URL + "/authorize?how=" + query, Until: []string{callback, foreign}, Choice: consent.Accept, Script: script(),
					Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
				}
				edit(&v)
				trip, err := driver.Visit(t.Context(), v)
				if err != nil {
					t.Fatal(err)
				}
				return trip
			}
			plain := func(*consent.Visit) {}
			tempted := func(to string, own bool, names ...string) func(*consent.Visit) {
				return func(v *consent.Visit) {
					v.Tempt, v.Foreign = consent.Temptation{To: to, Own: own, Names: names}, foreign
				}
			}

			for query, want := range map[string][2]int{"": {0, 0}, "repeat": {1, 0}, "308": {1, 0}, "hidden": {0, 1}} {
				trip := visit(query, plain)
				carried := 0
				for _, hop := range trip.Hops {
					if hop.CarriedOn {
						carried++
					}
				}
				if trip.Ending != consent.Arrived || carried != want[0] || len(trip.PostedOn) != want[1] {
					t.Errorf("%q: %s (%s), carried on %d times, posted on %+v", query, trip.Ending, trip.Says, carried, trip.PostedOn)
				}
			}

			trip := visit("", plain)
			if len(trip.Pages) != 2 || trip.Tempted != 0 {
				t.Fatalf("%d pages, tempted on %d", len(trip.Pages), trip.Tempted)
			}
			login, ask := trip.Pages[0].Says, trip.Pages[1].Says
			if len(login.Policies) != 2 || !slices.Equal(login.Framing, []string{"DENY"}) || !slices.Equal(login.Links, []string{"help.example"}) || len(login.Referrer) != 0 {
				t.Errorf("the login page says %+v", login)
			}
			if !slices.Equal(login.Loads, []string{"fonts.example"}) {
				t.Errorf("the login page loads from %q", login.Loads)
			}
			if len(ask.Policies)+len(ask.Framing)+len(ask.Links)+len(ask.Loads) != 0 || !slices.Equal(ask.Referrer, []string{"no-referrer"}) {
				t.Errorf("the consent page says %+v", ask)
			}

			for _, test := range []struct {
				says   string
				edit   func(*consent.Visit)
				astray bool
			}{
				{"a parameter of its own", tempted(landing, true), true},
				{"a parameter that it also knows", tempted(landing, false, "next", "other"), true},
				{"two slashes", tempted("//evil.example/landing", false, "next"), true},
				{"a backslash", tempted(`/\evil.example/landing`, false, "next"), true},
				{"a parameter that it does not know", tempted(landing, false, "other"), false},
			} {
				trip := visit("", test.edit)
				if trip.Ending != consent.Arrived || strings.HasPrefix(trip.Arrival, foreign) != test.astray || trip.Tempted == 0 || trip.Logins != 1 {
					t.Errorf("%s: %s at %s (%s), tempted on %d, %d logins", test.says, trip.Ending, trip.Arrival, trip.Says, trip.Tempted, trip.Logins)
				}
			}

			framed := func(v *consent.Visit) { v.Framed = true }
			for query, want := range map[string]consent.Ending{"": consent.ErrorPage, "&across=1": consent.Arrived} {
				trip := visit(query, framed)
				if name == "form" && (!trip.Framed || trip.Ending != want) || name == "browser" && (trip.Framed || trip.Ending != consent.Arrived) {
					t.Errorf("in a frame, %q: %s, %t", query, trip.Ending, trip.Framed)
				}
			}
		})
	}
}
