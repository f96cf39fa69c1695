package fapi2sp

// The clauses about resource servers.
var (
	TokenInHeader       = document.Clause("5.3.4-1")
	TokenNotInQuery     = document.Clause("5.3.4-2")
	ForgedToken         = document.Clause("5.3.4-3a")
	ExpiredToken        = document.Clause("5.3.4-3b")
	RevokedToken        = document.Clause("5.3.4-3c")
	OtherTokens         = document.Clause("5.3.4-3d")
	SufficientToken     = document.Clause("5.3.4-4")
	InsufficientScope   = document.Clause("5.3.4-4b")
	ProofRequired       = document.Clause("5.3.4-5a")
	CertificateRequired = document.Clause("5.3.4-5b")
	ProofOfOtherKey     = document.Clause("5.3.4-5c")
	OtherCertificate    = document.Clause("5.3.4-5d")
)
