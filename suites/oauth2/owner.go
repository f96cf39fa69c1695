package oauth2

// The clauses about codes and refresh tokens in the hands of another client.
var (
	CodeOfItsClient         = Document.Clause("4.1.3-1")
	RefreshTokenOfItsClient = Document.Clause("6-1")
)
