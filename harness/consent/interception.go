package consent

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/fapitest/fapitest/harness/wire"
)

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
			t.dialog(tab, event)
		case *inspector.EventTargetCrashed:
			t.fail("%s %s", t.chromium.whyCrashed())
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
	t.chromium.guides(t, tab)
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
	// What a page has left behind to answer its requests is none of the bank's answers.
	if _, err := chromedp.Call(tab, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}); err != nil {
		return fmt.Errorf("opening a tab: %w", err)
	}
	if _, err := chromedp.Call(tab, fetch.Enable, fetch.EnableParams{Patterns: patterns}); err != nil {
		return fmt.Errorf("opening a tab: %w", err)
	}
	return nil
}

// dialog closes a dialog: a user who is asked by one says no, except to leaving the page. A page that opens one after another is not looked at.
func (t *tour) dialog(tab context.Context, event *page.EventJavascriptDialogOpening) {
	t.mu.Lock()
	t.boxes++
	many := t.boxes > mostDialogs
	t.mu.Unlock()
	if many {
		t.fail("%s opens one dialog after another")
		return
	}
	go func() {
		_, _ = chromedp.Call(tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: event.Type == page.DialogTypeBeforeunload})
	}()
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
		_, _ = chromedp.Call(tab, fetch.ContinueRequest, t.continued(event)) // a tab that is gone needs no answer
		return
	}
	_, _ = chromedp.Call(tab, fetch.FailRequest, fetch.FailRequestParams{RequestID: event.RequestID, ErrorReason: network.ErrorReasonAborted})
}

// continued says how a request goes on: as it is, except that the first of a visit that begins with a form posts that. No page of ours has
// to be shown for it, which would be one that the target has not sent.
func (t *tour) continued(event *fetch.EventRequestPaused) fetch.ContinueRequestParams {
	params := fetch.ContinueRequestParams{RequestID: event.RequestID}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun || event.ResponseStatusCode != 0 || event.ResourceType != network.ResourceTypeDocument {
		return params
	}
	t.begun = true
	if t.visit.Form == nil {
		return params
	}
	params.Method, params.PostData = http.MethodPost, []byte(t.visit.Form.Encode())
	params.Headers = []*fetch.HeaderEntry{{Name: "Content-Type", Value: formType}}
	for name, value := range event.Request.Headers {
		if text, ok := value.(string); ok && !strings.EqualFold(name, "Content-Type") {
			params.Headers = append(params.Headers, &fetch.HeaderEntry{Name: name, Value: text})
		}
	}
	return params
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
	if inPage {
		t.asking = wire.RedactURL(t.scrub(bounded(event.Request.URL, longestSays)))
	}
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
		carries := t.carriesPassword(event.Request)
		t.trip.Credentials = t.trip.Credentials || carries
		// What a redirect brought is the redirect's doing.
		if carries && inPage && event.RedirectedRequestID == "" && t.offered != t.documents && t.written.repeatedBy(address, mediaTypeOf(event.Request), posted(event.Request)) {
			t.trip.PostedOn = append(t.trip.PostedOn, wire.Hop{
				Method: event.Request.Method, URL: t.here(), Location: wire.RedactURL(t.scrub(address)), Credentials: true, CarriedOn: true,
			})
		}
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
	header := http.Header{}
	for _, field := range event.ResponseHeaders {
		for line := range strings.SplitSeq(field.Value, "\n") { // Chromium joins cookies so
			header.Add(field.Name, line)
		}
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
		if t.repeats++; t.latest != event.Request.URL {
			t.repeats, t.latest = 1, event.Request.URL
		}
		if t.unshown = insteadOfAPage(status, header); t.unshown != "" && status < 300 && status != http.StatusNoContent && t.trip.Ending == "" {
			t.trip.Ending, t.trip.Says = Stuck, fmt.Sprintf("%s answers %s", t.asking, t.unshown)
			return false
		}
		t.status, t.broken, t.refresh, t.lingers = status, "", refresh, 0
		t.method, t.header = event.Request.Method, header
		t.pause, _ = wire.RetryAfter(status, retryAfter, time.Now())
		return true
	}
	next, err := address.Parse(asBrowsersRead(location))
	if err != nil {
		t.trip.Ending, t.trip.Says = Broken, wire.RedactURL(address.String())+" redirects to an invalid URL"
		return false
	}
	onward := t.written.repeatedBy(next.String(), "", "")
	if status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect {
		onward = onward || t.written.repeatedBy("", mediaTypeOf(event.Request), posted(event.Request))
	}
	t.trip.Hops = append(t.trip.Hops, wire.Hop{
		Method: event.Request.Method, URL: wire.RedactURL(t.scrub(address.String())), Status: status, Location: wire.RedactURL(t.scrub(next.String())),
		Credentials: t.carriesPassword(event.Request), CarriedOn: onward,
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

// insteadOfAPage says what an answer is that a browser does not show; empty: it shows it.
func insteadOfAPage(status int, header http.Header) string {
	if status == http.StatusNoContent || status == http.StatusResetContent {
		return fmt.Sprintf("%d, without a page", status)
	}
	disposition, _, _ := mime.ParseMediaType(header.Get("Content-Disposition")) // empty where it is none
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if strings.EqualFold(disposition, "attachment") || slices.Contains([]string{"application/octet-stream", "application/zip", "application/gzip", "application/x-msdownload"}, kind) {
		return fmt.Sprintf("%d, with a file to download (%s)", status, wire.Printable(bounded(cmp.Or(kind, "of no media type"), 100)))
	}
	return ""
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
			CarriedOn: t.written.repeatedBy(to, "", "") ||
				(answer.Status == http.StatusTemporaryRedirect || answer.Status == http.StatusPermanentRedirect) && !t.written.carriedBy(answer.URL, "", ""),
		})
	}
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

func (t *tour) contacts(address string) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hosts[parsed.Host] = true
}

// here is the page that is shown; the lock is held.
func (t *tour) here() string {
	if n := len(t.trip.Pages); n > 0 {
		return t.trip.Pages[n-1].URL
	}
	return ""
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
	return t.written.carriedBy(request.URL, mediaTypeOf(request), posted(request))
}

// mediaTypeOf is that of what a request posts.
func mediaTypeOf(request *network.Request) string {
	for name, value := range request.Headers {
		if text, ok := value.(string); ok && strings.EqualFold(name, "Content-Type") {
			return text
		}
	}
	return ""
}
