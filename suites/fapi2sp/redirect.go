package fapi2sp

// The clauses about where, and how, the browser is sent.
var (
	NoOpenRedirector = document.Clause("5.3.2.1-7")
	No307            = document.Clause("5.3.2.2-10")
	Prefer303        = document.Clause("5.3.2.2-11")
)
