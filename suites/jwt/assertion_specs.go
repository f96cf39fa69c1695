package jwt

import (
	"maps"
	"net/http"
	"slices"
	"unicode/utf16"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// A client assertion is the JWT that every server of the profile takes: what it makes of a JWT is tried on that.
func assertionSpecs(client *flow.Client) {
	everywhere.Refused(client, "a client assertion whose secret is the client's public key", KeyForAlgorithm, func(client *flow.Client, _ string) []flow.Deviation {
		spellings, err := client.Self().Key.PublicSpellings()
		if err != nil {
			Unknown("the client's public key can't be written: %s", err)
		}
		var wrong []flow.Deviation
		for _, spelling := range slices.Sorted(maps.Keys(spellings)) {
			wrong = append(wrong, flow.AssertionMACed("with a client assertion by HS256, whose secret is the client's public key ("+spelling+")", spellings[spelling]))
		}
		return wrong
	})

	It("a client assertion that is not written in UTF-8 is refused", UTF8, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		Expect(client.Push(ctx, flow.AssertionWritten("with the claims of the client assertion in UTF-16", inUTF16))).To(BeRefused())
		garbled := client.Push(ctx, flow.AssertionWritten("with a byte in the client assertion's claims that is no UTF-8", garble))
		if decision, _ := Decide(garbled); decision == wire.Accepted {
			Warn("a client assertion is taken in whose claims a byte is no UTF-8")
		} else {
			Expect(garbled).To(BeRefused())
		}
		Needs(client.Push(ctx))
	})

	It("what the header of a client assertion says of its key is not taken on trust", HeaderUntrusted, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		for i, kid := range []string{`../../../../etc/passwd`, `' OR '1'='1`, `"; DROP TABLE keys; --`, "$(id)", "\u0000"} {
			KeepKnown(ctx, client, i)
			answer := client.Push(ctx, flow.With(flow.AssertionHeader("kid"), kid))
			switch decision, because := Decide(answer); {
			case answer.Status == http.StatusInternalServerError:
				// Other statuses of 5xx are about the target's load, or about who stands before it.
				Warn("a kid that no key can have (%q) is answered with %d: it reached something that it broke", kid, answer.Status)
			case decision == wire.Undecided || decision == wire.Confused:
				LeaveUndecided(answer.Exchange, because)
				Unknown("what the target makes of a kid that no key can have was not learnt: %s", because)
			}
		}
		Needs(client.Push(ctx))
		if !client.OnLoopback() {
			Note("the target is not on loopback and could not come to an address of ours: whether it goes where jku or x5u lead is not seen")
			return
		}
		hosted := flow.Host(`{"keys":[]}`, false)
		defer hosted.Close()
		for _, header := range []string{"jku", "x5u"} {
			answer := client.Push(ctx, flow.With(flow.AssertionHeader(header), hosted.URL))
			if decision, because := Decide(answer); decision == wire.Undecided || decision == wire.Confused {
				LeaveUndecided(answer.Exchange, because)
				Unknown("what the target makes of an address in the header (%s) was not learnt: %s", header, because)
			}
		}
		if hosted.Tried() {
			Warn("the target went to the address that the header of a client assertion names (jku or x5u), before it knew from whom it came")
		}
		Needs(client.Push(ctx))
	})

	everywhere.Refused(client, "a JSON Web Token of another kind in the place of the client assertion", KindsApart, func(client *flow.Client, _ string) []flow.Deviation {
		wrong := []flow.Deviation{
			flow.AssertionMade("with a request object as client assertion", func(string) string { return client.RequestObject(flow.Signed) }),
		}
		if client.Self().Binding == target.DPoP {
			wrong = append(wrong, flow.AssertionMade("with a DPoP proof as client assertion", func(string) string { return client.ProofToShow() }))
		}
		return wrong
	})
	It("an id_token in the place of the client assertion is refused", KindsApart, func(ctx SpecContext) {
		idToken := Needs(client.Grant(ctx)).IDToken()
		if idToken == "" || jose.Encrypted(idToken) {
			NotApplicable("there is no id_token that could be shown")
		}
		everywhere.RefusedAtPAR(ctx, client, everywhere.Always(flow.AssertionMade("with an id_token as client assertion", func(string) string { return idToken })))
	})
}

func inUTF16(claims []byte) []byte {
	written := []byte{0xFE, 0xFF}
	for _, unit := range utf16.Encode([]rune(string(claims))) {
		written = append(written, byte(unit>>8), byte(unit))
	}
	return written
}

// garble puts a member into the claims that nobody asks for, and that is no text.
func garble(claims []byte) []byte {
	return append([]byte("{\"note\":\"\xff\","), claims[1:]...)
}
