package wording_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

func TestLine(t *testing.T) {
	for _, test := range []struct {
		text    string
		longest int
		want    string
	}{
		{"two\r\n  lines\tand a tab", 80, "two lines and a tab"},
		{"\x1b[31mred", 80, "�[31mred"},
		{"a\u202eb\u200fc\u2028d\ufeffe", 80, "a�b�c�d�e"},
		{"\xff\xfe", 80, "��"},
		{"abcdef", 3, "abc…"},
		{"äöü", 3, "äöü"},
		{"äöüß", 3, "äöü…"},
		{"", 3, ""},
	} {
		if got := wording.Line(test.text, test.longest); got != test.want {
			t.Errorf("Line(%q, %d) = %q, want %q", test.text, test.longest, got, test.want)
		}
	}
	if got := wording.Text("a\r\nb\nc", 80); got != "a\nb\nc" {
		t.Errorf("%q", got)
	}
	if got := wording.Text(strings.Repeat("x", 1<<20), 10); got != "xxxxxxxxxx… (cut after 10 of 1048576 bytes)" {
		t.Errorf("%q", got)
	}
}

func FuzzLine(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b]0;x\x07", "\u202e", "\xc3\x28", strings.Repeat("ä", 400)} {
		f.Add(seed, 20)
	}
	f.Fuzz(func(t *testing.T, text string, longest int) {
		if longest < 0 || longest > 1000 {
			return
		}
		line := wording.Line(text, longest)
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\n\r\x1b\t") || utf8.RuneCountInString(line) > longest+1 {
			t.Errorf("%q", line)
		}
	})
}

func TestAddress(t *testing.T) {
	for link, want := range map[string]string{
		"https://openid.net/x#section-5": "https://openid.net/x#section-5", "javascript:alert(1)": "", "data:text/html,x": "", "//evil.example": "",
		"HTTPS://x": "", "https://x/\n\"a": `https://x/%20"a`,
	} {
		if got := wording.Address(link); got != want {
			t.Errorf("%q: %q", link, got)
		}
	}
}

func TestHeadline(t *testing.T) {
	for _, test := range []struct {
		r    *verdict.Report
		want string
	}{
		{sample.Conformant(), "conformant to FAPI 2.0 Security Profile (4 of 5 requirements looked at, 1 attested)"},
		{sample.NotConformant(), "NOT conformant to FAPI 2.0 Security Profile (6 of 11 requirements looked at)"},
		{sample.Inconclusive(), "inconclusive: whether it conforms to FAPI 2.0 Security Profile is not known (1 of 6 requirements looked at)"},
		{sample.Partial(), "partial: nothing red, 2 of 6 requirements looked at; no conclusion about FAPI 2.0 Security Profile"},
		{&verdict.Report{}, "inconclusive: nothing is known about no profile (0 of 0 requirements looked at)"},
		{unreached("nobody listens there", "nobody listens there"), "inconclusive: nothing is known about X (0 of 3 requirements looked at, 1 attested): nobody listens there"},
		{unreached("nobody listens there", "it is dark"), "inconclusive: nothing is known about X (0 of 3 requirements looked at, 1 attested)"},
	} {
		if got := wording.Headline(test.r); got != test.want {
			t.Errorf("%s", got)
		}
	}
}

// unreached is the report of a run that came to nothing.
func unreached(reasons ...string) *verdict.Report {
	r := &verdict.Report{Profile: verdict.Profile{Title: "X"}, Conclusion: verdict.Inconclusive, Requirements: []verdict.Result{
		{ID: "X-1", Verdict: verdict.Attested, Reason: "seen on Monday"}, {ID: "X-2", Verdict: verdict.NotApplicable, Reason: "it has no such thing"},
	}}
	for _, reason := range reasons {
		r.Requirements = append(r.Requirements, verdict.Result{Verdict: verdict.Blocked, Specs: []verdict.Spec{{Verdict: verdict.Blocked, Message: reason}}})
	}
	return r
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0 s", -1: "0 s", 0.004: "4 ms", 0.084: "0.08 s", 3.14: "3.1 s", 59.6: "1 min 0 s", 71.6: "1 min 12 s", 3725: "1 h 2 min", 1e300: "more than three years",
	} {
		if got := wording.Duration(seconds); got != want {
			t.Errorf("%v: %s, want %s", seconds, got, want)
		}
	}
}

