package fapi2sp

import "github.com/fapitest/fapitest/harness/requirement"

// The clauses about resource servers.
var (
	TokenInHeader = document.Shall("5.3.4-1",
		"take access tokens from the Authorization header",
		"Read the token from the Authorization header: scheme DPoP with a proof, or Bearer over mutual TLS.",
		requirement.EachBinding)

	TokenNotInQuery = document.ShallNot("5.3.4-2",
		"accept access tokens in the query string",
		"Ignore access_token in the URL, and answer as if there were no token.",
		requirement.EachBinding)

	ForgedToken = document.Shall("5.3.4-3a",
		"refuse access tokens that were not issued by its authorization server or were altered",
		"Check the signature over the whole token, with the authorization server's key, or ask for the token by introspection.",
		requirement.EachBinding)

	ExpiredToken = document.Shall("5.3.4-3b",
		"refuse access tokens that have expired",
		"Check exp of every token against the clock.",
		requirement.EachBinding)

	RevokedToken = document.Shall("5.3.4-3c",
		"refuse access tokens that were revoked",
		"Ask for the state of a token by introspection, or have revocations brought to you.",
		requirement.Revocation, requirement.EachBinding)

	OtherTokens = document.Shall("5.3.4-3d",
		"refuse id_tokens and refresh tokens as access tokens",
		"Check what kind of token it is (typ at+jwt, or the kind in the store), beside its signature and its issuer.",
		requirement.OpenID, requirement.EachBinding)

	SufficientToken = document.Shall("5.3.4-4",
		"refuse access tokens that do not suffice for the action",
		"Compare the scope of the token with what the resource needs.",
		requirement.EachBinding)

	InsufficientScope = document.Shall("5.3.4-4b",
		"say insufficient_scope when it refuses a token that does not suffice",
		`Answer 403 with WWW-Authenticate: DPoP (or Bearer) error="insufficient_scope".`, requirement.EachBinding)

	ProofRequired = document.Shall("5.3.4-5a",
		"refuse a DPoP-bound access token without a proof",
		"Demand the DPoP header whenever the token is bound to a key.",
		requirement.DPoP, requirement.EachBinding)

	CertificateRequired = document.Shall("5.3.4-5b",
		"refuse a certificate-bound access token without a certificate",
		"Compare the certificate of the connection with the token's; no certificate is no match.",
		requirement.MTLS, requirement.EachBinding)

	ProofOfOtherKey = document.Shall("5.3.4-5c",
		"refuse a DPoP-bound access token with a proof of another key",
		"Compare the thumbprint of the proof's key with the one that the token is bound to.",
		requirement.DPoP, requirement.EachBinding)

	OtherCertificate = document.Shall("5.3.4-5d",
		"refuse a certificate-bound access token over another certificate",
		"Compare the SHA-256 of the connection's certificate with the one that the token is bound to.",
		requirement.MTLS, requirement.EachBinding)
)
