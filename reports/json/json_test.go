package json_test

import (
	"bytes"
	stdjson "encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/json"
)

func written(t *testing.T, r *verdict.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for _, s := range sample.All() {
		first := written(t, s.Report)
		read, err := json.Read(bytes.NewReader(first))
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if s.Name == "hostile" {
			// Invalid UTF-8 can't stand in JSON: it is replaced when it is first written, and stays the same from then on.
			first = written(t, read)
			if read, err = json.Read(bytes.NewReader(first)); err != nil {
				t.Fatal(err)
			}
		}
		if second := written(t, read); !bytes.Equal(first, second) {
			t.Errorf("%s: read and written again it is another file", s.Name)
		}
		again, err := json.Read(bytes.NewReader(first))
		if err != nil || !reflect.DeepEqual(read, again) {
			t.Errorf("%s: read twice it differs: %v", s.Name, err)
		}
		if len(read.Requirements) != len(s.Report.Requirements) || read.Conclusion != s.Report.Conclusion || !read.Started.Equal(s.Report.Started) {
			t.Errorf("%s: something was lost", s.Name)
		}
		for i, result := range s.Report.Requirements {
			for j, spec := range result.Specs {
				for k, exchange := range spec.Exchanges {
					if s.Name == "hostile" {
						continue
					}
					if got := read.Requirements[i].Specs[j].Exchanges[k]; !reflect.DeepEqual(got, exchange) {
						t.Errorf("%s: %s: exchange %d is another one:\n%+v\n%+v", s.Name, result.ID, k, got, exchange)
					}
				}
			}
		}
	}
}

