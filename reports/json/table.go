package json

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/wire"
)

// exchange is a wire.Exchange as it stands in the file. What is long and repeats is a place in the tables, from 0: in fields for header fields
// and the parameters of a form, in texts for everything else. Times are whole microseconds.
type exchange struct {
	*wire.Exchange
	Step      *int       `json:"step"`
	Started   *time.Time `json:"started,omitempty"` // only where At can't say it
	At        *int64     `json:"at,omitempty"`      // since the report's started
	Took      int64      `json:"took"`
	Seconds   *struct{}  `json:"seconds,omitempty"` // Took says it
	Deviation *int       `json:"deviation,omitempty"`
	Request   message    `json:"request"`
	Answer    *message   `json:"answer,omitempty"`
	Pages     []page     `json:"pages,omitempty"`
	Hops      []hop      `json:"hops,omitempty"`
}

type message struct {
	Line        *int  `json:"line,omitempty"` // method, blank, URL
	Status      int   `json:"status,omitempty"`
	Header      []int `json:"header,omitempty"`
	Form        []int `json:"form,omitempty"` // the body, where it is a form: its parameters
	Body        *int  `json:"body,omitempty"`
	Certificate *int  `json:"certificate,omitempty"`
}

type page struct {
	wire.Page
	URL   *int `json:"url,omitempty"`
	Title *int `json:"title,omitempty"`
	Did   *int `json:"did,omitempty"`
}

type hop struct {
	wire.Hop
	URL      *int `json:"url,omitempty"`
	Location *int `json:"location,omitempty"`
}

// text is a text of a table. In the file it is a string or, where that is shorter, a list of four: the place of an earlier one in the same table, how many
// bytes of it this one begins with, what follows, and how many bytes of the earlier one it ends with.
type text struct {
	value       string // what follows, where there is an earlier one
	like        int    // -1: there is none
	first, last int
}

// MarshalJSON writes the string or the list.
func (t text) MarshalJSON() ([]byte, error) {
	if t.like < 0 {
		return encoded(t.value, false)
	}
	return encoded([]any{t.like, t.first, t.value, t.last}, false)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *text) UnmarshalJSON(data []byte) error {
	*t = text{like: -1}
	if len(data) == 0 || data[0] != '[' {
		return json.Unmarshal(data, &t.value)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	return t.read(list)
}

func (t *text) read(list []json.RawMessage) error {
	if len(list) != 4 {
		return fmt.Errorf("a text is a string or a list of four, not of %d", len(list))
	}
	return errors.Join(json.Unmarshal(list[0], &t.like), json.Unmarshal(list[1], &t.first), json.Unmarshal(list[2], &t.value), json.Unmarshal(list[3], &t.last))
}

// field is a header field or a parameter: a list of its name and its value. The value null is the exchange's own id; a parameter without "=" has
// no value. A list of five has the value as the list of a text has it, after the name; the earlier one is the value of a field.
type field struct {
	name string
	rest rest
	text text
}

// rest is what stands in a field after its name.
type rest uint8

const (
	aValue rest = iota
	ownID
	noValue
)

// MarshalJSON writes the list.
func (f field) MarshalJSON() ([]byte, error) {
	list := []any{f.name}
	switch {
	case f.rest == ownID:
		list = append(list, nil)
	case f.rest == noValue:
	case f.text.like < 0:
		list = append(list, f.text.value)
	default:
		list = append(list, f.text.like, f.text.first, f.text.value, f.text.last)
	}
	return encoded(list, false)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *field) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) != 1 && len(list) != 2 && len(list) != 5 {
		return fmt.Errorf("a field is a list of a name and a value, not of %d", len(list))
	}
	*f = field{text: text{like: -1}}
	err := json.Unmarshal(list[0], &f.name)
	switch {
	case len(list) == 1:
		f.rest = noValue
	case len(list) == 5:
		err = errors.Join(err, f.text.read(list[1:]))
	case string(list[1]) == "null":
		f.rest = ownID
	default:
		err = errors.Join(err, json.Unmarshal(list[1], &f.text.value))
	}
	return err
}

// table holds everything once that exchanges repeat.
type table struct {
	lines  [][]byte         // in JSON
	places map[string]int   // of what stands in it
	values []string         // of each line
	recent map[string][]int // the newest lines of each kind
}

func newTable() *table { return &table{places: map[string]int{}, recent: map[string][]int{}} }

// place is where a value stands in the table, to which it is added where it is new. Only values of the same kind are compared, those of kind "" not at all.
func (t *table) place(kind, key, value string, line func(text) any) (int, error) {
	if at, known := t.places[key]; known {
		return at, nil
	}
	written, err := encoded(line(t.shortest(kind, value)), false)
	if err != nil {
		return 0, err
	}
	at := len(t.lines)
	t.places[key], t.lines, t.values = at, append(t.lines, written), append(t.values, value)
	if kind == "" {
		return at, nil
	}
	const enough = 8 // the more there are to compare with, the shorter the file, and the slower
	if t.recent[kind] = append(t.recent[kind], at); len(t.recent[kind]) > enough {
		t.recent[kind] = t.recent[kind][1:]
	}
	return at, nil
}

