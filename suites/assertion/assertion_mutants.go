package assertion

import (
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/introspectionjwt"
	"github.com/fapitest/fapitest/suites/jwt"
)

// Mutants returns the banks that break what is asked of servers that take client assertions.
func Mutants() []mutant.Mutant {
	return slices.Concat(claimMutants(), timeMutants(), signatureMutants(), besideMutants())
}

// sound is a bank that also takes assertions of which it reads the facts in its own way.
func sound(read func(facts *authserver.Assertion)) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		p.SoundAssertion = func(facts authserver.Assertion) bool {
			if authserver.OwnAssertion(facts) {
				return true
			}
			read(&facts)
			return authserver.OwnAssertion(facts)
		}
	}
}

func claimMutants() []mutant.Mutant {
	names := func(client func(authserver.Naming) string) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				if own := authserver.OneName(n); own != "" {
					return own
				}
				return client(n)
			}
			sound(func(facts *authserver.Assertion) { facts.Subject = facts.Client })(p)
		}
	}
	audience := func(accept func(authserver.Audience) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AssertionAudience = func(a authserver.Audience) bool { return authserver.OnlyIssuer(a) || accept(a) }
		}
	}
	first := func(claim string) func(*authserver.Policy) {
		return func(p *authserver.Policy) { p.ReadsFirst = func(name string) bool { return name == claim } }
	}
	return []mutant.Mutant{{
		Name:   "assertion-first-iss",
		Breaks: Issuer,
		How:    "reads the first iss of an assertion that has two",
		Policy: first("iss"),
	}, {
		Name:   "assertion-first-sub",
		Breaks: Subject,
		How:    "reads the first sub of an assertion that has two",
		Policy: first("sub"),
	}, {
		Name:   "assertion-first-aud",
		Breaks: Audience,
		How:    "reads the first aud of an assertion that has two",
		Policy: first("aud"),
	}, {
		Name:   "assertion-iss-not-read",
		Breaks: Issuer,
		How:    "goes by sub, and does not read iss",
		Policy: sound(func(facts *authserver.Assertion) { facts.Issuer = facts.Client }),
	}, {
		Name:   "assertion-iss-optional",
		Breaks: Issuer,
		How:    "compares iss where it is there",
		Policy: sound(func(facts *authserver.Assertion) {
			if facts.Issuer == nil {
				facts.Issuer = facts.Client
			}
		}),
	}, {
		Name:   "assertion-iss-in-a-list",
		Breaks: Issuer,
		How:    "looks for the client among what iss says",
		Policy: sound(func(facts *authserver.Assertion) {
			if list, ok := facts.Issuer.([]any); ok && slices.Contains(list, any(facts.Client)) {
				facts.Issuer = facts.Client
			}
		}),
	}, {
		Name:   "assertion-iss-not-read-for-a-jwt",
		Breaks: Issuer,
		How:    "answers introspection with a JWT in a service of its own, which does not read iss",
		Policy: sound(func(facts *authserver.Assertion) {
			if facts.AsksForJWT {
				facts.Issuer = facts.Client
			}
		}),
	}, {
		Name:   "assertion-iss-not-read-at-revocation",
		Breaks: Issuer,
		How:    "does not read iss at the revocation endpoint",
		Policy: sound(func(facts *authserver.Assertion) {
			if facts.Endpoint == authserver.EndpointRevocation {
				facts.Issuer = facts.Client
			}
		}),
	}, {
		Name:       "assertion-sub-not-read",
		Breaks:     Subject,
		AlsoBreaks: []*requirement.Requirement{jwt.KindsApart},
		How:        "goes by client_id, and does not read sub",
		Policy:     names(func(n authserver.Naming) string { return n.ClientID }),
	}, {
		Name:       "assertion-sub-optional",
		Breaks:     Subject,
		AlsoBreaks: []*requirement.Requirement{jwt.KindsApart},
		How:        "goes by client_id where sub is missing",
		Policy: names(func(n authserver.Naming) string {
			if n.Subject == nil {
				return n.ClientID
			}
			return ""
		}),
	}, {
		Name:       "assertion-sub-not-read-with-codes",
		Breaks:     Subject,
		AlsoBreaks: []*requirement.Requirement{jwt.KindsApart},
		How:        "goes by client_id where a code is redeemed",
		Policy: names(func(n authserver.Naming) string {
			if n.Grant == "authorization_code" {
				return n.ClientID
			}
			return ""
		}),
	}, {
		Name:       "assertion-sub-not-read-at-introspection",
		Breaks:     Subject,
		AlsoBreaks: []*requirement.Requirement{jwt.KindsApart},
		How:        "goes by client_id at the introspection endpoint",
		Policy: names(func(n authserver.Naming) string {
			if n.Endpoint == authserver.EndpointIntrospection {
				return n.ClientID
			}
			return ""
		}),
	}, {
		Name:   "assertion-aud-optional",
		Breaks: Audience,
		How:    "compares aud where it is there",
		Policy: audience(func(a authserver.Audience) bool { return a.Value == nil }),
	}, {
		Name:   "assertion-aud-empty",
		Breaks: Audience,
		How:    "looks for an audience that is not itself, and finds none in an empty list",
		Policy: audience(func(a authserver.Audience) bool {
			list, isList := a.Value.([]any)
			return isList && len(list) == 0
		}),
	}, {
		Name:   "assertion-aud-of-anybody-on-refresh",
		Breaks: Audience,
		How:    "leaves aud to the endpoints where things begin, and passes over that of another server where tokens are refreshed",
		Policy: audience(func(a authserver.Audience) bool {
			text, _ := a.Value.(string)
			return a.Grant == "refresh_token" && strings.HasPrefix(text, "https://") && !strings.Contains(text, "localhost") && !strings.Contains(text, "127.0.0.1")
		}),
	}}
}

