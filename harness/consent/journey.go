package consent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/fapitest/fapitest/harness/wire"
)

const (
	comesAlive = 5 * time.Second       // how long a page that was loaded has until something in the script fits
	settles    = 2 * time.Second       // how long a click has until it leads to another document
	glance     = 15 * time.Millisecond // between two looks at a page
	unfolds    = 10 * time.Second      // how long a script that names a foreign address has until it leads there
	answers    = 20 * time.Second      // how long a page may be too busy with itself to be looked at
	fades      = 2 * time.Second       // how long a tab has to be gone

	mostDialogs = 20 // that a page opens on a journey
)

// Visit makes one journey in a browser context of its own, or in that of its session.
func (b *browser) Visit(ctx context.Context, v Visit) (*Trip, error) {
	c, err := b.chromium()
	if err != nil {
		return nil, err
	}
	limit := v.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	started := time.Now()
	fresh, err := b.tabFor(ctx, c, v.Session)
	if err != nil {
		return nil, err
	}
	kept, spoilt := false, false
	defer func() {
		switch {
		case spoilt:
			c.closing.Go(func() { crash(fresh.Context); fresh.close() })
		case !kept:
			c.closing.Go(fresh.close) // nobody has to wait until it is closed
		}
	}()
	if fresh.err != nil {
		return nil, fmt.Errorf("opening a tab: %w", fresh.err)
	}
	stopWithCaller := context.AfterFunc(ctx, fresh.close)
	defer stopWithCaller()
	tab, giveUp := context.WithCancel(fresh.Context)
	defer giveUp()

	t := &tour{browser: b, chromium: c, giveUp: giveUp, visit: v, trip: &Trip{}, until: started.Add(limit), applied: map[string]int{}, tempted: map[string]bool{}, hosts: map[string]bool{}, asked: map[fetch.RequestID]time.Time{}, carrying: map[network.RequestID]bool{}, news: make(chan struct{}, 1)}
	defer c.leaves(t)
	if err := t.enter(tab); err != nil {
		return nil, err
	}
	t.load(tab)
	if v.Again == BeforeLogin {
		t.lookOnce(tab)
		t.leaves = true
	}
	for t.ending() == "" {
		if !t.leaves {
			t.look(tab)
			continue
		}
		second, closeSecond := chromedp.NewContext(tab)
		defer closeSecond()
		tab = second
		t.reset()
		if err := errors.Join(quieten(tab), t.enter(tab)); err != nil {
			return nil, err
		}
		t.load(tab)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	trip := t.end(started)
	spoilt = tab.Err() != nil || trip.Ending == TimedOut
	if kept = v.goesOn(trip); kept {
		b.keep(v.Session, fresh)
	}
	return trip, nil
}

// crash ends the process that shows a tab: one that is busy with itself would not hear that it is to be closed.
func crash(tab context.Context) {
	ctx, cancel := context.WithTimeout(tab, fades)
	defer cancel()
	_, _ = chromedp.Call(ctx, page.Crash, cdp.Empty{}) // it may be gone
}

// tour is a visit under way. What the browser reports arrives on goroutines of chromedp's.
type tour struct {
	browser  *browser
	chromium *chromium
	visit    Visit
	until    time.Time
	giveUp   context.CancelFunc // ends every look at the page
	applied  map[string]int
	tempted  map[string]bool // the entries of the script whose page was opened with the temptation
	leaves   bool            // this tab is left as it is, and the journey goes on in another one
	begun    bool            // the first request of this tab has gone out; with the lock

	news chan struct{} // filled when something has happened that is worth a look

	mu        sync.Mutex
	trip      *Trip
	main      cdp.FrameID                   // of the page itself, as opposed to frames in it
	documents int                           // how many the page has had
	status    int                           // of the last one
	pause     time.Duration                 // how long the last one asks to be left alone; 0: it does not ask
	refresh   string                        // the header field of this name of the last one
	method    string                        // by which the last one was asked for
	header    http.Header                   // of the last one
	offered   int                           // which document the script has written the password into
	lingers   time.Duration                 // how long something on the last one may take until it leads on by itself
	asked     map[fetch.RequestID]time.Time // when document requests went out
	carrying  map[network.RequestID]bool    // the requests of scripts that carry the password
	written   credentials
	broken    string // why the last one could not be loaded
	asking    string // the address of the document that was last asked for, redacted
	unshown   string // what the last answer was instead of a page; empty: a page
	boxes     int    // message boxes that pages have opened
	latest    string // the address of the last document. It may hold a secret: not for logs
	repeats   int    // how often in a row that one has been loaded
	hosts     map[string]bool
	stopped   []string  // hosts that pages wanted something from and that consent.hosts does not list
	clicked   time.Time // when something was last clicked
	loaded    time.Time // when a document was last seen complete
}

func (t *tour) ending() Ending {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trip.Ending == "" && time.Now().After(t.until) {
		t.trip.Ending = TimedOut
		t.trip.Says = "the time for a journey ran out"
		switch n := len(t.trip.Pages); {
		case n > 0 && n >= t.documents:
			t.trip.Says += " on " + t.trip.Pages[n-1].URL
		case t.asking != "":
			t.trip.Says += " while " + t.asking + " was loading"
		}
	}
	return t.trip.Ending
}

// reset forgets the first tab: the journey is the second one's.
func (t *tour) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.main, t.documents, t.status, t.broken, t.loaded, t.begun, t.offered = "", 0, 0, "", time.Time{}, false, 0
	t.trip.Hops, t.trip.Pages = nil, nil
	t.trip.Again, t.leaves = true, false
	clear(t.applied) // what was done on the first tab's pages is not done on these
}

