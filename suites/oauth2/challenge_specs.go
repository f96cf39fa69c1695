package oauth2

import (
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// challengeSpecs are about a client that tries to authenticate in the Authorization header. None does so by these profiles; but where the target knows a
// secret of one (secret in the target file), it knows the scheme too, and has to say what it wants there.
func challengeSpecs(client *flow.Client) {
	wrong := flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_basic", Value: jose.Random(24)}).As("with HTTP basic authentication and a made-up secret")
	knowsSecret := func() {
		if client.Self().Secret.Empty() {
			NotApplicable("client %s has no secret at the target, and nothing else is sent in the Authorization header to authenticate a client", client.ID())
		}
	}
	challenged := func(answer *flow.Outcome) {
		switch decision, _ := Decide(answer); {
		case decision == wire.Accepted:
			Unknown("a made-up secret was taken, and nothing refused: whether it is to be taken is for FAPI2-SP-5.3.2.1-6b")
		case decision != wire.Refused:
			LeaveUndecided(answer.Exchange, "a made-up secret is neither taken nor refused")
		case answer.ErrorCode() != "invalid_client":
			Unknown("what was refused is not the client (invalid_client), but something else, or by a gateway")
		case answer.Status != http.StatusUnauthorized:
			Broken("a client that tries HTTP basic authentication is refused with status %d, and not with 401", answer.Status)
		case !slices.ContainsFunc(answer.Header.Values("WWW-Authenticate"), func(challenge string) bool {
			scheme, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
			return strings.EqualFold(scheme, "Basic")
		}):
			Broken("a client that tries HTTP basic authentication is refused without a challenge for that scheme in WWW-Authenticate")
		}
	}
	Describe("a client that tries HTTP basic authentication", func() {
		It("is told so with 401 and a challenge where requests are pushed", BasicChallenge, func(ctx SpecContext) {
			everywhere.NeedsPAR(client)
			knowsSecret()
			Needs(client.Push(ctx))
			challenged(client.Push(ctx, wrong))
			Needs(client.Push(ctx))
		})
		It("is told so with 401 and a challenge at the token endpoint", BasicChallenge, func(ctx SpecContext) {
			knowsSecret()
			if !client.Target().Offered(string(requirement.RefreshToken)) {
				NotApplicable("the target file does not claim refresh_token in offers, and a code may be used up by the try")
			}
			grant := flow.Newest(NeedsRefreshed(ctx, client))
			challenged(client.Refresh(ctx, grant, wrong))
			Needs(client.Refresh(ctx, grant))
		})
	})
}
