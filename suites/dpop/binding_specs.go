package dpop

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// bindingSpecs are about the key to which a token is bound, and who is told of it.
func bindingSpecs(client *flow.Client) {
	Describe("a token response", func() {
		It("has token_type DPoP for a code", TokenType, func(ctx SpecContext) { dpopToken(Needs(client.Grant(ctx))) })
		It("has token_type DPoP for a refresh token", TokenType, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			_, fresh := NeedsRefreshed(ctx, client)
			dpopToken(fresh)
		})
		It("has token_type DPoP where the client asks for itself", TokenType, func(ctx SpecContext) {
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(_ *flow.Client, _ string, proper *flow.Outcome) { dpopToken(proper) })
		})
		It("has no token that lives for more than a day, where no nonces are used", NoLongLivedOnes, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			NeedsService(ctx, client, placesOfTokens(client)[0].on(ctx))
			seconds, told := grant.ExpiresIn()
			if !told {
				NotApplicable("the token response does not say how long the token lives")
			}
			if client.NonceDemanded(client.Target().Resource.URL) {
				NotApplicable("the resource server wants DPoP nonces")
			}
			if lives := time.Duration(seconds) * time.Second; lives > 24*time.Hour {
				Broken("a token lives for %s, and no nonces are used: proofs can be made for all that time beforehand", lives)
			}
		})
	})

	Describe("a refreshed token", func() {
		It("works with the key whose proof it was asked for with", RefreshedKey, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			NeedsService(ctx, client, placesOfTokens(client)[0].on(ctx))
			_, fresh := NeedsRefreshed(ctx, client)
			Expect(client.Call(ctx, fresh)).To(BeAccepted())
		})
		It("is bound to another key, where its proof is by that", RefreshedKey, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			another := client.NewProofKey()
			if Accepts(client.Call(ctx, NeedsService(ctx, client, placesOfTokens(client)[0].on(ctx)), flow.With(flow.ProofKey, another))) {
				Unknown("the resource takes proofs by any key, which is judged at FAPI2-SP-5.3.4-5c: to which key a token is bound can't be seen")
			}
			rebound := Refreshed(ctx, client, flow.With(flow.ProofKey, another))
			if decision, because := Decide(rebound); decision == wire.Refused {
				NotApplicable("a refresh token is good with a proof of its first key alone: %s", because)
			}
			Needs(rebound)
			withOther := flow.With(flow.ProofKey, another).As("with a DPoP proof of the key that the token was refreshed with")
			Expect(client.Call(ctx, rebound, withOther)).To(BeAccepted())
			// No proper request follows: a server may end a token that was shown without its key.
			Expect(client.Call(ctx, rebound, flow.Words("with a DPoP proof of the first key, with another than which the token was refreshed"))).To(BeRefused())
		})
	})

	Describe("a refresh token", func() {
		It("is good with a proof of another key", RefreshAnyKey, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			Expect(Refreshed(ctx, client, flow.With(flow.ProofKey, client.NewProofKey()))).To(BeAccepted())
		})
	})

	Describe("the metadata", func() {
		It("have a list of asymmetric algorithms for proofs", Algorithms, SendsNothing, func(SpecContext) {
			const member = "dpop_signing_alg_values_supported"
			if _, there := client.Target().Metadata.Values[member]; !there {
				Warn("the metadata have no %s, by which clients know that DPoP is there", member)
			}
			for _, said := range everywhere.Places(client) {
				value, there := said.Values[member]
				if !there {
					continue
				}
				list, isList := value.([]any)
				if !isList {
					Broken("%s is no list%s: %s", member, said.At, wire.Printable(fmt.Sprint(value)))
				}
				for _, entry := range list {
					name, isText := entry.(string)
					if !isText || strings.EqualFold(name, "none") || strings.HasPrefix(strings.ToUpper(name), "HS") {
						Broken("%s has %s%s", member, wire.Printable(fmt.Sprint(entry)), said.At)
					}
				}
			}
		})
	})

	Describe("the metadata", func() {
		It("name the algorithms of the profile by which proofs are taken, and no others", Algorithms, func(ctx SpecContext) {
			announced := client.Target().Metadata.List("dpop_signing_alg_values_supported")
			if len(announced) == 0 {
				NotApplicable("the metadata have no dpop_signing_alg_values_supported, or nothing in it")
			}
			everywhere.NeedsRefresh(ctx, client)
			if !Accepts(Refreshed(ctx, client, flow.With(flow.ProofKey, client.NewProofKey()))) {
				NotApplicable("refresh tokens are bound to the first key here: a proof by another one is refused for that alone")
			}
			for _, algorithm := range []string{jose.ES256, jose.PS256, jose.EdDSA} {
				if algorithm == jose.EdDSA && slices.Contains(announced, "Ed25519") && !slices.Contains(announced, jose.EdDSA) {
					continue // RFC 9864 has that name for it, and who knows the one need not know the other
				}
				answer := Refreshed(ctx, client, flow.With(flow.ProofKey, keyFor(algorithm)).As("with a DPoP proof by "+algorithm))
				said := slices.Contains(announced, algorithm)
				// What is in the list may be for other clients.
				switch decision, because := Decide(answer); {
				case said && decision == wire.Refused:
					Warn("dpop_signing_alg_values_supported has %s, and a proof by that is refused: %s", algorithm, because)
				case !said && decision == wire.Accepted:
					Warn("dpop_signing_alg_values_supported lacks %s, and a proof by that is taken", algorithm)
				}
			}
		})
	})

	Describe("the key of a token", func() {
		It("can be seen by a resource server", Confirmed, func(ctx SpecContext) {
			inToken, readable := inToken(ctx, client)
			introspected, asked := byIntrospection(ctx, client)
			switch {
			case !readable && !asked:
				NotApplicable("access tokens are no JWTs that could be read, and the client can't introspect them")
			case !readable && introspected["cnf"] == nil:
				// A server may tell clients less than resource servers (RFC 7662 section 2.2).
				NotApplicable("access tokens are no JWTs that could be read, and introspection does not show clients cnf")
			case inToken == nil && introspected["cnf"] == nil:
				Warn("neither the access token nor introspection names the key that the token is bound to (cnf)")
			}
		})
		It("is named by its thumbprint", Thumbprint, func(ctx SpecContext) {
			confirmation, _ := inToken(ctx, client)
			introspected, _ := byIntrospection(ctx, client)
			seen := false
			for where, cnf := range map[string]any{"the access token": confirmation["jkt"], "introspection": member(introspected, "jkt")} {
				if cnf == nil {
					continue
				}
				seen = true
				if cnf != client.ProofKey().Thumbprint() {
					Broken("jkt of %s is %s, and the thumbprint of the key is %s", where, wire.Printable(fmt.Sprint(cnf)), client.ProofKey().Thumbprint())
				}
			}
			if !seen {
				NotApplicable("neither the access token nor introspection shows a jkt")
			}
		})
		It("is named by its thumbprint in a token that the client has for itself", Thumbprint, func(ctx SpecContext) {
			seen := false
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, _ string, proper *flow.Outcome) {
				key := namedKey(jose.Claims(proper.AccessToken()))
				if key == nil {
					return
				}
				seen = true
				if key != client.ProofKey().Thumbprint() {
					Broken("jkt of a token that client %s has for itself is %s, and the thumbprint of the key is %s", client.ID(), wire.Printable(fmt.Sprint(key)), client.ProofKey().Thumbprint())
				}
			})
			if !seen {
				NotApplicable("no access token that a client has for itself shows a jkt")
			}
		})
		It("is named anew when a token is refreshed, with the same key or with another", Thumbprint, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			grant, fresh := NeedsRefreshed(ctx, client)
			tokens := map[string]*flow.Outcome{client.ProofKey().Thumbprint(): fresh}
			another := client.NewProofKey()
			if rebound := client.Refresh(ctx, flow.Newest(grant, fresh), flow.With(flow.ProofKey, another)); Accepts(rebound) {
				tokens[another.Thumbprint()] = rebound
			}
			first := namedKey(jose.Claims(grant.AccessToken()))
			seen := false
			for thumbprint, token := range tokens {
				own, told := namedKey(jose.Claims(token.AccessToken())), any(nil)
				if client.Target().Offered(string(requirement.Introspection)) {
					told = namedKey(client.Introspect(ctx, token).Members())
				}
				seen = seen || own != nil || told != nil
				for where, key := range map[string]any{"the refreshed access token": own, "introspection of it": told} {
					if key != nil && key != thumbprint {
						Broken("jkt of %s is %s, and the thumbprint of the key that it was refreshed with is %s", where, wire.Printable(fmt.Sprint(key)), thumbprint)
					}
				}
				if first != nil && own == nil && told == nil {
					Warn("the first access token names the key that it is bound to, and a refreshed one does not, nor does introspection: a resource server has nothing to go by")
				}
			}
			if !seen && first == nil {
				NotApplicable("neither access tokens nor introspection show a jkt")
			}
		})
		It("is said by introspection", Introspected, func(ctx SpecContext) {
			if client.Self().Binding != target.DPoP {
				NotApplicable("the tokens of client %s are bound to its certificate", client.ID())
			}
			members := everywhere.Introspected(ctx, client)
			Needs(members)
			if kind, there := members.Members()["token_type"]; there && !strings.EqualFold(fmt.Sprint(kind), "DPoP") {
				Broken("introspection says that token_type is %s", wire.Printable(fmt.Sprint(kind)))
			}
			switch key := member(members.Members(), "jkt"); key {
			case nil:
				NotApplicable("introspection does not say to this client to what key the token is bound, and may say it to resource servers (RFC 7662 section 2.2)")
			case client.ProofKey().Thumbprint():
			default:
				Broken("introspection says that the token is bound to %s, and the thumbprint of the key is %s", wire.Printable(fmt.Sprint(key)), client.ProofKey().Thumbprint())
			}
		})
	})
}

