// Package consent is the end user and the end user's browser: it opens the authorization endpoint's URL, does on each page what
// the operator's script says, and reports how the browser was sent on. It judges nothing.
package consent

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fapitest/fapitest/harness/wire"
)

// Driver opens URLs as an end user does.
type Driver interface {
	// Visit makes one journey, in a browser session of its own, and says how it ended. It returns an error only for what is
	// an internal error (no browser, context ended); what the target does wrong is in the Trip.
	Visit(ctx context.Context, v Visit) (*Trip, error)
	// Close ends the browser.
	Close() error
}

// Starter is a Driver that can be started ahead of its first visit.
type Starter interface{ Start() }

// Choice is what the end user does with the request.
type Choice string

// The choices.
const (
	Accept Choice = "accept"
	Deny   Choice = "deny"
)

// Visit describes a journey.
type Visit struct {
	URL string // where it begins
	// Form is what the journey begins with posting to URL, as a form on another site would; nil: URL is opened.
	Form   url.Values
	Until  []string // URLs without query (redirect URIs, foreign addresses) at which it ends: seen, never fetched, never resolved
	Choice Choice   // which half of the script is followed
	Script Script
	Values map[string]wire.Secret // what ${user} and ${password} stand for
	// Foreign is an origin to which the request tries to have the browser sent; empty: it does not try. The journey then goes on at a page
	// that says no, or that the script does not know, until nothing on it can send the browser there any more.
	Foreign string
	Again   Again
	Tempt   Temptation
	// Framed has the journey made as in a frame on a page of another site: the browser says so to the bank, and sends along those of its cookies
	// alone that the bank wants sent there. A driver that can't do that makes the journey as any other.
	Framed bool
	Trick  Trick
	// Session is a name for the browser session that the journey shares with the one before of that name, cookies and all; empty: it has one of its own.
	// The session ends with a journey that is Last, and with one that does not arrive.
	Session string
	Last    bool
	User    int           // which test user Values are of
	Logins  int           // how often the password may be offered; 0: once
	Limit   time.Duration // the longest it may take; 0: 60 s
}

// goesOn says whether another journey may go on in the session of this one, which ended so.
func (v Visit) goesOn(trip *Trip) bool { return v.Session != "" && !v.Last && trip.Ending == Arrived }

// Temptation is a foreign address by which the addresses of the bank's own pages say where to go on: each page on which the script has something
// to do is opened once more by its own address, with that in it.
type Temptation struct {
	To    string   // the foreign address, as it is written; empty: nobody is tempted
	Names []string // the parameters that are added
	Own   bool     // it also takes the place of the addresses that stand there already
}

// Again says when URL is loaded a second time on a journey, in a second tab of the same session, which then goes on instead of the first.
type Again string

// The moments.
const (
	Never       Again = ""
	BeforeLogin Again = "before the login" // once it was loaded in the first tab
	AfterLogin  Again = "after the login"  // at the first page after the one with the password on which there is something to do
)

// Ending says how a journey ended.
type Ending string

// The endings.
const (
	Arrived   Ending = "arrived"    // the browser was sent to one of Until
	ErrorPage Ending = "error page" // a 4xx document, or a page that matches the script's error selectors
	Stuck     Ending = "stuck"      // a page with status 2xx that nothing in the script fits, or on which a step found no selector
	Busy      Ending = "busy"       // a 429 document
	Broken    Ending = "broken"     // a 5xx document, a network or TLS failure, or a status about how the request got there (408, 413, …)
	Left      Ending = "left"       // the browser was sent to a host that consent.hosts does not list
	Confused  Ending = "confused"   // a 405 or 415 document, or a page of which the driver can't tell where it sends the browser
	TimedOut  Ending = "timed out"
	Withheld  Ending = "withheld" // the journey was not made, because the run has had its logins
)

// endingAt says how a journey ends at a document with this status; "" where it goes on. Whether the target is busy is decided elsewhere.
func endingAt(status int) Ending {
	switch {
	case status >= 500, wire.AboutArrival(status):
		return Broken
	case wire.AboutShape(status):
		return Confused
	case status >= 400:
		return ErrorPage
	}
	return ""
}

// listed says whether a host is among those that pages may contact, by its name or by name and port; "*" is any host.
func listed(hosts []string, address *url.URL) bool {
	port := address.Port()
	switch {
	case port != "":
	case address.Scheme == "http" || address.Scheme == "ws":
		port = "80"
	default:
		port = "443"
	}
	return slices.ContainsFunc([]string{address.Hostname(), address.Host, net.JoinHostPort(address.Hostname(), port), "*"}, func(name string) bool { return slices.Contains(hosts, name) })
}

// lacking names the hosts that were kept from a page, and the key that lets it have them; empty where there are none. A page that lacks its
// scripts often can't go on.
func lacking(stopped []string) string {
	if len(stopped) == 0 {
		return ""
	}
	slices.Sort(stopped)
	return fmt.Sprintf("; what its pages wanted from %s was stopped: where they need it, add the host to consent.hosts in the target file", strings.Join(stopped, ", "))
}

// untrusted says what a browser's error about a certificate means, and which key mends it. Other errors stay as they are.
func untrusted(words, address string) string {
	if !strings.Contains(words, "ERR_CERT_AUTHORITY_INVALID") {
		return words
	}
	host := "the host"
	if parsed, err := url.Parse(address); err == nil && parsed.Host != "" {
		host = parsed.Host
	}
	return words + ": its certificate is signed by an authority that the browser does not know; where trust in the target file has that authority, say " +
		"consent.hosts: [\"" + host + "\", \"*\"] beside it"
}

