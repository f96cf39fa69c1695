package fapi2sp

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

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

func clientAuthenticationSpecs(client *flow.Client) {
	Describe("client authentication", func() {
		It("by the registered method takes the client through a whole flow", ClientsAuthenticate, func(ctx SpecContext) {
			Expect(known(client.Grant(ctx))).To(BeAccepted())
		})
	})

	Describe("a client without authentication", func() {
		It("is refused at the introspection endpoint", ClientsAuthenticate, func(ctx SpecContext) {
			everywhere.RefusedAtIntrospection(ctx, client, unauthenticated)
		})
		It("is refused at the revocation endpoint", ClientsAuthenticate, func(ctx SpecContext) {
			everywhere.RefusedAtRevocation(ctx, client, unauthenticated)
		})
	})

	Describe("a client without authentication", func() {
		It("learns nothing about a refresh token, and can't revoke it", ClientsAuthenticate, func(ctx SpecContext) {
			everywhere.RefusedAboutRefreshToken(ctx, client, unauthenticated)
		})
	})

	// Who is let in by the names in a certificate is not authenticated.
	everywhere.RefusedBy(client, "a certificate of the client's names and another key", everywhere.Clauses{
		AtPAR: PARClientAuthentication, AtToken: ConfidentialOnly, Elsewhere: ClientsAuthenticate,
	}, impostors)

	everywhere.Refused(client, "a client secret", OtherMethodsRefused, secrets, func(SpecContext) {
		needsAnotherCertificate(client)
		if client.Self().Secret.Empty() {
			Note("the target file has no secret of client %s: made-up ones were tried alone, and whether the target takes the right one, if it knows one, is not seen", client.ID())
		}
	})

	Describe("a client assertion for the issuer", func() {
		It("is accepted at the pushed authorization request endpoint", AssertionForIssuer, func(ctx SpecContext) {
			Expect(known(client.Push(ctx))).To(BeAccepted())
		})
		It("is accepted at the token endpoint", AssertionForIssuer, func(ctx SpecContext) {
			Needs(client.Landing(ctx))
			Expect(known(client.Grant(ctx))).To(BeAccepted())
		})
		It("is accepted at the introspection endpoint", AssertionForIssuer, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Introspection)
			Expect(everywhere.Introspected(ctx, client)).To(BeAccepted())
		})
		It("is accepted at the revocation endpoint", AssertionForIssuer, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Revocation)
			Expect(everywhere.Revoking(ctx, client, func(token everywhere.Revocation) *flow.Outcome { return token.Revoke() })).To(BeAccepted())
		})
	})

	everywhere.Refused(client, "a client assertion addressed to an endpoint or to almost the issuer", AssertionForEndpoint, func(client *flow.Client, endpoint string) []flow.Deviation {
		var all []flow.Deviation
		for _, audience := range endpointAudiences(client, endpoint) {
			all = append(all, flow.With(flow.AssertionClaim("aud"), audience))
		}
		// Who expects a text or a list may fail open on what is neither, and who searches a text finds the issuer in it.
		issuer := client.Issuer()
		return append(all,
			flow.With(flow.AssertionClaim("aud"), flow.ForeignOrigin+","+issuer).As("with somebody else and the issuer in one text, with a comma, as aud in the client assertion"),
			flow.With(flow.AssertionClaim("aud"), issuer+","+flow.ForeignOrigin).As("with the issuer and somebody else in one text, with a comma, as aud in the client assertion"),
			flow.With(flow.AssertionClaim("aud"), 1).As("with a number as aud in the client assertion"),
			flow.With(flow.AssertionClaim("aud"), map[string]any{issuer: true}).As("with an object as aud in the client assertion"))
	})

	everywhere.Refused(client, "a client assertion addressed to the issuer and somebody else", AssertionForSeveral, func(client *flow.Client, _ string) []flow.Deviation {
		issuer := client.Issuer()
		return []flow.Deviation{
			flow.With(flow.AssertionClaim("aud"), []string{issuer, issuer}),
			flow.With(flow.AssertionClaim("aud"), []string{issuer, client.Target().Metadata.Text("token_endpoint")}),
			flow.With(flow.AssertionClaim("aud"), []string{issuer, flow.ForeignOrigin}),
			flow.With(flow.AssertionClaim("aud"), []string{flow.ForeignOrigin, issuer}),
		}
	})

	everywhere.Refused(client, "a client assertion addressed to an array of the issuer alone", AssertionForArray, func(client *flow.Client, _ string) []flow.Deviation {
		return []flow.Deviation{flow.With(flow.AssertionClaim("aud"), []string{client.Issuer()})}
	})

	Describe("a client assertion made by a clock that is 8 seconds fast", func() {
		for _, claim := range []string{"iat", "nbf"} {
			ahead := flow.With(flow.AssertionClaim(claim), flow.Ahead(8*time.Second))
			It("is accepted at the pushed authorization request endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				everywhere.AsEach(client, func(client *flow.Client) {
					Needs(client.Push(ctx))
					Expect(client.Push(ctx, ahead)).To(BeAccepted())
				})
			})
			It("is accepted at the token endpoint with a code, "+claim, AssertionAhead, func(ctx SpecContext) {
				everywhere.AsEach(client, func(client *flow.Client) {
					Needs(client.Grant(ctx))
					Expect(client.Exchange(ctx, Needs(client.Login(ctx)), ahead)).To(BeAccepted())
				})
			})
			It("is accepted at the token endpoint with a refresh token, "+claim, AssertionAhead, func(ctx SpecContext) {
				everywhere.NeedsRefresh(ctx, client)
				Expect(Refreshed(ctx, client, ahead)).To(BeAccepted())
			})
			It("is accepted at the introspection endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				everywhere.NeedsOffer(client, requirement.Introspection)
				Expect(client.Introspect(ctx, everywhere.NeedsIntrospection(ctx, client), ahead)).To(BeAccepted())
			})
			It("is accepted at the revocation endpoint, "+claim, AssertionAhead, func(ctx SpecContext) {
				everywhere.NeedsOffer(client, requirement.Revocation)
				var try *flow.Outcome
				// What is revoked already can be revoked again (RFC 7009 section 2.2), and so the control comes last.
				Needs(everywhere.Revoking(ctx, client, func(token everywhere.Revocation) *flow.Outcome {
					try = token.Revoke(ahead)
					return token.Revoke()
				}))
				Expect(try).To(BeAccepted())
			})
		}
	})

	// Iat and nbf lie ahead one at a time, once with a lifetime that is stretched, so that nothing but the future can be wrong with the
	// assertion, and with ever shorter ones, for servers that refuse long-lived assertions before they look at anything else. The shortest has
	// expired before it was made: a server that takes no longer ones can take none from so far ahead. A time that is written as a text is not tried: it is
	// none (RFC 7519 section 2), and a server may as well refuse the assertion as pass over the claim, which nobody has to write.
	lives := func(d time.Duration) flow.Deviation { return flow.With(flow.AssertionClaim("exp"), flow.Ahead(d)) }
	var ahead []flow.Deviation
	for _, claim := range []string{"iat", "nbf"} {
		for _, try := range []struct{ lies, expires int }{{90, 150}, {90, 50}, {65, 90}, {65, 70}, {65, 35}, {4000, 4040}} {
			if try.lies == 4000 && claim == "nbf" {
				continue // that is RFC 7523's business, for every server
			}
			words := fmt.Sprintf("with %s %ds ahead in the client assertion", claim, try.lies)
			if try.expires != 150 {
				words = fmt.Sprintf("with %s %ds ahead and exp %ds ahead in the client assertion", claim, try.lies, try.expires)
			}
			ahead = append(ahead, flow.All(words, lives(time.Duration(try.expires)*time.Second), flow.With(flow.AssertionClaim(claim), flow.Ahead(time.Duration(try.lies)*time.Second))))
		}
	}
	everywhere.Refused(client, "a client assertion from more than 60 seconds ahead", AssertionFarAhead, everywhere.Always(ahead...), func(ctx SpecContext) {
		learnHowLongLived(func(d time.Duration) *flow.Outcome { return client.Push(ctx, lives(d)) })
	})
}

