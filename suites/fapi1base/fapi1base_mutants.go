package fapi1base

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/mutant"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/suites/assertion"
	"github.com/fapitest/fapitest/suites/attacks"
	"github.com/fapitest/fapitest/suites/fapi2sp"
)

// Mutants returns the banks that break what FAPI 1.0 Baseline asks.
func Mutants() []mutant.Mutant {
	all := slices.Concat(requestMutants(), tokenMutants(), resourceMutants())
	for i := range all {
		all[i].Profile = "fapi1-baseline"
	}
	return append(all, mutant.Mutant{
		Name:   "baseline-mismatch-at-par",
		Breaks: OneClientID, AlsoBreaks: []*requirement.Requirement{assertion.ClientIDMatches},
		How: "goes by the assertion at the PAR endpoint, and does not look at client_id",
		Policy: func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				if n.Endpoint == authserver.EndpointPAR {
					n.ClientID = ""
				}
				return authserver.OneName(n)
			}
		},
		Auth: "private_key_jwt", Profile: "fapi1-advanced/pushed+jarm",
	})
}

// second says whether a client is another one of its kind than the one that experiments run as.
func second(client string) bool { return strings.HasSuffix(client, "-second") }

func requestMutants() []mutant.Mutant {
	redirects := func(also func(r authserver.Redirection) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.RedirectURI = func(r authserver.Redirection) string {
				if r.Present && also(r) {
					return r.Sent
				}
				return authserver.RegisteredExactly(r)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "baseline-no-nonce",
		Breaks: NonceDemanded,
		How:    "leaves it to the client whether an OpenID Connect request has a nonce",
		Policy: func(p *authserver.Policy) { p.DemandsNonce = func(authserver.Asked) bool { return false } },
	}, {
		Name:   "baseline-no-nonce-of-the-second-client",
		Breaks: NonceDemanded,
		How:    "demands a nonce of the client for which that was switched on",
		Policy: func(p *authserver.Policy) {
			p.DemandsNonce = func(a authserver.Asked) bool { return a.OpenID() && !second(a.Client) }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "baseline-no-state",
		Breaks: StateDemanded,
		How:    "leaves it to the client whether a request of plain OAuth has a state",
		Policy: func(p *authserver.Policy) { p.DemandsState = func(authserver.Asked) bool { return false } },
	}, {
		Name:   "baseline-tokens-in-the-browser",
		Breaks: ResponseTypes,
		How:    "serves the implicit flow as well",
		Policy: func(p *authserver.Policy) {
			usual := p.ResponseType
			p.ResponseType = func(sent string, present bool) bool {
				return usual(sent, present) || slices.Contains(strings.Fields(sent), "token")
			}
		},
		Warns: true,
	}, {
		Name:       "baseline-redirect-anywhere",
		Breaks:     RegisteredBefore,
		AlsoBreaks: []*requirement.Requirement{ComparedExactly, attacks.ExactRedirectURI, fapi2sp.NoOpenRedirector},
		How:        "sends codes to any https address that the request names",
		Policy:     redirects(func(r authserver.Redirection) bool { return strings.HasPrefix(r.Sent, "https://") }),
	}, {
		Name:       "baseline-redirect-below",
		Breaks:     ComparedExactly,
		AlsoBreaks: []*requirement.Requirement{attacks.ExactRedirectURI, fapi2sp.NoOpenRedirector},
		How:        "takes an address that begins as a registered one",
		Policy: redirects(func(r authserver.Redirection) bool {
			return slices.ContainsFunc(r.Registered, func(own string) bool { return strings.HasPrefix(r.Sent, own) })
		}),
	}, {
		Name:   "baseline-redirect-to-apps",
		Breaks: NoPrivateScheme,
		How:    "lets apps come back by a scheme of their own, which need not be registered",
		Policy: redirects(func(r authserver.Redirection) bool { return strings.HasPrefix(r.Sent, "com.example.app:") }),
	}, {
		Name:   "baseline-redirect-to-loopback",
		Breaks: NoLoopback,
		How:    "lets apps come back to any port at the loopback interface",
		Policy: redirects(func(r authserver.Redirection) bool { return strings.HasPrefix(r.Sent, "http://127.0.0.1:") }),
	}, {
		Name:   "baseline-redirect-to-the-other-loopback",
		Breaks: NoLoopback,
		How:    "keeps apps from 127.0.0.1, and forgets that there is IPv6",
		Policy: redirects(func(r authserver.Redirection) bool { return strings.HasPrefix(r.Sent, "http://[::1]:") }),
	}}
}

func tokenMutants() []mutant.Mutant {
	bare := func(p *authserver.Policy, seconds int) {
		p.NeedsSenderConstraint = func(authserver.Constraint) bool { return false }
		p.TokenLifetime = func() int { return seconds }
	}
	mismatched := func(at func(authserver.Naming) bool) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.AssertionClient = func(n authserver.Naming) string {
				if at(n) {
					n.ClientID = ""
				}
				return authserver.OneName(n)
			}
		}
	}
	return []mutant.Mutant{{
		Name:   "baseline-scope-not-said",
		Breaks: ScopeSaid,
		How:    "leaves scope out where all was granted that was asked for, as RFC 6749 has it",
		Policy: func(p *authserver.Policy) {
			p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
				if at == authserver.EndpointToken {
					delete(complete, "scope")
				}
				return complete
			}
		},
	}, {
		Name:   "baseline-mismatch-is-a-bad-request",
		Breaks: OneClientID,
		How:    "answers invalid_request where client_id and assertion disagree",
		Policy: func(p *authserver.Policy) {
			p.MismatchError = func(authserver.Endpoint) string { return "invalid_request" }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "baseline-mismatch-at-refresh",
		Breaks: OneClientID,
		How:    "does not look at client_id where tokens are refreshed",
		Policy: mismatched(func(n authserver.Naming) bool { return n.Grant == "refresh_token" }),
		Auth:   "private_key_jwt",
	}, {
		Name:   "baseline-mismatch-with-a-code",
		Breaks: OneClientID,
		How:    "does not look at client_id where codes are redeemed",
		Policy: mismatched(func(n authserver.Naming) bool { return n.Grant == "authorization_code" }),
		Auth:   "private_key_jwt",
	}, {
		Name:       "baseline-bearer-for-an-hour",
		Breaks:     UnboundEndSoon,
		How:        "issues bearer tokens for an hour to who proves nothing",
		Policy:     func(p *authserver.Policy) { bare(p, 3600) },
		Auth:       "private_key_jwt",
		Everything: "it issues other tokens, and lets them live longer",
	}}
}

