package flow

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
)

// Response is an authorization response: what the browser was sent back with, by where it stood.
type Response struct {
	Query, Fragment, Form url.Values
	// Object are the claims of a response that came as a JWT (JARM), unverified; nil where none did, or where it can't be read.
	Object map[string]any
	// Token is that JWT, without the encryption around it, or what else was encrypted; empty where none came, or where it can't be opened.
	Token string
	// Encrypted says whether the response came encrypted.
	Encrypted bool
}

// Signed says whether the response, or part of it, stands in a JWT or in what ought to be one.
func (r Response) Signed() bool { return r.sent().Has("response") }

// Compact is the JWT as it came, encrypted or not; empty where none came.
func (r Response) Compact() string { return r.sent().Get("response") }

// Beside are the parameters that stand in the open beside a response that is a JWT. What the client's own redirect URI has in its query is none of them.
func (o *Outcome) Beside() url.Values {
	beside := o.response.sent()
	beside.Del("response")
	if o.attempt == nil {
		return beside
	}
	query, _ := parts(o.attempt.redirectURI)
	for name, values := range parsed(query) {
		if slices.Equal(beside[name], values) {
			beside.Del(name)
		}
	}
	return beside
}

// responseOf reads the response with which a journey ended; its zero value where it did not end with one. Keys open what is encrypted to the
// client.
func responseOf(trip *consent.Trip, keys []jose.DecryptionKey) Response {
	if trip == nil || trip.Ending != consent.Arrived {
		return Response{}
	}
	query, fragment := parts(trip.Arrival)
	r := Response{Query: parsed(query), Fragment: parsed(fragment), Form: parsed(trip.Posted)}
	if token := r.sent().Get("response"); token != "" {
		if r.Encrypted = jose.Encrypted(token); r.Encrypted {
			content, err := jose.Decrypt(token, keys)
			if err != nil {
				return r
			}
			token = content
		}
		r.Token, r.Object = token, jose.Claims(token)
		if r.Object == nil && r.Encrypted {
			_ = json.Unmarshal([]byte(token), &r.Object) // the claims alone, which nobody has signed; what is no JSON is nothing
		}
	}
	return r
}

// parsed is what can be read of a query, which is enough: the rest is garbage of the target's.
func parsed(encoded string) url.Values {
	values, _ := url.ParseQuery(encoded)
	return values
}

// sent is everything that stood in the open, wherever.
func (r Response) sent() url.Values {
	all := url.Values{}
	for _, place := range []url.Values{r.Query, r.Fragment, r.Form} {
		for _, name := range slices.Sorted(maps.Keys(place)) {
			all[name] = append(all[name], place[name]...)
		}
	}
	return all
}

// all is everything that the response says, in the open or in its JWT. What is the JWT's own (aud, exp) is no parameter; iss is both, and is said
// once where it stands in the open as well.
func (r Response) all() url.Values {
	all := r.sent()
	for name, value := range r.Object {
		if text, ok := value.(string); ok && name != "aud" && (name != "iss" || !slices.Contains(all[name], text)) {
			all.Add(name, text)
		}
	}
	return all
}