func TestEveryVerdictHasWords(t *testing.T) {
	signs := map[string]bool{}
	for _, v := range verdict.All() {
		if wording.Word(v) == "" || wording.Meaning(v) == "" || signs[wording.Sign(v)] {
			t.Errorf("%s: %q %q %q", v, wording.Sign(v), wording.Word(v), wording.Meaning(v))
		}
		signs[wording.Sign(v)] = true
	}
}

func TestRows(t *testing.T) {
	answer := func(status int) *wire.Message { return &wire.Message{Status: status} }
	for name, test := range map[string]struct {
		exchanges []*wire.Exchange
		want      []wording.Row
	}{
		"a control that speaks for itself": {[]*wire.Exchange{
			{Step: "token request", Role: wire.RoleControl, Sentence: "accepts the request, authenticated", Answer: answer(200)},
		}, []wording.Row{{"the request, authenticated", "200", ""}}},
		"a control that does not": {[]*wire.Exchange{
			{Step: "token request", Role: wire.RoleControl, Sentence: "of the registration leads to a code", Answer: answer(200)},
			{Step: "token request", Role: wire.RoleClaim, Deviation: "without it", Answer: answer(200), Expected: wire.Refused, Judged: wire.Accepted},
		}, []wording.Row{{"the request as it should be", "200", ""}, {"the same, without it", "200", "expected a refusal"}}},
		"what only prepares is left out": {[]*wire.Exchange{
			{Step: "pushed authorization request", Answer: answer(201)},
			{Step: "token request", Role: wire.RoleClaim, Answer: answer(400), Expected: wire.Accepted, Judged: wire.Refused},
		}, []wording.Row{{"the token request", "400", "expected an acceptance"}}},
		"what was changed on the way is not": {[]*wire.Exchange{
			{Step: "pushed authorization request", Deviation: "without state", Answer: answer(201)},
			{Step: "authorization request", Role: wire.RoleClaim, Answer: answer(303), Expected: wire.Refused, Judged: wire.Accepted},
		}, []wording.Row{{"the pushed authorization request, without state", "201", ""}, {"the authorization request that follows", "303", "expected a refusal"}}},
		"no answer": {[]*wire.Exchange{
			{Step: "token request", Role: wire.RoleClaim, Failure: "timeout", Expected: wire.Refused, Judged: wire.Undecided},
		}, []wording.Row{{"the token request", "no answer", "no decision"}}},
		"the same again and again": {[]*wire.Exchange{
			{Step: "token request", Role: wire.RoleClaim, Answer: answer(400)}, {Step: "token request", Role: wire.RoleClaim, Answer: answer(400)},
		}, []wording.Row{{"the token request (2 times)", "400", ""}}},
	} {
		if got := wording.Rows(verdict.Spec{Exchanges: test.exchanges}); !slices.Equal(got, test.want) {
			t.Errorf("%s:\n%q\n%q", name, got, test.want)
		}
	}
}

func TestLines(t *testing.T) {
	for message, want := range map[string]string{
		"expires_in\nExpected\n    <int>: 3600\nto be <\n    <int>: 600":                    "expires_in: expected 3600 to be < 600",
		"Expected\n    <string>: a: b\nto equal\n    <string>: c":                           "expected a: b to equal c",
		"no jwks_uri\nExpected\n    <map>: {" + strings.Repeat("x", 400) + "}\nto have key": "no jwks_uri",
		"one\n\ntwo": "one|two",
		"":           "",
	} {
		if got := strings.Join(wording.Lines(message), "|"); got != want {
			t.Errorf("%q: %q", message, got)
		}
	}
}

