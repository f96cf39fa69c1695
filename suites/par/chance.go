package par

// The clauses about how hard it is to guess a request_uri, about two browsers that have the same one, about what a server may do and need not, and about what
// nobody can see.
var (
	RequestURIRandom   = document.Clause("2.2-4")
	AuthenticatedAlike = document.Clause("2-3")
	PostedForms        = document.Clause("2-5")
	TwoBrowsers        = document.Clause("4-1c")
	RedirectPerRequest = document.Clause("2.1-4")
	AnswerNotCached    = document.Clause("2.2-6")
	TooLarge           = document.Clause("2.3-4")
	ValidatedAgain     = document.Clause("4-2")
	PolicyChanges      = document.Clause("7.4-1")
)
