package oauth2

import (
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

func ownerMutants() []mutant.Mutant {
	owns := func(kind string, accept func(authserver.Ownership) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.Owns = func(o authserver.Ownership) bool {
				return o.Owner == o.Caller || o.Kind == kind && o.Endpoint == authserver.EndpointToken && accept(o)
			}
		}
	}
	anybody := func(authserver.Ownership) bool { return true }
	sameHouse := func(o authserver.Ownership) bool {
		return strings.TrimSuffix(o.Owner, "-second") == strings.TrimSuffix(o.Caller, "-second")
	}
	byCertificate := func(o authserver.Ownership) bool { return !strings.HasPrefix(o.Caller, "key-") }
	return []mutant.Mutant{{
		Name:   "code-of-any-client",
		Breaks: CodeOfItsClient,
		How:    "authenticates whoever redeems a code, and does not look whose code it is",
		Policy: owns("code", anybody),
	}, {
		Name:   "code-of-the-same-house",
		Breaks: CodeOfItsClient,
		How:    "looks whether a code belongs to some app of the same registrant",
		Policy: owns("code", sameHouse),
		Auth:   "private_key_jwt",
	}, {
		Name:   "code-of-any-client-over-certificates",
		Breaks: CodeOfItsClient,
		How:    "looks whose code it is in the code that reads client assertions, and so not where clients show a certificate",
		Policy: owns("code", byCertificate),
		Auth:   "private_key_jwt",
	}, {
		Name:   "code-of-any-client-without-openid",
		Breaks: CodeOfItsClient,
		How:    "looks whose code it is in the part that knows OpenID Connect, and so not where openid was not asked for",
		Policy: owns("code", func(o authserver.Ownership) bool { return !o.OpenID }),
	}, {
		Name:   "refresh-token-of-any-client-without-openid",
		Breaks: RefreshTokenOfItsClient,
		How:    "looks whose refresh token it is in the part that knows OpenID Connect, and so not where openid was not granted",
		Policy: owns("refresh_token", func(o authserver.Ownership) bool { return !o.OpenID }),
	}, {
		Name:   "refresh-token-of-any-client",
		Breaks: RefreshTokenOfItsClient,
		How:    "authenticates whoever uses a refresh token, and does not look whose it is",
		Policy: owns("refresh_token", anybody),
	}, {
		Name:   "refresh-token-of-the-same-house",
		Breaks: RefreshTokenOfItsClient,
		How:    "looks whether a refresh token belongs to some app of the same registrant",
		Policy: owns("refresh_token", sameHouse),
		Auth:   "private_key_jwt",
	}, {
		Name:   "refresh-token-of-any-client-over-certificates",
		Breaks: RefreshTokenOfItsClient,
		How:    "looks whose refresh token it is in the code that reads client assertions, and so not where clients show a certificate",
		Policy: owns("refresh_token", byCertificate),
		Auth:   "private_key_jwt",
	}}
}
