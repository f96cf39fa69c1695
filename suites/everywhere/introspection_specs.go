package everywhere

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Told is an introspection answer that is a JWT, without the encryption around it, as it was read: whether its signature holds is another question.
type Told struct {
	Answer         *flow.Outcome
	Compact        string
	Header, Claims map[string]any
}

// ToldIn reads an introspection answer; ok is false for what is no JWT. It ends a spec where the answer is encrypted, and can't be opened.
func ToldIn(client *flow.Client, answer *flow.Outcome) (told Told, ok bool) {
	compact := Opened(client, strings.TrimSpace(string(answer.Body)))
	told = Told{Answer: answer, Compact: compact, Header: jose.Header(compact), Claims: jose.Claims(compact)}
	return told, told.Header["alg"] != nil && told.Claims != nil
}

// Inside is what the answer says of the token; nil where it has no object for that.
func (t Told) Inside() map[string]any {
	inside, _ := t.Claims["token_introspection"].(map[string]any)
	return inside
}

// Active says whether the answer calls the token active.
func (t Told) Active() bool { return t.Inside()["active"] == true }

// Unsigned says whether the answer has no signature that anybody could check: none, or a code by a shared secret.
func (t Told) Unsigned() bool { return UnsignedAlgorithm(t.Header) }

// Asked asks for a JWT about the token of a grant that experiments share, which was just told to be good. Where the target does not let the client ask, why says how.
func Asked(ctx SpecContext, client *flow.Client) (grant, answer *flow.Outcome, why string) {
	grant, answer = client.Proven(ctx, func(grant *flow.Outcome) *flow.Outcome { return client.IntrospectSigned(ctx, Needs(grant)) })
	return grant, answer, IntrospectionDenied(ctx, client, grant, answer)
}

// AsEachAsking carries an experiment out as the client and as every other one of its kind that may introspect, each with a grant and what it has just been told of that.
// Where none may, denied is told why.
func AsEachAsking(ctx SpecContext, client *flow.Client, denied func(why string), experiment func(client *flow.Client, grant, answer *flow.Outcome)) {
	var all []string
	asked := false
	AsEach(client, func(client *flow.Client) {
		grant, answer, why := Asked(ctx, client)
		if why != "" {
			all = append(all, fmt.Sprintf("client %s: %s", client.ID(), why))
			return
		}
		asked = true
		experiment(client, grant, answer)
	})
	if !asked {
		denied(strings.Join(all, "; "))
	}
}

// mostNamed is how many members of an answer a report names: it may have any number.
const mostNamed = 12

// BesidesActive names the members of an introspection answer that are there beside active; empty: none are.
func BesidesActive(members map[string]any) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name != "active" {
			names = append(names, wire.Printable(name))
		}
	}
	if left := len(names) - mostNamed; left > 0 {
		names = append(names[:mostNamed], fmt.Sprintf("and %d more", left))
	}
	return strings.Join(names, ", ")
}

// WasAnswered is an introspection answer whatever it says, 200 and what is a JWT or JSON; other answers end the spec.
func WasAnswered(answer *flow.Outcome) *flow.Outcome {
	switch decision, because := Decide(answer); decision {
	case wire.Accepted:
	case wire.Refused:
		Needs(answer)
	case wire.Undecided, wire.Confused:
		LeaveUndecided(answer.Exchange, because)
		Unknown("introspection was not answered: %s", because)
	}
	return answer
}

// NeverIssued are deviations by which introspection asks about a token that nobody has issued.
func NeverIssued(grant *flow.Outcome) []flow.Deviation {
	token := flow.Parameter("token")
	all := []flow.Deviation{
		flow.With(token, flow.Lookalike(grant.AccessToken())).As("that is a random string of the token's form"),
		flow.With(token, "fapitest").As("that is one short word"),
	}
	for where, altered := range flow.Altered(grant.AccessToken()) {
		all = append(all, flow.With(token, altered).As("with one character changed in the middle of "+where))
	}
	return all
}

// OddCredentials have something in the Authorization header field by which no client authenticates, and client_id alone beside it: who looks whether the field is there, or leaves
// schemes to others that it does not know, lets everybody through.
func OddCredentials() []flow.Deviation {
	return []flow.Deviation{
		oddCredentials("with one short word as bearer token", "Bearer", "fapitest"),
		oddCredentials("with the scheme Bearer, no token behind it", "Bearer", ""),
		oddCredentials("with the scheme DPoP and one short word behind it", "DPoP", "fapitest"),
		oddCredentials("with a scheme that there is not", "Fapitest", "fapitest"),
		oddCredentials("with the scheme Basic, and no colon in what is behind it", "Basic", "ZmFwaXRlc3Q="),
		oddCredentials("with the scheme Basic, and behind it what is not encoded", "Basic", "fapi:test"),
	}
}

func oddCredentials(says, scheme, token string) flow.Deviation {
	says += ", and no client authentication"
	return flow.All(says, flow.Without(flow.ClientAuthentication), flow.Bearing(says, scheme, token))
}

// Unauthorized are deviations by which nobody in particular asks about a token, or has it revoked: with OddCredentials, with a bearer token that stands for no authorization,
// as from within, and by GET, with what is asked in the query.
func Unauthorized(grant *flow.Outcome) []flow.Deviation {
	all := append(OddCredentials(), oddCredentials("with a random string of an access token's form as bearer token", "Bearer", flow.Lookalike(grant.AccessToken())))
	within := flow.FromWithin()
	all = append(all, flow.All(within.String()+", and no client authentication", flow.Without(flow.ClientAuthentication), within))
	for where, altered := range flow.Altered(grant.AccessToken()) {
		all = append(all, oddCredentials("with an access token as bearer token in which one character was changed in the middle of "+where, "Bearer", altered))
	}
	return append(all, flow.All("by GET, with the token in the query, and no client authentication", flow.Without(flow.ClientAuthentication), flow.ByGet()))
}

// OddHints are token_type_hints that do not say what a token is: one of another kind, one of a kind that there is not, and none (RFC 7009 section 2.1, RFC 7662 section 2.1: whoever
// does not find the token by a hint has to look among the others).
func OddHints(wrong string) []flow.Deviation {
	hint := flow.Parameter("token_type_hint")
	return []flow.Deviation{flow.With(hint, wrong), flow.With(hint, "fapitest"), flow.Without(hint)}
}

// OwnToken is a good access token of a client that takes no login, which it has for itself; "" where it gets none.
func OwnToken(ctx SpecContext, client *flow.Client) string {
	for _, grant := range AnnouncedForItself(client) {
		if own := client.ForItself(ctx, grant); Accepts(own) {
			return own.AccessToken()
		}
	}
	return ""
}
