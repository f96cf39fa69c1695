package httpsignatures

import (
	"bytes"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// otherLabel is a label that no example has.
const otherLabel = "fapitest"

// way is one of the ways to ask the resource.
type way struct {
	body bool
	send Served
}

// ways are those of a client.
func ways(ctx SpecContext, client *flow.Client) []way {
	all := []way{{false, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		return client.CallSigned(ctx, grant, deviations...)
	}}}
	if signed := client.Target().Signed(); signed != nil && signed.Post != "" {
		all = append(all, way{true, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.PostSigned(ctx, grant, deviations...)
		}})
	}
	return all
}

// asEach carries an experiment out as every client of the kind that can sign, in every way. It ends the spec where there is nothing to try.
func asEach(ctx SpecContext, client *flow.Client, experiment func(client *flow.Client, by way) (tried bool)) {
	signed := client.Target().Signed()
	switch {
	case signed == nil:
		NotApplicable("the target file does not claim %s in offers", target.HTTPSignatures)
	case !signed.Requests:
		NotApplicable("resource.signatures.messages says that requests are not signed")
	}
	able, tried := false, false
	everywhere.AsEach(client, func(client *flow.Client) {
		if client.Self().Key == nil {
			return
		}
		able = true
		for _, by := range ways(ctx, client) {
			tried = experiment(client, by) || tried
		}
	})
	switch {
	case !able:
		NotApplicable("neither client %s nor another one of its kind has a key (jwks) to sign requests with", client.ID())
	case !tried && signed.Post == "":
		NotApplicable("the target file names no resource that takes a body (resource.signatures.post)")
	case !tried:
		NotApplicable("there is nothing of the kind to try as client %s, or as another one of its kind", client.ID())
	}
}

// deviations are what to try as a client, with and without a body.
type deviations func(client *flow.Client, by way, grant *flow.Outcome) []flow.Deviation

// refuses wants each deviation refused between two proper requests, as every client and in every way.
func refuses(ctx SpecContext, client *flow.Client, tries deviations) {
	refusesWith(ctx, client, tries, func(*flow.Outcome) {})
}

// refusesWith is refuses, with something to say about each refusal.
func refusesWith(ctx SpecContext, client *flow.Client, tries deviations, judge func(refused *flow.Outcome)) {
	asEach(ctx, client, func(client *flow.Client, by way) bool {
		tried := false
		var refused []*flow.Outcome
		RefusesToServe(ctx, client, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			answer := by.send(grant, deviations...)
			if len(deviations) > 0 {
				refused = append(refused, answer)
			}
			return answer
		}, func(grant *flow.Outcome) []flow.Deviation {
			refused = nil // in an earlier round the token may have been refused, and not the signature
			all := tries(client, by, grant)
			tried = tried || len(all) > 0
			return all
		})
		for _, answer := range refused {
			judge(answer)
		}
		return tried
	})
}

// serves wants a request served that differs from one that is. Other experiments may end the token in between: then another one is used.
func serves(ctx SpecContext, client *flow.Client, by way, deviation flow.Deviation) {
	const rounds = 3
	for round := 1; ; round++ {
		grant := NeedsService(ctx, client, by.send)
		answer := by.send(grant, deviation)
		if decision, _ := Decide(answer); decision != wire.Refused || round == rounds || Accepts(by.send(grant)) {
			Expect(answer).To(BeAccepted())
			return
		}
	}
}

// always tries the same as every client and in every way.
func always(all ...flow.Deviation) deviations {
	return func(*flow.Client, way, *flow.Outcome) []flow.Deviation { return all }
}

// withBody tries it where there is a body.
func withBody(all ...flow.Deviation) deviations {
	return func(_ *flow.Client, by way, _ *flow.Outcome) []flow.Deviation {
		if !by.body {
			return nil
		}
		return all
	}
}

