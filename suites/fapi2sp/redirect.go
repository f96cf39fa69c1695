package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about where, and how, the browser is sent.
var (
	NoOpenRedirector = document.ShallNot("5.3.2.1-7",
		"be usable as an open redirector",
		"Redirect only to URIs that are registered for the client of the request; show every other error as a page.",
		requirement.OncePerTarget)

	No307 = document.ShallNot("5.3.2.2-10",
		"answer a request that holds user credentials with a 307 redirect",
		"Redirect with 303 after a form was posted, so that the browser does not post it again.",
		requirement.OncePerTarget)

	Prefer303 = document.Should("5.3.2.2-11",
		"redirect the browser with status 303",
		"Use 303 for every redirect of the login and consent pages and for the one to the client.",
		requirement.OncePerTarget)
)