func (t *tour) end(started time.Time) *Trip {
	t.mu.Lock()
	defer t.mu.Unlock()
	for host := range t.hosts {
		t.trip.Hosts = append(t.trip.Hosts, host)
	}
	slices.Sort(t.trip.Hosts)
	t.trip.Elsewhere = t.elsewhere()
	t.trip.Status, t.trip.Seconds = t.status, time.Since(started).Seconds()
	if t.trip.Ending != Arrived {
		t.trip.Says += lacking(t.stopped)
	}
	return t.trip
}

// elsewhere are the hosts of other sites that pages have contacted or wanted to; the lock is held.
func (t *tour) elsewhere() []string {
	var documents []string
	for _, page := range t.trip.Pages {
		documents = append(documents, hostOf(page.URL))
	}
	for _, hop := range t.trip.Hops {
		documents = append(documents, hostOf(hop.URL), hostOf(hop.Location))
	}
	var others []string
	for _, host := range slices.Concat(t.trip.Hosts, t.stopped) {
		name := hostOf("https://" + host)
		if !slices.ContainsFunc(documents, func(document string) bool { return sameSite(name, document) }) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return slices.Compact(others)
}

// hostOf is the name of the host of an address.
func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

func (t *tour) stop(ending Ending, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trip.Ending == "" {
		t.trip.Ending, t.trip.Says = ending, bounded(t.scrub(fmt.Sprintf(format, args...)), longestSays)
	}
}

// fail ends the journey because of something that makes the tab of no use; the format begins with the page.
func (t *tour) fail(format string, args ...any) {
	t.stop(Broken, format, append([]any{t.shown()}, args...)...)
	t.mu.Lock()
	t.trip.Spoilt = t.trip.Ending == Broken
	t.mu.Unlock()
	t.giveUp()
}

// shown is the address of the document that was last asked for.
func (t *tour) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return cmp.Or(t.asking, "the page")
}

func (t *tour) scrub(text string) string { return scrub(text, t.visit.Values) }

// load opens the address of the visit.
func (t *tour) load(tab context.Context) { t.loadURL(tab, t.visit.URL) }

// gotten says whether the page was asked for by GET, so that it has an address.
func (t *tour) gotten() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.method == http.MethodGet
}

func (t *tour) loadURL(tab context.Context, address string) {
	ctx, cancel := context.WithDeadline(tab, t.until) // it takes until an answer begins
	defer cancel()
	result, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: address})
	if err != nil || result.ErrorText != "" && result.ErrorText != "net::ERR_ABORTED" {
		if err == nil {
			err = errors.New(result.ErrorText)
		}
		if t.ending() == "" {
			t.stop(Broken, "%s can't be opened: %s", wire.RedactURL(t.scrub(address)), untrusted(err.Error(), address))
		}
	}
}

// lookOnce waits until the page is there, and leaves it alone.
func (t *tour) lookOnce(tab context.Context) {
	for t.ending() == "" {
		if seen, ok := t.observe(tab, nil); ok && seen.Ready && t.count() > 0 {
			return
		}
		t.rest(tab)
	}
}

func (t *tour) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.documents
}

// tell says that there is something to look at.
func (t *tour) tell() {
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// rest waits a little, or until something happens.
func (t *tour) rest(ctx context.Context) {
	timer := time.NewTimer(glance)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.news:
	case <-ctx.Done():
	}
}

