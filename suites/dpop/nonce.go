package dpop

// The clauses about nonces.
var (
	OwnNonces       = document.Clause("4.3-10")
	OwnNoncesAtRS   = document.Clause("7.1-p2.10")
	NonceDemand     = document.Clause("8-1")
	NonceDemandAtRS = document.Clause("9-1")
	NoncesNotCached = document.Clause("8-3")
	NonceStays      = document.Clause("11.3-1")
)
