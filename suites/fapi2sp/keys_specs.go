package fapi2sp

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"

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

func keySpecs(client *flow.Client) {
	announcedSpecs(client)

	Describe("what the server signs", func() {
		It("for the client is signed by an algorithm of the profile", SigningAlgorithms, func(ctx SpecContext) {
			if Needs(client.Grant(ctx)).IDToken() == "" {
				NotApplicable("the token response has no id_token: nothing is signed for the client")
			}
			const list = "id_token_signing_alg_values_supported"
			announced := client.Target().Metadata.List(list)
			everywhere.AsEach(client, func(client *flow.Client) {
				for _, signed := range signedForClient(ctx, client) {
					if algorithm, _ := jose.Header(signed.compact)["alg"].(string); len(announced) > 0 && strings.HasPrefix(signed.name, "the id_token") &&
						!slices.Contains(announced, algorithm) && (algorithm != jose.EdDSA || !slices.Contains(announced, "Ed25519")) {
						Warn("%s is signed by %s, which %s does not have", signed.name, wire.Printable(algorithm), list)
					}
					if words := notOfTheProfile(signed.compact); words != "" {
						Broken("%s is signed by %s", signed.name, words)
					}
				}
			})
		})
		It("for resource servers is signed by an algorithm of the profile", SigningAlgorithms, func(ctx SpecContext) {
			token := Needs(client.Grant(ctx)).AccessToken()
			if jose.Header(token) == nil {
				NotApplicable("access tokens are no JWTs that could be read")
			}
			if words := notOfTheProfile(token); words != "" {
				Warn("the access token is a JWT that is signed by %s; what it looks like is a matter of the authorization server and its resource servers", words)
			}
		})
		It("does not lead to its key by an address in the header", NoKeyAddresses, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			all := []signedJWT{{"the access token", grant.AccessToken()}}
			for _, token := range everywhere.IDTokens(ctx, client) {
				all = append(all, signedJWT{"the id_token" + token.When, token.Compact})
			}
			read := 0
			for _, signed := range all {
				header := jose.Header(signed.compact)
				if header == nil {
					continue
				}
				read++
				for _, name := range []string{"x5u", "jku"} {
					if _, there := header[name]; there {
						Broken("the header of %s has %s", signed.name, name)
					}
				}
			}
			if read == 0 {
				NotApplicable("neither an id_token nor an access token is a JWT that could be read")
			}
		})
	})

	Describe("the keys of the server", func() {
		It("are at an address, where it signs for clients", KeysByAddress, SendsNothing, func(SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope of the target file has no openid: nothing is signed for the client")
			}
			if client.Target().Metadata.Text("jwks_uri") == "" {
				Broken("the metadata name no jwks_uri, so that clients can't see when a key was replaced")
			}
		})
		It("are served over TLS", KeySetOverTLS, func(ctx SpecContext) {
			address := client.Target().Metadata.Text("jwks_uri")
			if parsed, err := url.Parse(address); address != "" && (err != nil || !strings.EqualFold(parsed.Scheme, "https")) {
				Broken("jwks_uri is %q, and no https URL", wire.Printable(address))
			}
			everywhere.KeySet(ctx, client, func(words string) { Broken("jwks_uri leads to no key set: %s", words) })
		})
		It("have 2048 bits and more, where they are RSA keys", RSAKeyLength, func(ctx SpecContext) {
			for _, key := range everywhere.KeySet(ctx, client, noKeys) {
				if key["kty"] != "RSA" {
					continue
				}
				modulus, err := member(key, "n")
				if err != nil {
					Broken("the RSA key %s can't be read: its n is no base64url", keyName(key))
				}
				if bits := new(big.Int).SetBytes(modulus).BitLen(); bits < 2048 {
					Broken("the RSA key %s has %d bits", keyName(key), bits)
				}
				// With 1 every text is its own signature, and nothing even has an inverse (RFC 8017 section 3.1): that is no key, however long its n is.
				exponent, err := member(key, "e")
				if e := new(big.Int).SetBytes(exponent); err != nil || e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0 {
					Broken("the RSA key %s is none: its public exponent e is no odd number from 3 on", keyName(key))
				}
			}
		})
		It("have 224 bits and more, where they are keys on a curve", CurveSize, func(ctx SpecContext) {
			for _, key := range everywhere.KeySet(ctx, client, noKeys) {
				if key["kty"] != "EC" && key["kty"] != "OKP" {
					continue
				}
				x, err := member(key, "x")
				if err != nil {
					Broken("the key %s on a curve can't be read: its x is no base64url", keyName(key))
				}
				// x is as long as the curve's field (RFC 7518 section 6.2.1.2), or a little shorter where zeros in front were left out.
				if 8*len(x) < 224-16 {
					Broken("the key %s is on %s: %d bits", keyName(key), wire.Printable(fmt.Sprint(key["crv"])), 8*len(x))
				}
			}
		})
		It("differ in their names (kid)", KeyIDsDiffer, func(ctx SpecContext) {
			known := map[string]bool{}
			for _, key := range everywhere.KeySet(ctx, client, noKeys) {
				id, named := key["kid"].(string)
				if named && known[id] {
					Broken("two keys of the key set have the kid %q", wire.Printable(id))
				}
				known[id] = true
			}
		})
	})

	It("a client assertion by either of two registered keys that have one kid is accepted", Namesakes, func(ctx SpecContext) {
		for _, other := range client.Target().Clients {
			for _, key := range other.Namesakes() {
				as := client
				if other.ID != client.ID() {
					var err error
					if as, err = client.Beside(other); err != nil {
						Unknown("client %s can't be played: %s", other.ID, err)
					}
				}
				Needs(as.Push(ctx))
				Expect(as.Push(ctx, flow.With(flow.AssertionKey, key).As("with a client assertion by another registered key of the same kid"))).To(BeAccepted())
			}
		}
	})

	Describe("the token response", func() {
		It("says who the user is by OpenID Connect, where it says so at all", IdentityByOpenID, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			var said []string
			for _, name := range []string{"sub", "email", "name", "given_name", "family_name", "preferred_username", "phone_number", "birthdate", "username", "user_id", "user", "userinfo"} {
				if _, there := grant.Members()[name]; there {
					said = append(said, name)
				}
			}
			switch {
			case len(said) == 0:
			case supportsOpenID(client, grant):
				Note("the token response says something of the user beside the id_token: %q", said)
			default:
				Broken("the token response says who the user is (%q), and the server does not support OpenID Connect", said)
			}
		})
	})
}

