package fapi2sp

// The clauses about what the server signs, and about its keys.
var (
	SigningAlgorithms   = document.Clause("5.4.1-1.2b")
	AnnouncedAlgorithms = document.Clause("5.4.1-1.2c")
	RSAKeyLength        = document.Clause("5.4.1-2")
	CurveSize           = document.Clause("5.4.1-3")
	KeySetOverTLS       = document.Clause("5.4.2-1")
	NoKeyAddresses      = document.Clause("5.4.2-2")
	KeyIDsDiffer        = document.Clause("5.4.2-3")
	KeysByAddress       = document.Clause("5.4.2-p1")
	IdentityByOpenID    = document.Clause("5.3.2.3-1")
	ProfileOnlyAdds     = document.Clause("5.1.2-1")
	CertifiedSoftware   = document.Clause("6.6-p1")
	ClientIDsAreNoUsers = document.Clause("6.7-p1")
	Namesakes           = document.Clause("5.4.3-1")
	JWTPractices        = document.Clause("5.4.1-1.1")
)
