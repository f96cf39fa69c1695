package fapi2sp

// The clauses about PKCE.
var (
	PKCERequired         = document.Clause("5.3.2.2-5a")
	PKCEPlain            = document.Clause("5.3.2.2-5b")
	PKCEVerifier         = document.Clause("5.3.2.2-5c")
	PKCEDefault          = document.Clause("5.3.2.2-5d")
	PKCEVerifierRequired = document.Clause("5.3.2.2-5e")
)