// look does what there is to do on the page, or notes how the journey ends.
func (t *tour) look(tab context.Context) {
	if tab.Err() != nil {
		t.stop(Broken, "the browser was closed")
		return
	}
	if documents, repeats := t.loads(); documents > mostPages {
		if repeats > mostPages/2 {
			t.stop(Stuck, "%s leads to itself without end: it was loaded %d times in a row", t.shown(), repeats)
		} else {
			t.stop(Stuck, "more than %d pages, the last %s", mostPages, t.shown())
		}
		return
	}
	script := t.visit.Script
	selectors := slices.Clone(script.Error)
	pages := slices.Concat(script.Deny, script.Accept)
	for _, entry := range pages {
		selectors = append(selectors, entry.When.Selector)
	}
	seen, ok := t.observe(tab, selectors)
	t.mu.Lock()
	documents, status, broken, pause := t.documents, t.status, t.broken, t.pause
	shown, loggedIn := len(t.trip.Pages), t.trip.Credentials && !t.trip.Again
	pending := time.Since(t.clicked)
	t.mu.Unlock()
	where := fmt.Sprintf("%s (%s)", wire.RedactURL(t.scrub(seen.URL)), wire.Printable(bounded(seen.Title, 100)))
	switch {
	case broken != "":
		// What is shown now is the browser's own page about it.
		t.mu.Lock()
		if where = wire.RedactURL(t.scrub(t.visit.URL)); len(t.trip.Hops) > 0 {
			where = t.trip.Hops[len(t.trip.Hops)-1].Location
		}
		t.mu.Unlock()
		t.stop(Broken, "%s can't be opened: %s", where, untrusted(broken, where))
		return
	case !ok || documents == 0 || !seen.Ready:
		t.rest(tab)
		return
	case seen.Done && pending < settles:
		t.rest(tab)
		return
	case shown < documents && !seen.Done:
		t.shoot(tab, seen, status)
	}
	switch {
	case pause > 0:
		t.mu.Lock()
		t.trip.RetryAfter = pause
		t.mu.Unlock()
		t.stop(Busy, "%s answers %d", where, status)
		return
	case endingAt(status) == ErrorPage:
		t.conclude(tab, documents, ErrorPage, seen, "%s answers %d", where, status)
		return
	case endingAt(status) != "":
		t.stop(endingAt(status), "%s answers %d", where, status)
		return
	}
	for i, selector := range script.Error {
		if seen.Matches[i] {
			t.conclude(tab, documents, ErrorPage, seen, "%s matches %s", where, selector)
			return
		}
	}
	entry, name := script.match(t.visit.Choice, func(w When) bool { return t.fits(w, seen, pages) })
	if entry == nil {
		if t.patience() {
			t.rest(tab)
			return
		}
		if instead := t.instead(); instead != "" {
			t.conclude(tab, documents, Stuck, seen, "%s", instead)
			return
		}
		t.conclude(tab, documents, Stuck, seen, "nothing in the script fits %s", where)
		return
	}
	if t.visit.Tempt.To != "" && !t.tempted[name] && t.gotten() {
		t.tempted[name] = true
		t.mu.Lock()
		t.trip.Tempted++
		t.offered = t.documents // whatever stands in the address was there before
		t.mu.Unlock()
		if address, err := url.Parse(seen.URL); err == nil {
			t.loadURL(tab, tempting(address, t.visit.Tempt))
			return
		}
	}
	if t.visit.Again == AfterLogin && loggedIn && !entry.offersPassword() {
		t.leaves = true
		return
	}
	if t.applied[name]++; t.applied[name] > entry.mostTries(t.visit) {
		t.stop(Stuck, "%s", entry.comesBack(where, t.visit))
		return
	}
	if entry.offersPassword() {
		t.mu.Lock()
		t.trip.Logins++
		t.mu.Unlock()
	}
	t.act(tab, entry, name, where)
}

// conclude ends the journey at a page on which the script does nothing, unless something on the page may still send the browser on: then it
// rests. A refusal is one as it stands, except where the journey is about a foreign address.
func (t *tour) conclude(tab context.Context, documents int, ending Ending, seen view, format string, args ...any) {
	if ending == Stuck || t.visit.Foreign != "" {
		t.mu.Lock()
		early := time.Since(t.loaded) < t.lingers
		t.mu.Unlock()
		// Looked at again when the time is up: a script may have put something new on the page.
		if early || t.goesOn(tab, documents, seen) {
			t.rest(tab)
			return
		}
	}
	if ending == Stuck {
		t.misfits()
		t.shootAgain(tab, seen)
	}
	t.stop(ending, format, args...)
}

// goesOn finds out how long the page has until nothing on it can send the browser on any more, and says whether that lies ahead.
func (t *tour) goesOn(tab context.Context, documents int, seen view) bool {
	address, err := url.Parse(seen.URL)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(tab, 5*time.Second)
	defer cancel()
	source, err := inOurWorld[string](ctx, source)
	if err != nil {
		return t.ending() == "" // the page is just being left
	}
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return false
	}
	t.mu.Lock()
	shown := &document{url: address, refresh: t.refresh, root: root}
	t.mu.Unlock()
	var longest time.Duration
	if next, ok := refreshOf(shown); ok {
		if longest = next.after + settles; longest > longestRefresh+settles {
			longest = 0
			if arrives([]string{t.visit.Foreign}, next.to) {
				t.stop(Confused, "%s will send the browser to %s, in %s", wire.RedactURL(t.scrub(seen.URL)), wire.RedactURL(next.to), next.after)
			}
		}
	}
	switch {
	case t.visit.Foreign == "":
	case shown.pointsAt(t.visit.Foreign) != "":
		longest = max(longest, unfolds)
	case shown.scripted():
		longest = max(longest, settles)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.documents != documents {
		return true // it has gone on
	}
	t.lingers = longest
	return time.Since(t.loaded) < longest
}

// loads says how many documents the page has had, and how often in a row the last one.
func (t *tour) loads() (documents, repeats int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.documents, t.repeats
}

// instead says what came last where that was no page, so that the one before is still shown.
func (t *tour) instead() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.unshown == "" {
		return ""
	}
	return fmt.Sprintf("%s answers %s", t.asking, t.unshown)
}

// patience says whether the page still has time to come alive.
func (t *tour) patience() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.loaded) < comesAlive
}
