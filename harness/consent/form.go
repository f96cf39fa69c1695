package consent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"github.com/fapitest/fapitest/harness/wire"
)

const (
	defaultLimit = 60 * time.Second
	longestPage  = 1 << 20 // bytes
	longestSays  = 2000    // bytes of what is said about an ending
	mostPages    = 30
	mostVisits   = 5 // times that one entry of the script is applied on a journey
	mostHops     = 20
)

// FormOptions are what a form driver is made of.
type FormOptions struct {
	// Client sends the requests. It must follow no redirects and show no certificate.
	Client *http.Client
	Hosts  []string  // if any: the only hosts that may be contacted
	Pace   wire.Pace // limits the rate of requests; nil: no limit
}

// form plays the end user without a browser: it reads pages as HTML, fills in forms and posts them. It runs no scripts.
type form struct {
	options FormOptions

	mu       sync.Mutex
	sessions map[string]http.CookieJar // those that another journey goes on in
}

// NewForm returns a driver for pages that need no script. It is fast, and takes no screenshots.
func NewForm(options FormOptions) Driver {
	client := *options.Client
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.Transport = lenient{client.Transport}
	options.Client = &client
	return &form{options: options, sessions: map[string]http.CookieJar{}}
}

// lenient reads redirects as browsers do: what is no address to net/http, which looks at each before anybody else can, may be one to them.
type lenient struct{ http.RoundTripper }

// RoundTrip is that of the transport.
func (l lenient) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(request)
	if err == nil && answer.Header.Get("Location") != "" {
		answer.Header.Set("Location", asBrowsersRead(answer.Header.Get("Location")))
	}
	return answer, err
}

