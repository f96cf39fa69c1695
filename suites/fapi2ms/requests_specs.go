package fapi2ms

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/profile"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// Signed requests are tried where they are pushed. Nobody has to log in for that, save where something is taken that should have been refused.
func requestSpecs(client *flow.Client) {
	claim := flow.RequestObjectClaim

	It("a request in a signed request object alone leads to a token", ObjectsTaken, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		if client.Shape().Signed {
			Needs(client.Grant(ctx)) // every request of this client is signed
			return
		}
		Needs(client.Grant(ctx))
		Expect(client.Obtain(ctx, everywhere.Signing(client))).To(BeAccepted())
		object := ""
		Needs(client.Push(ctx, everywhere.Signing(client), flow.RequestObjectMade("that is pushed for the first time", func(compact string) string {
			object = compact
			return compact
		})))
		// Nothing in RFC 9101, RFC 9126 or this profile has a request object count once.
		again := client.Push(ctx, everywhere.Signing(client), flow.RequestObjectMade("that was pushed before", func(string) string { return object }))
		if decision, because := Decide(again); decision == wire.Refused {
			Note("a request object that was pushed before is refused: %s", because)
		}
	})
	It("a request as every client of the kind signs it is taken", ObjectsTaken, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		everywhere.AsEach(client, func(client *flow.Client) {
			if client.Self().Key == nil {
				return
			}
			if !client.Shape().Signed {
				Needs(client.Push(ctx))
			}
			Expect(client.Push(ctx, everywhere.Signing(client))).To(BeAccepted())
		})
	})

	It("a request that is not signed is refused where requests have to be", SignedOnly, func(ctx SpecContext) {
		announced, _ := client.Target().Metadata.Values["require_signed_request_object"].(bool)
		if !announced && !client.Target().Required(target.RequiresJAR) {
			NotApplicable("neither requires in the target file (jar) nor require_signed_request_object in the metadata says that requests have to be signed")
		}
		everywhere.AsEach(client, func(client *flow.Client) {
			if client.Self().Key == nil {
				return
			}
			everywhere.NeedsSignedRequest(ctx, client)
			everywhere.RefusedLater(ctx, client, client.Push(ctx, unsigned(client)))
			everywhere.RefusedLater(ctx, client, client.Push(ctx, unsigned(client), flow.With(flow.Parameter("request"), "").As("with an empty request object beside the parameters")))
			everywhere.NeedsSignedRequest(ctx, client)
		})
	})

	It("a request object that its client did not sign as it is is refused", SignatureVerified, func(ctx SpecContext) {
		everywhere.RefusesObjectsOf(ctx, client, forged)
	})

	It("a request object whose aud is a list with the issuer in it is accepted", AudienceAccepted, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		everywhere.AsEach(client, func(client *flow.Client) {
			if client.Self().Key == nil {
				return
			}
			signed := everywhere.NeedsSignedRequest(ctx, client)
			issuer := client.Issuer()
			for _, list := range [][]string{{issuer}, {issuer, elsewhere}, {elsewhere, issuer}} {
				Expect(client.Push(ctx, signed, flow.With(claim("aud"), list))).To(BeAccepted())
			}
		})
	})
	It("a request object that is meant for somebody else is refused", AudienceCompared, func(ctx SpecContext) {
		everywhere.RefusesObjectsOf(ctx, client, func(client *flow.Client) []flow.Deviation {
			wrong := []flow.Deviation{flow.Without(claim("aud")), flow.With(claim("aud"), []string{}), flow.With(claim("aud"), []string{elsewhere})}
			for _, audience := range otherAudiences(client) {
				wrong = append(wrong, flow.With(claim("aud"), audience))
			}
			issuer := client.Issuer()
			return append(wrong,
				flow.With(claim("aud"), elsewhere+" "+issuer).As("with somebody else and the issuer in one text as aud in the request object"),
				flow.With(claim("aud"), issuer+" "+elsewhere).As("with the issuer and somebody else in one text as aud in the request object"),
				flow.With(claim("aud"), strings.ToUpper(issuer[:1])+issuer[1:]).As("with the issuer in another spelling as aud in the request object"),
				flow.With(claim("aud"), map[string]any{issuer: true}).As("with an object as aud in the request object"))
		})
	})

	refused := func(deviations ...flow.Deviation) func(SpecContext) {
		return func(ctx SpecContext) { everywhere.RefusesObjects(ctx, client, everywhere.EveryKey, deviations...) }
	}
	It("a request object that does not say when it begins is refused", BeginGiven, refused(
		flow.Without(claim("nbf")), flow.With(claim("nbf"), "now"), flow.With(claim("nbf"), nil).As("with null for nbf in the request object")))
	It("a request object that does not say when it ends is refused", EndGiven, refused(
		flow.Without(claim("exp")), flow.With(claim("exp"), "never"), flow.With(claim("exp"), nil).As("with null for exp in the request object")))
	It("a request object that has ended is refused", NotExpired, refused(
		flow.All("with nbf and iat 15 minutes ago, and exp 10 minutes ago in the request object",
			flow.With(claim("nbf"), flow.Ago(15*time.Minute)), flow.With(claim("iat"), flow.Ago(15*time.Minute)), flow.With(claim("exp"), flow.Ago(10*time.Minute))),
		flow.All("with nbf and iat 50 minutes ago, and exp 45 minutes ago in the request object",
			flow.With(claim("nbf"), flow.Ago(50*time.Minute)), flow.With(claim("iat"), flow.Ago(50*time.Minute)), flow.With(claim("exp"), flow.Ago(45*time.Minute)))))
	It("a request object that began too long ago is refused", BegunLately, func(ctx SpecContext) {
		bounds, set := profile.NotBeforeAge.In(client.Limits())
		if !set {
			NotApplicable("the profile does not say %s", profile.NotBeforeAge.About())
		}
		most := bounds.Most
		everywhere.RefusesObjects(ctx, client, everywhere.EveryKey, flow.With(claim("nbf"), flow.Ago(most+margin(most))))
	})
	It("a request object that holds for too long is refused", LifeBounded, func(ctx SpecContext) {
		bounds, set := profile.RequestObjectLife.In(client.Limits())
		if !set {
			NotApplicable("the profile does not say %s", profile.RequestObjectLife.About())
		}
		most := bounds.Most
		over := margin(most)
		everywhere.RefusesObjects(ctx, client, everywhere.EveryKey,
			flow.With(claim("exp"), flow.Ahead(most+over)),
			flow.With(claim("exp"), flow.Ahead(30*24*time.Hour)),
			// Neither end is further from now than it may be from the other.
			flow.All("with nbf "+(most-over).String()+" ago and exp "+(2*over).String()+" ahead in the request object",
				flow.With(claim("nbf"), flow.Ago(most-over)), flow.With(claim("exp"), flow.Ahead(2*over))))
	})

	It("the type of a request object is taken in any case", TypeAccepted, func(ctx SpecContext) {
		everywhere.NeedsSigning(client)
		everywhere.AsEach(client, func(client *flow.Client) {
			if client.Self().Key == nil {
				return
			}
			signed := everywhere.NeedsSignedRequest(ctx, client)
			for _, typ := range []string{"OAuth-AuthZ-Req+JWT", "oAuTh-aUtHz-rEq+jWt"} {
				Expect(client.Push(ctx, signed, flow.With(flow.RequestObjectHeader("typ"), typ))).To(BeAccepted())
			}
		})
	})
	It("a request object that does not say its type is taken", TypeAccepted, func(ctx SpecContext) {
		signed := everywhere.NeedsSignedRequest(ctx, client)
		untyped := client.Push(ctx, signed, flow.Without(flow.RequestObjectHeader("typ")))
		if decision, because := Decide(untyped); decision == wire.Refused {
			Warn("a request object without typ is refused, which clients need not send: %s", because)
			return
		}
		Expect(untyped).To(BeAccepted())
	})
}

