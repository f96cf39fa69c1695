package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	parser "golang.org/x/net/html"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/html"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

func written(t *testing.T, r *verdict.Report, o html.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// element is a parsed element: what a browser makes of it, not what we wrote.
type element struct {
	name  string
	attrs map[string]string
	text  string
	node  *parser.Node
}

func elements(t *testing.T, page string) []element {
	t.Helper()
	root, err := parser.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var list []element
	for node := range root.Descendants() {
		if node.Type != parser.ElementNode {
			continue
		}
		e := element{name: node.Data, attrs: map[string]string{}, text: text(node), node: node}
		for _, attr := range node.Attr {
			e.attrs[attr.Key] = attr.Val
		}
		list = append(list, e)
	}
	return list
}

func text(node *parser.Node) string {
	var b strings.Builder
	for child := range node.Descendants() {
		if child.Type == parser.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}

func all(list []element, name string) []element {
	var found []element
	for _, e := range list {
		if e.name == name {
			found = append(found, e)
		}
	}
	return found
}

func byID(t *testing.T, list []element, id string) element {
	t.Helper()
	for _, e := range list {
		if e.attrs["id"] == id {
			return e
		}
	}
	t.Fatalf("nothing has the id %s", id)
	return element{}
}

// each runs a test on the page of every sample, with pictures and without.
func each(t *testing.T, test func(t *testing.T, r *verdict.Report, list []element)) {
	t.Helper()
	for _, s := range sample.All() {
		t.Run(s.Name, func(t *testing.T) {
			test(t, s.Report, elements(t, written(t, s.Report, html.Options{Evidence: sample.Evidence})))
		})
		t.Run(s.Name+", no pictures", func(t *testing.T) { test(t, s.Report, elements(t, written(t, s.Report, html.Options{}))) })
	}
}

func TestNothingActsAndNothingIsLoaded(t *testing.T) {
	each(t, func(t *testing.T, r *verdict.Report, list []element) {
		allowed := []string{
			"html", "head", "b", "meta", "title", "style", "body", "a", "header", "main", "footer", "nav", "section", "article", "p", "h1", "h2", "h3", "h4",
			"span", "strong", "div", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "svg", "rect", "details",
			"summary", "pre", "code", "ins", "del", "mark", "br", "figure", "figcaption", "img", "form", "label", "input", "select", "option", "button", "output",
			"script", // one, which is ours: its digest stands in the policy
		}
		links := map[string]bool{}
		for _, result := range r.Requirements {
			if strings.HasPrefix(result.Link, "https://") {
				links[result.Link] = true
			}
		}
		for _, e := range list {
			if !slices.Contains(allowed, e.name) {
				t.Errorf("there is an element %s", e.name)
			}
			for name, value := range e.attrs {
				switch {
				case strings.HasPrefix(name, "on"), name == "style", name == "srcset", name == "background", name == "action":
					t.Errorf("%s has %s=%q", e.name, name, value)
				case name == "src" && !strings.HasPrefix(value, "data:image/png;base64,") && !strings.HasPrefix(value, "evidence/"):
					t.Errorf("%s is loaded from %.80q", e.name, value)
				case name == "href" && !strings.HasPrefix(value, "#") && !links[value] && !strings.HasPrefix(value, "evidence/"):
					t.Errorf("%s leads to %.80q", e.name, value)
				}
			}
			if e.name == "meta" && strings.EqualFold(e.attrs["http-equiv"], "refresh") {
				t.Error("the page sends its reader away")
			}
		}
	})
}

func TestPolicyIsStrictAndAllowsWhatIsOurs(t *testing.T) {
	each(t, func(t *testing.T, _ *verdict.Report, list []element) {
		policy := ""
		for _, meta := range all(list, "meta") {
			if meta.attrs["http-equiv"] == "Content-Security-Policy" {
				policy = meta.attrs["content"]
			}
		}
		styles := all(list, "style")
		if len(styles) != 1 {
			t.Fatalf("%d styles", len(styles))
		}
		scripts := all(list, "script")
		if len(scripts) != 1 || len(scripts[0].attrs) > 0 {
			t.Fatalf("%d scripts", len(scripts))
		}
		for _, word := range []string{"fetch", "XMLHttpRequest", "eval", "innerHTML", "document.write", "import", "WebSocket"} {
			if strings.Contains(scripts[0].text, word) {
				t.Errorf("the script has %s in it", word)
			}
		}
		sum, ran := sha256.Sum256([]byte(styles[0].text)), sha256.Sum256([]byte(scripts[0].text))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(ran[:]) + "'; img-src data: 'self'; base-uri 'none'; form-action 'none'"
		if policy != want {
			t.Errorf("the policy is\n%s\nwant\n%s", policy, want)
		}
		if strings.Contains(styles[0].text, "url(") || strings.Contains(styles[0].text, "@import") {
			t.Error("the style loads something")
		}
	})
}

func TestEveryLinkArrives(t *testing.T) {
	each(t, func(t *testing.T, r *verdict.Report, list []element) {
		ids := map[string]int{}
		for _, e := range list {
			if id := e.attrs["id"]; id != "" {
				ids[id]++
			}
		}
		for id, n := range ids {
			if n != 1 {
				t.Errorf("the id %s is there %d times", id, n)
			}
		}
		for _, e := range list {
			if target, inside := strings.CutPrefix(e.attrs["href"], "#"); inside && ids[target] == 0 {
				t.Errorf("%s leads nowhere", e.attrs["href"])
			}
			for _, name := range strings.Fields(e.attrs["aria-labelledby"]) {
				if ids[name] == 0 {
					t.Errorf("%s is labelled by %s, which is not there", e.name, name)
				}
			}
		}
		for _, id := range []string{"attested", "not-applicable", "not-tested"} {
			if ids[id] == 0 {
				t.Errorf("there is no anchor %s", id)
			}
		}
		for _, result := range r.Requirements {
			if e := byID(t, list, result.ID); e.name != "article" || !strings.Contains(e.text, string(result.Level)+" "+result.Says) {
				t.Errorf("%s does not lead to its requirement", result.ID)
			}
		}
	})
}

func TestAccessible(t *testing.T) {
	each(t, func(t *testing.T, _ *verdict.Report, list []element) {
		for _, name := range []string{"header", "main", "nav", "footer", "h1", "title"} {
			if n := len(all(list, name)); n != 1 {
				t.Errorf("%d elements %s", n, name)
			}
		}
		level := 0
		for _, e := range list {
			if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
				next := int(e.name[1] - '0')
				if next > level+1 {
					t.Errorf("heading %q of level %d follows one of level %d", e.text, next, level)
				}
				if strings.TrimSpace(e.text) == "" {
					t.Error("a heading without words")
				}
				level = next
			}
			switch e.name {
			case "th":
				if e.attrs["scope"] == "" {
					t.Errorf("the table header %q has no scope", e.text)
				}
			case "img":
				if e.attrs["alt"] == "" {
					t.Error("a picture without words")
				}
			case "svg":
				if e.attrs["aria-hidden"] != "true" && e.attrs["aria-label"] == "" {
					t.Error("a drawing without words")
				}
			case "html":
				if e.attrs["lang"] == "" {
					t.Error("no language")
				}
			}
		}
		for _, table := range all(list, "table") {
			headers := false
			for node := range table.node.Descendants() {
				headers = headers || node.Type == parser.ElementNode && node.Data == "th"
			}
			if !headers {
				t.Errorf("a table without headers: %.60q", table.text)
			}
		}
	})
}

// The page is read as its reader does: the numbers in the table are the report's.
func TestCountsAreTheReports(t *testing.T) {
	each(t, func(t *testing.T, r *verdict.Report, list []element) {
		counted := map[string]int{}
		for _, table := range all(list, "table") {
			if table.attrs["class"] != "counts" {
				continue
			}
			for row := range table.node.ChildNodes() {
				for tr := range row.ChildNodes() {
					var cells []string
					for cell := range tr.ChildNodes() {
						if cell.Type == parser.ElementNode {
							cells = append(cells, strings.TrimSpace(text(cell)))
						}
					}
					if len(cells) == 3 {
						if n, err := strconv.Atoi(cells[1]); err == nil {
							_, word, _ := strings.Cut(cells[0], " ")
							counted[strings.ReplaceAll(word, " ", "-")] = n
						}
					}
				}
			}
		}
		leftOut := 0
		for _, result := range r.Requirements {
			if result.LeftOut {
				leftOut++
			}
		}
		for v, n := range r.Counts {
			if v == verdict.Untested {
				n -= leftOut
			}
			if counted[string(v)] != n {
				t.Errorf("%s: the page says %d, the report %d", v, counted[string(v)], n)
			}
		}
		if counted["left-out"] != leftOut {
			t.Errorf("left out: the page says %d, not %d", counted["left-out"], leftOut)
		}
		articles := map[string]int{}
		for _, article := range all(list, "article") {
			articles[strings.Fields(article.attrs["class"])[1]]++
		}
		for v, n := range r.Counts {
			if articles[string(v)] != n {
				t.Errorf("%d sections of requirements are %s, the report has %d", articles[string(v)], v, n)
			}
		}
	})
}

func TestEveryExchangeCanBeFoundInTheTargetsLog(t *testing.T) {
	each(t, func(t *testing.T, r *verdict.Report, list []element) {
		body := all(list, "body")[0].text
		for _, result := range r.Requirements {
			for _, spec := range result.Specs {
				for _, exchange := range spec.Exchanges {
					if exchange.ID == "" {
						continue
					}
					if !strings.Contains(body, exchange.ID) {
						t.Errorf("%s is not on the page", exchange.ID)
					}
					if anchored := byID(t, list, "exchange-"+exchange.ID); !strings.Contains(anchored.text, exchange.ID) {
						t.Errorf("the anchor of %s leads to something else", exchange.ID)
					}
				}
			}
		}
	})
}

func TestPartialIsAlwaysSaid(t *testing.T) {
	list := elements(t, written(t, sample.Partial(), html.Options{}))
	if heading := all(list, "h1")[0].text; !strings.Contains(heading, "Partial") || strings.Contains(strings.ToLower(heading), "conformant") {
		t.Error(heading)
	}
	if title := all(list, "title")[0].text; !strings.HasPrefix(title, "partial: nothing red, 2 of 6 requirements looked at; no conclusion") {
		t.Error(title)
	}
	if header := all(list, "header")[0].text; !strings.Contains(header, "clauses FAPI2-SP-5.3.2.2-2") {
		t.Error(header)
	}
}

func TestDifferenceIsMarkedInWords(t *testing.T) {
	list := elements(t, written(t, sample.NotConformant(), html.Options{}))
	rows := map[string][]string{} // by what is said of a line, the names of the lines
	article := byID(t, list, "FAPI2-SP-5.3.2.2-4")
	for node := range article.node.Descendants() {
		if node.Type != parser.ElementNode || node.Data != "tr" {
			continue
		}
		var cells []string
		for cell := range node.ChildNodes() {
			if cell.Type == parser.ElementNode {
				cells = append(cells, strings.TrimSpace(text(cell)))
			}
		}
		if len(cells) == 4 {
			rows[cells[0]] = append(rows[cells[0]], cells[1])
		}
	}
	for how, name := range map[string]string{
		"− removed": "client_assertion iss", "+ added": "client_id", "fresh": "X-Fapi-Interaction-Id", "same": "code_challenge_method",
	} {
		if !slices.Contains(rows[how], name) {
			t.Errorf("%s is not marked %q: %v", name, how, rows)
		}
	}
	if len(rows["≠ changed"]) > 0 {
		t.Errorf("%v did not change", rows["≠ changed"])
	}
	if expired := byID(t, list, "FAPI2-SP-5.3.2.1-9a"); !strings.Contains(expired.text, "≠ changed") {
		t.Error("the changed claim is not marked")
	}
}

func TestHostileStringsAreInert(t *testing.T) {
	asked := map[string]bool{}
	page := written(t, sample.Hostile(), html.Options{Evidence: func(path string) ([]byte, error) {
		asked[path] = true
		return nil, errors.New("not there")
	}})
	if !utf8.ValidString(page) {
		t.Error("invalid UTF-8")
	}
	for _, c := range page {
		if c != '\n' && c != '\t' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) {
			t.Errorf("character %U", c)
		}
	}
	if len(page) > 400<<10 {
		t.Errorf("%d bytes: the megabyte is in it", len(page))
	}
	if len(asked) > 0 {
		t.Errorf("evidence was asked for outside the report's directory: %v", asked)
	}
	list := elements(t, page)
	if body := all(list, "body")[0].text; !strings.Contains(body, sample.Script) {
		t.Error("what the target sent can't be read as it was")
	}
	for _, e := range list {
		if e.name == "img" || e.name == "testcase" {
			t.Errorf("there is an element %s", e.name)
		}
	}
}