func resourceMutants() []mutant.Mutant {
	fields := func(edit func(about authserver.Delivered, header http.Header)) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.ResourceFields = func(about authserver.Delivered, complete http.Header) http.Header {
				edited := complete.Clone()
				edit(about, edited)
				return edited
			}
		}
	}
	const id = "X-Fapi-Interaction-Id"
	served := func(about authserver.Delivered) bool { return about.Status == http.StatusOK }
	return []mutant.Mutant{{
		Name:   "baseline-resource-not-for-the-second-client",
		Breaks: ServedByGet,
		How:    "has the method configured for each client, and forgotten for one",
		Policy: func(p *authserver.Policy) {
			p.ServesResource = func(method, client string) bool { return method != http.MethodGet || !second(client) }
		},
		Auth: "private_key_jwt",
	}, {
		Name:   "baseline-resource-in-latin",
		Breaks: InUTF8,
		How:    "writes its answers in ISO 8859-1",
		Policy: func(p *authserver.Policy) {
			p.ResourceText = func(_ authserver.Delivered, text string) string {
				var latin []byte
				for _, letter := range text {
					latin = append(latin, byte(letter)) // there are no others here
				}
				return string(latin)
			}
		},
	}, {
		Name:   "baseline-resource-said-to-be-latin",
		Breaks: InUTF8,
		How:    "says that its answers are in ISO 8859-1",
		Policy: fields(func(_ authserver.Delivered, header http.Header) {
			header.Set("Content-Type", "application/json; charset=ISO-8859-1")
		}),
	}, {
		Name:   "baseline-resource-is-text",
		Breaks: JSONSaid,
		How:    "serves its JSON as text/plain",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if served(about) {
				header.Set("Content-Type", "text/plain")
			}
		}),
	}, {
		Name:   "baseline-resource-of-no-date",
		Breaks: DateSaid,
		How:    "sends no Date",
		Policy: fields(func(_ authserver.Delivered, header http.Header) { header["Date"] = nil }),
	}, {
		Name:   "baseline-resource-of-another-date",
		Breaks: DateSaid,
		How:    "writes Date as RFC 3339 has it",
		Policy: fields(func(_ authserver.Delivered, header http.Header) {
			if at, err := http.ParseTime(header.Get("Date")); err == nil {
				header.Set("Date", at.Format("2006-01-02T15:04:05Z"))
			}
		}),
	}, {
		Name:       "baseline-interaction-not-told",
		Breaks:     IDRepeated,
		AlsoBreaks: []*requirement.Requirement{IDMade},
		How:        "keeps the x-fapi-interaction-id for its log",
		Policy:     fields(func(_ authserver.Delivered, header http.Header) { header.Del(id) }),
	}, {
		Name:   "baseline-interaction-of-its-own",
		Breaks: IDRepeated,
		How:    "makes an x-fapi-interaction-id of its own for each request",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if sent := about.Sent; sent != "" {
				header.Set(id, sent[18:]+sent[:18]) // another one that the decision need not roll dice for
			}
		}),
	}, {
		Name:   "baseline-interaction-not-of-refusals",
		Breaks: IDRepeated,
		How:    "has the gateway refuse tokens, which knows nothing of x-fapi-interaction-id",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if !served(about) && about.Sent != "" {
				header.Del(id)
			}
		}),
		Warns: true,
	}, {
		Name:   "baseline-interaction-not-made",
		Breaks: IDMade,
		How:    "repeats the x-fapi-interaction-id where there is one, and makes none",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if about.Sent == "" {
				header.Del(id)
			}
		}),
	}, {
		Name:   "baseline-interaction-made-once",
		Breaks: IDMade,
		How:    "gives every request without x-fapi-interaction-id the same one",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if about.Sent == "" {
				header.Set(id, "c770aef3-6784-41f7-8e0e-ff5f97bddb3a")
			}
		}),
	}, {
		Name:   "baseline-interaction-of-another-form",
		Breaks: IDMade,
		How:    "makes an x-fapi-interaction-id without hyphens",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if about.Sent == "" {
				header.Set(id, strings.ReplaceAll(header.Get(id), "-", ""))
			}
		}),
	}, {
		Name:   "baseline-customer-by-ipv6",
		Breaks: AddressTaken,
		How:    "takes an IPv6 address of the customer for an attack",
		Policy: func(p *authserver.Policy) {
			p.CustomerAddress = func(address string) bool { return !strings.Contains(address, ":") }
		},
	}, {
		Name:   "baseline-pages-of-any-two-origins",
		Breaks: ReadableByPages,
		How:    "lists in Access-Control-Allow-Origin who may read",
		Policy: fields(func(about authserver.Delivered, header http.Header) {
			if about.Origin != "" {
				header.Set("Access-Control-Allow-Origin", about.Origin+", https://another.example")
			}
		}),
	}}
}
