package consent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
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
)

// BrowserOptions are what a browser driver is made of.
type BrowserOptions struct {
	Path        string    // of Chromium; empty: where systems put it
	SPKI        []string  // base64 SHA-256 of public keys whose certificates Chromium trusts, beside the system's roots
	Hosts       []string  // if any: the only hosts that pages may contact
	Screenshots bool      // take one of every page
	Pace        wire.Pace // keeps document requests apart; nil: nothing does
}

// browser plays the end user with Chromium.
type browser struct {
	options BrowserOptions

	mu       sync.Mutex
	running  *chromium // nil before the first visit
	launches int
	closed   bool
}

// chromium is a running one.
type chromium struct {
	root    context.Context // ends with it
	stop    []context.CancelFunc
	spare   chan tab       // tabs that were opened ahead, each in a browser context of its own
	closing sync.WaitGroup // of tabs
}

// tab is a browser context, with cookies of its own, and the one tab in it.
type tab struct {
	context.Context
	close context.CancelFunc
	err   error // why it could not be opened
}

// The tabs that are opened ahead: opening one takes a quarter of a journey, and nobody has to wait for it.
const spareTabs = 2

// FindBrowser returns the path of Chromium: the given one, or where systems put it. The error says how to install it.
func FindBrowser(path string) (string, error) {
	// The shell is Chromium without a window system around it, and several times as quick to open a tab.
	candidates := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}
	if path != "" {
		candidates = []string{path}
	}
	for _, candidate := range candidates {
		if found, err := exec.LookPath(candidate); err == nil {
			return found, nil
		}
	}
	return "", errors.New("no Chromium was found: install it (apt-get install chromium), or use the consent driver form or person")
}

// NewBrowser returns a driver that drives Chromium. Chromium is started with the first visit; every visit has cookies of its own.
func NewBrowser(options BrowserOptions) (Driver, error) {
	path, err := FindBrowser(options.Path)
	if err != nil {
		return nil, err
	}
	options.Path = path
	return &browser{options: options}, nil
}

// Start starts Chromium ahead of the first visit, and does not wait for it.
func (b *browser) Start() { go func() { _, _ = b.chromium() }() } // what is wrong with it, the first visit says

// mostLaunches is how often Chromium is started in all. One that crashes costs the journeys that it was on.
const mostLaunches = 4

// chromium returns the running Chromium, started where there is none or none any more.
func (b *browser) chromium() (*chromium, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, errors.New("the browser is closed")
	case b.running != nil && b.running.root.Err() == nil:
		return b.running, nil
	case b.launches == mostLaunches:
		return nil, fmt.Errorf("chromium has ended by itself %d times: is there enough memory?", mostLaunches)
	}
	if b.running != nil {
		b.running.release() // journeys that were on it may still be finding out
	}
	b.launches++
	launched, err := launch(b.options)
	if err != nil {
		return nil, err
	}
	b.running = launched
	return launched, nil
}

// launch starts Chromium.
func launch(options BrowserOptions) (*chromium, error) {
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(options.Path), chromedp.DisableGPU, chromedp.NoInheritEnv,
		// The environment may hold the bank's passwords; the pages are strangers.
		chromedp.Env("PATH="+os.Getenv("PATH"), "HOME="+os.TempDir(), "LANG=C.UTF-8"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("block-new-web-contents", true), chromedp.Flag("deny-permission-prompts", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-client-side-phishing-detection", true), chromedp.Flag("window-size", "900,900"),
	)
	if len(options.SPKI) > 0 {
		flags = append(flags, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(options.SPKI, ",")))
	}
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.NoSandbox)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), flags...)
	quiet := func(string, ...any) {}
	root, stopRoot := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	c := &chromium{root: root, stop: []context.CancelFunc{stopRoot, stopAllocator}, spare: make(chan tab)}
	if err := chromedp.Do(root); err != nil {
		c.end()
		return nil, fmt.Errorf("chromium does not start: %w", err)
	}
	for range spareTabs {
		go c.openAhead()
	}
	return c, nil
}