// elsewhere is the issuer of another server.
const elsewhere = "https://another.example"

// unsigned is a proper request that nobody signed.
func unsigned(client *flow.Client) flow.Deviation {
	if client.Shape().Signed {
		return flow.Without(flow.RequestObject).As("in a form, and not signed")
	}
	return flow.Words("in a form, and not signed")
}

// margin is by how much a time is made longer than it may be: by what no clock of anybody's is wrong.
func margin(most time.Duration) time.Duration { return min(10*time.Minute, most/2) }

// otherAudiences are for whom a request object may be meant that is not meant for the target, although a sloppy server takes itself for them: its endpoints, and what is
// almost its issuer.
func otherAudiences(client *flow.Client) []string {
	issuer := client.Issuer()
	almost := issuer + "/"
	if trimmed, found := strings.CutSuffix(issuer, "/"); found {
		almost = trimmed
	}
	audiences := []string{elsewhere, almost, issuer + ".another.example", "http" + strings.TrimPrefix(issuer, "https")}
	for _, name := range []string{"token_endpoint", "pushed_authorization_request_endpoint", "authorization_endpoint"} {
		for _, certified := range []bool{false, true} {
			if address := client.Target().Metadata.Endpoint(name, certified); address != "" && address != issuer && !slices.Contains(audiences, address) {
				audiences = append(audiences, address)
			}
		}
	}
	return audiences
}