func TestPictures(t *testing.T) {
	count := func(list []element, prefix string) int {
		n := 0
		for _, e := range all(list, "img") {
			if strings.HasPrefix(e.attrs["src"], prefix) {
				n++
			}
		}
		return n
	}
	r := sample.NotConformant()
	if list := elements(t, written(t, r, html.Options{Evidence: sample.Evidence})); count(list, "data:") != 2 || count(list, "evidence/") != 0 {
		t.Error("each of the two pictures has to be built in once")
	}
	if list := elements(t, written(t, r, html.Options{})); count(list, "data:") != 0 || count(list, "evidence/") != 2 {
		t.Error("each of the two pictures has to be referred to once")
	}
	notAPicture := func(string) ([]byte, error) { return []byte("<svg onload=alert(1)>"), nil }
	if list := elements(t, written(t, r, html.Options{Evidence: notAPicture})); count(list, "data:") != 0 {
		t.Error("something was built in that is no picture")
	}
	large := func(string) ([]byte, error) {
		return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 400<<10)...), nil
	}
	if list := elements(t, written(t, r, html.Options{Evidence: large})); count(list, "data:") != 1 || count(list, "evidence/") != 1 {
		t.Error("what is too much to be built in has to be referred to")
	}
}

// Seventy requirements, six clients, eight exchanges each.
func TestALargeReportStaysOnePage(t *testing.T) {
	if testing.Short() {
		t.Skip("writes some ten megabytes")
	}
	for _, test := range []struct {
		name string
		v    verdict.Verdict
		body int
		most int // MiB
	}{
		{"everything passes", verdict.Pass, 600, 4},
		{"everything fails with long answers", verdict.Fail, 16 << 10, 8},
	} {
		counter := &counter{}
		if err := html.Write(counter, sample.Large(70, 6, 8, test.body, test.v), html.Options{}); err != nil {
			t.Fatal(err)
		}
		if counter.n > test.most<<20 {
			t.Errorf("%s: %.1f MiB", test.name, float64(counter.n)/(1<<20))
		}
		t.Logf("%s: %.1f MiB", test.name, float64(counter.n)/(1<<20))
	}
}