// openAhead keeps a fresh tab at hand until the browser is closed.
func (c *chromium) openAhead() {
	for {
		ctx, cancel := chromedp.NewContext(c.root, chromedp.WithNewBrowserContext())
		fresh := tab{Context: ctx, close: cancel, err: chromedp.Do(ctx)}
		select {
		case c.spare <- fresh:
		case <-c.root.Done():
			cancel()
			return
		}
	}
}

func (c *chromium) end() {
	c.closing.Wait()
	if c.root.Err() == nil {
		ctx, cancel := context.WithTimeout(c.root, 10*time.Second)
		_ = chromedp.Cancel(ctx) // what does not end by itself is ended below
		cancel()
	}
	c.release()
}

// release gives back what a Chromium had that has ended, and ends one that has not.
func (c *chromium) release() {
	for _, stop := range c.stop {
		stop()
	}
}

// Close ends Chromium.
func (b *browser) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.running != nil {
		b.running.end()
		b.running = nil
	}
	return nil
}

// Visit makes one journey in a browser context of its own.
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
	var fresh tab
	select {
	case fresh = <-c.spare:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.root.Done():
		return nil, errors.New("chromium ended by itself")
	}
	// Nobody has to wait until it is closed.
	defer c.closing.Go(fresh.close)
	if fresh.err != nil {
		return nil, fmt.Errorf("opening a tab: %w", fresh.err)
	}
	tab := fresh.Context
	stopWithCaller := context.AfterFunc(ctx, fresh.close)
	defer stopWithCaller()

	t := &tour{browser: b, visit: v, trip: &Trip{}, until: started.Add(limit), applied: map[string]int{}, hosts: map[string]bool{}, asked: map[fetch.RequestID]time.Time{}, carrying: map[network.RequestID]bool{}, news: make(chan struct{}, 1)}
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
		if err := t.enter(tab); err != nil {
			return nil, err
		}
		t.load(tab)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return t.end(started), nil
}

// tour is a visit under way. What the browser reports arrives on goroutines of chromedp's.
type tour struct {
	browser *browser
	visit   Visit
	until   time.Time
	applied map[string]int
	leaves  bool // this tab is left as it is, and the journey goes on in another one

	news chan struct{} // filled when something has happened that is worth a look

	mu        sync.Mutex
	trip      *Trip
	main      cdp.FrameID                   // of the page itself, as opposed to frames in it
	documents int                           // how many the page has had
	status    int                           // of the last one
	pause     time.Duration                 // how long the last one asks to be left alone; 0: it does not ask
	refresh   string                        // the header field of this name of the last one
	lingers   time.Duration                 // how long something on the last one may take until it leads on by itself
	asked     map[fetch.RequestID]time.Time // when document requests went out
	carrying  map[network.RequestID]bool    // the requests of scripts that carry the password
	written   credentials
	broken    string // why the last one could not be loaded
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
		if n := len(t.trip.Pages); n > 0 {
			t.trip.Says += " on " + t.trip.Pages[n-1].URL
		}
	}
	return t.trip.Ending
}

// reset forgets the first tab: the journey is the second one's.
func (t *tour) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.main, t.documents, t.status, t.broken, t.loaded = "", 0, 0, "", time.Time{}
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
	t.trip.Status, t.trip.Seconds = t.status, time.Since(started).Seconds()
	if t.trip.Ending != Arrived {
		t.trip.Says += lacking(t.stopped)
	}
	return t.trip
}

func (t *tour) stop(ending Ending, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trip.Ending == "" {
		t.trip.Ending, t.trip.Says = ending, bounded(t.scrub(fmt.Sprintf(format, args...)), longestSays)
	}
}

func (t *tour) scrub(text string) string { return scrub(text, t.visit.Values) }