// learnHowLongLived is the control of the assertions from ahead: the same lifetimes, made now. To refuse long ones is the target's right; then
// the refusals of those say nothing, and the less long-lived ones have to tell.
func learnHowLongLived(push func(lives time.Duration) *flow.Outcome) {
	because := ""
	for _, lives := range []time.Duration{150 * time.Second, 90 * time.Second, 70 * time.Second, 50 * time.Second} {
		pushed := push(lives)
		decision, words := Decide(pushed)
		switch decision {
		case wire.Accepted:
			if because != "" {
				Note("the target takes client assertions that live %s and none that live much longer, wherever they lie: %s", seconds(lives), because)
			}
			return
		case wire.Refused:
			because = words
		case wire.Undecided, wire.Confused:
			LeaveUndecided(pushed.Exchange, words)
			Unknown("whether the target takes client assertions that live %s could not be learnt: %s", seconds(lives), words)
		}
	}
	// The proper ones live shorter than all of these, and are taken.
	Note("the target takes no client assertion that lives 50 seconds, wherever it lies (%s): the one with the shortest life has to tell", because)
}

// unauthenticated leaves the client's authentication out and, where that is a certificate, shows another client's: who only looks whether
// there is one takes it. (And where the certificate that authenticates the client also binds its tokens, leaving it out is two deviations
// in one.)
func unauthenticated(client *flow.Client, endpoint string) []flow.Deviation {
	all := everywhere.AtBothURLs(client, endpoint, flow.Without(flow.ClientAuthentication))
	all = append(all, flow.All("without client authentication and without client_id", flow.Without(flow.ClientAuthentication), flow.Without(flow.ClientID)))
	all = append(all, provenOnly(client, endpoint)...)
	if endpoint == "pushed_authorization_request_endpoint" || endpoint == "token_endpoint" {
		all = append(all, everywhere.OddCredentials()...) // elsewhere they are RFC 7662's and RFC 7009's business
	}
	if endpoint == "introspection_endpoint" || endpoint == "revocation_endpoint" {
		// What a hint leads to may have a way in of its own.
		for _, hinted := range everywhere.OddHints("refresh_token") {
			all = append(all, flow.All("without client authentication and "+hinted.String(), flow.Without(flow.ClientAuthentication), hinted))
		}
	}
	if client.Self().Auth == target.PrivateKeyJWT {
		all = append(all,
			flow.AssertionMade("with an empty client assertion", func(string) string { return "" }),
			flow.AssertionMade("with something in the place of the client assertion that is none", func(string) string { return "x" }))
		if other, ok := client.Another(); ok && client.Self().Certificate == nil {
			all = append(all, flow.All("without client authentication, and with "+everywhere.StrangersCertificate,
				flow.Without(flow.ClientAuthentication), flow.With(flow.Certificate, other)).AtCertificateEndpoint())
		}
		if endpoint == "pushed_authorization_request_endpoint" && !client.Shape().Signed {
			all = append(all, flow.All("in a signed request object and without client authentication", flow.Without(flow.ClientAuthentication), flow.With(flow.RequestObject, flow.Signed)))
		}
		return all
	}
	if other, ok := client.Stranger(); ok {
		all = append(all, flow.With(flow.Certificate, other).As("with "+everywhere.StrangersCertificate))
	}
	return append(all, everywhere.AtBothURLs(client, endpoint,
		flow.All("with the client's certificate in header fields instead of the TLS handshake", flow.Without(flow.ClientAuthentication), flow.CertificateInHeaders()))...)
}

