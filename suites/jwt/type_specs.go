package jwt

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/wire"
)

// Of what a server signs in this profile, access tokens are the kind that has a name of its own (RFC 9068 section 2.1); id_tokens have none.
func typeSpecs(client *flow.Client) {
	It("an access token says that it is one", Typed, func(ctx SpecContext) {
		header := jose.Header(Needs(client.Grant(ctx)).AccessToken())
		if header == nil {
			NotApplicable("access tokens are no JWTs that could be read")
		}
		typ, isText := header["typ"].(string)
		if kind := strings.TrimPrefix(strings.ToLower(typ), "application/"); !isText || !strings.HasSuffix(kind, "+jwt") {
			Broken("the access token is a JWT whose header has typ %q, and not at+jwt", wire.Printable(typ))
		}
	})
}