// enter opens the tab and has everything that it asks for come past us first.
func (t *tour) enter(tab context.Context) error {
	paused := make(chan *fetch.EventRequestPaused, 256)
	listen := func(event any) {
		switch event := event.(type) {
		case *fetch.EventRequestPaused:
			select {
			case paused <- event:
			default: // a page that asks for so much at once can wait for ever
			}
		case *page.EventJavascriptDialogOpening:
			go func() {
				_, _ = chromedp.Call(tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false})
			}()
		case *network.EventLoadingFailed:
			t.failed(event)
		case *network.EventRequestWillBeSent:
			if event.Type != network.ResourceTypeDocument { // those come past us
				t.sent(event)
			}
		case *network.EventResponseReceived:
			if event.Type != network.ResourceTypeDocument {
				t.received(event.RequestID, event.Response, "")
			}
		case *network.EventWebSocketCreated:
			t.contacts(event.URL)
		}
	}
	if err := chromedp.Listen(tab, listen); err != nil {
		return fmt.Errorf("opening a tab: %w", err)
	}
	go func() {
		for {
			select {
			case event := <-paused:
				t.pass(tab, event)
			case <-tab.Done():
				return
			}
		}
	}()
	patterns := []*fetch.RequestPattern{
		{URLPattern: "*", ResourceType: network.ResourceTypeDocument, RequestStage: fetch.RequestStageRequest},
		{URLPattern: "*", ResourceType: network.ResourceTypeDocument, RequestStage: fetch.RequestStageResponse},
	}
	if len(t.browser.options.Hosts) > 0 {
		patterns = append(patterns, &fetch.RequestPattern{URLPattern: "*", RequestStage: fetch.RequestStageRequest})
	}
	if _, err := chromedp.Call(tab, fetch.Enable, fetch.EnableParams{Patterns: patterns}); err != nil {
		return fmt.Errorf("opening a tab: %w", err)
	}
	return nil
}

// pass looks at a request or an answer and lets it pass, or not.
func (t *tour) pass(tab context.Context, event *fetch.EventRequestPaused) {
	defer t.tell()
	if t.letPass(event) {
		if pace := t.browser.options.Pace; pace != nil && event.ResponseStatusCode == 0 && event.ResourceType == network.ResourceTypeDocument {
			held := time.Now()
			_ = pace.Wait(tab) // a tab that is gone asks for nothing
			t.mu.Lock()
			t.trip.Held += time.Since(held)
			t.mu.Unlock()
		}
		t.goes(event)
		_, _ = chromedp.Call(tab, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: event.RequestID}) // a tab that is gone needs no answer
		return
	}
	_, _ = chromedp.Call(tab, fetch.FailRequest, fetch.FailRequestParams{RequestID: event.RequestID, ErrorReason: network.ErrorReasonAborted})
}

// goes notes when a document request goes out, so that its answer can tell how long the target took.
func (t *tour) goes(event *fetch.EventRequestPaused) {
	if event.ResponseStatusCode == 0 && event.ResourceType == network.ResourceTypeDocument {
		t.mu.Lock()
		t.asked[event.RequestID] = time.Now()
		t.mu.Unlock()
	}
}

// sent notes what a page asks for that is no document: whom it contacts, and whether it carries the password.
func (t *tour) sent(event *network.EventRequestWillBeSent) {
	if event.RedirectResponse != nil {
		t.received(event.RequestID, event.RedirectResponse, event.Request.URL)
	}
	if len(t.browser.options.Hosts) == 0 { // else everything comes past us
		t.contacts(event.Request.URL)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	carries := t.carriesPassword(event.Request)
	t.carrying[event.RequestID] = carries
	t.trip.Credentials = t.trip.Credentials || carries
}

// received notes a redirect that answers a script's request with the password. The other answers to scripts send nobody anywhere.
func (t *tour) received(id network.RequestID, answer *network.Response, to string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.carrying[id] && answer.Status >= 300 && answer.Status < 400 {
		t.trip.Hops = append(t.trip.Hops, wire.Hop{
			Method: http.MethodPost, URL: wire.RedactURL(t.scrub(answer.URL)), Status: int(answer.Status), Location: wire.RedactURL(t.scrub(to)),
			Credentials: true,
		})
	}
}

func (t *tour) contacts(address string) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hosts[parsed.Host] = true
}

