package fapi2sp

// The clauses about the authorization endpoint.
var (
	ResponseTypeCode    = document.Clause("5.3.2.2-1a")
	OtherResponseTypes  = document.Clause("5.3.2.2-1b")
	PushedOnly          = document.Clause("5.3.2.2-3")
	NoRequestByValue    = document.Clause("5.3.2.2-3b")
	NoForeignRequestURI = document.Clause("5.3.2.2-3c")
	IssuerInResponse    = document.Clause("5.3.2.2-7")
	IssuerInError       = document.Clause("5.3.2.2-7b")
	ConsentNamesClient  = document.Clause("5.3.2.2-13")
	NonceCarried        = document.Clause("5.3.2.2-14a")
	LongNonce           = document.Clause("5.3.2.2-14b")
	NoStateNeeded       = document.Clause("5.3.2.2-D1")
	RequestURIUsedAtEnd = document.Clause("5.3.2.2-N3")
	LongState           = document.Clause("5.3.2.2-N4")
	NoCrossOrigin       = document.Clause("5.2.3-3")
	RichRequests        = document.Clause("5.3.2.2-N5")
)
