package jar

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// objectSpecs are about request objects that are pushed, and about what may be sent in their place.
func objectSpecs(client *flow.Client) {
	claim := flow.RequestObjectClaim

	It("a request object that leads to another request is refused", NoRequestURIInside, func(ctx SpecContext) {
		everywhere.RefusesObjectsOf(ctx, client, func(client *flow.Client) []flow.Deviation {
			earlier := everywhere.Signing(client)
			return []flow.Deviation{
				flow.With(claim("request_uri"), Needs(client.Push(ctx, earlier)).RequestURI()).As("with the request_uri of an earlier push in the request object"),
				flow.With(claim("request_uri"), flow.ForeignOrigin+"/request").As("with an https request_uri in the request object"),
			}
		})
		nested := client.Push(ctx, everywhere.Signing(client), flow.With(claim("request"), client.RequestObject(flow.Signed)).As("with another request object in the request object"))
		if decision, _ := Decide(nested); decision == wire.Accepted {
			Note("a request object is taken that has another one in it, against section 4")
		}
	})

	for _, boolean := range []struct {
		about string
		named string
	}{{"request_uri may lead elsewhere", "request_uri_parameter_supported"}, {"requests have to be signed", "require_signed_request_object"}} {
		r := ByReferenceIsBoolean
		if boolean.named == "require_signed_request_object" {
			r = SignedOnlyIsBoolean
		}
		It("the metadata say by a boolean whether "+boolean.about+", where they say so", r, SendsNothing, func(SpecContext) {
			if value, there := client.Target().Metadata.Values[boolean.named]; there {
				if _, isBoolean := value.(bool); !isBoolean {
					Note("%s is %s, and no boolean", boolean.named, wire.Printable(fmt.Sprintf("%v", value)))
				}
			}
		})
	}

	It("a request object that is encrypted to another key is refused", Undecipherable, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		signed, sealing := everywhere.NeedsSealing(ctx, client)
		other := otherKey(sealing)
		everywhere.RefusedLater(ctx, client, client.Push(ctx, signed, everywhere.Sealed(other, "that is encrypted to a key of nobody", nil)))
		// Who can't read it must not look elsewhere either.
		everywhere.RefusedLater(ctx, client, client.Push(ctx, signed, everywhere.Sealed(other, "that is encrypted to a key of nobody", nil),
			flow.AllOutside("with all parameters beside the request object")))
		everywhere.NeedsSealing(ctx, client)
	})

	It("a request object without a response_type that the server knows is refused", ValidatedAsRequest, func(ctx SpecContext) {
		everywhere.RefusesObjects(ctx, client, everywhere.EveryKey,
			flow.Without(claim("response_type")),
			flow.With(claim("response_type"), "fapitest"),
			flow.All("without response_type in the request object, and with it beside that",
				flow.AlsoOutside("with response_type beside the request object", "response_type"), flow.Without(claim("response_type"))))
		// Section 4 has clients say who they are, and RFC 9126 section 3 compares client_id where it is there. No server has to insist on either.
		for _, lax := range []flow.Deviation{flow.Without(claim("client_id")), flow.Without(claim("iss")), flow.With(claim("iss"), flow.ForeignOrigin)} {
			if decision, _ := Decide(client.Push(ctx, everywhere.Signing(client), lax)); decision == wire.Accepted {
				Note("a request object is taken %s", lax)
			}
		}
	})

	It("a request object that is not as it should be is refused with a code of RFC 9101", ErrorCodes, func(ctx SpecContext) {
		signed := everywhere.NeedsSignedRequest(ctx, client)
		var odd []string
		refused := 0
		for _, wrong := range []flow.Deviation{
			flow.RequestObjectMade("with one bit changed in the middle of the request object's signature", everywhere.AlteredSignature),
			flow.RequestObjectMade("with text that is no JWT in the place of the request object", func(string) string { return "fapitest" }),
			flow.With(claim("aud"), flow.ForeignOrigin),
			flow.With(claim("exp"), flow.Ago(time.Hour)),
		} {
			answer := client.Push(ctx, signed, wrong)
			switch decision, because := Decide(answer); decision {
			case wire.Accepted: // whether it may be is judged elsewhere, and it may be refused when the user arrives
			case wire.Refused:
				refused++
				if code := answer.ErrorCode(); code != "invalid_request_object" && code != "invalid_request" {
					odd = append(odd, fmt.Sprintf("%s: %q", wrong, wire.Printable(code)))
				}
			case wire.Undecided, wire.Confused:
				LeaveUndecided(answer.Exchange, because)
				Unknown("how the target refuses a request object %s was not learnt: %s", wrong, because)
			}
		}
		if refused == 0 {
			NotApplicable("nothing that is wrong with a request object is refused when it is pushed")
		}
		if len(odd) > 0 {
			Warn("request objects are refused with other codes than invalid_request_object and invalid_request: %s", strings.Join(odd, "; "))
		}
		everywhere.NeedsSignedRequest(ctx, client)
	})

	fetching := func(ctx SpecContext, leads func(address string) *flow.Outcome) {
		if !client.OnLoopback() {
			NotApplicable("the target is not on loopback and could not come to an address of ours: whether it goes where a request_uri leads is not seen")
		}
		for _, https := range []bool{false, true} {
			hosted := flow.Host(client.RequestObject(flow.Signed), https)
			answer := leads(hosted.URL)
			tried := hosted.Tried()
			hosted.Close()
			if decision, because := Decide(answer); decision == wire.Undecided || decision == wire.Confused {
				LeaveUndecided(answer.Exchange, because)
				Unknown("what the target makes of an address for a request_uri was not learnt: %s", because)
			}
			if tried {
				Warn("the target went to the address that a request_uri names, which anybody may write into it")
				return
			}
		}
	}
	It("a pushed request_uri is not followed", NoFetching, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		fetching(ctx, func(address string) *flow.Outcome {
			return client.Push(ctx, flow.With(flow.RequestURI, address).As("with a request_uri that leads to us beside the parameters"))
		})
		Needs(client.Push(ctx))
	})
	It("a request_uri in a request object is not followed", NoFetching, func(ctx SpecContext) {
		signed := everywhere.NeedsSignedRequest(ctx, client)
		fetching(ctx, func(address string) *flow.Outcome {
			return client.Push(ctx, signed, flow.With(claim("request_uri"), address).As("with a request_uri that leads to us in the request object"))
		})
		everywhere.NeedsSignedRequest(ctx, client)
	})
	It("a request_uri in the URL is not followed where it was never issued", NoFetching, func(ctx SpecContext) {
		Needs(client.Push(ctx))
		fetching(ctx, func(address string) *flow.Outcome {
			return client.AuthorizeWith(ctx, "with a request_uri that leads to us", url.Values{"client_id": {client.ID()}, "request_uri": {address}})
		})
	})

	It("a JWT of another kind is not taken for a request object", KindsOfObjectsApart, func(ctx SpecContext) {
		signed := everywhere.NeedsSignedRequest(ctx, client)
		kinds := []struct{ says, compact string }{{"a client assertion", client.AssertionToShow()}}
		if client.Self().Binding == target.DPoP {
			kinds = append(kinds, struct{ says, compact string }{"a DPoP proof", client.ProofToShow()})
		}
		if idToken := Needs(client.Grant(ctx)).IDToken(); idToken != "" && !jose.Encrypted(idToken) {
			kinds = append(kinds, struct{ says, compact string }{"an id_token", idToken})
		}
		var taken []string
		for _, kind := range kinds {
			pushed := client.Push(ctx, signed, flow.RequestObjectMade("with "+kind.says+" in the place of the request object", func(string) string { return kind.compact }),
				flow.AllOutside("with all parameters beside it"))
			if decision, _ := Decide(pushed); decision == wire.Accepted {
				pushed = client.Authorize(ctx, pushed, flow.Words("after "+kind.says+" was pushed in the place of a request object"))
			}
			if decision, _ := Decide(pushed); decision == wire.Accepted {
				taken = append(taken, kind.says)
				continue
			}
			Expect(pushed).To(BeRefused())
		}
		if len(taken) > 0 {
			Warn("taken in the place of a request object: %s", strings.Join(taken, ", "))
		}
		everywhere.NeedsSignedRequest(ctx, client)
	})
}

// otherKey is a sealing to a key of nobody that has the name of the target's.
func otherKey(sealing jose.Sealing) jose.Sealing {
	algorithm := jose.ES256
	if sealing.Key["kty"] == "RSA" {
		algorithm = jose.PS256
	}
	made, err := jose.NewKey(algorithm)
	if err != nil {
		Unknown("there is no key to encrypt to in the place of the target's: %s", err)
	}
	key := made.Public()
	for _, name := range []string{"kid", "use", "alg"} {
		if value, there := sealing.Key[name]; there {
			key[name] = value
		}
	}
	sealing.Key = key
	return sealing
}
