package fapi2sp

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/dpop"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// proofAlgorithmSpecs are about how DPoP proofs are signed, and by what keys.
func proofAlgorithmSpecs(client *flow.Client) {
	Describe("a DPoP proof by an algorithm that the profile does not have", func() {
		It("is refused at the token endpoint with a code", ProofAlgorithms, func(ctx SpecContext) {
			needsProofs(client)
			// A try may use the code up, and each costs a login then: those that are alike are tried with refresh tokens.
			refusesProofsWithCode(ctx, client, oddProofs("RS256", "PS512", "ES384", "ES512"))
		})
		It("is refused at the token endpoint with a refresh token", ProofAlgorithms, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.NeedsRefresh(ctx, client)
			// The refresh tokens of clients that authenticate are bound to no key (RFC 9449 section 5). Where they are, all that is tried here would be refused for the key.
			if other := Refreshed(ctx, client, flow.With(flow.ProofKey, client.NewProofKey())); !Accepts(other) {
				NotApplicable("refresh tokens are bound to the first key here: a proof by another one is refused for that alone")
			}
			RefusesToRefreshUnless(ctx, client, passedOver(ctx, client), allOddProofs()...)
		})
		It("is refused at the token endpoint where the client asks for itself", ProofAlgorithms, func(ctx SpecContext) {
			refusesProofsForItself(ctx, client, allOddProofs())
		})
		It("is refused at the pushed authorization request endpoint", ProofAlgorithms, func(ctx SpecContext) {
			needsProofs(client)
			var deviations []flow.Deviation
			for _, proof := range oddProofs(oddAlgorithms...) {
				deviations = append(deviations, ofItsKey(client, proof))
			}
			refusesPushedProofs(ctx, client, deviations)
		})
		It("is refused where its key is on another curve than its algorithm has", ProofAlgorithms, func(ctx SpecContext) {
			needsProofs(client)
			proof, unsigned := onAnotherCurve()
			refuses := func(place string, send func(oddProof) *flow.Outcome) {
				try := send(proof)
				if Accepts(try) && Accepts(send(unsigned)) {
					Note("%s takes a DPoP proof %s too: whether signatures are looked at is judged at %s", place, unsigned.deviation, dpop.ProofSignature.ID)
					return
				}
				Expect(try).To(BeRefused())
			}
			Needs(client.Push(ctx, proven(client, "")))
			if !looksAtNoProof(ctx, client) {
				refuses("the pushed authorization request endpoint", func(proof oddProof) *flow.Outcome {
					return client.Push(ctx, proven(client, ", "+proof.deviation.String(), ofItsKey(client, proof)))
				})
			}
			for _, grant := range everywhere.AnnouncedForItself(client) {
				if Accepts(client.ForItself(ctx, grant)) {
					refuses("the token endpoint", func(proof oddProof) *flow.Outcome { return client.ForItself(ctx, grant, proof.deviation) })
				}
			}
			if client.Target().Offered(string(requirement.RefreshToken)) {
				refuses("the token endpoint", func(proof oddProof) *flow.Outcome { return Refreshed(ctx, client, proof.deviation) })
			}
			Needs(client.Push(ctx, proven(client, "")))
		})
	})
	for i, place := range []string{"the resource", "the userinfo endpoint"} {
		Describe(place, func() {
			It("refuses a DPoP proof by another algorithm of the same key", ProofAlgorithmsAtRS, func(ctx SpecContext) {
				placesOfTokens(client)[i].needs()
				rsa := withRSAProofs(ctx, client)
				var others []flow.Deviation
				for _, algorithm := range rsaAlgorithms {
					others = append(others, flow.With(flow.ProofAlgorithm, algorithm))
				}
				at := placesOfTokens(rsa)[i]
				RefusesToServe(ctx, rsa, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation { return at.byBothMethods(ctx, grant, others) })
			})
			It("refuses a DPoP proof that nobody signed", UnsignedAtRS, func(ctx SpecContext) {
				at := placesOfTokens(client)[i]
				at.needs()
				RefusesToServe(ctx, client, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation {
					return at.byBothMethods(ctx, grant, unsignedProofs("none", "None", "NONE", "nONE"))
				})
			})
			It("refuses its own token rewritten to be unsigned", UnsignedAtRS, func(ctx SpecContext) {
				at := placesOfTokens(client)[i]
				at.needs()
				RefusesToServe(ctx, client, at.on(ctx), func(grant *flow.Outcome) []flow.Deviation {
					var tries []flow.Deviation
					for _, forgery := range flow.Forgeries(grant.AccessToken()) {
						if strings.HasPrefix(forgery.How, "unsigned") {
							tries = append(tries, flow.With(flow.AccessToken, forgery.Token).As("with the token's claims, "+forgery.How))
						}
					}
					if tries == nil {
						NotApplicable("access tokens are no signed JWTs")
					}
					return at.byBothMethods(ctx, grant, tries)
				})
			})
		})
	}

	Describe("a DPoP proof that nobody signed", func() {
		It("is refused at the token endpoint with a code", UnsignedProofs, func(ctx SpecContext) {
			needsProofs(client)
			RefusesToRedeemUnless(ctx, client, passedOver(ctx, client), unsignedProofs("none", "nONE")...)
		})
		It("is refused at the token endpoint with a refresh token", UnsignedProofs, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.NeedsRefresh(ctx, client)
			RefusesToRefreshUnless(ctx, client, passedOver(ctx, client), unsignedProofs("none", "None", "NONE", "nONE")...)
		})
		It("is refused at the token endpoint where the client asks for itself", UnsignedProofs, func(ctx SpecContext) {
			refusesProofsForItself(ctx, client, unsignedProofs("none", "None", "NONE", "nONE"))
		})
		It("is refused at the pushed authorization request endpoint", UnsignedProofs, func(ctx SpecContext) {
			needsProofs(client)
			refusesPushedProofs(ctx, client, unsignedProofs("none", "None", "NONE", "nONE"))
		})
	})

	Describe("a DPoP proof by an RSA key that is too short", func() {
		It("is refused at the token endpoint with a code", ClientKeyLength, func(ctx SpecContext) {
			withRSAProofs(ctx, client) // long ones are taken
			weak := weakRSAKeys()[0]
			landed := landedFor(ctx, client, weak.key)
			tooShort(ctx, client, weak, client.Exchange(ctx, landed, weak.deviation))
		})
		// These take no login.
		It("is refused at the token endpoint with a refresh token", ClientKeyLength, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.NeedsRefresh(ctx, client)
			if long := Refreshed(ctx, client, flow.With(flow.ProofKey, rsaKey())); !Accepts(long) {
				NotApplicable("a proof by an RSA key of 2048 bits is not taken with a refresh token either: the target takes no RSA keys for proofs, or refresh tokens are bound to the first key here")
			}
			for _, weak := range weakRSAKeys() {
				tooShort(ctx, client, weak, Refreshed(ctx, client, weak.deviation))
			}
		})
		It("is refused at the token endpoint where the client asks for itself", ClientKeyLength, func(ctx SpecContext) {
			needsProofs(client)
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				if long := client.ForItself(ctx, grant, flow.With(flow.ProofKey, rsaKey())); !Accepts(long) {
					NotApplicable("a proof by an RSA key of 2048 bits is not taken either")
				}
				for _, weak := range weakRSAKeys() {
					tooShort(ctx, client, weak, client.ForItself(ctx, grant, weak.deviation))
				}
				Needs(client.ForItself(ctx, grant))
			})
		})
		It("is refused at the pushed authorization request endpoint", ClientKeyLength, func(ctx SpecContext) {
			needsProofs(client)
			push := func(proof oddProof) *flow.Outcome {
				return client.Push(ctx, proven(client, ", "+proof.deviation.String(), ofItsKey(client, proof)))
			}
			if long := push(oddProof{rsaKey(), flow.With(flow.ProofKey, rsaKey()).As("by an RSA key of 2048 bits")}); !Accepts(long) {
				NotApplicable("a proof by an RSA key of 2048 bits is not taken either")
			}
			for _, weak := range weakRSAKeys() {
				try := push(weak)
				if Accepts(try) && looksAtNoProof(ctx, client) {
					NotApplicable("the authorization server does not look at DPoP proofs in pushed requests")
				}
				tooShort(ctx, client, weak, try)
			}
			Needs(client.Push(ctx))
		})
	})
}