// What differs from one request to the next makes no other cause of it.
func TestCauses(t *testing.T) {
	blocked := func(message string) verdict.Result {
		return verdict.Result{Verdict: verdict.Blocked, Specs: []verdict.Spec{{Verdict: verdict.Blocked, Message: message}}}
	}
	key := func(message string) string { return wording.CauseKey(wording.Cause(blocked(message))) }
	for _, same := range [][2]string{
		{
			"the authorization request was neither accepted nor refused: nothing in the script fits https://b.example/login?state=abc (Sign in)",
			"the authorization request without state was neither accepted nor refused: nothing in the script fits https://b.example/login?code=def#x (Sign in)",
		},
		{"stuck on https://b.example/interaction/Zx81kq0aPqL3m/login (Sign in)", "stuck on https://b.example/interaction/b7Tq-2kq0_aPqL3/login (Sign in)"},
		{"the token request that this builds on was refused: 400 invalid_grant", "the refresh request that this builds on was refused: 400 invalid_grant"},
	} {
		if key(same[0]) != key(same[1]) {
			t.Errorf("%q and %q", key(same[0]), key(same[1]))
		}
	}
	for _, other := range [][2]string{
		{"stuck on https://b.example/login", "stuck on https://b.example/consent"},
		{"the token request that this builds on was refused: 400 invalid_grant", "the token request that this builds on was refused: 401 invalid_client"},
	} {
		if key(other[0]) == key(other[1]) {
			t.Errorf("%q", key(other[0]))
		}
	}
}

// The line is there to be copied into a shell, and the report may come from anywhere.
func TestAgainIsSafeToCopy(t *testing.T) {
	r := &verdict.Report{Target: verdict.Target{File: "bank.yaml"}}
	if got := wording.Again(r, "", "FAPI2-SP-5.3.2.2-4"); got != "fapitest run -t bank.yaml FAPI2-SP-5.3.2.2-4" {
		t.Error(got)
	}
	r.Target.File = "my bank'; rm -rf ~"
	if got := wording.Again(r, "", "$(id)\n#"); got != `fapitest run -t 'my bank'\''; rm -rf ~' '$(id) #'` {
		t.Error(got)
	}
	r = &verdict.Report{Target: verdict.Target{File: "bank.yaml"}, Profile: verdict.Profile{ID: "fapi2-message-signing"}, Seed: 7, Thorough: true}
	if got := wording.Again(r, "", "X-1"); got != "fapitest run -t bank.yaml -p fapi2-message-signing --thorough --seed 7 X-1" {
		t.Error(got)
	}
	r.Target.Path = "/home/joe/banks/bank.yaml"
	if got := wording.Again(r, "", "X-1"); got != "fapitest run -t /home/joe/banks/bank.yaml -p fapi2-message-signing --thorough --seed 7 X-1" {
		t.Error(got)
	}
	r.Target = verdict.Target{Mutant: "par-trusts-client-id"}
	if got := wording.Again(r, "", "X-1"); got != "fapitest run --mutant par-trusts-client-id -p fapi2-message-signing --thorough --seed 7 X-1" {
		t.Error(got)
	}
	if got := wording.Again(r, "fapitest run --mutant x", "X-1"); got != "fapitest run --mutant x X-1" {
		t.Error(got)
	}
}

// Who ran it and what the hosts showed is said where it is known, and nothing of it can pass for a line of ours.
func TestWhoAndWhat(t *testing.T) {
	r := sample.Conformant()
	for _, fact := range wording.Facts(r) {
		if fact.Name == "run by" || fact.Name == "certificates" {
			t.Errorf("nobody knows, and it says %q", fact)
		}
	}
	r.By = "joe@bench"
	for i := range 8 {
		r.Target.Certificates = append(r.Target.Certificates, wire.Shown{
			Host: "as.example.com:" + strings.Repeat("4", i+1), Subject: "CN=a\nbank", Until: r.Started, Chain: []string{strings.Repeat("0f", 32), "00"},
		})
	}
	said := map[string]string{}
	for _, fact := range wording.Facts(r) {
		said[fact.Name] = fact.Text
	}
	shown := said["certificates"]
	if said["run by"] != "joe@bench" || !strings.HasPrefix(shown, "as.example.com:4: CN=a bank, until 2026-11-24, sha256 0f0f0f0f0f0f0f0f; ") || !strings.HasSuffix(shown, "; and 2 more") {
		t.Errorf("%q, %q", said["run by"], shown)
	}
}
