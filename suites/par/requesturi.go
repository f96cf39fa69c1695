package par

import "github.com/fapitest/fapitest/harness/requirement"

// RequestURIExpires is the clause about a request_uri that has lived for as long as it was said to.
var RequestURIExpires = document.Shall("4-1b",
	"refuse a request_uri that has expired",
	"Keep with each request_uri when it expires, and refuse it from then on whatever the store still holds.",
	requirement.PAR)
