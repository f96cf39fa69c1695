package httpsignatures

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// answerTag says what a signature of an answer is for (FAPI 2.0 HTTP Signatures section 5.3.2.1).
const answerTag = "fapi-2-response"

// answered is an answer of the resource that has a signature.
type answered struct {
	*flow.Outcome
	words     string // when it came
	refused   bool
	signature httpsig.Signature
}

// each looks at the answers of the resource as each client of the kind: to what is served, by GET and with a body, and to what is refused. Whether those are to be signed
// the draft leaves open. unsigned is told of an answer without a signature, and ends the spec where that is to end it.
func each(ctx SpecContext, client *flow.Client, unsigned func(o *flow.Outcome, words, why string), look func(a answered)) {
	signed := client.Target().Signed()
	switch {
	case signed == nil:
		NotApplicable("the target file does not claim %s in offers", target.HTTPSignatures)
	case !signed.Responses:
		NotApplicable("resource.signatures.messages says that answers are not signed")
	}
	able := false
	everywhere.AsEach(client, func(client *flow.Client) {
		if signed.Requests && client.Self().Key == nil {
			return // and so is served nothing there
		}
		able = true
		var grant *flow.Outcome
		for _, by := range ways(ctx, client) {
			var answer *flow.Outcome
			grant, answer = client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return by.send(Needs(grant)) })
			words := "to a request without a body"
			if by.body {
				words = "to a request with a body"
			}
			lookAt(Needs(answer), words+" of client "+client.ID(), false, unsigned, look)
		}
		for _, odd := range oddlyAsked(client) {
			if answer := client.CallSigned(ctx, grant, odd); Accepts(answer) { // nobody has to serve those
				lookAt(answer, "to a request "+odd.String()+" of client "+client.ID(), false, unsigned, look)
			}
		}
		stranger := flow.With(flow.AccessToken, jose.Random(32)).As("with an access token that nobody has issued")
		refused := client.CallSigned(ctx, grant, stranger)
		if decision, _ := Decide(refused); decision == wire.Refused {
			lookAt(refused, "that refuses an access token", true, unsigned, look)
		}
	})
	if !able {
		NotApplicable("neither client %s nor another one of its kind has a key (jwks) to sign requests with: it is served nothing", client.ID())
	}
}

// oddlyAsked are requests as others may send them, to which an answer has to be as good.
func oddlyAsked(client *flow.Client) []flow.Deviation {
	all := []flow.Deviation{flow.WithQuery("with a query", "fapitest=1")}
	if client.Target().Signed().Requests && client.Self().Key != nil {
		all = append(all, flow.SignatureLabelled("with another label for its signature", otherLabel))
	}
	return all
}

func lookAt(o *flow.Outcome, words string, refused bool, unsigned func(o *flow.Outcome, words, why string), look func(a answered)) {
	signature, why := picked(o)
	if why != "" {
		if !refused {
			unsigned(o, words, why)
		}
		return
	}
	if refused && signature.Text("tag") != answerTag {
		return // whatever that is, it is not what the draft speaks about
	}
	look(answered{o, words, refused, signature})
}

// picked is the signature of an answer that is meant: the first one that is tagged as such, or else the first. why says why there is none.
func picked(o *flow.Outcome) (signature httpsig.Signature, why string) {
	if o.Header.Get(httpsig.InputField) == "" && o.Header.Get(httpsig.SignatureField) == "" {
		return signature, "has neither Signature-Input nor Signature"
	}
	signatures, _, err := httpsig.Read(o.Header)
	if err != nil {
		return signature, "has a signature that can't be read: " + wire.Printable(err.Error())
	}
	signatures = slices.DeleteFunc(signatures, func(s httpsig.Signature) bool { return s.Bytes == nil })
	if len(signatures) == 0 {
		return signature, "has nothing in Signature under a label of Signature-Input"
	}
	tagged := slices.IndexFunc(signatures, func(s httpsig.Signature) bool { return s.Text("tag") == answerTag })
	return signatures[max(0, tagged)], ""
}

// judgedElsewhere is told of answers that have no signature to look at.
func judgedElsewhere(_ *flow.Outcome, words, why string) {
	Unknown("the answer %s %s, which is judged at %s", words, why, AnswersSigned.ID)
}

