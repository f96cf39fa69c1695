package wire

import (
	"crypto/sha256"
	"encoding/hex"
)

// Digest names content by its SHA-256: "sha256:" and hexadecimal digits.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}
