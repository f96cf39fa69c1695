package fapi2sp

// The clauses about refresh tokens.
var (
	BoundTokensOnRefresh = document.Clause("5.3.2.1-4b")
	NoRotation           = document.Clause("5.3.2.1-9a")
	RotationForgives     = document.Clause("5.3.2.1-9b")
)
