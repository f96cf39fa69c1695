package mtls

import (
	"net/http"
	"net/url"
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

func mtlsSpecs(client *flow.Client) {
	authenticationSpecs(client)
	bindingSpecs(client)
	metadataSpecs(client)
}

// authenticationSpecs are about clients that are known by their certificate. Codes, introspection and revocation have the same tried by the
// profile; what is here needs no login.
func authenticationSpecs(client *flow.Client) {
	Describe("a client that authenticates by a certificate", func() {
		It("gets through with one of its authority", IssuedCertificate, func(ctx SpecContext) {
			needsMethod(client, target.TLSClientAuth)
			pushed := client.Push(ctx)
			if decision, _ := Decide(pushed); decision == wire.Refused && pushed.ErrorCode() != "invalid_client" && pushed.Status != http.StatusUnauthorized {
				Needs(pushed) // it is refused for something else
			}
			Expect(pushed).To(BeAccepted())
			Needs(client.Landing(ctx))
			Expect(client.Grant(ctx)).To(BeAccepted())
		})
		It("gets through with a renewed one of the same subject, and with that subject in strings of another type", IssuedCertificate, func(ctx SpecContext) {
			needsMethod(client, target.TLSClientAuth)
			everywhere.NeedsPAR(client) // a refresh token may have been bound to the first certificate
			renewed := client.Renewed()
			if len(renewed) == 0 {
				NotApplicable("clients[].other_certificates of the target file has neither renewed nor respelt of client %s: only its authority could issue them", client.ID())
			}
			Needs(client.Push(ctx))
			for _, certificate := range renewed {
				answer := client.Push(ctx, flow.With(flow.Certificate, certificate))
				switch decision, because := Decide(answer); decision {
				case wire.Accepted:
				case wire.Refused:
					// A server is free to look more closely; that keys can be renewed without a registration is why this method is there.
					Warn("a certificate %s is refused: %s", certificate, because)
				case wire.Undecided, wire.Confused:
					LeaveUndecided(answer.Exchange, because)
					Unknown("a certificate %s was neither accepted nor refused: %s", certificate, because)
				}
			}
		})
	})
	// Who looks at chains in the TLS layer, and has that take every certificate for the sake of those who sign their own, looks at no dates either.
	everywhere.Refused(client, "a certificate of the client's subject by its authority that has expired, or whose time has not come", UntrustedIssuer,
		func(client *flow.Client, _ string) []flow.Deviation {
			needsMethod(client, target.TLSClientAuth)
			untimely := client.Untimely()
			if len(untimely) == 0 {
				NotApplicable("clients[].other_certificates of the target file has neither expired nor not_yet_valid of client %s: only its authority could issue them, and "+
					"whether the target looks at dates is not seen", client.ID())
			}
			return shown(untimely)
		})
	atBoth := func(what string, r *requirement.Requirement, deviations everywhere.Deviations) {
		Describe(what, func() {
			It("is refused where requests are pushed", r, func(ctx SpecContext) { everywhere.RefusedAtPAR(ctx, client, deviations) })
			It("is refused where tokens are refreshed", r, func(ctx SpecContext) {
				tries := deviations(client, "token_endpoint")
				everywhere.NeedsRefresh(ctx, client)
				RefusesToRefresh(ctx, client, tries...)
			})
		})
	}
	atBoth("the client over a certificate of another one", CertificateOfOther, func(client *flow.Client, _ string) []flow.Deviation {
		other, ok := client.Stranger()
		if !ok {
			Unknown("no other client of the target file has a certificate of another name")
		}
		if !other.SameKind(client.Self()) {
			Note("no other client of the target file has a certificate of the same kind (self-signed or by an authority): a refusal may be for that alone")
		}
		all := []flow.Deviation{flow.With(flow.Certificate, other).As("with " + everywhere.StrangersCertificate)}
		if client.Self().Auth != target.TLSClientAuth {
			return all
		}
		similar := client.Similar()
		if len(similar) == 0 {
			Note("clients[].other_certificates of the target file has no similar of client %s: subjects that are nearly the client's were not tried", client.ID())
		}
		return append(all, shown(similar)...)
	})
	atBoth("a certificate with the client's subject by nobody who is trusted", UntrustedIssuer, func(client *flow.Client, _ string) []flow.Deviation {
		needsMethod(client, target.TLSClientAuth)
		return madeUp(client)
	})
	atBoth("a self-signed certificate with the client's subject that is not registered", RegisteredOnly, func(client *flow.Client, _ string) []flow.Deviation {
		needsMethod(client, target.SelfSignedAuth)
		return madeUp(client)
	})
}

// shown shows each of these certificates.
func shown(certificates []flow.OtherCertificate) []flow.Deviation {
	var all []flow.Deviation
	for _, certificate := range certificates {
		all = append(all, flow.With(flow.Certificate, certificate))
	}
	return all
}

// needsMethod ends a spec for clients that authenticate otherwise.
func needsMethod(client *flow.Client, method string) {
	if client.Self().Auth != method {
		NotApplicable("client %s has auth: %s", client.ID(), client.Self().Auth)
	}
}

// madeUp are certificates that say what the client's own says, and that anybody can make.
func madeUp(client *flow.Client) []flow.Deviation {
	impostor, ok := client.Impostor()
	if !ok {
		Unknown("the certificate of client %s can't be read, and so not be imitated", client.ID())
	}
	all := []flow.Deviation{flow.With(flow.Certificate, impostor)}
	if alone, ok := client.SelfMade(); ok {
		all = append(all, flow.With(flow.Certificate, alone))
	}
	return all
}

func bindingSpecs(client *flow.Client) {
	call := func(ctx SpecContext) Served {
		return func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
			return client.Call(ctx, grant, deviations...)
		}
	}
	Describe("the resource", func() {
		It("says invalid_token with 401 to a token over another certificate", MismatchAnswer, func(ctx SpecContext) {
			other, ok := client.Another()
			if !ok {
				Unknown("the target file has no second client with a certificate of its own")
			}
			grant := NeedsService(ctx, client, call(ctx))
			answer := client.Call(ctx, grant, flow.With(flow.Certificate, other))
			switch decision, because := Decide(answer); decision {
			case wire.Refused:
			case wire.Accepted:
				NotApplicable("the token is taken over the other certificate, which is judged at FAPI2-SP-5.3.4-5d: %s", because)
			case wire.Undecided, wire.Confused:
				LeaveUndecided(answer.Exchange, because)
				Unknown("the token over another certificate was neither accepted nor refused: %s", because)
			}
			invalid := answer.ErrorCode() == "invalid_token" || slices.ContainsFunc(flow.ParseChallenges(answer.Challenges()), func(c flow.Challenge) bool {
				return c.Params["error"] == "invalid_token"
			})
			switch {
			case answer.Err != nil:
				NotApplicable("the TLS connection over another certificate is refused before there is a token to be seen")
			case answer.Status == http.StatusNotFound:
				NotApplicable("the resource hides (404), as RFC 9110 section 15.5.5 lets it, and so says nothing about the token")
			case answer.ErrorCode() == "" && len(answer.Challenges()) == 0 && answer.Status != http.StatusUnauthorized:
				NotApplicable("the refusal (%d) has neither an error nor a challenge: a gateway may have answered that looks at certificates, and not at tokens", answer.Status)
			case answer.Status != http.StatusUnauthorized:
				Broken("the status is %d and not 401, with error %q and %s", answer.Status, wire.Printable(answer.ErrorCode()), answer.ChallengeWords())
			case !invalid:
				Broken("neither the challenge nor the body has error invalid_token: %s", answer.ChallengeWords())
			}
			NeedsService(ctx, client, call(ctx))
		})
		It("may take the certificate of a client that signs it itself", ChainOfSelfSigned, func(ctx SpecContext) {
			NeedsService(ctx, client, call(ctx))
			own := client.Self().Certificate
			if own == nil || own.Leaf == nil || string(own.Leaf.RawIssuer) != string(own.Leaf.RawSubject) {
				NotApplicable("the certificate of client %s is by an authority", client.ID())
			}
			Note("the resource takes a certificate that is signed by its own key")
		})
	})

	Describe("an access token", func() {
		It("names its certificate by the SHA-256 hash of it", ThumbprintInToken, func(ctx SpecContext) {
			grant := Needs(client.Grant(ctx))
			claims := jose.Claims(grant.AccessToken())
			if claims == nil {
				NotApplicable("access tokens are no JWTs that can be read")
			}
			judgeThumbprint(client, claims, "the access token", func() {
				if decision, because := Decide(client.Call(ctx, NeedsService(ctx, client, call(ctx)), flow.Without(flow.Certificate))); decision == wire.Accepted {
					NotApplicable("the token is bound to nothing (%s), which is judged by the profile", because)
				}
				// Section 3.1 only recommends this member; section 3 lets the two servers agree on another way.
				Warn("the access token is a JWT without cnf.x5t#S256, and so does not say which certificate it is bound to")
			})
		})
	})

	Describe("a refreshed access token", func() {
		It("names its certificate by the SHA-256 hash of it", ThumbprintInToken, func(ctx SpecContext) {
			everywhere.NeedsRefresh(ctx, client)
			_, fresh := NeedsRefreshed(ctx, client)
			judgeThumbprint(client, jose.Claims(fresh.AccessToken()), "the refreshed access token", func() {
				NotApplicable("the refreshed access token is no JWT that can be read, or has no cnf.x5t#S256")
			})
		})
	})

	Describe("an access token that the client has for itself", func() {
		It("names its certificate by the SHA-256 hash of it", ThumbprintInToken, func(ctx SpecContext) {
			seen := false
			everywhere.AsksForItself(ctx, client, everywhere.AnnouncedForItself, func(client *flow.Client, _ string, proper *flow.Outcome) {
				named := true
				judgeThumbprint(client, jose.Claims(proper.AccessToken()), "the access token that the client has for itself", func() { named = false })
				seen = seen || named
			})
			if !seen {
				NotApplicable("no access token that a client has for itself has cnf.x5t#S256 that can be read")
			}
		})
	})

	Describe("introspection", func() {
		It("shows the SHA-256 hash of the certificate to which a token is bound", ThumbprintInAnswer, func(ctx SpecContext) {
			if client.Self().Binding != target.MTLS {
				NotApplicable("client %s has binding: %s", client.ID(), client.Self().Binding)
			}
			judgeThumbprint(client, Needs(everywhere.Introspected(ctx, client)).Members(), "the answer", func() {
				// What is told to resource servers need not be told to clients (RFC 7662 section 2.2).
				NotApplicable("introspection does not show this client which certificate its token is bound to")
			})
		})
		It("shows it of tokens that were had otherwise", ThumbprintInAnswer, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.Introspection)
			if client.Self().Binding != target.MTLS {
				NotApplicable("client %s has binding: %s", client.ID(), client.Self().Binding)
			}
			seen := false
			judge := func(client *flow.Client, what string, tokens *flow.Outcome) {
				if answer := client.Introspect(ctx, tokens); Accepts(answer) {
					named := true
					judgeThumbprint(client, answer.Members(), "the answer about "+what, func() { named = false })
					seen = seen || named
				}
			}
			if client.Target().Offered(string(requirement.RefreshToken)) && Needs(client.Grant(ctx)).RefreshToken() != "" {
				_, fresh := NeedsRefreshed(ctx, client)
				judge(client, "a refreshed token", fresh)
			}
			everywhere.AsEach(client, func(client *flow.Client) {
				for _, grant := range everywhere.AnnouncedForItself(client) {
					if own := client.ForItself(ctx, grant); Accepts(own) {
						judge(client, "a token that the client has for itself", own)
					}
				}
			})
			if !seen {
				NotApplicable("introspection does not show this client which certificate such tokens are bound to, or there are none")
			}
		})
	})
}

