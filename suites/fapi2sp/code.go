package fapi2sp

// The clauses about authorization codes.
var (
	CodeLifetime        = document.Clause("5.3.2.1-11")
	CodeOnce            = document.Clause("5.3.2.2-9")
	CodeOnceAtOnce      = document.Clause("5.3.2.2-9b")
	CodeLifetimeInstead = document.Clause("5.3.2.2-N1")
)
