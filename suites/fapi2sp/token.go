package fapi2sp

// The clauses about the token endpoint.
var (
	NoPasswordGrant  = document.Clause("5.3.2.1-2")
	ConfidentialOnly = document.Clause("5.3.2.1-3")
	BoundTokensOnly  = document.Clause("5.3.2.1-4")
	LeastPrivilege   = document.Clause("5.3.2.1-14")
)
