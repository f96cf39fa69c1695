package consent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fapitest/fapitest/harness/wire"
)

// BrowserOptions are what a browser driver is made of.
type BrowserOptions struct {
	Path        string    // of Chromium; empty: looked for in the usual places
	SPKI        []string  // base64 SHA-256 of public keys whose certificates Chromium trusts, beside the system's roots
	Hosts       []string  // if any: the only hosts that pages may contact
	Screenshots bool      // take one of every page
	Pace        wire.Pace // limits the rate of document requests; nil: no limit
}

// browser plays the end user with Chromium.
type browser struct {
	options BrowserOptions

	mu       sync.Mutex
	running  *chromium // nil before the first visit
	launches int
	closed   bool
	sessions map[string]tab // the last tab of each session that another journey goes on in
}

// NewBrowser returns a driver that drives Chromium. Chromium is started with the first visit; every visit has cookies of its own.
func NewBrowser(options BrowserOptions) (Driver, error) {
	path, err := FindBrowser(options.Path)
	if err != nil {
		return nil, err
	}
	options.Path = path
	return &browser{options: options, sessions: map[string]tab{}}, nil
}

// FindBrowser returns the path of Chromium: the given one, or that of the first that is installed. The error says how to install it.
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

// Start starts Chromium ahead of the first visit, and does not wait for it.
func (b *browser) Start() { go func() { _, _ = b.chromium() }() } // an error is returned by the first visit

// mostLaunches is how often Chromium is started in all. One that crashes costs the journeys that it was on.
const mostLaunches = 4

// chromium returns the running Chromium, and starts one where none runs.
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
		b.running.release() // journeys that used it may not have noticed yet
	}
	b.launches++
	launched, err := launch(b.options)
	if err != nil {
		return nil, err
	}
	b.running = launched
	return launched, nil
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

// chromium is a running Chromium.
type chromium struct {
	root    context.Context // ends with it
	stop    []context.CancelFunc
	spare   chan tab       // tabs that were opened ahead, each in a browser context of its own
	closing sync.WaitGroup // of tabs
	swept   func()         // has to be called when its profile was removed
	gorged  atomic.Int64   // when a process was last ended because of its memory, in nanoseconds since 1970

	mu    sync.Mutex
	tours map[string]*tour // those under way, by the sessions of their tabs
}

// launch starts Chromium.
func launch(options BrowserOptions) (*chromium, error) {
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(options.Path), chromedp.DisableGPU, chromedp.NoInheritEnv,
		// The environment may hold the bank's passwords, and pages are untrusted.
		chromedp.Env("PATH="+os.Getenv("PATH"), "HOME="+os.TempDir(), "LANG=C.UTF-8"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("block-new-web-contents", true), chromedp.Flag("deny-permission-prompts", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-client-side-phishing-detection", true), chromedp.Flag("window-size", "900,900"),
		// Of the memory of scripts; of all that pages use: see feed.
		chromedp.Flag("js-flags", "--max-old-space-size=512"),
		// What is no request of a page's can't be stopped as one: no address may be tried by the side of it.
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"), chromedp.Flag("dns-prefetch-disable", true),
	)
	if rules := resolving(options.Hosts); rules != "" {
		flags = append(flags, chromedp.Flag("host-resolver-rules", rules))
	}
	if len(options.SPKI) > 0 {
		flags = append(flags, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(options.SPKI, ",")))
	}
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.NoSandbox)
	}
	c := &chromium{spare: make(chan tab), swept: func() {}, tours: map[string]*tour{}}
	started, fault := func() {}, error(nil)
	flags = append(flags, chromedp.ModifyCmdFunc(func(command *exec.Cmd) {
		diesWithUs(command)
		c.swept = cleansUp(command)
		started, fault = interpose(command, c.tooLong)
	}))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), flags...)
	quiet := func(string, ...any) {}
	root, stopRoot := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	c.root, c.stop = root, []context.CancelFunc{stopRoot, stopAllocator}
	err := chromedp.Do(root)
	if fault == nil {
		started()
	}
	if err := errors.Join(err, fault); err != nil {
		c.end()
		return nil, fmt.Errorf("chromium does not start: %w", err)
	}
	go c.feed(chromedp.FromContext(root).Browser.Process().Pid)
	for range spareTabs {
		go c.openAhead()
	}
	return c, nil
}

