package jose

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"
)

// LeftHalves are what at_hash, c_hash and s_hash of a text may be in a token by an algorithm: the left half of its hash, in base64url (OpenID Connect Core
// section 3.1.3.6). Which hash goes with Ed25519 nobody has written down; SHA-512, which is in it, is common, and SHA-256 is seen.
func LeftHalves(algorithm, text string) []string {
	short, middle, long := sha256.Sum256([]byte(text)), sha512.Sum384([]byte(text)), sha512.Sum512([]byte(text))
	encode := base64.RawURLEncoding.EncodeToString
	switch {
	case strings.HasSuffix(algorithm, "256"):
		return []string{encode(short[:16])}
	case strings.HasSuffix(algorithm, "384"):
		return []string{encode(middle[:24])}
	case strings.HasSuffix(algorithm, "512"):
		return []string{encode(long[:32])}
	}
	return []string{encode(short[:16]), encode(long[:32])}
}
