package wording_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/reports/internal/wording"
)

var form = []wire.Field{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}

func TestCurl(t *testing.T) {
	const fingerprint = ": 43 characters, sha256 0011aabb…]"
	for name, test := range map[string]struct {
		exchange wire.Exchange
		want     string
	}{
		"a form, with an assertion": {
			wire.Exchange{Request: wire.Message{
				Method: "POST", URL: "https://as.example.com/par", Header: append([]wire.Field{{Name: "X-Fapi-Interaction-Id", Value: "abc"}}, form...),
				Body: `client_assertion=[JWT {"alg":"ES256"} . {"iss":"one&two"} . signature redacted]&client_id=it's&scope=openid accounts`,
			}},
			`curl -i -X POST https://as.example.com/par -H 'Content-Type: application/x-www-form-urlencoded' --data-urlencode 'client_assertion='"$CLIENT_ASSERTION" ` +
				`--data-urlencode 'client_id=it'\''s' --data-urlencode 'scope=openid accounts'`,
		},
		"mutual TLS, a token and a proof": {
			wire.Exchange{Request: wire.Message{
				Method: "GET", URL: "https://rs.example.com/accounts?access_token=[access_token" + fingerprint + "&claims={\"a\": 1}", Certificate: "CN=one",
				Header: []wire.Field{{Name: "Authorization", Value: "DPoP [access_token" + fingerprint}, {Name: "DPoP", Value: `[JWT {} . {} . signature redacted]`}},
			}},
			`curl -i -X GET --cert "$CLIENT_CERT" --key "$CLIENT_KEY" 'https://rs.example.com/accounts?access_token='"$ACCESS_TOKEN"'&claims=%7B%22a%22%3A+1%7D' ` +
				`-H 'Authorization: DPoP '"$ACCESS_TOKEN" -H 'DPoP: '"$DPOP_PROOF"`,
		},
		"a secret without a name": {
			wire.Exchange{Request: wire.Message{Method: "POST", URL: "https://a.example/", Header: []wire.Field{{Name: "Authorization", Value: "Basic [redacted]"}}, Body: "{}"}},
			`curl -i -X POST https://a.example/ -H 'Authorization: Basic '"$AUTHORIZATION" --data-raw '{}'`,
		},
		"no certificate":  {wire.Exchange{Request: wire.Message{Method: "GET", URL: "https://a.example/", Certificate: "none: the server did not ask for one"}}, "curl -i -X GET https://a.example/"},
		"a handshake":     {wire.Exchange{Request: wire.Message{Method: "TLS", URL: "https://a.example"}}, ""},
		"a journey":       {wire.Exchange{Request: wire.Message{Method: "GET", URL: "https://a.example/"}, Pages: []wire.Page{{}}}, ""},
		"nothing":         {wire.Exchange{}, ""},
		"too long to say": {wire.Exchange{Request: wire.Message{Method: "POST", URL: "https://a.example/", Body: "aaa… (20000 bytes in all)"}}, ""},
	} {
		if got := wording.Curl(&test.exchange); got != test.want {
			t.Errorf("%s:\n%s\n%s", name, got, test.want)
		}
	}
}

// What a stranger's report has in it stays a word of the command.
func TestCurlIsSafeToCopy(t *testing.T) {
	hostile := "'; $(touch hacked) `id` \"$HOME\"\n[JWT x . signature redacted]$(id)[a_b redacted]"
	e := wire.Exchange{Request: wire.Message{
		Method: "P" + hostile, URL: "https://a.example/" + hostile + "?a=" + hostile, Certificate: hostile, Header: append([]wire.Field{{Name: "N" + hostile, Value: hostile}}, form...),
		Body: "b=" + hostile,
	}}
	command := wording.Curl(&e)
	// A shell that only prints its words.
	shell := exec.Command("sh", "-c", strings.Replace(command, "curl", `printf '%s\n'`, 1))
	shell.Dir = t.TempDir()
	out, err := shell.CombinedOutput()
	if err != nil || strings.Count(string(out), "$(touch hacked)") < 5 || strings.Contains(string(out), "uid=") {
		t.Errorf("%v\n%s\n%s", err, command, out)
	}
}

// A JWT is one value, whatever stands in its claims.
func TestPairsKeepJWTsWhole(t *testing.T) {
	for encoded, want := range map[string][]string{
		"a=1&b=2": {"a=1", "b=2"},
		`client_assertion=[JWT {"alg":"ES256"} . {"aud":"https://x/?a=1&b=2"} . signature redacted]&state=x`: {
			`client_assertion=[JWT {"alg":"ES256"} . {"aud":"https://x/?a=1&b=2"} . signature redacted]`, "state=x",
		},
		"a=[JWT never closed&b=2": {"a=[JWT never closed", "b=2"},
		"":                        nil,
	} {
		if got := wording.Parameters(encoded); !slices.Equal(got, want) {
			t.Errorf("%s: %q", encoded, got)
		}
	}
}
