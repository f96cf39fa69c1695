package flow

import (
	"cmp"
	"context"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/harness/consent"
)

// ForeignOrigin belongs to nobody, like every host below it: a browser that is sent there was sent astray. It is never resolved.
const ForeignOrigin = "https://evil.example"

// lookalike begins the names of hosts that end as another one does.
const lookalike = "fapitest-evil-"

// EndingAlike is a host whose name ends in another one's, with its port, and which is foreign all the same: "fapitest-evil-client.example". ok is
// false for what is no name, or too long for one more word.
func EndingAlike(host string) (alike string, ok bool) {
	name, _, _ := strings.Cut(host, ":")
	label, _, _ := strings.Cut(name, ".")
	return lookalike + host, name != "" && net.ParseIP(name) == nil && !strings.Contains(host, "[") && len(lookalike+label) <= 63
}

// ForeignScheme is of no app: a browser that is sent to an address of it was sent astray.
const ForeignScheme = lookalike + "app"

// twins are letters of the Cyrillic alphabet that look like others of the Latin one.
var twins = map[rune]rune{'a': '\u0430', 'c': '\u0441', 'e': '\u0435', 'o': '\u043e', 'p': '\u0440', 'x': '\u0445'}

// LookingAlike is a host whose name looks as another one's, with its port, by a letter of another alphabet, and which is foreign all the same. ok is false for what is no name, or has
// no such letter.
func LookingAlike(host string) (alike string, ok bool) {
	if strings.Contains(host, "[") || net.ParseIP(host) != nil {
		return "", false
	}
	for i, letter := range host {
		if twin := twins[letter]; twin != 0 {
			return host[:i] + string(twin) + host[i+1:], true
		}
	}
	return "", false
}

// looksAlike says whether a name has letters of two alphabets in it, which is given to nobody.
func looksAlike(host string) bool {
	latin := strings.IndexFunc(host, func(letter rune) bool { return letter >= 'a' && letter <= 'z' }) >= 0
	return latin && strings.IndexFunc(host, func(letter rune) bool {
		return slices.Contains(slices.Collect(maps.Values(twins)), letter)
	}) >= 0
}

// Foreign says whether an address leads to ForeignOrigin, to a host below it, to one that EndingAlike or LookingAlike has made, or to ForeignScheme.
func Foreign(address string) bool { return foreignOrigin(address) != "" }

