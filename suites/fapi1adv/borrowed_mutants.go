package fapi1adv

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/fapi2ms"
	"github.com/fapitest/fapitest/suites/fapi2sp"
	"github.com/fapitest/fapitest/suites/jarm"
	"github.com/fapitest/fapitest/suites/oauth2"
	"github.com/fapitest/fapitest/suites/openid"
)

// borrowed are mutants of other documents again, on FAPI 1.0: what its clauses follow from has to be seen in its shape too. A name that nobody has is left out, which a test notices.
func borrowed() []mutant.Mutant {
	known := slices.Concat(fapi2sp.Mutants(), fapi2ms.Mutants(), jarm.Mutants(), oauth2.Mutants(), openid.Mutants())
	var all []mutant.Mutant
	for _, some := range borrowedNames {
		prefix, _, _ := strings.Cut(strings.TrimPrefix(some.profile, "fapi1-"), "/")
		if some.profile == pushed {
			prefix = "pushed"
		}
		for _, name := range some.names {
			i := slices.IndexFunc(known, func(m mutant.Mutant) bool { return m.Name == name })
			if i < 0 {
				continue
			}
			again := known[i]
			again.Name, again.Profile = prefix+"-"+name, some.profile
			if also := alsoBroken[again.Name]; also != nil {
				again.AlsoBreaks = append(slices.Clone(again.AlsoBreaks), also)
			}
			all = append(all, again)
		}
	}
	return all
}

// policyOf is how the mutant of that name is broken, of the profile of FAPI 2.0.
func policyOf(name string) func(*authserver.Policy) {
	for _, m := range fapi2sp.Mutants() {
		if m.Name == name {
			return m.Policy
		}
	}
	return func(*authserver.Policy) {} // it is caught by nothing then
}

// alsoBroken are the clauses of this document that a borrowed mutant breaks beside those of its own.
var alsoBroken = map[string]*requirement.Requirement{
	"advanced-redirect-uri-defaults":          InsideOnly, // whoever fills redirect_uri in has not read it in the object
	"advanced-id-token-by-rs256":              Algorithms,
	"pushed-par-leads-nowhere":                ObjectsTaken,
	"pushed-unsigned-response-without-a-mode": ResponseTypes,
}

// borrowedNames are their names, by the profile.
var borrowedNames = []struct {
	profile string
	names   []string
}{
	{baseline, []string{
		"secret-taken-at-token", "certificate-known-by-its-name", "proof-by-a-short-key-with-codes",
		"pkce-optional-for-other-clients", "pkce-plain-allowed", "pkce-default-plain", "pkce-verifier-not-compared", "pkce-verifier-optional",
		"redirect-uri-defaults", "code-reusable", "metadata-issuer-with-slash",
		"token-response-may-be-stored", "token-response-without-token-type", "response-type-unknown-is-code", "state-twice", "denial-without-state",
		"code-of-any-client", "token-redirect-uri-ignored", "code-anything", "id-token-missing", "id-token-without-sub",
		"token-expiry-not-checked", "token-revocation-ignored", "scope-not-checked", "insufficient-scope-without-challenge", "userinfo-of-another-sub",
	}},
	{byValue, []string{
		"secret-taken-at-token", "bearer-without-certificate", "refresh-bearer-without-certificate", "bound-to-a-mangled-certificate-hash",
		"redirect-uri-defaults", "assertion-by-rs256", "id-token-by-rs256", "request-object-by-rs256", "token-expiry-not-checked", "tls-small-prime",
	}},
	{pushed, []string{"par-leads-nowhere", "signed-response-without-audience", "unsigned-response-without-a-mode", "denials-in-the-open"}},
}