// shortKeySpecs are about the keys that clients are registered with. Who looks at the keys in proofs may not look at those that were typed into a form once.
func shortKeySpecs(client *flow.Client) {
	Describe("a client assertion by a registered RSA key that is too short", func() {
		short := func() flow.Deviation {
			if client.Self().Auth != target.PrivateKeyJWT {
				NotApplicable("client %s makes no client assertions", client.ID())
			}
			key := client.Self().Short
			if key == nil {
				NotApplicable("the target file has no clients[].short_jwk of client %s: whether short keys that clients are registered with are taken is not seen", client.ID())
			}
			return flow.All("with a client assertion by a registered RSA key of fewer than 2048 bits", flow.With(flow.AssertionKey, key), flow.With(flow.AssertionHeader("kid"), key.ID))
		}
		refused := func(by flow.Deviation, answer *flow.Outcome) {
			if Accepts(answer) {
				Warn("a request is taken %s; the text asks for longer keys, and does not say who has to see to it", by)
				return
			}
			Expect(answer).To(BeRefused())
		}
		It("is refused at the pushed authorization request endpoint", ClientKeyLength, func(ctx SpecContext) {
			by := short()
			Needs(client.Push(ctx))
			refused(by, client.Push(ctx, by))
			Needs(client.Push(ctx))
		})
		It("is refused at the token endpoint with a refresh token", ClientKeyLength, func(ctx SpecContext) {
			by := short()
			everywhere.NeedsRefresh(ctx, client)
			refused(by, Refreshed(ctx, client, by))
			NeedsRefreshed(ctx, client)
		})
		It("is refused at the introspection endpoint", ClientKeyLength, func(ctx SpecContext) {
			by := short()
			everywhere.NeedsOffer(client, requirement.Introspection)
			grant := everywhere.NeedsIntrospection(ctx, client)
			refused(by, client.Introspect(ctx, grant, by))
			Needs(client.Introspect(ctx, grant))
		})
	})
}