// A whole profile with twenty failures, each as six clients in an experiment of thirty requests, can still be mailed: less than 4 MB. The first client's failing exchanges stand there in full.
func TestTwentyFailuresAreMailed(t *testing.T) {
	r, red := sample.Large(380, 6, 8, 600, verdict.Pass), sample.Large(20, 6, 30, 600, verdict.Fail)
	for i := range red.Requirements {
		result := red.Requirements[i]
		result.ID = "RED-" + result.ID
		for _, spec := range result.Specs {
			for _, exchange := range spec.Exchanges {
				exchange.ID = "red-" + exchange.ID
			}
		}
		r.Requirements = append(r.Requirements, result)
	}
	sample.Settle(r)
	var page bytes.Buffer
	if err := html.Write(&page, r, html.Options{}); err != nil {
		t.Fatal(err)
	}
	if page.Len() >= 4_000_000 {
		t.Errorf("%d bytes", page.Len())
	}
	if n := strings.Count(page.String(), "x-fapi-interaction-id <code>red-"); n < 20 {
		t.Errorf("%d failing exchanges stand there in full", n)
	}
}

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteReportsErrors(t *testing.T) {
	if err := html.Write(broken{}, sample.Empty(), html.Options{}); err == nil {
		t.Error("no error")
	}
}