// CloseIdleConnections is that of the transport.
func (l lenient) CloseIdleConnections() {
	if closer, ok := l.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// Close has nothing to do.
func (f *form) Close() error { return nil }

// Visit makes one journey, with cookies of its own or those of its session.
func (f *form) Visit(ctx context.Context, v Visit) (*Trip, error) {
	limit := v.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	jar, err := f.cookies(v.Session)
	if err != nil {
		return nil, err
	}
	j := &journey{form: f, visit: v, jar: jar, trip: &Trip{Framed: v.Framed}, applied: map[string]int{}, tempted: map[string]bool{}}
	started := time.Now()
	j.begin(ctx)
	if v.Again == BeforeLogin && j.trip.Ending == "" {
		j.again(ctx)
	}
	for j.trip.Ending == "" {
		j.act(ctx)
	}
	if v.goesOn(j.trip) {
		f.mu.Lock()
		f.sessions[v.Session] = jar
		f.mu.Unlock()
	}
	return j.end(started)
}

// cookies are those of a session, which is taken out of the store; none where there is no such session.
func (f *form) cookies(session string) (http.CookieJar, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if jar := f.sessions[session]; jar != nil {
		delete(f.sessions, session)
		return jar, nil
	}
	return cookiejar.New(nil)
}

// journey is one visit under way.
type journey struct {
	form    *form
	visit   Visit
	jar     http.CookieJar
	trip    *Trip
	page    *document
	applied map[string]int
	tempted map[string]bool // the entries of the script whose page was opened with the temptation
	written credentials
	offered bool // the script has written the password into the page that is shown
	met     bool // it has come to the first page on which something is done

	crossing map[string]bool   // cookies by name, and whether browsers send them where another site posts a form
	values   map[string]string // of the cookies that are held
	before   map[string]string // of those that were held when the password was first sent; nil: it was not
	signing  bool              // the password has been sent
	renewed  bool              // a cookie was set or changed since then
	forging  bool              // the next request comes from another site
}

// document is the page that is shown.
type document struct {
	url     *url.URL
	method  string // by which it was asked for
	status  int
	refresh string // the header field of this name
	root    *html.Node
	filled  map[*html.Node]string
	forms   map[string]*html.Node // by their ids; nil: not looked for
}

func (j *journey) end(started time.Time) (*Trip, error) {
	j.trip.Seconds = time.Since(started).Seconds()
	slices.Sort(j.trip.Hosts)
	j.trip.Hosts = slices.Compact(j.trip.Hosts)
	j.trip.Lasting = j.lastingCookies()
	return j.trip, nil
}

func (j *journey) stop(ending Ending, format string, args ...any) {
	j.trip.Ending, j.trip.Says = ending, bounded(j.scrub(fmt.Sprintf(format, args...)), longestSays)
}

// scrub removes the user's values from a text.
func (j *journey) scrub(text string) string { return scrub(text, j.visit.Values) }

func scrub(text string, values map[string]wire.Secret) string {
	for name, value := range values {
		if secret := value.Reveal(); len(secret) >= 4 {
			text = strings.ReplaceAll(text, secret, "["+name+"]")
			text = strings.ReplaceAll(text, url.QueryEscape(secret), "["+name+"]")
		}
	}
	return text
}

// begin opens the address of the visit, or posts its form there.
func (j *journey) begin(ctx context.Context) {
	if j.visit.Form == nil {
		j.open(ctx, http.MethodGet, j.visit.URL, "", "")
		return
	}
	j.open(ctx, http.MethodPost, j.visit.URL, j.visit.Form.Encode(), formType)
}

// formType is how browsers send a form that says nothing else.
const formType = "application/x-www-form-urlencoded"

// open requests an address and follows redirects until a page is shown or the journey ends.
func (j *journey) open(ctx context.Context, method, address, body, mediaType string) {
	sent := struct{ method, address, body, mediaType string }{method, address, body, mediaType}
	for hops := range mostHops {
		if arrives(j.visit.Until, address) {
			j.arrive(address, method, body)
			if j.visit.Trick == SentTwice && sent.method == http.MethodPost && hops > 0 {
				j.sendAgain(ctx, sent.address, sent.body, sent.mediaType)
			}
			return
		}
		parsed, err := url.Parse(address)
		if err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" {
			j.stop(Broken, "the browser was sent to %q, which is not an http or https URL", wire.RedactURL(address))
			return
		}
		if len(j.form.options.Hosts) > 0 && !listed(j.form.options.Hosts, parsed) {
			j.stop(Left, "the browser was sent to %s, which consent.hosts does not list", parsed.Host)
			return
		}
		j.trip.Hosts = append(j.trip.Hosts, parsed.Host)
		carries := j.written.carriedBy(address, mediaType, body)
		j.trip.Credentials = j.trip.Credentials || carries
		if hops == 0 && !j.offered && j.written.repeatedBy(address, mediaType, body) {
			j.trip.PostedOn = append(j.trip.PostedOn, wire.Hop{Method: method, URL: wire.RedactURL(j.scrub(j.here())), Location: wire.RedactURL(j.scrub(address)), Credentials: true, CarriedOn: true})
		}
		answer, err := j.send(ctx, method, parsed, body, mediaType)
		if err != nil {
			j.fail(err, address)
			return
		}
		location := answer.header.Get("Location")
		if answer.status < 300 || answer.status >= 400 || location == "" {
			j.show(method, parsed, answer)
			return
		}
		next, err := parsed.Parse(location)
		if err != nil {
			j.stop(Broken, "%s redirects to %q, which is not a valid URL", wire.RedactURL(address), wire.Printable(location))
			return
		}
		hop := wire.Hop{
			Method: method, URL: wire.RedactURL(j.scrub(address)), Status: answer.status, Location: wire.RedactURL(j.scrub(next.String())),
			Credentials: carries,
		}
		address = next.String()
		if arrives(j.visit.Until, address) {
			j.trip.By = "redirect"
		}
		// 307 and 308 repeat the request, everything else becomes a GET.
		if answer.status != http.StatusTemporaryRedirect && answer.status != http.StatusPermanentRedirect {
			method, body, mediaType = http.MethodGet, "", ""
		}
		hop.CarriedOn = j.written.repeatedBy(address, mediaType, body)
		j.trip.Hops = append(j.trip.Hops, hop)
	}
	j.stop(Broken, "more than %d redirects in a row, the last to %s", mostHops, wire.RedactURL(address))
}

// received is an answer whose body has been read.
type received struct {
	status int
	header http.Header
	body   []byte
}