func profileSpecs(client *flow.Client) {
	Describe("the resource that wants signed requests", func() {
		It("serves a request that is signed by the client's key", KeyOfTheClient, func(ctx SpecContext) {
			asEach(ctx, client, func(client *flow.Client, by way) bool {
				grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return by.send(Needs(grant)) })
				if decision, _ := Decide(answer); decision == wire.Refused {
					if t := client.Target(); t.SignedURL() != t.Resource.URL && !t.Required(target.HTTPSignatures) {
						Needs(client.Call(ctx, grant)) // whose token is good for nothing has not been refused for the signature
					}
					wantsMore(client, by, grant)
				}
				Expect(answer).To(BeAccepted())
				return true
			})
		})
		It("serves a request whose signature covers the same in another order", KeyOfTheClient, func(ctx SpecContext) {
			asEach(ctx, client, func(client *flow.Client, by way) bool {
				serves(ctx, client, by, flow.SignatureTurned("with components and parameters of its signature the other way round"))
				return true
			})
		})
		It("refuses a request that another key has signed", SignatureVerified, func(ctx SpecContext) { refuses(ctx, client, byOtherKeys) })
		It("refuses a request whose signature is none", SignatureVerified, func(ctx SpecContext) { refuses(ctx, client, always(noSignatures()...)) })
		It("refuses a request that was changed after it was signed", SignatureVerified, func(ctx SpecContext) { refuses(ctx, client, changed) })
		It("refuses a request without a signature, or with one that can't be read, with 401", RefusedWith401, func(ctx SpecContext) {
			with401 := func(refused *flow.Outcome) {
				if decision, _ := Decide(refused); decision == wire.Refused && refused.Status != http.StatusUnauthorized {
					Broken("a request %s is refused with %d, and not with 401", refused.Exchange.Deviation, refused.Status)
				}
			}
			refusesWith(ctx, client, always(
				flow.Without(flow.MessageSignature),
				flow.SignatureMade("with Signature-Input, and without Signature", func(f *flow.SignatureFields) { f.Signature = "" }),
				flow.SignatureMade("with a Signature-Input that can't be read", func(f *flow.SignatureFields) { f.Input = strings.Replace(f.Input, ")", "", 1) }),
				flow.SignatureMade("with a Signature that can't be read", func(f *flow.SignatureFields) { f.Signature = "sig1=signature" }),
			), with401)
			// Whether it is refused at all is judged where signatures are to be verified.
			asEach(ctx, client, func(client *flow.Client, by way) bool {
				with401(by.send(NeedsService(ctx, client, by.send), flow.SignatureMade("with a signature that does not hold", garbled)))
				return true
			})
		})
		It("refuses a signature that is not tagged for requests", TagWanted, func(ctx SpecContext) {
			tag := flow.SignatureParameter("tag")
			refuses(ctx, client, always(flow.Without(tag), flow.With(tag, "fapi-2-response"), flow.With(tag, "").As("with an empty tag in the signature"),
				flow.With(tag, "FAPI-2-REQUEST"), flow.With(tag, "fapi-2-request-other"), flow.With(tag, "fapi-2"), flow.With(tag, "x-fapitest")))
		})
		It("refuses a signature that does not cover method, address and token", CoverageWanted, func(ctx SpecContext) {
			refuses(ctx, client, always(
				flow.Without(flow.SignatureComponent("@method")), flow.Without(flow.SignatureComponent("@target-uri")), flow.Without(flow.SignatureComponent("authorization")),
				flow.All("with a signature that covers @path in the place of @target-uri", flow.Without(flow.SignatureComponent("@target-uri")), flow.AlsoCovering("", "@path")),
				flow.All("with a signature that covers none of @method, @target-uri and authorization",
					flow.Without(flow.SignatureComponent("@method")), flow.Without(flow.SignatureComponent("@target-uri")), flow.Without(flow.SignatureComponent("authorization"))),
			))
		})
		It("refuses a signature that does not say when it was made, or is old", AgeLimited, func(ctx SpecContext) {
			created := flow.SignatureParameter("created")
			refuses(ctx, client, always(flow.Without(created), flow.With(created, flow.Ago(10*time.Minute)), flow.With(created, flow.Ago(24*time.Hour)), flow.With(created, 0),
				flow.With(created, "now").As("with the signature's created as text"),
				flow.All("with the signature's created 10 minutes ago, and expires 5 minutes ahead", flow.With(created, flow.Ago(10*time.Minute)), flow.With(flow.SignatureParameter("expires"), flow.Ahead(5*time.Minute)))))
			if noted(ctx, client, flow.With(created, flow.Ago(5*time.Minute))) == "" {
				noted(ctx, client, flow.With(created, flow.Ago(2*time.Minute)))
			}
			noted(ctx, client, flow.With(created, flow.Ahead(10*time.Minute)))
		})
		It("refuses a signature that does not cover the DPoP proof", ProofCovered, func(ctx SpecContext) {
			if client.Self().Binding != target.DPoP {
				NotApplicable("tokens of client %s are not bound by DPoP", client.ID())
			}
			refuses(ctx, client, always(flow.Without(flow.SignatureComponent("dpop"))))
		})
		It("refuses a signature that does not cover the digest of the body", DigestCovered, func(ctx SpecContext) {
			refuses(ctx, client, withBody(flow.Without(flow.SignatureComponent("content-digest")), flow.Without(flow.ContentDigest),
				flow.All("with a signature that covers content-type in the place of content-digest", flow.Without(flow.SignatureComponent("content-digest")), flow.AlsoCovering("", "content-type"))))
		})
	})
	answerSpecs(client)
}

