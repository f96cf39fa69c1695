package expect

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/profile"
)

// Keeps holds what the target sent against a limit of the profile, and ends the spec where it breaks one. Where nobody has read the text that
// sets the limit, it warns. Of a profile that sets none nothing can be said. The format says what was sent: "expires_in is %d".
func Keeps[T profile.Quantity](client *flow.Client, limit profile.Range[T], sent T, format string, args ...any) {
	if _, set := limit.In(client.Limits()); !set {
		ginkgo.Fail(remark(RemarkUnknown, "the profile does not say %s (%s)", limit.About(), limit.Name()), 1)
	}
	held, broken := limit.Breach(client.Limits(), sent)
	if !broken {
		return
	}
	words := fmt.Sprintf(format, args...) + ": " + held.Breach()
	if held.Sure() {
		ginkgo.Fail(words, 1)
	}
	Warn("%s", words)
}