// tooShort says what it means that a proof by a short key was answered so.
func tooShort(ctx SpecContext, client *flow.Client, weak oddProof, answer *flow.Outcome) {
	if Accepts(answer) {
		if words := everywhere.BoundToNothing(ctx, client, answer, BoundTokensOnly.ID); words != "" && answer.AccessToken() != "" {
			Note("%s", words)
			return
		}
		Warn("a request is taken %s; the text asks for longer keys, and does not say who has to see to it", weak.deviation)
		return
	}
	Expect(answer).To(BeRefused())
}

// ofItsKey is a pushed request with a proof. Where the target wants dpop_jkt in every request it is of the key of that.
func ofItsKey(client *flow.Client, proof oddProof) flow.Deviation {
	if !client.Target().Required(target.RequiresDPoPJKT) {
		return proof.deviation
	}
	return flow.All(proof.deviation.String(), proof.deviation, flow.With(flow.DPoPKeyThumbprint, proof.key.Thumbprint()))
}

// rsaAlgorithms are what an RSA key can do beside PS256.
var rsaAlgorithms = []string{"RS256", "RS384", "RS512", "PS384", "PS512"}

// oddAlgorithms are those that the profile does not have, and that a key for DPoP proofs can do.
var oddAlgorithms = append(slices.Clone(rsaAlgorithms), "ES384", "ES512")

func allOddProofs() []flow.Deviation {
	var all []flow.Deviation
	for _, proof := range oddProofs(oddAlgorithms...) {
		all = append(all, proof.deviation)
	}
	return all
}

// onAnotherCurve are a proof that says ES256, by a key on another curve than that has (RFC 7518 section 3.4), and the same with a signature that is none.
func onAnotherCurve() (proof, unsigned oddProof) {
	key := oddProofs("ES384")[0].key
	made := func(words string, last func(compact string) string) oddProof {
		return oddProof{key, flow.All(words, flow.With(flow.ProofKey, key), flow.ProofMade("", func(compact string) string {
			signed, err := jose.AsES256(compact, key)
			if err != nil {
				return compact
			}
			return last(signed)
		}))}
	}
	const words = "with a DPoP proof by ES256 and a key on P-384"
	return made(words, func(compact string) string { return compact }), made(words+", and a signature that is all zeros", func(compact string) string {
		return jose.WithSignature(compact, func(old []byte) []byte { return make([]byte, len(old)) })
	})
}

// refusesProofsForItself tries proofs where a client asks for a token for itself.
func refusesProofsForItself(ctx SpecContext, client *flow.Client, proofs []flow.Deviation) {
	needsProofs(client)
	everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
		refusesForItself(ctx, client, grant, passedOver(ctx, client), proofs)
		Needs(client.ForItself(ctx, grant))
	})
}

// refusesPushedProofs tries proofs that come with a pushed request, between two proper ones. Who does not look at proofs there has taken none.
func refusesPushedProofs(ctx SpecContext, client *flow.Client, proofs []flow.Deviation) {
	Needs(client.Push(ctx, proven(client, "")))
	for i, proof := range proofs {
		KeepKnown(ctx, client, i)
		try := client.Push(ctx, proven(client, ", "+proof.String(), proof))
		if Accepts(try) && looksAtNoProof(ctx, client) {
			Unknown("the authorization server does not look at DPoP proofs in pushed requests at all, as RFC 9449 section 10.1 wants it to: what it makes of their signatures can't be seen")
		}
		Expect(try).To(BeRefused())
	}
	Needs(client.Push(ctx, proven(client, "")))
}

// oddProof is a DPoP proof by an algorithm that the profile does not have, with a key that fits.
type oddProof struct {
	key       *jose.Key
	deviation flow.Deviation
}

