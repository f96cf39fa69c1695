package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about metadata.
var (
	MetadataPublished = document.Shall("5.3.2.1-1",
		"publish its metadata by OpenID Connect Discovery or RFC 8414",
		"Serve a JSON document at the issuer plus /.well-known/openid-configuration, or at the RFC 8414 place, whose issuer is exactly the issuer identifier.",
		requirement.OncePerTarget)

	MetadataNamesEndpoints = document.Shall("5.3.2.1-1b",
		"name in its metadata every endpoint that a client of this profile needs",
		"Add authorization_endpoint, token_endpoint, pushed_authorization_request_endpoint and, where id_tokens are signed, jwks_uri to the metadata; all with https.",
		requirement.OncePerTarget)
)
