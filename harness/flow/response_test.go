package flow

import (
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/jose"
)

// What an answer says stands by where it stood, and a signed answer says what is in it: an error in there is an error.
func TestResponsesAreReadWhereTheyStood(t *testing.T) {
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(claims map[string]any) string {
		token, err := (&jose.Token{Key: key, Claims: claims}).Sign()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	const callback = "https://client.example/cb"
	code := sign(map[string]any{"iss": "https://as.example", "aud": "client", "exp": 1, "code": "c", "state": "s"})
	denied := sign(map[string]any{"iss": "https://as.example", "error": "access_denied"})
	// To a key that is not ours.
	const sealed = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..AAAA.AAAA.AAAA"
	for name, test := range map[string]struct {
		trip  consent.Trip
		code  string
		error string
		where func(Response) bool
	}{
		"query":         {consent.Trip{Arrival: callback + "?code=c&state=s"}, "c", "", func(r Response) bool { return r.Query.Get("state") == "s" && len(r.Fragment)+len(r.Form) == 0 }},
		"fragment":      {consent.Trip{Arrival: callback + "?k=1#code=c"}, "c", "", func(r Response) bool { return r.Query.Get("k") == "1" && r.Fragment.Get("code") == "c" }},
		"form":          {consent.Trip{Arrival: callback, Posted: "code=c"}, "c", "", func(r Response) bool { return r.Form.Get("code") == "c" && len(r.Query) == 0 }},
		"JARM":          {consent.Trip{Arrival: callback + "?response=" + code}, "c", "", func(r Response) bool { return r.Object["state"] == "s" && !r.Query.Has("state") }},
		"JARM, posted":  {consent.Trip{Arrival: callback, Posted: "response=" + code}, "c", "", func(r Response) bool { return r.Object != nil }},
		"JARM, denied":  {consent.Trip{Arrival: callback + "?response=" + denied}, "", "access_denied", func(r Response) bool { return r.Object != nil }},
		"JARM, garbage": {consent.Trip{Arrival: callback + "?response=x.y"}, "", "", func(r Response) bool { return r.Object == nil }},
		"JARM, beside": {consent.Trip{Arrival: callback + "?k=1&iss=i&response=" + code}, "c", "", func(r Response) bool {
			o := &Outcome{response: r, attempt: &attempt{redirectURI: callback + "?k=1"}}
			return o.Beside().Encode() == "iss=i"
		}},
		"JARM, sealed": {consent.Trip{Arrival: callback + "?response=" + sealed}, "", "", func(r Response) bool { return r.Encrypted && r.Token == "" && r.Object == nil }},
		"not there":    {consent.Trip{Arrival: callback + "?code=c", Ending: consent.Stuck}, "", "", func(r Response) bool { return r.Query == nil }},
	} {
		if test.trip.Ending == "" {
			test.trip.Ending = consent.Arrived
		}
		r := responseOf(&test.trip, nil)
		if all := r.all(); all.Get("code") != test.code || all.Get("error") != test.error || !test.where(r) || all.Has("aud") || all.Has("exp") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
