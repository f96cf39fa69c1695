package wire_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fapitest/fapitest/harness/wire"
)

func jwt(claims string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"ES256"}`) + "." + part(claims) + "." + part("the signature of this token, 64 bytes or so")
}

func TestSecretsAreReplacedByName(t *testing.T) {
	r := &wire.Redactor{}
	form := url.Values{
		"client_id": {"one"}, "code": {"SplxlOBeZQQYbYS6WxSbIA"}, "code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
		"password": {"tiny"}, "client_secret": {"hush hush"},
	}
	shown := r.Body("application/x-www-form-urlencoded", []byte(form.Encode()))
	for name, values := range form {
		if name != "client_id" && strings.Contains(shown, values[0]) {
			t.Errorf("%s is shown: %s", name, shown)
		}
	}
	if !strings.Contains(shown, "client_id=one") {
		t.Errorf("what is no secret is gone: %s", shown)
	}
	if strings.Contains(shown, "sha256") && strings.Contains(shown, "password: ") {
		t.Errorf("a fingerprint gives a password away: %s", shown)
	}
}

func TestWhatWasSeenOnceIsReplacedEverywhere(t *testing.T) {
	r := &wire.Redactor{}
	r.URL("https://client.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz")
	for _, shown := range []string{
		r.Body("text/html", []byte("<p>your code is SplxlOBeZQQYbYS6WxSbIA</p>")),
		r.Body("application/json", []byte(`{"echo":"SplxlOBeZQQYbYS6WxSbIA"}`)),
		r.URL("https://elsewhere.example/SplxlOBeZQQYbYS6WxSbIA"),
		r.Header(http.Header{"X-Echo": {"SplxlOBeZQQYbYS6WxSbIA"}})[0].Value,
	} {
		if strings.Contains(shown, "SplxlOBeZQQYbYS6WxSbIA") {
			t.Errorf("shown: %s", shown)
		}
	}
}

func TestAnAssertionIsShownWithoutItsSignature(t *testing.T) {
	r := &wire.Redactor{}
	assertion := jwt(`{"aud":["https://as.example"]}`)
	shown := r.Body("application/x-www-form-urlencoded", []byte("client_assertion="+assertion))
	if !strings.Contains(shown, `"aud":["https://as.example"]`) {
		t.Errorf("the claims are evidence: %s", shown)
	}
	if strings.Contains(shown, assertion[strings.LastIndexByte(assertion, '.')+1:]) {
		t.Errorf("the signature is shown: %s", shown)
	}
}

func TestHeaders(t *testing.T) {
	r := &wire.Redactor{}
	fields := r.Header(http.Header{
		"Authorization": {"DPoP eyJhbGciOi.something-long-enough.to-be-a-token"},
		"Set-Cookie":    {"session=0123456789abcdef; HttpOnly"},
		"Location":      {"https://client.example/cb?code=0123456789abcdef#access_token=0123456789abcdefgh"},
		"X-Escape":      {"\x1b[31mred\x1b[0m\u202e"},
	})
	all := fmt.Sprint(fields)
	for _, secret := range []string{"something-long-enough", "0123456789abcdef", "\x1b", "\u202e"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is shown: %s", secret, all)
		}
	}
}

func TestTokenWithoutAScheme(t *testing.T) {
	const token = "eyJhbGciOi.something-long-enough.to-be-a-token"
	for _, value := range []string{token, "Bearer " + token, "Token " + token} {
		if shown := fmt.Sprint((&wire.Redactor{}).Header(http.Header{"Authorization": {value}})); strings.Contains(shown, "something-long-enough") {
			t.Errorf("%q is shown: %s", value, shown)
		}
	}
	for _, word := range []string{"DPoP", "Bearer undefined"} {
		if shown := fmt.Sprint((&wire.Redactor{}).Header(http.Header{"Authorization": {word}})); !strings.Contains(shown, word) {
			t.Errorf("%q, which is no secret, is shown as %s", word, shown)
		}
	}
}

func TestPrivateKeysInJSON(t *testing.T) {
	r := &wire.Redactor{}
	shown := r.Body("application/json", []byte(`{"keys":[{"kty":"EC","x":"public","d":"very private"}],"d":"a plain member"}`))
	if strings.Contains(shown, "very private") || !strings.Contains(shown, "a plain member") || !strings.Contains(shown, "public") {
		t.Error(shown)
	}
}

func TestSecretNeverPrintsItself(t *testing.T) {
	s := wire.NewSecret("opensesame")
	marshalled, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x", s, s, s, s, s, s), string(marshalled), fmt.Sprintf("%v", struct{ S wire.Secret }{s})} {
		if strings.Contains(shown, "opensesame") || strings.Contains(shown, "6f70656e") {
			t.Errorf("shown: %s", shown)
		}
	}
	if s.Reveal() != "opensesame" {
		t.Error("and yet it can be revealed")
	}
}

func FuzzNothingLearntIsShown(f *testing.F) {
	f.Add("SplxlOBeZQQYbYS6WxSbIA", "code=SplxlOBeZQQYbYS6WxSbIA&x=SplxlOBeZQQYbYS6WxSbIA", "application/x-www-form-urlencoded")
	f.Add("a+b/c=d&e f", `{"x":"a+b/c=d&e f"}`, "application/json")
	f.Fuzz(func(t *testing.T, secret, body, mediaType string) {
		if len(secret) < 16 || strings.Contains(standInWords, secret) {
			return
		}
		r := &wire.Redactor{}
		r.Learn("code", secret)
		if shown := r.Body(mediaType, []byte(body)); strings.Contains(shown, secret) {
			t.Errorf("%q is shown in %q", secret, shown)
		}
		if shown := r.URL("https://x.example/?q=" + url.QueryEscape(body)); strings.Contains(shown, secret) {
			t.Errorf("%q is shown in %q", secret, shown)
		}
	})
}

// standInWords are what stand-ins are made of; a secret that is one of them can't be told apart.
const standInWords = "[code redacted] characters, sha256"

// What a target sends does not make a report grow without end, and nothing is cut before it was redacted.
func TestBounds(t *testing.T) {
	r := &wire.Redactor{}
	secret := "a-token-that-was-learnt"
	r.Learn("access_token", secret)
	header := http.Header{"X-Long": {strings.Repeat("é", 5000)}, "X-Secret": {strings.Repeat("x", 4090) + secret}}
	for i := range 500 {
		header.Add("X-Many", fmt.Sprint(i))
	}
	fields := r.Header(header)
	if len(fields) != 101 || !strings.HasPrefix(fields[100].Value, "(402 more") {
		t.Errorf("%d fields, the last %+v", len(fields), fields[len(fields)-1])
	}
	long := r.Header(http.Header{"X-Long": header["X-Long"], "X-Secret": header["X-Secret"]})
	for _, field := range long {
		if len(field.Value) > 4200 || strings.Contains(field.Value, "a-tok") || !utf8.ValidString(field.Value) || !strings.Contains(field.Value, "bytes in all") {
			t.Errorf("%s: %d bytes, ending in %s", field.Name, len(field.Value), field.Value[len(field.Value)-60:])
		}
	}
	if address := r.URL("https://bank.example/?x=" + strings.Repeat("y", 100_000)); len(address) > 4200 {
		t.Errorf("a URL of %d bytes", len(address))
	}
}

// A proof may have the private key in it, so that it can be seen whether the server refuses that. Nobody is to read it in a report.
func TestThePrivateKeyOfAProofIsNotShown(t *testing.T) {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	proof := part(`{"alg":"ES256","jwk":{"kty":"EC","x":"public-x","d":"the-secret-half"}}`) + "." + part(`{"htm":"GET"}`) + "." + part("the signature of this proof, 64 bytes or so")
	header := (&wire.Redactor{}).Header(http.Header{"Dpop": {proof}})
	if shown := fmt.Sprint(header); strings.Contains(shown, "the-secret-half") || !strings.Contains(shown, "public-x") {
		t.Error(shown)
	}
}
