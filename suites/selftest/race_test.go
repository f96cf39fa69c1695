//go:build race

package selftest

// UnderRace says whether these tests were built with the race detector, with which what runs everything twice takes minutes.
const UnderRace = true
