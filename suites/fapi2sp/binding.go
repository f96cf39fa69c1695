package fapi2sp

// The clauses about tokens that are bound to a key, as far as the authorization server keeps them.
var (
	CertificateBinding = document.Clause("5.3.2.1-5a")
	DPoPBinding        = document.Clause("5.3.2.1-5b")
	DPoPNonces         = document.Clause("5.3.2.1-10")
	DPoPThumbprint     = document.Clause("5.3.2.1-12")
	ProofAhead         = document.Clause("5.3.2.1-13c")
	ProofFarAhead      = document.Clause("5.3.2.1-13d")
)
