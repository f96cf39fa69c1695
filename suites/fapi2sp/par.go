package fapi2sp

// The clauses about pushed authorization requests.
var (
	PushedRequests          = document.Clause("5.3.2.2-2")
	PARClientAuthentication = document.Clause("5.3.2.2-4")
	RedirectURIRequired     = document.Clause("5.3.2.2-6")
	RedirectURINotCleartext = document.Clause("5.3.2.2-8")
	RequestURILifetime      = document.Clause("5.3.2.2-12")
	RequestURIPatience      = document.Clause("5.3.2.2-N2")
)
