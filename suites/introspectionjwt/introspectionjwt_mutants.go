package introspectionjwt

import (
	"maps"
	"slices"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
)

// Mutants returns the banks that break this RFC's requirements and nothing else.
func Mutants() []mutant.Mutant {
	return slices.Concat(headMutants(), claimMutants(), memberMutants())
}

func headMutants() []mutant.Mutant {
	media := func(said func(authserver.SignedIntrospection) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.SignedMedia = said }
	}
	typed := func(change func(header map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SigningHeader = func(kind string, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				if kind == "introspection" {
					change(edited)
				}
				return edited
			}
		}
	}
	return []mutant.Mutant{{
		Name: "introspection-jwt-by-bearer", Breaks: Authenticated,
		How: "takes any bearer token for the authorization of who asks for a JWT",
		Policy: func(p *authserver.Policy) {
			p.TakesHeader = func(u authserver.Unauthorized) bool { return u.Scheme == "bearer" && u.AsksForJWT }
		},
	}, {
		Name: "introspection-jwt-open-to-internal-callers", Breaks: Authenticated,
		How: "authenticates nobody who says in X-Forwarded-For that he is 127.0.0.1, where a JWT is asked for",
		Policy: func(p *authserver.Policy) {
			p.TrustsWithin = func(u authserver.Unauthorized) bool { return u.AsksForJWT }
		},
	}, {
		Name: "introspection-jwt-by-get", Breaks: Authenticated,
		How: "answers by GET too where a JWT is asked for, and authenticates nobody there",
		Policy: func(p *authserver.Policy) {
			p.ServesByGet = func(u authserver.Unauthorized) bool { return u.AsksForJWT }
		},
	}, {
		Name: "introspection-jwt-for-anybody", Breaks: Authenticated, AlsoElsewhere: []string{"FAPI2-SP-5.3.2.1-6a", "RFC9700-4.13-1", "RFC7662-2.1-1"},
		How: "authenticates who wants JSON from introspection, and answers whoever wants a JWT",
		Policy: func(p *authserver.Policy) {
			p.Unauthenticated = func(c authserver.Presented) bool {
				return c.Endpoint == authserver.EndpointIntrospection && c.AsksForJWT
			}
		},
	}, {
		Name: "introspection-jwt-as-json", Breaks: MediaType,
		How:    "calls the JWT of introspection application/json",
		Policy: media(func(authserver.SignedIntrospection) string { return "application/json" }),
	}, {
		Name: "introspection-jwt-as-jwt", Breaks: MediaType,
		How:    "calls the JWT of introspection application/jwt",
		Policy: media(func(authserver.SignedIntrospection) string { return "application/jwt" }),
	}, {
		Name: "inactive-introspection-jwt-as-json", Breaks: MediaType,
		How: "calls the JWT application/json where the token is not active",
		Policy: media(func(s authserver.SignedIntrospection) string {
			if !s.Active {
				return "application/json"
			}
			return "application/token-introspection+jwt"
		}),
	}, {
		Name: "introspection-jwt-of-type-jwt", Breaks: TypeNamed,
		How:    "has typ JWT in the header of introspection answers",
		Policy: typed(func(header map[string]any) { header["typ"] = "JWT" }),
	}, {
		Name: "introspection-jwt-without-type", Breaks: TypeNamed,
		How:    "has no typ in the header of introspection answers",
		Policy: typed(func(header map[string]any) { delete(header, "typ") }),
	}, {
		Name: "introspection-jwt-by-rs256", Breaks: Algorithm,
		How:    "signs introspection answers by RS256, the default of RFC 9701",
		Policy: authserver.Signing("introspection", "RS256"),
	}, {
		Name: "introspection-jwt-unsigned", Breaks: Algorithm,
		How:    "does not sign the JWT of introspection",
		Policy: authserver.Signing("introspection", "none"),
	}, {
		Name: "introspection-jwt-by-a-secret", Breaks: Algorithm,
		How:    "makes the JWT of introspection with a secret, by HS256",
		Policy: authserver.Signing("introspection", "HS256"),
	}}
}