// keyFor is a key for proofs by an algorithm of the profile. The one for RSA takes time to make, and is the same for a whole process.
func keyFor(algorithm string) *jose.Key {
	if algorithm == jose.PS256 {
		return keyByRSA()
	}
	return madeKey(algorithm)
}

var keyByRSA = sync.OnceValue(func() *jose.Key { return madeKey(jose.PS256) })

func madeKey(algorithm string) *jose.Key {
	key, err := jose.NewKey(algorithm)
	if err != nil {
		panic(err) // only where the machine has no randomness
	}
	return key
}

func dpopToken(grant *flow.Outcome) {
	kind := grant.Text("token_type")
	if kind == "" {
		Unknown("the token response has no token_type, which is judged at RFC6749-5.1-2")
	}
	if !strings.EqualFold(kind, "DPoP") {
		Broken("token_type is %q for a token that was asked for with a DPoP proof", wire.Printable(kind))
	}
}

// inToken is what the access token says itself of its key. Readable is false where it is no JWT.
func inToken(ctx SpecContext, client *flow.Client) (confirmation map[string]any, readable bool) {
	claims := jose.Claims(Needs(client.Grant(ctx)).AccessToken())
	confirmation, _ = claims["cnf"].(map[string]any)
	return confirmation, claims != nil
}

// byIntrospection is what introspection says of a token. Asked is false where the client can't ask.
func byIntrospection(ctx SpecContext, client *flow.Client) (members map[string]any, asked bool) {
	if !client.Target().Offered(string(requirement.Introspection)) {
		return nil, false
	}
	_, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Introspect(ctx, Needs(grant)) })
	return answer.Members(), Accepts(answer)
}

// namedKey is the thumbprint that a token, or introspection, names; nil where it names none.
func namedKey(members map[string]any) any { return member(members, "jkt") }

func member(introspected map[string]any, name string) any {
	confirmation, _ := introspected["cnf"].(map[string]any)
	return confirmation[name]
}