// line is where a line stands in the table, to which it is added where it is new.
func (t *table) line(line []byte) int {
	at, known := t.places[string(line)]
	if !known {
		at = len(t.lines)
		t.places[string(line)], t.lines = at, append(t.lines, line)
	}
	return at
}

// shortest is a value by what it has in common with an earlier one, where that makes it shorter.
func (t *table) shortest(kind, value string) text {
	const worth = 16 // bytes that the list costs
	best := text{value: value, like: -1}
	if !utf8.ValidString(value) {
		return best // is altered when it is written
	}
	for _, at := range t.recent[kind] {
		other := t.values[at]
		if !utf8.ValidString(other) {
			continue
		}
		first := common(value, other, func(s string, i int) byte { return s[i] })
		for first > 0 && first < len(value) && !utf8.RuneStart(value[first]) {
			first--
		}
		last := common(value[first:], other[first:], func(s string, i int) byte { return s[len(s)-1-i] })
		for last > 0 && !utf8.RuneStart(value[len(value)-last]) {
			last--
		}
		if middle := value[first : len(value)-last]; len(middle)+worth < len(value) && (best.like < 0 || len(middle) < len(best.value)) {
			best = text{value: middle, like: at, first: first, last: last}
		}
	}
	return best
}

// common is how many bytes two strings have in common, counted by at from where it begins.
func common(a, b string, at func(s string, i int) byte) int {
	n := 0
	for n < len(a) && n < len(b) && at(a, n) == at(b, n) {
		n++
	}
	return n
}

// compact writes exchanges by the tables. It keeps the first error.
type compact struct {
	began         time.Time // the report's
	fields, texts *table
	judgements    *table
	err           error
}

// text is the place of a text in English, which stands in the file as it is.
func (c *compact) text(value string) *int { return c.entry("", value) }

// data is the place of a text that was sent. URLs are compared up to their queries, and everything else is where it begins in the same way.
func (c *compact) data(value string) *int {
	kind, _, isURL := strings.Cut(value, "?")
	if !isURL {
		kind = value[:min(len(value), 16)]
	}
	return c.entry(kind, value)
}

func (c *compact) entry(kind, value string) *int {
	if value == "" {
		return nil
	}
	at, err := c.texts.place(kind, value, value, func(t text) any { return t })
	c.err = errors.Join(c.err, err)
	return &at
}

func (c *compact) field(name, value string, rest rest) int {
	if rest != aValue {
		value = ""
	}
	at, err := c.fields.place(name, fmt.Sprintf("%d %q %s", rest, name, value), value, func(t text) any { return field{name: name, rest: rest, text: t} })
	c.err = errors.Join(c.err, err)
	return at
}

// judgement is the place of what an exchange was to an experiment; -1 where it only prepared something.
func (c *compact) judgement(e *wire.Exchange) (int, error) {
	j := judgement{Role: e.Role, Sentence: c.text(e.Sentence), Expected: e.Expected, Judged: e.Judged, Because: c.text(e.Because)}
	if j == (judgement{}) {
		return -1, nil
	}
	line, err := encoded(j, false)
	return c.judgements.line(line), err
}

func (c *compact) exchange(e *wire.Exchange) exchange {
	short := exchange{
		Exchange: e, Step: c.text(e.Step), Deviation: c.text(e.Deviation), Request: *c.message(&e.Request, e.ID, true), Answer: c.message(e.Answer, e.ID, false),
		Took: int64(math.Round(e.Seconds * 1e6)),
	}
	const year = 365 * 24 * time.Hour
	if since := e.Started.Sub(c.began).Round(time.Microsecond); since.Abs() < year {
		at := since.Microseconds()
		short.At = &at
	} else {
		short.Started = &e.Started
	}
	for _, p := range e.Pages {
		short.Pages = append(short.Pages, page{Page: p, URL: c.data(p.URL), Title: c.text(p.Title), Did: c.text(p.Did)})
	}
	for _, h := range e.Hops {
		short.Hops = append(short.Hops, hop{Hop: h, URL: c.data(h.URL), Location: c.data(h.Location)})
	}
	return short
}