// judgeThumbprint wants cnf.x5t#S256, where it is there, to be that of the client's certificate.
func judgeThumbprint(client *flow.Client, members map[string]any, what string, missing func()) {
	confirmation, _ := members["cnf"].(map[string]any)
	thumbprint, there := confirmation["x5t#S256"]
	if !there {
		missing()
		return
	}
	own := client.Self().Certificate
	if own == nil || len(own.Certificate) == 0 {
		Unknown("the certificate of client %s can't be read", client.ID())
	}
	if right := jose.Hash(string(own.Certificate[0])); thumbprint != any(right) {
		Broken("cnf.x5t#S256 of %s is %q, and the SHA-256 hash of the client's certificate, base64url-encoded without padding, is %q", what, printed(thumbprint), right)
	}
}

// printed is a value as a report may show it.
func printed(value any) string {
	text, isText := value.(string)
	if !isText {
		return "no text"
	}
	return wire.Printable(text[:min(len(text), 120)])
}

func metadataSpecs(client *flow.Client) {
	Describe("the metadata", func() {
		It("say by a boolean that access tokens are bound to certificates", BindingAnnounced, SendsNothing, func(SpecContext) {
			const name = "tls_client_certificate_bound_access_tokens"
			value, there := client.Target().Metadata.Values[name]
			bound, isBoolean := value.(bool)
			switch {
			case there && !isBoolean:
				Broken("%s is no boolean", name)
			case !bound:
				Warn("%s is missing or false, which says that the server does not bind access tokens to certificates, and the target file has clients whose tokens are", name)
			}
			for _, said := range everywhere.Places(client) {
				if value, there := said.Values[name]; there && value != true && value != false {
					Broken("%s is no boolean%s", name, said.At)
				}
			}
		})
		It("list https URLs of endpoints in mtls_endpoint_aliases, by the names of those", AliasesForm, SendsNothing, func(SpecContext) {
			const name = "mtls_endpoint_aliases"
			value, there := client.Target().Metadata.Values[name]
			if !there {
				NotApplicable("the metadata have no %s: the endpoints serve everybody at one URL", name)
			}
			aliases, isObject := value.(map[string]any)
			if !isObject {
				Broken("%s is no object", name)
			}
			for _, said := range everywhere.Places(client) {
				others, _ := said.Values[name].(map[string]any)
				for endpoint, address := range others {
					text, _ := address.(string)
					if parsed, err := url.Parse(text); err != nil || !strings.EqualFold(parsed.Scheme, "https") || parsed.Host == "" || parsed.Fragment != "" {
						Broken("%s has %q as %s, and no absolute https URL%s", name, printed(address), wire.Printable(endpoint), said.At)
					}
				}
			}
			for endpoint, address := range aliases {
				text, _ := address.(string)
				if parsed, err := url.Parse(text); err == nil && parsed.User != nil {
					Warn("%s has a user before the host as %s, whom clients that follow it show there (RFC 9110 section 4.2.4)", name, wire.Printable(endpoint))
				}
				if client.Target().Metadata.Text(endpoint) == "" {
					Warn("%s has %s, which the metadata do not have beside it: clients look up the name of an endpoint there", name, wire.Printable(endpoint))
				}
			}
		})
	})
}