// forged are request objects that the client did not sign, or not as they are.
func forged(client *flow.Client) []flow.Deviation {
	own := client.Self().Key
	unknown, err := jose.NewKey(own.Algorithm)
	if err != nil {
		Unknown("there is no key to sign with in the place of the client's: %s", err)
	}
	wrong := []flow.Deviation{
		flow.RequestObjectMade("with one character of the state changed in the request object after it was signed", alteredState),
		flow.RequestObjectMade("with one bit changed in the middle of the request object's signature", everywhere.AlteredSignature),
		flow.RequestObjectMade("with no signature behind the request object", func(compact string) string {
			return jose.WithSignature(compact, func([]byte) []byte { return nil })
		}),
		flow.With(flow.RequestObjectKey, unknown).As("with a request object that is signed by a key of nobody, and names the client's"),
	}
	brings := []flow.Deviation{flow.With(flow.RequestObjectKey, unknown), flow.With(flow.RequestObjectHeader("jwk"), unknown.Public())}
	if own.ID != "" {
		brings = append(brings, flow.With(flow.RequestObjectHeader("kid"), unknown.ID))
	}
	wrong = append(wrong, flow.All("with a request object that is signed by a key that stands in its own header", brings...))
	for _, other := range client.Target().Clients {
		if other.ID == client.ID() || other.Key == nil || other.Key.Thumbprint() == own.Thumbprint() {
			continue
		}
		wrong = append(wrong, flow.With(flow.RequestObjectKey, other.Key).As("with a request object that is signed by the key of another client, and names this one's"))
		if other.Key.ID != "" && other.Key.ID != own.ID {
			wrong = append(wrong, flow.All("with a request object that is signed by the key of another client, and names that",
				flow.With(flow.RequestObjectKey, other.Key), flow.With(flow.RequestObjectHeader("kid"), other.Key.ID)))
		}
		break
	}
	spellings, err := own.PublicSpellings()
	if err != nil {
		Unknown("the client's public key can't be written: %s", err)
	}
	for _, spelling := range slices.Sorted(maps.Keys(spellings)) {
		wrong = append(wrong, flow.RequestObjectMACed("with a request object by HS256, whose secret is the client's public key ("+spelling+")", spellings[spelling]))
	}
	return wrong
}

// alteredState is a JWT with another state in it, and the old signature. Nothing else is wrong with what it asks.
func alteredState(compact string) string {
	parts := strings.Split(compact, ".")
	state, _ := jose.Claims(compact)["state"].(string)
	if len(parts) != 3 || state == "" {
		return compact
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return compact
	}
	middle, other := len(state)/2, "x"
	if state[middle] == 'x' {
		other = "y"
	}
	changed := state[:middle] + other + state[middle+1:]
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(claims), state, changed, 1)))
	return strings.Join(parts, ".")
}