func timeMutants() []mutant.Mutant {
	times := func(accept func(authserver.AssertionTimes) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AssertionTimes = func(t authserver.AssertionTimes) bool { return authserver.Timely(t) || accept(t) }
		}
	}
	made := func(t authserver.AssertionTimes) bool {
		return (t.Iat == nil || *t.Iat <= t.Now+30) && (t.Nbf == nil || *t.Nbf <= t.Now+30)
	}
	return []mutant.Mutant{{
		Name:   "assertion-exp-optional",
		Breaks: Expiry,
		How:    "compares exp where it is there",
		Policy: times(func(t authserver.AssertionTimes) bool { return made(t) && t.Exp == nil && !t.Odd }),
	}, {
		Name:   "assertion-exp-odd",
		Breaks: Expiry,
		How:    "wants exp to be there, and compares it where it is a number",
		Policy: times(func(t authserver.AssertionTimes) bool { return made(t) && t.Odd }),
	}, {
		Name:       "assertion-exp-not-compared",
		Breaks:     Expiry,
		AlsoBreaks: []*requirement.Requirement{introspectionjwt.Authenticated},
		How:        "wants exp to be there, and does not compare it",
		Policy:     times(func(t authserver.AssertionTimes) bool { return made(t) && t.Exp != nil }),
	}, {
		Name:       "assertion-exp-with-ten-minutes-leeway",
		Breaks:     Expiry,
		AlsoBreaks: []*requirement.Requirement{introspectionjwt.Authenticated},
		How:        "allows ten minutes for clocks that differ",
		Policy:     times(func(t authserver.AssertionTimes) bool { return made(t) && t.Exp != nil && *t.Exp > t.Now-600 }),
	}, {
		Name:   "assertion-exp-not-compared-on-refresh",
		Breaks: Expiry,
		How:    "does not compare exp where tokens are refreshed",
		Policy: times(func(t authserver.AssertionTimes) bool { return made(t) && t.Exp != nil && t.Grant == "refresh_token" }),
	}, {
		Name:       "assertion-exp-not-compared-at-introspection",
		Breaks:     Expiry,
		AlsoBreaks: []*requirement.Requirement{introspectionjwt.Authenticated},
		How:        "does not compare exp at the introspection endpoint",
		Policy: times(func(t authserver.AssertionTimes) bool {
			return made(t) && t.Exp != nil && t.Endpoint == authserver.EndpointIntrospection
		}),
	}, {
		Name:   "assertion-nbf-taken-for-milliseconds",
		Breaks: NotBefore,
		How:    "takes an nbf that lies far ahead for one in milliseconds, and passes over it",
		Policy: times(func(t authserver.AssertionTimes) bool {
			if t.Nbf == nil || *t.Nbf < t.Now+200 {
				return false
			}
			t.Nbf = nil
			return authserver.Timely(t)
		}),
	}}
}

