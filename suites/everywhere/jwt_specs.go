package everywhere

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/wire"
)

// ProfileAlgorithm says whether a JOSE algorithm is one by which what a server signs may be signed (FAPI2-SP-5.4.1). RFC 9864 has another name for EdDSA with Ed25519.
func ProfileAlgorithm(algorithm string) bool {
	return slices.Contains([]string{jose.PS256, jose.ES256, jose.EdDSA, "Ed25519"}, algorithm)
}

// IDToken is an id_token that came to the client, without the encryption around it.
type IDToken struct {
	When    string // how it came, as words behind a sentence; empty: with a code
	Compact string
	With    *flow.Outcome // the token response
}

// IDTokens are those that come to the client with a code, and where it refreshes tokens (OpenID Connect Core section 12.2): the same holds for both. Who gives none is not among
// them.
func IDTokens(ctx SpecContext, client *flow.Client) []IDToken {
	var all []IDToken
	add := func(when string, with *flow.Outcome) {
		if with.IDToken() != "" {
			all = append(all, IDToken{when, Opened(client, with.IDToken()), with})
		}
	}
	add("", Needs(client.Grant(ctx)))
	if client.Target().Offered(string(requirement.RefreshToken)) {
		if again := client.Anew(ctx); again != nil {
			add(", where tokens were refreshed", again)
		}
	}
	return all
}

// Names are those of an aud: of a text, or of a list of texts. What else stands in the list is an empty one; nil: it is neither.
func Names(aud any) []string {
	switch aud := aud.(type) {
	case string:
		return []string{aud}
	case []any:
		names := make([]string, 0, len(aud))
		for _, name := range aud {
			text, _ := name.(string)
			names = append(names, text)
		}
		return names
	}
	return nil
}

// HeldByKeySet wants the signature of a JWT to hold by a key of a key set, and by the one that its header names. Where says which JWT that is: "where the token is good".
func HeldByKeySet(keys []map[string]any, compact, where string) {
	header := jose.Header(compact)
	if !jose.CanVerify(compact) {
		Unknown("it is signed by %s %s, and such signatures can't be checked here", wire.Printable(fmt.Sprint(header["alg"])), where)
	}
	holds := func(key map[string]any) bool { return jose.Verifies(compact, key) }
	if !slices.ContainsFunc(keys, holds) {
		Broken("the signature holds by no key of the key set, which has %d, %s", len(keys), where)
	}
	named, there := header["kid"]
	own := slices.DeleteFunc(slices.Clone(keys), func(key map[string]any) bool { return key["kid"] != named })
	if there && !slices.ContainsFunc(own, holds) {
		Broken("the signature holds by another key of the key set than the kid in the header names, %s", where)
	}
}

// UnsignedAlgorithm says whether an algorithm of a JOSE header makes no signature that anybody could check: none, or a code by a shared secret.
func UnsignedAlgorithm(header map[string]any) bool {
	algorithm, _ := header["alg"].(string)
	return strings.EqualFold(algorithm, "none") || strings.HasPrefix(strings.ToUpper(algorithm), "HS") || algorithm == ""
}
