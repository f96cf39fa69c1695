package consent

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// longestRefresh is how long a page may ask to be shown before it leads on by itself, and be waited for.
const longestRefresh = 30 * time.Second

// refresh is where a page sends the browser by itself, without a script, and after how long.
type refresh struct {
	after time.Duration
	to    string
}

// refreshOf returns the refresh that a page asks for, by an element or by a header field; ok is false for pages that stay.
func refreshOf(d *document) (refresh, bool) {
	contents := []string{d.refresh}
	d.each(func(n *html.Node) {
		if n.Data == "meta" && strings.EqualFold(strings.TrimSpace(attribute(n, "http-equiv")), "refresh") {
			contents = append(contents, attribute(n, "content"))
		}
	})
	for _, content := range contents {
		after, target, ok := parseRefresh(content)
		if !ok {
			continue
		}
		if next, err := d.url.Parse(target); err == nil {
			return refresh{after: after, to: next.String()}, true
		}
	}
	return refresh{}, false
}

// parseRefresh reads "8; url='https://…'" as browsers do (HTML section 4.2.5.3). A page that only loads itself again does not count.
func parseRefresh(content string) (after time.Duration, target string, ok bool) {
	content = strings.TrimSpace(content)
	number := content[:len(content)-len(strings.TrimLeft(content, "0123456789."))]
	rest := strings.TrimLeft(content[len(number):], " \t\r\n;,")
	whole, _, _ := strings.Cut(number, ".")
	if number == "" || rest == "" {
		return 0, "", false
	}
	seconds, err := strconv.Atoi(whole)
	if err != nil && whole != "" || seconds > 1e9 {
		seconds = 1e9 // never, in effect
	}
	if name, value, found := strings.Cut(rest, "="); found && strings.EqualFold(strings.TrimSpace(name), "url") {
		rest = strings.TrimSpace(value)
	}
	if quote := rest[:min(1, len(rest))]; quote == `"` || quote == `'` {
		rest, _, _ = strings.Cut(rest[1:], quote)
	}
	return time.Duration(seconds) * time.Second, rest, rest != ""
}

// postsBack returns the form of a page that has its script post it to where the journey ends, as OAuth 2.0 Form Post Response Mode has it: the only one on the page, with nothing
// in it that a user would fill in. No script has to be run to know what that does.
func (d *document) postsBack(until []string) (form *html.Node, to string, ok bool) {
	forms, asks := 0, false
	d.each(func(n *html.Node) {
		switch n.Data {
		case "form":
			form, forms = n, forms+1
		case "input":
			kind := strings.ToLower(attribute(n, "type"))
			asks = asks || kind != "hidden" && kind != "submit"
		case "select", "textarea":
			asks = true
		}
	})
	if forms != 1 || asks || !d.scripted() || !strings.EqualFold(attribute(form, "method"), "post") {
		return nil, "", false
	}
	next, err := d.url.Parse(attribute(form, "action"))
	if err != nil || !arrives(until, next.String()) {
		return nil, "", false
	}
	return form, next.String(), true
}

// each calls visit for every element.
func (d *document) each(visit func(*html.Node)) {
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode {
			visit(n)
		}
	}
}

// scripted says whether a page has a script of any kind, handlers in attributes included.
func (d *document) scripted() (found bool) {
	d.each(func(n *html.Node) {
		found = found || n.Data == "script"
		for _, a := range n.Attr {
			found = found || handles(a)
		}
	})
	return found
}

func handles(a html.Attribute) bool {
	return strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:")
}

// pointsAt says what on a page might send the browser to a foreign place by a script: a script that names it, or a form that leads there
// on a page that has scripts to post it. Empty: nothing. What is only shown, linked, or stands in a field, sends nobody anywhere.
func (d *document) pointsAt(foreign string) string {
	parsed, err := url.Parse(foreign)
	if err != nil || parsed.Host == "" {
		return ""
	}
	names := func(text string) bool { return strings.Contains(unescaped.Replace(strings.ToLower(text)), parsed.Host) }
	found := ""
	scripted := d.scripted()
	d.each(func(n *html.Node) {
		if n.Data == "script" && (names(attribute(n, "src")) || n.FirstChild != nil && names(n.FirstChild.Data)) {
			found = fmt.Sprintf("a script that names %s", parsed.Host)
		}
		for _, a := range n.Attr {
			switch {
			case handles(a) && names(a.Val):
				found = fmt.Sprintf("a script that names %s", parsed.Host)
			case scripted && (n.Data == "form" && a.Key == "action" || a.Key == "formaction" || n.Data == "base" && a.Key == "href") && names(a.Val):
				found = fmt.Sprintf("a form that leads to %s, and a script that may post it", parsed.Host)
			}
		}
	})
	return found
}

// unescaped undoes how scripts and addresses may spell the characters of a host.
var unescaped = strings.NewReplacer(`\x2e`, ".", `\u002e`, ".", "%2e", ".", `\x2d`, "-", `\u002d`, "-", "%2d", "-")