// provenOnly leaves the client's authentication out, and shows a DPoP proof: that says who holds a key, and not whose key it is (RFC 9449 section 1). Who
// has seen the client's own key before may take that for more than one that nobody has seen.
func provenOnly(client *flow.Client, endpoint string) []flow.Deviation {
	proven := func(says string, key *jose.Key) flow.Deviation {
		return flow.All("without client authentication and with a DPoP proof by "+says, flow.Without(flow.ClientAuthentication), flow.With(flow.Proof, key))
	}
	all := []flow.Deviation{proven("a key that nobody has seen", client.NewProofKey())}
	if own := client.ProofKey(); own != nil && endpoint == "pushed_authorization_request_endpoint" {
		all = append(all, proven("the client's own key", own)) // elsewhere it is in every request
	}
	return all
}

// secrets authenticates by a client secret: by the right one, where the target file has it, and by one that is made up. Where clients with certificates have URLs of their own, who takes secrets takes them at the
// others.
func secrets(client *flow.Client, endpoint string) []flow.Deviation {
	all, beside := secretsOf(client)
	return append(everywhere.AtBothURLs(client, endpoint, all...), beside...)
}

// secretsOf are the deviations by a secret, and those that also show another client's certificate, which are for one URL.
func secretsOf(client *flow.Client) (all, beside []flow.Deviation) {
	other, shows := client.Stranger()
	if client.Self().Certificate == nil {
		other, shows = client.Another()
	}
	add := func(secret flow.Deviation) {
		all = append(all, secret)
		if shows && (bindsByAuthentication(client) || client.Self().Binding == target.DPoP) {
			// Who lets any certificate stand beside a secret may do so for clients that need none at all.
			beside = append(beside, flow.All(secret.String()+" and "+everywhere.StrangersCertificate, secret, flow.With(flow.Certificate, other)).AtCertificateEndpoint())
		}
	}
	right := client.Self().Secret
	if !right.Empty() {
		// One that is made up proves nothing here: its code can't hold.
		add(flow.With(flow.ClientAuthentication, flow.Secret{Method: "client_secret_jwt", Value: right.Reveal()}).As("with client_secret_jwt by the secret that the target knows"))
	}
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		if !right.Empty() {
			add(flow.With(flow.ClientAuthentication, flow.Secret{Method: method, Value: right.Reveal()}).As("with " + method + " and the secret that the target knows"))
		}
		add(flow.With(flow.ClientAuthentication, flow.Secret{Method: method}).As("with " + method + " and an empty secret"))
		add(flow.With(flow.ClientAuthentication, flow.Secret{Method: method, Value: jose.Random(24)}).As("with " + method + " and a made-up secret"))
	}
	return all, beside
}

