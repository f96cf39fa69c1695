package fapi2ms

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/fapitest/fapitest/harness/consent"
	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/jose"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/wire"
	"github.com/fapitest/fapitest/suites/everywhere"
)

// The clauses about signed authorization responses.
var (
	ResponsesSigned  = Document.Clause("5.4.1-1a")
	NoneUnsigned     = Document.Clause("5.4.1-1b")
	ErrorsSigned     = Document.Clause("5.4.1-1c")
	IssuerNotBesides = Document.Clause("5.4.1-N1")
	NotEncrypted     = Document.Clause("6.1-p1")
)

func responseSpecs(client *flow.Client) {
	mode := flow.Parameter("response_mode")

	Describe("the authorization response", func() {
		It("comes as a JWT where the pushed request asks for that, and its code is good", ResponsesSigned, func(ctx SpecContext) {
			everywhere.InEachMode(client, func(client *flow.Client, mode string) {
				Needs(client.Grant(ctx))
				landed, tokens := client.GrantAsked(ctx, "response_mode="+mode)
				decision, because := Decide(landed)
				if decision == wire.Refused && mode != everywhere.PlainSignedMode {
					Note("response_mode=%s is listed, and refused where a code is asked for: %s", mode, because)
					return
				}
				if landed.Response().Signed() { // what nobody can read is no acceptance, and no JWT either
					isSigned(landed, "response_mode is "+mode)
				}
				Expect(landed).To(BeAccepted())
				isSigned(landed, "response_mode is "+mode)
				Expect(tokens).To(BeAccepted())
			})
		})
		It("comes as a JWT where a request object asks for that", ResponsesSigned, func(ctx SpecContext) {
			everywhere.NeedsOffer(client, requirement.JAR)
			if client.Self().Key == nil {
				NotApplicable("client %s has no key to sign request objects with", client.ID())
			}
			if client.Shape().Signed {
				NotApplicable("every request of this client stands in a request object")
			}
			Needs(client.Landing(ctx))
			Needs(client.Push(ctx, flow.With(flow.RequestObject, flow.Signed)))
			asks := []flow.Deviation{flow.With(flow.RequestObject, flow.Signed).As("in a request object")}
			if client.Shape().ResponseMode == "" {
				asks = append(asks, flow.With(mode, "jwt").As("with response_mode=jwt"))
			}
			landed := client.Login(ctx, asks...)
			Expect(landed).To(BeAccepted())
			isSigned(landed, "response_mode is jwt in a request object")
		})
		It("is never in the open for a client that is to have signed ones", NoneUnsigned, func(ctx SpecContext) {
			if !client.Target().Required(target.RequiresJARM) {
				NotApplicable("the target file declares no client for signed responses: where that is agreed, say requires: [%s]", target.RequiresJARM)
			}
			everywhere.AsEach(client, func(client *flow.Client) {
				Needs(client.Landing(ctx))
				deviations := []flow.Deviation{
					flow.Without(mode), flow.With(mode, "query"), flow.With(mode, "fragment"), flow.With(mode, "form_post"), flow.With(mode, "").As("with an empty response_mode"),
				}
				if client.Target().Offered("jar") && client.Self().Key != nil && !client.Shape().Signed {
					deviations = append(deviations, flow.All("without response_mode, in a request object", flow.With(flow.RequestObject, flow.Signed), flow.Without(mode)))
				}
				for _, deviation := range deviations {
					landed := client.Login(ctx, deviation)
					if decision, _ := Decide(landed); decision != wire.Accepted {
						Expect(landed).To(BeRefused())
						continue
					}
					for _, name := range []string{"code", "access_token", "id_token"} {
						if landed.Beside().Has(name) {
							Broken("%s comes in the open to a request %s", name, deviation)
						}
					}
					if !client.Target().OpenID() {
						continue
					}
					// Who signs what was not asked to be signed has to sign errors too.
					early := client.Login(ctx, flow.All(deviation.String()+" and with prompt=none", deviation, flow.With(flow.Parameter("prompt"), "none")))
					if early.Trip != nil && early.Trip.Ending == consent.Arrived && early.Beside().Has("error") {
						Broken("error comes in the open to a request %s and with prompt=none", deviation)
					}
				}
				Needs(client.Push(ctx))
			})
		})
		It("comes as a JWT where the user says no", ErrorsSigned, func(ctx SpecContext) {
			told := false
			everywhere.InEachMode(client, func(client *flow.Client, mode string) {
				denied := client.DeclinedAsked(ctx, "response_mode="+mode)
				if denied.Step == flow.StepPush && mode != everywhere.PlainSignedMode {
					return // it is refused already, which is noted where a yes is looked at
				}
				if decision, because := Decide(denied); decision == wire.Accepted {
					Unknown("the user was not asked, or could not say no (%s): see deny in the consent script", because)
				}
				if told = errorIsSigned(denied, "response_mode is "+mode+" and the user says no") || told; denied.Trip == nil || denied.Trip.Ending != consent.Arrived {
					Expect(denied).To(BeRefused())
				}
			})
			if !told {
				NotApplicable("the target shows the user's no as a page")
			}
		})
		It("comes as a JWT where nobody may be asked", ErrorsSigned, func(ctx SpecContext) {
			if !client.Target().OpenID() {
				NotApplicable("the scope has no openid, without which prompt means nothing")
			}
			refused := client.Login(ctx, flow.All("with prompt=none and response_mode=jwt", append(signedMode(client), flow.With(flow.Parameter("prompt"), "none"))...))
			if decision, because := Decide(refused); decision == wire.Accepted {
				NotApplicable("a request with prompt=none is granted: %s", because)
			}
			if !errorIsSigned(refused, "nobody may be asked") {
				Expect(refused).To(BeRefused())
				NotApplicable("no error redirect answers a request with prompt=none: it is refused when it is pushed, or on a page")
			}
		})
		It("is not encrypted to a client that has not registered for that", NotEncrypted, func(ctx SpecContext) {
			everywhere.AsEach(client, func(client *flow.Client) {
				landed, _ := client.GrantAsked(ctx, "response_mode="+everywhere.PlainSignedMode)
				response := landed.Response()
				switch {
				case !response.Signed():
					NotApplicable("no JWT came, which is judged at %s", ResponsesSigned.ID)
				case response.Encrypted && response.Token == "":
					Broken("the response is encrypted, and to no key that the target file has of client %s: if it is registered for that, put its private key, with use enc, into the file that its jwks names", client.ID())
				case response.Encrypted:
					Note("the response is encrypted to client %s, which has a key for that", client.ID())
				}
			})
		})
		It("does not repeat iss beside the JWT", IssuerNotBesides, func(ctx SpecContext) {
			absent := func(signed everywhere.Signed) { NotApplicable("no JWT that can be read came %s", signed) }
			everywhere.EachSigned(ctx, client, absent, func(_ *flow.Client, signed everywhere.Signed) {
				if signed.Landed.Beside().Has("iss") {
					Broken("iss stands beside the JWT %s", signed)
				}
			})
		})
	})
}

