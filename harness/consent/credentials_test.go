package consent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// The request that carried the password is recognised however the page sends it, and no other request is.
func TestWhichRequestCarriedThePassword(t *testing.T) {
	const awkward = `s3cret-p~ss wörd*+&"x`
	literal := func(value string) consent.Script {
		written := script()
		written.Accept = slices.Clone(written.Accept)
		written.Accept[0].Do = slices.Clone(written.Accept[0].Do)
		written.Accept[0].Do[1] = consent.Step{Fill: &consent.Fill{Selector: "#password", Value: value}}
		return written
	}
	const send = `document.forms[0].onsubmit = e => { e.preventDefault(); const d = new FormData(e.target); `
	tests := []struct {
		name     string
		form     string // attributes
		script   string
		kind     string // of the password's field
		password string
		literal  bool
		drivers  string
		want     bool
		hops     []int // the redirects that answer the password
	}{
		{"a form", `method="post"`, ``, "password", awkward, false, "form browser", true, []int{307}},
		{"a literal in the script", `method="post"`, ``, "password", awkward, true, "form browser", true, []int{307}},
		{"a field that shows what is typed", `method="post"`, ``, "text", awkward, false, "form browser", true, []int{307}},
		{"a literal in a field that shows what is typed", `method="post"`, ``, "text", awkward, true, "form browser", false, nil},
		{"a form in the query", `method="get"`, ``, "password", "pass~word*x", false, "form browser", true, []int{307}},
		{"a form with parts", `method="post" enctype="multipart/form-data"`, ``, "password", awkward, false, "browser", true, []int{307}},
		{"a form as text", `method="post" enctype="text/plain"`, ``, "password", awkward, false, "browser", true, []int{307}},
		{"a script that sends JSON", ``, send + `fetch('/hop', {method: 'POST', body: JSON.stringify({deep: [{p: d.get('password')}]})}).finally(() => location = '/end') }`, "password", awkward, false, "browser", true, []int{307}},
		{"a script that sends a form", ``, send + `fetch('/hop', {method: 'POST', body: new URLSearchParams(d)}).finally(() => location = '/end') }`, "password", awkward, false, "browser", true, []int{307}},
		{"a script that sends parts and follows nothing", ``, send + `fetch('/hop', {method: 'POST', body: d, redirect: 'manual'}).finally(() => location = '/end') }`, "password", awkward, false, "browser", true, []int{307}},
		{"a script of the older kind", ``, send + `const x = new XMLHttpRequest(); x.open('POST', '/hop'); x.onloadend = () => { location = '/end' }; x.send(new URLSearchParams(d)) }`, "password", awkward, false, "browser", true, []int{307}},
		{"a script that hashes it", ``, send + `fetch('/hop', {method: 'POST', body: 'p=' + btoa(unescape(encodeURIComponent(d.get('password'))))}).finally(() => location = '/end') }`, "password", awkward, false, "browser", false, nil},
		{"a name that is the password, sent first", ``, send + `fetch('/hop', {method: 'POST', body: JSON.stringify({user: d.get('username')})}).finally(() => location = '/end') }`, "password", "alice", false, "browser", false, nil},
		{"a name that is the password, both", `method="post"`, ``, "password", "alice", false, "form browser", true, []int{307}},
		{"a password too short to be told from ordinary text", `method="post"`, ``, "password", "123", false, "form browser", false, nil},
		{"no password", `method="post"`, ``, "password", "", false, "form browser", false, nil},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/login/{number}", func(w http.ResponseWriter, r *http.Request) {
		var number int
		_, _ = fmt.Sscan(r.PathValue("number"), &number)
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><title>page</title><body><form id="login" action="/hop" %s><input id="username" name="username">
			<input id="password" name="password" type="%s"><button type="submit">in</button></form><script>%s</script>`, tests[number].form, tests[number].kind, tests[number].script)
	})
	mux.HandleFunc("/hop", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/end")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/end", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", callback+"?code=0123456789abcdef")
		w.WriteHeader(http.StatusSeeOther)
	})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = browser.Close() }()
	for number, test := range tests {
		for name, driver := range map[string]consent.Driver{"form": consent.NewForm(consent.FormOptions{Client: client}), "browser": browser} {
			if !strings.Contains(test.drivers, name) {
				continue
			}
			visit := consent.Visit{
				URL: fmt.Sprintf("%s/login/%d", server.URL, number), Until: []string{callback}, Choice: consent.Accept, Script: script(),
				Values: map[string]wire.Secret{"user": wire.NewSecret("alice"), "password": wire.NewSecret(test.password)},
			}
			if test.literal {
				visit.Script, visit.Values = literal(test.password), map[string]wire.Secret{"user": wire.NewSecret("alice")}
			}
			trip, err := driver.Visit(context.Background(), visit)
			if err != nil || trip.Ending != consent.Arrived {
				t.Errorf("%s, %s: %v %+v", test.name, name, err, trip)
				continue
			}
			var hops []int
			for _, hop := range trip.Hops {
				if hop.Credentials && hop.Status == http.StatusTemporaryRedirect {
					hops = append(hops, hop.Status)
				}
			}
			if trip.Credentials != test.want || !slices.Equal(hops, test.hops) {
				t.Errorf("%s, %s: carried %t, answered %v; want %t, %v; hops %+v", test.name, name, trip.Credentials, hops, test.want, test.hops, trip.Hops)
			}
		}
	}
}

// The report names every host that a page has contacted, and none that it has only been stopped from contacting.
func TestHostsContacted(t *testing.T) {
	var other string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>page</title><img src="https://%s/tracker"><script>onload = () => { location = '%s' }</script>`, other, callback)
	}))
	defer server.Close()
	here, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	other = "localhost:" + here.Port()
	for _, test := range []struct {
		allowed, want []string
	}{
		{nil, []string{here.Host, other}},
		{[]string{here.Hostname()}, []string{here.Host}},
	} {
		browser, err := consent.NewBrowser(consent.BrowserOptions{SPKI: []string{target.SPKI(server.Certificate())}, Hosts: test.allowed})
		if err != nil {
			t.Fatal(err)
		}
		trip, err := browser.Visit(context.Background(), consent.Visit{URL: server.URL, Until: []string{callback}, Choice: consent.Accept, Script: script()})
		_ = browser.Close()
		if err != nil || trip.Ending != consent.Arrived || !slices.Equal(trip.Hosts, test.want) {
			t.Errorf("%v: %v %+v", test.allowed, err, trip)
		}
	}
}
