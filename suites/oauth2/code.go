package oauth2

// The clauses about how a code is redeemed.
var (
	SameRedirectURI    = Document.Clause("4.1.3-2")
	RedirectURIPresent = Document.Clause("4.1.3-2b")
	CodesKnown         = Document.Clause("4.1.3-3")
)
