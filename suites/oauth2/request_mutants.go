package oauth2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
)

func requestMutants() []mutant.Mutant {
	byGet := func(accept func(grant string) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.TokenByGet = accept }
	}
	queried := func(grant string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ReadsQuery = func(q authserver.Queried) bool { return q.Endpoint == authserver.EndpointToken && q.Grant == grant }
		}
	}
	repeated := func(at authserver.Endpoint, how authserver.Repetition) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RepeatedParameter = func(where authserver.Endpoint, _ string) authserver.Repetition {
				if where == at {
					return how
				}
				return authserver.RefuseRepetition
			}
		}
	}
	// By name: who reads parameters into a struct with one of a kind has forgotten the check for those alone.
	named := func(at authserver.Endpoint, how authserver.Repetition, wanted ...string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RepeatedParameter = func(where authserver.Endpoint, name string) authserver.Repetition {
				if where == at && slices.Contains(wanted, name) {
					return how
				}
				return authserver.RefuseRepetition
			}
		}
	}
	byName := func(breaks *requirement.Requirement, at authserver.Endpoint, where, auth string, names ...string) (all []mutant.Mutant) {
		for _, name := range names {
			for how, words := range map[authserver.Repetition]string{authserver.FirstOfThem: "first", authserver.LastOfThem: "last"} {
				all = append(all, mutant.Mutant{
					Name:   fmt.Sprintf("%s-%s-%s", where, strings.ReplaceAll(name, "_", "-"), words),
					Breaks: breaks,
					How:    fmt.Sprintf("takes the %s of several values of %s, and refuses other parameters that stand twice", words, name),
					Policy: named(at, how, name),
					Auth:   auth,
				})
			}
		}
		slices.SortFunc(all, func(a, b mutant.Mutant) int { return strings.Compare(a.Name, b.Name) })
		return all
	}
	return slices.Concat([]mutant.Mutant{{
		Name:   "token-by-get",
		Breaks: TokenByPost,
		How:    "serves the token endpoint by whatever method, and reads query and form alike",
		Policy: byGet(func(string) bool { return true }),
	}, {
		Name:   "refresh-by-get",
		Breaks: TokenByPost,
		How:    "has a route of its own for refresh, and forgot to say by which method",
		Policy: byGet(func(grant string) bool { return grant == "refresh_token" }),
	}, {
		Name:   "client-credentials-by-get",
		Breaks: TokenByPost,
		How:    "has a route of its own for client credentials, and forgot to say by which method",
		Policy: byGet(func(grant string) bool { return grant == "client_credentials" }),
	}, {
		Name:   "code-with-the-assertion-in-the-query",
		Breaks: TokenByPost,
		How:    "reads parameters from form and query alike where a code is redeemed, as its framework does",
		Policy: queried("authorization_code"), Auth: target.PrivateKeyJWT,
	}, {
		Name:   "refresh-with-the-assertion-in-the-query",
		Breaks: TokenByPost,
		How:    "reads parameters from form and query alike where tokens are refreshed",
		Policy: queried("refresh_token"), Auth: target.PrivateKeyJWT,
	}, {
		Name:   "client-credentials-with-the-assertion-in-the-query",
		Breaks: TokenByPost,
		How:    "reads parameters from form and query alike where a client asks for itself",
		Policy: queried("client_credentials"), Auth: target.PrivateKeyJWT,
	}, {
		Name:   "token-parameters-first",
		Breaks: TokenParametersOnce,
		How:    "takes the first of several values at the token endpoint, as its framework does",
		Policy: repeated(authserver.EndpointToken, authserver.FirstOfThem),
	}, {
		Name:   "token-parameters-last",
		Breaks: TokenParametersOnce,
		How:    "takes the last of several values at the token endpoint, as its framework does",
		Policy: repeated(authserver.EndpointToken, authserver.LastOfThem),
	}, {
		Name:   "pushed-parameters-first",
		Breaks: ParametersOnce,
		How:    "takes the first of several values where requests are pushed",
		Policy: repeated(authserver.EndpointPAR, authserver.FirstOfThem),
	}, {
		Name:   "pushed-parameters-last",
		Breaks: ParametersOnce,
		How:    "takes the last of several values where requests are pushed",
		Policy: repeated(authserver.EndpointPAR, authserver.LastOfThem),
	}, {
		Name:   "authorization-parameters-first",
		Breaks: ParametersOnce,
		How:    "takes the first of several values at the authorization endpoint",
		Policy: repeated(authserver.EndpointAuthorization, authserver.FirstOfThem),
	}},
		byName(ParametersOnce, authserver.EndpointPAR, "pushed", "", "client_id", "state", "nonce", "code_challenge"),
		byName(ParametersOnce, authserver.EndpointPAR, "pushed", target.PrivateKeyJWT, "client_assertion"),
		byName(ParametersOnce, authserver.EndpointAuthorization, "authorization", "", "request_uri", "client_id"),
		byName(TokenParametersOnce, authserver.EndpointToken, "token", "", "client_id", "scope", "refresh_token", "redirect_uri", "code_verifier"),
		byName(TokenParametersOnce, authserver.EndpointToken, "token", target.PrivateKeyJWT, "client_assertion"),
	)
}
