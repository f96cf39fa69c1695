package assertion

// The clauses about what a client assertion says, who signed it, and what comes with it.
var (
	Issuer          = RFC7523.Clause("3-1")
	Subject         = RFC7523.Clause("3-1b")
	Audience        = RFC7523.Clause("3-2")
	Expiry          = RFC7523.Clause("3-3")
	NotBefore       = RFC7523.Clause("3-4")
	Signature       = RFC7523.Clause("3-6")
	OwnKeyUntrusted = RFC7523.Clause("3-6b")
	AssertionType   = RFC7523.Clause("3-7")
	ClientIDMatches = RFC7523.Clause("3.1-1")
	OneMethod       = RFC7523.Clause("3.1-2")
	TypeNotDemanded = RFC10070.Clause("typ-2")
)