func (t *tour) letPass(event *fetch.EventRequestPaused) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	address := event.Request.URL + event.Request.URLFragment
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	document := event.ResourceType == network.ResourceTypeDocument
	if document && t.main == "" {
		t.main = event.FrameID
	}
	inPage := document && event.FrameID == t.main
	if event.ResponseStatusCode != 0 {
		return t.answered(event, parsed, inPage)
	}
	if t.trip.Ending != "" {
		return false
	}
	if arrives(t.visit.Until, address) {
		// A redirect was stopped before it got here: this is a page's own doing.
		if inPage {
			t.trip.Ending, t.trip.Arrival, t.trip.By = Arrived, address, "page"
			if event.Request.Method == http.MethodPost {
				t.trip.By, t.trip.Posted = "form post", posted(event.Request)
			}
			t.trip.Hops = append(t.trip.Hops, wire.Hop{Method: event.Request.Method, URL: t.here(), Location: wire.RedactURL(t.scrub(address))})
		}
		return false
	}
	if parsed.Scheme != "https" && parsed.Scheme != "http" {
		return parsed.Scheme == "data" || parsed.Scheme == "blob" || parsed.Scheme == "about"
	}
	if hosts := t.browser.options.Hosts; len(hosts) > 0 && !listed(hosts, parsed) {
		if inPage {
			t.trip.Ending, t.trip.Says = Left, fmt.Sprintf("the browser was sent to %s, which consent.hosts does not list", parsed.Host)
		} else if !slices.Contains(t.stopped, parsed.Host) {
			t.stopped = append(t.stopped, parsed.Host)
		}
		return false
	}
	t.hosts[parsed.Host] = true
	if document {
		t.trip.Credentials = t.trip.Credentials || t.carriesPassword(event.Request)
	}
	return true
}

// answered notes the answer to a document request. A redirect to where the journey ends is not followed.
func (t *tour) answered(event *fetch.EventRequestPaused, address *url.URL, inPage bool) bool {
	if asked, ok := t.asked[event.RequestID]; ok {
		t.trip.Answered += time.Since(asked)
	}
	status := int(event.ResponseStatusCode)
	location, retryAfter, refresh := "", "", ""
	for _, field := range event.ResponseHeaders {
		switch strings.ToLower(field.Name) {
		case "location":
			location = field.Value
		case "retry-after":
			retryAfter = field.Value
		case "refresh":
			refresh = field.Value
		}
	}
	if !inPage {
		return true
	}
	if status < 300 || status >= 400 || location == "" {
		t.documents++
		t.status, t.broken, t.refresh, t.lingers = status, "", refresh, 0
		t.pause, _ = wire.RetryAfter(status, retryAfter, time.Now())
		return true
	}
	next, err := address.Parse(location)
	if err != nil {
		t.trip.Ending, t.trip.Says = Broken, wire.RedactURL(address.String())+" redirects to what is no address"
		return false
	}
	t.trip.Hops = append(t.trip.Hops, wire.Hop{
		Method: event.Request.Method, URL: wire.RedactURL(t.scrub(address.String())), Status: status, Location: wire.RedactURL(t.scrub(next.String())),
		Credentials: t.carriesPassword(event.Request),
	})
	if len(t.trip.Hops) > mostPages {
		t.trip.Ending, t.trip.Says = Broken, fmt.Sprintf("more than %d redirects", mostPages)
		return false
	}
	if t.trip.Ending == "" && arrives(t.visit.Until, next.String()) {
		t.trip.Ending, t.trip.Arrival, t.trip.By = Arrived, next.String(), "redirect"
		if status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect {
			t.trip.Posted = posted(event.Request)
		}
		return false
	}
	return true
}

func posted(request *network.Request) string {
	var b strings.Builder
	for _, entry := range request.PostDataEntries {
		b.Write(entry.Bytes)
	}
	return bounded(b.String(), 256<<10)
}