func oddProofs(algorithms ...string) []oddProof {
	var all []oddProof
	for _, algorithm := range algorithms {
		if rsa := rsaKey(); slices.Contains(rsaAlgorithms, algorithm) {
			all = append(all, oddProof{rsa, flow.All("with a DPoP proof by "+algorithm, flow.With(flow.ProofKey, rsa), flow.With(flow.ProofAlgorithm, algorithm))})
			continue
		}
		key, err := jose.NewOddKey(algorithm, 0)
		if err != nil {
			Unknown("a key can't be made: %s", err)
		}
		all = append(all, oddProof{key, flow.With(flow.ProofKey, key).As("with a DPoP proof by " + algorithm)})
	}
	return all
}

// refusesProofsWithCode tries proofs on one code. Where every code is bound to a key before it is redeemed, each is bound to the key of its proof, so that
// this is not what a refusal is for.
func refusesProofsWithCode(ctx SpecContext, client *flow.Client, proofs []oddProof) {
	if !boundBefore(client) {
		var deviations []flow.Deviation
		for _, proof := range proofs {
			deviations = append(deviations, proof.deviation)
		}
		RefusesToRedeemUnless(ctx, client, passedOver(ctx, client), deviations...)
		return
	}
	Needs(client.Grant(ctx))
	for _, proof := range proofs {
		landed := landedFor(ctx, client, proof.key)
		Expect(client.Exchange(ctx, landed, proof.deviation)).To(BeRefused())
	}
	Needs(client.Exchange(ctx, Needs(client.Login(ctx))))
}

// passedOver excuses a token that is bound to nothing: the proof was not taken, it was passed over, which is judged elsewhere.
func passedOver(ctx SpecContext, client *flow.Client) Excuse {
	return func(issued *flow.Outcome) string {
		return everywhere.BoundToNothing(ctx, client, issued, BoundTokensOnly.ID)
	}
}

// boundBefore says whether every code of the target is bound to a key when it is asked for.
func boundBefore(client *flow.Client) bool {
	return client.Target().Required(target.RequiresDPoPJKT) || client.Target().Required(target.RequiresDPoPAtPAR)
}

// landedFor is an authorization whose code can be redeemed with a key, as far as that is decided before.
func landedFor(ctx SpecContext, client *flow.Client, key *jose.Key) *flow.Outcome {
	var bound []flow.Deviation
	if client.Target().Required(target.RequiresDPoPJKT) {
		bound = append(bound, flow.With(flow.DPoPKeyThumbprint, key.Thumbprint()).As("with dpop_jkt of another key"))
	}
	if client.Target().Required(target.RequiresDPoPAtPAR) {
		bound = append(bound, flow.With(flow.ProofKey, key))
	}
	return client.Login(ctx, bound...)
}

// withRSAProofs is the client with proofs by PS256, where the target takes those.
func withRSAProofs(ctx SpecContext, client *flow.Client) *flow.Client {
	needsProofs(client)
	if client.ProofKey().Algorithm == jose.PS256 {
		return client
	}
	announced := client.Target().Metadata.List("dpop_signing_alg_values_supported")
	if len(announced) > 0 && !slices.Contains(announced, jose.PS256) {
		NotApplicable("dpop_signing_alg_values_supported has no PS256: the target takes no RSA keys for proofs")
	}
	rsa, err := client.WithProofKey(rsaKey())
	if err != nil {
		Unknown("a client with an RSA key for its proofs can't be played: %s", err)
	}
	if grant := rsa.Grant(ctx); len(announced) > 0 || Accepts(grant) {
		Needs(grant)
	} else {
		NotApplicable("the target takes no RSA keys for proofs: one by PS256 was refused")
	}
	return rsa
}

// rsaKey is a key for PS256, and weakRSAKeys are too short for it: the same ones for a whole process, since they take time to make.
var (
	rsaKey      = sync.OnceValue(func() *jose.Key { return madeRSA(2048) })
	weakRSAKeys = sync.OnceValue(func() (all []oddProof) {
		for _, bits := range []int{1024, 1536} {
			key := madeRSA(bits)
			all = append(all, oddProof{key, flow.With(flow.ProofKey, key).As(fmt.Sprintf("with a DPoP proof by an RSA key of %d bits", bits))})
		}
		return all
	})
)

func madeRSA(bits int) *jose.Key {
	key, err := jose.NewOddKey(jose.PS256, bits)
	if err != nil {
		panic(err) // only where the machine has no randomness
	}
	return key
}

// unsignedProofs are DPoP proofs whose header says alg none, and which else are as they should be.
func unsignedProofs(spellings ...string) []flow.Deviation {
	var all []flow.Deviation
	for _, none := range spellings {
		all = append(all, flow.With(flow.ProofAlgorithm, none))
	}
	return append(all, flow.ProofMade("with alg none in the DPoP proof's header, and its signature still there", func(compact string) string {
		return jose.WithHeader(compact, "alg", "none")
	}))
}
