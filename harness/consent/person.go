package consent

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"
)

// PersonOptions are what a person driver is made of.
type PersonOptions struct {
	Out io.Writer // what to do is printed here
	In  io.Reader // where the browser ended is typed here
}

// person asks whoever sits at the terminal to be the end user. It sees neither pages nor redirects: what is about those is Blocked.
type person struct {
	turn  chan struct{} // filled while a journey is under way: one is asked about at a time
	out   io.Writer
	in    io.Reader
	begin sync.Once
	lines chan string // what is typed; closed when nobody is there any more
}

// NewPerson returns a driver that prints each URL and waits for a person to say where the browser ended.
func NewPerson(options PersonOptions) Driver {
	return &person{turn: make(chan struct{}, 1), out: options.Out, in: options.In, lines: make(chan string)}
}

// read hands over what is typed. Nothing can interrupt it: a terminal that nobody types at is left to the end of the process.
func (p *person) read() {
	defer close(p.lines)
	lines := bufio.NewScanner(p.in)
	lines.Buffer(nil, 64<<10)
	for lines.Scan() {
		p.lines <- lines.Text()
	}
}

// Close has nothing to do.
func (p *person) Close() error { return nil }

// openable is an address that can be pasted into a browser: that of the visit, or of a page that posts the form of the visit there.
func openable(v Visit) string {
	if v.Form == nil {
		return v.URL
	}
	var page strings.Builder
	_ = formPage.Execute(&page, v) // into memory, what is in it was parsed: can't fail
	return "data:text/html;base64," + base64.StdEncoding.EncodeToString([]byte(page.String()))
}

// formPage posts the form of a visit by itself, or at a click.
var formPage = template.Must(template.New("form").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Go on</title></head><body>` +
	`<form method="post" action="{{.URL}}">{{range $name, $values := .Form}}{{range $values}}<input type="hidden" name="{{$name}}" value="{{.}}">{{end}}{{end}}` +
	`<p><button type="submit">Go on to {{.URL}}</button></p></form><script>document.forms[0].submit()</script></body></html>`))

// Visit prints the URL and waits for an answer.
func (p *person) Visit(ctx context.Context, v Visit) (*Trip, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.begin.Do(func() { go p.read() })
	started := time.Now()
	wish := "sign in"
	if user := v.Values["user"]; !user.Empty() {
		wish += " as " + user.Reveal()
	}
	if v.Choice == Deny {
		wish += " and refuse the request"
	} else {
		wish += " and allow the request"
	}
	switch v.Again {
	case Never:
	case BeforeLogin:
		wish = "load it in one tab, then open it again in a second tab and there " + wish
	case AfterLogin:
		wish = "sign in there, then open it again in a second tab and there " + wish
	}
	window := "a private window"
	if v.Session != "" {
		window = "the private window " + v.Session + ", which is opened for the first of its addresses and closed after the last one"
	}
	_, err := fmt.Fprintf(p.out, "\nOpen this in %s, and %s:\n\n%s\n\nThen paste the address to which the browser was sent, or type error if the bank shows an error page, or stuck:\n", window, wish, openable(v))
	if err != nil {
		return nil, err
	}
	for {
		var line string
		select {
		case typed, there := <-p.lines:
			if !there {
				return nil, fmt.Errorf("nobody can answer, standard input has ended: %w", io.EOF)
			}
			line = typed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		trip := &Trip{Seconds: time.Since(started).Seconds(), Again: v.Again != Never}
		switch said := strings.TrimSpace(line); {
		case said == "error":
			trip.Ending, trip.Says, trip.Status = ErrorPage, "a person saw an error page", 400
			return trip, nil
		case said == "stuck":
			trip.Ending, trip.Says = Stuck, "a person could not go on"
			return trip, nil
		case arrives(v.Until, said):
			trip.Ending, trip.Arrival, trip.By = Arrived, said, "redirect"
			return trip, nil
		default:
			_, _ = fmt.Fprintf(p.out, "that is none of the client's addresses; it begins with one of %s\n", strings.Join(v.Until, ", "))
		}
	}
}
