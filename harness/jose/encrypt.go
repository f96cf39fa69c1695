package jose

import (
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Sealing is how something is encrypted to a target.
type Sealing struct {
	Key        map[string]any // the public JWK
	Algorithm  string         // alg: "ECDH-ES", "RSA-OAEP-256"
	Encryption string         // enc: "A256GCM"
	Compressed bool           // zip is DEF
}

// Seal returns a JWE in the compact serialization with a JWT in it.
func (s Sealing) Seal(compact string) (string, error) {
	data, err := json.Marshal(s.Key)
	if err != nil {
		return "", fmt.Errorf("the key to encrypt to: %w", err)
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal(data, &key); err != nil {
		return "", fmt.Errorf("the key to encrypt to: %w", err)
	}
	options := (&jose.EncrypterOptions{Compression: jose.NONE}).WithContentType("JWT")
	if s.Compressed {
		options.Compression = jose.DEFLATE
	}
	encrypter, err := jose.NewEncrypter(jose.ContentEncryption(s.Encryption), jose.Recipient{Algorithm: jose.KeyAlgorithm(s.Algorithm), Key: key.Key, KeyID: key.KeyID}, options)
	if err != nil {
		return "", fmt.Errorf("encrypting a JWT: %w", err)
	}
	sealed, err := encrypter.Encrypt([]byte(compact))
	if err != nil {
		return "", fmt.Errorf("encrypting a JWT: %w", err)
	}
	return sealed.CompactSerialize()
}
