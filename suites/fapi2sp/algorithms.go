package fapi2sp

// The clauses about the algorithms of what clients send.
var (
	AssertionAlgorithms     = document.Clause("5.4.1-1.2a")
	UnsignedAssertions      = document.Clause("5.4.1-1.3")
	ProofAlgorithms         = document.Clause("5.4.1-1.2d")
	ProofAlgorithmsAtRS     = document.Clause("5.4.1-1.2f")
	UnsignedProofs          = document.Clause("5.4.1-1.3b")
	UnsignedAtRS            = document.Clause("5.4.1-1.3d")
	ClientKeyLength         = document.Clause("5.4.1-2b")
	RequestObjectAlgorithms = document.Clause("5.4.1-1.2e")
	UnsignedRequestObjects  = document.Clause("5.4.1-1.3c")
	RequestObjectAhead      = document.Clause("5.3.2.1-13e")
	RequestObjectFarAhead   = document.Clause("5.3.2.1-13f")
)