// impostors shows a certificate that says what the client's own says, and is of another key: to know a client by its subject is not enough,
// its authority has to have said so (RFC 8705 section 2.1), or the certificate has to be the registered one (section 2.2).
func impostors(client *flow.Client, _ string) []flow.Deviation {
	if client.Self().Auth == target.PrivateKeyJWT {
		NotApplicable("client %s does not authenticate by a certificate", client.ID())
	}
	impostor, ok := client.Impostor()
	if !ok {
		Unknown("the certificate of client %s can't be read, and so not be imitated", client.ID())
	}
	return []flow.Deviation{flow.With(flow.Certificate, impostor)}
}

// bindsByAuthentication says whether one certificate both authenticates the client and binds its tokens.
func bindsByAuthentication(client *flow.Client) bool {
	return client.Self().Binding == target.MTLS && client.Self().Auth != target.PrivateKeyJWT
}

// known ends a spec about authentication as Blocked where a proper request was refused for something else: at the authorization endpoint
// nobody authenticates, and only invalid_client and the status 401 speak of who asks (RFC 6749 section 5.2).
func known(o *flow.Outcome) *flow.Outcome {
	switch decision, _ := Decide(o); {
	case o.Step == flow.StepAuthorize:
		return Needs(o)
	case decision == wire.Refused && o.ErrorCode() != "invalid_client" && o.Status != http.StatusUnauthorized:
		return Needs(o)
	case decision == wire.Refused && o.Served():
		Unknown("the client is refused here (%d %s), and was not before in this run: a server that locks clients which fail to authenticate, as some experiments do on purpose, "+
			"does that; let it lock none while it is tested, or run with --workers 1", o.Status, wire.Printable(o.ErrorCode()))
	}
	return o
}

// needsAnotherCertificate ends a spec in which nothing but a missing certificate could be tried, and a token could not have been bound
// without one.
func needsAnotherCertificate(client *flow.Client) {
	if _, ok := client.Stranger(); !ok && bindsByAuthentication(client) {
		Unknown("client %s authenticates and binds its tokens by the same certificate, and no other client of the target file has one of another name to show instead", client.ID())
	}
}

// endpointAudiences are the names under which a sloppy server knows itself: its endpoints, the one that is called among them, its metadata, and its
// issuer with the slash at the end changed.
func endpointAudiences(client *flow.Client, called string) []string {
	issuer := client.Issuer()
	almost := issuer + "/"
	if trimmed, found := strings.CutSuffix(issuer, "/"); found {
		almost = trimmed
	}
	audiences := []string{almost, strings.ToUpper(issuer[:1]) + issuer[1:], issuer + " ", "http" + strings.TrimPrefix(issuer, "https"), strings.TrimPrefix(issuer, "https://"),
		issuer + "#client", issuer + "?client", "", client.ID()}
	metadata := client.Target().Metadata
	add := func(address string) {
		if address != "" && address != issuer && !slices.Contains(audiences, address) {
			audiences = append(audiences, address)
		}
	}
	for _, name := range []string{"token_endpoint", "pushed_authorization_request_endpoint", called, "authorization_endpoint", "introspection_endpoint", "revocation_endpoint", "userinfo_endpoint"} {
		for _, certified := range []bool{false, true} {
			add(metadata.Endpoint(name, certified))
		}
	}
	add(strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration")
	if alias, err := url.Parse(metadata.Endpoint("token_endpoint", true)); err == nil && alias.Host != "" {
		add(alias.Scheme + "://" + alias.Host) // who goes by the Host header is somebody else there
	}
	return audiences
}
