package diff_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/diff"
	"github.com/fapitest/fapitest/reports/internal/rendered"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

func result(id string, v verdict.Verdict, clients ...string) verdict.Result {
	r := verdict.Result{ID: id, Level: requirement.Shall, Says: "keep " + id, Verdict: v}
	for _, client := range clients {
		r.Specs = append(r.Specs, verdict.Spec{Sentence: "it keeps " + id, Client: client, Verdict: v, Message: "it does not"})
	}
	return r
}

// of compares one requirement, and says in which lists it stands.
func of(was, is *verdict.Result) (string, *diff.Difference) {
	before, after := &verdict.Report{}, &verdict.Report{}
	if was != nil {
		before.Requirements = append(before.Requirements, *was)
	}
	if is != nil {
		after.Requirements = append(after.Requirements, *is)
	}
	d := diff.Compare(before, after)
	var in []string
	for name, list := range map[string][]diff.Change{
		"worse": d.Worse, "better": d.Better, "new": d.NewlyTested, "gone": d.NoLongerTested, "otherwise": d.Otherwise,
	} {
		if len(list) > 0 {
			in = append(in, name)
		}
	}
	if d.Same > 0 {
		in = append(in, "same")
	}
	if d.NotCompared > 0 {
		in = append(in, "not compared")
	}
	slices.Sort(in)
	return strings.Join(in, " "), d
}

func TestCompare(t *testing.T) {
	tried := func(v verdict.Verdict) *verdict.Result {
		r := result("X-1", v, "a", "b")
		return &r
	}
	bare := func(v verdict.Verdict) *verdict.Result {
		r := result("X-1", v)
		return &r
	}
	half := tried(verdict.Fail)
	half.Specs[0].Verdict = verdict.Pass
	otherHalf := tried(verdict.Fail)
	otherHalf.Specs[1].Verdict = verdict.Pass
	leftOut := bare(verdict.Untested)
	leftOut.LeftOut = true
	for name, test := range map[string]struct {
		was, is *verdict.Result
		want    string
		outcome verdict.Outcome
	}{
		"it fails now":             {tried(verdict.Pass), tried(verdict.Fail), "worse", verdict.Red},
		"it warned and fails":      {tried(verdict.Warn), tried(verdict.Fail), "worse", verdict.Red},
		"it warns now":             {tried(verdict.Pass), tried(verdict.Warn), "worse", verdict.Red},
		"it passes now":            {tried(verdict.Fail), tried(verdict.Pass), "better", verdict.Passed},
		"the same":                 {tried(verdict.Fail), tried(verdict.Fail), "same", verdict.Passed},
		"as one client more":       {half, tried(verdict.Fail), "worse", verdict.Red},
		"as one client less":       {tried(verdict.Fail), half, "better", verdict.Passed},
		"as another client":        {half, otherHalf, "better worse", verdict.Red},
		"nobody knew":              {tried(verdict.Blocked), tried(verdict.Fail), "new", verdict.Passed},
		"there was none":           {nil, tried(verdict.Fail), "new", verdict.Passed},
		"it began to apply":        {bare(verdict.NotApplicable), tried(verdict.Pass), "new", verdict.Passed},
		"it is blocked now":        {tried(verdict.Pass), tried(verdict.Blocked), "gone", verdict.Undecided},
		"a failure is blocked now": {tried(verdict.Fail), tried(verdict.Blocked), "gone", verdict.Undecided},
		"the word instead":         {tried(verdict.Pass), bare(verdict.Attested), "gone", verdict.Undecided},
		"attested at last":         {bare(verdict.Untested), bare(verdict.Attested), "better", verdict.Passed},
		"no longer attested":       {bare(verdict.Attested), bare(verdict.Untested), "gone", verdict.Undecided},
		"it ceased to apply":       {bare(verdict.Untested), bare(verdict.NotApplicable), "otherwise", verdict.Passed},
		"open either way":          {tried(verdict.Error), bare(verdict.Untested), "same", verdict.Passed},
		"left out now":             {tried(verdict.Fail), leftOut, "not compared", verdict.Passed},
		"left out then":            {leftOut, tried(verdict.Fail), "not compared", verdict.Passed},
		"the profile dropped it":   {tried(verdict.Pass), nil, "gone", verdict.Undecided},
	} {
		got, d := of(test.was, test.is)
		if got != test.want || d.Outcome() != test.outcome {
			t.Errorf("%s: %s, %s", name, got, d.Outcome())
		}
	}
}

func TestWhatIsWaivedIsNotRed(t *testing.T) {
	was, is := result("X-1", verdict.Pass, "a"), result("X-1", verdict.Fail, "a")
	before, after := &verdict.Report{Requirements: []verdict.Result{was}}, &verdict.Report{Requirements: []verdict.Result{is}}
	after.Gate = &verdict.Gate{Known: []verdict.Known{{ID: "X-1", By: verdict.ByWaiver, Owner: "J. Doe", Expires: "2026-12-31", Reason: "soon"}}}
	d := diff.Compare(before, after)
	var b bytes.Buffer
	if err := d.WriteText(&b, 80); err != nil {
		t.Fatal(err)
	}
	if d.Outcome() != verdict.Passed || !strings.Contains(b.String(), "waived until 2026-12-31 by J. Doe: soon") {
		t.Errorf("%s\n%s", d.Outcome(), b.String())
	}
}

func TestWhatItSays(t *testing.T) {
	before, after := sample.Conformant(), sample.NotConformant()
	after.Tool.Version, after.Thorough = "v0.2.0", true
	d := diff.Compare(before, after)
	var b bytes.Buffer
	if err := d.WriteText(&b, 100); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 worse, 1 no longer tested", "was fapitest v0.1.0", "is  fapitest v0.2.0", "different versions of fapitest",
		"✗ FAPI2-SP-5.3.2.2-4  fail, was pass", "shall refuse a pushed authorization request", "as fapi-one: fail, was pass",
	} {
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("it does not say %q:\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := d.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var read diff.Difference
	if err := json.Unmarshal(b.Bytes(), &read); err != nil || len(read.Worse) != len(d.Worse) || read.Schema != diff.Schema || strings.Contains(b.String(), "null") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// A server can't speak through the comparison of two reports of it.
func TestNothingOfATargetIsMoreThanText(t *testing.T) {
	for _, pair := range [][2]*verdict.Report{{sample.Conformant(), sample.Hostile()}, {sample.Hostile(), sample.Conformant()}, {sample.Hostile(), sample.Hostile()}} {
		for _, r := range pair {
			r.Target.Issuer, r.Tool.Version = sample.Script+" https://evil.example", sample.Escape
		}
		d := diff.Compare(pair[0], pair[1])
		var text, markdown bytes.Buffer
		if err := d.WriteText(&text, 80); err != nil {
			t.Fatal(err)
		}
		if err := d.WriteMarkdown(&markdown); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(text.String(), "\x1b\x07") || text.Len()+markdown.Len() > 64<<10 {
			t.Errorf("%d and %d bytes\n%q", text.Len(), markdown.Len(), text.String())
		}
		page := rendered.Read(markdown.Bytes())
		for _, link := range page.Links {
			if !strings.HasPrefix(link, "https://openid.net/specs/") {
				t.Errorf("a link to %s", link)
			}
		}
		for _, html := range page.HTML {
			if html != "<br>" {
				t.Errorf("HTML: %s", html)
			}
		}
	}
}