// What many experiments build on stands in the file once.
func TestExchangesStandOnce(t *testing.T) {
	shared := wire.Exchange{ID: "one", Step: "token request", Request: wire.Message{URL: "https://example.com/token"}}
	control, claim := shared, shared
	control.Role, claim.Role = wire.RoleControl, wire.RoleClaim
	other := shared
	other.Deviation = "without a proof"
	r := sample.Empty()
	for _, exchange := range []*wire.Exchange{&control, &claim, &other} {
		r.Requirements = append(r.Requirements, verdict.Result{
			ID: "X-" + strconv.Itoa(len(r.Requirements)), Level: "shall", Verdict: verdict.Pass,
			Specs: []verdict.Spec{{Verdict: verdict.Pass, Exchanges: []*wire.Exchange{exchange}}},
		})
	}
	sample.Settle(r)
	text := written(t, r)
	if requests, texts := bytes.Count(text, []byte(`"step":`)), bytes.Count(text, []byte("https://example.com/token")); requests != 2 || texts != 1 {
		t.Errorf("there are %d requests in the file, and their URL stands in it %d times", requests, texts)
	}
	read, err := json.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []*wire.Exchange{&control, &claim, &other} {
		if got := read.Requirements[i].Specs[0].Exchanges[0]; !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// Whatever stands in a request comes out of the tables to the letter.
func TestTablesChangeNothing(t *testing.T) {
	const jwt = `[JWT {"alg":"ES256","typ":"dpop+jwt"} . {"htm":"POST","htu":"https://example.com/?a=b&c=<d>","iat":12345678901234567890} . signature redacted]`
	header := []wire.Field{
		{Name: "Content-Type", Value: "application/x-www-form-urlencoded; charset=UTF-8"}, {Name: "X-Fapi-Interaction-Id", Value: "one"},
		{Name: "Dpop", Value: jwt}, {Name: "", Value: ""}, {Name: "Empty", Value: ""}, {Name: "Null", Value: "null"},
		{Name: "Spaced", Value: strings.Replace(jwt, ":", ": ", 1)}, {Name: "Spaced", Value: strings.ReplaceAll(jwt, ",", ", ")},
		{Name: "Half", Value: `[JWT {"alg":"ES256"} . signature redacted]`}, {Name: "Half", Value: "[JWT"}, {Name: "Half", Value: `[JWT {} . {"a":1}{} . signature redacted]`},
		{Name: "Half", Value: `[JWT {} . [1,2] . signature redacted]`}, {Name: "Half", Value: `[JWT 1 . 2 . signature redacted] `}, {Name: "Half", Value: "[JWT \"\u2028\" . \"\u2028<\" . signature redacted]"},
	}
	for _, body := range []string{
		"", "a", "a=", "=", "=a", "&", "a&", "&a=b", "a=b&a=b&a=c", "a==b", "client_assertion=" + jwt + "&x=y", "dpop=" + strings.ReplaceAll(jwt, "&", ""), "one", "a=one",
		"a=b… (1000000 bytes in all)", `{"a":"b"}`, "\n", "a=\ufffd",
	} {
		for _, kind := range []string{header[0].Value, "application/json", "APPLICATION/X-WWW-FORM-URLENCODED"} {
			fields := append([]wire.Field{{Name: "content-type", Value: kind}}, header[1:]...)
			exchange := &wire.Exchange{
				ID: "one", Step: "a step", Deviation: "with " + body, Request: wire.Message{Method: "POST", URL: "https://example.com/", Header: fields, Body: body},
				Answer: &wire.Message{Status: 200, Header: fields, Body: body, Certificate: "CN=one"},
				Pages:  []wire.Page{{URL: "https://example.com/", Title: body, Did: "click"}, {}}, Hops: []wire.Hop{{URL: body, Location: "one"}, {}},
			}
			nameless := *exchange
			nameless.ID, nameless.Answer = "", nil
			r := sample.Empty()
			r.Requirements = []verdict.Result{{ID: "X-1", Level: "shall", Verdict: verdict.Pass, Specs: []verdict.Spec{{Verdict: verdict.Pass, Exchanges: []*wire.Exchange{exchange, &nameless}}}}}
			sample.Settle(r)
			read, err := json.Read(bytes.NewReader(written(t, r)))
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []*wire.Exchange{exchange, &nameless} {
				if got := read.Requirements[0].Specs[0].Exchanges[i]; !reflect.DeepEqual(got, want) {
					t.Errorf("%q as %s:\n%+v, want\n%+v", body, kind, got, want)
				}
			}
		}
	}
}

// A small file that would come to a large one is not put together.
func TestTablesAreBounded(t *testing.T) {
	r := sample.Empty()
	r.Requirements = []verdict.Result{{ID: "X-1", Level: "shall", Verdict: verdict.Pass, Specs: []verdict.Spec{{Verdict: verdict.Pass, Exchanges: []*wire.Exchange{{
		Request: wire.Message{Header: []wire.Field{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}, Body: "a=" + strings.Repeat("b", 1<<20)},
	}}}}}}
	text := string(written(t, r))
	if !strings.Contains(text, `"form":[1]`) {
		t.Fatal("there is no form in it")
	}
	_, err := json.Read(strings.NewReader(strings.Replace(text, `"form":[1]`, `"form":[1`+strings.Repeat(",1", 1000)+"]", 1)))
	if err == nil || !strings.Contains(err.Error(), "more than 64 MiB") {
		t.Error(err)
	}
}

// A number that no float holds, and members that only a later version knows.
func TestReadKeepsNumbersAndAllowsNewMembers(t *testing.T) {
	r := sample.Empty()
	r.Target.Config = map[string]any{"large": stdjson.Number("12345678901234567890.125")}
	text := strings.Replace(string(written(t, r)), "{", `{"later": {"member": 1},`, 1)
	read, err := json.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(written(t, read)), "12345678901234567890.125") {
		t.Error("the number lost digits")
	}
}

func TestListsAreNeverNull(t *testing.T) {
	text := string(written(t, &verdict.Report{Requirements: []verdict.Result{{ID: "X", Specs: []verdict.Spec{{}}}}}))
	for _, member := range []string{"requirements", "specs", "exchanges", "clients", "counts"} {
		if strings.Contains(text, `"`+member+`": null`) || strings.Contains(text, `"`+member+`":null`) {
			t.Errorf("%s is null", member)
		}
	}
	if empty := string(written(t, sample.Empty())); !strings.Contains(empty, `"requirements": []`) {
		t.Error("requirements is no empty list")
	}
}

func TestWriteChangesNothing(t *testing.T) {
	r := &verdict.Report{Requirements: []verdict.Result{{Specs: []verdict.Spec{{}}}}}
	written(t, r)
	if r.Counts != nil || r.Target.Clients != nil || r.Requirements[0].Specs[0].Exchanges != nil {
		t.Error("writing filled in the report")
	}
}

func TestReadRefuses(t *testing.T) {
	good := string(written(t, sample.NotConformant()))
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the sample has no %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, test := range map[string]struct{ text, says string }{
		"nothing":            {"", "is not JSON"},
		"a web page":         {"<html>", "is not JSON"},
		"a list":             {"[]", "not a fapitest report"},
		"no schema":          {"{}", "names no schema"},
		"another schema":     {change(verdict.Schema, verdict.Schema+"00"), "reads \"" + verdict.Schema + "\""},
		"two reports":        {good + good, "is not JSON"},
		"half a report":      {good[:len(good)/2], "is not JSON"},
		"conclusion":         {change(`"conclusion": "not-conformant"`, `"conclusion": "fine"`), `no conclusion "fine"`},
		"verdict":            {change(`"verdict":"fail"`, `"verdict":"skipped"`), `no verdict "skipped"`},
		"verdict of spec":    {change(`"verdict":"fail","client"`, `"verdict":"ok","client"`), `no verdict "ok"`},
		"count":              {change(`"not-applicable": 1`, `"ignored": 1`), `no verdict "ignored"`},
		"level":              {change(`"level":"shall"`, `"level":"must"`), `no level "must"`},
		"twice":              {change(`"id":"FAPI2-SP-5.3.2.2-4"`, `"id":"FAPI2-SP-5.3.2.2-6"`), "twice"},
		"role":               {change(`"role":"control"`, `"role":"x"`), `no role "x"`},
		"decision":           {change(`"judged":"accepted"`, `"judged":"maybe"`), `no decision "maybe"`},
		"an exchange null":   {change("\"exchanges\": [\n{", "\"exchanges\": [\nnull,{"), "no exchange 0"},
		"no such exchange":   {change(`"exchanges":[[`, `"exchanges":[[4711`), "no exchange 4711"},
		"no use":             {change(`"exchanges":[[`, `"exchanges":[[],[`), "not of 0"},
		"a header field":     {change(`["Content-Type",`, `["Content-Type","","",`), "a name and a value"},
		"no such judgement":  {change(`"exchanges":[[0`, `"exchanges":[[0,4711],[0`), "no judgement 4711"},
		"no such control":    {change(`"exchanges":[[0`, `"exchanges":[[0,0,4711],[0`), "no exchange 4711"},
		"a text like itself": {change("\"texts\": [\n", "\"texts\": [\n[0,0,\"\",0],"), "does not come before it"},
		"a text like less":   {change("\"texts\": [\n", "\"texts\": [\n\"\",[0,1,\"\",0],"), "takes 1 and 0 bytes from text 0, which has 0"},
		"a text of three":    {change("\"texts\": [\n", "\"texts\": [\n[0,1,\"\"],"), "a list of four, not of 3"},
		"no such field":      {change(`"header":[0`, `"header":[4711`), "no field 4711"},
		"no such text":       {change(`"line":`, `"line":-`), "no text -"},
		"another conclusion": {change(`"conclusion": "not-conformant"`, `"conclusion": "conformant"`), "it says conformant, and its requirements come to not-conformant: FAPI2-SP-5.2.2-1 is fail"},
		"another count":      {change(`"fail": 4`, `"fail": 3`), "counts 3 requirements as fail, and there are 4"},
		"another verdict":    {change(`"verdict":"fail"`, `"verdict":"pass"`), "FAPI2-SP-5.2.2-1: it is pass, and what it follows from comes to fail"},
		"partial":            {change(`"partial": false`, `"partial": true`), "partial: true"},
		"a wrong type":       {change(`"seed": 4711`, `"seed": "4711"`), "not a fapitest report"},
	} {
		_, err := json.Read(strings.NewReader(test.text))
		switch {
		case err == nil:
			t.Errorf("%s: read without a word", name)
		case !strings.Contains(err.Error(), test.says):
			t.Errorf("%s: %v", name, err)
		case strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: more than a sentence: %v", name, err)
		}
	}
}

// Whoever changes a report by hand has to change it everywhere, down to what was judged.
func TestReadRefusesWhatDoesNotFollow(t *testing.T) {
	const id = "FAPI2-SP-5.3.2.2-4" // two experiments of it failed, one passed
	for name, test := range map[string]struct {
		edit func(*verdict.Report, *verdict.Result)
		says string
	}{
		"a requirement": {func(_ *verdict.Report, r *verdict.Result) { r.Verdict = verdict.Pass }, id + ": it is pass, and its experiments come to fail"},
		"its experiments too": {func(_ *verdict.Report, r *verdict.Result) {
			r.Verdict = verdict.Pass
			for i := range r.Specs {
				r.Specs[i].Verdict = verdict.Pass
			}
		}, "is pass, and the pushed authorization request in it was accepted where it had to be refused"},
		"experiments that are not there": {func(_ *verdict.Report, r *verdict.Result) { r.Verdict, r.Specs = verdict.Pass, nil }, id + ": it is pass, and no experiment looked at it"},
		"attested":                       {func(_ *verdict.Report, r *verdict.Result) { r.Verdict, r.Specs = verdict.Attested, nil }, id + ": it is attested, and no experiment"},
		"left out": {func(_ *verdict.Report, r *verdict.Result) {
			r.Verdict, r.Specs, r.LeftOut = verdict.Untested, nil, true
		}, id + ": it was left out, and the run is called whole"},
		"its level":        {func(_ *verdict.Report, r *verdict.Result) { r.Level = "should" }, "a breach of what it says it should is none"},
		"it is gone":       {func(report *verdict.Report, r *verdict.Result) { r.ID = "" }, "has no id"},
		"a blocked one":    {func(_ *verdict.Report, r *verdict.Result) { r.Verdict = verdict.Blocked }, id + ": it is blocked"},
		"a recommendation": {func(_ *verdict.Report, r *verdict.Result) { r.Verdict = verdict.Warn }, id + ": it is warn"},
	} {
		report := sample.NotConformant()
		for i := range report.Requirements {
			if report.Requirements[i].ID == id {
				test.edit(report, &report.Requirements[i])
			}
		}
		sample.Settle(report)
		_, err := json.Read(bytes.NewReader(written(t, report)))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	report := sample.NotConformant()
	report.Requirements = report.Requirements[1:]
	report.Count()
	if _, err := json.Read(bytes.NewReader(written(t, report))); err == nil || !strings.Contains(err.Error(), "the profile asks 12 requirements, and 11 stand in it") {
		t.Error(err)
	}
}

// endless is a report that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestReadIsBounded(t *testing.T) {
	source := &endless{}
	_, err := json.Read(io.Reader(source))
	if err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Error(err)
	}
	if source.read > 3*json.Largest {
		t.Errorf("%d bytes were read", source.read)
	}
}
