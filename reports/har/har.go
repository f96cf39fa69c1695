// Package har writes what was said in a run as an HTTP Archive 1.2, which the network panel of a browser opens.
//
// A request and its answer stand there once, in the order in which they were sent, as they were captured: nothing secret is in them. An experiment is a page of the archive: its title begins
// with the verdict. What several experiments built on belongs to the one that came out worst.
package har

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

// The members are those of HAR 1.2. What begins with an underscore is ours, as the format has it.
type (
	page struct {
		Started string   `json:"startedDateTime"`
		ID      string   `json:"id"`
		Title   string   `json:"title"`
		Timings struct{} `json:"pageTimings"`
		Comment string   `json:"comment,omitempty"`
	}
	entry struct {
		Page     string   `json:"pageref,omitempty"`
		Started  string   `json:"startedDateTime"`
		Time     float64  `json:"time"` // milliseconds
		Request  request  `json:"request"`
		Response response `json:"response"`
		Cache    struct{} `json:"cache"`
		Timings  timings  `json:"timings"`
		Comment  string   `json:"comment,omitempty"`
		Own      *own     `json:"_fapitest,omitempty"`
	}
	request struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		Version     string    `json:"httpVersion"`
		Cookies     []pair    `json:"cookies"`
		Headers     []pair    `json:"headers"`
		Query       []pair    `json:"queryString"`
		Posted      *postData `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	response struct {
		Status      int     `json:"status"`
		Text        string  `json:"statusText"`
		Version     string  `json:"httpVersion"`
		Cookies     []pair  `json:"cookies"`
		Headers     []pair  `json:"headers"`
		Content     content `json:"content"`
		Redirect    string  `json:"redirectURL"`
		HeadersSize int     `json:"headersSize"`
		BodySize    int     `json:"bodySize"`
		Error       string  `json:"_error,omitempty"` // as Chromium has it
	}
	pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	postData struct {
		Type string `json:"mimeType"`
		Text string `json:"text"` // params stands in its place or not at all, and browsers read text alone
	}
	content struct {
		Size int    `json:"size"` // of what is shown, which may be shorter than what was sent
		Type string `json:"mimeType"`
		Text string `json:"text,omitempty"`
	}
	timings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	own struct {
		ID          string      `json:"id,omitempty"` // the x-fapi-interaction-id
		Step        string      `json:"step"`
		Deviation   string      `json:"deviation,omitempty"`
		Certificate string      `json:"certificate,omitempty"` // of the client
		Pages       []wire.Page `json:"pages,omitempty"`
		Experiments []string    `json:"experiments,omitempty"` // the ids of all requirements that built on it
	}
)

// unknown is what stands for the version of HTTP, which is not captured.
const unknown = "unknown"

// Write writes the archive.
func Write(w io.Writer, r *verdict.Report) error {
	a := &archive{owners: map[key]*own{}}
	for _, e := range worstFirst(r) {
		a.add(e)
	}
	slices.SortStableFunc(a.lines, func(x, y line) int { return x.began.Compare(y.began) })
	b := bufio.NewWriter(w)
	head, err := encoded(map[string]any{"name": "fapitest", "version": cmp.Or(r.Tool.Version, unknown)})
	if err != nil {
		return err
	}
	comment, err := encoded(wording.Headline(r) + ": " + r.Target.Issuer)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(b, "{\"log\": {\"version\": \"1.2\", \"creator\": %s, \"comment\": %s,\n\"pages\": [", head, comment) // Flush has the error of all
	if err := list(b, a.pages); err != nil {
		return err
	}
	_, _ = b.WriteString("],\n\"entries\": [")
	entries := make([]entry, len(a.lines))
	for i, l := range a.lines {
		entries[i] = *l.entry
	}
	if err := list(b, entries); err != nil {
		return err
	}
	_, _ = b.WriteString("]}}\n")
	return b.Flush()
}

// list writes elements, each on a line of its own.
func list[T any](b *bufio.Writer, elements []T) error {
	for i, element := range elements {
		said, err := encoded(element)
		if err != nil {
			return err
		}
		if i > 0 {
			_ = b.WriteByte(',')
		}
		_ = b.WriteByte('\n')
		_, _ = b.Write(said)
	}
	return nil
}

func encoded(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("the archive can't be written: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// experiment is a spec of a requirement.
type experiment struct {
	id   string
	spec *verdict.Spec
}

// worstFirst lists the experiments of a report, those that came out worst first.
func worstFirst(r *verdict.Report) []experiment {
	var all []experiment
	for _, result := range r.Requirements {
		for i := range result.Specs {
			all = append(all, experiment{result.ID, &result.Specs[i]})
		}
	}
	worst := verdict.All()
	slices.SortStableFunc(all, func(a, b experiment) int {
		return slices.Index(worst, a.spec.Verdict) - slices.Index(worst, b.spec.Verdict)
	})
	return all
}

// key is by what an exchange is known again in another experiment. Times are whole microseconds, as in the report's file.
type key struct{ step, id, started, method, url, failure string }

type archive struct {
	pages  []page
	lines  []line
	owners map[key]*own
}

// line is an entry that is not yet in order.
type line struct {
	began time.Time
	entry *entry
}

// add adds what an experiment said that no other one did.
func (a *archive) add(e experiment) {
	id := fmt.Sprintf("experiment-%d", len(a.pages)+1)
	var first time.Time
	for _, exchange := range e.spec.Exchanges {
		if exchange.Request.Method == "" {
			continue // nothing was sent
		}
		began := exchange.Started.UTC().Round(time.Microsecond)
		k := key{exchange.Step, exchange.ID, moment(began), exchange.Request.Method, exchange.Request.URL, exchange.Failure}
		if known := a.owners[k]; known != nil {
			if !slices.Contains(known.Experiments, e.id) {
				known.Experiments = append(known.Experiments, e.id)
			}
			continue
		}
		said := entryOf(exchange, began)
		said.Page, said.Own.Experiments = id, []string{e.id}
		a.owners[k] = said.Own
		a.lines = append(a.lines, line{began, said})
		for _, hop := range exchange.Hops {
			if onward := hopOf(hop, exchange, began); onward != nil {
				onward.Page = id
				a.lines = append(a.lines, line{began, onward})
			}
		}
		if first.IsZero() || began.Before(first) {
			first = began
		}
	}
	if first.IsZero() {
		return // all that it said stands with another one
	}
	title := fmt.Sprintf("%s %s (%s): %s", e.spec.Verdict, e.id, e.spec.Client, e.spec.Sentence)
	a.pages = append(a.pages, page{Started: moment(first), ID: id, Title: title, Comment: e.spec.Message})
}

// moment is a time as the format has it.
func moment(t time.Time) string { return t.Format("2006-01-02T15:04:05.000000Z07:00") }

func entryOf(e *wire.Exchange, began time.Time) *entry {
	took := math.Round(e.Seconds*1e6) / 1e3
	out := &entry{
		Started: moment(began), Time: took, Request: requestOf(e.Request), Response: responseOf(e.Answer), Timings: timings{Wait: took}, Comment: comment(e),
		Own: &own{ID: e.ID, Step: e.Step, Deviation: e.Deviation, Certificate: e.Request.Certificate, Pages: e.Pages},
	}
	if e.Answer == nil {
		out.Response.Error = cmp.Or(e.Failure, "no answer")
	}
	return out
}

// comment is what an exchange was to its experiment: "claim: pushed authorization request, without client authentication; expected refused, was accepted (201 with a request_uri)".
func comment(e *wire.Exchange) string {
	said := e.Step
	if e.Role != "" {
		said = string(e.Role) + ": " + said
	}
	if e.Deviation != "" {
		said += ", " + e.Deviation
	}
	if e.Expected != "" {
		said += "; expected " + string(e.Expected)
	}
	if e.Judged != "" {
		said += ", was " + string(e.Judged)
	}
	if e.Because != "" {
		said += " (" + e.Because + ")"
	}
	return said
}

// hopOf is how the browser was sent on within a journey through the pages; nil: the journey's own entry says it.
func hopOf(hop wire.Hop, journey *wire.Exchange, began time.Time) *entry {
	if hop.Method == journey.Request.Method && hop.URL == journey.Request.URL && journey.Answer != nil && hop.Status == journey.Answer.Status {
		return nil
	}
	said := "within the " + journey.Step + ", at a time that was not taken"
	if hop.Status == 0 {
		said += ", by a script, a form or a refresh of the page"
	}
	answer := &wire.Message{Status: hop.Status}
	if hop.Location != "" {
		answer.Header = []wire.Field{{Name: "Location", Value: hop.Location}}
	}
	return &entry{
		Started: moment(began), Request: requestOf(wire.Message{Method: cmp.Or(hop.Method, http.MethodGet), URL: hop.URL}), Response: responseOf(answer), Comment: said,
	}
}

func requestOf(m wire.Message) request {
	out := request{
		Method: m.Method, URL: address(m.URL), Version: unknown, Cookies: []pair{}, Headers: pairs(m.Header), Query: query(m.URL), HeadersSize: -1, BodySize: -1,
	}
	if m.Body != "" {
		out.Posted = &postData{Type: field(m.Header, "Content-Type"), Text: m.Body}
	}
	return out
}

// responseOf is an answer; where none came, it has the status 0.
func responseOf(m *wire.Message) response {
	if m == nil {
		m = &wire.Message{}
	}
	return response{
		Status: m.Status, Text: http.StatusText(m.Status), Version: unknown, Cookies: []pair{}, Headers: pairs(m.Header), Redirect: field(m.Header, "Location"),
		Content: content{Size: len(m.Body), Type: field(m.Header, "Content-Type"), Text: m.Body}, HeadersSize: -1, BodySize: -1,
	}
}

func pairs(fields []wire.Field) []pair {
	list := []pair{}
	for _, f := range fields {
		list = append(list, pair(f))
	}
	return list
}

func field(fields []wire.Field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// query lists the parameters of a URL as they were captured, which is decoded.
func query(raw string) []pair {
	list := []pair{}
	front, _, _ := strings.Cut(raw, "#")
	_, parameters, has := strings.Cut(front, "?")
	if !has || parameters == "" {
		return list
	}
	for parameter := range strings.SplitSeq(parameters, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		list = append(list, pair{name, value})
	}
	return list
}

// address is a captured URL, in which the parameters stand decoded and secrets have stand-ins, as a URL that can be parsed; about:invalid where it is none.
func address(raw string) string {
	var b strings.Builder
	place := strings.IndexAny(raw, "?#") // up to there, brackets may be those of an address
	fragment := false
	for i := range len(raw) {
		c := raw[i]
		switch {
		case c == '#' && !fragment:
			fragment = true
			b.WriteByte(c)
		case strings.IndexByte("#[]", c) >= 0 && (c == '#' || place >= 0 && i > place), c <= ' ' || c >= 0x7f, strings.IndexByte("\"<>\\^`{|}", c) >= 0,
			c == '%' && !escape(raw[i:]):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	if parsed, err := url.Parse(b.String()); err != nil || !parsed.IsAbs() {
		return "about:invalid"
	}
	return b.String()
}

// escape says whether a text begins with an escaped byte.
func escape(text string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(text) > 2 && strings.IndexByte(digits, text[1]) >= 0 && strings.IndexByte(digits, text[2]) >= 0
}
