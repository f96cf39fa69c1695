package everywhere

import (
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// RefusedByPost wants what the browser brought by POST to be refused. No server has to take that (RFC 6749 section 3.1): one that does not
// take a proper request either has not refused the tries for what they are; but one that grants what a try asks for has taken it.
func RefusedByPost(ctx SpecContext, client *flow.Client, tries ...*flow.Outcome) {
	GinkgoHelper()
	for _, try := range tries {
		if Accepts(try) {
			Expect(try).To(BeRefused())
		}
	}
	NeedsPosting(ctx, client)
	for _, try := range tries {
		Expect(try).To(BeRefused())
	}
}

// NeedsPosting ends a spec where the authorization endpoint does not take a proper request by POST.
func NeedsPosting(ctx SpecContext, client *flow.Client) {
	GinkgoHelper()
	proper := client.LandingByPost(ctx)
	switch decision, because := Decide(proper); {
	case decision == wire.Refused, decision == wire.Confused && proper.Trip != nil && proper.Trip.Ending != consent.Withheld, Unimplemented(proper):
		NotApplicable("the authorization endpoint does not take a proper request by POST, as RFC 6749 section 3.1 leaves it to: %s", because)
	}
	Needs(proper)
}

// Unimplemented says whether a journey ended at 501, by which a server says that it does not know the method (RFC 9110 section 15.6.2).
func Unimplemented(o *flow.Outcome) bool {
	return o.Trip != nil && o.Trip.Ending == consent.Broken && o.Trip.Status == http.StatusNotImplemented
}