// carriesPassword says whether a request carries what the script wrote into a password field; the lock is held.
func (t *tour) carriesPassword(request *network.Request) bool {
	mediaType := ""
	for name, value := range request.Headers {
		if text, ok := value.(string); ok && strings.EqualFold(name, "Content-Type") {
			mediaType = text
		}
	}
	return t.written.carriedBy(request.URL, mediaType, posted(request))
}

// here is the page that is shown; the lock is held.
func (t *tour) here() string {
	if n := len(t.trip.Pages); n > 0 {
		return t.trip.Pages[n-1].URL
	}
	return ""
}

// failed notes that a document could not be loaded, unless we stopped it ourselves.
func (t *tour) failed(event *network.EventLoadingFailed) {
	if event.Type != network.ResourceTypeDocument || event.ErrorText == "net::ERR_ABORTED" {
		return
	}
	t.mu.Lock()
	t.broken = event.ErrorText
	t.mu.Unlock()
	t.tell()
}

// load opens the address.
func (t *tour) load(tab context.Context) {
	result, err := chromedp.Call(tab, page.Navigate, page.NavigateParams{URL: t.visit.URL})
	if err != nil || result.ErrorText != "" && result.ErrorText != "net::ERR_ABORTED" {
		if err == nil {
			err = errors.New(result.ErrorText)
		}
		if t.ending() == "" {
			t.stop(Broken, "%s can't be opened: %s", wire.RedactURL(t.visit.URL), untrusted(err.Error(), t.visit.URL))
		}
	}
}

// view is what a look at a page shows.
type view struct {
	URL     string `json:"url"`
	Title   string `json:"title"`
	Ready   bool   `json:"ready"`
	Done    bool   `json:"done"`    // the script has acted on this very document
	Matches []bool `json:"matches"` // for each selector that was asked about
}

// observe asks the page which selectors match. The marker is a property of the document, so that it goes with it.
const observe = `(selectors => ({
	url: location.href, title: document.title, ready: document.readyState !== 'loading', done: !!document.fapitestDone,
	matches: selectors.map(s => { try { return document.querySelector(s) !== null } catch { return false } }),
}))(%s)`

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
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[view](fmt.Sprintf(observe, list)))
	// A page that is just being left can't answer; the next look finds its successor.
	return seen, err == nil && len(seen.Matches) == len(selectors)
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
	case documents > mostPages:
		t.stop(Stuck, "more than %d pages, the last %s", mostPages, where)
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
		t.conclude(tab, documents, Stuck, seen, "nothing in the script fits %s", where)
		return
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
	source, err := chromedp.Run(ctx, chromedp.Evaluate[string](source))
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

// patience says whether the page still has time to come alive.
func (t *tour) patience() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.loaded) < comesAlive
}

// source is the page as it is now.
const source = `document.documentElement.outerHTML.slice(0, 1048576)`

// shoot keeps what the end user sees.
func (t *tour) shoot(tab context.Context, seen view, status int) {
	ctx, cancel := context.WithTimeout(tab, 5*time.Second)
	defer cancel()
	shot := Shot{URL: wire.RedactURL(t.scrub(seen.URL)), Status: status, Title: wire.Printable(bounded(seen.Title, 200))}
	if text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(document.body ? document.body.innerText : '').slice(0, 65536)`)); err == nil {
		shot.Text = t.scrub(wire.Printable(text))
	}
	if html, err := chromedp.Run(ctx, chromedp.Evaluate[string](source)); err == nil {
		shot.HTML = []byte(t.scrub(html))
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

// fill sets a value as typing does, for pages that listen, and says what kind of field it is and what it is called; click clicks.
const (
	fill = `((s, v) => { const e = document.querySelector(s); if (!e) return []; const kind = [e.type || '', e.name || '']; e.focus();
		const p = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value'); p && p.set ? p.set.call(e, v) : e.value = v;
		e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); return kind })(%s, %s)`
	click   = `(s => { const e = document.querySelector(s); if (!e) return false; document.fapitestDone = true; e.click(); return true })(%s)`
	present = `(s => document.querySelector(s) !== null)(%s)`
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
	return chromedp.Run(ctx, chromedp.Evaluate[T](fmt.Sprintf(function, encoded...)))
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
