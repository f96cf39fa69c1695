package har_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xeipuuv/gojsonschema"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/har"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

// archive is what a browser reads of a file, written down from HAR 1.2 and not from our writer.
type archive struct {
	Log struct {
		Version string `json:"version"`
		Pages   []struct {
			ID    string `json:"id"`
			Title string `json:"title"`
		} `json:"pages"`
		Entries []entry `json:"entries"`
	} `json:"log"`
}

type entry struct {
	Pageref string    `json:"pageref"`
	Started time.Time `json:"startedDateTime"`
	Time    float64   `json:"time"`
	Comment string    `json:"comment"`
	Request struct {
		Method, URL string
		QueryString []struct{ Name, Value string } `json:"queryString"`
		PostData    struct{ MimeType, Text string }
	} `json:"request"`
	Response struct {
		Status      int    `json:"status"`
		RedirectURL string `json:"redirectURL"`
		Error       string `json:"_error"`
	} `json:"response"`
	Own struct{ Experiments []string } `json:"_fapitest"`
}

func written(t *testing.T, r *verdict.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := har.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t *testing.T, r *verdict.Report) archive {
	t.Helper()
	var a archive
	if err := json.Unmarshal(written(t, r), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// schema is that of testdata/har-schema, a copy of the npm package har-schema 2.0.0.
func schema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	loader := gojsonschema.NewSchemaLoader()
	files, err := filepath.Glob(filepath.Join("testdata", "har-schema", "*.json"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// The names of the package lead nowhere without a base.
		text := strings.NewReplacer(`"$id": "`, `"$id": "http://har.test/`, `"$ref": "`, `"$ref": "http://har.test/`).Replace(string(content))
		if err := loader.AddSchemas(gojsonschema.NewStringLoader(text)); err != nil {
			t.Fatal(file, err)
		}
	}
	compiled, err := loader.Compile(gojsonschema.NewReferenceLoader("http://har.test/har.json#"))
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestEveryArchiveIsValid(t *testing.T) {
	against := schema(t)
	for _, s := range sample.All() {
		result, err := against.Validate(gojsonschema.NewBytesLoader(written(t, s.Report)))
		if err != nil {
			t.Fatal(err)
		}
		for i, wrong := range result.Errors() {
			if i < 5 {
				t.Errorf("%s: %s", s.Name, wrong)
			}
		}
	}
	// The schema itself is looked at.
	result, err := against.Validate(gojsonschema.NewStringLoader(`{"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [{"time": 1}]}}`))
	if err != nil || result.Valid() {
		t.Errorf("an entry without a request is valid: %v", err)
	}
}

// Every exchange of a report stands there once, in the order in which it was sent, with the experiment that came out worst.
func TestEveryExchangeStandsThereOnce(t *testing.T) {
	r := sample.NotConformant()
	sent := map[string]bool{}
	for _, result := range r.Requirements {
		for _, spec := range result.Specs {
			for _, e := range spec.Exchanges {
				sent[strings.Join([]string{e.Step, e.ID, e.Request.Method, e.Request.URL, e.Started.String()}, " ")] = true
			}
		}
	}
	a := read(t, r)
	pages := map[string]string{}
	for _, p := range a.Log.Pages {
		pages[p.ID] = p.Title
	}
	found := 0
	var last time.Time
	for _, e := range a.Log.Entries {
		if e.Started.Before(last) {
			t.Errorf("%s: sent before the one that stands before it", e.Comment)
		}
		last = e.Started
		if pages[e.Pageref] == "" {
			t.Errorf("%q is no page", e.Pageref)
		}
		if len(e.Own.Experiments) > 0 {
			found++
		}
	}
	if found != len(sent) || len(sent) < 5 || a.Log.Version != "1.2" {
		t.Errorf("%d entries for %d exchanges", found, len(sent))
	}
}

func report(exchanges ...*wire.Exchange) *verdict.Report {
	return &verdict.Report{Requirements: []verdict.Result{
		{ID: "X-1", Verdict: verdict.Pass, Specs: []verdict.Spec{{Sentence: "passes", Client: "one", Verdict: verdict.Pass, Exchanges: exchanges[:1]}}},
		{ID: "X-2", Verdict: verdict.Fail, Specs: []verdict.Spec{{Sentence: "fails", Client: "one", Verdict: verdict.Fail, Exchanges: exchanges}}},
	}}
}

func TestWhatAnEntrySays(t *testing.T) {
	began := time.Date(2026, 11, 28, 12, 0, 0, 1500, time.FixedZone("", 3600))
	control := wire.Exchange{
		ID: "a", Step: "pushed authorization request", Started: began, Seconds: 0.0123, Role: wire.RoleControl, Expected: wire.Accepted, Judged: wire.Accepted,
		Request: wire.Message{Method: "POST", URL: "https://as.example.com/par", Header: []wire.Field{{Name: "content-type", Value: "application/x-www-form-urlencoded"}}, Body: "a=b"},
		Answer:  &wire.Message{Status: 201},
	}
	silent := wire.Exchange{ID: "b", Step: "token request", Started: began.Add(time.Second), Request: wire.Message{Method: "POST", URL: "https://as.example.com/token"}, Failure: "connection reset"}
	journey := wire.Exchange{
		Step: "authorization request", Started: began.Add(2 * time.Second),
		Request: wire.Message{Method: "GET", URL: "https://as.example.com/authorize?client_id=one&request_uri=urn:x"},
		Answer:  &wire.Message{Status: 303, Header: []wire.Field{{Name: "Location", Value: "https://c.example/cb?code=[code: 41 characters, sha256 8cf147e2…]"}}},
		Hops: []wire.Hop{
			{Method: "GET", URL: "https://as.example.com/authorize?client_id=one&request_uri=urn:x", Status: 303, Location: "https://as.example.com/login"},
			{Method: "POST", URL: "https://as.example.com/login", Status: 303, Location: "https://c.example/cb?code=[code: 41 characters, sha256 8cf147e2…]"},
		},
	}
	nothing := wire.Exchange{Step: "refresh request", Failure: "nothing was sent"}
	a := read(t, report(&control, &silent, &journey, &nothing))
	if len(a.Log.Entries) != 4 || len(a.Log.Pages) != 1 || !strings.HasPrefix(a.Log.Pages[0].Title, "fail X-2 (one): fails") {
		t.Fatalf("%+v", a.Log)
	}
	first, second, last := a.Log.Entries[0], a.Log.Entries[1], a.Log.Entries[3]
	if first.Time != 12.3 || first.Request.PostData.Text != "a=b" || first.Request.PostData.MimeType != "application/x-www-form-urlencoded" ||
		strings.Join(first.Own.Experiments, " ") != "X-2 X-1" || first.Comment != "control: pushed authorization request; expected accepted, was accepted" {
		t.Errorf("%+v", first)
	}
	if second.Response.Status != 0 || second.Response.Error != "connection reset" {
		t.Errorf("%+v", second)
	}
	if last.Request.Method != "POST" || !strings.HasPrefix(last.Response.RedirectURL, "https://c.example/cb?code=[code: 41") {
		t.Errorf("%+v", last)
	}
}

// A captured URL has parameters that stand decoded, and stand-ins for secrets. Browsers refuse an archive for one that they can't parse.
func TestEveryURLCanBeParsed(t *testing.T) {
	for raw, want := range map[string]string{
		"https://a.example/x":                                "https://a.example/x",
		"https://[::1]:8443/x?a=b":                           "https://[::1]:8443/x?a=b",
		"https://a.example/x?code=[code: 4 …]&iss=https://b": "https://a.example/x?code=%5Bcode:%204%20%E2%80%A6%5D&iss=https://b",
		"https://a.example/x?p=100%&q=%41#f#g":               "https://a.example/x?p=100%25&q=%41#f%23g",
		"https://a.example/x?claims={\"a\": 1}":              "https://a.example/x?claims=%7B%22a%22:%201%7D",
		"":                                                   "about:invalid",
		"/relative":                                          "about:invalid",
		"https://a.example:port/":                            "about:invalid",
	} {
		e := read(t, report(&wire.Exchange{Step: "s", Request: wire.Message{Method: "GET", URL: raw}})).Log.Entries[0]
		if e.Request.URL != want {
			t.Errorf("%s: %s", raw, e.Request.URL)
		}
		if _, err := url.Parse(e.Request.URL); err != nil {
			t.Error(err)
		}
	}
	e := read(t, report(&wire.Exchange{Request: wire.Message{Method: "GET", URL: "https://a.example/x?code=[code: 4 …]&odd#f?g=h"}})).Log.Entries[0]
	if q := e.Request.QueryString; len(q) != 2 || q[0].Name != "code" || q[0].Value != "[code: 4 …]" || q[1].Name != "odd" {
		t.Errorf("%+v", q)
	}
}
