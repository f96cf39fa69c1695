package everywhere

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
)

// AsAnotherUser makes a request and has another test user taken through it than the one who was on an earlier journey. ok is false where the target file has no other one who
// says yes, or none came along.
func AsAnotherUser(ctx SpecContext, client *flow.Client, earlier *flow.Outcome, request flow.Deviation) (landed *flow.Outcome, ok bool) {
	willing := 0
	for _, user := range client.Target().Users() {
		if !user.Denies {
			willing++
		}
	}
	if willing < 2 || earlier.Trip == nil || earlier.Trip.User == "" {
		return nil, false
	}
	for range 2 * willing {
		// Users are lent in turns, and other experiments go on beside this one. A code of the same user is left to end by itself.
		if landed = client.Login(ctx, request.As(request.String()+", while another user signs in")); landed.Trip == nil || landed.Trip.User != earlier.Trip.User {
			return landed, true
		}
	}
	return nil, false
}
