package oauth2

// The clauses about errors of the token endpoint.
var (
	ErrorForm = Document.Clause("5.2-1")
	ErrorFits = Document.Clause("5.2-3")
	// BasicChallenge is about clients that authenticate in the Authorization header.
	BasicChallenge = Document.Clause("5.2-2")
)