// tab is a browser context, with cookies of its own, and the one tab in it.
type tab struct {
	context.Context
	close context.CancelFunc
	err   error // why it could not be opened
}

// The tabs that are opened ahead: opening one takes a quarter of a journey, and nobody has to wait for it.
const spareTabs = 2

// tabFor is a tab for a journey: a fresh one, or another one in the browser context of its session.
func (b *browser) tabFor(ctx context.Context, c *chromium, session string) (tab, error) {
	b.mu.Lock()
	before, known := b.sessions[session]
	delete(b.sessions, session)
	b.mu.Unlock()
	if known && before.Err() == nil {
		next, cancel := chromedp.NewContext(before.Context)
		return tab{Context: next, close: func() { cancel(); before.close() }, err: quieten(next)}, nil
	}
	select {
	case fresh := <-c.spare:
		return fresh, nil
	case <-ctx.Done():
		return tab{}, ctx.Err()
	case <-c.root.Done():
		return tab{}, errors.New("chromium ended by itself")
	}
}

// keep has another journey go on in the session of a tab.
func (b *browser) keep(session string, last tab) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions[session] = last
}

// openAhead keeps a fresh tab at hand until the browser is closed.
func (c *chromium) openAhead() {
	for {
		ctx, cancel := chromedp.NewContext(c.root, chromedp.WithNewBrowserContext())
		fresh := tab{Context: ctx, close: cancel, err: quieten(ctx)}
		select {
		case c.spare <- fresh:
		case <-c.root.Done():
			cancel()
			return
		}
	}
}

// quieten opens a tab, and has it tell nothing that nobody asks about: a page decides how much of that there is.
func quieten(tab context.Context) error {
	if err := chromedp.Do(tab); err != nil {
		return err
	}
	_, err := chromedp.Call(tab, network.Enable, network.EnableParams{MaxTotalBufferSize: new(int64(1 << 20)), MaxResourceBufferSize: new(int64(1 << 20)), MaxPostDataSize: new(int64(64 << 10))})
	for _, domain := range []cdp.Command[cdp.Empty, cdp.Empty]{log.Disable, css.Disable, dom.Disable, runtime.Disable} {
		if err == nil {
			_, err = chromedp.Call(tab, domain, cdp.Empty{})
		}
	}
	if err == nil {
		_, err = chromedp.Call(tab, page.SetLifecycleEventsEnabled, page.SetLifecycleEventsEnabledParams{Enabled: false})
	}
	return err
}

// resolving are the rules by which Chromium finds hosts: those that pages may contact, and no others, whatever in a page asks for them; empty: any.
func resolving(hosts []string) string {
	if len(hosts) == 0 || slices.Contains(hosts, "*") {
		return ""
	}
	var rules []string
	for _, host := range hosts {
		to := host
		if net.ParseIP(host) != nil && strings.Contains(host, ":") {
			to = "[" + host + "]"
		}
		rules = append(rules, "MAP "+host+" "+to)
	}
	return strings.Join(append(rules, "MAP * ~NOTFOUND"), ",")
}

// guides notes whose journey goes on in a tab.
func (c *chromium) guides(t *tour, tab context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tours[string(chromedp.FromContext(tab).Target.SessionID)] = t
}

// leaves forgets a journey.
func (c *chromium) leaves(t *tour) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.tours, func(_ string, other *tour) bool { return other == t })
}

// tooLong ends the journey in whose tab something was said that is too long to be read, if it was something that the journey can't do without.
func (c *chromium) tooLong(session, what string) {
	c.mu.Lock()
	t := c.tours[session]
	c.mu.Unlock()
	if t != nil && what == fetch.RequestPaused.Method {
		go t.fail("%s makes a request of more than %d MiB", longestEvent>>20)
	}
}

// ends is how long tabs have to be closed, and then Chromium to end, before it is ended.
const ends = 5 * time.Second

func (c *chromium) end() {
	closed := make(chan struct{})
	go func() {
		c.closing.Wait()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(ends):
	}
	if c.root.Err() == nil {
		ctx, cancel := context.WithTimeout(c.root, ends)
		_ = chromedp.Cancel(ctx) // what does not end by itself is ended below
		cancel()
	}
	c.release()
}

// release frees the resources of a Chromium, and kills it where it still runs.
func (c *chromium) release() {
	for _, stop := range c.stop {
		stop()
	}
	c.swept()
}
