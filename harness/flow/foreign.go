package flow

import (
	"cmp"
	"context"
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

// Foreign says whether an address leads to ForeignOrigin, to a host below it, or to one that EndingAlike has made.
func Foreign(address string) bool { return foreignOrigin(address) != "" }

// foreignOrigin is the origin of an address that is foreign, as browsers read it; empty for others.
func foreignOrigin(address string) string {
	// They take a backslash for a slash, and an address without a scheme for one of the page's own (URL standard, section 4.4).
	parsed, err := url.Parse(strings.ReplaceAll(address, `\`, "/"))
	if err != nil {
		return ""
	}
	host := strings.ToLower(parsed.Hostname())
	if !strings.HasSuffix("."+host, "."+strings.TrimPrefix(ForeignOrigin, "https://")) && !strings.HasPrefix(host, lookalike) {
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
