package assertion

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func signatureSpecs(client *flow.Client) {
	everywhere.Refused(client, "a client assertion that the client did not sign", Signature, func(client *flow.Client, _ string) []flow.Deviation {
		stranger := madeUp(client)
		wrong := []flow.Deviation{
			flow.With(flow.AssertionKey, stranger).As("with a client assertion by a key that is not registered, and the kid of the one that is"),
			flow.All("with a client assertion by a key that is not registered, and no kid", flow.With(flow.AssertionKey, stranger), flow.Without(flow.AssertionHeader("kid"))),
			flow.AssertionMade("with one character changed in the middle of the client assertion's signature", alteredSignature),
			flow.AssertionMade("with one character changed in the middle of the client assertion's claims", alteredClaims),
			flow.AssertionMade("with a client assertion whose signature is all zeros", func(compact string) string {
				return jose.WithSignature(compact, func(old []byte) []byte { return make([]byte, len(old)) })
			}),
			flow.AssertionMade("with a client assertion whose signature is empty", func(compact string) string {
				return jose.WithSignature(compact, func([]byte) []byte { return nil })
			}),
		}
		if other, there := another(client); there && other.Key != nil {
			wrong = append(wrong,
				flow.With(flow.AssertionKey, other.Key).As("with a client assertion by the key of another client"),
				flow.All("with a client assertion by the key of another client, and its kid",
					flow.With(flow.AssertionKey, other.Key), flow.With(flow.AssertionHeader("kid"), other.Key.ID)))
		}
		return wrong
	})

	// What the header says in crit has to be understood, or the signature is none (RFC 7515 section 4.1.11).
	const extension = "https://fapitest.example/unheard-of"
	everywhere.Refused(client, "a client assertion whose header names in crit what nobody knows", Signature, everywhere.Always(
		flow.All("with an extension in the client assertion's header that nobody knows, and that crit names",
			flow.With(flow.AssertionHeader("crit"), []string{extension}), flow.With(flow.AssertionHeader(extension), "1"))))

	everywhere.Refused(client, "a client assertion that brings its own key", OwnKeyUntrusted, func(client *flow.Client, _ string) []flow.Deviation {
		stranger := madeUp(client)
		by := func(header string, value any) flow.Deviation {
			return flow.All("with a client assertion by a key that is not registered, which stands in its header ("+header+")", flow.With(flow.AssertionKey, stranger),
				flow.Without(flow.AssertionHeader("kid")), flow.With(flow.AssertionHeader(header), value))
		}
		wrong := []flow.Deviation{by("jwk", stranger.Public())}
		if certificate, err := stranger.Certify(client.ID()); err == nil {
			wrong = append(wrong, by("x5c", []string{certificate}))
		}
		set, err := json.Marshal(map[string]any{"keys": []any{stranger.Public()}})
		if err != nil || !client.OnLoopback() {
			return wrong // elsewhere the target can't fetch a key of ours, and a refusal would prove nothing
		}
		hosted := flow.Host(string(set), false)
		DeferCleanup(hosted.Close)
		return append(wrong, by("jku", hosted.URL), by("x5u", hosted.URL))
	})
}

// madeUp is a key like the client's own that nobody has registered.
func madeUp(client *flow.Client) *jose.Key {
	key, err := jose.NewKey(client.Self().Key.Algorithm)
	if err != nil {
		Unknown("a key can't be made: %s", err)
	}
	return key
}

func alteredClaims(compact string) string {
	for where, altered := range flow.Altered(compact) {
		if where == "its payload" {
			return altered
		}
	}
	return compact
}

func alteredSignature(compact string) string {
	for where, altered := range flow.Altered(compact) {
		if where == "its signature" {
			return altered
		}
	}
	return compact
}
