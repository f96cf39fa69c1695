package consent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/fapitest/fapitest/harness/wire"
)

// view is what a look at a page shows.
type view struct {
	URL     string `json:"url"`
	Title   string `json:"title"`
	Ready   bool   `json:"ready"`
	Done    bool   `json:"done"`    // the script has acted on this very document
	Matches []bool `json:"matches"` // for each selector that was asked about
}

// worldName is that of the isolated world in which we look at a page: it has the same elements, and JavaScript of its own. Nothing that the page replaces
// there is replaced here.
const worldName = "us"

// own are the document's own members, by whatever name an element of the page hides them: <img name=querySelector>.
const own = `const own = (name, of = Document.prototype) => Object.getOwnPropertyDescriptor(of, name).get.call(document);
	const first = s => Document.prototype.querySelector.call(document, s);`

// observe asks the page which selectors match. The marker is one of this world's, which goes with the document. What a page is called is cut here, before it crosses over.
const observe = `(selectors => { ` + own + ` return {
	url: location.href.slice(0, 16384), title: own('title').slice(0, 400), ready: own('readyState') !== 'loading', done: globalThis.fapitestDone === true,
	matches: selectors.map(s => { try { return first(s) !== null } catch { return false } }),
} })(%s)`

func (t *tour) observe(tab context.Context, selectors []string) (view, bool) {
	if selectors == nil {
		selectors = []string{}
	}
	list, err := json.Marshal(selectors)
	if err != nil {
		return view{}, false
	}
	ctx, cancel := context.WithDeadline(tab, t.until)
	defer cancel()
	ctx, cancel = context.WithTimeoutCause(ctx, answers, errBusy)
	defer cancel()
	seen, err := inOurWorld[view](ctx, fmt.Sprintf(observe, list))
	if err != nil && errors.Is(context.Cause(ctx), errBusy) {
		t.fail("%s can't be looked at for %s: it is busy with its own scripts", answers)
	}
	// A page that is just being left can't answer; the next look finds its successor.
	return seen, err == nil && len(seen.Matches) == len(selectors)
}

var errBusy = errors.New("the page does not answer")

// inOurWorld evaluates an expression in a world of ours.
func inOurWorld[T any](tab context.Context, expression string) (result T, err error) {
	frame := cdp.FrameID(chromedp.FromContext(tab).Target.TargetID) // so is the page itself called, as opposed to frames in it
	world, err := chromedp.Call(tab, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: worldName})
	if err != nil {
		return result, err
	}
	return chromedp.Run(tab, chromedp.Evaluate[T](expression, func(p *runtime.EvaluateParams) { p.ContextID = world.ExecutionContextID }))
}

// source is the page as it is now, text what of it can be read.
const (
	source = `(() => { ` + own + ` return own('documentElement').outerHTML.slice(0, 1048576) })()`
	text   = `(() => { ` + own + ` const body = own('body'); return body ? body.innerText.slice(0, 65536) : '' })()`
)

// shoot keeps what the end user sees.
func (t *tour) shoot(tab context.Context, seen view, status int) {
	ctx, cancel := context.WithTimeout(tab, 5*time.Second)
	defer cancel()
	shot := Shot{URL: wire.RedactURL(t.scrub(seen.URL)), Status: status, Title: wire.Printable(bounded(seen.Title, 200))}
	if words, err := inOurWorld[string](ctx, text); err == nil {
		shot.Text = t.scrub(wire.Printable(words))
	}
	if markup, err := inOurWorld[string](ctx, source); err == nil {
		shot.HTML = []byte(t.scrub(markup))
	}
	if address, err := url.Parse(seen.URL); err == nil {
		if root, err := html.Parse(bytes.NewReader(shot.HTML)); err == nil {
			t.mu.Lock()
			shot.Says = protectionOf(address, t.header, root)
			t.mu.Unlock()
		}
	}
	if t.browser.options.Screenshots {
		// Quick to make rather than small: there are hundreds of them, and equal ones are kept once.
		if picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{OptimizeForSpeed: new(true)}); err == nil {
			shot.Screenshot = picture.Data
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trip.Pages = append(t.trip.Pages, shot)
	t.loaded = time.Now()
}

// shootAgain takes the last page as it is by now: a script may have put its forms there after the first look.
func (t *tour) shootAgain(tab context.Context, seen view) {
	t.mu.Lock()
	before := len(t.trip.Pages)
	status := t.trip.Status
	t.mu.Unlock()
	if before == 0 {
		return
	}
	t.shoot(tab, seen, status)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.trip.Pages) != before+1 {
		return
	}
	last, now := &t.trip.Pages[before-1], t.trip.Pages[before]
	if len(now.HTML) > 0 {
		now.Did = last.Did
		*last = now
	}
	t.trip.Pages = t.trip.Pages[:before]
}

