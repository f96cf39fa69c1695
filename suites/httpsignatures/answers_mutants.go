package httpsignatures

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
)

func also(requirements ...*requirement.Requirement) []*requirement.Requirement { return requirements }

func answerMutants() []mutant.Mutant {
	type about = authserver.SignedAnswer
	signs := func(good func(a about) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SignsAnswer = good }
	}
	covers := func(spares func(a about, component string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AnswerCovers = func(a about, complete []string) []string {
				return slices.DeleteFunc(slices.Clone(complete), func(component string) bool { return spares(a, component) })
			}
		}
	}
	without := func(beginning string) func(*authserver.Policy) {
		return covers(func(_ about, component string) bool { return strings.HasPrefix(component, beginning) })
	}
	over := func(other func(a about, component, value string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.AnswerValue = other }
	}
	says := func(name string, value any) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AnswerParameters = func(_ about, complete []authserver.SignatureParameter) []authserver.SignatureParameter {
				var edited []authserver.SignatureParameter
				for _, parameter := range complete {
					if parameter.Name == name {
						parameter.Value = value
					}
					if parameter.Value != nil {
						edited = append(edited, parameter)
					}
				}
				return edited
			}
		}
	}
	made := func(edit func(signature []byte) []byte) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AnswerBytes = func(_ about, complete []byte) []byte { return edit(slices.Clone(complete)) }
		}
	}
	digest := func(edit func(a about, complete string) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.AnswerDigest = edit }
	}
	return []mutant.Mutant{
		{Name: "answers-unsigned", Breaks: AnswersSigned, How: "verifies requests, and signs no answer", Policy: signs(func(a about) bool { return a.Status >= 400 })},
		{Name: "answers-to-later-clients-unsigned", Breaks: AnswersSigned, How: "signs answers to the client for which that was set up", Policy: signs(
			func(a about) bool { return !second(a.Client) }), Auth: "private_key_jwt"},
		{Name: "posted-answers-unsigned", Breaks: AnswersSigned, How: "signs answers to requests without a body alone", Policy: signs(func(a about) bool { return !a.RequestBody })},
		{Name: "answers-signed-wrong", Breaks: AnswersSigned, How: "signs something else than it sends", Policy: made(func(signature []byte) []byte {
			signature[len(signature)/2] ^= 1
			return signature
		})},
		{Name: "answers-without-signature", Breaks: AnswersSigned, How: "has nothing in Signature", Policy: made(func([]byte) []byte { return nil })},
		{Name: "answers-signed-by-an-unpublished-key", Breaks: AnswersSigned, How: "signs answers by a key that nobody else has", Policy: func(p *authserver.Policy) {
			p.AnswerAlgorithm = func() string { return "EdDSA" }
			p.ResourceKeys = func([]map[string]any) []map[string]any { return []map[string]any{} }
		}},
		{Name: "answers-signed-as-200", Breaks: AnswersSigned, How: "signs before it knows the status, and has 200 in the base", Policy: over(func(_ about, component, value string) string {
			if component == `"@status"` {
				return "200"
			}
			return value
		})},
		{Name: "answer-without-the-method", Breaks: RequestCovered, How: "does not cover the method of the request", Policy: without(`"@method"`)},
		{Name: "answer-without-the-address", Breaks: RequestCovered, How: "does not cover the address of the request", Policy: without(`"@target-uri"`)},
		{Name: "answer-without-the-digest-asked", Breaks: RequestCovered, How: "does not cover the digest of the request", Policy: without(`"content-digest";req`)},
		{Name: "answer-without-the-request-where-refused", Breaks: RequestCovered, How: "covers the request where it serves it, and not in errors", Policy: covers(
			func(a about, component string) bool { return a.Status >= 400 && strings.Contains(component, ";req") })},
		{Name: "answer-without-the-signature", Breaks: SignatureCovered, How: "covers the input of the request's signature, and not the signature", Policy: without(`"signature"`)},
		{Name: "answer-without-the-input", Breaks: SignatureCovered, How: "covers the signature of the request, and not its input", Policy: without(`"signature-input"`)},
		{Name: "answer-without-the-signature-posted", Breaks: SignatureCovered, How: "covers the signature of requests without a body alone", Policy: covers(
			func(a about, component string) bool {
				return a.RequestBody && strings.HasPrefix(component, `"signature`)
			})},
		{Name: "answer-without-the-status", Breaks: StatusCovered, How: "does not cover @status", Policy: without(`"@status"`)},
		{Name: "error-without-the-status", Breaks: StatusCovered, How: "covers @status where all is well", Policy: covers(
			func(a about, component string) bool { return a.Status >= 400 && component == `"@status"` })},
		{Name: "answer-without-created", Breaks: TimeGiven, How: "does not say when it has signed an answer", Policy: says("created", nil)},
		{Name: "answer-created-as-text", Breaks: TimeGiven, How: "writes created in answers as text", Policy: says("created", "1700000000")},
		{Name: "answer-without-tag", Breaks: TagGiven, How: "does not tag signatures of answers", Policy: says("tag", nil)},
		{Name: "answer-tagged-as-request", Breaks: TagGiven, How: "tags signatures of answers as those of requests", Policy: says("tag", "fapi-2-request")},
		{Name: "answer-tagged-almost", Breaks: TagGiven, How: "writes the tag of answers with capital letters", Policy: says("tag", "FAPI-2-Response")},
		{Name: "answer-without-digest", Breaks: BodyCovered, How: "sends no Content-Digest", Policy: digest(func(about, string) string { return "" })},
		{Name: "posted-answer-without-digest", Breaks: BodyCovered, How: "sends no Content-Digest with answers to what is posted", Policy: digest(func(a about, complete string) string {
			if a.RequestBody {
				return ""
			}
			return complete
		})},
		{Name: "answer-with-the-digest-of-nothing", Breaks: BodyCovered, How: "makes the digest before it has a body", Policy: digest(func(about, string) string {
			return "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
		})},
		{Name: "answer-with-a-bare-digest", Breaks: BodyCovered, How: "writes the digest as no dictionary has it", Policy: digest(func(_ about, complete string) string {
			return strings.ReplaceAll(complete, ":", "")
		})},
		{Name: "answer-without-its-digest-covered", Breaks: BodyCovered, How: "sends a digest of the body, and does not cover it", Policy: covers(
			func(_ about, component string) bool { return component == `"content-digest"` })},
		{Name: "answer-digest-by-md5", Breaks: DigestSecure, How: "sends a digest by md5 with its answers", Policy: digest(func(a about, complete string) string {
			return "md5=:" + base64.StdEncoding.EncodeToString(a.Sums["md5"]) + ":"
		})},
		{Name: "digest-asked-from-the-answer", Breaks: RequestAsItCame, How: "takes the digest of the request from the answer", Policy: over(func(a about, component, value string) string {
			if component == `"content-digest";req` {
				return a.Digest
			}
			return value
		})},
		{Name: "address-asked-by-http", Breaks: RequestAsItCame, How: "covers the address by which its proxy has asked it", Policy: over(func(_ about, component, value string) string {
			if component == `"@target-uri";req` {
				return strings.Replace(value, "https:", "http:", 1)
			}
			return value
		})},
		{Name: "signature-asked-forgotten", Breaks: RequestAsItCame, How: "has no signature of the request any more when it signs the answer, and takes it for empty", Policy: over(func(_ about, component, value string) string {
			if strings.HasPrefix(component, `"signature";req`) {
				return ""
			}
			return value
		})},
	}
}
