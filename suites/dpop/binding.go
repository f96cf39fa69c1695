package dpop

// The clauses about the key to which tokens are bound.
var (
	TokenType       = document.Clause("5-2")
	RefreshedKey    = document.Clause("5-3")
	RefreshAnyKey   = document.Clause("5-4")
	Algorithms      = document.Clause("5.1-1")
	Confirmed       = document.Clause("6-1")
	Thumbprint      = document.Clause("6.1-1")
	Introspected    = document.Clause("6.2-1")
	NoLongLivedOnes = document.Clause("11.2-1")
)
