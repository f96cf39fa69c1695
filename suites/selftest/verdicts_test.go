package selftest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fapitest/fapitest/fixtures/authserver"
	"github.com/fapitest/fapitest/fixtures/bench"
	"github.com/fapitest/fapitest/harness/run"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// What is neither kept nor broken, or is only known with the operator's help, is said as what it is. Neither a mutant nor an eccentric
// can show that.
func TestVerdictsBetweenPassAndFail(t *testing.T) {
	const (
		otherMethods, issuerString, endpointURL = "FAPI2-SP-5.3.2.1-6b", "FAPI2-SP-5.3.2.1-8a", "FAPI2-SP-5.3.2.1-8b"
		noRotation, farAhead, otherTypes        = "FAPI2-SP-5.3.2.1-9a", "FAPI2-SP-5.3.2.1-13b", "FAPI2-SP-5.3.2.2-1b"
		issuerInError, onceAtOnce, revoked      = "FAPI2-SP-5.3.2.2-7b", "FAPI2-SP-5.3.2.2-9b", "FAPI2-SP-5.3.4-3c"
		redirectURI, verifier                   = "FAPI2-SP-5.3.2.2-6", "FAPI2-SP-5.3.2.2-5e"
		withoutProof, otherCertificate          = "FAPI2-SP-5.3.2.1-4", "FAPI2-SP-5.3.4-5d"
		noCertificate                           = "FAPI2-SP-5.3.4-5b"
		foreignURI                              = "FAPI2-SP-5.3.2.2-3c"
		inQuery                                 = "FAPI2-SP-5.3.4-2"
		forged, otherKinds, proofRequired       = "FAPI2-SP-5.3.4-3a", "FAPI2-SP-5.3.4-3d", "FAPI2-SP-5.3.4-5a"
		withoutAuthentication, confidential     = "FAPI2-SP-5.3.2.2-4", "FAPI2-SP-5.3.2.1-3"
		forgives                                = "FAPI2-SP-5.3.2.1-9b"
		cleartext                               = "FAPI2-SP-5.3.2.2-8"
		expired                                 = "FAPI2-SP-5.3.4-3b"
		nonceCarried                            = "FAPI2-SP-5.3.2.2-14a"
		inHeader, withoutCertificate            = "FAPI2-SP-5.3.4-1", "FAPI2-SP-5.3.2.1-5a"
		leastPrivilege, introspected            = "FAPI2-SP-5.3.2.1-14", "RFC7662-2.2-1"
	)
	leeway := func(seconds float64) func(*authserver.Policy) {
		return func(p *authserver.Policy) {
			p.TokenAlive = func(l authserver.Lifetime) bool { return l.Overdue < seconds }
		}
	}
	forgetful := func(p *authserver.Policy) { p.AsksUser = func(a authserver.Asking) bool { return !a.Before } }
	for name, test := range map[string]struct {
		policy func(*authserver.Policy)
		tweak  func(*target.Target)
		client string // empty: key-dpop
		want   map[string]verdict.Verdict
		says   string // in the message or in a note of the first requirement's experiments
	}{
		"a script that can't say no": {
			tweak: func(t *target.Target) { t.Consent.Script.Deny = nil },
			want:  map[string]verdict.Verdict{issuerInError: verdict.Blocked}, says: "add deny",
		},
		"consent remembered whatever the client asks for": {
			policy: forgetful, want: map[string]verdict.Verdict{issuerInError: verdict.Blocked}, says: "says no never came",
		},
		"introspection for resource servers": {
			policy: func(p *authserver.Policy) { p.MayIntrospect = func(string) bool { return false } },
			want: map[string]verdict.Verdict{
				issuerString: verdict.Pass, otherMethods: verdict.Pass, endpointURL: verdict.Pass, revoked: verdict.Pass, leastPrivilege: verdict.Attested,
				introspected: verdict.Blocked,
			},
			says: "take introspection out of offers",
		},
		"introspection for resource servers, of which the operator says how they are answered": {
			policy: func(p *authserver.Policy) { p.MayIntrospect = func(string) bool { return false } },
			tweak: func(t *target.Target) {
				t.Attested = map[string]string{introspected: "our resource server's tests look at it"}
			},
			want: map[string]verdict.Verdict{introspected: verdict.Attested}, says: "our resource server's tests",
		},
		"introspection that knows resource servers alone": {
			policy: func(p *authserver.Policy) {
				p.MayIntrospect = func(string) bool { return false }
				p.RefusalStatus = func(at authserver.Endpoint, _ string, status int) int {
					if at == authserver.EndpointIntrospection {
						return http.StatusUnauthorized
					}
					return status
				}
				p.Answer = func(at authserver.Endpoint, complete map[string]any) map[string]any {
					if at == authserver.EndpointIntrospection {
						return map[string]any{"error": "invalid_client"}
					}
					return complete
				}
			},
			want: map[string]verdict.Verdict{issuerString: verdict.Pass, otherMethods: verdict.Pass, endpointURL: verdict.Pass, introspected: verdict.Blocked},
			says: "take introspection out of offers",
		},
		"rotation in a circumstance that the operator declares": {
			policy: func(p *authserver.Policy) {
				p.Rotation = func() authserver.Rotation { return authserver.ReplaceWithdraw }
			},
			tweak: func(t *target.Target) {
				t.Attested = map[string]string{noRotation: "the store is being migrated until May"}
			},
			want: map[string]verdict.Verdict{noRotation: verdict.Warn}, says: "migrated until May",
		},
		"rotation in which a retry withdraws the first successor": {
			policy: func(p *authserver.Policy) {
				p.Rotation = func() authserver.Rotation { return authserver.ReplaceOnce }
			},
			want: map[string]verdict.Verdict{forgives: verdict.Pass},
		},
		"the response type none": {
			policy: func(p *authserver.Policy) {
				p.ResponseType = func(sent string, present bool) bool { return present && (sent == "code" || sent == "none") }
			},
			want: map[string]verdict.Verdict{otherTypes: verdict.Warn}, says: "none is honoured",
		},
		"several winners of a race in which others crash": {
			policy: func(p *authserver.Policy) { p.TakeCode = crashesAfter(2) },
			want:   map[string]verdict.Verdict{onceAtOnce: verdict.Fail}, says: "2 of ten",
		},
		"one winner of a race in which others crash": {
			policy: func(p *authserver.Policy) { p.TakeCode = crashesAfter(1) },
			want:   map[string]verdict.Verdict{onceAtOnce: verdict.Error}, says: "neither accepted nor refused",
		},
		"long-lived assertions crash the server": {
			policy: func(p *authserver.Policy) {
				p.AssertionTimes = func(a authserver.AssertionTimes) bool {
					if authserver.Timely(a) && *a.Exp > a.Now+140 {
						panic("no column is wide enough")
					}
					return authserver.Timely(a)
				}
			},
			want: map[string]verdict.Verdict{farAhead: verdict.Error}, says: "neither accepted nor refused",
		},
		"a gateway's words in place of every refusal": {
			policy: func(p *authserver.Policy) {
				p.Answer = func(_ authserver.Endpoint, complete map[string]any) map[string]any {
					if complete["error"] != nil {
						return map[string]any{"error": "Bad Request"}
					}
					return complete
				}
			},
			want: map[string]verdict.Verdict{redirectURI: verdict.Error, verifier: verdict.Error}, says: "without an OAuth error or a challenge",
		},
		"a revocation that reaches nobody": {
			policy: func(p *authserver.Policy) { p.Revokes = func(authserver.Revocation) bool { return false } },
			want:   map[string]verdict.Verdict{revoked: verdict.Fail}, says: "expected a refusal",
		},
		"codes that go to a registered redirect URI with http": {
			policy: func(p *authserver.Policy) { p.RedirectURI = func(r authserver.Redirection) string { return r.Sent } },
			tweak: func(t *target.Target) {
				for _, c := range t.Clients {
					c.Redirects = []string{"http://" + c.ID + ".example/cb"}
				}
			},
			want: map[string]verdict.Verdict{cleartext: verdict.Fail}, says: "expected a refusal",
		},
		"a bank for which everybody is an OpenID client": {
			policy: func(p *authserver.Policy) {
				p.RedirectURI = func(r authserver.Redirection) string {
					if !r.OpenID {
						return ""
					}
					return authserver.RegisteredExactly(r)
				}
			},
			want: map[string]verdict.Verdict{redirectURI: verdict.Pass}, says: "requests without openid are refused",
		},
		"a token that is forgiven half a minute": {
			policy: leeway(30), want: map[string]verdict.Verdict{expired: verdict.Warn}, says: "accepted 10 seconds after it expired, and refused 70 seconds after",
		},
		"a token that is forgiven for longer than may be waited for": {
			policy: leeway(30),
			tweak: func(t *target.Target) {
				t.Waits.Longest = 70 * time.Second
				t.Attested = map[string]string{expired: "our gateway looks at exp"}
			},
			want: map[string]verdict.Verdict{expired: verdict.Blocked}, says: "set waits.longest to 2m0s, or have the target give this client access tokens that live shorter",
		},
		"a token that lives longer than may be waited for": {
			tweak: func(t *target.Target) { t.Waits.Longest = 30 * time.Second },
			want:  map[string]verdict.Verdict{expired: verdict.Blocked},
			says:  "set waits.longest to 2m0s, have the target give this client access tokens that live shorter, or attest " + expired,
		},
		"a token that lives longer than may be waited for, and an operator who vouches for it": {
			tweak: func(t *target.Target) {
				t.Waits.Longest = 30 * time.Second
				t.Attested = map[string]string{expired: "our gateway looks at exp"}
			},
			want: map[string]verdict.Verdict{expired: verdict.Attested}, says: "our gateway looks at exp",
		},
		"a guard that refuses whatever comes after a failed try": {
			policy: guarded(authserver.EndpointPAR, authserver.EndpointIntrospection),
			want:   map[string]verdict.Verdict{withoutAuthentication: verdict.Blocked, otherMethods: verdict.Blocked},
			says:   "request that this builds on was refused",
		},
		"a guard of the resource servers that refuses whatever comes after a failed try": {
			policy: guardedResource,
			want: map[string]verdict.Verdict{
				inQuery: verdict.Blocked, forged: verdict.Blocked, otherKinds: verdict.Blocked, proofRequired: verdict.Blocked, inHeader: verdict.Pass,
			},
			says: "request that this builds on was refused",
		},
		"userinfo that refuses everything": {
			policy: func(p *authserver.Policy) {
				p.TokenPlace = func(at authserver.Endpoint, place string) bool {
					return at == authserver.EndpointResource && place == "header"
				}
			},
			want: map[string]verdict.Verdict{inQuery: verdict.Blocked, inHeader: verdict.Pass}, says: "userinfo request that this builds on was refused",
		},
		"userinfo that refuses everything, and a resource that takes tokens in the query": {
			policy: func(p *authserver.Policy) {
				p.TokenPlace = func(at authserver.Endpoint, _ string) bool { return at == authserver.EndpointResource }
			},
			want: map[string]verdict.Verdict{inQuery: verdict.Fail, forged: verdict.Blocked}, says: "expected a refusal",
		},
		"userinfo as the resource": {
			tweak: func(t *target.Target) {
				t.Resource = target.Resource{URL: t.Metadata.Endpoint("userinfo_endpoint", true), Method: "GET"}
				t.Attested = map[string]string{"FAPI2-SP-5.3.4-4": "seen"}
			},
			client: "key-mtls", want: map[string]verdict.Verdict{inQuery: verdict.Pass, otherCertificate: verdict.Pass}, says: "is tried as that",
		},
		"request objects elsewhere, where nobody has a key to sign them": {
			tweak:  keyless("tls-mtls"),
			client: "tls-mtls", want: map[string]verdict.Verdict{foreignURI: verdict.Pass}, says: "",
		},
		"request objects elsewhere that are fetched, where nobody has a key to sign them": {
			policy: func(p *authserver.Policy) {
				p.ForeignRequestURI = func(uri string, _ bool) authserver.ForeignURI {
					if strings.HasPrefix(uri, "http") {
						return authserver.DereferenceURI
					}
					return authserver.RefuseURI
				}
			},
			tweak:  keyless("tls-mtls"),
			client: "tls-mtls", want: map[string]verdict.Verdict{foreignURI: verdict.Blocked}, says: "only after it had fetched the address",
		},
		"tokens that are bound to nothing": {
			policy: boundToNothing, client: "key-mtls",
			want: map[string]verdict.Verdict{otherCertificate: verdict.Blocked, withoutProof: verdict.Fail}, says: "judged at FAPI2-SP-5.3.2.1-4",
		},
		"tokens that are bound to nothing, as far as can be seen": {
			policy: func(p *authserver.Policy) {
				boundToNothing(p)
				p.OpaqueTokens = func() bool { return true }
			},
			want: map[string]verdict.Verdict{withoutProof: verdict.Blocked, proofRequired: verdict.Fail}, says: "whether it is bound can't be seen",
		},
		"userinfo as the resource, that needs no certificate at its other URL": {
			policy: func(p *authserver.Policy) {
				p.Possession = func(shown authserver.Possession) bool { return authserver.ProvedPossession(shown) || !shown.AtAlias }
			},
			tweak: func(t *target.Target) {
				t.Resource = target.Resource{URL: t.Metadata.Endpoint("userinfo_endpoint", true), Method: "GET"}
				t.Attested = map[string]string{"FAPI2-SP-5.3.4-4": "seen"}
			},
			client: "tls-mtls", want: map[string]verdict.Verdict{noCertificate: verdict.Fail, otherCertificate: verdict.Pass}, says: "expected a refusal",
		},
		"nobody else has a certificate to authenticate with": {
			tweak: func(t *target.Target) {
				t.Clients = slices.DeleteFunc(t.Clients, func(c *target.Client) bool { return c.ID != "tls-mtls" && c.ID != "key-dpop" })
			},
			client: "tls-mtls", want: map[string]verdict.Verdict{confidential: verdict.Blocked, otherMethods: verdict.Blocked}, says: "no other client of the target file has one",
		},
		"no secret in the target file": {
			policy: func(p *authserver.Policy) { p.Secret = func(c authserver.Presented) bool { return c.SecretRight } },
			tweak: func(t *target.Target) {
				for _, c := range t.Clients {
					c.Secret = wire.Secret{}
				}
			},
			want: map[string]verdict.Verdict{otherMethods: verdict.Pass}, says: "has no secret of client key-dpop",
		},
		"nobody else has a certificate of an authority": {
			tweak: func(t *target.Target) {
				t.Clients = slices.DeleteFunc(t.Clients, func(c *target.Client) bool { return c.ID != "tls-mtls" && c.ID != "self-signed-mtls" })
			},
			client: "tls-mtls", want: map[string]verdict.Verdict{otherCertificate: verdict.Pass}, says: "of the same kind",
		},
		"a resource without its host for mutual TLS": {
			tweak: func(t *target.Target) {
				plain, err := url.Parse(t.Issuer)
				if err != nil {
					panic(err)
				}
				resource, err := url.Parse(t.Resource.URL)
				if err != nil {
					panic(err)
				}
				resource.Host = plain.Host
				t.Resource.URL = resource.String()
			},
			client: "tls-mtls", want: map[string]verdict.Verdict{inHeader: verdict.Blocked, withoutCertificate: verdict.Blocked}, says: "did not ask for the client's certificate",
		},
		"id_tokens that are encrypted to a key that the target file does not have": {
			policy: func(p *authserver.Policy) { p.EncryptsIDTokens = func() bool { return true } },
			tweak: func(t *target.Target) {
				for _, c := range t.Clients {
					c.Decrypts = nil
				}
			},
			want: map[string]verdict.Verdict{nonceCarried: verdict.Blocked}, says: "with use enc, into the file that its jwks names",
		},
		"a certificate instead of a proof": {
			policy: func(p *authserver.Policy) { p.BindsToCertificate = func(authserver.Constraint) bool { return true } },
			client: "tls-dpop", want: map[string]verdict.Verdict{withoutProof: verdict.Pass}, says: "bound to the certificate",
		},
		"a certificate instead of a proof, seen by introspection": {
			policy: func(p *authserver.Policy) {
				p.OpaqueTokens = func() bool { return true }
				p.BindsToCertificate = func(authserver.Constraint) bool { return true }
			},
			client: "self-signed-dpop", want: map[string]verdict.Verdict{withoutProof: verdict.Pass}, says: "bound to the certificate",
		},
	} {
		t.Run(name, func(t *testing.T) {
			policy := authserver.Reference()
			if test.policy != nil {
				test.policy(policy)
			}
			laboratory := sharedLab(t)
			report, _, err := laboratory.test(context.Background(), bench.Options{Policy: policy}, 1, func(described *target.Target, o *run.Options) error {
				if test.tweak != nil {
					test.tweak(described)
				}
				wanted := test.client
				if wanted == "" {
					wanted = "key-dpop"
				}
				for _, client := range described.Combinations() {
					if client.ID == wanted {
						o.Plan.Clients = []string{client.ID}
					}
				}
				for id := range test.want {
					o.Plan.Clauses = append(o.Plan.Clauses, id)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			said := false
			for id, want := range test.want {
				result, ok := report.Result(id)
				if !ok || result.Verdict != want {
					t.Errorf("%s is %s and not %s", id, result.Verdict, want)
				}
				for _, spec := range result.Specs {
					words := spec.Message + "\n" + strings.Join(spec.Notes, "\n")
					said = said || strings.Contains(words, test.says)
					if result.Verdict != want {
						t.Logf("%s: %s: %s", spec.Verdict, spec.Sentence, words)
					}
				}
			}
			if !said {
				t.Errorf("nothing says %q", test.says)
			}
		})
	}
}

var sharedLab = func() func(*testing.T) *lab {
	made := sync.OnceValues(newLab)
	return func(t *testing.T) *lab {
		laboratory, err := made()
		if err != nil {
			t.Fatal(err)
		}
		return laboratory
	}
}()

// crashesAfter is a TakeCode decision that lets so many through and fails at all that come after, per bank. The code that experiments
// share is one of them: the race begins anew with every code, as marks are of the code.
func crashesAfter(winners int) func(look, mark func() bool) bool {
	var mu sync.Mutex
	taken := 0
	return func(_, mark func() bool) bool {
		mu.Lock()
		defer mu.Unlock()
		if mark() {
			taken = 0
		}
		if taken++; taken > winners {
			panic("unique constraint violated")
		}
		return true
	}
}

// guarded locks a client out for one request after each try without authentication that failed at one of the endpoints.
func boundToNothing(p *authserver.Policy) {
	p.BindsTo = func(authserver.Binding) string { return "" }
	p.Possession = func(shown authserver.Possession) bool { return shown.Bound == "" || authserver.ProvedPossession(shown) }
}

// onlyOf leaves one client in the target file, and that no key to sign with.
func onlyOf(id string) func(*target.Target) {
	return func(t *target.Target) {
		t.Clients = slices.DeleteFunc(t.Clients, func(c *target.Client) bool { return c.ID != id })
		t.Clients[0].Key = nil
	}
}

// keyless leaves one client in the target file, without its key to sign request objects.
func keyless(id string) func(*target.Target) {
	return func(t *target.Target) {
		onlyOf(id)(t)
		t.Clients[0].Key = nil
	}
}

func guardedResource(p *authserver.Policy) {
	// One lock for each place: what happens at the one is not the other's business.
	locked := map[authserver.Endpoint]*atomic.Bool{authserver.EndpointResource: {}, authserver.EndpointUserinfo: {}}
	strict := *p
	remember := func(at authserver.Endpoint, good bool) bool {
		if !good {
			locked[at].Store(true)
		}
		return good
	}
	p.TokenPlace = func(at authserver.Endpoint, place string) bool { return remember(at, strict.TokenPlace(at, place)) }
	p.TokenIntact = func(i authserver.Integrity) bool { return remember(i.Endpoint, strict.TokenIntact(i)) }
	p.TokenKind = func(at authserver.Endpoint, kind string) bool { return remember(at, strict.TokenKind(at, kind)) }
	p.Possession = func(shown authserver.Possession) bool {
		return remember(shown.Endpoint, strict.Possession(shown)) && !locked[shown.Endpoint].Swap(false)
	}
}

func guarded(endpoints ...authserver.Endpoint) func(*authserver.Policy) {
	return func(p *authserver.Policy) {
		var locked atomic.Bool
		failed := func(c authserver.Presented) bool {
			if slices.Contains(endpoints, c.Endpoint) {
				locked.Store(true)
			}
			return false
		}
		p.Unauthenticated, p.Secret = failed, failed
		p.Authenticated = func(c authserver.Presented) bool {
			return !slices.Contains(endpoints, c.Endpoint) || !locked.Swap(false)
		}
	}
}