func messageSpecs(client *flow.Client) {
	Describe("the resource that wants signed requests", func() {
		It("refuses a signature that covers what is not there", NothingMissing, func(ctx SpecContext) {
			refuses(ctx, client, func(_ *flow.Client, by way, _ *flow.Outcome) []flow.Deviation {
				all := []flow.Deviation{flow.AlsoCovering("with a signature that covers a header field which is not there", "x-fapitest-absent")}
				if by.body {
					return append(all, flow.All("with a signature that covers Content-Digest, which is not there", flow.Without(flow.ContentDigest), flow.AlsoCovering("", "content-digest")))
				}
				return all
			})
		})
		It("refuses a signature that covers something twice, or something unknown", ComponentsUnique, func(ctx SpecContext) {
			refuses(ctx, client, always(
				flow.AlsoCovering("with a signature that covers @method twice", "@method"), flow.AlsoCovering("with a signature that covers authorization twice", "authorization"),
				flow.AlsoCovering("with a signature that covers @fapitest, which nobody knows", "@fapitest"),
				flow.AlsoCovering("with a signature that covers @status, which no request has", "@status"),
				flow.AlsoCovering("with a signature that covers @method once more with a parameter that nobody knows", "@method;x-fapitest"),
				flow.AlsoCovering("with a signature that covers @method once more with req, which is for answers", "@method;req"),
			))
		})
		It("refuses a signature whose algorithm is another one than its key's", AlgorithmOfTheKey, func(ctx SpecContext) { refuses(ctx, client, byOtherAlgorithms) })
		It("refuses a signature under another label than its input", LabelsAgree, func(ctx SpecContext) {
			refuses(ctx, client, always(
				flow.SignatureMade("with the signature under another label in Signature", func(f *flow.SignatureFields) { f.Signature = "other" + strings.TrimPrefix(f.Signature, "sig1") }),
				flow.SignatureMade("with the signature under another label in Signature-Input", func(f *flow.SignatureFields) { f.Input = "other" + strings.TrimPrefix(f.Input, "sig1") }),
				flow.SignatureMade("with Signature, and without Signature-Input", func(f *flow.SignatureFields) { f.Input = "" }),
			))
		})
		It("serves a request with a good signature among others", OthersBeside, func(ctx SpecContext) {
			stranger, err := jose.NewKey(jose.ES256)
			if err != nil {
				Unknown("no other key can be made: %s", err)
			}
			asEach(ctx, client, func(client *flow.Client, by way) bool {
				for _, deviation := range []flow.Deviation{
					flow.SignatureBeside("with another signature before its own, by somebody else and for something else", "a1", "x-fapitest", stranger, true),
					flow.SignatureBeside("with another signature behind its own, by somebody else and for something else", "z1", "x-fapitest", stranger, false),
				} {
					serves(ctx, client, by, deviation)
				}
				return true
			})
		})
		It("serves a request whose signature has another label", OthersBeside, func(ctx SpecContext) {
			asEach(ctx, client, func(client *flow.Client, by way) bool {
				labelled := flow.SignatureLabelled("with another label for its signature", otherLabel)
				answer := by.send(NeedsService(ctx, client, by.send), labelled)
				if decision, because := Decide(answer); decision == wire.Refused && Accepts(by.send(NeedsService(ctx, client, by.send))) {
					// Nothing says that a server has to take any, nor that it may want one: the tag says what a signature is for.
					Warn("a request %s is refused, which is the signer's to choose: %s", labelled, because)
					return true
				}
				Expect(answer).To(BeAccepted())
				return true
			})
		})
		It("refuses a body that its digest does not fit", DigestFits, func(ctx SpecContext) {
			refuses(ctx, client, withBody(
				flow.BodyChanged("with another body than that of digest and signature", func(string) string { return `{"fapitest": "another body"}` }),
				flow.BodyChanged("with a blank behind the body of digest and signature", func(body string) string { return body + " " }),
				digestMade("with a digest of no bytes, which is signed", func([]byte) []byte { return nil }),
				digestMade("with text for the bytes of the digest, which is signed", nil),
				digestMade("with half of the digest, which is signed", func(sum []byte) []byte { return sum[:len(sum)/2] }),
				digestMade("with a digest in which one bit is another, and which is signed", func(sum []byte) []byte {
					sum[len(sum)/2] ^= 1
					return sum
				}),
			))
		})
		It("refuses a digest by what nobody should go by any more", DigestSecure, func(ctx SpecContext) {
			refuses(ctx, client, withBody(flow.With(flow.ContentDigest, httpsig.MD5).As("with a Content-Digest by md5 alone"), flow.With(flow.ContentDigest, httpsig.SHA1).As("with a Content-Digest by sha (SHA-1) alone"),
				flow.DigestMade("with a Content-Digest by what nobody knows alone", func(_ string, sum []byte) string { return "x-fapitest=" + httpsig.Bytes(sum) })))
		})
	})
	messageAnswerSpecs(client)
}

