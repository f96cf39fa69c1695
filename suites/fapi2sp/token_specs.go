package fapi2sp

import (
	"crypto/tls"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func tokenSpecs(client *flow.Client) {
	Describe("the token endpoint", func() {
		Control("redeems a code", func(ctx SpecContext) {
			Expect(client.Grant(ctx)).To(BeAccepted())
		})

		It("refuses the end user's name and password", NoPasswordGrant, func(ctx SpecContext) {
			metadata := client.Target().Metadata
			if slices.Contains(metadata.List("grant_types_supported"), "password") {
				Warn("grant_types_supported lists password")
			}
			known := client.Target().User.Name != "" && !client.Target().User.Password.Empty()
			everywhere.AsEach(client, func(client *flow.Client) {
				answer := client.Password(ctx, flow.Words("with grant_type=password"))
				if decision, because := Decide(answer); decision == wire.Refused && !known &&
					answer.ErrorCode() != "unsupported_grant_type" && answer.ErrorCode() != "unauthorized_client" {
					Unknown("without a real user in the target file, this refusal (%s) may be about the password", because)
				}
				Expect(answer).To(BeRefused())
			})
			spelt := client.Password(ctx, flow.With(flow.Parameter("grant_type"), "PASSWORD"))
			Expect(spelt).To(BeRefused())
			// It is as old as secrets are, and who knows clients by these may not have it for others.
			if secret := client.Self().Secret; !secret.Empty() {
				for _, method := range []string{"client_secret_basic", "client_secret_post"} {
					Expect(client.Password(ctx, flow.All("with grant_type=password, "+method+" and the secret that the target knows",
						flow.With(flow.ClientAuthentication, flow.Secret{Method: method, Value: secret.Reveal()})))).To(BeRefused())
				}
			}
			// Where it is offered to public clients, a client that authenticates may be refused for that.
			Expect(client.Password(ctx, flow.All("with grant_type=password and without client authentication", flow.Without(flow.ClientAuthentication)))).To(BeRefused())
			Needs(client.Push(ctx)) // who counts failures to authenticate begins anew
		})

		It("refuses a code without client authentication", ConfidentialOnly, func(ctx SpecContext) {
			if slices.Contains(client.Target().Metadata.List("token_endpoint_auth_methods_supported"), "none") {
				Note("token_endpoint_auth_methods_supported lists none; other clients may use it")
			}
			everywhere.RefusedWithCode(ctx, client, unauthenticated)
			needsAnotherCertificate(client)
		})

		It("refuses a code that is bound to the key of DPoP proofs without client authentication", ConfidentialOnly, func(ctx SpecContext) {
			// Who goes by the key to which a code is bound may think that it tells the client as well.
			bound := boundRequest(client)
			RefusesToRedeemFrom(ctx, client, func() *flow.Outcome { return client.Login(ctx, bound) }, flow.Without(flow.ClientAuthentication))
		})

		It("refuses a refresh token without client authentication", ConfidentialOnly, func(ctx SpecContext) {
			everywhere.RefusedWithRefreshToken(ctx, client, unauthenticated)
			needsAnotherCertificate(client)
		})

		It("refuses a client that asks for itself without client authentication", ConfidentialOnly, func(ctx SpecContext) {
			// What is refused to a client that authenticates may be for those that don't, and what is not announced may be there all the same.
			for _, grant := range everywhere.ForItself(client) {
				answer := client.ForItself(ctx, grant, flow.Without(flow.ClientAuthentication))
				if decision, _ := Decide(answer); decision == wire.Accepted {
					Expect(answer).To(BeRefused())
				}
			}
			everywhere.RefusedForItself(ctx, client, unauthenticated)
			needsAnotherCertificate(client)
		})

		It("refuses a client that asks for itself without proof of possession", BoundTokensOnly, func(ctx SpecContext) {
			needsSomethingToLeaveOut(client)
			everywhere.AsksForItself(ctx, client, everywhere.ForItself, func(client *flow.Client, grant string, _ *flow.Outcome) {
				refusesForItself(ctx, client, grant, boundToCertificate(ctx, client), withoutSenderConstraint(client))
				if client.Self().Binding == target.DPoP {
					refusesForItself(ctx, client, grant, boundAllTheSame(ctx, client), spoiltProofs())
				}
				if other, ok := client.Another(); ok && client.Self().Binding == target.DPoP && client.Self().Certificate == nil {
					excuse := boundToThe(ctx, client, other.Shown(), flow.With(flow.Certificate, other))
					refusesForItself(ctx, client, grant, excuse, []flow.Deviation{overCertificate(other)})
				}
				Needs(client.ForItself(ctx, grant))
			})
		})
		It("binds the token that it gives a client for itself to a key", BoundTokensOnly, func(ctx SpecContext) {
			everywhere.AsksForItself(ctx, client, everywhere.ForItself, func(client *flow.Client, grant string, issued *flow.Outcome) {
				confirmation, seen := everywhere.Confirmation(ctx, client, issued)
				switch {
				case len(confirmation) > 0:
				case seen:
					Broken("the token for grant_type=%s names no key (no cnf), and whoever holds it can use it", grant)
				default:
					Note("whether the token for grant_type=%s is bound to a key can't be seen: it is opaque, and introspection does not show cnf or is not offered", grant)
				}
			})
		})

		It("refuses a code without proof of possession", BoundTokensOnly, func(ctx SpecContext) {
			needsSomethingToLeaveOut(client)
			everywhere.AsEach(client, func(client *flow.Client) {
				RefusesToRedeemUnless(ctx, client, boundToCertificate(ctx, client), withoutSenderConstraint(client)...)
			})
		})
		// Who learnt of binding with OpenID Connect may have forgotten what is older.
		It("binds the token to a key, and gives none without proof of possession, where openid is not asked for", BoundTokensOnly, func(ctx SpecContext) {
			plain := plainRequest(client)
			var bare []flow.Deviation
			if !bindsByAuthentication(client) {
				bare = withoutSenderConstraint(client)
			}
			grant := RefusesToRedeemFromUnless(ctx, client, func() *flow.Outcome { return takesPlainRequests(client.Login(ctx, plain)) }, boundToCertificate(ctx, client), bare...)
			if grant == nil {
				return
			}
			isBoundWithoutOpenID(ctx, client, grant)
		})
		It("refuses a code over a certificate in the place of a DPoP proof", BoundTokensOnly, func(ctx SpecContext) {
			other := anothersCertificate(client)
			RefusesToRedeemUnless(ctx, client, boundToThe(ctx, client, other.Shown(), flow.With(flow.Certificate, other)), overCertificate(other))
		})
		It("refuses a code with a DPoP proof that does not hold", BoundTokensOnly, func(ctx SpecContext) {
			needsProofs(client)
			RefusesToRedeemUnless(ctx, client, boundAllTheSame(ctx, client), spoiltProofs()...)
		})

		It("binds the token that it issues to a key", BoundTokensOnly, func(ctx SpecContext) {
			isBound(ctx, client, NeedsService(ctx, client, atResource(ctx, client)))
			NeedsService(ctx, client, atResource(ctx, client))
		})

		It("grants no scope that was not asked for", LeastPrivilege, func(ctx SpecContext) {
			one := singleScope(client.Target())
			var narrowed []flow.Deviation
			if one != client.Target().Scope {
				narrowed = append(narrowed, flow.With(flow.Scope, one))
			}
			grant := Needs(takesLesserScope(client.Obtain(ctx, narrowed...), one))
			if more := beyond(grant.Scopes(), one); len(more) > 0 {
				Broken("the token response has scopes beyond %q: %q", one, more)
			}
			if client.Target().Offered(string(requirement.Introspection)) {
				answer := client.Introspect(ctx, grant)
				if why := everywhere.IntrospectionDenied(ctx, client, grant, answer); why != "" {
					Note("introspection was not asked: the target lets this client introspect nothing (%s)", why)
					return
				}
				if more := beyond(Needs(answer).Scopes(), one); len(more) > 0 {
					Broken("the introspection answer has scopes beyond %q: %q", one, more)
				}
			}
		})
	})
}

// refusesForItself tries the deviations where a client asks for a token for itself. An acceptance with an excuse is a note.
func refusesForItself(ctx SpecContext, client *flow.Client, grant string, excuse Excuse, deviations []flow.Deviation) {
	for i, deviation := range deviations {
		KeepKnown(ctx, client, i)
		answer := client.ForItself(ctx, grant, deviation)
		if decision, _ := Decide(answer); decision == wire.Accepted {
			if words := excuse(answer); words != "" {
				Note("%s", words)
				continue
			}
		}
		Expect(answer).To(BeRefused())
	}
}

// isBound wants a token that the resource has just served to be bound to a key: it names one, or it is not served without one.
func isBound(ctx SpecContext, client *flow.Client, grant *flow.Outcome) {
	confirmation, seen := everywhere.Confirmation(ctx, client, grant)
	if len(confirmation) > 0 {
		return
	}
	for _, deviation := range withoutPossession(client) {
		try := client.Call(ctx, grant, deviation)
		if decision, _ := Decide(try); decision == wire.Accepted && !seen {
			Unknown("the resource serves the token %s, and whether it is bound can't be seen: it is opaque, and introspection does not show cnf or is not offered", deviation)
		}
		Expect(try).To(BeRefused(), "the token names no key (no cnf), and whoever holds it can use it")
	}
}

// isBoundWithoutOpenID is isBound for a token that has no openid in its scope, and that the resource may not serve for that.
func isBoundWithoutOpenID(ctx SpecContext, client *flow.Client, grant *flow.Outcome) {
	if confirmation, seen := everywhere.Confirmation(ctx, client, grant); len(confirmation) == 0 && !seen {
		if decision, because := Decide(client.Call(ctx, grant)); decision != wire.Accepted {
			Note("whether the token is bound can't be seen: it is opaque, introspection does not show cnf or is not offered, and the resource does not serve it (%s)", because)
			return
		}
	}
	isBound(ctx, client, grant)
}

// needsSomethingToLeaveOut ends a spec for clients whose certificate is both their authentication and their binding.
func needsSomethingToLeaveOut(client *flow.Client) {
	if client.Self().Binding == target.MTLS && client.Self().Auth != target.PrivateKeyJWT {
		NotApplicable("client %s authenticates and binds its tokens by the same certificate: there is nothing to leave out", client.ID())
	}
}

// withoutSenderConstraint leaves out what binds a token: the proof, or the certificate, that at both URLs of the endpoint.
func withoutSenderConstraint(client *flow.Client) []flow.Deviation {
	bare := flow.Without(flow.SenderConstraint)
	if client.Self().Binding == target.MTLS {
		return everywhere.AtBothURLs(client, "token_endpoint", bare)
	}
	return []flow.Deviation{bare}
}

// withoutPossession shows a token as somebody would who has found it.
func withoutPossession(client *flow.Client) []flow.Deviation {
	if client.Self().Binding == target.MTLS {
		return []flow.Deviation{flow.Without(flow.Certificate)}
	}
	return []flow.Deviation{
		flow.Without(flow.Proof),
		flow.All("as a Bearer token and without a DPoP proof", flow.With(flow.TokenScheme, "Bearer"), flow.Without(flow.Proof)),
	}
}

// boundToCertificate excuses a token that came without a DPoP proof where the client showed its certificate and the token is bound to
// that: it is constrained to its sender in the profile's other way.
func boundToCertificate(ctx SpecContext, client *flow.Client) Excuse {
	if client.Self().Auth == target.PrivateKeyJWT {
		return func(*flow.Outcome) string { return "" }
	}
	return boundToThe(ctx, client, client.Self().Certificate)
}

// boundToThe excuses a token that came without a DPoP proof where it is bound to the certificate over which it was asked for. Where that can't be read,
// the resource tells: it serves the token over the certificate, and not without. To show it takes no deviation where it is the client's own.
func boundToThe(ctx SpecContext, client *flow.Client, certificate *tls.Certificate, toShow ...flow.Deviation) Excuse {
	return func(issued *flow.Outcome) string {
		if certificate == nil || len(certificate.Certificate) == 0 {
			return ""
		}
		const bound = "a token that is asked for without a DPoP proof is bound to the certificate of the connection instead"
		confirmation, seen := everywhere.Confirmation(ctx, client, issued)
		switch {
		case confirmation["x5t#S256"] == jose.Hash(string(certificate.Certificate[0])):
			return bound
		case seen:
			return ""
		}
		bearer := []flow.Deviation{flow.With(flow.TokenScheme, "Bearer"), flow.Without(flow.Proof)}
		over := flow.All("as a Bearer token over the certificate of the token request", append(slices.Clone(bearer), toShow...)...)
		if decision, because := Decide(client.Call(ctx, issued, over)); decision != wire.Accepted {
			Unknown("a token came without a DPoP proof, and whether it is bound to the certificate of the connection can't be seen: it is opaque, introspection does not show "+
				"cnf or is not offered, and the resource does not serve it over that certificate (%s)", because)
		}
		if len(toShow) == 0 {
			bearer = append(bearer, flow.Without(flow.Certificate))
		}
		switch decision, because := Decide(client.Call(ctx, issued, flow.All("as a Bearer token without a certificate", bearer...))); decision {
		case wire.Accepted:
			return ""
		case wire.Refused:
			return bound + ": the resource serves it over that and not without"
		case wire.Undecided, wire.Confused:
			Unknown("a token came without a DPoP proof, and whether it is bound to the certificate of the connection was not learnt: %s", because)
		}
		return ""
	}
}

// boundRequest has the code of a request bound to the client's own key in both ways that there are. It ends a spec for clients without such a key.
func boundRequest(client *flow.Client) flow.Deviation {
	const words = "with dpop_jkt and a DPoP proof by the client's own key"
	ways := waysToBind(client)
	if t := client.Target(); t.Required(target.RequiresDPoPJKT) && t.Required(target.RequiresDPoPAtPAR) {
		return flow.Words(words) // as every one here
	}
	return flow.All(words, ways...)
}

// waysToBind are the ways in which the code of a request is bound to the client's own key: by dpop_jkt, and by a proof where the request is pushed (RFC 9449
// section 10). It ends a spec for clients without such a key.
func waysToBind(client *flow.Client) []flow.Deviation {
	needsProofs(client)
	jkt := flow.With(flow.DPoPKeyThumbprint, client.ProofKey().Thumbprint()).As("with dpop_jkt of the client's own key")
	if client.Target().Required(target.RequiresDPoPJKT) {
		jkt = flow.Words(jkt.String()) // as every one here
	}
	if client.Shape().ByValue {
		return []flow.Deviation{jkt} // nothing is pushed
	}
	proof := flow.With(flow.Proof, client.ProofKey()).As("with a DPoP proof by the client's own key")
	if client.Target().Required(target.RequiresDPoPAtPAR) {
		proof = flow.Words(proof.String())
	}
	return []flow.Deviation{jkt, proof}
}

// needsProofs ends a spec about DPoP proofs for clients whose tokens are bound otherwise.
func needsProofs(client *flow.Client) {
	if client.Self().Binding != target.DPoP {
		NotApplicable("the tokens of client %s are not bound by DPoP proofs", client.ID())
	}
}

// anothersCertificate is what is shown in the place of a DPoP proof by a client that has no certificate of its own. It ends a spec where the client has
// one, or where nobody has.
func anothersCertificate(client *flow.Client) flow.OtherCertificate {
	needsProofs(client)
	if client.Self().Certificate != nil {
		NotApplicable("client %s shows a certificate of its own: what is refused without a proof is refused beside that", client.ID())
	}
	other, ok := client.Another()
	if !ok {
		NotApplicable("no client of the target file has a certificate")
	}
	return other
}

// overCertificate asks for a token over a certificate instead of with a DPoP proof.
func overCertificate(other flow.OtherCertificate) flow.Deviation {
	return flow.All("over a certificate of another client and without a DPoP proof", flow.Without(flow.Proof), flow.With(flow.Certificate, other)).AtCertificateEndpoint()
}

// spoiltProofs are DPoP proofs that are none: to fall back to what is done without a proof is to take away what binds the token.
func spoiltProofs() []flow.Deviation {
	return []flow.Deviation{
		flow.ProofMade("with something in the place of the DPoP proof that is none", func(string) string { return "not-a-proof" }),
		flow.ProofMade("with an empty DPoP proof", func(string) string { return "" }),
		flow.ProofMade("with one character changed in the middle of the DPoP proof's signature", func(compact string) string {
			return jose.WithSignature(compact, func(old []byte) []byte {
				altered := slices.Clone(old)
				altered[len(altered)/2] ^= 1
				return altered
			})
		}),
	}
}

// boundAllTheSame excuses a token that came for a proof which does not hold, where it is bound to a key: whether such a proof is to be taken is the
// business of another clause than the one that wants tokens bound.
func boundAllTheSame(ctx SpecContext, client *flow.Client) Excuse {
	return func(issued *flow.Outcome) string {
		confirmation, seen := everywhere.Confirmation(ctx, client, issued)
		switch {
		case len(confirmation) > 0:
			return "the token is bound to a key all the same (cnf): whether the proof should have been refused is judged elsewhere"
		case !seen:
			Unknown("a token came for a proof that does not hold, and whether it is bound to a key can't be seen: it is opaque, and introspection does not show cnf or is not offered")
		}
		return ""
	}
}

// singleScope is the least that can be asked for: openid where the target is used with OpenID, else the first word of its scope.
func singleScope(t *target.Target) string {
	if t.OpenID() {
		return "openid"
	}
	if words := strings.Fields(t.Scope); len(words) > 0 {
		return words[0]
	}
	return t.Scope
}

func beyond(granted []string, asked string) []string {
	return slices.DeleteFunc(granted, func(scope string) bool { return scope == asked })
}
