package consent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

const (
	foreign = "https://evil.example"
	landing = foreign + "/landing"
)

// What a page may do about a foreign address, and how a journey that is about it has to end there. No page that leads there may end it as
// one that does not; no page that only speaks of it may be taken for one that does.
var astray = []struct {
	name          string
	body          string
	form, browser consent.Ending // at a page with status 400; with 200 an error page is one that nothing in the script fits
}{
	{"a refresh", `<meta http-equiv="refresh" content="0;url=` + landing + `">`, consent.Arrived, consent.Arrived},
	{"a refresh, spelt otherwise", `<META HTTP-EQUIV=Refresh CONTENT="1, URL = '` + landing + `'">`, consent.Arrived, consent.Arrived},
	{"a late refresh", `<meta http-equiv=refresh content="7; url=` + landing + `">`, consent.Arrived, consent.Arrived},
	{"a refresh after an hour", `<meta http-equiv=refresh content="3600;url=` + landing + `">`, consent.Arrived, consent.Confused},
	{"a script", `<script>location.replace("` + landing + `")</script>`, consent.Confused, consent.Arrived},
	{"a script that spells otherwise", `<script>location = "https:\/\/evil\x2eexample\/landing"</script>`, consent.Confused, consent.Arrived},
	{"a script that takes its time", `<script>setTimeout(() => { location = "` + landing + `" }, 3000)</script>`, consent.Confused, consent.Arrived},
	{"a script that adds a refresh", `<script>setTimeout(() => { document.head.innerHTML = '<meta http-equiv="refresh" content="4;url=` + landing + `">' }, 500)</script>`, consent.Confused, consent.Arrived},
	{"a handler", `<img src="data:," onerror="location = '` + landing + `'">`, consent.Confused, consent.Arrived},
	{"a form that posts itself", `<form method="post" action="` + landing + `"></form><script>document.forms[0].submit()</script>`, consent.Confused, consent.Arrived},
	{"a script that reads the address", `<script>location = new URLSearchParams(location.search).get("to")</script>`, consent.ErrorPage, consent.Arrived},
	{"a script that speaks of it", `<script>window.asked = "` + landing + `"</script>`, consent.Confused, consent.ErrorPage},
	{"an echo", `<p>` + landing + ` is not registered</p>`, consent.ErrorPage, consent.ErrorPage},
	{"an escaped script", `<p>&lt;script&gt;location="` + landing + `"&lt;/script&gt;</p>`, consent.ErrorPage, consent.ErrorPage},
	{"a link", `<a href="` + landing + `">` + landing + `</a>`, consent.ErrorPage, consent.ErrorPage},
	{"a field", `<input name="redirect_uri" value="` + landing + `">`, consent.ErrorPage, consent.ErrorPage},
	{"a field on a page with a script", `<input name="redirect_uri" value="` + landing + `"><script>document.title = "no"</script>`, consent.ErrorPage, consent.ErrorPage},
	{"a refresh to another page of the bank's", `<meta http-equiv="refresh" content="0;url=/home">`, consent.Stuck, consent.Stuck},
	{"nothing", `<p>no</p>`, consent.ErrorPage, consent.ErrorPage},
}

func TestAstray(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page/{status}/{number}", func(w http.ResponseWriter, r *http.Request) {
		var status, number int
		_, _ = fmt.Sscan(r.PathValue("status"), &status)
		_, _ = fmt.Sscan(r.PathValue("number"), &number)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<!doctype html><title>page</title><body>%s</body>", astray[number].body)
	})
	mux.HandleFunc("GET /header", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Refresh", "1; url="+landing)
		w.WriteHeader(http.StatusBadRequest)
	})
	mux.HandleFunc("GET /home", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<!doctype html><title>home</title>")
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
	drivers := map[string]consent.Driver{"form": consent.NewForm(consent.FormOptions{Client: client}), "browser": browser}
	visit := func(name, driver, path string, want consent.Ending) {
		trip, err := drivers[driver].Visit(context.Background(), consent.Visit{
			URL: server.URL + path, Until: []string{callback, foreign}, Choice: consent.Accept, Script: script(), Foreign: foreign,
		})
		if err != nil {
			t.Errorf("%s: %s", name, err)
			return
		}
		if trip.Ending != want || want == consent.Arrived && !strings.HasPrefix(trip.Arrival, landing) {
			t.Errorf("%s: %s at %q by %q (%s), want %s", name, trip.Ending, trip.Arrival, trip.By, trip.Says, want)
		}
		if unrun := driver == "form" && (want == consent.ErrorPage || want == consent.Stuck) && strings.Contains(string(trip.Pages[len(trip.Pages)-1].HTML), "<script"); trip.Unrun != unrun {
			t.Errorf("%s: says that scripts were not run: %t", name, trip.Unrun)
		}
	}
	// They wait, most of the time.
	var under sync.WaitGroup
	defer under.Wait()
	few := make(chan struct{}, 8)
	for number, test := range astray {
		for _, status := range []int{http.StatusBadRequest, http.StatusOK} {
			for driver, want := range map[string]consent.Ending{"form": test.form, "browser": test.browser} {
				if want == consent.ErrorPage && status == http.StatusOK {
					want = consent.Stuck
				}
				under.Go(func() {
					few <- struct{}{}
					defer func() { <-few }()
					visit(fmt.Sprintf("%s with %d, %s", test.name, status, driver), driver, fmt.Sprintf("/page/%d/%d?to=%s", status, number, landing), want)
				})
			}
		}
	}
	for _, driver := range []string{"form", "browser"} {
		visit("a header field, "+driver, driver, "/header", consent.Arrived)
	}
	for name, driver := range drivers {
		trip, err := driver.Visit(context.Background(), consent.Visit{URL: server.URL + "/page/400/2", Until: []string{callback}, Script: script()})
		if err != nil || trip.Ending != consent.ErrorPage {
			t.Errorf("a late refresh where no foreign address was asked for, %s: %v, %s (%s)", name, err, trip.Ending, trip.Says)
		}
	}
}
