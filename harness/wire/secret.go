package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Secret is a value that never shows itself: not when printed, not when marshalled. Reveal is the only way to it.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the value, to be sent and not to be kept.
func (s Secret) Reveal() string { return s.value }

// Empty says whether there is nothing to hide.
func (s Secret) Empty() bool { return s.value == "" }

// String is what stands for the secret wherever it is printed.
func (s Secret) String() string { return "[redacted]" }

// GoString keeps %#v from looking inside.
func (s Secret) GoString() string { return "wire.Secret([redacted])" }

// Format keeps every other verb from looking inside.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) }

// MarshalJSON writes the stand-in.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal("[redacted]") }

// MarshalText writes the stand-in.
func (s Secret) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Fingerprint names a random value without giving it away: two places that show the same fingerprint held the same value.
// It is for values that can't be guessed; a password has none.
func Fingerprint(value string) string {
	sum := sha256.Sum256([]byte(value))
	return fmt.Sprintf("%d characters, sha256 %s…", len(value), hex.EncodeToString(sum[:4]))
}
