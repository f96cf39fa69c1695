package jose

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// verifiable are the algorithms whose signatures Verifies can check: more than profiles have, for what others sign by.
var verifiable = []jose.SignatureAlgorithm{
	jose.PS256, jose.PS384, jose.PS512, jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// CanVerify says whether the signature of a JWT is by an algorithm that Verifies knows.
func CanVerify(compact string) bool {
	algorithm, _ := Header(compact)["alg"].(string)
	return slices.Contains(verifiable, jose.SignatureAlgorithm(algorithm))
}

// Verifies says whether the signature of a JWT holds by a public key, a JWK as it is published, whatever that says of its use.
func Verifies(compact string, key map[string]any) bool {
	// Nothing but the key is read: what else stands beside it (a certificate that does not parse) makes no signature wrong.
	bare := map[string]any{}
	for _, name := range []string{"kty", "crv", "x", "y", "n", "e"} {
		if text, isText := key[name].(string); isText {
			bare[name] = strings.TrimRight(text, "=")
		}
	}
	written, err := json.Marshal(bare)
	if err != nil || len(compact) > 1<<20 {
		return false
	}
	var public jose.JSONWebKey
	if public.UnmarshalJSON(written) != nil || !public.IsPublic() {
		return false
	}
	signed, err := jose.ParseSignedCompact(compact, verifiable)
	if err != nil {
		return false
	}
	// By the bare key: that kid and alg fit is the caller's business.
	_, err = signed.Verify(public.Key)
	return err == nil
}
