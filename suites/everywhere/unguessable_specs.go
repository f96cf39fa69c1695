package everywhere

import (
	"math"
	"slices"
	"strings"

	. "github.com/fapitest/fapitest/harness/expect"

	"github.com/fapitest/fapitest/harness/entropy"
	"github.com/fapitest/fapitest/harness/jose"
)

const (
	// wantedBits are what the profile asks for (FAPI2-SP-5.4.1-4).
	wantedBits = 128
	// fewestBits are what nobody can defend. In between are values such as UUIDs of version 4, which have 122 and are used by many.
	fewestBits = 96
)

// Unguessable wants there to be enough chance in values that came in this order. What is signed or encrypted is not looked at: it is not by chance alone that
// nobody can guess it.
func Unguessable(what string, samples []string) {
	if slices.ContainsFunc(samples, func(sample string) bool { return jose.Header(sample) != nil || jose.Encrypted(sample) }) {
		NotApplicable("%s are signed or encrypted: what guards them against guessing is that, and not their length", what)
	}
	if len(samples) < entropy.Enough {
		NotApplicable("no more than %d different %s came, where %d are needed: the target hands out the same ones again", len(samples), what, entropy.Enough)
	}
	bound := entropy.Of(samples)
	switch {
	case bound.Twice:
		Broken("two of %d %s are the same", len(samples), what)
	case bound.Bits < fewestBits:
		Broken("%s can be guessed: by %d of them there are %s", what, len(samples), bound)
	case bound.Bits < wantedBits:
		Warn("%s have less than %d bits of chance: by %d of them there are %s", what, wantedBits, len(samples), bound)
	default:
		Note("by %d of them %s have %s. How good the source of chance is can't be seen", len(samples), strings.TrimPrefix(what, "the "), bound)
	}
}

// Unreserved are the characters that stand in any part of a URL as they are (RFC 3986 section 2.3).
const Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// RoomForChance is for how many bits of chance there is room in the first of two values, at most: in what it has that the second has not. Where no more than a few values can be had, that
// they are not counted is all that can be seen.
func RoomForChance(first, second string) int {
	return min(chance(differing(first, second)), chance(first))
}

// differing is what of the first text is not at the beginning or at the end of the second as well.
func differing(first, second string) string {
	for first != "" && second != "" && first[0] == second[0] {
		first, second = first[1:], second[1:]
	}
	for first != "" && second != "" && first[len(first)-1] == second[len(second)-1] {
		first, second = first[:len(first)-1], second[:len(second)-1]
	}
	return first
}

// chance is for how many bits of chance there is room in a text, at most.
func chance(text string) int {
	size := 64.0
	switch {
	case strings.Trim(text, "0123456789-") == "":
		size = 10
	case strings.Trim(strings.ToLower(text), "0123456789abcdef-") == "":
		size, text = 16, strings.ReplaceAll(text, "-", "")
	}
	return int(float64(len(text)) * math.Log2(size))
}
