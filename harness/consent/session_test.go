package consent_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

// Journeys of one session share their cookies until one of them is the last, or does not arrive. All others have none.
func TestSessions(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := callback + "?code=new"
		if _, err := r.Cookie("seen"); err == nil {
			to = callback + "?code=known"
		}
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/", Secure: true})
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/error" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
	}))
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = browser.Close() }()
	for name, driver := range map[string]consent.Driver{"form": consent.NewForm(consent.FormOptions{Client: client}), "browser": browser} {
		for i, step := range []struct {
			path, session string
			last          bool
			want          string
		}{
			{"/", "", false, "new"}, {"/", "a", false, "new"}, {"/", "b", false, "new"}, {"/", "a", false, "known"}, {"/", "", false, "new"},
			{"/", "a", true, "known"}, {"/", "a", false, "new"}, {"/error", "b", false, ""}, {"/", "b", false, "new"},
		} {
			trip, err := driver.Visit(t.Context(), consent.Visit{URL: server.URL + step.path, Until: []string{callback}, Session: step.session, Last: step.last})
			if err != nil {
				t.Fatal(err)
			}
			if want := callback + "?code=" + step.want; step.want != "" && trip.Arrival != want || step.want == "" && trip.Ending != consent.ErrorPage {
				t.Errorf("%s, journey %d: %s %q, want %q", name, i, trip.Ending, trip.Arrival, want)
			}
		}
	}
}