// foreignOrigin is the origin of an address that is foreign, as browsers read it; empty for others.
func foreignOrigin(address string) string {
	// They take a backslash for a slash, and an address without a scheme for one of the page's own (URL standard, section 4.4).
	parsed, err := url.Parse(withoutUser(strings.ReplaceAll(stripped(address), `\`, "/")))
	if err != nil {
		return ""
	}
	if parsed.Scheme == ForeignScheme {
		return ForeignScheme + "://"
	}
	host := strings.ToLower(parsed.Hostname())
	if !strings.HasSuffix("."+host, "."+strings.TrimPrefix(ForeignOrigin, "https://")) && !strings.HasPrefix(host, lookalike) && !looksAlike(host) {
		return ""
	}
	return cmp.Or(parsed.Scheme, "https") + "://" + parsed.Host
}

// LeadingOn are parameters by which pages of servers and frameworks are told where to go on.
func LeadingOn() []string {
	return []string{
		"next", "continue", "url", "uri", "target", "redirect", "redirect_to", "redirect_url", "redirectUrl", "redirectUri", "return", "return_to", "returnTo", "return_url",
		"returnUrl", "ReturnUrl", "goto", "back", "backUrl", "dest", "destination", "service", "fromURI", "RelayState", "TargetResource", "wreply", "success_url", "cancel_url", "origin_url", "callback",
	}
}

// LeadingOut are those of logouts, beside what LeadingOn has.
func LeadingOut() []string {
	return []string{"redirect_uri", "logout_uri", "logout_redirect_uri", "post_logout_redirect_url", "logoutUrl", "federated_logout_uri", "exit_uri"}
}

// LeadingTo names an address in every parameter of LeadingOn, beside the others. A server passes over parameters that it does not know (RFC 6749
// section 3.1).
func LeadingTo(says, address string, names ...string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		for _, name := range names {
			if !d.params.Has(name) {
				d.params.Set(name, address)
			}
		}
	}}}
}

// OnPagesLeadingTo is LeadingTo for the pages of a journey: each page on which the user has something to do is opened once more by its own address,
// with that in it; with own also in the place of what addresses stand there. Requests that no browser brings stay as they are.
func OnPagesLeadingTo(says, address string, own bool, names ...string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.step == StepAuthorize || d.step == StepLogout {
			d.tempt = consent.Temptation{To: address, Names: names, Own: own}
		}
	}}}
}

// InFrame has a journey made as in a frame on a page of another site. Requests that no browser brings stay as they are.
func InFrame() Deviation {
	return Deviation{says: "in a frame on a page of another site", edits: []func(*draft){func(d *draft) {
		if d.step == StepAuthorize || d.step == StepLogout {
			d.framed = true
		}
	}}}
}

// Played has a trick played on a journey. Requests that no browser brings stay as they are.
func Played(trick consent.Trick) Deviation {
	return Deviation{says: "where " + string(trick), edits: []func(*draft){func(d *draft) {
		if d.step == StepAuthorize || d.step == StepLogout {
			d.trick = trick
		}
	}}}
}

// withoutUser is an address without what stands before the last @ of its authority, which browsers take for a name and a password even where it can be none.
func withoutUser(address string) string {
	begin := strings.Index(address, "//")
	if begin < 0 {
		return address
	}
	begin += len("//")
	end := len(address)
	if at := strings.IndexAny(address[begin:], "/?#"); at >= 0 {
		end = begin + at
	}
	return address[:begin] + address[begin:end][strings.LastIndex(address[begin:end], "@")+1:] + address[end:]
}

// stripped is an address without what browsers take out of it before they read it: spaces around it, tabs and ends of lines (URL standard, section 4.4).
func stripped(address string) string {
	return strings.TrimSpace(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(address))
}

// alsoRead is an address as browsers read it where that is another one: without the segments of its path that lead up and down again. It is where a
// browser arrives that is sent to it.
func alsoRead(address string) []string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return nil
	}
	// %2e is a dot to browsers wherever it stands (URL standard, section 4.4).
	path := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(parsed.EscapedPath())
	if !slices.ContainsFunc(strings.Split(path, "/"), func(segment string) bool { return segment == "." || segment == ".." }) {
		return nil
	}
	bare, err := url.Parse(parsed.Scheme + "://" + parsed.Host)
	if err != nil {
		return nil
	}
	read, err := bare.Parse(path)
	if err != nil {
		return nil
	}
	return []string{read.String()}
}

// AskAcross makes a request to the authorization endpoint as a script does on a page of another origin: the browser names the origin, and lets the
// script read the answer where that allows it. Pushed is the request that it names; nil: none. No redirect is followed.
func (c *Client) AskAcross(ctx context.Context, method, origin string, pushed *Outcome) *Outcome {
	params := url.Values{}
	if pushed != nil {
		params.Set("client_id", c.self.ID)
		params.Set("request_uri", pushed.RequestURI())
	}
	return c.send(ctx, c.crossing(method, origin, params), nil, []Deviation{Words("from a page of " + origin)})
}

func (c *Client) crossing(method, origin string, params url.Values) *draft {
	d := c.draft(StepAcross, method, c.target.Metadata.Endpoint("authorization_endpoint", false))
	d.certificate = noCertificate
	d.params = params
	d.header.Set("Origin", origin)
	d.header.Set("Accept", "*/*")
	if method == http.MethodOptions {
		d.header.Set("Access-Control-Request-Method", http.MethodGet)
		d.header.Set("Access-Control-Request-Headers", "content-type")
	}
	return d
}
