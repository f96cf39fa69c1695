package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about authorization codes.
var (
	CodeLifetime = document.Shall("5.3.2.1-11",
		"let an authorization code live for at most 60 seconds",
		"Note when a code was issued and refuse it with invalid_grant when 60 seconds have passed.",
		requirement.CodeFlow, requirement.EachAuthentication)

	CodeOnce = document.Shall("5.3.2.2-9",
		"refuse a code that was redeemed before",
		"Mark a code as used before tokens are issued for it, and refuse it from then on.",
		requirement.CodeFlow, requirement.EachAuthentication)

	CodeOnceAtOnce = document.Shall("5.3.2.2-9b",
		"let at most one of several redemptions of a code succeed that arrive at the same moment",
		"Take the code out of the store and learn whether it was there in one atomic operation; a look followed by a delete is two.",
		requirement.CodeFlow)

	CodeLifetimeInstead = document.May("5.3.2.2-N1",
		"keep the lifetime of a code to about a minute where a replayed code can't be recognised",
		"Recognise replayed codes, or let them die soon.",
		requirement.CodeFlow, requirement.FollowsFrom(CodeLifetime, CodeOnce))
)
