package oauth2

// The clauses about authorization requests, and what becomes of them.
var (
	UnknownParameters   = Document.Clause("3.1-2")
	RedirectURIAbsolute = Document.Clause("3.1.2-1")
	ResponseTypeKnown   = Document.Clause("4.1.1-1")
	DenialTold          = Document.Clause("4.1.2.1-2")
)
