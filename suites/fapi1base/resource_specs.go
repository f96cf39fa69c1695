package fapi1base

import (
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

const interactionID = "X-Fapi-Interaction-Id"

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func resourceSpecs(client *flow.Client) {
	// answers looks at what the resource answers to a proper request, and to one whose token is none. What is wrong with a refusal may be the fault of what stands before the resource, and warns.
	answers := func(ctx SpecContext, look func(answer *flow.Outcome, broken func(format string, args ...any)), deviations ...flow.Deviation) {
		GinkgoHelper()
		grant, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Call(ctx, Needs(grant), deviations...) })
		look(Needs(answer), Broken)
		refusal := client.Call(ctx, grant, append(deviations, flow.With(flow.AccessToken, flow.Lookalike(grant.AccessToken())).As("with a random string of the token's form"))...)
		if decision, _ := Decide(refusal); decision == wire.Refused && refusal.Err == nil {
			look(refusal, func(format string, args ...any) { Warn("where a token is refused "+format, args...) })
		}
	}

	Describe("the resource", func() {
		It("is served by GET", ServedByGet, func(ctx SpecContext) {
			if client.Target().Resource.Method != http.MethodGet {
				NotApplicable("the resource of the target file is asked for by %s", client.Target().Resource.Method)
			}
			everywhere.AsEach(client, func(client *flow.Client) {
				_, answer := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Call(ctx, Needs(grant)) })
				if answer.Status == http.StatusUnauthorized {
					Needs(answer) // that is about the token, and not about the method
				}
				Expect(answer).To(BeAccepted())
			})
		})
		It("answers in UTF-8", InUTF8, func(ctx SpecContext) {
			answers(ctx, func(answer *flow.Outcome, broken func(string, ...any)) {
				_, params, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
				if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
					broken("the charset of the body is %s", wire.Printable(charset))
				} else if !utf8.Valid(answer.Body) {
					broken("the body is no UTF-8")
				}
			})
		})
		It("says of JSON that it is JSON", JSONSaid, func(ctx SpecContext) {
			answers(ctx, func(answer *flow.Outcome, broken func(string, ...any)) {
				if !isJSON(answer.Body) {
					return // a JWT, or nothing
				}
				media, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
				if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
					broken("the body is JSON, and its Content-Type %q", wire.Printable(answer.Header.Get("Content-Type")))
				}
			})
		})
		It("says when it answered", DateSaid, func(ctx SpecContext) {
			answers(ctx, func(answer *flow.Outcome, broken func(string, ...any)) {
				dates := answer.Header.Values("Date")
				if len(dates) != 1 {
					broken("there are %d Date header fields", len(dates))
				} else if _, err := http.ParseTime(dates[0]); err != nil {
					broken("Date is %q, and no HTTP date", wire.Printable(dates[0]))
				}
			})
		})
		It("repeats the x-fapi-interaction-id of the request", IDRepeated, func(ctx SpecContext) {
			answers(ctx, func(answer *flow.Outcome, broken func(string, ...any)) {
				switch ids := answer.Header.Values(interactionID); {
				case len(ids) == 0:
					broken("the answer has no x-fapi-interaction-id")
				case len(ids) > 1:
					broken("the answer has %d header fields x-fapi-interaction-id", len(ids))
				case !strings.EqualFold(ids[0], answer.Exchange.ID):
					broken("x-fapi-interaction-id is %q, and was %q in the request", wire.Printable(ids[0]), answer.Exchange.ID)
				}
			})
		})
		It("makes an x-fapi-interaction-id where the request has none", IDMade, func(ctx SpecContext) {
			known := map[string]bool{}
			look := func(answer *flow.Outcome, broken func(string, ...any)) {
				ids := answer.Header.Values(interactionID)
				switch {
				case len(ids) != 1:
					broken("the answer has %d header fields x-fapi-interaction-id", len(ids))
				case !uuid.MatchString(ids[0]):
					broken("x-fapi-interaction-id is %q, and no UUID", wire.Printable(ids[0]))
				case known[ids[0]]:
					broken("x-fapi-interaction-id is that of another answer")
				default:
					known[ids[0]] = true
				}
			}
			// Brazil has requests without one denied: whoever serves none need make none.
			grant := Needs(client.Grant(ctx))
			if denied := client.Call(ctx, grant, flow.Without(flow.InteractionID)); denied.Err == nil && denied.Status == http.StatusBadRequest {
				Needs(client.Call(ctx, grant))
				NotApplicable("requests without x-fapi-interaction-id are denied")
			}
			answers(ctx, look, flow.Without(flow.InteractionID))
			look(Needs(client.Call(ctx, Needs(client.Grant(ctx)), flow.Without(flow.InteractionID))), Broken)
		})
		It("serves a request that names the customer's address", AddressTaken, func(ctx SpecContext) {
			for _, address := range []string{"198.51.100.119", "2001:db8::1893:25c8:1946"} {
				grant := NeedsService(ctx, client, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
					return client.Call(ctx, grant, deviations...)
				})
				Expect(client.Call(ctx, grant, flow.With(flow.Field("X-Fapi-Customer-Ip-Address"), address))).To(BeAccepted())
			}
		})
		It("lets the page read what a script asked for", ReadableByPages, func(ctx SpecContext) {
			const origin = "https://app.example"
			grant := NeedsService(ctx, client, func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
				return client.Call(ctx, grant, deviations...)
			})
			answer := client.Call(ctx, grant, flow.FromPage(origin))
			allowed := answer.Header.Values("Access-Control-Allow-Origin")
			switch {
			case len(allowed) == 0:
				NotApplicable("the resource lets no page read what it answers: whether it serves JavaScript clients is not known")
			case len(allowed) > 1 || allowed[0] != "*" && allowed[0] != origin && strings.ContainsAny(allowed[0], ", "):
				Broken("Access-Control-Allow-Origin is %q, which no browser takes", wire.Printable(strings.Join(allowed, ", ")))
			case allowed[0] != "*" && allowed[0] != origin:
				NotApplicable("the resource lets pages of %s read what it answers, and may know of no others", wire.Printable(allowed[0]))
			}
		})
	})
}

// isJSON says whether a body is an object or an array of JSON.
func isJSON(body []byte) bool {
	text := strings.TrimSpace(string(body))
	return (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) && json.Valid([]byte(text))
}
