package httpsignatures

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

var member = regexp.MustCompile(`;key="[^"]*"`)

// oddMutants know signatures as the client writes them for which they were made, and no others.
func oddMutants() []mutant.Mutant {
	return []mutant.Mutant{{
		Name: "signatures-labelled-sig1", Breaks: OthersBeside,
		How: "looks for the label sig1, as in the examples",
		Policy: func(p *authserver.Policy) {
			p.PicksSignature = func(entries []authserver.SignatureEntry) int {
				if own := authserver.ByTag(entries); own >= 0 && entries[own].Label == "sig1" {
					return own
				}
				return -1
			}
		},
		Warns: true,
	}, {
		Name: "components-in-one-order", Breaks: KeyOfTheClient,
		How: "puts the base together in an order of its own, and so refuses signatures that have another one",
		Policy: func(p *authserver.Policy) {
			p.MessageSigned = func(r request) bool {
				return r.Holds && slices.Index(r.Covered, `"@method"`) < slices.Index(r.Covered, `"@target-uri"`)
			}
		},
	}, {
		Name: "answer-to-sig1", Breaks: SignatureCovered, AlsoBreaks: also(RequestAsItCame),
		How: "covers the signature of the request that has the label sig1, whatever label it has",
		Policy: func(p *authserver.Policy) {
			p.AnswerCovers = func(_ authserver.SignedAnswer, complete []string) []string {
				edited := slices.Clone(complete)
				for i, component := range edited {
					edited[i] = member.ReplaceAllString(component, `;key="sig1"`)
				}
				return edited
			}
		},
	}, {
		Name: "answer-to-the-address-without-query", Breaks: RequestAsItCame,
		How: "covers the address of the request without its query",
		Policy: func(p *authserver.Policy) {
			p.AnswerValue = func(_ authserver.SignedAnswer, component, value string) string {
				if component == `"@target-uri";req` {
					value, _, _ = strings.Cut(value, "?")
				}
				return value
			}
		},
	}, {
		Name: "created-at-any-time-before-it-expires", Breaks: AgeLimited,
		How: "does not look at created where expires is there, and lies ahead",
		Policy: func(p *authserver.Policy) {
			p.MessageAge = func(r request) bool {
				return r.Created == "integer" && (r.Expires == "ahead" || r.Age <= 60 && r.Age >= -10)
			}
		},
	}, {
		Name: "component-parameters-passed-over", Breaks: ComponentsUnique,
		How: "reads the names of components, and not their parameters",
		Policy: func(p *authserver.Policy) {
			p.SignedComponents = func(r request) bool {
				return len(r.Missing) == 0 && !r.Twice && !slices.ContainsFunc(r.Unknown, func(c string) bool { return !strings.Contains(c, ";") })
			}
		},
	}}
}
