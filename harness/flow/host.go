package flow

import (
	"fmt"
	"io"
	"iter"
	"log"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/fapitest/fapitest/harness/jose"
)

// Hosted is a request object that stands on a server of ours, on loopback, for the target to fetch if it is so inclined.
type Hosted struct {
	URL     string
	server  *httptest.Server
	tried   atomic.Bool
	fetched atomic.Bool
}

// Host serves a request object at an address on loopback, by https with a certificate that nobody trusts, or by http.
func Host(object string, https bool) *Hosted {
	hosted := &Hosted{}
	hosted.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hosted.fetched.Store(true)
		w.Header().Set("Content-Type", "application/oauth-authz-req+jwt")
		_, _ = fmt.Fprint(w, object) // whoever hangs up has lost interest
	}))
	hosted.server.Config.ErrorLog = log.New(io.Discard, "", 0) // that somebody does not trust us is no news
	hosted.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			hosted.tried.Store(true)
		}
	}
	if https {
		hosted.server.StartTLS()
	} else {
		hosted.server.Start()
	}
	hosted.URL = hosted.server.URL + "/request.jwt"
	return hosted
}

// Tried says whether anybody has opened a connection, whether or not it came to a request.
func (h *Hosted) Tried() bool { return h.tried.Load() }

// Fetched says whether the object was asked for.
func (h *Hosted) Fetched() bool { return h.fetched.Load() }

// Close stops the server.
func (h *Hosted) Close() { h.server.Close() }

// Lookalike returns random text of the same length and form as a token: letters for letters, digits for digits, the rest as it is.
func Lookalike(token string) string {
	var b strings.Builder
	for _, c := range token {
		b.WriteRune(another(c))
	}
	return b.String()
}

// InOtherCase is a token with capital letters for small ones, and small ones for capital ones: another one (RFC 6749 section 1.1).
func InOtherCase(token string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		}
		return c
	}, token)
}

// Altered returns copies of a token with one character changed in the middle of something: of the whole for an opaque token, of the
// payload and of the signature for a JWT. The middle, because the last character may hold unused bits.
func Altered(token string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		parts := strings.Split(token, ".")
		if len(parts) != 3 {
			yield("the token", changeMiddle(token))
			return
		}
		if !yield("its payload", parts[0]+"."+changeMiddle(parts[1])+"."+parts[2]) {
			return
		}
		yield("its signature", parts[0]+"."+parts[1]+"."+changeMiddle(parts[2]))
	}
}

func changeMiddle(text string) string {
	characters := []rune(text)
	if len(characters) == 0 {
		return text
	}
	middle := len(characters) / 2
	for middle < len(characters)-1 && !isAlphanumeric(characters[middle]) {
		middle++
	}
	// The next of its class: never the same, and the text stays in the alphabet.
	characters[middle] = next(characters[middle])
	return string(characters)
}

func isAlphanumeric(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func next(c rune) rune {
	switch c {
	case 'z':
		return 'a'
	case 'Z':
		return 'A'
	case '9':
		return '0'
	}
	return c + 1
}

// another is a random character of the same class; characters of no class stay as they are.
func another(c rune) rune {
	pick := func(from, to rune) rune { return from + rand.N(to-from+1) }
	switch {
	case c >= 'a' && c <= 'z':
		return pick('a', 'z')
	case c >= 'A' && c <= 'Z':
		return pick('A', 'Z')
	case c >= '0' && c <= '9':
		return pick('0', '9')
	}
	return c
}

// Forgery is a token that its issuer has not made, and how it was: "unsigned (alg none)".
type Forgery struct{ Token, How string }

// Forgeries are what anybody can make of a signed JWT that he has seen: its claims unsigned, with no signature or an empty one of its own, and signed by a key
// that the token brings along; and with a code (HS256) whose secret is empty, or one of the public keys by which the issuer's signatures are checked, for who does
// with such a key whatever the token's header says. There are none of what is no signed JWT.
func Forgeries(token string, keys ...jose.PublicKey) []Forgery {
	header, claims := jose.Header(token), jose.Claims(token)
	if header == nil || claims == nil {
		return nil
	}
	key, err := jose.NewKey(jose.ES256)
	if err != nil {
		return nil
	}
	var all []Forgery
	add := func(how string, forged string, err error) {
		if err == nil {
			all = append(all, Forgery{Token: forged, How: how})
		}
	}
	for _, length := range []string{"empty", "all zeros"} {
		forged := jose.WithSignature(token, func(old []byte) []byte {
			if length == "empty" {
				return nil
			}
			return make([]byte, len(old))
		})
		add("with a signature that is "+length, forged, nil)
	}
	id, _ := header["kid"].(string)
	// kid would lead to the authorization server's key, and away from what is tried.
	maps.DeleteFunc(header, func(name string, _ any) bool { return name != "typ" && name != "cty" })
	for _, none := range []string{"none", "None", "nONE"} {
		forged, err := (&jose.Token{Header: maps.Clone(header), Claims: claims, Algorithm: none}).Sign()
		add("unsigned (alg "+none+")", forged, err)
	}
	own := maps.Clone(header)
	own["jwk"] = key.Public()
	forged, err := (&jose.Token{Header: own, Claims: claims, Key: key}).Sign()
	add("signed by a key that stands in its own header", forged, err)
	if certificate, err := key.Certify("nobody"); err == nil {
		certified := maps.Clone(header)
		certified["x5c"] = []string{certificate}
		forged, err := (&jose.Token{Header: certified, Claims: claims, Key: key}).Sign()
		add("signed by a key whose certificate stands in its own header", forged, err)
	}
	for _, unknown := range []string{"", "fapitest"} {
		// Who finds no key may be left with an empty one.
		named, how := maps.Clone(header), "with HS256 and an empty secret"
		if unknown != "" {
			named["kid"] = unknown
			how += ", and a kid that nobody knows"
		}
		forged, err := (&jose.Token{Header: named, Claims: claims, Algorithm: jose.HS256}).Sign()
		add(how, forged, err)
	}
	for _, public := range signing(keys, id) {
		// Here kid has to lead to the authorization server's key.
		named := maps.Clone(header)
		if public.ID != "" {
			named["kid"] = public.ID
		}
		for _, spelling := range public.Spellings {
			forged, err := (&jose.Token{Header: named, Claims: claims, Algorithm: jose.HS256, Secret: spelling.Text}).Sign()
			add(fmt.Sprintf("with HS256, whose secret is a public key of the server's (kid %q, %s)", public.ID, spelling.Name), forged, err)
		}
	}
	return all
}

// signing are the keys of a set that may have signed a token which names one of them: that one first, and not more than anybody keeps.
func signing(keys []jose.PublicKey, id string) []jose.PublicKey {
	const most = 6
	able := slices.DeleteFunc(slices.Clone(keys), func(key jose.PublicKey) bool { return key.Use == "enc" })
	slices.SortStableFunc(able, func(a, b jose.PublicKey) int {
		switch {
		case a.ID == b.ID:
			return 0
		case a.ID == id:
			return -1
		case b.ID == id:
			return 1
		}
		return 0
	})
	return able[:min(len(able), most)]
}