func (c *compact) message(m *wire.Message, id string, request bool) *message {
	if m == nil {
		return nil
	}
	short := &message{Status: m.Status, Certificate: c.text(m.Certificate)}
	if m.Method != "" || m.URL != "" {
		short.Line = c.data(m.Method + " " + m.URL)
	}
	form := false
	for _, f := range m.Header {
		rest := aValue
		if id != "" && f.Value == id {
			rest = ownID
		}
		short.Header = append(short.Header, c.field(f.Name, f.Value, rest))
		form = form || request && strings.EqualFold(f.Name, "Content-Type") && strings.HasPrefix(strings.ToLower(f.Value), "application/x-www-form-urlencoded")
	}
	if !form || m.Body == "" {
		short.Body = c.data(m.Body)
		return short
	}
	for parameter := range strings.SplitSeq(m.Body, "&") {
		rest := aValue
		name, value, has := strings.Cut(parameter, "=")
		if !has {
			rest = noValue
		}
		short.Form = append(short.Form, c.field(name, value, rest))
	}
	return short
}

// whole makes exchanges whole again. It keeps the first error.
type whole struct {
	began  time.Time
	fields []field
	texts  []text
	made   int // bytes that were put together
	err    error
}

func (w *whole) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

// unfold makes the texts of a table whole, from the first to the last.
func (w *whole) unfold(texts []*text) {
	for i, t := range texts {
		if t.like < 0 {
			continue
		}
		if t.like >= i {
			w.fail("text %d is said to be like text %d, which does not come before it", i, t.like)
			return
		}
		earlier := texts[t.like].value
		if t.first < 0 || t.last < 0 || t.first+t.last > len(earlier) || t.first > len(earlier) || t.last > len(earlier) {
			w.fail("text %d takes %d and %d bytes from text %d, which has %d", i, t.first, t.last, t.like, len(earlier))
			return
		}
		*t = text{value: w.join([]string{earlier[:t.first], t.value, earlier[len(earlier)-t.last:]}, ""), like: -1}
	}
}

func (w *whole) unfoldAll() {
	var texts, values []*text
	for i := range w.texts {
		texts = append(texts, &w.texts[i])
	}
	for i := range w.fields {
		values = append(values, &w.fields[i].text)
	}
	w.unfold(texts)
	w.unfold(values)
}

func (w *whole) text(at *int) string {
	if at == nil {
		return ""
	}
	if *at < 0 || *at >= len(w.texts) {
		w.fail("there is no text %d in its table", *at)
		return ""
	}
	return w.texts[*at].value
}

// join puts text together, as long as that does not make more of a file than a file may be.
func (w *whole) join(parts []string, separator string) string {
	for _, part := range parts {
		w.made += len(part) + len(separator)
	}
	if w.made > Largest {
		w.fail("it comes to more than %d MiB", Largest>>20)
		return ""
	}
	return strings.Join(parts, separator)
}

// value is that of a field; ok is false where it has none.
func (w *whole) value(f *field, id string) (value string, ok bool) {
	switch f.rest {
	case ownID:
		return id, true
	case noValue:
		return "", false
	case aValue:
	}
	return f.text.value, true
}

func (w *whole) field(at int) *field {
	if at < 0 || at >= len(w.fields) {
		w.fail("there is no field %d in its table", at)
		return &field{}
	}
	return &w.fields[at]
}

func (w *whole) exchange(short *exchange) *wire.Exchange {
	e := wire.Exchange{}
	if short.Exchange != nil {
		e = *short.Exchange
	}
	e.Step, e.Deviation, e.Request, e.Pages, e.Hops = w.text(short.Step), w.text(short.Deviation), *w.message(&short.Request, e.ID), nil, nil
	switch {
	case short.Started != nil:
		e.Started = *short.Started
	case short.At != nil:
		e.Started = w.began.Add(time.Duration(*short.At) * time.Microsecond)
	}
	e.Seconds = float64(short.Took) / 1e6
	e.Answer = w.message(short.Answer, e.ID)
	for _, p := range short.Pages {
		p.Page.URL, p.Page.Title, p.Page.Did = w.text(p.URL), w.text(p.Title), w.text(p.Did)
		e.Pages = append(e.Pages, p.Page)
	}
	for _, h := range short.Hops {
		h.Hop.URL, h.Hop.Location = w.text(h.URL), w.text(h.Location)
		e.Hops = append(e.Hops, h.Hop)
	}
	return &e
}

func (w *whole) message(short *message, id string) *wire.Message {
	if short == nil {
		return nil
	}
	method, address, _ := strings.Cut(w.text(short.Line), " ")
	m := &wire.Message{Method: method, URL: address, Status: short.Status, Body: w.text(short.Body), Certificate: w.text(short.Certificate)}
	for _, at := range short.Header {
		f := w.field(at)
		value, _ := w.value(f, id)
		m.Header = append(m.Header, wire.Field{Name: f.name, Value: value})
	}
	var parameters []string
	for _, at := range short.Form {
		f := w.field(at)
		if value, has := w.value(f, id); has {
			parameters = append(parameters, w.join([]string{f.name, value}, "="))
		} else {
			parameters = append(parameters, f.name)
		}
	}
	if len(parameters) > 0 {
		m.Body = w.join(parameters, "&")
	}
	return m
}
