package everywhere

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/wire"
)

// PlainScope is the scope of the target file without openid; "" where that is the same, or nothing.
func PlainScope(client *flow.Client) string {
	if !client.Target().OpenID() {
		return ""
	}
	return strings.Join(slices.DeleteFunc(strings.Fields(client.Target().Scope), func(word string) bool { return word == "openid" }), " ")
}

// PlainRequest makes a request one of plain OAuth, with the scope of PlainScope: who has put OpenID Connect in front of an older server may keep a rule on one of the two ways alone.
func PlainRequest(scope string) flow.Deviation {
	return flow.All("with scope "+scope, flow.With(flow.Scope, scope), flow.Without(flow.Nonce))
}

// Plainly carries an experiment out with requests that do not ask for openid, if the target takes them and they are another thing than the usual ones. One of them has just led to a code, which
// experiments share.
func Plainly(ctx SpecContext, client *flow.Client, experiment func(plain flow.Deviation, landed *flow.Outcome)) {
	scope := PlainScope(client)
	if scope == "" {
		return
	}
	landed := client.LandingOf(ctx, scope)
	if decision, _ := Decide(landed); decision == wire.Refused {
		return // a server of OpenID Connect alone may
	}
	experiment(PlainRequest(scope), Needs(landed))
}

// Otherwise is a client, and what its requests have that usual ones have not.
type Otherwise struct {
	*flow.Client
	request []flow.Deviation
}

// InOtherWays are the ways to have a code that experiments do not go, as far as the target takes them: as every other client of the kind, and with a request that does not ask for openid. Those that are other
// clients go both ways at once, which spares journeys: whoever makes either difference shows it.
func InOtherWays(ctx SpecContext, client *flow.Client) []Otherwise {
	var request []flow.Deviation
	Plainly(ctx, client, func(plain flow.Deviation, _ *flow.Outcome) { request = []flow.Deviation{plain} })
	var all []Otherwise
	for _, other := range OthersOfItsKind(client) {
		guest, err := client.Beside(other)
		if err != nil {
			Unknown("client %s can't be played: %s", other.ID, err)
		}
		all = append(all, Otherwise{guest, request})
	}
	if len(all) == 0 && request != nil {
		all = append(all, Otherwise{client, request})
	}
	return all
}

// Push is Push of the client with such a request and, where that is refused, with a usual one: another client may have to ask for openid.
func (o Otherwise) Push(ctx SpecContext) *flow.Outcome {
	pushed := o.Client.Push(ctx, o.request...)
	if decision, _ := Decide(pushed); decision == wire.Refused && len(o.request) > 0 {
		return o.Client.Push(ctx)
	}
	return pushed
}

// Login is Login of the client in the same manner.
func (o Otherwise) Login(ctx SpecContext) *flow.Outcome {
	landed := o.Client.Login(ctx, o.request...)
	if decision, _ := Decide(landed); decision == wire.Refused && len(o.request) > 0 {
		return o.Client.Login(ctx)
	}
	return landed
}
