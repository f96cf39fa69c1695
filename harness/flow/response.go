package flow

import (
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
		if jose.Encrypted(token) {
			content, err := jose.Decrypt(token, keys)
			if err != nil {
				return r
			}
			token = content
		}
		r.Object = jose.Claims(token)
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

// all is everything that the response says, in the open or in its JWT. What is the JWT's own (aud, exp) is no parameter; iss is both.
func (r Response) all() url.Values {
	all := r.sent()
	for name, value := range r.Object {
		if text, ok := value.(string); ok && name != "aud" {
			all.Add(name, text)
		}
	}
	return all
}
