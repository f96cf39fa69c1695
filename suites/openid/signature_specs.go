package openid

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func signatureSpecs(client *flow.Client) {
	Describe("the id_token", func() {
		It("is a JWS, or one in a JWE", SignedFirst, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			if grant.IDToken() == "" {
				NotApplicable("the token response has no id_token, which is judged at %s", IDTokenComes.ID)
			}
			for _, token := range everywhere.IDTokens(ctx, client) {
				inside, what := token.Compact, "the id_token"
				if jose.Encrypted(token.With.IDToken()) {
					what = "what is encrypted in the id_token"
				}
				switch {
				case jose.Encrypted(inside):
					Broken("%s is encrypted once more, and not signed%s", what, token.When)
				case jose.Header(inside)["alg"] == nil:
					Broken("%s is no JWT%s", what, token.When)
				case jose.Claims(inside) == nil:
					Broken("%s is signed, and what it has signed are no claims%s", what, token.When)
				}
			}
		})
		It("is signed", NeverUnsigned, func(ctx SpecContext) {
			for _, token := range needsIdentities(ctx, client) {
				algorithm, _ := jose.Header(token.signed)["alg"].(string)
				if strings.EqualFold(algorithm, "none") {
					Broken("its alg is %s%s", wire.Printable(algorithm), token.when)
				}
				if strings.HasSuffix(token.signed, ".") {
					Broken("its signature is empty%s", token.when)
				}
			}
		})
		It("does not bring its key along, or an address of it", NoKeysInHeader, func(ctx SpecContext) {
			for _, token := range needsIdentities(ctx, client) {
				header := jose.Header(token.signed)
				for _, name := range []string{"x5u", "x5c", "jku", "jwk"} {
					if _, there := header[name]; there {
						Broken("its header has %s%s", name, token.when)
					}
				}
			}
		})
		It("has a signature that holds by a key of the key set", PassesChecks, func(ctx SpecContext) {
			token := needsVerifiable(client, Needs(client.Grant(ctx)))
			keys := everywhere.KeySet(ctx, client, noKeys)
			if !verifiedByAny(token.signed, keys) {
				Broken("its signature holds by no key of the key set, which has %d", len(keys))
			}
			// Clients choose among keys by what these say of themselves (RFC 7517 sections 4.2 and 4.4).
			algorithm, _ := jose.Header(token.signed)["alg"].(string)
			forSignatures := slices.DeleteFunc(slices.Clone(keys), func(key map[string]any) bool { return key["use"] == "enc" })
			forIt := slices.DeleteFunc(slices.Clone(forSignatures), func(key map[string]any) bool { return key["alg"] != nil && !sameAlgorithm(key["alg"], algorithm) })
			switch {
			case !verifiedByAny(token.signed, forSignatures):
				Broken("the key by which it is signed is published for encryption (use): no client takes it")
			case !verifiedByAny(token.signed, forIt):
				Warn("the key by which it is signed with %s is published for another algorithm (alg): clients that go by that do not take it", wire.Printable(algorithm))
			}
		})
		It("is signed by the key that its header names", KeyNamed, func(ctx SpecContext) {
			_, keys := needsVerifiable(client, Needs(client.Grant(ctx))), everywhere.KeySet(ctx, client, noKeys)
			for _, token := range needsIdentities(ctx, client) {
				if !everywhere.UnsignedAlgorithm(jose.Header(token.signed)) { // which is judged above
					isNamed(token, keys)
				}
			}
		})
	})

	It("the server has what every OpenID Provider has to have", RequiredFeatures, SendsNothing, func(SpecContext) {
		const list = "id_token_signing_alg_values_supported"
		if slices.Contains(client.Target().Metadata.List(list), "RS256") {
			Note("%s has RS256, which OpenID Connect asks of every provider; FAPI forbids its use, and not its mention for other clients", list)
			return
		}
		Note("%s does not have RS256, which OpenID Connect asks of every provider and FAPI has replaced by a list of its own", list)
	})
}

// isNamed wants the key to which kid leads to be the one by which an id_token is signed.
func isNamed(token identity, keys []map[string]any) {
	named, there := jose.Header(token.signed)["kid"]
	if !there {
		if len(keys) > 1 {
			Broken("the key set has %d keys, and the header of the id_token no kid to tell them apart%s", len(keys), token.when)
		}
		return
	}
	own := slices.DeleteFunc(slices.Clone(keys), func(key map[string]any) bool { return key["kid"] != named })
	switch {
	case len(own) == 0 && jose.CanVerify(token.signed):
		Broken("the key set has no key with the kid in the header%s", token.when)
	case !verifiedByAny(token.signed, own) && verifiedByAny(token.signed, keys):
		Broken("the signature holds by another key of the set than the kid in the header names%s", token.when)
	}
}

// needsVerifiable is an id_token whose signature can be looked at.
func needsVerifiable(client *flow.Client, with *flow.Outcome) identity {
	token := needsIdentity(client, with)
	algorithm, _ := jose.Header(token.signed)["alg"].(string)
	switch {
	case strings.EqualFold(algorithm, "none"):
		NotApplicable("it is not signed, which is judged at %s", NeverUnsigned.ID)
	case !jose.CanVerify(token.signed):
		Unknown("it is signed by %s, and such signatures can't be checked here", wire.Printable(algorithm))
	}
	return token
}

// sameAlgorithm says whether the alg of a key is that of a signature. RFC 9864 has another name for EdDSA with Ed25519.
func sameAlgorithm(ofKey any, ofSignature string) bool {
	edwards := []any{jose.EdDSA, "Ed25519"}
	return ofKey == ofSignature || slices.Contains(edwards, ofKey) && slices.Contains(edwards, any(ofSignature))
}

// noKeys ends a spec where there is no key set to check a signature by: whether it is where it has to be is judged elsewhere.
func noKeys(words string) {
	Unknown("jwks_uri leads to no key set, and so the signature can't be checked: %s", words)
}

func verifiedByAny(compact string, keys []map[string]any) bool {
	return slices.ContainsFunc(keys, func(key map[string]any) bool { return jose.Verifies(compact, key) })
}

// hashFits says whether at_hash is made of the access token beside the id_token, or is not there.
func hashFits(token identity) bool {
	algorithm, _ := jose.Header(token.signed)["alg"].(string)
	said, there := token.claims["at_hash"]
	if !there {
		return true
	}
	text, isText := said.(string)
	return isText && slices.Contains(jose.LeftHalves(algorithm, token.with.AccessToken()), strings.TrimRight(text, "="))
}
