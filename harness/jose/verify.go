package jose

import (
	"slices"

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
	public, err := publicOf(key)
	if err != nil || len(compact) > 1<<20 {
		return false
	}
	signed, err := jose.ParseSignedCompact(compact, verifiable)
	if err != nil {
		return false
	}
	// By the bare key: that kid and alg fit is the caller's business.
	_, err = signed.Verify(public)
	return err == nil
}