func answerSpecs(client *flow.Client) {
	Describe("the answer of the resource", func() {
		It("is signed by a key of the resource, and the signature holds", AnswersSigned, func(ctx SpecContext) {
			keys := resourceKeys(ctx, client)
			each(ctx, client, func(_ *flow.Outcome, words, why string) { Broken("the answer %s %s", words, why) }, func(a answered) { held(keys, a) })
		})
		It("covers method, address and digest of the request", RequestCovered, func(ctx SpecContext) {
			each(ctx, client, judgedElsewhere, func(a answered) {
				a.covers("@method", true)
				a.covers("@target-uri", true)
				if a.Message().Request.Header.Get(httpsig.DigestField) != "" {
					a.covers("content-digest", true)
				}
			})
		})
		It("covers the signature of the request", SignatureCovered, func(ctx SpecContext) {
			signed := false
			each(ctx, client, judgedElsewhere, func(a answered) {
				asked, _, err := httpsig.Read(a.Message().Request.Header)
				if err != nil || len(asked) == 0 || a.refused { // whoever refuses a token may not have come to the signature
					return
				}
				signed = true
				for _, field := range []string{"signature", "signature-input"} {
					if !a.signature.CoversMember(field, asked[0].Label, true) {
						Broken("%q;req is not covered in the answer %s, neither as a whole nor with key=%q", field, a.words, asked[0].Label)
					}
				}
			})
			if !signed {
				NotApplicable("no request was signed")
			}
		})
		It("covers its status", StatusCovered, func(ctx SpecContext) {
			each(ctx, client, judgedElsewhere, func(a answered) { a.covers("@status", false) })
		})
		It("says when it was signed", TimeGiven, func(ctx SpecContext) {
			each(ctx, client, judgedElsewhere, func(a answered) {
				const much = time.Minute
				created, isWhole := a.signature.Parameter("created").(int64)
				switch {
				case a.signature.Parameter("created") == nil:
					Broken("created is missing in the signature of the answer %s", a.words)
				case !isWhole:
					Broken("created is no whole number in the signature of the answer %s", a.words)
				}
				if off := client.AtTarget(a.Arrived).Sub(time.Unix(created, 0)); off.Abs() > much {
					Note("created is %.0fs away from when the answer came, %s", off.Abs().Seconds(), a.words)
				}
			})
		})
		It("is tagged as an answer", TagGiven, func(ctx SpecContext) {
			each(ctx, client, judgedElsewhere, func(a answered) {
				switch tag := a.signature.Parameter("tag").(type) {
				case nil:
					Broken("tag is missing in the signature of the answer %s", a.words)
				case string:
					if tag != answerTag {
						Broken("tag is %q in the signature of the answer %s, and not %s", wire.Printable(tag), a.words, answerTag)
					}
				default:
					Broken("tag is no text in the signature of the answer %s", a.words)
				}
			})
		})
		It("has a digest of its body that fits, and is covered", BodyCovered, func(ctx SpecContext) {
			body := false
			each(ctx, client, judgedElsewhere, func(a answered) {
				if len(a.Body) == 0 {
					return
				}
				body = true
				digests, err := httpsig.ReadDigests(a.Header, a.Body)
				switch {
				case a.Header.Get(httpsig.DigestField) == "":
					Broken("Content-Digest is missing in the answer %s", a.words)
				case err != nil:
					Broken("Content-Digest can't be read in the answer %s: %s", a.words, wire.Printable(err.Error()))
				case len(digests.Wrong) > 0:
					Broken("the digest by %s does not fit the body of the answer %s", wire.Printable(strings.Join(digests.Wrong, ", ")), a.words)
				case len(digests.Fitting) == 0:
					Unknown("Content-Digest has only what is not known here (%s) in the answer %s", wire.Printable(strings.Join(digests.Unknown, ", ")), a.words)
				}
				// A digest that fits may be covered alone (RFC 9421 section 2.1.2).
				if !slices.ContainsFunc(digests.Fitting, func(algorithm string) bool { return a.signature.CoversMember("content-digest", algorithm, false) }) {
					a.covers("content-digest", false)
				}
			})
			if !body {
				NotApplicable("no answer has a body")
			}
		})
	})
}

func messageAnswerSpecs(client *flow.Client) {
	Describe("the answer of the resource", func() {
		It("covers the request as it was sent", RequestAsItCame, func(ctx SpecContext) {
			keys := resourceKeys(ctx, client)
			each(ctx, client, judgedElsewhere, func(a answered) {
				if !slices.ContainsFunc(a.signature.Components, httpsig.Component.Req) {
					return // judged where that is asked for
				}
				switch holding, misread, err := verified(keys, a); {
				case holding:
				case misread != "":
					Broken("the signature of the answer %s does not hold with the request as it was sent, but holds with %s", a.words, misread)
				case err != nil && aboutRequest(err, a.signature):
					Broken("the signature of the answer %s covers what the request does not have: %s", a.words, wire.Printable(err.Error()))
				default:
					Unknown("the signature of the answer %s does not hold, which is judged at %s", a.words, AnswersSigned.ID)
				}
			})
		})
		It("has a digest by what is in use", DigestSecure, func(ctx SpecContext) {
			each(ctx, client, func(*flow.Outcome, string, string) {}, func(a answered) {
				digests, err := httpsig.ReadDigests(a.Header, a.Body)
				if err == nil && len(digests.Fitting) > 0 && !digests.Secure() {
					Broken("Content-Digest has only %s in the answer %s", strings.Join(digests.Fitting, ", "), a.words)
				}
			})
		})
	})
}

