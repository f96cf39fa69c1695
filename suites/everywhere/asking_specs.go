package everywhere

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/target"
)

// AskingOtherwise are the ways to ask for an authorization that experiments do not go by themselves, as far as the target takes them, of which a push has just shown that: without openid and with nothing
// else, for a signed response, with authorization_details, prompt or dpop_jkt, in a request object, and in one without openid. A rule about what a request has to say is kept by code
// that may stand on one of these ways and not on another. They cost no login, where what is wrong is refused.
func AskingOtherwise(ctx SpecContext, client *flow.Client) []flow.Deviation {
	ways := AskingOutsideObjects(ctx, client)
	if client.Self().Key == nil || client.Shape().Signed {
		return ways
	}
	signed := flow.With(flow.RequestObject, flow.Signed).As("in a signed request object")
	return append(ways, taken(ctx, client, append(within(signed, client), signed)...)...)
}

// AskingOutsideObjects are those of AskingOtherwise that are not about request objects.
func AskingOutsideObjects(ctx SpecContext, client *flow.Client) []flow.Deviation {
	t := client.Target()
	var ways []flow.Deviation
	add := func(name, value, says string) {
		if _, everywhere := t.Request[name]; !everywhere {
			ways = append(ways, flow.With(flow.Parameter(name), value).As(says))
		}
	}
	if plain := PlainScope(client); plain != "" {
		ways = append(ways, PlainRequest(plain))
		add("scope", "openid", "with scope openid alone")
	}
	if client.Shape().ResponseMode == "" {
		add("response_mode", "jwt", "with response_mode=jwt")
	}
	if details, err := json.Marshal(t.Details); err == nil && len(t.Details) > 0 {
		add(authorizationDetails, string(details), "with authorization_details")
	}
	if t.OpenID() {
		add("prompt", "login", "with prompt=login")
	}
	if !t.Required(target.RequiresDPoPJKT) {
		key := client.ProofKey()
		if key == nil { // who binds tokens to certificates passes over it
			key, _ = jose.NewKey(jose.ES256)
		}
		if key != nil {
			add("dpop_jkt", key.Thumbprint(), "with dpop_jkt")
		}
	}
	return taken(ctx, client, ways...)
}

// within is the way without openid, in a request object.
func within(signed flow.Deviation, client *flow.Client) []flow.Deviation {
	plain := PlainScope(client)
	if plain == "" {
		return nil
	}
	return []flow.Deviation{flow.All("in a signed request object with scope "+plain, signed, PlainRequest(plain))}
}

// taken are those of the ways in which a proper request can be pushed.
func taken(ctx SpecContext, client *flow.Client, ways ...flow.Deviation) (all []flow.Deviation) {
	for _, way := range ways {
		if Accepts(client.Push(ctx, way)) {
			all = append(all, way)
		}
	}
	return all
}

// Also joins a way to ask with what else is to be done to the request.
func Also(way, other flow.Deviation) flow.Deviation {
	return flow.All(way.String()+" and "+other.String(), way, other)
}
