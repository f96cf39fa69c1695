package fapi1base

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func tokenSpecs(client *flow.Client) {
	It("the token response names the scope where the request came through the browser unprotected", ScopeSaid, func(ctx SpecContext) {
		if client.Shape().Signed || !client.Shape().ByValue {
			NotApplicable("requests are signed, or pushed")
		}
		named := func(tokens *flow.Outcome) {
			if tokens.Text("scope") == "" {
				Broken("the token response has no scope: whoever changed it in the URL has not been noticed")
			}
		}
		named(Needs(client.Grant(ctx)))
		for _, other := range everywhere.InOtherWays(ctx, client) {
			named(Needs(other.Exchange(ctx, Needs(other.Login(ctx)))))
		}
	})

	Describe("a client_id of another client than the assertion's", func() {
		It("is answered with invalid_client where a code is redeemed", OneClientID, func(ctx SpecContext) {
			needsAssertions(client)
			everywhere.AsEach(client, func(client *flow.Client) {
				for _, answer := range RefusesToRedeem(ctx, client, misnamed(client)...) {
					isInvalidClient(answer)
				}
			})
		})
		It("is answered with invalid_client where tokens are refreshed", OneClientID, func(ctx SpecContext) {
			needsAssertions(client)
			everywhere.NeedsRefresh(ctx, client)
			for _, answer := range RefusesToRefresh(ctx, client, misnamed(client)...) {
				isInvalidClient(answer)
			}
		})
		It("is answered with invalid_client where the request is pushed", OneClientID, func(ctx SpecContext) {
			needsAssertions(client)
			if client.Shape().ByValue {
				NotApplicable("requests are not pushed here")
			}
			Needs(client.Push(ctx))
			for _, deviation := range misnamed(client) {
				answer := client.Push(ctx, deviation)
				Expect(answer).To(BeRefused())
				isInvalidClient(answer)
			}
			Needs(client.Push(ctx))
		})
	})

	It("an access token that is bound to no key lives for less than 10 minutes", UnboundEndSoon, func(ctx SpecContext) {
		bare := flow.Without(flow.Proof)
		if client.Self().Binding == target.MTLS {
			if client.Self().Auth != target.PrivateKeyJWT {
				NotApplicable("client %s shows the certificate that its tokens are bound to wherever it authenticates", client.ID())
			}
			bare = flow.Without(flow.Certificate)
		}
		tokens := client.Exchange(ctx, Needs(client.Login(ctx)), bare)
		if !Accepts(tokens) {
			Needs(client.Grant(ctx))
			NotApplicable("no token is issued that is bound to no key")
		}
		seconds, told := tokens.ExpiresIn()
		if !told {
			NotApplicable("the token response does not say how long the token lives")
		}
		if seconds >= 600 {
			Broken("expires_in of a token that is bound to no key is %d", seconds)
		}
	})

	// Which keys a server registers is seen by registering some. What is registered already can be measured.
	It("no client has an RSA key of fewer than 2048 bits", RSAKeys, func(ctx SpecContext) {
		measures(ctx, client, "RSA", 2048)
	})
	It("no client has a key on a curve of fewer than 160 bits", ECKeys, func(ctx SpecContext) {
		measures(ctx, client, "EC", 160)
	})
}

// needsAssertions ends a spec about a client that names itself once.
func needsAssertions(client *flow.Client) {
	if client.Self().Auth != target.PrivateKeyJWT {
		NotApplicable("client %s authenticates by a certificate, and names itself in client_id alone", client.ID())
	}
}

// misnamed name another client, and one that nobody knows, beside the client's own assertion.
func misnamed(client *flow.Client) []flow.Deviation {
	all := []flow.Deviation{flow.With(flow.ClientID, "somebody-whom-nobody-knows").As("with a client_id that nobody has beside the client's assertion")}
	for _, other := range client.Target().Clients {
		if other.ID != client.ID() {
			return append(all, flow.With(flow.ClientID, other.ID).As("with the client_id of another client beside this one's assertion"))
		}
	}
	return all
}

func isInvalidClient(answer *flow.Outcome) {
	GinkgoHelper()
	if answer.Err != nil || answer.Members() == nil {
		return // who hangs up, or has a gateway answer, has not named an error
	}
	if code := answer.ErrorCode(); code != "invalid_client" {
		Broken("the error is %s and not invalid_client", wire.Printable(code))
	}
}

// measures wants no key of its kind of a client that gets through to be too short. Where none is, it is not seen that none would be taken.
func measures(ctx SpecContext, client *flow.Client, kind string, least int) {
	GinkgoHelper()
	Needs(client.Grant(ctx))
	if certificate := client.Self().Certificate; certificate != nil {
		if leaf, err := x509.ParseCertificate(certificate.Certificate[0]); err == nil {
			bits := 0
			switch key := leaf.PublicKey.(type) {
			case *rsa.PublicKey:
				if kind == "RSA" {
					bits = key.N.BitLen()
				}
			case *ecdsa.PublicKey:
				if kind == "EC" {
					bits = key.Params().BitSize
				}
			}
			if bits > 0 && bits < least {
				Broken("the certificate of client %s has a key of %d bits, and the client gets through", client.ID(), bits)
			}
		}
	}
	if key := client.Self().Key; key != nil {
		public := key.Public()
		text, _ := public[map[string]string{"RSA": "n", "EC": "x"}[kind]].(string)
		if number, err := base64.RawURLEncoding.DecodeString(text); err == nil && public["kty"] == kind && 8*len(number) < least {
			Broken("client %s has a key of %d bits, and gets through", client.ID(), 8*len(number))
		}
	}
	LeaveToAttestation("the keys of client %s are long enough; that short ones are not registered is seen by who registers some", client.ID())
}
