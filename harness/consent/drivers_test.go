package consent_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

const callback = "https://client.example/cb"

const password = "pass-word-of-a-test"

// pages is a bank whose login page leads on in the way that its path names.
func pages() http.Handler {
	mux := http.NewServeMux()
	html := func(w http.ResponseWriter, status int, body string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<!doctype html><title>page</title><body>%s</body>", body)
	}
	mux.HandleFunc("GET /login/", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/", Secure: true})
		html(w, 200, `<form id="login" method="post" action="/post/`+r.URL.Path[len("/login/"):]+`"><input id="username" name="username">
			<input id="password" name="password" type="password"><button type="submit" name="how" value="button">in</button></form>`)
	})
	mux.HandleFunc("POST /begin", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" || r.PostFormValue("scope") != "openid a&b" {
			html(w, 400, "the form is not as a browser would send it")
			return
		}
		w.Header().Set("Location", "/login/303")
		w.WriteHeader(303)
	})
	mux.HandleFunc("POST /post/{how}", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("username") != "alice" || r.FormValue("password") != password || r.FormValue("how") != "button" {
			html(w, 400, "the form is not as a browser would send it")
			return
		}
		switch how := r.PathValue("how"); how {
		case "302", "303", "307", "308":
			w.Header().Set("Location", callback+"?code=0123456789abcdef&state=s")
			var status int
			_, _ = fmt.Sscan(how, &status)
			w.WriteHeader(status)
		case "fragment":
			w.Header().Set("Location", callback+"#access_token=0123456789abcdef")
			w.WriteHeader(303)
		case "refresh":
			html(w, 200, `<meta http-equiv="refresh" content="0; url=`+callback+`?code=0123456789abcdef">`)
		case "script":
			html(w, 200, `<script>location.href = "`+callback+`?code=0123456789abcdef"</script>`)
		case "late":
			html(w, 200, `<p>wait</p><script>setTimeout(() => { document.body.innerHTML = '<form id="consent" method="post" action="/post/303"><button value="allow">go</button></form>' }, 300)</script>`)
		case "post":
			html(w, 200, `<form id="consent" method="post" action="`+callback+`"><input type="hidden" name="code" value="0123456789abcdef"><button value="allow">go</button></form>`)
		case "dialog":
			html(w, 200, `<script>alert("are you sure?")</script><form id="consent" method="post" action="`+callback+`"><button value="allow">go</button></form>`)
		case "429", "404", "500", "405", "415", "408", "413", "414", "425", "431":
			var status int
			_, _ = fmt.Sscan(how, &status)
			html(w, status, "no")
		case "said-no":
			html(w, 200, `<main class="error">no</main>`)
		case "unknown":
			html(w, 200, `<p>nobody expected this</p>`)
		case "loop":
			w.Header().Set("Location", "/loop")
			w.WriteHeader(303)
		case "again":
			w.Header().Set("Location", "/login/again")
			w.WriteHeader(303)
		case "foreign":
			w.Header().Set("Location", "https://evil.example/any/where")
			w.WriteHeader(303)
		case "nothing-to-click":
			html(w, 200, `<form id="consent"></form>`)
		}
	})
	mux.HandleFunc("GET /loop", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/loop")
		w.WriteHeader(303)
	})
	return mux
}

func script() consent.Script {
	return consent.Script{
		Accept: []consent.Page{
			{When: consent.When{Selector: "form#login"}, Do: []consent.Step{
				{Fill: &consent.Fill{Selector: "#username", Value: "${user}"}}, {Fill: &consent.Fill{Selector: "#password", Value: "${password}"}},
				{Click: "button[type=submit]"},
			}},
			{When: consent.When{Selector: "form#consent"}, Do: []consent.Step{{Click: "button[value=allow]"}}},
		},
		Error: []string{"main.error"},
	}
}

