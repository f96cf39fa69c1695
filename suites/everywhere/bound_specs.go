package everywhere

import (
	"context"
	"fmt"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
)

// BoundToNothing says of a token that is accepted without what it has to be bound to that it is bound to nothing: then the
// authorization server is at fault, and the resource server has nothing to go by. Empty where it is bound, or where that can't be seen.
// judgedAt is the id of the clause that has tokens bound.
func BoundToNothing(ctx context.Context, client *flow.Client, grant *flow.Outcome, judgedAt string) string {
	if confirmation, seen := Confirmation(ctx, client, grant); !seen || len(confirmation) > 0 {
		return ""
	}
	return fmt.Sprintf("the access token names no key that it is bound to (no cnf), so that there is nothing to refuse it for: that is judged at %s", judgedAt)
}

// Confirmation is the key that a token is bound to, as it says itself or introspection does. Seen is false where neither can be read.
func Confirmation(ctx context.Context, client *flow.Client, grant *flow.Outcome) (confirmation map[string]any, seen bool) {
	claims := jose.Claims(grant.AccessToken())
	if confirmation, _ = claims["cnf"].(map[string]any); len(confirmation) > 0 {
		return confirmation, true
	}
	seen = claims != nil
	if client.Target().Offered(string(requirement.Introspection)) {
		members := client.Introspect(ctx, grant).Members()
		if confirmation, _ = members["cnf"].(map[string]any); len(confirmation) > 0 {
			return confirmation, true
		}
	}
	return nil, seen
}
