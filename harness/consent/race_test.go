//go:build race

package consent_test

// underRace says whether these tests were built with the race detector, which takes several times the memory.
const underRace = true
