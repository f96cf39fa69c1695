package entropy

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

func made(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.Read(raw)
	return raw
}

func TestOf(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	word := func(n int) string { return base64.RawURLEncoding.EncodeToString(made(n)) }
	table := map[string]struct {
		sample      func(i int) string
		least, most float64
	}{
		"32 bytes":              {func(int) string { return word(32) }, 250, 260},
		"16 bytes":              {func(int) string { return word(16) }, 126, 133},
		"16 bytes in hex":       {func(int) string { return hex.EncodeToString(made(16)) }, 128, 128},
		"16 bytes in upper hex": {func(int) string { return strings.ToUpper(hex.EncodeToString(made(16))) }, 128, 128},
		"behind a prefix":       {func(int) string { return "urn:ietf:params:oauth:request_uri:" + word(16) }, 126, 133},
		"as a decimal": {func(int) string {
			n, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
			return n.String()
		}, 122, 133},
		"of 12 bytes":               {func(int) string { return word(12) }, 90, 96},
		"of 8 bytes":                {func(int) string { return word(8) }, 60, 66},
		"a long prefix and 8 bytes": {func(int) string { return strings.Repeat("client-one.", 9) + word(8) }, 60, 66},
		"UUID version 4": {func(int) string {
			r := made(16)
			return fmt.Sprintf("%x-%x-4%x-9%x-%x", r[:4], r[4:6], r[6:8], r[8:10], r[10:16])
		}, 120, 128},
		"a counter":                           {func(i int) string { return fmt.Sprintf("code-%020d", 4711+i) }, 0, 8},
		"a counter behind 20 bytes that stay": {func(i int) string { return "Zm9vYmFyYmF6cXV4cXV1eGNvcmdl" + fmt.Sprintf("%06d", i) }, 0, 4},
		"time and 8 bytes": {func(i int) string {
			return fmt.Sprintf("%020d", start.Add(time.Duration(i)*1377*time.Millisecond).UnixNano()) + word(8)
		}, 60, 90},
		"time in base64 and 8 bytes": {func(i int) string {
			n := start.Add(time.Duration(i) * 7377 * time.Millisecond).UnixMilli()
			return base64.RawURLEncoding.EncodeToString(append([]byte{byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, made(8)...))
		}, 55, 90},
		"8 bytes twice":  {func(int) string { w := word(8); return w + w }, 60, 66},
		"one bit each":   {func(int) string { return fmt.Sprintf("%0128b", made(16))[:60] }, 0, 61},
		"of two lengths": {func(i int) string { return word(16 + i%2) }, 120, 145},
		"four digits":    {func(int) string { n, _ := rand.Int(rand.Reader, big.NewInt(9000)); return fmt.Sprint(1000 + n.Int64()) }, 6, 14},
	}
	for name, c := range table {
		for range 50 {
			var samples []string
			for i := range Enough {
				samples = append(samples, c.sample(i))
			}
			if got := Of(samples); got.Bits < c.least || got.Bits > c.most {
				t.Errorf("%s: %s, and should be between %.0f and %.0f: %q", name, got, c.least, c.most, samples)
				break
			}
		}
	}
	if !Of([]string{"a", "b", "a"}).Twice || Of([]string{"a", "b"}).Twice || Of(nil).Bits != 0 {
		t.Error("twice")
	}
}

// What is random in full is never called less than it is: over many tries, no alarm.
func TestNoFalseAlarm(t *testing.T) {
	for range 20000 {
		var words, digits []string
		for range Enough {
			raw := made(16)
			words, digits = append(words, base64.RawURLEncoding.EncodeToString(raw)), append(digits, hex.EncodeToString(raw))
		}
		for _, samples := range [][]string{words, digits} {
			if got := Of(samples); got.Bits < 120 {
				t.Fatalf("%s: %q", got, samples)
			}
		}
	}
}