// digestMade is a Content-Digest of the right algorithm with other bytes, made from the right ones; nil: with none, but a text. The signature covers it as it is
// sent.
func digestMade(says string, made func(sum []byte) []byte) flow.Deviation {
	return flow.DigestMade(says, func(algorithm string, sum []byte) string {
		if made == nil {
			return algorithm + `="fapitest"`
		}
		return algorithm + "=" + httpsig.Bytes(made(slices.Clone(sum)))
	})
}

// wantsMore ends a spec where a request is served that is signed in another way than the target file says: the draft leaves that to the bank.
func wantsMore(client *flow.Client, by way, grant *flow.Outcome) {
	covers := []flow.Deviation{flow.AlsoCovering("", "x-fapi-interaction-id"), flow.AlsoCovering("", "@authority")}
	if by.body {
		covers = append(covers, flow.AlsoCovering("", "content-type"))
	}
	for says, deviation := range map[string]flow.Deviation{
		"resource.signatures.alg: registry": flow.With(flow.SignatureParameter("alg"), client.Self().Key.Registered()),
		"resource.signatures.covers":        flow.All("with a signature that covers more", covers...),
	} {
		if !client.Target().Signed().Registry && Accepts(by.send(grant, deviation)) {
			Unknown("a request is served %s: see %s for the target file", deviation, says)
		}
	}
}

// noted notes that a request is served of which the draft leaves open whether it may be, and returns how it deviates; empty: it is not served.
func noted(ctx SpecContext, client *flow.Client, deviation flow.Deviation) string {
	if client.Self().Key == nil {
		return ""
	}
	grant := NeedsService(ctx, client, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
		return client.CallSigned(ctx, grant, deviations...)
	})
	if !Accepts(client.CallSigned(ctx, grant, deviation)) {
		return ""
	}
	Note("a request %s is served: the draft suggests a minute for what is past, and does not speak of what is ahead", deviation)
	return deviation.String()
}

// byOtherKeys are signatures by keys that are not the client's.
func byOtherKeys(client *flow.Client, _ way, _ *flow.Outcome) []flow.Deviation {
	own := client.Self().Key
	stranger, err := jose.NewKey(own.Algorithm)
	if err != nil {
		Unknown("no other key can be made: %s", err)
	}
	keyID := flow.SignatureParameter("keyid")
	all := []flow.Deviation{
		flow.With(flow.SignatureKey, stranger).As("signed by a key that nobody knows, under the client's keyid"),
		flow.All("signed by a key that nobody knows, under its own keyid", flow.With(flow.SignatureKey, stranger), flow.With(keyID, stranger.ID)),
		flow.All("signed by a key that nobody knows, without keyid", flow.With(flow.SignatureKey, stranger), flow.Without(keyID)),
	}
	for _, first := range []bool{true, false} {
		place := map[bool]string{true: "behind", false: "before"}[first]
		all = append(all, flow.All("signed by a key that nobody knows, "+place+" a signature by the client's key for something else",
			flow.With(flow.SignatureKey, stranger), flow.SignatureBeside("", "own", "x-fapitest", own, first)))
	}
	registered := append([]*jose.Key{own}, client.Self().OtherKeys...)
	for _, other := range client.Target().Clients {
		if other.Key == nil || slices.ContainsFunc(registered, func(key *jose.Key) bool { return key.Thumbprint() == other.Key.Thumbprint() }) {
			continue
		}
		all = append(all, flow.With(flow.SignatureKey, other.Key).As("signed by the key of client "+other.ID+", under the client's own keyid"))
		if other.Key.ID != "" && other.Key.ID != own.ID {
			all = append(all, flow.All("signed by the key of client "+other.ID+", under its keyid", flow.With(flow.SignatureKey, other.Key), flow.With(keyID, other.Key.ID)))
		}
		break // one of them does
	}
	return all
}

