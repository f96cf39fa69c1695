package dpop

// The clauses that bind a code to a key.
var (
	CodeBoundByThumbprint = document.Clause("10-1")
	CodeBoundByProof      = document.Clause("10.1-3")
)
