package par

// The clauses about what is pushed, and what is answered to that.
var (
	EndpointSecure    = document.Clause("2-1")
	EndpointAnnounced = document.Clause("2-2")
	NoRequestURI      = document.Clause("2.1-1")
	Created           = document.Clause("2.2-1")
	RequestURIForm    = document.Clause("2.2-2")
	LifetimeForm      = document.Clause("2.2-3")
	RequestURIOfOne   = document.Clause("2.2-5")
	ErrorForm         = document.Clause("2.3-1")
	SignedOnly        = document.Clause("2.3-2")
	PostOnly          = document.Clause("2.3-3")
	ObjectAlone       = document.Clause("3-1")
	ObjectOfClient    = document.Clause("3-3")
	UsedOnce          = document.Clause("4-1a")
	RequiredIsBoolean = document.Clause("5-1")
)
