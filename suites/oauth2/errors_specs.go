package oauth2

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// fault is a request that is to be refused, and what came of it.
type fault struct {
	says   string
	answer *flow.Outcome
	fits   []string // the errors that fit it
}

func errorSpecs(client *flow.Client) {
	Describe("an error of the token endpoint", func() {
		Control("is none to a proper request", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		It("is a JSON object that names it", ErrorForm, func(ctx SpecContext) {
			for _, fault := range faultsAtToken(ctx, client) {
				isError(fault)
			}
		})
		It("fits the fault", ErrorFits, func(ctx SpecContext) {
			faults := faultsAtToken(ctx, client)
			if !client.Shape().ByValue {
				push := client.Push(ctx, flow.Without(flow.ClientAuthentication))
				faults = answered(faults, "a pushed request without client authentication", push, "invalid_client", "invalid_request")
				Needs(client.Push(ctx))
			}
			var misfits []string
			for _, fault := range faults {
				code, status := fault.answer.ErrorCode(), fault.answer.Status
				if code == "" || status < 400 {
					continue // that is judged by its form
				}
				if !slices.Contains(fault.fits, code) || status != http.StatusBadRequest && (status != http.StatusUnauthorized || code != "invalid_client") {
					misfits = append(misfits, fmt.Sprintf("%s is answered with %d %s", fault.says, status, wire.Printable(code)))
				}
			}
			if len(misfits) > 0 {
				Broken("%s", strings.Join(misfits, "; "))
			}
		})
	})
}

// faultsAtToken are requests to the token endpoint with one fault each. One of them that is accepted is left out, since its acceptance is judged
// elsewhere; where one is not answered at all the spec ends.
func faultsAtToken(ctx SpecContext, client *flow.Client) []fault {
	landed := Needs(client.Login(ctx))
	var faults []fault
	try := func(says string, answer *flow.Outcome, fits ...string) {
		faults = answered(faults, says, answer, fits...)
	}
	grantType, code := flow.Parameter("grant_type"), flow.Parameter("code")
	try("an unknown grant_type", client.Exchange(ctx, landed, flow.With(grantType, "urn:fapitest:unheard-of")), "unsupported_grant_type", "unauthorized_client")
	try("a request without grant_type", client.Exchange(ctx, landed, flow.Without(grantType)), "invalid_request", "unsupported_grant_type")
	try("an unknown code", client.Exchange(ctx, landed, flow.With(code, flow.Alphabetical(max(1, len(landed.Code())))).As("with a code that was never issued")), "invalid_grant")
	try("a request without client authentication", client.Exchange(ctx, landed, flow.Without(flow.ClientAuthentication)), "invalid_client", "invalid_request")
	if decision, _ := Decide(client.Exchange(ctx, landed)); decision != wire.Accepted {
		landed = Needs(client.Login(ctx)) // a failed try may have used the code up
		Needs(client.Exchange(ctx, landed))
	}
	try("a code that was redeemed", client.Exchange(ctx, landed, flow.Words("a second time")), "invalid_grant")
	if grant := client.Grant(ctx); client.Target().Offered(string(requirement.RefreshToken)) && grant.RefreshToken() != "" {
		unknown := flow.Alphabetical(len(grant.RefreshToken()))
		try("an unknown refresh token", client.Refresh(ctx, grant, flow.With(flow.Parameter("refresh_token"), unknown).As("with a refresh token that was never issued")),
			"invalid_grant", "unsupported_grant_type", "unauthorized_client") // the last two from who takes no refresh tokens at all, which is judged elsewhere
	}
	return faults
}

// answered adds a fault to others, where it was answered with an error. It may be none of OAuth's: a TLS alert, or what a gateway says.
func answered(faults []fault, says string, answer *flow.Outcome, fits ...string) []fault {
	decision, because := Decide(answer)
	switch {
	case decision == wire.Accepted && answer.ErrorCode() == "":
		Note("%s is not refused, which is judged elsewhere", says)
		return faults
	case answer.Err != nil && decision == wire.Refused:
		return faults
	case answer.Err != nil, answer.Status >= http.StatusInternalServerError, answer.Status == http.StatusTooManyRequests:
		LeaveUndecided(answer.Exchange, because)
		Unknown("%s is neither accepted nor refused: %s", says, because)
	}
	return append(faults, fault{says: says, answer: answer, fits: fits})
}

// isError wants an answer to be an error as section 5.2 has it.
func isError(f fault) {
	answer := f.answer
	code := answer.ErrorCode()
	if answer.Members() == nil {
		Unknown("%s is answered with %d and no JSON: a gateway may have answered that never showed the request to the server", f.says, answer.Status)
	}
	if code == "" {
		if status := answer.Status; status >= 400 && status != http.StatusBadRequest && status != http.StatusUnauthorized {
			Unknown("%s is answered with %d and no error of OAuth's, which may be a gateway's", f.says, status)
		}
		Broken("%s is answered with %d, and with no JSON object that has an error", f.says, answer.Status)
	}
	if answer.Status < 400 || answer.Status >= 500 {
		Broken("%s is answered with the error %s under status %d", f.says, wire.Printable(code), answer.Status)
	}
	if media, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || media != "application/json" {
		Broken("the answer to %s has Content-Type %q and not application/json", f.says, wire.Printable(answer.Header.Get("Content-Type")))
	}
	if !everywhere.LegalInErrors(code) {
		Broken("the answer to %s has characters in error that must not be there: %q", f.says, wire.Printable(code))
	}
	if description, there := answer.Members()["error_description"]; there {
		text, isText := description.(string)
		if bare := strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(text); bare != text && everywhere.LegalInErrors(bare) {
			Warn("the answer to %s has line breaks or tabs in error_description", f.says)
			text = bare
		}
		if !isText || !everywhere.LegalInErrors(text) {
			Broken("the answer to %s has an error_description that is no text, or has characters that must not be there", f.says)
		}
	}
	if where, there := answer.Members()["error_uri"]; there {
		text, _ := where.(string)
		if parsed, err := url.Parse(text); err != nil || !parsed.IsAbs() || !everywhere.LegalInErrors(text) || strings.Contains(text, " ") {
			Broken("the answer to %s has an error_uri that is no absolute URI", f.says)
		}
	}
}
