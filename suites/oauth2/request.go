package oauth2

// The clauses about how requests are made.
var (
	ParametersOnce      = Document.Clause("3.1-3")
	TokenByPost         = Document.Clause("3.2-1")
	TokenParametersOnce = Document.Clause("3.2-2")
)
