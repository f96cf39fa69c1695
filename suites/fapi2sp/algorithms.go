package fapi2sp

// The clauses about the algorithms of what clients send.
var (
	AssertionAlgorithms = document.Clause("5.4.1-1.2a")
	UnsignedAssertions  = document.Clause("5.4.1-1.3")
)