func signatureMutants() []mutant.Mutant {
	own := func(members ...string) func(*authserver.Policy) {
		return sound(func(facts *authserver.Assertion) {
			if slices.Contains(members, facts.OwnKey) {
				facts.Signer, facts.KeyAlgorithm = facts.Client, facts.Algorithm
			}
		})
	}
	unchecked := func(when func(authserver.Assertion) bool) func(*authserver.Policy) {
		return sound(func(facts *authserver.Assertion) {
			if when(*facts) {
				facts.Signer, facts.KeyAlgorithm = facts.Client, facts.Algorithm
			}
		})
	}
	return []mutant.Mutant{{
		Name:   "assertion-crit-passed-over",
		Breaks: Signature,
		How:    "does not read crit in the header of an assertion",
		Policy: func(p *authserver.Policy) { p.PassesOverCritical = func(authserver.Endpoint) bool { return true } },
	}, {
		Name:   "assertion-crit-passed-over-at-introspection-and-revocation",
		Breaks: Signature,
		How:    "has a library where tokens are asked about and revoked that does not read crit in the header of an assertion",
		Policy: func(p *authserver.Policy) {
			p.PassesOverCritical = func(at authserver.Endpoint) bool {
				return at == authserver.EndpointIntrospection || at == authserver.EndpointRevocation
			}
		},
	}, {
		Name:   "assertion-crit-passed-over-at-the-token-endpoint",
		Breaks: Signature,
		How:    "has a library at the token endpoint that does not read crit in the header of an assertion",
		Policy: func(p *authserver.Policy) {
			p.PassesOverCritical = func(at authserver.Endpoint) bool { return at == authserver.EndpointToken }
		},
	}, {
		Name:          "assertion-signature-not-checked",
		Breaks:        Signature,
		AlsoBreaks:    []*requirement.Requirement{OwnKeyUntrusted, introspectionjwt.Authenticated},
		AlsoElsewhere: []string{"FAPI2-SP-5.4.1-2b"},
		How:           "decodes the assertion and does not check its signature",
		Policy:        unchecked(func(authserver.Assertion) bool { return true }),
	}, {
		Name:          "assertion-signature-not-checked-at-par",
		Breaks:        Signature,
		AlsoBreaks:    []*requirement.Requirement{OwnKeyUntrusted},
		AlsoElsewhere: []string{"FAPI2-SP-5.4.1-2b"},
		How:           "does not check the assertion's signature at the PAR endpoint, where nothing is handed out yet",
		Policy:        unchecked(func(a authserver.Assertion) bool { return a.Endpoint == authserver.EndpointPAR }),
	}, {
		Name:          "assertion-signature-not-checked-on-refresh",
		Breaks:        Signature,
		AlsoBreaks:    []*requirement.Requirement{OwnKeyUntrusted},
		AlsoElsewhere: []string{"FAPI2-SP-5.4.1-2b"},
		How:           "does not check the assertion's signature where tokens are refreshed",
		Policy:        unchecked(func(a authserver.Assertion) bool { return a.Grant == "refresh_token" }),
	}, {
		Name:          "assertion-signature-not-checked-at-introspection",
		Breaks:        Signature,
		AlsoBreaks:    []*requirement.Requirement{OwnKeyUntrusted, introspectionjwt.Authenticated},
		AlsoElsewhere: []string{"FAPI2-SP-5.4.1-2b"},
		How:           "does not check the assertion's signature at the introspection endpoint",
		Policy:        unchecked(func(a authserver.Assertion) bool { return a.Endpoint == authserver.EndpointIntrospection }),
	}, {
		Name:   "assertion-signature-of-any-client",
		Breaks: Signature, AlsoBreaks: []*requirement.Requirement{introspectionjwt.Authenticated},
		How:    "looks for the key among those of all clients",
		Policy: unchecked(func(a authserver.Assertion) bool { return a.Signer != "" }),
	}, {
		Name:   "assertion-signature-empty",
		Breaks: Signature,
		How:    "fails open where the library says that there is no signature to check",
		Policy: unchecked(func(a authserver.Assertion) bool { return a.Empty }),
	}, {
		Name:   "assertion-key-of-its-header",
		Breaks: OwnKeyUntrusted,
		How:    "takes the key that stands in the assertion's header",
		Policy: own("jwk"),
	}, {
		Name:   "assertion-key-of-its-header-for-a-jwt",
		Breaks: OwnKeyUntrusted,
		How:    "takes the key that stands in the assertion's header where introspection is asked for a JWT",
		Policy: sound(func(facts *authserver.Assertion) {
			if facts.AsksForJWT && facts.OwnKey == "jwk" {
				facts.Signer, facts.KeyAlgorithm = facts.Client, facts.Algorithm
			}
		}),
	}, {
		Name:   "assertion-certificate-of-its-header",
		Breaks: OwnKeyUntrusted,
		How:    "takes the key of the certificate in the assertion's header, whoever issued it",
		Policy: own("x5c"),
	}, {
		Name:       "assertion-key-fetched",
		Breaks:     OwnKeyUntrusted,
		AlsoBreaks: []*requirement.Requirement{jwt.HeaderUntrusted},
		How:        "fetches the key from where the assertion's header says",
		Policy: func(p *authserver.Policy) {
			p.FetchesKeys = func() bool { return true }
			own("jku")(p)
		},
	}}
}

