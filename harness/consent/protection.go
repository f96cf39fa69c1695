package consent

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/publicsuffix"
)

// protectionOf reads what a page says to browsers, in its header and by its elements.
func protectionOf(address *url.URL, header http.Header, root *html.Node) Protection {
	p := Protection{
		Policies: header.Values("Content-Security-Policy"), Framing: header.Values("X-Frame-Options"), Referrer: header.Values("Referrer-Policy"),
	}
	shown := &document{url: address, root: root}
	p.Scripted = shown.scripted()
	base := address
	shown.each(func(n *html.Node) {
		if n.Data == "base" && has(n, "href") && base == address {
			if parsed, err := address.Parse(attribute(n, "href")); err == nil {
				base = parsed
			}
		}
	})
	elsewhere := func(list *[]string, reference string) {
		parsed, err := base.Parse(strings.TrimSpace(reference))
		if err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && !sameSite(parsed.Hostname(), address.Hostname()) {
			*list = append(*list, parsed.Hostname())
		}
	}
	shown.each(func(n *html.Node) {
		for _, found := range styled.FindAllStringSubmatch(attribute(n, "style"), -1) {
			elsewhere(&p.Loads, found[1])
		}
		switch n.Data {
		case "script", "img", "iframe", "frame", "embed", "audio", "video", "source", "track", "input":
			if has(n, "src") {
				elsewhere(&p.Loads, attribute(n, "src"))
			}
		case "style":
			for _, found := range styled.FindAllStringSubmatch(textInside(n), -1) {
				elsewhere(&p.Loads, found[1])
			}
		case "object":
			elsewhere(&p.Loads, attribute(n, "data"))
		case "link":
			kinds := strings.Fields(strings.ToLower(attribute(n, "rel")))
			if slices.ContainsFunc(kinds, func(kind string) bool { return slices.Contains(loadingLinks, kind) }) {
				elsewhere(&p.Loads, attribute(n, "href"))
			}
		case "a", "area":
			if has(n, "href") {
				elsewhere(&p.Links, attribute(n, "href"))
			}
		case "meta":
			if strings.EqualFold(strings.TrimSpace(attribute(n, "name")), "referrer") {
				p.Referrer = append(p.Referrer, attribute(n, "content"))
			}
		}
	})
	for _, list := range []*[]string{&p.Loads, &p.Links} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return p
}

// forFrames are the cookies that browsers send along where a page of another site has the bank's in a frame: those that say so, and none that says
// nothing.
func forFrames(cookies []*http.Cookie) []*http.Cookie {
	return slices.DeleteFunc(slices.Clone(cookies), func(cookie *http.Cookie) bool { return cookie.SameSite != http.SameSiteNoneMode })
}

// styled finds the addresses that a style sheet has something loaded from.
var styled = regexp.MustCompile(`(?i)(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s;]+)`)

// textInside is what stands in an element as it is.
func textInside(n *html.Node) string {
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(child.Data)
	}
	return b.String()
}

// loadingLinks are the kinds of link elements that browsers follow by themselves.
var loadingLinks = []string{"stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "prerender"}

// sameSite says whether two hosts are of one site: a domain that somebody can register, with everything below it. An address is a site of its own.
func sameSite(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if a == b {
		return true
	}
	if net.ParseIP(a) != nil || net.ParseIP(b) != nil {
		return false
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(a)
	other, err2 := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && err2 == nil && site == other
}

// tempting is the address of a page with a foreign address in it. What is OAuth's own in its query stays as it is.
func tempting(page *url.URL, t Temptation) string {
	query := page.Query()
	for name, values := range query {
		if !t.Own || slices.Contains(oauths, strings.ToLower(name)) {
			continue
		}
		for i, value := range values {
			if strings.HasPrefix(value, "/") || strings.HasPrefix(value, "https:") || strings.HasPrefix(value, "http:") {
				values[i] = t.To
			}
		}
	}
	for _, name := range t.Names {
		if !query.Has(name) {
			query.Set(name, t.To)
		}
	}
	tempted := *page
	tempted.RawQuery, tempted.Fragment, tempted.RawFragment = query.Encode(), "", ""
	return tempted.String()
}

// oauths are parameters whose values are addresses and that say nothing about where a page leads on, or that have experiments of their own.
var oauths = []string{
	"redirect_uri", "request_uri", "post_logout_redirect_uri", "client_id", "iss", "issuer", "resource", "scope", "state", "nonce", "acr_values", "claims", "request",
}

// asBrowsersRead is a reference as browsers read it, which take a backslash before the query for a slash (URL standard, section 4.4).
func asBrowsersRead(reference string) string {
	end := strings.IndexAny(reference, "?#")
	if end < 0 {
		end = len(reference)
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(strings.ReplaceAll(reference[:end], `\`, "/") + reference[end:])
}