// signedMode asks for a signed response, where that is not what every request does.
func signedMode(client *flow.Client) []flow.Deviation {
	if client.Shape().ResponseMode != "" {
		return nil
	}
	return []flow.Deviation{flow.With(flow.Parameter("response_mode"), "jwt")}
}

// isSigned wants an authorization response to be a JWT.
func isSigned(landed *flow.Outcome, where string) {
	response := landed.Response()
	switch {
	case !response.Signed():
		Broken("the response comes in the open where %s", where)
	case response.Encrypted && response.Token != "": // whether that was signed before is judged at JARM-2.2-1
	case response.Encrypted:
		Unknown("the response where %s is encrypted, and can't be read: put the client's private key, with use enc, into the file that its jwks names", where)
	case response.Object == nil || jose.Header(response.Token)["alg"] == nil:
		Broken("the response where %s is no JWT that can be read", where)
	}
}

// errorIsSigned wants an error with which the browser was sent back to be a JWT, and says whether it was sent back.
func errorIsSigned(refused *flow.Outcome, where string) bool {
	if refused.Trip == nil || refused.Trip.Ending != consent.Arrived {
		return false
	}
	for _, name := range []string{"error", "error_description"} {
		if refused.Beside().Has(name) {
			Broken("%s comes in the open where %s", name, where)
		}
	}
	isSigned(refused, where)
	if _, isText := refused.Response().Object["error"].(string); !isText {
		Broken("the JWT has no error where %s", where)
	}
	return true
}