// A report that was read from a file has copies where the run had one exchange: each is shown in full once.
func TestAnExchangeIsShownOnce(t *testing.T) {
	r := sample.Conformant()
	for i := range r.Requirements {
		for j := range r.Requirements[i].Specs {
			for k, exchange := range r.Requirements[i].Specs[j].Exchanges {
				copied := *exchange
				r.Requirements[i].Specs[j].Exchanges[k] = &copied
			}
		}
	}
	shared := &wire.Exchange{ID: "0003b06b-0000-4e5a-9b1f-00000000001f", Step: "token request", Answer: &wire.Message{Status: 200, Body: "said once"}}
	for i := range r.Requirements {
		for j := range r.Requirements[i].Specs {
			copied := *shared
			r.Requirements[i].Specs[j].Exchanges = append(r.Requirements[i].Specs[j].Exchanges, &copied)
		}
	}
	page := written(t, r, html.Options{})
	// The warning shows everything that it has; the others refer to it.
	if n := strings.Count(page, "said once"); n != 1 {
		t.Errorf("it is there %d times", n)
	}
	if n := strings.Count(page, fmt.Sprintf(`href="#exchange-%s"`, shared.ID)); n != 6 {
		t.Errorf("%d places refer to it", n)
	}
}

// TestShow writes the pages of the samples where a person can look at them: FAPITEST_SHOW=/tmp/pages go test -run Show.
func TestShow(t *testing.T) {
	dir := os.Getenv("FAPITEST_SHOW")
	if dir == "" {
		t.Skip("FAPITEST_SHOW names no directory")
	}
	for _, s := range sample.All() {
		page := written(t, s.Report, html.Options{Evidence: sample.Evidence})
		if err := os.WriteFile(filepath.Join(dir, s.Name+".html"), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