func TestDrivers(t *testing.T) {
	server := httptest.NewTLSServer(pages())
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}, Screenshots: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = browser.Close() }()

	const both, onlyBrowser = "form browser", "browser"
	for _, test := range []struct {
		how     string
		drivers string
		ending  consent.Ending
		by      string
		last    int // status of the last hop
	}{
		{"302", both, consent.Arrived, "redirect", 302},
		{"303", both, consent.Arrived, "redirect", 303},
		{"307", "browser", consent.Arrived, "redirect", 307},
		{"308", "browser", consent.Arrived, "redirect", 308},
		{"fragment", both, consent.Arrived, "redirect", 303},
		{"refresh", both, consent.Arrived, "page", 0},
		{"script", onlyBrowser, consent.Arrived, "page", 0},
		{"post", both, consent.Arrived, "form post", 0},
		{"dialog", onlyBrowser, consent.Arrived, "form post", 0},
		{"foreign", both, consent.Arrived, "redirect", 303},
		{"404", both, consent.ErrorPage, "", 0},
		{"429", both, consent.Busy, "", 0},
		{"500", both, consent.Broken, "", 0},
		{"405", both, consent.Confused, "", 0},
		{"415", both, consent.Confused, "", 0},
		{"408", both, consent.Broken, "", 0},
		{"413", both, consent.Broken, "", 0},
		{"414", both, consent.Broken, "", 0},
		{"425", both, consent.Broken, "", 0},
		{"431", both, consent.Broken, "", 0},
		{"said-no", both, consent.ErrorPage, "", 0},
		{"unknown", both, consent.Stuck, "", 0},
		{"nothing-to-click", both, consent.Stuck, "", 0},
		{"loop", both, consent.Broken, "", 0},
		{"again", both, consent.Stuck, "", 0},
	} {
		for name, driver := range map[string]consent.Driver{"form": consent.NewForm(consent.FormOptions{Client: client}), "browser": browser} {
			if !strings.Contains(test.drivers, name) {
				continue
			}
			t.Run(test.how+" "+name, func(t *testing.T) {
				trip, err := driver.Visit(context.Background(), consent.Visit{
					URL: server.URL + "/login/" + test.how, Until: []string{callback, "https://evil.example"}, Choice: consent.Accept, Script: script(),
					Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
				})
				if err != nil {
					t.Fatal(err)
				}
				if trip.Ending != test.ending || trip.By != test.by {
					t.Errorf("%s by %q (%s), want %s by %q", trip.Ending, trip.By, trip.Says, test.ending, test.by)
				}
				if trip.Ending == consent.Arrived && !strings.HasPrefix(trip.Arrival, callback) && test.how != "foreign" {
					t.Errorf("arrived at %s", trip.Arrival)
				}
				if trip.Ending != consent.Arrived && !strings.Contains(trip.Says, "localhost") && !strings.Contains(trip.Says, "127.0.0.1") && !strings.Contains(trip.Says, "redirects") {
					t.Errorf("does not say where: %s", trip.Says)
				}
				if test.last != 0 {
					if len(trip.Hops) == 0 || trip.Hops[len(trip.Hops)-1].Status != test.last || !trip.Hops[len(trip.Hops)-1].Credentials {
						t.Errorf("hops %+v", trip.Hops)
					}
				}
				if name == "browser" && (len(trip.Pages) == 0 || len(trip.Pages[0].Screenshot) == 0) {
					t.Error("no screenshot")
				}
				if shown, _ := json.Marshal(trip.Hops); strings.Contains(string(shown), "0123456789abcdef") || strings.Contains(string(shown), password) {
					t.Errorf("a secret is shown: %s", shown)
				}
			})
		}
	}
	t.Run("a page that comes alive late", func(t *testing.T) {
		trip, err := browser.Visit(context.Background(), consent.Visit{
			URL: server.URL + "/login/late", Until: []string{callback}, Choice: consent.Accept, Script: script(),
			Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)},
		})
		// The form that comes late lacks the name and the password, so what follows is the bank's refusal: the page was acted on.
		if err != nil || trip.Ending != consent.ErrorPage {
			t.Errorf("%v %+v", err, trip)
		}
	})
	t.Run("two visits share no cookies", func(t *testing.T) {
		for range 2 {
			trip, err := browser.Visit(context.Background(), consent.Visit{URL: server.URL + "/login/303", Until: []string{callback}, Script: script(), Again: consent.BeforeLogin,
				Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)}})
			if err != nil || trip.Ending != consent.Arrived {
				t.Errorf("%v %+v", err, trip)
			}
		}
	})
	t.Run("visits that begin with a form", func(t *testing.T) {
		for name, driver := range map[string]consent.Driver{"form": consent.NewForm(consent.FormOptions{Client: client}), "browser": browser} {
			for _, again := range []consent.Again{consent.Never, consent.BeforeLogin} {
				trip, err := driver.Visit(context.Background(), consent.Visit{URL: server.URL + "/begin", Form: url.Values{"scope": {"openid a&b"}}, Until: []string{callback}, Script: script(), Again: again,
					Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(password)}})
				switch {
				case err != nil || trip.Ending != consent.Arrived:
					t.Errorf("%s: %v %+v", name, err, trip)
				case len(trip.Hops) < 2 || trip.Hops[0].Method != http.MethodPost || !trip.Hops[len(trip.Hops)-1].Credentials:
					t.Errorf("%s: hops %+v", name, trip.Hops)
				}
			}
		}
	})
	t.Run("only listed hosts", func(t *testing.T) {
		narrow := consent.NewForm(consent.FormOptions{Client: client, Hosts: []string{"bank.example"}})
		trip, err := narrow.Visit(context.Background(), consent.Visit{URL: server.URL + "/login/303", Until: []string{callback}, Script: script()})
		if err != nil || trip.Ending != consent.Left {
			t.Errorf("%v %+v", err, trip)
		}
	})
}