// fits says whether a page is recognised by what the look has found.
func (t *tour) fits(w When, seen view, pages []Page) bool {
	if w.URL != "" && !glob(w.URL, seen.URL) {
		return false
	}
	if w.Selector == "" {
		return w.URL != ""
	}
	for i, entry := range pages {
		if entry.When == w {
			return seen.Matches[len(t.visit.Script.Error)+i]
		}
	}
	return false
}

// fill sets a value as typing does, for pages that listen, and says what kind of field it is and what it is called; click clicks.
const (
	fill = `((s, v) => { ` + own + ` const e = first(s); if (!e) return []; const kind = [e.type || '', e.name || ''].map(x => String(x).slice(0, 200)); HTMLElement.prototype.focus.call(e);
		const p = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value'); p && p.set ? p.set.call(e, v) : e.value = v;
		e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return kind })(%s, %s)`
	click   = `(s => { ` + own + ` const e = first(s); if (!e) return false; globalThis.fapitestDone = true; e instanceof HTMLElement ? HTMLElement.prototype.click.call(e) : e.click(); return true })(%s)`
	present = `(s => { ` + own + ` return first(s) !== null })(%s)`
)

// act does the steps of an entry of the script.
func (t *tour) act(tab context.Context, entry *Page, name, where string) {
	var did []string
	for _, step := range entry.Do {
		if t.ending() != "" {
			return
		}
		found := true
		switch {
		case step.Fill != nil:
			found = t.fill(tab, step.Fill)
		case step.Click != "":
			t.mu.Lock()
			t.clicked = time.Now()
			t.mu.Unlock()
			found = t.try(tab, click, step.Click)
		case step.Wait != "":
			found = t.waitFor(tab, step.Wait)
		default:
			timer := time.NewTimer(step.Pause)
			select {
			case <-timer.C:
			case <-tab.Done():
			}
			timer.Stop()
		}
		if !found && t.ending() == "" {
			t.misfits()
			t.stop(Stuck, "%s: no element matches %s on %s", name, step.Fill.selectorOr(step.Click+step.Wait), where)
			return
		}
		did = append(did, step.String())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.trip.Pages); n > 0 {
		t.trip.Pages[n-1].Did = strings.Join(did, ", ")
	}
}

// misfits notes that the script does not fit the page.
func (t *tour) misfits() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trip.Misfit = true
}

func (f *Fill) selectorOr(other string) string {
	if f == nil {
		return other
	}
	return f.Selector
}

// fill writes a value into a field.
func (t *tour) fill(tab context.Context, what *Fill) bool {
	value := Expand(what.Value, t.visit.Values)
	field, err := evaluate[[]string](t, tab, fill, what.Selector, value)
	if err != nil || len(field) != 2 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if field[0] == "password" || strings.Contains(what.Value, "${password}") {
		t.offered = t.documents
	}
	t.written.wrote(what, value, field[1], field[0] == "password")
	return true
}

// try runs one of the functions above with text arguments. A click may take the page away before it can answer.
func (t *tour) try(tab context.Context, function string, arguments ...string) bool {
	found, err := evaluate[bool](t, tab, function, arguments...)
	return found || err != nil && function == click
}

func evaluate[T any](t *tour, tab context.Context, function string, arguments ...string) (result T, err error) {
	var encoded []any
	for _, argument := range arguments {
		data, err := json.Marshal(argument)
		if err != nil {
			return result, err
		}
		encoded = append(encoded, string(data))
	}
	ctx, cancel := context.WithDeadline(tab, t.until)
	defer cancel()
	return inOurWorld[T](ctx, fmt.Sprintf(function, encoded...))
}

func (t *tour) waitFor(tab context.Context, selector string) bool {
	for until := time.Now().Add(comesAlive); time.Now().Before(until) && t.ending() == ""; {
		if t.try(tab, present, selector) {
			return true
		}
		t.rest(tab)
	}
	return false
}
