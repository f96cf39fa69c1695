package consent

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"github.com/fapitest/fapitest/harness/wire"
)

// Trick is what somebody tries on a journey beside what the end user does. Only the form driver plays tricks; whether it came to that is in Trip.Tricked.
type Trick string

// The tricks.
const (
	NoTrick Trick = ""
	// ForgedLogin has the login form come from a page of another site, as a browser would send it: without what only the bank's own page holds.
	ForgedLogin Trick = "the login form comes from another site"
	// ForgedConsent has every form after the login come from there.
	ForgedConsent Trick = "the forms after the login come from another site"
	// OtherBrowser opens the first page after the login, by its address, in a browser in which nobody has signed in, and goes on there.
	OtherBrowser Trick = "the page after the login is opened in another browser"
	// SentTwice sends the last form once more when it has led to the client.
	SentTwice Trick = "the last form is sent twice"
	// WrongPassword has the user mistype the password, once.
	WrongPassword Trick = "the first password is wrong"
)

// otherSite is the origin of the pages that forge forms.
const otherSite = "https://evil.example"

// Cookie is what is known of a cookie that the bank has set, its value left out.
type Cookie struct {
	Name, Host       string
	Secure, HTTPOnly bool
	SameSite         string // "" where it does not say
}

// remember notes the cookies that an answer sets, with what browsers go by that the jar does not tell.
func (j *journey) remember(address *url.URL, cookies []*http.Cookie) {
	if j.crossing == nil {
		j.crossing, j.values = map[string]bool{}, map[string]string{}
	}
	for _, cookie := range cookies {
		sameSite := map[http.SameSite]string{http.SameSiteNoneMode: "None", http.SameSiteLaxMode: "Lax", http.SameSiteStrictMode: "Strict"}[cookie.SameSite]
		// Not all browsers take what says nothing for Lax.
		j.crossing[cookie.Name] = sameSite == "None" || sameSite == ""
		if cookie.Value == "" || cookie.MaxAge < 0 {
			delete(j.values, cookie.Name)
			continue
		}
		if j.values[cookie.Name] != cookie.Value && j.signing {
			j.renewed = true
		}
		j.values[cookie.Name] = cookie.Value
		seen := Cookie{Name: wire.Printable(bounded(cookie.Name, 100)), Host: address.Hostname(), Secure: cookie.Secure, HTTPOnly: cookie.HttpOnly, SameSite: sameSite}
		if !slices.Contains(j.trip.Cookies, seen) {
			j.trip.Cookies = append(j.trip.Cookies, seen)
		}
	}
}

// shortestSession is how many characters the name of a session has at least.
const shortestSession = 16

// lastingCookies are those that may name a session, and have been the same from before the login to the end; none where the login has set a new one.
func (j *journey) lastingCookies() []string {
	if j.renewed || j.before == nil {
		return nil
	}
	var lasting []string
	for _, name := range slices.Sorted(maps.Keys(j.before)) {
		if value := j.before[name]; len(value) >= shortestSession && j.values[name] == value {
			lasting = append(lasting, wire.Printable(bounded(name, 100)))
		}
	}
	return lasting
}

// signsIn notes what the browser holds when the password is about to be sent.
func (j *journey) signsIn() {
	j.before, j.signing = maps.Clone(j.values), true
}

// elsewhere goes on in another browser, at the address of the page that is shown.
func (j *journey) elsewhere() {
	j.jar, _ = cookiejar.New(nil) // without options it can't fail
	j.trip.Tricked = true
	clear(j.applied)
}

// sendAgain sends a form a second time that has led to the client, as who presses its button twice does.
func (j *journey) sendAgain(ctx context.Context, address, body, mediaType string) {
	parsed, err := url.Parse(address)
	if err != nil {
		return
	}
	j.trip.Tricked = true
	answer, err := j.send(ctx, http.MethodPost, parsed, body, mediaType)
	if err != nil {
		return // no answer is no second arrival
	}
	if next, err := parsed.Parse(answer.header.Get("Location")); err == nil && arrives(j.visit.Until, next.String()) {
		j.trip.Second = next.String()
	}
}

// mistyped are the values of the visit with a password that is as long, and nobody's. It has nothing to do with the right one.
func (j *journey) mistyped() map[string]wire.Secret {
	values := maps.Clone(j.visit.Values)
	wrong := rand.Text()
	for right := values["password"].Reveal(); len(wrong) < len(right); {
		wrong += rand.Text()
	}
	values["password"] = wire.NewSecret(wrong[:max(shortestPassword, len(values["password"].Reveal()))])
	return values
}

// forges says whether the form of a page is to come from another site.
func (j *journey) forges(entry *Page) bool {
	switch j.visit.Trick {
	case ForgedLogin:
		return entry.offersPassword()
	case ForgedConsent:
		return !entry.offersPassword() && j.trip.Credentials
	case NoTrick, OtherBrowser, SentTwice, WrongPassword:
	}
	return false
}

// forged takes out of a form what another site can't know: what stands in its hidden fields.
func (d *document) forged(owner *html.Node, values url.Values) url.Values {
	known := maps.Clone(values)
	d.each(func(n *html.Node) {
		if n.Data == "input" && strings.EqualFold(attribute(n, "type"), "hidden") && d.formOf(n) == owner {
			delete(known, attribute(n, "name"))
		}
	})
	return known
}

// guessable says whether another site can know the address to which a form goes: nothing in it looks as if it had been made for this journey.
func guessable(action *url.URL) bool {
	parts := strings.Split(action.Path, "/")
	for _, values := range action.Query() {
		parts = append(parts, values...)
	}
	return !slices.ContainsFunc(parts, func(part string) bool {
		return len(part) >= shortestSession && strings.ContainsFunc(part, unicode.IsDigit) && strings.ContainsFunc(part, unicode.IsLetter)
	})
}

// fromElsewhere makes a request as a browser would that a page of another site has post it.
func (j *journey) fromElsewhere(request *http.Request) {
	request.Header.Set("Origin", otherSite)
	request.Header.Set("Referer", otherSite+"/")
	request.Header.Set("Sec-Fetch-Dest", "document")
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
}