// announcedSpecs are about the lists of algorithms in the metadata. What else they have, for other clients, is nobody's fault: RS256 has to stand in one of them
// (OpenID Connect Discovery section 3).
func announcedSpecs(client *flow.Client) {
	for _, list := range []struct {
		of      string
		names   []string
		applies func() string // why it does not; empty: it does
	}{
		{"client assertions", []string{
			"token_endpoint_auth_signing_alg_values_supported", "introspection_endpoint_auth_signing_alg_values_supported", "revocation_endpoint_auth_signing_alg_values_supported",
		}, func() string {
			if client.Self().Auth != target.PrivateKeyJWT {
				return "client " + client.ID() + " makes no client assertions"
			}
			return ""
		}},
		{"DPoP proofs", []string{"dpop_signing_alg_values_supported"}, func() string {
			if client.Self().Binding != target.DPoP {
				return "client " + client.ID() + " makes no DPoP proofs"
			}
			return ""
		}},
		{"id_tokens", []string{"id_token_signing_alg_values_supported"}, func() string {
			if !client.Target().OpenID() {
				return "the scope of the target file has no openid"
			}
			return ""
		}},
		{"request objects", []string{"request_object_signing_alg_values_supported"}, func() string {
			if !client.Target().Offered(string(requirement.JAR)) {
				return "the target file does not claim jar in offers"
			}
			return ""
		}},
	} {
		Describe("the metadata", func() {
			It("name an algorithm of the profile for "+list.of+", where they name any", AnnouncedAlgorithms, SendsNothing, func(SpecContext) {
				if why := list.applies(); why != "" {
					NotApplicable("%s", why)
				}
				found := false
				for _, name := range list.names {
					value, there := client.Target().Metadata.Values[name]
					if !there {
						continue
					}
					found = true
					announced := client.Target().Metadata.List(name)
					if !slices.ContainsFunc(announced, everywhere.ProfileAlgorithm) {
						Broken("%s has none of PS256, ES256 and EdDSA: %s", name, wire.Printable(fmt.Sprint(value)))
					}
				}
				if !found {
					NotApplicable("the metadata name no algorithms for %s", list.of)
				}
			})
		})
	}
}

// notOfTheProfile says by what a JWT is signed, where the profile does not have that; empty: it does.
func notOfTheProfile(compact string) string {
	algorithm, isText := jose.Header(compact)["alg"].(string)
	switch {
	case !isText:
		return "an algorithm that its header does not name"
	case !everywhere.ProfileAlgorithm(algorithm):
		return wire.Printable(algorithm) + ", and not by PS256, ES256 or EdDSA"
	}
	const ed448 = 114 // bytes of a signature; those of Ed25519 have 64
	if signature, err := base64.RawURLEncoding.DecodeString(compact[strings.LastIndexByte(compact, '.')+1:]); err == nil && algorithm == jose.EdDSA && len(signature) == ed448 {
		return "EdDSA with Ed448, and not with Ed25519"
	}
	return ""
}

type signedJWT struct{ name, compact string }

// signedForClient is what the server has signed for the client: id_tokens, and what userinfo answers where that is a JWT.
func signedForClient(ctx SpecContext, client *flow.Client) []signedJWT {
	grant := Needs(client.Grant(ctx))
	var all []signedJWT
	for _, token := range everywhere.IDTokens(ctx, client) {
		all = append(all, signedJWT{"the id_token" + token.When, token.Compact})
	}
	if client.Endpoint("userinfo_endpoint") == "" {
		return all
	}
	// It may be registered for the client, and not be announced. One that nobody has signed is judged at OpenID Connect then.
	if answer := client.Userinfo(ctx, grant); Accepts(answer) && strings.HasPrefix(strings.ToLower(answer.Header.Get("Content-Type")), "application/jwt") {
		compact := everywhere.Opened(client, strings.TrimSpace(string(answer.Body)))
		announced := len(client.Target().Metadata.List("userinfo_signing_alg_values_supported")) > 0
		if announced || !everywhere.UnsignedAlgorithm(jose.Header(compact)) {
			all = append(all, signedJWT{"the answer of the userinfo endpoint", compact})
		}
	}
	return all
}

func noKeys(words string) {
	Unknown("jwks_uri leads to no key set, which is judged at %s: %s", KeySetOverTLS.ID, words)
}

func member(key map[string]any, name string) ([]byte, error) {
	text, _ := key[name].(string)
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// keyName is how to call a key of a key set.
func keyName(key map[string]any) string {
	if id, ok := key["kid"].(string); ok {
		return wire.Printable(id)
	}
	return "without kid"
}

// supportsOpenID says whether the server shows in anything that it supports OpenID Connect.
func supportsOpenID(client *flow.Client, grant *flow.Outcome) bool {
	metadata := client.Target().Metadata
	return grant.IDToken() != "" || slices.Contains(metadata.List("scopes_supported"), "openid") || len(metadata.List("id_token_signing_alg_values_supported")) > 0
}
