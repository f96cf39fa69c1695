package consent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

// A response that a page has its script post to the client arrives with both drivers; a page that wants something of its user does not lead on by itself.
func TestFormPostResponse(t *testing.T) {
	const script = `<script>document.forms[0].submit()</script>`
	fields := `<input type="hidden" name="response" value="a.b.c"><input type=hidden name=state value="1 &amp; 2">`
	pages := []struct {
		name, body    string
		form, browser consent.Ending
	}{
		{"as OAuth 2.0 Form Post Response Mode has it", `<form method="post" action="` + callback + `">` + fields + `</form>` + script, consent.Arrived, consent.Arrived},
		{"with a button for who has no scripts", `<form method=POST action="` + callback + `">` + fields + `<input type="submit" value="go on"></form>` + script, consent.Arrived, consent.Arrived},
		{"by a handler", `<body onload="document.forms[0].submit()"><form method="post" action="` + callback + `">` + fields + `</form>`, consent.Arrived, consent.Arrived},
		{"without a script", `<form method="post" action="` + callback + `">` + fields + `<button>go on</button></form>`, consent.Stuck, consent.Stuck},
		{"with something to fill in", `<form method="post" action="` + callback + `">` + fields + `<input name="code"></form><script>document.title = "?"</script>`, consent.Stuck, consent.Stuck},
		{"to another place", `<form method="post" action="https://else.example/cb">` + fields + `</form><script>document.title = "?"</script>`, consent.Stuck, consent.Stuck},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{number}", func(w http.ResponseWriter, r *http.Request) {
		var number int
		_, _ = fmt.Sscan(r.PathValue("number"), &number)
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, "<!doctype html><title>page</title>%s", pages[number].body)
	})
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = browser.Close() })
	form := consent.NewForm(consent.FormOptions{Client: client})
	for number, test := range pages {
		for name, c := range map[string]struct {
			driver consent.Driver
			want   consent.Ending
		}{"form": {form, test.form}, "browser": {browser, test.browser}} {
			trip, err := c.driver.Visit(context.Background(), consent.Visit{
				URL: fmt.Sprintf("%s/%d", server.URL, number), Until: []string{callback}, Choice: consent.Accept, Script: consent.Script{},
			})
			switch {
			case err != nil:
				t.Errorf("%s, %s: %s", test.name, name, err)
			case trip.Ending != c.want:
				t.Errorf("%s, %s: %s (%s), want %s", test.name, name, trip.Ending, trip.Says, c.want)
			case trip.Ending == consent.Arrived && (trip.By != "form post" || trip.Posted != "response=a.b.c&state=1+%26+2"):
				t.Errorf("%s, %s: by %s, with %q", test.name, name, trip.By, trip.Posted)
			}
		}
	}
}
