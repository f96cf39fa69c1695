package oauth2

// The clauses about what a token response says.
var (
	GrantedScopeTold    = Document.Clause("3.3-1")
	TokenResponseHeader = Document.Clause("5.1-1")
	TokenResponseBody   = Document.Clause("5.1-2")
)