func (j *journey) send(ctx context.Context, method string, address *url.URL, body, mediaType string) (*received, error) {
	request, err := http.NewRequestWithContext(ctx, method, address.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Accept-Language", "en")
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	if j.visit.Framed {
		// Fetch Metadata Request Headers, section 2: by them a server can keep its pages out of frames as well.
		request.Header.Set("Sec-Fetch-Dest", "iframe")
		request.Header.Set("Sec-Fetch-Mode", "navigate")
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		if j.page != nil {
			request.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	forged := j.forging
	if j.forging = false; forged {
		j.fromElsewhere(request)
	}
	for _, cookie := range j.jar.Cookies(address) {
		if !forged || j.crossing[cookie.Name] {
			request.AddCookie(cookie)
		}
	}
	if pace := j.form.options.Pace; pace != nil {
		held := time.Now()
		err := pace.Wait(ctx)
		j.trip.Held += time.Since(held)
		if err != nil {
			return nil, err
		}
	}
	asked := time.Now()
	watched, connection := wire.Watch(ctx)
	answer, err := j.form.options.Client.Do(request.WithContext(watched))
	if connection.Stale(err) && ctx.Err() == nil {
		j.form.options.Client.CloseIdleConnections()
		request.Body, _ = request.GetBody() // from memory: can't fail
		answer, err = j.form.options.Client.Do(request)
	}
	j.trip.Answered += time.Since(asked)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	cookies := answer.Cookies()
	if j.visit.Framed {
		cookies = forFrames(cookies)
	}
	j.jar.SetCookies(address, cookies)
	j.remember(address, cookies)
	raw, err := io.ReadAll(io.LimitReader(answer.Body, longestPage))
	return &received{status: answer.StatusCode, header: answer.Header, body: raw}, err
}

func (j *journey) fail(err error, address string) {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		j.stop(TimedOut, "no answer in time from %s", wire.RedactURL(address))
		return
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	j.stop(Broken, "%s can't be opened: %s", wire.RedactURL(address), wire.Printable(err.Error()))
}

func (j *journey) arrive(address, method, body string) {
	j.trip.Ending, j.trip.Arrival = Arrived, address
	if method == http.MethodPost {
		j.trip.By, j.trip.Posted = "form post", body
	} else if j.trip.By == "" {
		j.trip.By = "page"
	}
}

// show takes a page as the one that the user sees.
func (j *journey) show(method string, address *url.URL, answer *received) {
	root, err := html.Parse(bytes.NewReader(answer.body))
	if err != nil {
		j.stop(Broken, "%s is not readable as HTML", wire.RedactURL(address.String()))
		return
	}
	j.offered = false
	j.page = &document{url: address, method: method, status: answer.status, refresh: answer.header.Get("Refresh"), root: root, filled: map[*html.Node]string{}}
	j.trip.Status = answer.status
	if instead := insteadOfAPage(answer.status, answer.header); instead != "" && answer.status < 300 {
		j.stop(Stuck, "%s answers %s", wire.RedactURL(j.scrub(address.String())), instead)
		return
	}
	j.trip.Pages = append(j.trip.Pages, Shot{
		URL: wire.RedactURL(j.scrub(address.String())), Status: answer.status, Title: wire.Printable(bounded(textOf(find(root, "title")), 200)),
		Text: bounded(j.scrub(wire.Printable(textOf(find(root, "body")))), 64<<10), HTML: []byte(j.scrub(string(answer.body))),
		Says: protectionOf(address, answer.header, root),
	})
	where := fmt.Sprintf("%s (%s)", wire.RedactURL(address.String()), wire.Printable(bounded(textOf(find(root, "title")), 200)))
	pause, busy := wire.RetryAfter(answer.status, answer.header.Get("Retry-After"), time.Now())
	switch ending := endingAt(answer.status); {
	case busy:
		j.trip.RetryAfter = pause
		j.stop(Busy, "%s answers %d", where, answer.status)
	case ending == ErrorPage && j.visit.Foreign != "" && len(j.trip.Pages) <= mostPages:
		// Browsers obey what stands on an error page as they do elsewhere.
	case ending != "":
		j.stop(ending, "%s answers %d", where, answer.status)
	case len(j.trip.Pages) > mostPages:
		j.stop(Stuck, "more than %d pages, the last %s", mostPages, where)
	}
}

// act does what the script says on the page that is shown.
func (j *journey) act(ctx context.Context) {
	where := fmt.Sprintf("%s (%s)", wire.RedactURL(j.page.url.String()), wire.Printable(bounded(textOf(find(j.page.root, "title")), 200)))
	if endingAt(j.page.status) == ErrorPage {
		j.conclude(ctx, ErrorPage, where, fmt.Sprintf("%s answers %d", where, j.page.status))
		return
	}
	for _, selector := range j.visit.Script.Error {
		if find(j.page.root, selector) != nil {
			j.conclude(ctx, ErrorPage, where, fmt.Sprintf("%s matches %s", where, selector))
			return
		}
	}
	entry, name := j.visit.Script.match(j.visit.Choice, func(w When) bool { return w.fits(j.page) })
	if entry == nil {
		hint := ""
		if find(j.page.root, "script") != nil {
			hint = "; it has a script, which the form driver does not run: try consent driver browser"
		}
		j.conclude(ctx, Stuck, where, fmt.Sprintf("nothing in the script fits %s%s", where, hint))
		return
	}
	if j.visit.Tempt.To != "" && !j.tempted[name] && j.page.method == http.MethodGet {
		j.tempted[name] = true
		j.trip.Tempted++
		j.offered = true // whatever stands in the address was there before
		j.open(ctx, http.MethodGet, tempting(j.page.url, j.visit.Tempt), "", "")
		return
	}
	if j.visit.Again == AfterLogin && !j.trip.Again && j.trip.Credentials && !entry.offersPassword() {
		j.again(ctx)
		return
	}
	if j.visit.Trick == OtherBrowser && !j.trip.Tricked && j.trip.Credentials && !entry.offersPassword() {
		j.elsewhere()
		j.open(ctx, http.MethodGet, j.page.url.String(), "", "")
		return
	}
	if j.visit.Trick == OtherBrowser && j.trip.Tricked && entry.offersPassword() {
		j.stop(ErrorPage, "%s asks the user to sign in in the other browser", where)
		return
	}
	if j.applied[name]++; j.applied[name] > entry.mostTries(j.visit) {
		j.stop(Stuck, "%s", entry.comesBack(where, j.visit))
		return
	}
	if !j.met {
		j.met = true
		meet(ctx)
	}
	if entry.offersPassword() {
		j.trip.Logins++
	}
	page, shot := j.page, len(j.trip.Pages)-1
	values := j.visit.Values
	if j.visit.Trick == WrongPassword && entry.offersPassword() && !j.trip.Tricked {
		j.trip.Tricked, values = true, j.mistyped()
	}
	var did []string
	for _, step := range entry.Do {
		if !j.step(ctx, step, values, entry, name, where) {
			return
		}
		did = append(did, step.String())
		j.trip.Pages[shot].Did = strings.Join(did, ", ")
		if j.trip.Ending != "" || j.page != page {
			return
		}
	}
	j.trip.Misfit = true
	j.stop(Stuck, "%s has no click that leads on from %s", name, where)
}

// here is the page that is shown; empty where none is yet.
func (j *journey) here() string {
	if j.page == nil {
		return ""
	}
	return j.page.url.String()
}

// again leaves the page as it is, and opens the address in another tab.
func (j *journey) again(ctx context.Context) {
	j.trip.Again, j.page = true, nil
	clear(j.applied) // what was done on the first tab's pages is not done on these
	j.begin(ctx)
}

// conclude ends the journey at a page on which the script does nothing, unless the page sends the browser on by itself. A refusal is one
// as it stands, except where the journey is about a foreign address.
func (j *journey) conclude(ctx context.Context, ending Ending, where, says string) {
	if ending == Stuck || j.visit.Foreign != "" {
		if next, ok := refreshOf(j.page); ok {
			j.trip.Hops = append(j.trip.Hops, wire.Hop{Method: http.MethodGet, URL: wire.RedactURL(j.page.url.String()), Location: wire.RedactURL(next.to)})
			j.open(ctx, http.MethodGet, next.to, "", "")
			return
		}
	}
	// Whether a script posts a form to a foreign place is nothing to suppose.
	if owner, to, ok := j.page.postsBack(j.visit.Until); ok && ending == Stuck && (j.visit.Foreign == "" || !arrives([]string{j.visit.Foreign}, to)) {
		j.trip.Hops = append(j.trip.Hops, wire.Hop{Method: http.MethodPost, URL: wire.RedactURL(j.page.url.String()), Location: wire.RedactURL(to)})
		j.open(ctx, http.MethodPost, to, j.page.values(owner, owner).Encode(), formType)
		return
	}
	if what := j.page.pointsAt(j.visit.Foreign); what != "" {
		j.stop(Confused, "%s has %s, and the form driver runs no scripts: only consent driver browser can tell where that leads", where, what)
		return
	}
	j.trip.Unrun, j.trip.Misfit = j.page.scripted(), ending == Stuck
	j.stop(ending, "%s", says)
}

// step does one thing; false: the journey has ended.
func (j *journey) step(ctx context.Context, step Step, values map[string]wire.Secret, entry *Page, name, where string) bool {
	selector := step.Click + step.Wait
	if step.Fill != nil {
		selector = step.Fill.Selector
	}
	if selector == "" {
		return true // a pause is for scripts, which this driver does not run
	}
	node := find(j.page.root, selector)
	if node == nil {
		j.trip.Misfit = true
		j.stop(Stuck, "%s: no element matches %s on %s", name, selector, where)
		return false
	}
	switch {
	case step.Fill != nil:
		value := Expand(step.Fill.Value, values)
		j.page.filled[node] = value
		isPassword := strings.EqualFold(attribute(node, "type"), "password")
		j.offered = j.offered || isPassword || strings.Contains(step.Fill.Value, "${password}")
		j.written.wrote(step.Fill, value, attribute(node, "name"), isPassword)
	case step.Click != "":
		if j.before == nil && entry.offersPassword() {
			j.signsIn()
		}
		j.click(ctx, node, where, j.forges(entry))
	}
	return true
}

// Expand replaces ${user} and ${password} in a value of the script.
func Expand(value string, values map[string]wire.Secret) string {
	for name, secret := range values {
		value = strings.ReplaceAll(value, "${"+name+"}", secret.Reveal())
	}
	return value
}

// click follows a link or submits the form of a button, which another site may have forged.
func (j *journey) click(ctx context.Context, node *html.Node, where string, forged bool) {
	if node.Data == "a" {
		next, err := j.page.url.Parse(attribute(node, "href"))
		if err != nil {
			j.stop(Stuck, "the link on %s leads nowhere", where)
			return
		}
		j.open(ctx, http.MethodGet, next.String(), "", "")
		return
	}
	owner := j.page.formOf(node)
	if owner == nil {
		j.stop(Stuck, "what is to be clicked on %s is in no form; it needs a script, which the form driver does not run", where)
		return
	}
	values := j.page.values(owner, node)
	action := attribute(owner, "action")
	if own := attribute(node, "formaction"); own != "" {
		action = own
	}
	next, err := j.page.url.Parse(action)
	if err != nil {
		j.stop(Stuck, "the form on %s leads nowhere", where)
		return
	}
	if forged && !guessable(next) {
		j.trip.Tricked = true
		j.stop(ErrorPage, "the form on %s goes to an address that another site can't know", where)
		return
	}
	if forged {
		values, j.forging, j.trip.Tricked = j.page.forged(owner, values), true, true
	}
	if strings.EqualFold(attribute(owner, "method"), "post") {
		if arrives(j.visit.Until, next.String()) {
			j.trip.Hops = append(j.trip.Hops, wire.Hop{Method: http.MethodPost, URL: wire.RedactURL(j.page.url.String()), Location: wire.RedactURL(next.String())})
		}
		j.open(ctx, http.MethodPost, next.String(), values.Encode(), formType)
		return
	}
	next.RawQuery = values.Encode()
	j.open(ctx, http.MethodGet, next.String(), "", "")
}

// values are what a browser would send of a form, as HTML has it: also of controls elsewhere that name the form, and of none that is disabled.
func (d *document) values(owner, button *html.Node) url.Values {
	values := url.Values{}
	for _, n := range cascadia.QueryAll(d.root, cascadia.MustCompile("input, textarea, select")) {
		name := attribute(n, "name")
		if name == "" || disabled(n) || d.formOf(n) != owner {
			continue
		}
		value := attribute(n, "value")
		filled, ok := d.filled[n]
		if ok {
			value = filled
		}
		switch n.Data {
		case "input":
			switch kind := strings.ToLower(attribute(n, "type")); kind {
			case "submit", "button", "image", "reset":
			case "checkbox", "radio":
				if !has(n, "checked") {
					continue
				}
				if !has(n, "value") {
					value = "on"
				}
				values.Add(name, value)
			default:
				values.Add(name, value)
			}
		case "textarea":
			if !ok {
				value = textOf(n)
			}
			values.Add(name, value)
		case "select":
			for _, chosen := range selected(n) {
				values.Add(name, chosen)
			}
		}
	}
	if name := attribute(button, "name"); name != "" {
		values.Add(name, attribute(button, "value"))
	}
	return values
}

// formOf is the form that a control belongs to: the one that it names, or else the one around it.
func (d *document) formOf(n *html.Node) *html.Node {
	if has(n, "form") {
		return d.named(attribute(n, "form"))
	}
	for n != nil && n.Data != "form" {
		n = n.Parent
	}
	return n
}

// named is the first form of a name. They are looked for once: a page may have fifty thousand controls that each name one.
func (d *document) named(id string) *html.Node {
	if d.forms == nil {
		d.forms = map[string]*html.Node{}
		for _, form := range cascadia.QueryAll(d.root, cascadia.MustCompile("form[id]")) {
			if name := attribute(form, "id"); d.forms[name] == nil {
				d.forms[name] = form
			}
		}
	}
	return d.forms[id]
}

// disabled says whether a control is: by itself, or by a fieldset around it, except in that one's first legend.
func disabled(n *html.Node) bool {
	if has(n, "disabled") {
		return true
	}
	for child, around := n, n.Parent; around != nil; child, around = around, around.Parent {
		if around.Data == "fieldset" && has(around, "disabled") && child != firstLegend(around) {
			return true
		}
	}
	return false
}

func firstLegend(fieldset *html.Node) *html.Node {
	for c := fieldset.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data == "legend" {
			return c
		}
	}
	return nil
}

// selected are the values of the options that are chosen. A list of one line always has one: the last that says so, or the first that may be.
func selected(n *html.Node) []string {
	var chosen []string
	var first *html.Node
	for _, option := range cascadia.QueryAll(n, cascadia.MustCompile("option")) {
		if has(option, "disabled") || option.Parent.Data == "optgroup" && has(option.Parent, "disabled") {
			continue
		}
		if first == nil {
			first = option
		}
		if has(option, "selected") {
			chosen = append(chosen, optionValue(option))
		}
	}
	switch {
	case has(n, "multiple"):
		return chosen
	case len(chosen) > 0:
		return chosen[len(chosen)-1:]
	case first != nil:
		return []string{optionValue(first)}
	}
	return nil
}

func optionValue(option *html.Node) string {
	if has(option, "value") {
		return attribute(option, "value")
	}
	return textOf(option)
}

// arrives says whether an address is one at which a journey ends.
func arrives(until []string, address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	for _, end := range until {
		want, err := url.Parse(end)
		if err != nil || want.Scheme != parsed.Scheme || !strings.EqualFold(want.Host, parsed.Host) {
			continue
		}
		if want.Path == "" || want.Path == parsed.Path {
			return true
		}
	}
	return false
}

// match returns the first entry of the script that fits, and what it is called in messages.
func (s Script) match(choice Choice, fits func(When) bool) (*Page, string) {
	if choice == Deny {
		for i := range s.Deny {
			if fits(s.Deny[i].When) {
				return &s.Deny[i], fmt.Sprintf("deny[%d] of the script", i)
			}
		}
	}
	for i := range s.Accept {
		if fits(s.Accept[i].When) {
			return &s.Accept[i], fmt.Sprintf("accept[%d] of the script", i)
		}
	}
	return nil, ""
}

func (w When) fits(d *document) bool {
	return (w.URL == "" || glob(w.URL, d.url.String())) && (w.Selector == "" || find(d.root, w.Selector) != nil)
}

// glob says whether a pattern, in which * stands for anything, fits a whole text.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	rest, found := strings.CutPrefix(text, parts[0])
	if !found {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

func find(root *html.Node, selector string) *html.Node {
	compiled, err := cascadia.ParseGroup(selector)
	if err != nil {
		return nil
	}
	return cascadia.Query(root, compiled)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Data == "script" || n.Data == "style" {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func bounded(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}