func TestASilentServer(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		<-release // whoever has hung up meanwhile is not answered either
	}))
	defer server.Close()
	defer close(release)
	driver := consent.NewForm(consent.FormOptions{Client: server.Client()})
	trip, err := driver.Visit(context.Background(), consent.Visit{URL: server.URL, Until: []string{callback}, Limit: 200 * time.Millisecond})
	if err != nil || trip.Ending != consent.TimedOut {
		t.Errorf("%v %+v", err, trip)
	}
}

func TestPerson(t *testing.T) {
	var out strings.Builder
	driver := consent.NewPerson(consent.PersonOptions{Out: &out, In: strings.NewReader("https://elsewhere.example/\n" + callback + "?code=x\nerror\n")})
	visit := consent.Visit{URL: "https://bank.example/authorize", Until: []string{callback}, Choice: consent.Accept}
	trip, err := driver.Visit(context.Background(), visit)
	if err != nil || trip.Ending != consent.Arrived || trip.Arrival != callback+"?code=x" {
		t.Errorf("%v %+v", err, trip)
	}
	if !strings.Contains(out.String(), visit.URL) || !strings.Contains(out.String(), "none of the client's addresses") {
		t.Error(out.String())
	}
	if trip, err = driver.Visit(context.Background(), visit); err != nil || trip.Ending != consent.ErrorPage {
		t.Errorf("%v %+v", err, trip)
	}
	if _, err = driver.Visit(context.Background(), visit); err == nil {
		t.Error("nobody answered, and no error")
	}
	out.Reset()
	visit.Form = url.Values{"scope": {`a"b`}}
	_, _ = consent.NewPerson(consent.PersonOptions{Out: &out, In: strings.NewReader("error\n")}).Visit(context.Background(), visit)
	_, encoded, _ := strings.Cut(out.String(), "data:text/html;base64,")
	encoded, _, _ = strings.Cut(encoded, "\n")
	if page, err := base64.StdEncoding.DecodeString(encoded); err != nil || !strings.Contains(string(page), `name="scope" value="a&#34;b"`) || !strings.Contains(string(page), `action="`+visit.URL) {
		t.Errorf("%v %s", err, page)
	}
}

// Somebody who does not answer keeps nobody: neither the journey that waits for the answer, nor the one that waits for its turn.
func TestPersonWhoDoesNotAnswer(t *testing.T) {
	in, typed := io.Pipe()
	defer func() { _ = typed.Close() }()
	driver := consent.NewPerson(consent.PersonOptions{Out: io.Discard, In: in})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := driver.Visit(ctx, consent.Visit{URL: "https://bank.example/authorize", Until: []string{callback}})
			ended <- err
		}()
	}
	for range 2 {
		select {
		case err := <-ended:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("still waiting")
		}
	}
	// What is typed afterwards answers the next journey.
	go func() { _, _ = fmt.Fprintln(typed, "error") }()
	if trip, err := driver.Visit(context.Background(), consent.Visit{URL: "https://bank.example/authorize"}); err != nil || trip.Ending != consent.ErrorPage {
		t.Errorf("%v %+v", err, trip)
	}
}

func TestExpand(t *testing.T) {
	values := map[string]wire.Secret{"user": wire.NewSecret("alice")}
	if got := consent.Expand("x${user}y${other}", values); got != "xalicey${other}" {
		t.Error(got)
	}
}
