//go:build !race

package selftest

const UnderRace = false
