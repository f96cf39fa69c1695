package oauth2

// The clauses about what a refresh token gives.
var (
	RefreshedScope = Document.Clause("6-2")
	RefreshedToken = Document.Clause("6-4")
)
