package consent

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
)

// A Chromium that crashes costs the journeys that it was on; the next one has a new one.
func TestChromiumCrashes(t *testing.T) {
	const arrival = "https://client.example/cb"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", arrival+"?code=x")
		w.WriteHeader(http.StatusSeeOther)
	}))
	defer server.Close()
	key := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	driver, err := NewBrowser(BrowserOptions{SPKI: []string{base64.StdEncoding.EncodeToString(key[:])}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	arrive := func() {
		t.Helper()
		trip, err := driver.Visit(context.Background(), Visit{URL: server.URL, Until: []string{arrival}})
		if err != nil || trip.Ending != Arrived {
			t.Fatalf("%v %+v", err, trip)
		}
	}
	arrive()
	running := driver.(*browser).running
	if err := chromedp.FromContext(running.root).Browser.Process().Kill(); err != nil {
		t.Fatal(err)
	}
	<-running.root.Done()
	arrive()
	if driver.(*browser).launches != 2 {
		t.Errorf("started %d times", driver.(*browser).launches)
	}
}
