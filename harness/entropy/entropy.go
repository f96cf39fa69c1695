// Package entropy says how much chance there can be at most in values that are meant not to be guessed: codes, tokens, handles. From samples nobody can see
// how good a random source is; but what can't be random can be seen, and an upper bound that is too low needs no further proof.
package entropy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Enough is how many samples it takes before anything is said. By then chance does not look like order: that twelve random values come in ascending
// order is less likely than one in two hundred million, and that one of their places has but two characters of 16 less than one in ten million. (Of
// eight, one set in twenty thousand is in order: with ten kinds of values and six clients that is a false alarm every few hundred runs.)
const Enough = 12

// Bound is what there is to say about samples.
type Bound struct {
	Bits     float64 // at most so many bits of chance are in each
	Alphabet int     // of so many characters, by those that were seen
	Places   int     // so many places in a value are not the same in all of them, and no copies of other places
	Ordered  int     // so many of them, the first ones, grow from one sample to the next, as clocks and counters do
	Twice    bool    // one value came twice
}

// String says what the bound was read from.
func (b Bound) String() string {
	words := fmt.Sprintf("%.0f bits at most: %d places of %d characters", math.Floor(b.Bits), b.Places, b.Alphabet)
	if b.Ordered > 0 {
		words += fmt.Sprintf(", the first %d of which count up like a clock or a counter", b.Ordered)
	}
	return words
}

// Of bounds the chance in samples, which have to be in the order in which they were made. What is the same in all of them is none, what is
// a copy of another place is none, and what counts up is none. What is left could all be chance: each place counts in full.
func Of(samples []string) Bound {
	var bound Bound
	shortest, longest := math.MaxInt, 0
	seen := map[string]bool{}
	for _, sample := range samples {
		bound.Twice = bound.Twice || seen[sample]
		seen[sample] = true
		shortest, longest = min(shortest, len(sample)), max(longest, len(sample))
	}
	if len(samples) == 0 {
		return bound
	}
	left, right := columns(samples, shortest, false), columns(samples, shortest, true)
	// Where the lengths differ, what is constant may stand at either end.
	best := slices.MinFunc([][]string{left, right}, func(a, b []string) int { return cmp.Compare(len(a), len(b)) })
	bound.Alphabet = alphabet(best)
	bound.Places = len(best) + longest - shortest
	bound.Ordered = growing(best, bound.Alphabet)
	each := math.Log2(float64(max(bound.Alphabet, 1)))
	for i, column := range best {
		if i < bound.Ordered {
			continue
		}
		bits := each
		switch {
		case different(column) == 2, 8*different(column) <= len(column):
			bits = min(each, math.Log2(float64(different(column)))) // among so many by chance not in one of ten million tries
		case bound.Alphabet == 64 && alphabet([]string{column}) == 10:
			bits = math.Log2(10) // by chance no letter stands in one place of twelve samples in less than one in a billion
		}
		bound.Bits += bits
	}
	// What longer values have more than the shortest is not looked at: it could all be chance.
	bound.Bits += float64(longest-shortest) * each
	return bound
}

// columns are what the samples have at each place, from the left or from the right, without places at which all have the same and those that are
// copies of others.
func columns(samples []string, length int, fromRight bool) []string {
	known := map[string]bool{}
	var all []string
	for i := range length {
		var column strings.Builder
		for _, sample := range samples {
			at := i
			if fromRight {
				at = len(sample) - length + i
			}
			column.WriteByte(sample[at])
		}
		if text := column.String(); different(text) > 1 && !known[text] {
			known[text] = true
			all = append(all, text)
		}
	}
	return all
}

func different(column string) int {
	seen := map[byte]bool{}
	for i := range len(column) {
		seen[column[i]] = true
	}
	return len(seen)
}

// alphabet is the size of the smallest usual alphabet that has all characters seen.
func alphabet(columns []string) int {
	var digits, lower, upper, hexOnly, others = false, false, false, true, false
	extra := map[byte]bool{}
	for _, column := range columns {
		for i := range len(column) {
			switch c := column[i]; {
			case c >= '0' && c <= '9':
				digits = true
			case c >= 'a' && c <= 'z':
				lower, hexOnly = true, hexOnly && c <= 'f'
			case c >= 'A' && c <= 'Z':
				upper, hexOnly = true, hexOnly && c <= 'F'
			default:
				others, hexOnly = true, false
				extra[c] = true
			}
		}
	}
	switch {
	case len(columns) == 0:
		return 0
	case others && len(extra) > 2:
		return 94 // all that can be printed
	case others || lower && upper && !hexOnly:
		return 64
	case !lower && !upper:
		return 10
	case hexOnly && (!lower || !upper):
		return 16
	case hexOnly:
		return 22
	case digits || lower != upper:
		return 36
	}
	return 64
}

// growing is how many of the first columns it takes to see that the values, read from the left, only ever grow from one sample to the next; 0: they
// do not. What stands behind those may be the small change of a clock, or chance: it is taken for chance.
func growing(columns []string, size int) int {
	const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	grown := ascending(columns, "")
	if size == 64 {
		grown = max(grown, ascending(columns, base64url))
	}
	return grown
}

// ascending is growing, by an order of the characters; empty: that of their codes.
func ascending(columns []string, order string) int {
	needed := 0
	if len(columns) == 0 {
		return 0
	}
	for i := 1; i < len(columns[0]); i++ {
		for at, column := range columns {
			before, after := rank(column[i-1], order), rank(column[i], order)
			if before > after {
				return 0
			}
			if before < after {
				needed = max(needed, at+1)
				break
			}
		}
	}
	return needed
}

func rank(c byte, order string) int {
	if order == "" {
		return int(c)
	}
	return strings.IndexByte(order, c)
}