// garbled changes the bytes of the signature in their middle.
func garbled(f *flow.SignatureFields) {
	editBytes(f, func(signature []byte) []byte {
		signature[len(signature)/2] ^= 1
		return signature
	})
}

// editBytes puts other bytes in the place of the signature.
func editBytes(f *flow.SignatureFields, edit func(signature []byte) []byte) {
	_, encoded, _ := strings.Cut(f.Signature, "=:")
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, ":"))
	if err == nil {
		f.Signature = "sig1=" + httpsig.Bytes(edit(signature))
	}
}

// noSignatures are bytes that nobody has signed.
func noSignatures() []flow.Deviation {
	with := func(says string, edit func(signature []byte) []byte) flow.Deviation {
		return flow.SignatureMade(says, func(f *flow.SignatureFields) { editBytes(f, edit) })
	}
	return []flow.Deviation{
		flow.SignatureMade("with a signature in which one bit is another", garbled),
		with("with a signature of no bytes", func([]byte) []byte { return nil }),
		with("with a signature of zeros", func(signature []byte) []byte { return make([]byte, len(signature)) }),
		with("with the first half of the signature", func(signature []byte) []byte { return signature[:len(signature)/2] }),
	}
}

// changed are requests to which the signature was not made.
func changed(client *flow.Client, by way, grant *flow.Outcome) []flow.Deviation {
	elsewhere := func(says string, edit func(address string) string) flow.Deviation {
		return flow.SignatureOver(says, func(m *httpsig.Message) { m.TargetURI = edit(m.TargetURI) })
	}
	scheme := "Bearer"
	if client.Self().Binding == target.DPoP {
		scheme = "DPoP"
	}
	all := []flow.Deviation{
		flow.SignatureOver("signed for another method", func(m *httpsig.Message) { m.Method = http.MethodDelete }),
		elsewhere("signed for another address", func(address string) string { return address + "/other" }),
		elsewhere("signed for another host", func(address string) string {
			before, after, _ := strings.Cut(address, "://")
			_, path, _ := strings.Cut(after, "/")
			return before + "://fapitest.example/" + path
		}),
		flow.All("with a query that was not signed", flow.WithQuery("", "fapitest=1"), elsewhere("", func(address string) string {
			return strings.TrimSuffix(strings.TrimSuffix(address, "fapitest=1"), string(address[len(address)-len("fapitest=1")-1]))
		})),
		flow.SignatureMade("signed for the same components in another order", func(f *flow.SignatureFields) {
			f.Input = strings.Replace(f.Input, `"@method" "@target-uri"`, `"@target-uri" "@method"`, 1)
		}),
		flow.SignatureOver("signed for another access token", func(m *httpsig.Message) {
			m.Header.Set("Authorization", scheme+" "+jose.Random(len(grant.AccessToken())))
		}),
	}
	if client.Self().Binding == target.DPoP {
		all = append(all, flow.SignatureOver("signed for another DPoP proof", func(m *httpsig.Message) { m.Header.Set("DPoP", client.ProofToShow()) }))
	}
	if by.body {
		all = append(all, flow.SignatureOver("signed for another digest", func(m *httpsig.Message) {
			m.Header.Set(httpsig.DigestField, httpsig.Digest(httpsig.SHA256, bytes.Repeat([]byte("fapitest"), 3)))
		}))
	}
	return all
}

// byOtherAlgorithms are signatures that say of themselves what their key can't do.
func byOtherAlgorithms(client *flow.Client, _ way, _ *flow.Outcome) []flow.Deviation {
	own := client.Self().Key
	algorithm := flow.SignatureParameter("alg")
	another := jose.Ed25519
	if own.Algorithm == jose.EdDSA {
		another = jose.ECDSAP256SHA256
	}
	secrets, err := own.PublicSpellings()
	if err != nil {
		Unknown("the client's key can't be written: %s", err)
	}
	all := []flow.Deviation{
		flow.With(algorithm, another).As("signed by the client's key, with alg of another kind of key"),
		flow.With(algorithm, "x-fapitest").As("signed by the client's key, with an alg that nobody knows"),
		flow.All("with alg none and a signature of no bytes", flow.With(algorithm, "none"), noSignatures()[1]),
	}
	for _, spelling := range slices.Sorted(maps.Keys(secrets)) {
		all = append(all, flow.SignatureMACed("with a code (hmac-sha256) whose secret is the client's public key, as "+spelling, secrets[spelling]))
	}
	return all
}