func (a answered) covers(name string, req bool) {
	if a.signature.Covers(name, req) {
		return
	}
	word := fmt.Sprintf("%q", name)
	if req {
		word += ";req"
	}
	Broken("%s is not covered in the answer %s: covered are %s", word, a.words, a.written())
}

// written is what the signature says of itself, of which there may be any amount.
func (a answered) written() string {
	const longest = 400
	text := wire.Printable(a.signature.String())
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// resourceKeys are the keys by which answers of the resource are verified.
func resourceKeys(ctx SpecContext, client *flow.Client) []map[string]any {
	signed := client.Target().Signed()
	switch {
	case signed == nil:
		NotApplicable("the target file does not claim %s in offers", target.HTTPSignatures)
	case len(signed.Keys) > 0 || !signed.Responses:
		return signed.Keys
	}
	answer := client.ResourceKeys(ctx)
	if answer == nil {
		Unknown("the target file names no keys of the resource (resource.signatures.jwks or jwks_uri)")
	}
	if decision, because := Decide(answer); decision != wire.Accepted {
		LeaveUndecided(answer.Exchange, because)
		Unknown("the keys of the resource (resource.signatures.jwks_uri) could not be fetched: %s", because)
	}
	return answer.Keys()
}

// held wants the signature of an answer to hold.
func held(keys []map[string]any, a answered) {
	holding, misread, err := verified(keys, a)
	switch {
	case holding:
	case misread != "":
		Note("the signature of the answer %s holds with %s, which is judged at %s", a.words, misread, RequestAsItCame.ID)
	case errors.Is(err, httpsig.ErrUnsupported):
		Unknown("the signature of the answer %s covers something in a way that %s: %s", a.words, err, a.written())
	case err != nil && aboutRequest(err, a.signature):
		Unknown("the signature of the answer %s covers what the request does not have, which is judged at %s", a.words, RequestAsItCame.ID)
	case err != nil:
		Broken("there is nothing to which the signature of the answer %s could have been made: %s", a.words, wire.Printable(err.Error()))
	default:
		Broken("the signature of the answer %s holds by none of the resource's %d keys", a.words, len(keys))
	}
}

// aboutRequest says whether an error is about a component of the request.
func aboutRequest(err error, signature httpsig.Signature) bool {
	var missing *httpsig.MissingError
	return errors.As(err, &missing) && slices.ContainsFunc(signature.Components, func(c httpsig.Component) bool { return c.Req() && c.String() == missing.Component })
}

// verified says whether the signature of an answer holds by one of the keys. Where it only holds with something of the request read in another way than it was sent,
// misread says which.
func verified(keys []map[string]any, a answered) (holding bool, misread string, err error) {
	message := a.Message()
	base, err := message.Base(a.signature.Input)
	if err == nil && holds(keys, a.signature, base) {
		return true, "", nil
	}
	for _, component := range a.signature.Components {
		if !component.Req() {
			continue
		}
		for words, value := range misreadings(message, component) {
			other, failed := message.BaseWith(a.signature.Input, map[string]string{component.String(): value})
			if failed == nil && holds(keys, a.signature, other) {
				return false, words + " for " + component.String(), nil
			}
		}
	}
	return false, "", err
}

// misreadings are what servers take for a component of a request by mistake, by what they are.
func misreadings(message httpsig.Message, component httpsig.Component) map[string]string {
	all := map[string]string{"nothing": ""}
	if component.Name() == "@target-uri" {
		address := message.Request.TargetURI
		_, rest, _ := strings.Cut(address, "://")
		_, path, _ := strings.Cut(rest, "/")
		all["an http URL"], all["the path alone"] = "http://"+rest, "/"+path
		all["the URL without its query"], _, _ = strings.Cut(address, "?")
	}
	if component.Name() == "@method" {
		all["another spelling"] = strings.ToLower(message.Request.Method)
		if message.Request.Method != http.MethodGet {
			all["GET"] = http.MethodGet
		}
	}
	if values := message.Header.Values(component.Name()); len(values) > 0 {
		all["that of the answer itself"] = strings.Join(values, ", ")
	}
	return all
}

// holds says whether one of the keys has made the signature: the one that keyid names, or else whichever.
func holds(keys []map[string]any, signature httpsig.Signature, base string) bool {
	for _, key := range keys {
		algorithms := jose.Fitting(key)
		if named := signature.Text("alg"); slices.Contains(algorithms, named) {
			algorithms = []string{named}
		}
		for _, algorithm := range algorithms {
			if !jose.VerifiesBytes(key, algorithm, []byte(base), signature.Bytes) {
				continue
			}
			if id := signature.Text("keyid"); id != "" && key["kid"] != id {
				Note("the signature names the key %q, and is by %q", wire.Printable(id), wire.Printable(fmt.Sprint(key["kid"])))
			}
			return true
		}
	}
	return false
}
