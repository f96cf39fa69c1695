package everywhere

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
)

// Aside is a parameter that stands beside the request proper with a value of its own, which must not count.
type Aside struct {
	Name, Value string
	// proves is what redeems the code where the value counts all the same; it has edits only where the value is of something secret.
	proves []flow.Deviation
}

// AsideOf is one of them; an empty value is a random one.
func AsideOf(name, value string) Aside {
	if value == "" {
		value = jose.Random(16)
	}
	return Aside{Name: name, Value: value}
}

// Asides are those of which it shows afterwards whether they have counted: state and nonce, which come back, and the code_challenge and the key to which the
// code is bound.
func Asides(client *flow.Client) []Aside {
	verifier := jose.Random(32)
	all := []Aside{AsideOf("state", ""), {
		Name: "code_challenge", Value: jose.Hash(verifier),
		proves: []flow.Deviation{flow.With(flow.CodeVerifier, verifier).As("with the verifier of the code_challenge that stood beside")},
	}}
	if client.Target().OpenID() {
		all = append(all, AsideOf("nonce", ""))
	}
	if key, err := jose.NewKey(jose.ES256); err == nil && client.Self().Binding == target.DPoP {
		all = append(all, Aside{
			Name: "dpop_jkt", Value: key.Thumbprint(),
			proves: []flow.Deviation{flow.With(flow.ProofKey, key).As("with a proof by the key of the dpop_jkt that stood beside")},
		})
	}
	return all
}

// LessScope is the scope of the target file without one of its words; "" where there is none to spare.
func LessScope(t *target.Target) (less, word string) {
	words := strings.Fields(t.Scope)
	spare := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return word == "openid" || word == "offline_access" })
	if len(spare) == 0 || len(words) < 2 {
		return "", ""
	}
	word = spare[len(spare)-1]
	return strings.Join(slices.DeleteFunc(words, func(other string) bool { return other == word }), " "), word
}

// NothingBeside carries a login out with asides, and wants none of them to have counted. A server may refuse them as well; but one that refuses many together
// has not refused each of them: then each half is tried by itself.
func NothingBeside(ctx SpecContext, client *flow.Client, asides []Aside, login func(asides []Aside) *flow.Outcome) {
	GinkgoHelper()
	landed := login(asides)
	if decision, _ := Decide(landed); decision != wire.Accepted {
		Expect(landed).To(BeRefused())
		if half := len(asides) / 2; half > 0 {
			NothingBeside(ctx, client, asides[:half], login)
			NothingBeside(ctx, client, asides[half:], login)
		}
		return
	}
	if state := valueOf(asides, "state"); state != "" && slices.Contains(landed.Params()["state"], state) {
		Broken("the response has the state that stood beside the request, and not its own")
	}
	grant := client.Exchange(ctx, landed)
	if decision, because := Decide(grant); decision == wire.Refused {
		counted := false
		for _, aside := range asides {
			if aside.proves == nil {
				continue
			}
			again := login([]Aside{aside})
			if decision, _ := Decide(again); decision != wire.Accepted {
				continue
			}
			counted = true
			Expect(client.Exchange(ctx, again, aside.proves...)).To(BeRefused())
		}
		if !counted {
			Needs(grant)
		}
		// Nobody can redeem such a code, and nothing was issued that the request did not ask for.
		Note("the code is refused where it is redeemed: %s", because)
		return
	}
	Needs(grant)
	if nonce := valueOf(asides, "nonce"); nonce != "" && grant.IDToken() != "" {
		claims, err := client.IDClaims(grant)
		if err != nil {
			Unknown("the id_token can't be read: %s", err)
		}
		if claims["nonce"] == nonce {
			Broken("the id_token has the nonce that stood beside the request, and not its own")
		}
	}
	if _, word := LessScope(client.Target()); valueOf(asides, "scope") != "" && slices.Contains(grant.Scopes(), word) {
		// A server may grant what nobody has asked for, if the user allows it.
		if alone := Needs(client.Exchange(ctx, Needs(login(nil)))); slices.Contains(alone.Scopes(), word) {
			Note("the scope %q is granted without being asked for: whether what stands beside counts does not show by it", word)
			return
		}
		Broken("the scope %q was granted, for which the request does not ask, but what stood beside it", word)
	}
}

// valueOf is the value of the aside of that name; "" where there is none.
func valueOf(asides []Aside, name string) string {
	for _, aside := range asides {
		if aside.Name == name {
			return aside.Value
		}
	}
	return ""
}
