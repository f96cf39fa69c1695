//go:build race

package main

// underRace says whether these tests were built with the race detector, with which what runs everything twice takes minutes.
const underRace = true
