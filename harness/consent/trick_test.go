package consent_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/wire"
)

// What a trick changes is what it says, and nothing else. The bank says of each form by what it would have known it.
func TestTricks(t *testing.T) {
	var said []string
	show := func(w http.ResponseWriter, page string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, page)
	}
	of := func(r *http.Request) string {
		_ = r.ParseForm()
		words := []string{r.URL.Path}
		for _, name := range []string{"lax", "none"} {
			if _, err := r.Cookie(name); err == nil {
				words = append(words, name)
			}
		}
		if r.PostForm.Has("token") {
			words = append(words, "token")
		}
		if r.Header.Get("Origin") != "" {
			words = append(words, "elsewhere")
		}
		if r.PostForm.Get("p") == password {
			words = append(words, "right")
		}
		return strings.Join(words, " ")
	}
	login := `<form id="login" method="post" action="/login"><input type="hidden" name="token" value="x"><input id="username" name="u"><input id="password" name="p" type="password"><button type="submit">sign in</button></form>`
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "lax", Value: "0123456789abcdef", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.SetCookie(w, &http.Cookie{Name: "none", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteNoneMode})
		show(w, login)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		said = append(said, of(r))
		if r.PostForm.Get("p") != password {
			show(w, login)
			return
		}
		w.Header().Set("Location", "/consent")
		w.WriteHeader(http.StatusSeeOther)
	})
	mux.HandleFunc("GET /consent", func(w http.ResponseWriter, r *http.Request) {
		said = append(said, of(r))
		show(w, `<form id="consent" method="post" action="/consent"><input type="hidden" name="token" value="x"><button value="allow">allow</button></form>`)
	})
	mux.HandleFunc("POST /consent", func(w http.ResponseWriter, r *http.Request) {
		said = append(said, of(r))
		w.Header().Set("Location", callback+"?code=x")
		w.WriteHeader(http.StatusSeeOther)
	})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	for trick, want := range map[consent.Trick][]string{
		consent.NoTrick:       {"/login lax none token right", "/consent lax none", "/consent lax none token"},
		consent.ForgedLogin:   {"/login none elsewhere right", "/consent lax none", "/consent lax none token"},
		consent.ForgedConsent: {"/login lax none token right", "/consent lax none", "/consent none elsewhere"},
		consent.OtherBrowser:  {"/login lax none token right", "/consent lax none", "/consent", "/consent token"},
		consent.WrongPassword: {"/login lax none token", "/login lax none token right", "/consent lax none", "/consent lax none token"},
	} {
		said = nil
		trip, err := consent.NewForm(consent.FormOptions{Client: client}).Visit(t.Context(), consent.Visit{
			URL: server.URL + "/authorize", Until: []string{callback}, Choice: consent.Accept, Script: script(), Trick: trick, Logins: 2,
			Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
		})
		if err != nil || trip.Ending != consent.Arrived || trip.Tricked != (trick != consent.NoTrick) {
			t.Errorf("%q: %v %+v", trick, err, trip)
			continue
		}
		if !slices.Equal(said, want) {
			t.Errorf("%q: the bank saw %q, want %q", trick, said, want)
		}
		if len(trip.Cookies) != 2 || trip.Cookies[1].HTTPOnly || trip.Cookies[1].SameSite != "None" {
			t.Errorf("%q: cookies %+v", trick, trip.Cookies)
		}
		if !slices.Equal(trip.Lasting, []string{"lax"}) {
			t.Errorf("%q: lasting %q", trick, trip.Lasting)
		}
	}
}
