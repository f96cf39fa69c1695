package flow

import (
	"fmt"
	"net/url"
	"strings"
)

// AtAddress sends a request to another address, made from the one that it would go to. The proof, where there is one, is made for that.
func AtAddress(says string, made func(address string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) { d.url = made(d.url) }}}
}

// ByMethod sends a request for a resource by another method. That the method is not served answers it.
func ByMethod(method string) Deviation {
	return Deviation{says: "by " + method, point: pointMethod, edits: []func(*draft){func(d *draft) {
		if d.step.TakesToken() {
			d.method = method
		}
	}}}
}

// TokenInField moves the access token out of the Authorization header into another header field, as it is written there.
func TokenInField(says, name string, written func(token string) string) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if d.token != "" {
			d.tokenInQuery, d.tokenInBody, d.tokenField = false, false, name
			d.header.Set(name, written(d.token))
		}
	}}}
}

// SchemeAlone has a scheme in the Authorization header, and no token behind it.
func SchemeAlone(scheme string) Deviation {
	return Deviation{says: "with the scheme " + scheme + " and no access token behind it", edits: []func(*draft){func(d *draft) {
		if d.token != "" {
			d.token = ""
			d.header.Set("Authorization", scheme)
		}
	}}}
}

// NamedHost has a request say that it is for another host than the one to which it is sent: in the Host header field, or in the fields in which proxies say what
// that was.
func NamedHost(says, host string, forwarded bool) Deviation {
	return Deviation{says: says, edits: []func(*draft){func(d *draft) {
		if !forwarded {
			d.host = host
			return
		}
		for _, field := range []string{"X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host", "X-Host"} {
			d.header.Set(field, host)
		}
		d.header.Set("X-Forwarded-Proto", "https")
		d.header.Set("Forwarded", "host="+host+";proto=https") // RFC 7239
	}}}
}

// Overriding has a request say in header fields that another method is meant than the one that it is sent by, as some frameworks have it.
func Overriding(method string) Deviation {
	return Deviation{says: "with " + method + " in X-HTTP-Method-Override", edits: []func(*draft){func(d *draft) {
		for _, field := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
			d.header.Set(field, method)
		}
	}}}
}

// FromWithin has a request say of itself that it comes from the server's own machine, in the fields in which proxies say for whom they ask.
func FromWithin() Deviation {
	return Deviation{says: "as from 127.0.0.1, by X-Forwarded-For and the like", edits: []func(*draft){func(d *draft) {
		for _, field := range []string{"X-Forwarded-For", "X-Real-IP", "X-Client-IP", "X-Remote-IP", "X-Remote-Addr", "X-Originating-IP", "X-Cluster-Client-IP", "True-Client-IP"} {
			d.header.Set(field, "127.0.0.1")
		}
		d.header.Set("Forwarded", "for=127.0.0.1") // RFC 7239
	}}}
}

// RewrittenFrom sends a request to another path of its host, and names its own in the fields in which some gateways say what was asked of them: frameworks that
// read these go by them.
func RewrittenFrom(other string) Deviation {
	return Deviation{says: "at " + other + ", with its own path in X-Original-URL and X-Rewrite-URL", edits: []func(*draft){func(d *draft) {
		u, err := url.Parse(d.url)
		if err != nil {
			return
		}
		for _, field := range []string{"X-Original-URL", "X-Rewrite-URL"} {
			d.header.Set(field, u.RequestURI())
		}
		d.url = u.Scheme + "://" + u.Host + other
	}}}
}

// ProofNonceMade has something else than the nonce of the server in the DPoP proof, made from that. A demand for a nonce answers it.
func ProofNonceMade(says string, made func(nonce string) any) Deviation {
	return Deviation{says: says, point: pointProof, edits: []func(*draft){late(func(d *draft) {
		if nonce, ok := d.proof.Claims["nonce"].(string); ok {
			d.proof.Claims["nonce"] = made(nonce)
		}
	}, (*draft).hasProof)}}
}

// Spelling is an address that is spelt otherwise than another one.
type Spelling struct{ Says, Address string }

// OtherSpellings are addresses that some software takes for the given one although they are spelt otherwise: a filter that stands before a resource may see
// another one in them than the resource does. There are none for an address without a path.
func OtherSpellings(address string) []Spelling {
	u, err := url.Parse(address)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return nil
	}
	path := u.EscapedPath()
	origin, query := u.Scheme+"://"+u.Host, strings.TrimPrefix(u.RequestURI(), path)
	last, end := strings.LastIndexByte(path, '/'), len(path)-1
	front, name := path[:last], path[last:]
	all := []Spelling{
		{"with two slashes for the first one of its path", "/" + path},
		{"with a slash behind its path", path + "/"},
		{"with ;x behind its path", path + ";x"},
		{"with an encoded dot behind its path", path + "%2e"},
		{"with a slash and a dot behind its path", path + "/."},
		{"with .json behind its path", path + ".json"},
		{"with a dot for a segment of its path", front + "/." + name},
		{"with a detour in its path (/fapitest/..)", front + "/fapitest/.." + name},
		{"with a detour in its path that some see (/fapitest/..;)", front + "/fapitest/..;" + name},
	}
	if upper := strings.ToUpper(name); upper != name {
		all = append(all, Spelling{"with the end of its path in capitals", front + upper})
	}
	if last < end && (end < 2 || path[end-2] != '%' && path[end-1] != '%') {
		all = append(all, Spelling{"with the last character of its path encoded", path[:end] + fmt.Sprintf("%%%02X", path[end])})
	}
	for i := range all {
		all[i].Address = origin + all[i].Address + query
	}
	return all
}

// Length is the Content-Length of an answer as it was sent: an answer to HEAD has no more than that of its content. Empty where there is none.
func (o *Outcome) Length() string { return o.Header.Get("Content-Length") }
