package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/wire"
)

// exchange is a wire.Exchange as it stands in the file. What is long and repeats is a place in the tables, from 0: in fields for header fields
// and the parameters of a form, in texts for everything else.
type exchange struct {
	*wire.Exchange
	Deviation *int     `json:"deviation,omitempty"`
	Request   message  `json:"request"`
	Answer    *message `json:"answer,omitempty"`
	Pages     []page   `json:"pages,omitempty"`
	Hops      []hop    `json:"hops,omitempty"`
}

type message struct {
	Method      string `json:"method,omitempty"`
	URL         *int   `json:"url,omitempty"`
	Status      int    `json:"status,omitempty"`
	Header      []int  `json:"header,omitempty"`
	Form        []int  `json:"form,omitempty"` // the body, where it is a form: its parameters
	Body        *int   `json:"body,omitempty"`
	Certificate *int   `json:"certificate,omitempty"`
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

// field is a header field or a parameter: a list of its name and its value. The value null is the exchange's own id; a parameter without "=" has
// no value. A JWT that we made is a list of three: the name, the place of the JWT's header in texts, and its claims.
type field struct {
	name   string
	rest   rest
	value  string
	header int
	claims json.RawMessage
}

// rest is what stands in a field after its name.
type rest uint8

const (
	aValue rest = iota
	ownID
	noValue
	aJWT
)

// What the redactor writes around a JWT.
const (
	jwtBegins = "[JWT "
	jwtParts  = " . "
	jwtEnds   = " . signature redacted]"
)

// MarshalJSON writes the list.
func (f field) MarshalJSON() ([]byte, error) {
	list := []any{f.name}
	switch f.rest {
	case aValue:
		list = append(list, f.value)
	case ownID:
		list = append(list, nil)
	case noValue:
	case aJWT:
		list = append(list, f.header, f.claims)
	}
	return encoded(list, false)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *field) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) == 0 || len(list) > 3 {
		return fmt.Errorf("a field is a list of a name and a value, not of %d", len(list))
	}
	*f = field{}
	err := json.Unmarshal(list[0], &f.name)
	switch {
	case len(list) == 1:
		f.rest = noValue
	case len(list) == 3:
		f.rest, f.claims = aJWT, list[2]
		err = errors.Join(err, json.Unmarshal(list[1], &f.header))
	case string(list[1]) == "null":
		f.rest = ownID
	default:
		err = errors.Join(err, json.Unmarshal(list[1], &f.value))
	}
	return err
}

// tables holds everything once that exchanges repeat.
type tables struct {
	fields, texts         [][]byte // in JSON
	fieldPlace, textPlace map[string]int
}

func newTables() *tables { return &tables{fieldPlace: map[string]int{}, textPlace: map[string]int{}} }

// place is where a line stands in a table that is written, which it is added to where it is new.
func place(table *[][]byte, places map[string]int, value any) (int, error) {
	line, err := encoded(value, false)
	if err != nil {
		return 0, err
	}
	at, known := places[string(line)]
	if !known {
		at = len(*table)
		places[string(line)] = at
		*table = append(*table, line)
	}
	return at, nil
}

// compact writes exchanges by the tables. It keeps the first error.
type compact struct {
	*tables
	err error
}

func (c *compact) text(text string) *int {
	if text == "" {
		return nil
	}
	at, err := place(&c.texts, c.textPlace, text)
	c.err = errors.Join(c.err, err)
	return &at
}

func (c *compact) field(name, value string, rest rest) int {
	f := field{name: name, value: value, rest: rest}
	if header, claims, ok := splitJWT(value); ok && rest == aValue {
		f = field{name: name, rest: aJWT, header: *c.text(header), claims: json.RawMessage(claims)}
	}
	at, err := place(&c.fields, c.fieldPlace, f)
	c.err = errors.Join(c.err, err)
	return at
}

// splitJWT takes a JWT apart that we made and that the redactor has made readable, where it can be put together again to the letter.
func splitJWT(value string) (header, claims string, ok bool) {
	within, begins := strings.CutPrefix(value, jwtBegins)
	within, ends := strings.CutSuffix(within, jwtEnds)
	if !begins || !ends || !utf8.ValidString(within) {
		return "", "", false
	}
	var first json.RawMessage
	if err := json.NewDecoder(strings.NewReader(within)).Decode(&first); err != nil {
		return "", "", false
	}
	claims, ok = strings.CutPrefix(within[len(first):], jwtParts)
	var b bytes.Buffer
	if !ok || !strings.HasPrefix(within, string(first)) || json.Compact(&b, []byte(claims)) != nil || b.String() != claims {
		return "", "", false
	}
	return string(first), claims, true
}

func (c *compact) exchange(e *wire.Exchange) exchange {
	short := exchange{Exchange: e, Deviation: c.text(e.Deviation), Request: *c.message(&e.Request, e.ID, true), Answer: c.message(e.Answer, e.ID, false)}
	for _, p := range e.Pages {
		short.Pages = append(short.Pages, page{Page: p, URL: c.text(p.URL), Title: c.text(p.Title), Did: c.text(p.Did)})
	}
	for _, h := range e.Hops {
		short.Hops = append(short.Hops, hop{Hop: h, URL: c.text(h.URL), Location: c.text(h.Location)})
	}
	return short
}

func (c *compact) message(m *wire.Message, id string, request bool) *message {
	if m == nil {
		return nil
	}
	short := &message{Method: m.Method, URL: c.text(m.URL), Status: m.Status, Certificate: c.text(m.Certificate)}
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
		short.Body = c.text(m.Body)
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
	fields []field
	texts  []string
	made   int // bytes that were put together
	err    error
}

func (w *whole) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *whole) text(at *int) string {
	if at == nil {
		return ""
	}
	if *at < 0 || *at >= len(w.texts) {
		w.fail("there is no text %d in its table", *at)
		return ""
	}
	return w.texts[*at]
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
	case aJWT:
		// Once for all exchanges in which it stands.
		f.value, f.rest = w.join([]string{jwtBegins, w.text(&f.header), jwtParts, string(f.claims), jwtEnds}, ""), aValue
	case aValue:
	}
	return f.value, true
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
	e.Deviation, e.Request, e.Pages, e.Hops = w.text(short.Deviation), *w.message(&short.Request, e.ID), nil, nil
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
	m := &wire.Message{Method: short.Method, URL: w.text(short.URL), Status: short.Status, Body: w.text(short.Body), Certificate: w.text(short.Certificate)}
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
