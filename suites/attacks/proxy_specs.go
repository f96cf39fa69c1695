package attacks

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

func proxySpecs(client *flow.Client) {
	Describe("a certificate that stands in a header field, and was not shown", func() {
		It("is not believed at the resource", FieldsStripped, func(ctx SpecContext) {
			call := func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
				return client.Call(ctx, grant, deviations...)
			}
			grant := NeedsService(ctx, client, call)
			judgedElsewhere(call(grant, flow.Without(flow.Certificate)))
			tries := inFields(flow.Without(flow.Certificate), 1)
			RefusesToServe(ctx, client, call, Try(append(tries, overStranger(client, func(bare flow.Deviation) *flow.Outcome { return call(grant, bare) })...)...))
		})
		It("is not believed at the userinfo endpoint", FieldsStripped, func(ctx SpecContext) {
			switch {
			case !client.Target().OpenID():
				NotApplicable("the scope of the target file does not ask for openid")
			case client.Endpoint("userinfo_endpoint") == "":
				NotApplicable("the metadata have no userinfo_endpoint")
			case client.ResourceIsUserinfo():
				NotApplicable("the resource of the target file is the userinfo endpoint")
			}
			ask := func(grant *flow.Outcome, deviations ...flow.Deviation) *flow.Outcome {
				return client.Userinfo(ctx, grant, deviations...)
			}
			grant := NeedsService(ctx, client, ask)
			judgedElsewhere(ask(grant, flow.Without(flow.Certificate)))
			tries := inFields(flow.Without(flow.Certificate), 1)
			RefusesToServe(ctx, client, ask, Try(append(tries, overStranger(client, func(bare flow.Deviation) *flow.Outcome { return ask(grant, bare) })...)...))
		})
		It("is not believed at the pushed authorization request endpoint", FieldsStripped, func(ctx SpecContext) {
			authenticatesByCertificate(client)
			unshown := needsCertificate(ctx, client, "pushed_authorization_request_endpoint", func(bare flow.Deviation) *flow.Outcome { return client.Push(ctx, bare) })
			everywhere.RefusedAtPAR(ctx, client, unshown)
		})
		It("is not believed at the token endpoint", FieldsStripped, func(ctx SpecContext) {
			authenticatesByCertificate(client)
			everywhere.NeedsRefresh(ctx, client)
			grant := Needs(client.ToRefresh(ctx))
			unshown := needsCertificate(ctx, client, "token_endpoint", func(bare flow.Deviation) *flow.Outcome { return client.Refresh(ctx, grant, bare) })
			everywhere.RefusedWithRefreshToken(ctx, client, unshown)
		})
		It("is not believed at the introspection endpoint", FieldsStripped, func(ctx SpecContext) {
			authenticatesByCertificate(client)
			everywhere.NeedsOffer(client, requirement.Introspection)
			grant := everywhere.NeedsIntrospection(ctx, client)
			unshown := needsCertificate(ctx, client, "introspection_endpoint", func(bare flow.Deviation) *flow.Outcome { return client.Introspect(ctx, grant, bare) })
			everywhere.RefusedAtIntrospection(ctx, client, unshown)
		})
		It("is not believed at the revocation endpoint", FieldsStripped, func(ctx SpecContext) {
			authenticatesByCertificate(client)
			everywhere.NeedsOffer(client, requirement.Revocation)
			// There is no token of that value, so that nothing is revoked.
			nothing := flow.With(flow.Parameter("token"), jose.Random(32)).As("with a token that was never issued")
			grant := Needs(client.Grant(ctx))
			unshown := needsCertificate(ctx, client, "revocation_endpoint", func(bare flow.Deviation) *flow.Outcome { return client.Revoke(ctx, grant, nothing, bare) })
			everywhere.RefusedAtRevocation(ctx, client, unshown)
		})
	})
}

// authenticatesByCertificate ends a spec for clients whose certificate authenticates nobody.
func authenticatesByCertificate(client *flow.Client) {
	if client.Self().Auth == target.PrivateKeyJWT {
		NotApplicable("client %s does not authenticate by its certificate", client.ID())
	}
}

// needsCertificate ends a spec where who shows nothing at all is served as well, at either URL of an endpoint. It returns what there is to try.
func needsCertificate(ctx SpecContext, client *flow.Client, endpoint string, try func(bare flow.Deviation) *flow.Outcome) everywhere.Deviations {
	for _, bare := range everywhere.AtBothURLs(client, endpoint, flow.Without(flow.ClientAuthentication)) {
		judgedElsewhere(try(bare))
	}
	over := len(overStranger(client, try)) > 0
	Needs(client.Push(ctx)) // a server may lock who fails several times in a row
	return func(client *flow.Client, endpoint string) []flow.Deviation {
		all := unshown(client, endpoint)
		if over {
			all = append(all, overOther(client)...)
		}
		return all
	}
}

// overStranger names the certificate in header fields over the connection of another client: who asks for a certificate of everybody may believe the fields of
// whoever has one. There is nothing to try where that one is served without the fields as well, which is judged by the profile.
func overStranger(client *flow.Client, try func(bare flow.Deviation) *flow.Outcome) []flow.Deviation {
	other, ok := client.Stranger()
	if !ok {
		return nil
	}
	if decision, _ := Decide(try(flow.With(flow.Certificate, other).As("with " + everywhere.StrangersCertificate))); decision == wire.Accepted {
		return nil
	}
	return overOther(client)
}

func overOther(client *flow.Client) []flow.Deviation {
	other, ok := client.Stranger()
	if !ok {
		return nil
	}
	var all []flow.Deviation
	for fields := range slices.Chunk(flow.CertificateFields(), mostTogether) {
		named := flow.CertificateInHeader(fields...)
		all = append(all, flow.All(named.String()+" over "+everywhere.StrangersCertificate, flow.With(flow.Certificate, other), named))
	}
	return all
}

// mostTogether is how many certificates a request names: a server need not have room for more.
const mostTogether = 3

// judgedElsewhere ends a spec where a request without a certificate was accepted: it is not the header field then that is believed.
func judgedElsewhere(without *flow.Outcome) {
	if decision, because := Decide(without); decision == wire.Accepted {
		NotApplicable("the %s without a certificate is accepted without a header field too (%s), which is judged by the profile", without.Step, because)
	}
}

// unshown are the deviations for a client that is known by its certificate.
func unshown(client *flow.Client, endpoint string) []flow.Deviation {
	return everywhere.AtBothURLs(client, endpoint, inFields(flow.Without(flow.ClientAuthentication), mostTogether)...)
}

// inFields names the certificate in each of the fields, where it is not shown; some of them together, and no more than a server has room for; and then as others write it.
func inFields(without flow.Deviation, together int) []flow.Deviation {
	var all []flow.Deviation
	for fields := range slices.Chunk(flow.CertificateFields(), together) {
		named := flow.CertificateInHeader(fields...)
		all = append(all, flow.All(named.String()+" instead of the TLS handshake", without, named))
	}
	for fields := range slices.Chunk(flow.CertificateFields(), mostTogether) {
		named := flow.CertificateInHeaderOtherwise(fields...)
		all = append(all, flow.All(named.String()+" instead of the TLS handshake", without, named))
	}
	subject := flow.SubjectInHeaders()
	return append(all, flow.All(subject.String()+" instead of the TLS handshake", without, subject))
}
