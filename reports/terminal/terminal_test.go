package terminal_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/sample"
	"github.com/fapitest/fapitest/reports/terminal"
)

var update = flag.Bool("update", false, "write the golden files")

func printed(t *testing.T, r *verdict.Report, o terminal.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := terminal.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, s := range sample.All() {
		t.Run(s.Name, func(t *testing.T) {
			got := printed(t, s.Report, terminal.Options{HTMLPath: "report.html"})
			golden := filepath.Join("testdata", s.Name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is out of date (go test ./reports/terminal -update):\n%s", golden, got)
			}
		})
	}
}

// The example of the design, to the letter but for the words in which the control speaks of itself.
func TestFailureHasItsShape(t *testing.T) {
	want := `✗ FAPI2-SP-5.3.2.2-4  shall refuse a pushed authorization request whose client is not authenticated

    the request when the client authenticates         201
    the same, without client authentication           201   expected a refusal
    as fapi-one and fapi-two, not as fapi-three

    why it matters   anyone who knows a client_id can start a login in that client's name
    what to do       Run the token endpoint's client authentication at the PAR endpoint too. A client_id names a client;
                     it does not authenticate one.
    the clause       https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.2.2
    the evidence     report.html#FAPI2-SP-5.3.2.2-4
    again            fapitest run -t bank.yaml FAPI2-SP-5.3.2.2-4
`
	r := sample.NotConformant()
	result, _ := r.Result("FAPI2-SP-5.3.2.2-4")
	got := terminal.Finding(r, result, terminal.Options{Width: 120, HTMLPath: "report.html", Again: "fapitest run -t bank.yaml"})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColourSaysNothingAlone(t *testing.T) {
	for _, s := range sample.All() {
		plain := printed(t, s.Report, terminal.Options{})
		coloured := printed(t, s.Report, terminal.Options{Colour: true})
		if escapes.ReplaceAllString(coloured, "") != plain {
			t.Errorf("%s: without its colour it is another text", s.Name)
		}
		if coloured == plain {
			t.Errorf("%s: there is no colour", s.Name)
		}
	}
}

func TestNothingButText(t *testing.T) {
	for _, s := range sample.All() {
		text := printed(t, s.Report, terminal.Options{HTMLPath: "report.html"})
		if !utf8.ValidString(text) {
			t.Errorf("%s: invalid UTF-8", s.Name)
		}
		for _, c := range text {
			if c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) {
				t.Errorf("%s: character %U", s.Name, c)
			}
		}
		if len(text) > 32<<10 {
			t.Errorf("%s: %d bytes", s.Name, len(text))
		}
		// What a target says is indented, so that it can't pass for a line of ours.
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "line of the target") || strings.HasPrefix(line, "Injected") {
				t.Errorf("%s: %q stands in the first column", s.Name, line)
			}
		}
	}
}

func TestEveryFindingIsPrintedOnce(t *testing.T) {
	for _, s := range sample.All() {
		text := printed(t, s.Report, terminal.Options{})
		for _, result := range s.Report.Requirements {
			titles := strings.Count(text, "\n✗ "+result.ID+"  ") + strings.Count(text, "\n△ "+result.ID+"  ") + strings.Count(text, "\n! "+result.ID+"  ") +
				strings.Count(text, "\n◌ "+result.ID+"  ") + strings.Count(text, "\n? "+result.ID+"  ") + strings.Count(text, "\n    "+result.ID+"  ")
			want := 0
			// What follows from other requirements is no finding of its own.
			if (result.Verdict.Red() || result.Verdict == verdict.Untested && !result.LeftOut) && len(result.Follows) == 0 {
				want = 1
			}
			if titles != want {
				t.Errorf("%s: %s (%s) stands there %d times, not %d", s.Name, result.ID, result.Verdict, titles, want)
			}
		}
	}
}

// What is wider than the terminal is only what can't be broken.
func TestFitsTheTerminal(t *testing.T) {
	for _, width := range []int{60, 80, 100} {
		for _, s := range sample.All() {
			for _, line := range strings.Split(printed(t, s.Report, terminal.Options{Width: width, HTMLPath: "report.html"}), "\n") {
				words := strings.Fields(line)
				if utf8.RuneCountInString(line) <= width || len(words) == 0 || strings.Contains(line, "again  ") || strings.Contains(line, "attested: {") {
					continue
				}
				if last := words[len(words)-1]; utf8.RuneCountInString(last) < width/2-10 {
					t.Errorf("%s: %d columns hold\n%s", s.Name, width, line)
				}
			}
		}
	}
}

// What can't be broken, such as a list of addresses, keeps the answer from its end.
func TestALongWordDoesNotTouchTheAnswer(t *testing.T) {
	long := `with the client assertion's aud ["https://as.example.com","https://as.example.com/token","https://as.example.com/par"]`
	result := verdict.Result{ID: "X-1", Verdict: verdict.Fail, Level: "shall", Specs: []verdict.Spec{{Verdict: verdict.Fail, Exchanges: []*wire.Exchange{
		{Step: "token request", Role: wire.RoleClaim, Deviation: long, Answer: &wire.Message{Status: 201}, Expected: wire.Refused, Judged: wire.Accepted},
	}}}}
	printed := terminal.Finding(&verdict.Report{Requirements: []verdict.Result{result}}, result, terminal.Options{Width: 80})
	if strings.Contains(printed, "]201") || strings.Contains(printed, "] 201") || !strings.Contains(printed, " 201   expected a refusal\n") {
		t.Error(printed)
	}
}

func TestPartialIsAlwaysSaid(t *testing.T) {
	r := sample.NotConformant()
	r.Partial = true
	for _, line := range strings.Split(printed(t, r, terminal.Options{}), "\n") {
		if strings.Contains(line, "NOT conformant") && !strings.Contains(line, "partial") {
			t.Errorf("%q", line)
		}
	}
}

// A report that somebody else wrote may lack anything that the format does not insist on.
func TestWhatIsMissingIsNoPanic(t *testing.T) {
	for _, v := range append(verdict.All(), "unheard-of", "") {
		r := &verdict.Report{Requirements: []verdict.Result{{Verdict: v, Specs: []verdict.Spec{{Verdict: v, Exchanges: []*wire.Exchange{{Deviation: "x"}, nil}}}}, {Verdict: v}}}
		if text := printed(t, r, terminal.Options{}); text == "" {
			t.Error("nothing is said")
		}
		if terminal.Finding(r, r.Requirements[0], terminal.Options{}) == "" && v != "" && v != "unheard-of" {
			t.Errorf("nothing is said of %s", v)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWriteReportsErrors(t *testing.T) {
	if err := terminal.Write(broken{}, sample.Empty(), terminal.Options{}); err == nil {
		t.Error("no error")
	}
}