func besideMutants() []mutant.Mutant {
	form := func(accept func(authserver.AssertionForm) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AssertionType = func(f authserver.AssertionForm) bool { return authserver.OnlyJWTBearer(f) || accept(f) }
		}
	}
	return []mutant.Mutant{{
		Name:   "assertion-type-not-read",
		Breaks: AssertionType,
		How:    "takes whatever stands in client_assertion for a JWT",
		Policy: form(func(authserver.AssertionForm) bool { return true }),
	}, {
		Name:   "assertion-type-optional",
		Breaks: AssertionType,
		How:    "compares client_assertion_type where it is there",
		Policy: form(func(f authserver.AssertionForm) bool { return !f.Present }),
	}, {
		Name:   "assertion-type-of-the-grant",
		Breaks: AssertionType,
		How:    "looks how client_assertion_type ends, and takes the name of the grant type too",
		Policy: form(func(f authserver.AssertionForm) bool { return strings.HasSuffix(f.Sent, ":jwt-bearer") }),
	}, {
		Name:   "assertion-type-empty",
		Breaks: AssertionType,
		How:    "misses client_assertion_type, and compares it where it is not empty",
		Policy: form(func(f authserver.AssertionForm) bool { return f.Present && f.Sent == "" }),
	}, {
		Name:   "assertion-type-not-read-at-revocation",
		Breaks: AssertionType,
		How:    "does not read client_assertion_type at the revocation endpoint",
		Policy: form(func(f authserver.AssertionForm) bool { return f.Endpoint == authserver.EndpointRevocation }),
	}, {
		Name:   "assertion-client-id-not-compared",
		Breaks: ClientIDMatches,
		How:    "goes by sub, and does not look at client_id",
		Policy: func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				subject, _ := n.Subject.(string)
				return subject
			}
		},
	}, {
		Name:   "assertion-client-id-not-compared-at-introspection",
		Breaks: ClientIDMatches,
		How:    "does not look at client_id at the introspection endpoint",
		Policy: func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				if n.Endpoint == authserver.EndpointIntrospection {
					n.ClientID = ""
				}
				return authserver.OneName(n)
			}
		},
	}, {
		Name:   "assertion-and-secret",
		Breaks: OneMethod,
		How:    "passes over a client secret where there is an assertion too",
		Policy: func(p *authserver.Policy) { p.SeveralMethods = func() bool { return true } },
	}, {
		Name:   "assertion-and-empty-password",
		Breaks: OneMethod,
		How:    "passes over an Authorization header with an empty password where there is an assertion",
		Policy: func(p *authserver.Policy) { p.EmptySecretBeside = func(basic bool) bool { return basic } },
		Warns:  true,
	}, {
		Name:   "assertion-of-type-jwt-refused",
		Breaks: TypeNotDemanded,
		How:    "takes assertions without typ, and refuses those that say JWT",
		Policy: func(p *authserver.Policy) {
			p.SoundAssertion = func(facts authserver.Assertion) bool { return authserver.OwnAssertion(facts) && facts.Type != "JWT" }
		},
	}}
}
