package jose

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// DecryptionKey is a private key to which a target encrypts what it sends.
type DecryptionKey struct{ jwk jose.JSONWebKey }

// ParseDecryptionKeys returns the private keys of a JWKS that are for encryption (use: enc); none where there are none, or where the text
// is no JWKS.
func ParseDecryptionKeys(data []byte) []DecryptionKey {
	var set jose.JSONWebKeySet
	if json.Unmarshal(data, &set) != nil {
		return nil
	}
	var keys []DecryptionKey
	for _, jwk := range set.Keys {
		if jwk.Use == "enc" && jwk.Valid() && !jwk.IsPublic() {
			keys = append(keys, DecryptionKey{jwk})
		}
	}
	return keys
}

// Encrypted says whether a token is a JWE in the compact serialization, as far as its form tells.
func Encrypted(token string) bool { return strings.Count(token, ".") == 4 }

// Decrypt returns what is in a JWE. The error says that none of the keys opens it, never what is in it.
func Decrypt(token string, keys []DecryptionKey) (string, error) {
	if len(token) > 1<<20 {
		return "", errors.New("it is longer than 1 MiB")
	}
	sealed, err := jose.ParseEncryptedCompact(token,
		[]jose.KeyAlgorithm{
			jose.RSA1_5, jose.RSA_OAEP, jose.RSA_OAEP_256, jose.ECDH_ES, jose.ECDH_ES_A128KW, jose.ECDH_ES_A192KW, jose.ECDH_ES_A256KW,
		},
		[]jose.ContentEncryption{jose.A128GCM, jose.A192GCM, jose.A256GCM, jose.A128CBC_HS256, jose.A192CBC_HS384, jose.A256CBC_HS512})
	if err != nil {
		return "", fmt.Errorf("it is no JWE that can be read: %w", err)
	}
	for _, key := range keys {
		if content, err := sealed.Decrypt(key.jwk); err == nil {
			return string(content), nil
		}
	}
	return "", fmt.Errorf("none of %d keys with use enc opens it", len(keys))
}
