package flow

import (
	"net/http"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
)

// Whatever a server answers, and whatever comes back with the browser, it is read to its end.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"a","token_type":"DPoP","expires_in":60,"scope":"a b","refresh_token":"r","id_token":"a.b.c"}`, `{"expires_in":-1}`, `{"expires_in":1e400}`, `{"expires_in":"60"}`, `{"expires_in":1000000000000000000000000000000}`,
		`{"error":{"a":[]},"error_description":1}`, `[[[[`, `"x"`, "\xff", `{"access_token":null,"access_token":"b"}`,
	} {
		f.Add([]byte(seed), `DPoP error="use_dpop_nonce", algs="ES256"`, "https://client.example/cb?code=a&state=b&iss=https%3A%2F%2Fas.example#x=y")
	}
	f.Fuzz(func(_ *testing.T, body []byte, challenge, arrival string) {
		o := &Outcome{Step: StepExchange, Body: body, Header: http.Header{"Www-Authenticate": {challenge}}}
		_, _ = o.ExpiresIn()
		_, _, _ = o.Scopes(), o.ErrorCode(), o.AccessToken()
		_, _ = o.ChallengeWords(), o.Challenged("DPoP")
		trip := &consent.Trip{Ending: consent.Arrived, Arrival: arrival, Posted: string(body)}
		response := responseOf(trip, nil)
		_, _, _ = response.Signed(), response.Compact(), response.all()
		_ = introspectionIn(body)
	})
}
