package assertion

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func claimSpecs(client *flow.Client) {
	// Who it is about is said three times: iss, sub and client_id. Each is wrong by itself, the others being right.
	about := func(claim string) everywhere.Deviations {
		return func(client *flow.Client, _ string) []flow.Deviation {
			wrong := []flow.Deviation{
				flow.With(flow.AssertionClaim(claim), "somebody-whom-nobody-knows"),
				flow.With(flow.AssertionClaim(claim), []string{client.ID()}),
				flow.Without(flow.AssertionClaim(claim)),
			}
			if other, there := another(client); there {
				wrong = append(wrong, flow.With(flow.AssertionClaim(claim), other.ID))
			}
			return wrong
		}
	}
	everywhere.Refused(client, "a client assertion by somebody else, or by nobody", Issuer, about("iss"))
	everywhere.Refused(client, "a client assertion about somebody else, or about nobody", Subject, about("sub"))

	everywhere.Refused(client, "a client assertion for another server, or for none", Audience, everywhere.Always(
		flow.With(flow.AssertionClaim("aud"), flow.ForeignOrigin),
		flow.With(flow.AssertionClaim("aud"), []string{flow.ForeignOrigin}),
		flow.With(flow.AssertionClaim("aud"), []string{}),
		flow.With(flow.AssertionClaim("aud"), nil),
		flow.Without(flow.AssertionClaim("aud"))))

	// Names of claims are unique: who does not refuse what has one twice takes the last (RFC 7519 section 4), and nobody the first.
	for _, claim := range []struct {
		name string
		r    *requirement.Requirement
		last func(client *flow.Client) string
	}{
		{"iss", Issuer, anotherName}, {"sub", Subject, anotherName}, {"aud", Audience, func(*flow.Client) string { return flow.ForeignOrigin }},
	} {
		It("a client assertion with "+claim.name+" twice, the wrong one last, is refused", claim.r, func(ctx SpecContext) {
			refusedInBoth(ctx, client, func(client *flow.Client, _ string) []flow.Deviation {
				return []flow.Deviation{flow.AssertionWritten("with "+claim.name+" twice in the client assertion, the right one first and a wrong one last", withLast(claim.name, claim.last(client)))}
			})
		})
	}

	// More than a clock's difference, and less than what somebody might have a log searched for.
	const late = 5 * time.Minute
	everywhere.Refused(client, "a client assertion that has expired, or never does", Expiry, everywhere.Always(
		flow.All("with exp 5 minutes ago in the client assertion, and iat before that",
			flow.With(flow.AssertionClaim("exp"), flow.Ago(late)), flow.With(flow.AssertionClaim("iat"), flow.Ago(late+time.Minute))),
		flow.Without(flow.AssertionClaim("exp")),
		flow.With(flow.AssertionClaim("exp"), "later"),
		flow.With(flow.AssertionClaim("exp"), nil)))

	everywhere.Refused(client, "a client assertion for later", NotBefore, everywhere.Always(
		flow.All("with nbf 5 minutes ahead in the client assertion, and exp after that",
			flow.With(flow.AssertionClaim("nbf"), flow.Ahead(late)), flow.With(flow.AssertionClaim("exp"), flow.Ahead(late+time.Minute))),
		flow.With(flow.AssertionClaim("nbf"), flow.Ahead(late))))
}

// refusedInBoth tries what costs no login: at the pushed authorization request endpoint and, where they are offered, with refresh tokens.
func refusedInBoth(ctx SpecContext, client *flow.Client, deviations everywhere.Deviations) {
	everywhere.RefusedAtPAR(ctx, client, deviations)
	if client.Target().Offered(string(requirement.RefreshToken)) {
		everywhere.RefusedWithRefreshToken(ctx, client, deviations)
	}
}

// withLast puts a claim behind the others, whether it stands there already or not.
func withLast(name, value string) func(claims []byte) []byte {
	return func(claims []byte) []byte {
		member, err := json.Marshal(map[string]string{name: value})
		end := bytes.LastIndexByte(claims, '}')
		if err != nil || end < 0 {
			return claims
		}
		return append(append(slices.Clone(claims[:end]), ','), member[1:]...)
	}
}

// anotherName is that of another client, or of nobody.
func anotherName(client *flow.Client) string {
	if other, there := another(client); there {
		return other.ID
	}
	return "somebody-whom-nobody-knows"
}

// another is another client of the target file, the one that is most like this one.
func another(client *flow.Client) (other *target.Client, there bool) {
	self, kinship := client.Self(), -1
	for _, candidate := range client.Target().Clients {
		alike := 0
		if candidate.Key != nil {
			alike += 4
		}
		if candidate.Auth == self.Auth {
			alike += 2
		}
		if candidate.Binding == self.Binding {
			alike++
		}
		if candidate.ID != self.ID && alike > kinship {
			other, kinship = candidate, alike
		}
	}
	return other, other != nil
}
