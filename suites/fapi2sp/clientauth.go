package fapi2sp

// The clauses about how clients authenticate.
var (
	ClientsAuthenticate  = document.Clause("5.3.2.1-6a")
	OtherMethodsRefused  = document.Clause("5.3.2.1-6b")
	AssertionForIssuer   = document.Clause("5.3.2.1-8a")
	AssertionForEndpoint = document.Clause("5.3.2.1-8b")
	AssertionForSeveral  = document.Clause("5.3.2.1-8c")
	AssertionForArray    = document.Clause("5.3.2.1-8d")
	AssertionAhead       = document.Clause("5.3.2.1-13a")
	AssertionFarAhead    = document.Clause("5.3.2.1-13b")
)
