package everywhere

import (
	"fmt"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// NeedsSigning ends a spec about request objects for clients that can sign none.
func NeedsSigning(client *flow.Client) {
	if client.Self().Key == nil {
		NotApplicable("client %s has no signing key", client.ID())
	}
}

// Signing is the deviation by which a request is signed; none where every request of the client is.
func Signing(client *flow.Client) flow.Deviation {
	NeedsSigning(client)
	if client.Shape().Signed {
		return flow.Words("")
	}
	return flow.With(flow.RequestObject, flow.Signed).As("in a request object")
}

// NeedsSignedRequest is Signing, of which a proper push has just shown that it is taken. A target that takes none has nothing to refuse.
func NeedsSignedRequest(ctx SpecContext, client *flow.Client) flow.Deviation {
	signed := Signing(client)
	pushed := client.Push(ctx, signed)
	if code := pushed.ErrorCode(); code == "request_not_supported" {
		NotApplicable("request objects are not taken: %s", code)
	}
	Needs(pushed)
	return signed
}

// EveryKey is for RefusesObjects where every client that can sign is able to.
func EveryKey(*flow.Client) bool { return true }

// RefusesObjects tries deviations of a pushed request object between two proper ones, as every client of the kind whose key is able to. What is taken may
// still be refused when the user arrives.
func RefusesObjects(ctx SpecContext, client *flow.Client, able func(*flow.Client) bool, deviations ...flow.Deviation) {
	RefusesObjectsOf(ctx, client, func(client *flow.Client) []flow.Deviation {
		if !able(client) {
			return nil
		}
		return deviations
	})
}

// RefusesObjectsOf is RefusesObjects where each client has deviations of its own. Where the target takes encrypted request objects, each is tried in an envelope too.
func RefusesObjectsOf(ctx SpecContext, client *flow.Client, deviations func(*flow.Client) []flow.Deviation) {
	NeedsSigning(client)
	AsEach(client, func(client *flow.Client) {
		if client.Self().Key == nil {
			return
		}
		all := deviations(client)
		if len(all) == 0 {
			return
		}
		signed := NeedsSignedRequest(ctx, client)
		for i, deviation := range all {
			KeepKnown(ctx, client, i)
			RefusedLater(ctx, client, client.Push(ctx, signed, deviation))
		}
		NeedsSignedRequest(ctx, client)
		// Who opens an envelope may take what is in it for looked at.
		sealing, why := sealingFor(ctx, client, signed)
		if why != "" {
			return
		}
		for i, deviation := range all {
			KeepKnown(ctx, client, i)
			RefusedLater(ctx, client, client.Push(ctx, signed, deviation, Sealed(sealing, "that is encrypted", nil)))
		}
		Needs(client.Push(ctx, signed, Sealed(sealing, "that is encrypted", nil)))
	})
}

// RefusedLater wants a pushed request to be refused, or what was pushed to be when the user arrives.
func RefusedLater(ctx SpecContext, client *flow.Client, pushed *flow.Outcome) {
	if decision, _ := Decide(pushed); decision == wire.Accepted {
		Expect(client.Authorize(ctx, pushed, flow.Words("after a request object that should have been refused was pushed"))).To(BeRefused())
		return
	}
	Expect(pushed).To(BeRefused())
}

// AlteredSignature changes a bit in the middle of a signature.
func AlteredSignature(compact string) string {
	return jose.WithSignature(compact, func(old []byte) []byte {
		altered := slices.Clone(old)
		if len(altered) > 0 {
			altered[len(altered)/2] ^= 1
		}
		return altered
	})
}

// NeedsSealing is how a request is signed, and then encrypted, of which a push has just shown that it is taken. It ends a spec where the target takes none.
func NeedsSealing(ctx SpecContext, client *flow.Client) (signed flow.Deviation, sealing jose.Sealing) {
	signed = Signing(client)
	sealing, why := sealingFor(ctx, client, signed)
	if why != "" {
		NotApplicable("%s", why)
	}
	return signed, sealing
}

// sealingFor is how the requests of a client, which are signed so, are encrypted, of which a push has just shown that it is taken. Where it is not, why says so.
func sealingFor(ctx SpecContext, client *flow.Client, signed flow.Deviation) (sealing jose.Sealing, why string) {
	metadata := client.Target().Metadata
	announced := metadata.List("request_object_encryption_alg_values_supported")
	if len(announced) == 0 {
		return sealing, "the metadata name no request_object_encryption_alg_values_supported: request objects are not encrypted here"
	}
	answer := client.KeySet(ctx)
	if answer == nil {
		return sealing, "the metadata name no jwks_uri: there is no key to encrypt to"
	}
	sealing, ok := flow.SealingTo(metadata, Needs(answer).Keys())
	if !ok {
		return sealing, fmt.Sprintf("no key of the key set is for the encryption of request objects by an algorithm that we know: %q", announced)
	}
	pushed := client.Push(ctx, signed, Sealed(sealing, "that is encrypted", asItIs))
	if decision, because := Decide(pushed); decision == wire.Refused {
		return sealing, fmt.Sprintf("client %s may not encrypt its request objects: %s", client.ID(), because)
	}
	Needs(pushed)
	return sealing, ""
}

// Sealed encrypts a request object after something was done to it; nil: nothing.
func Sealed(sealing jose.Sealing, says string, edit func(string) string) flow.Deviation {
	if edit == nil {
		edit = asItIs
	}
	return flow.RequestObjectMade(says, func(compact string) string {
		text, err := sealing.Seal(edit(compact))
		if err != nil {
			return compact
		}
		return text
	})
}

func asItIs(compact string) string { return compact }