// Trip is what happened on a journey.
type Trip struct {
	Ending  Ending
	Arrival string // with Arrived: the whole URL, query and fragment included. It may hold a code: not for logs
	By      string // with Arrived: "redirect", "form post" or "page" (script, link or refresh)
	Posted  string // with Arrived by form post: the form's body
	Second  string // with SentTwice: where the form has led to the client the second time, as Arrival. Not for logs either
	// Credentials says that some request of the journey carried what the script had written into a password field.
	Credentials bool
	// PostedOn are the pages whose form posted a password on that nobody had written into it there: where it went, redacted.
	PostedOn []wire.Hop
	Framed   bool       // it was made as Visit.Framed has it
	Again    bool       // URL was loaded a second time
	Tricked  bool       // it came to the trick of the visit
	Cookies  []Cookie   // that were set, as far as the driver sees them
	Lasting  []string   // the names of cookies that may name a session, and that the login has neither replaced nor joined by another
	Tempted  int        // pages that were opened once more with the Temptation in their address
	User     string     // where the test user who was on it stands in the target file
	Logins   int        // times that the script offered the password
	Spoilt   bool       // with Broken: a page has made the browser's tab of no use, by memory, or by scripts or message boxes without end
	Unrun    bool       // the last page has scripts, and the driver runs none
	Misfit   bool       // with Stuck: the script does not fit the last page
	Says     string     // with anything else: one sentence that names the selector, the page's URL, the status
	Status   int        // of the last document
	Hops     []wire.Hop // every answer by status 3xx to a document request and every page that sent the browser on, redacted
	Pages    []Shot     // every document shown, in order
	Hosts    []string   // every host contacted, sorted
	// Elsewhere are those of the hosts, sorted, that are of another site than every document: what pages contacted by themselves, or were stopped from.
	Elsewhere []string
	Seconds   float64 // spent
	// Answered is how much of that the target took until its answers to document requests had begun.
	Answered time.Duration
	// Held is how much of it the pace held document requests back.
	Held       time.Duration
	RetryAfter time.Duration // with Busy: how long the target wants to be left alone
}

// Shot is a page as it was when the script acted on it or gave up.
type Shot struct {
	URL        string // redacted
	Status     int
	Title      string
	Did        string // what was done, values left out: "filled #username and #password, clicked button[type=submit]"
	Text       string // the visible text, bounded to 64 KiB: what the consent page says
	HTML       []byte // bounded to 1 MiB, scrubbed of Values
	Says       Protection
	Screenshot []byte // PNG; nil where the driver takes none
}

// Protection is what a page says to the browser against its misuse by others, and what it has to do with others by itself.
type Protection struct {
	Policies []string // Content-Security-Policy, as often as it was sent
	Framing  []string // X-Frame-Options, as often as it was sent
	Referrer []string // Referrer-Policy, in the header or the page
	Scripted bool     // it has scripts
	Loads    []string // hosts of other sites from which the page has something loaded, sorted
	Links    []string // hosts of other sites to which it has links, sorted
}

// Script says what to do on which page.
type Script struct {
	Accept []Page   `yaml:"accept"`
	Deny   []Page   `yaml:"deny"`
	Error  []string `yaml:"error"` // CSS selectors: a page that matches says no, whatever its status
}

// Page is a page that the script knows and what to do on it.
type Page struct {
	When When   `yaml:"when"`
	Do   []Step `yaml:"do"`
}

// When recognises a page: by a CSS selector that is on it, by a pattern for its URL (a glob in which * stands for anything), or both.
type When struct {
	Selector string
	URL      string
}

// mostTries is how often what the page wants done is done on one journey. Who repeats a wrong password locks the account.
func (p Page) mostTries(v Visit) int {
	if p.offersPassword() {
		return max(1, v.Logins)
	}
	return mostVisits
}

// comesBack explains a page that is shown again after the script's steps for it were carried out as often as allowed.
func (p Page) comesBack(where string, v Visit) string {
	if p.offersPassword() {
		return fmt.Sprintf("%s came again after the password had been offered %s: are name and password in the target file right? (Where the bank asks more than once, consent.logins says how often)", where, times(p.mostTries(v)))
	}
	return fmt.Sprintf("%s was shown more than %s: the page comes back whatever is done on it", where, times(p.mostTries(v)))
}

// offersPassword says whether what is done on the page is a login.
func (p Page) offersPassword() bool {
	return slices.ContainsFunc(p.Do, func(step Step) bool { return step.Fill != nil && strings.Contains(step.Fill.Value, "${password}") })
}

// times says how often.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Step is one thing to do; exactly one member is set.
type Step struct {
	Fill  *Fill
	Click string        // CSS selector
	Wait  string        // CSS selector that has to appear
	Pause time.Duration // for pages that are slow to come alive
}

// Fill writes a value into a field.
type Fill struct {
	Selector string `yaml:"selector"`
	Value    string `yaml:"value"` // ${user}, ${password}, or text
}

// String says what a step does, values left out.
func (s Step) String() string {
	switch {
	case s.Fill != nil:
		return "fill " + s.Fill.Selector
	case s.Click != "":
		return "click " + s.Click
	case s.Wait != "":
		return "wait for " + s.Wait
	default:
		return fmt.Sprintf("pause %s", s.Pause)
	}
}
