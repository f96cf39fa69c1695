package fapi2sp

// The clauses about TLS. What BCP 195 says itself is in suites/transport.
var (
	TLSAlone           = document.Clause("5.2.1-1")
	OldVersionsRefused = document.Clause("5.2.1-2")
	FollowsBCP195      = document.Clause("5.2.1-3")
	SignedNames        = document.Clause("5.2.1-4")
	PeersVerified      = document.Clause("5.2.1-5")
	ValidCertificates  = document.Clause("5.2.1-D1")
	TrustListPublished = document.Clause("5.2.2.1-1")
	AliasesPublished   = document.Clause("5.2.2.1-2")
	RecommendedSuites  = document.Clause("5.2.2-1")
	StrictTransport    = document.Clause("5.2.3-1")
	SuitesForBrowsers  = document.Clause("5.2.3-2")
)