func claimMutants() []mutant.Mutant {
	edits := func(edit func(about authserver.SignedIntrospection, claims map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SignedClaims = func(about authserver.SignedIntrospection, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edit(about, edited)
				return edited
			}
		}
	}
	without := func(name string) func(*authserver.Policy) {
		return edits(func(_ authserver.SignedIntrospection, claims map[string]any) { delete(claims, name) })
	}
	with := func(name string, value any) func(*authserver.Policy) {
		return edits(func(_ authserver.SignedIntrospection, claims map[string]any) { claims[name] = value })
	}
	beside := func(names ...string) func(*authserver.Policy) {
		return edits(func(_ authserver.SignedIntrospection, claims map[string]any) {
			inside, _ := claims["token_introspection"].(map[string]any)
			for _, name := range names {
				if value, there := inside[name]; there {
					claims[name] = value
				}
			}
		})
	}
	return []mutant.Mutant{
		{Name: "introspection-jwt-without-iss", Breaks: ClaimsThere, How: "does not say who has made the JWT of introspection", Policy: without("iss")},
		{Name: "introspection-jwt-iss-with-slash", Breaks: ClaimsThere, How: "has a slash behind the issuer in the JWT of introspection", Policy: edits(
			func(about authserver.SignedIntrospection, claims map[string]any) { claims["iss"] = about.Issuer + "/" })},
		{Name: "introspection-jwt-without-aud", Breaks: ClaimsThere, How: "does not say for whom the JWT of introspection is", Policy: without("aud")},
		{Name: "introspection-jwt-for-the-first-client", Breaks: ClaimsThere, How: "has one client as aud of the JWT of introspection, whoever asks", Policy: with("aud", "key-dpop-second")},
		{Name: "introspection-jwt-for-the-server", Breaks: ClaimsThere, How: "has the issuer as aud of the JWT of introspection", Policy: edits(
			func(about authserver.SignedIntrospection, claims map[string]any) { claims["aud"] = about.Issuer })},
		{Name: "introspection-jwt-for-the-owner", Breaks: ClaimsThere, How: "has as aud of the JWT of introspection the client that the token was issued to, and not who asks", Policy: edits(
			func(about authserver.SignedIntrospection, claims map[string]any) {
				if about.Owner != "" {
					claims["aud"] = about.Owner
				}
			})},
		{Name: "introspection-jwt-without-iat", Breaks: ClaimsThere, How: "does not say when the JWT of introspection was made", Policy: without("iat")},
		{Name: "introspection-jwt-iat-as-text", Breaks: ClaimsThere, How: "writes iat of the JWT of introspection as text", Policy: with("iat", "1700000000")},
		{Name: "introspection-jwt-without-object", Breaks: ClaimsThere, How: "leaves token_introspection out", Policy: without("token_introspection")},
		{Name: "introspection-jwt-with-text", Breaks: ClaimsThere, How: "writes token_introspection as text that is JSON", Policy: with("token_introspection", `{"active":true}`)},
		{Name: "introspection-jwt-tells-doubly", Breaks: InsideAlone, How: "says beside token_introspection once more what the token is", Policy: beside("active", "scope", "cnf")},
		{Name: "introspection-jwt-binding-doubly", Breaks: InsideAlone, How: "says beside token_introspection what the token is bound to", Policy: beside("cnf")},
		{Name: "introspection-jwt-like-an-access-token", Breaks: NotAnAccessToken, How: "has sub and exp of the token beside token_introspection", Policy: beside("sub", "exp")},
	}
}

func memberMutants() []mutant.Mutant {
	edits := func(edit func(about authserver.SignedIntrospection, members map[string]any)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.SignedMembers = func(about authserver.SignedIntrospection, complete map[string]any) map[string]any {
				edited := maps.Clone(complete)
				edit(about, edited)
				return edited
			}
		}
	}
	calls := func(active func(authserver.TokenState) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.IntrospectedInJWT = func(s authserver.TokenState) bool {
				return authserver.GoodToken(s) || active(s)
			}
		}
	}
	return []mutant.Mutant{
		{Name: "introspection-jwt-without-binding", Breaks: ClaimsThere, How: "leaves cnf out of the JWT of introspection", Policy: edits(
			func(_ authserver.SignedIntrospection, members map[string]any) { delete(members, "cnf") })},
		{Name: "introspection-jwt-of-a-wider-scope", Breaks: ClaimsThere, How: "names in the JWT of introspection all that the client may have, and not what was granted", Policy: edits(
			func(about authserver.SignedIntrospection, members map[string]any) {
				if about.Active {
					members["scope"] = "openid accounts payments"
				}
			})},
		{Name: "introspection-jwt-explains-inactive-tokens", Breaks: NothingElse, How: "says in the JWT of introspection who asks, where the token is not active", Policy: edits(
			func(about authserver.SignedIntrospection, members map[string]any) {
				if !about.Active {
					members["client_id"] = about.Caller
				}
			})},
		{Name: "introspection-jwt-names-the-owner", Breaks: NothingElse, How: "names the client of a token to another one, in an answer that it is not active", Policy: edits(
			func(about authserver.SignedIntrospection, members map[string]any) {
				if about.Owner != "" && about.Owner != about.Caller {
					members["client_id"] = about.Owner
				}
			})},
		{Name: "introspection-jwt-of-codes", Breaks: NothingElse, How: "finds codes among its tokens where introspection is answered with a JWT", Policy: calls(
			func(s authserver.TokenState) bool { return s.Kind == "code" })},
		{Name: "introspection-jwt-of-expired-refreshed-tokens", Breaks: NothingElse, How: "does not look at the time of refreshed tokens where introspection is answered with a JWT", Policy: calls(
			func(s authserver.TokenState) bool { return s.Refreshed && !s.Revoked && s.Overdue >= 0 })},
		{Name: "introspection-jwt-of-expired-tokens", Breaks: NothingElse, How: "does not look at the time where introspection is answered with a JWT", Policy: calls(
			func(s authserver.TokenState) bool { return s.Kind != "" && !s.Revoked })},
		{Name: "introspection-jwt-of-revoked-tokens", Breaks: NothingElse, How: "does not look at revocations where introspection is answered with a JWT", Policy: calls(
			func(s authserver.TokenState) bool { return s.Revoked && s.Overdue < 0 })},
		{Name: "introspection-jwt-of-id-tokens", Breaks: NothingElse, How: "calls an id_token active where introspection is answered with a JWT", Policy: calls(
			func(s authserver.TokenState) bool { return s.Kind == "id_token" && s.Overdue < 0 })},
	}
}
