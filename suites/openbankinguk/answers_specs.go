package openbankinguk

import (
	"net/http"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// interaction is the header field that says which interaction an answer belongs to.
const interaction = "X-Fapi-Interaction-Id"

// How a UUID is written; and how one whose version and variant are of RFC 4122, as those of some products are not (section 4.1.1 knows their variants).
var (
	uuid      = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	versioned = regexp.MustCompile(`^.{14}[1-8].{4}[89ABab]`)
)

func answerSpecs(client *flow.Client) {
	Describe("the interaction id", func() {
		It("comes back with every answer of the API", InteractionRepeated, func(ctx SpecContext) {
			for _, one := range answers(ctx, client) {
				if got := one.Header.Get(interaction); !strings.EqualFold(got, one.Exchange.ID) {
					Broken("the %s (%d) has %q as x-fapi-interaction-id, and the request had %s", what(one), one.Status, wire.Printable(got), one.Exchange.ID)
				}
			}
		})
		It("is made by the server where the request has none", InteractionMade, func(ctx SpecContext) {
			seen := map[string]bool{}
			for _, one := range answers(ctx, client, flow.Untold(interaction)) {
				got := one.Header.Get(interaction)
				switch {
				case !uuid.MatchString(got):
					Broken("the %s (%d) has %q as x-fapi-interaction-id, which is no UUID", what(one), one.Status, wire.Printable(got))
				case seen[strings.ToLower(got)]:
					Broken("the %s (%d) has an x-fapi-interaction-id that another answer has had", what(one), one.Status)
				case !versioned.MatchString(got):
					Warn("the %s (%d) has %q as x-fapi-interaction-id, which is a UUID of no version of RFC 4122", what(one), one.Status, got)
				}
				seen[strings.ToLower(got)] = true
			}
		})
	})
	It("an Accept header that can't be met is answered with 406", AcceptHeeded, func(ctx SpecContext) {
		grant := Needs(client.Grant(ctx))
		Needs(client.Call(ctx, grant))
		for _, accept := range []string{"*/*", "image/png, application/json;q=0.5"} {
			if answer := client.Call(ctx, grant, flow.With(flow.Accept, accept)); answer.Status == http.StatusNotAcceptable {
				Warn("Accept: %s is answered with 406, and JSON would meet it", accept)
			}
		}
		answeredWith(client.Call(ctx, grant, flow.With(flow.Accept, "image/png")), http.StatusNotAcceptable, "Accept: image/png alone")
	})
	It("a request without a good token is answered with 401", TokenRefused, func(ctx SpecContext) {
		grant, _ := client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.Call(ctx, Needs(grant)) })
		answeredWith(client.Call(ctx, grant, flow.Without(flow.AccessToken)), http.StatusUnauthorized, "no token")
		answeredWith(client.Call(ctx, grant, flow.With(flow.AccessToken, altered(grant.AccessToken())).As("with a token that was altered")), http.StatusUnauthorized, "a token that was altered")
	})
	It("an id that there is not is answered with 400", UnknownIDs, func(ctx SpecContext) {
		grant := Needs(client.Grant(ctx))
		account := accountIn(Needs(client.CallAt(ctx, grant, client.BesideIntents("accounts"), flow.Words("to list accounts"))))
		Needs(client.CallAt(ctx, grant, client.BesideIntents("accounts/"+account), flow.Words("to see an account")))
		answer := client.CallAt(ctx, grant, client.BesideIntents("accounts/"+madeUp), flow.Words("to see an account that there is not"))
		if answer.Status != http.StatusForbidden { // it may count as one that the user has not chosen
			answeredWith(answer, http.StatusBadRequest, "an account that there is not")
		}
		Needs(client.CreateIntent(ctx))
		answer = client.ReadIntent(ctx, madeUp, flow.Words("of a consent that there is not"))
		if answer.Status != http.StatusForbidden {
			answeredWith(answer, http.StatusBadRequest, "a consent that there is not")
		}
	})
	It("an error of the API is told in Errors", ErrorBodies, func(ctx SpecContext) {
		for _, one := range append(answers(ctx, client), client.CreateIntent(ctx, flow.IntentContent("without Data", `{"Risk": {}}`, ""))) {
			if one.Err != nil || one.Status < 400 || one.Status > 499 || one.Status == http.StatusTooManyRequests {
				continue
			}
			saysErrors(one)
		}
	})
}

// madeUp is an id that nothing has.
const madeUp = "made-up-5f0c1d7e"

// answers are an answer of the API to what is as it should be, and some that are errors.
func answers(ctx SpecContext, client *flow.Client, deviations ...flow.Deviation) []*flow.Outcome {
	grant := Needs(client.Grant(ctx))
	with := func(deviation flow.Deviation) []flow.Deviation {
		return append([]flow.Deviation{deviation}, deviations...)
	}
	proper := client.Call(ctx, grant, deviations...)
	if len(deviations) == 0 {
		Needs(proper)
	}
	all := []*flow.Outcome{
		proper,
		client.ReadIntent(ctx, madeUp, with(flow.Words("of a consent that there is not"))...),
		client.Call(ctx, grant, with(flow.Without(flow.AccessToken))...),
	}
	var answered []*flow.Outcome
	for _, one := range all {
		if one.Err == nil && one.Status < 500 && one.Status != http.StatusTooManyRequests { // whoever stands before the API does not know its rules
			answered = append(answered, one)
		}
	}
	if len(answered) == 0 {
		Unknown("nothing was answered by the API")
	}
	return answered
}

func what(o *flow.Outcome) string {
	if o.Exchange.Deviation == "" {
		return "answer to the " + string(o.Step)
	}
	return "answer to the " + string(o.Step) + " " + o.Exchange.Deviation
}

// saysErrors wants the error body of the API. That may be missing where the status says enough.
func saysErrors(o *flow.Outcome) {
	if len(o.Body) == 0 && (o.Status == http.StatusUnauthorized || o.Status == http.StatusForbidden) {
		return
	}
	list, _ := o.Member("Errors").([]any)
	if len(list) == 0 {
		Broken("the %s (%d) has no Errors with something in it", what(o), o.Status)
	}
	for _, one := range list {
		fault, _ := one.(map[string]any)
		if code, _ := fault["ErrorCode"].(string); code == "" {
			Broken("the %s (%d) has an error without ErrorCode", what(o), o.Status)
		}
		for _, name := range []string{"Message", "Path", "Url"} {
			if _, isText := fault[name].(string); fault[name] != nil && !isText {
				Broken("%s in the %s (%d) is no text", name, what(o), o.Status)
			}
		}
	}
}
